"""The Terraform module of a tree: what is declared, and what a value is once variables and locals are filled
in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from generator.findings import Span
from generator.languages.hcl import read as hcl
from generator.languages.hcl.read import Block, Body, Expr, File, Object, Reference

_DEPTH = 9  # of variables and locals that refer to each other


@dataclass(frozen=True)
class Argument:
    """A value of the module: as far as it can be known, and its place."""

    value: Any
    at: Span

    @property
    def text(self) -> str:
        """The value as a text, or "" when it is none that can be known."""
        return self.value if isinstance(self.value, str) else _written(self.value)


@dataclass(frozen=True)
class Module:
    """All files of the folder `terraform/`; the files of tests are apart."""

    files: tuple[File, ...]
    variable_files: tuple[File, ...] = ()
    test_files: tuple[File, ...] = ()

    def blocks(self, kind: str, *labels: str) -> list[Block]:
        """Return the blocks of a kind, with these labels in front."""
        return [block for file in self.files for block in file.body.all(kind, *labels)]

    def resources(self, *types: str) -> list[Block]:
        """Return the resources of these types."""
        return [block for block in self.blocks("resource") if block.labels[:1] and block.labels[0] in types]

    def modules(self, source: str) -> list[Block]:
        """Return the calls of the module with this source."""
        return [block for block in self.blocks("module") if block.body.get("source") == source]

    @property
    def clusters(self) -> list[Block]:
        """The calls of the EKS module, and the EKS clusters that are resources."""
        return [*self.modules("terraform-aws-modules/eks/aws"), *self.resources("aws_eks_cluster")]

    @property
    def networks(self) -> list[Block]:
        return self.modules("terraform-aws-modules/vpc/aws")

    @cached_property
    def references(self) -> list[tuple[File, Reference]]:
        return [(file, reference) for file in self.files for reference in file.references]

    @cached_property
    def locals(self) -> dict[str, tuple[File, hcl.Attribute]]:
        return {
            name: (file, attribute)
            for file in self.files
            for block in file.body.all("locals")
            for name, attribute in block.body.attributes.items()
        }

    @cached_property
    def settings(self) -> dict[str, tuple[File, hcl.Attribute]]:
        """What the `*.tfvars` files say."""
        return {
            name: (file, attribute)
            for file in self.variable_files
            for name, attribute in file.body.attributes.items()
        }

    @cached_property
    def variables(self) -> dict[str, Block]:
        return {block.labels[0]: block for block in self.blocks("variable") if block.labels}

    def known(self, value: Any, depth: int = _DEPTH) -> Any:
        """Return a value with variables and locals filled in; an Expr where that is not enough."""
        if isinstance(value, list):
            return [self.known(item, depth) for item in value]
        if not isinstance(value, Expr) or not depth:
            return value
        if value.parts:
            return self._joined(value, depth)
        if len(value.references) == 1 and value.references[0].text == value.text:
            found = self._look_up(value.references[0].path)
            return value if found is None else self.known(found, depth - 1)
        return value

    def argument(self, body: Body | Object, name: str) -> Argument | None:
        """Return an argument of a block or an object, or None when it is not there."""
        found = body.attributes.get(name)
        if found is None:
            return None
        source = body.source if isinstance(body, Body) else self._source_of(found)
        return Argument(self.known(found.value), hcl.place(source, found))

    def text(self, body: Body | Object, name: str) -> str:
        """Return an argument as a text, or "" when it is not there or cannot be known."""
        found = self.argument(body, name)
        return found.text if found else ""

    def objects(self, body: Body) -> Iterator[tuple[tuple[str, ...], Object]]:
        """Yield every object in the arguments of a block, with the keys that lead to it."""
        for name, attribute in body.attributes.items():
            yield from self._inside((name,), self.known(attribute.value))

    def _inside(self, path: tuple[str, ...], value: Any) -> Iterator[tuple[tuple[str, ...], Object]]:
        if isinstance(value, Object):
            yield path, value
            for key, item in value.items():
                yield from self._inside((*path, key), self.known(item))
        elif isinstance(value, list):
            for item in value:
                yield from self._inside(path, item)

    def _joined(self, value: Expr, depth: int) -> Any:
        parts = [self.known(part, depth) for part in value.parts]
        texts = [part if isinstance(part, str) else _written(part) for part in parts]
        return "".join(texts) if all(texts) or all(isinstance(part, str) for part in parts) else value

    def _look_up(self, path: tuple[str, ...]) -> Any:
        if path[:1] == ("var",) and len(path) == 2:
            if path[1] in self.settings:
                return self.settings[path[1]][1].value
            block = self.variables.get(path[1])
            return block.body.get("default") if block else None
        if path[:1] == ("local",) and len(path) == 2 and path[1] in self.locals:
            return self.locals[path[1]][1].value
        return self._attribute(path)

    def _attribute(self, path: tuple[str, ...]) -> Any:
        """Return the argument of a resource that an expression reads, where it is one that was given."""
        if len(path) != 3:
            return None
        found = self.blocks("resource", path[0], path[1])
        return found[0].body.get(path[2]) if found else None

    def _source_of(self, attribute: hcl.Attribute) -> Any:
        return self._sources[id(attribute)]

    @cached_property
    def _sources(self) -> dict[int, Any]:
        """The file of each attribute of each object."""
        found: dict[int, Any] = {}
        for file in (*self.files, *self.variable_files, *self.test_files):
            for body in file.body.walk():
                for attribute in body.attributes.values():
                    _note(attribute.value, file.source, found)
        return found


def address(block: Block) -> str:
    """Return the address of a block: `aws_iam_role.deploy`, `data.aws_region.current`, `module.vpc`, `var.region`."""
    prefix = {"resource": "", "data": "data.", "module": "module.", "variable": "var.", "output": "output."}
    return prefix.get(block.kind, f"{block.kind}.") + ".".join(block.labels)


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else ""


def _note(value: Any, source: Any, found: dict[int, Any]) -> None:
    if isinstance(value, Object):
        for attribute in value.attributes.values():
            found[id(attribute)] = source
            _note(attribute.value, source, found)
    elif isinstance(value, list):
        for item in value:
            _note(item, source, found)
