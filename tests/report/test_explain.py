"""`oetgen explain`: every code that the program can say is explained, and occurs in a case."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.changes.hazards import System, find
from generator.checks.validators import VALIDATORS
from generator.report import explain
from generator.report.explain import Explanation, explanation, explanations, lookup
from generator.values.schema.findings import KEYWORD_CODES
from tests.changes.hazards import test_cases as hazards
from tests.conftest import ROOT, oetgen, rows

# How modules of the program name a code: in one word, or by the word behind their own name.
_WHOLE = re.compile(r'"([a-z]+/[a-z][a-z-]+)"')
_PARTS = {
    "located": re.compile(r'self\._report\(\s*"([a-z-]+)"'),
}
_HAZARD = re.compile(r'\bHazard\(\s*"([a-z-]+)"')
_UNKNOWN = re.compile(r'\.unknown\(\s*"([a-z]+)"')


def codes() -> Iterator[str]:
    """Yield every code that is written in the source."""
    families = {path.stem for path in (ROOT / "generator" / "report" / "explain").glob("*.md")} | {"checks"}
    for path in (ROOT / "generator").rglob("*.py"):
        text = path.read_text("utf-8")
        yield from (code for code in _WHOLE.findall(text) if code.split("/")[0] in families - {"hazards"})
        folders = path.relative_to(ROOT / "generator").parts[:-1]
        top = next((part for part in ("hazards", "typecheck") if part in folders), "")
        top = "located" if folders == ("values", "source") else top
        if top in _PARTS:
            yield from (f"{top}/{name}" for name in _PARTS[top].findall(text))
        if top == "hazards":
            yield from (f"hazards/{name}" for name in _HAZARD.findall(text))
        if top == "typecheck":
            yield from (f"typecheck/unknown-{what}" for what in _UNKNOWN.findall(text))
    yield from (f"schema/{name}" for name in KEYWORD_CODES.values())


# Codes that are put together in a way that no expression finds.
_ASSEMBLED = {
    "committed/missing",
    "committed/stale",
    "committed/orphaned",
    "committed/foreign",
    "project/not-utf8",
}


def test_every_code_of_the_source_is_explained_and_every_text_has_its_code() -> None:
    tools = {f"{validator.CODES}/*" for validator in VALIDATORS.values()}
    assert set(codes()) | _ASSEMBLED | tools == set(explanations())


def test_every_code_occurs_in_a_case() -> None:
    shown = "".join(path.read_text("utf-8") for path in (ROOT / "tests" / "cases").glob("*.case"))
    found = set(re.findall(r"(?:error|warning|info)\[([a-z0-9/-]+)\]", shown))
    for path in hazards.CASES:
        _, before, after, _ = hazards.read(path)
        found |= {
            f"hazards/{hazard.rule}" for hazard in find(System.of_files(before), System.of_files(after))
        }
    # Rules about files that must agree are held by mutations of the whole project (tests/checks/mutations.py).
    assert {
        code for code in explanations() if not code.startswith("checks/") and "*" not in code
    } - found == set()


@rows("each", explanations().values())
def test_a_text_says_what_why_and_how(each: Explanation) -> None:
    assert each.what.endswith(".")
    assert each.why.endswith((".", "”", ")"))
    for example in (each.bad, each.good):
        assert all(line.startswith("    ") or not line for line in example.split("\n")), example
    assert each.bad != each.good


def test_a_code_is_explained_as_it_stands_in_a_message() -> None:
    plain, bracketed = oetgen("explain", "schema/unknown-key"), oetgen("explain", "[schema/unknown-key]")
    assert plain == bracketed
    assert plain.status == 0
    assert "a misspelled key would silently have no effect" in plain.out


def test_no_code_lists_all_and_a_module_lists_its_own() -> None:
    assert len(oetgen("explain").out.splitlines()) == len(explanations())
    listed = oetgen("explain", "leaks").out
    assert listed.startswith("leaks/secret  ")
    assert len(listed.splitlines()) == 1


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("schema/unkown-key", 'did you mean "schema/unknown-key"?'),
        ("unknown-key", 'did you mean "schema/unknown-key"?'),
        ("hello", "a code is in brackets"),
    ],
)
def test_an_unknown_code_names_the_nearest(code: str, hint: str) -> None:
    result = oetgen("explain", code)
    assert result.status == 2
    assert hint in result.err


def test_modules_with_documentation_of_their_own_are_plugged_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rule's docstring is its text; a code that ends in /* stands for all that begin like it."""
    text = "A port is open.\n\nWhy: it must.\n\nBad:\n\n    port: 0\n\nGood:\n\n    port: 1"
    (tmp_path / "made_up_rules.py").write_text(
        f"def documentation():\n    yield 'made/port', {text!r}\n    yield 'made/tool/*', {text!r}\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(explain, "SOURCES", (*explain.SOURCES, "made_up_rules"))
    known = explanations()
    assert known["made/port"].good == "    port: 1"
    assert lookup("made/tool/DL3006", known) == known["made/tool/*"]
    assert lookup("made/else", known) is None


def test_a_text_without_its_parts_is_refused() -> None:
    with pytest.raises(ValueError, match="x/y is not of the form"):
        explanation("x/y", "A port is open.\n\nGood:\n\n    port: 1")


@pytest.mark.parametrize(
    ("code", "entry"),
    [
        ("checks/support", '{warn: checks/support, files: "*", reason: '),
        ("hadolint/DL3018", '{warn: hadolint/*, files: "*", reason: '),
        ("schema/type", None),
        ("hazards/restart", None),
    ],
)
def test_what_may_be_accepted_says_how(code: str, entry: str | None) -> None:
    out = oetgen("explain", code).out
    assert ("To accept it:" in out) == bool(entry)
    assert entry is None or f"\n    checks:\n    - {entry}" in out
