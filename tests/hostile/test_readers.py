"""Every place that reads, lists, runs or loads something is in `generator.project`, or has a reason."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import ROOT

PACKAGE = ROOT / "generator"
_NAMES = frozenset("open fdopen exec eval compile __import__ import_module".split())
_METHODS = frozenset(
    """open read_text read_bytes write_text write_bytes iterdir glob rglob scandir listdir fwalk readlink
    import_module find_spec load_module exec_module run_path run_module run Popen check_output check_call system popen
    spawnv execv execve execvp posix_spawn copy copyfile copytree copy2 move loads load entry_points mmap""".split()
)
# Calls of these objects are about data in memory.
_IN_MEMORY = frozenset("json re yaml pygohcl importlib.metadata remembered validator".split())
# These lead to the reader of regular files.
_READERS = frozenset(["files.read_bytes", "manifest.load", "writer.load"])

# file: function, and why it may.
ALLOWED = {
    "project/files.py": {
        "_Place.read": "the reader of regular files",
        "_Place.entries": "the reader of folders",
        "_Place._enter": "the reader of folders",
    },
    "project/__init__.py": {"names_folders": "a regular file of limited size; no link is followed"},
    "changes/causes.py": {"values_of": "writes committed values to a temporary folder"},
    "findings/record.py": {"_init": "a function made of the names of fields in the code"},
    "project/git.py": {"_answer": "git, with what makes it safe"},
    "project/limits.py": {"_memory": "the size of this process, in /proc/self/statm"},
    "checks/validators/work.py": {
        "Work.call": "outside tools, by absolute paths outside of the project",
        "Work.write": "writes the copy for the tools, in a temporary folder",
        "load": "an installed package, by a name in the code",
    },
    "checks/validators/shellcheck.py": {"_written": "writes the copy for the tool, in a temporary folder"},
    "checks/validators/terraform_validate.py": {"run": "writes the copy for the tool, in a temporary folder"},
    "checks/validators/workflow_parser.py": {
        "version": "a package outside of the project, or with --project-tools"
    },
    "checks/validators/check_jsonschema.py": {
        "_folder": "where an installed package is",
        "_validate": "a schema of an installed package",
    },
    "checks/validators/kubernetes_schemas.py": {
        "_folder": "where an installed package is",
        "_schemas_for": "the schemas of an installed package",
        "_validator": "a schema of an installed package",
        "_registry": "a schema of an installed package",
    },
    "editor/tools.py": {
        "Tools.ask": "the outside tools in a process of oetgen's own, and its answer through a pipe",
        "main": "the question of the process that started it, through a pipe",
    },
    "incremental/cache.py": {
        "DiskCache.get": "records of a folder that is the user's own",
        "DiskCache.put": "writes a record",
        "DiskCache._content": "records of a folder that is the user's own",
        "_version": "the list of installed packages",
        "own_files": "the files of the package, or the list of them beside it",
    },
    "incremental/spill.py": {"Spill.__getitem__": "what the same process wrote to a nameless file"},
    "system/files_read.py": {"_loaded": "syntax trees of a record, of which it loads no other class"},
    "system/kustomize/build.py": {
        "_Run.accumulate": "runs the generators of a kustomization, in memory",
        "_Run._transform": "runs a transformer, in memory",
    },
    "writer/lock.py": {"reading": "opens a folder to lock it", "_open": "opens a folder to lock it"},
    "writer/apply.py": {"_write": "creates a staged file; it must not exist"},
    "writer/create.py": {
        "create": "creates the files of a new project, in a temporary folder of its own",
        "rewrite": "writes to a temporary file of its own",
    },
    "checks/remembered.py": {"rule_set": "the files of the package"},
    "checks/validators/__init__.py": {"_validators": "a module of the package"},
    "languages/installed.py": {
        "distributions": "the names of installed packages",
        "packages": "the entry points of an installed package",
    },
    "values/shared.py": {"_package": "where an installed package is, without importing it"},
    "cli/commands/adopt.py": {
        "_names": "the file of names that the user gives",
        "_propose": "writes to the file that the user names",
        "_write_page": "writes to the file that the user names",
    },
    "cli/commands/init.py": {"_refuse": "whether the folder that the user names is empty"},
    "writer/state.py": {
        "_is_empty": "whether a folder is empty",
        "untracked": "lists names; it does not follow links",
    },
    "cli/group.py": {
        "_Commands.list_commands": "the modules of the package",
        "_Commands.get_command": "a module of the package",
    },
    "cli/served.py": {"ServedPage.answer": "the report that the same process wrote"},
    "cli/streams.py": {"prepare": "/dev/null", "_discard": "/dev/null"},
    "cli/commands/report.py": {"report": "writes to the file that the user names"},
}
# The package's own modules and data files.
OWN = """changes/hazards/registry.py checks/registry.py project/tables.py report/page/__init__.py
report/explain/__init__.py languages/__init__.py system/api_server/schema.py system/kustomize/nodes.py
values/secrets/forms.py values/settings/__init__.py""".split()


def calls() -> Iterator[tuple[str, str, str]]:
    """Yield file, function and call of everything that reads, lists, runs or loads."""
    for path in sorted(PACKAGE.rglob("*.py")):
        yield from _calls(path.relative_to(PACKAGE).as_posix(), ast.parse(path.read_text("utf-8")), ())


def _calls(file: str, node: ast.AST, inside: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            yield from _calls(file, child, (*inside, child.name))
            continue
        if isinstance(child, ast.Call) and _reads(child.func):
            yield file, ".".join(inside), ast.unparse(child.func)
        yield from _calls(file, child, inside)


def _reads(function: ast.expr) -> bool:
    if isinstance(function, ast.Name):
        return function.id in _NAMES
    if not isinstance(function, ast.Attribute) or function.attr not in _METHODS | {"walk"}:
        return False
    holder = ast.unparse(function.value)
    if function.attr == "walk":
        return holder == "os"
    return holder not in _IN_MEMORY and f"{holder}.{function.attr}" not in _READERS


def test_every_read_is_that_of_the_project_or_has_a_reason() -> None:
    unknown = [call for call in calls() if call[0] not in OWN and call[1] not in ALLOWED.get(call[0], {})]
    assert unknown == []


def test_no_reason_is_left_without_a_read() -> None:
    found = {(file, function) for file, function, _ in calls()}
    assert [
        (file, each) for file, known in ALLOWED.items() for each in known if (file, each) not in found
    ] == []
    assert set(OWN) <= {file for file, _, _ in calls()}


def test_nothing_of_the_package_takes_a_folder_of_data_for_code() -> None:
    """Modules that are found by their files are those of the package."""
    texts = {path: path.read_text("utf-8") for path in PACKAGE.rglob("*.py")}
    assert not [
        path for path, text in texts.items() if "sys.path.insert" in text or "sys.path.append" in text
    ]
    assert Path(ROOT / "generator/__main__.py") in texts
