"""Which rules there are: every module of `checks/rules/`, by name; no list to keep."""

from __future__ import annotations

import ast
import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import import_module
from types import ModuleType

from generator.checks import rules as package
from generator.checks.rule import Rule
from generator.checks.validators import VALIDATORS, Validator

# The codes of the check itself: for `checks:` in an environment's file, and for `--require`.
OWN: Mapping[str, str] = {
    "checks/unknown-rule": """An entry of `checks:` must name an existing rule.

Why: a misspelled entry suppresses nothing, although it looks as if it did.

Bad:

    checks: [{skip: checks/suport, reason: The document names these versions.}]

Good:

    checks: [{skip: checks/support, reason: The document names these versions.}]
""",
    "checks/idle-switch": """An entry of `checks:` must suppress at least one finding.

Why: an entry that no longer suppresses anything would hide the next finding of its rule.

Bad:

    checks: [{skip: checks/support, reason: Node 19 is the document's.}]      # and node.version is 24

Good:

    checks: []
""",
    "checks/tool-failed": """An installed tool must run and print its report.

Why: without the report of one tool, the check is incomplete. The findings of all other tools are still printed.

Bad:

    error[checks/tool-failed] zizmor failed: the workflow cannot be loaded

Good:

    run the tool by itself to see the reason, then fix the file or the installation
""",
    "checks/not-installed": """A tool that `--require` names must be installed.

Why: in a pipeline, a check that was skipped looks like a check that passed.

Bad:

    oetgen check --require all                  # without the extra

Good:

    pip install 'oetgen[check]'
    oetgen check --require all
""",
}


def rules() -> Mapping[str, Rule]:
    """Return every rule by its name, sorted; its findings have the code `checks/<name>`."""
    return _rules(tuple(package.__path__))


@lru_cache
def _rules(folders: tuple[str, ...]) -> Mapping[str, Rule]:
    found: dict[str, Rule] = {}
    for module in pkgutil.walk_packages(folders, f"{package.__name__}."):
        name = module.name.rpartition(".")[2].replace("_", "-")
        if module.ispkg:
            continue
        if name in found:
            raise ValueError(f"two rules have the name {name}")
        found[name] = import_module(module.name)
    return dict(sorted(found.items()))


def documentation() -> Iterator[tuple[str, str]]:
    """Yield the code of each rule and its text: the requirement, `Why:`, `Bad:` and `Good:`.

    A code that ends in `/*` belongs to an external tool; the tool's own code follows the slash.
    """
    for name, rule in rules().items():
        yield f"checks/{name}", _docstring(rule)
    yield from OWN.items()
    for validator in VALIDATORS.values():
        yield f"{validator.CODES}/*", _docstring(validator)


def _docstring(module: Rule | Validator) -> str:
    """Return the docstring of a module, also where `python -OO` has removed it."""
    if module.__doc__ is None and isinstance(module, ModuleType):
        return ast.get_docstring(ast.parse(inspect.getsource(module))) or ""
    return inspect.cleandoc(module.__doc__ or "")
