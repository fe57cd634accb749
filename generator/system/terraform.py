"""The Terraform of a tree, by folder: what each module declares, and what its values are as far as that is known.

A folder is a module. The value of a variable is its default, or what the `.tfvars` files of the folder set, or what
the only calls of a child module give it; `TF_VAR_` and `-var` are unknown, so they are as if they were not there.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from generator.findings import Span
from generator.languages.hcl.evaluate import evaluate
from generator.languages.hcl.expressions import Expression, is_known, references
from generator.languages.node import Block, Leaf, Map, Node, ReadResult, Seq, blocks

_FILES = (".tf", ".tofu")
_VALUES = (".tfvars",)
JSON = (".tf.json", ".tofu.json")
_TESTS = (".tftest.hcl", ".tofutest.hcl")
Key = tuple[str, str]  # a folder and an address


class Module:
    """The files of one folder that could be read; `is_complete` is whether these are all of its files."""

    def __init__(self, folder: str, terraform: Terraform) -> None:
        self.folder = folder
        self.is_complete = True
        self.files: dict[str, Map] = {}
        self.variable_files: dict[str, Map] = {}
        self.test_files: dict[str, Map] = {}
        self._terraform = terraform
        self._values: dict[tuple[str, str], Node | None] = {}
        self._blocks: dict[tuple[str, ...], list[Block]] = {}

    def add(self, path: str, result: ReadResult) -> None:
        """Add a file of the folder."""
        self._blocks.clear()
        group = self.files if path.endswith(_FILES) else self.test_files
        group = self.variable_files if path.endswith(_VALUES) else group
        if result.problems or not isinstance(result.node, Map):
            self.is_complete = False
        else:
            group[path] = result.node

    def blocks(self, kind: str, *labels: str) -> list[Block]:
        """Return the blocks of a kind, with these labels in front."""
        key = (kind, *labels)
        if key not in self._blocks:  # many rules ask for the same ones
            self._blocks[key] = [block for body in self.files.values() for block in blocks(body, *key)]
        return [*self._blocks[key]]

    @cached_property
    def by_address(self) -> Mapping[str, Block]:
        """Every block by its address; the second and later ones of an address have a number."""
        found: dict[str, Block] = {}
        for body in self.files.values():
            for block in inner_blocks(body):
                name = address(block)
                number, unique = 1, name
                while unique in found:
                    number += 1
                    unique = f"{name}#{number}"
                found[unique] = block
        return found

    @cached_property
    def variables(self) -> Mapping[str, Block]:
        return {block.labels[0]: block for block in self.blocks("variable") if block.labels}

    @cached_property
    def locals(self) -> Mapping[str, Node]:
        return {name: node for block in self.blocks("locals") for name, node in block.entries.items()}

    @cached_property
    def settings(self) -> Mapping[str, list[Node]]:
        """What `.tfvars` files set: those that Terraform reads by itself first, the one that decides at the front."""
        automatic = [path for path in sorted(self.variable_files, key=_order) if _is_automatic(path)]
        others = [path for path in self.variable_files if path not in automatic]
        found: dict[str, list[Node]] = {}
        for path in (*reversed(automatic), *others):
            for name, node in self.variable_files[path].entries.items():
                found.setdefault(name, []).append(node)
        return found

    @cached_property
    def references(self) -> list[Expression]:
        """What the expressions of its `.tf` files refer to."""
        return [each for body in self.files.values() for each in references(body)]

    @property
    def calls(self) -> list[tuple[Module, Block]]:
        """The `module` blocks of the tree that call this folder, each with the module that it is in."""
        return self._terraform.calls.get(self.folder, [])

    # Values

    def known(self, node: Node) -> Node:
        """Return `node` with the values of variables, locals and arguments in it, as far as they are known."""
        return evaluate(node, self._look_up)

    def _look_up(self, path: tuple[str, ...]) -> Node | None:
        size = 3 if path[0] not in ("var", "local") else 2
        if len(path) < size:
            return None
        key = (path[0], ".".join(path[1:size]))
        if key not in self._values:
            self._values[key] = (
                None  # while it is looked for, and for names that refer to each other in a circle
            )
            self._values[key] = self._named(path[:size])
        found = self._values[key]
        for name in path[size:]:
            found = found.get(name) if isinstance(found, Map) else None
        return found

    def _named(self, path: tuple[str, ...]) -> Node | None:
        if path[0] == "local":
            found = self.locals.get(path[1])
            return self.known(found) if found is not None else None
        if path[0] == "var":
            return self._variable(path[1])
        if path[0] == "module":
            return self._output(path[1], path[2])
        return self._argument(path)

    def _variable(self, name: str) -> Node | None:
        """Return the value of a variable, or None when the files leave more than one possible."""
        block = self.variables.get(name)
        default = block.get("default") if block else None
        given = self.settings.get(name, [])
        automatic = [node for node in given if _is_automatic(node.source.path)]
        possible = [*automatic[:1], *given[len(automatic) :]]
        if self.calls:
            values = [
                (caller.known(call.entries[name]) if name in call else default) for caller, call in self.calls
            ]
            possible = [value for value in values if value is not None and is_known(value)]
            if len(possible) < len(values):
                return None
        elif not automatic and default is not None:
            possible.append(default)
        return possible[0] if possible and all(each == possible[0] for each in possible) else None

    def _output(self, name: str, output: str) -> Node | None:
        """Return an output of a child module that is called once, when it is known."""
        call = next(iter(self.blocks("module", name)), None)
        child = self._terraform.child(self, call) if call and not _is_repeated(call) else None
        found = next(iter(child.blocks("output", output)), None) if child and len(child.calls) == 1 else None
        value = found.get("value") if found and child else None
        known = child.known(value) if child and value is not None else None
        return known if known is not None and is_known(known) else None

    def _argument(self, path: tuple[str, ...]) -> Node | None:
        """Return the argument of a resource that an expression reads, where the resource sets it."""
        block = next(iter(self.blocks("resource", *path[:2])), None)
        node = block.get(path[2]) if block and not _is_repeated(block) else None
        return self.known(node) if node is not None and not _holds_blocks(node) else None


class Terraform:
    """All modules of a tree, by folder, sorted."""

    def __init__(self, results: Mapping[str, ReadResult], json: Iterable[str] = ()) -> None:
        """Read the results by path; `json` are the paths of configuration in JSON, which is not read."""
        files = {path: result for path, result in sorted(results.items()) if _is_terraform(path)}
        own = {posixpath.dirname(path) for path in files if path.endswith(_FILES)}
        folders = {path: _folder(path, own) for path in files}
        self.modules = {folder: Module(folder, self) for folder in sorted(set(folders.values()))}
        for path, result in files.items():
            self.modules[folders[path]].add(path, result)
        for folder in {posixpath.dirname(path) for path in json} & {*self.modules}:
            self.modules[folder].is_complete = False

    def module_of(self, node: Node) -> Module | None:
        """Return the module of a node's file."""
        return self._by_path.get(node.source.path)

    @cached_property
    def _by_path(self) -> Mapping[str, Module]:
        return {
            path: module
            for module in self.modules.values()
            for path in (*module.files, *module.variable_files, *module.test_files)
        }

    @cached_property
    def calls(self) -> Mapping[str, list[tuple[Module, Block]]]:
        """Who calls each folder."""
        found: dict[str, list[tuple[Module, Block]]] = {}
        for module in self.modules.values():
            for call in module.blocks("module"):
                child = self.child(module, call)
                if child:
                    found.setdefault(child.folder, []).append((module, call))
        return found

    def child(self, module: Module, call: Block) -> Module | None:
        """Return the module of the tree that a `module` block calls."""
        source = call.text("source")
        if not source.startswith(("./", "../")):
            return None
        folder = posixpath.normpath(posixpath.join(module.folder, source))
        return self.modules.get("" if folder == "." else folder)

    def blocks(self, kind: str, *labels: str) -> list[Block]:
        """Return the blocks of a kind in all modules, with these labels in front."""
        return [block for module in self.modules.values() for block in module.blocks(kind, *labels)]

    def resources(self, *types: str) -> list[Block]:
        """Return the resources of these types."""
        return [block for block in self.blocks("resource") if block.labels[:1] and block.labels[0] in types]

    def calls_of(self, source: str) -> list[Block]:
        """Return the calls of the module with this source."""
        return [block for block in self.blocks("module") if block.text("source") == source]

    @property
    def clusters(self) -> list[Block]:
        """The calls of the EKS module, and the EKS clusters that are resources."""
        return [*self.calls_of("terraform-aws-modules/eks/aws"), *self.resources("aws_eks_cluster")]

    @cached_property
    def cluster_version(self) -> tuple[str, Span] | None:
        """The Kubernetes version of the first cluster that names one, and its place."""
        for block in self.clusters:
            for name in ("cluster_version", "kubernetes_version", "version"):
                text = self.text(block, name)
                if re.fullmatch(r"1\.\d+", text):
                    return text, block.at_key(name)
        return None

    @property
    def networks(self) -> list[Block]:
        return self.calls_of("terraform-aws-modules/vpc/aws")

    @property
    def files(self) -> list[Map]:
        """The bodies of all `.tf` files."""
        return [body for module in self.modules.values() for body in module.files.values()]

    @cached_property
    def by_key(self) -> Mapping[Key, Block]:
        """Every block by its folder and its address in there."""
        return {
            (folder, name): block
            for folder, module in self.modules.items()
            for name, block in module.by_address.items()
        }

    # Values

    def known(self, node: Node | None) -> Node | None:
        """Return a node of a file with the values in it that are known."""
        module = self.module_of(node) if node is not None else None
        return module.known(node) if module and node is not None else node

    def get(self, holder: Map, *path: str) -> Node | None:
        """Return an argument, or what it holds at a path of keys, with the values in it that are known."""
        node: Node | None = holder
        for key in path:
            inner = node.get(key) if isinstance(node, Map) else None
            node = self.known(inner)
        return node

    def leaf(self, holder: Map, *path: str) -> Leaf | None:
        """Return an argument that is a known scalar, or None."""
        node = self.get(holder, *path)
        return node if isinstance(node, Leaf) and not node.is_code and node.value is not None else None

    def text(self, holder: Map, *path: str) -> str:
        """Return an argument as text; "" when it is not there or not known."""
        leaf = self.leaf(holder, *path)
        return leaf.text if leaf else ""

    def texts(self, holder: Map, *path: str) -> list[str]:
        """Return the known strings of a list."""
        node = self.get(holder, *path)
        leaves = node.leaves() if isinstance(node, Seq) else ()
        return [leaf.value for leaf in leaves if isinstance(leaf.value, str) and not leaf.is_code]

    def objects(self, node: Node | None, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Map]]:
        """Yield every object in a value, with the keys that lead to it."""
        known = self.known(node)
        if isinstance(known, Map):
            yield path, known
            for key, value in known.entries.items():
                yield from self.objects(value, (*path, key))
        elif isinstance(known, Seq):
            for item in known:
                yield from self.objects(item, path)


