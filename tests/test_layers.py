"""The layers of the design: a module imports only from layers below its own."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "generator"

# From the bottom up. Modules of one layer do not import each other; a folder is one module.
LAYERS = (
    ("findings",),
    ("located", "cache", "workers"),
    ("project", "formats", "leaks", "tree", "revision"),
    ("values", "filters", "bounds", "tokens", "outline", "layout"),
    ("engine", "schema", "history"),
    ("render", "typecheck"),
    ("trace", "diff"),
    ("blame", "impact", "coverage"),
    ("writer", "recall", "hazards", "checks"),
    ("pipeline", "shelf", "explain", "reference"),
    ("review", "synced", "graph", "committed"),
    ("report",),
    ("cli",),
)
OUTSIDE = ("__init__", "__main__")

MODULES = sorted({path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in PACKAGE.rglob("*.py")})


def layer_of(module: str) -> int:
    return next(number for number, layer in enumerate(LAYERS) if module in layer)


def imports(path: Path) -> set[str]:
    """Return the modules of this package that the file at `path` imports, also inside functions."""
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names += [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} has a relative import"
            names += [f"{node.module}.{name.name}" for name in node.names]
    found = {name.split(".")[1] for name in names if name.startswith("generator.")}
    return found - {"__version__"}


def test_every_module_has_a_layer() -> None:
    listed = sorted([module for layer in LAYERS for module in layer] + list(OUTSIDE))
    assert sorted(MODULES) == listed


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(PACKAGE).as_posix()
)
def test_imports_point_down(path: Path) -> None:
    module = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if module in OUTSIDE:
        return
    for imported in imports(path) - {module}:
        assert layer_of(imported) < layer_of(module), f"{module} imports {imported}, which is not below it"


def test_only_the_command_line_prints_or_exits() -> None:
    for path in PACKAGE.rglob("*.py"):
        if path.parent.name == "cli":
            continue
        names = {
            node.id for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Name)
        }
        assert not names & {"print", "exit", "quit", "click"}, path