def address(block: Block) -> str:
    """Return the address of a block: `aws_iam_role.deploy`, `data.aws_region.current`, `module.vpc`, `variable.x`."""
    return ".".join(block.labels if block.kind == "resource" else (block.kind, *block.labels))


def names(block: Block) -> tuple[str, ...]:
    """Return the names by which expressions refer to a block: ("var", "region") of `variable "region"`."""
    prefix = {"resource": (), "variable": ("var",)}.get(block.kind, (block.kind,))
    return (*prefix, *block.labels)


def arguments(body: Map) -> dict[str, Node]:
    """Return the arguments of a body, without its blocks."""
    return {name: node for name, node in body.entries.items() if not _holds_blocks(node)}


def inner_blocks(body: Map) -> list[Block]:
    """Return all blocks of a body, in the order of the file."""
    lists = (node for node in body.entries.values() if isinstance(node, Seq))
    found = (each for node in lists for each in node if isinstance(each, Block))
    return sorted(found, key=lambda block: block.start)


def _is_repeated(block: Block) -> bool:
    return "count" in block or "for_each" in block


def _holds_blocks(node: Node) -> bool:
    return isinstance(node, Seq) and any(isinstance(each, Block) for each in node)


def _is_terraform(path: str) -> bool:
    return path.endswith((*_FILES, *_VALUES, *_TESTS))


def _folder(path: str, folders: set[str]) -> str:
    """Return the folder of the module that a file belongs to: files of values and tests may be in one below it."""
    folder = posixpath.dirname(path)
    nearest = folder
    while not path.endswith(_FILES) and nearest and nearest not in folders:
        nearest = posixpath.dirname(nearest)
    return nearest if nearest in folders else folder


def _is_automatic(path: str) -> bool:
    """Return whether Terraform reads a file of values by itself."""
    return posixpath.basename(path) == "terraform.tfvars" or path.endswith(".auto.tfvars")


def _order(path: str) -> tuple[bool, str]:
    """Return a key that sorts the files of values as Terraform reads them: a later one overrides an earlier one."""
    return posixpath.basename(path) != "terraform.tfvars", path


__all__ = ["Key", "Module", "Terraform", "address", "arguments", "inner_blocks", "names"]
