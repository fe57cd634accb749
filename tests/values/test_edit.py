"""Edits of values files: the value changes, and nothing else of the text."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.values.edit import Document, EditError, edited, inline, with_value, without_value
from generator.values.source import KeyPath, format_path, leaves, load
from tests.conftest import ROOT, examples, rows

# What the file has, what is set (path, value) or removed (path), and the whole result.
SET: dict[str, tuple[str, KeyPath, Any, str]] = {
    "a scalar": ("a: 1 # one\nb: 2\n", ("a",), 3, "a: 3 # one\nb: 2\n"),
    "a comment keeps its column": ("a: 1   # one\n", ("a",), 123, "a: 123 # one\n"),
    "a longer value pushes it": ("a: 1  # one\n", ("a",), 12345, "a: 12345 # one\n"),
    "double quotes stay": ('a: "x"\n', ("a",), "y", 'a: "y"\n'),
    "single quotes stay": ("a: 'x'\n", ("a",), "it's", "a: 'it''s'\n"),
    "a word of YAML is quoted": ("a: x\n", ("a",), "no", 'a: "no"\n'),
    "a number as text": ("a: x\n", ("a",), "012", 'a: "012"\n'),
    "a version": ("a: x\n", ("a",), "1.30", 'a: "1.30"\n'),
    "a dash": ("a: x\n", ("a",), "-", 'a: "-"\n'),
    "an option": ("a: x\n", ("a",), "-m", "a: -m\n"),
    "a date": ("a: x\n", ("a",), "2026-01-01", 'a: "2026-01-01"\n'),
    "a colon": ("a: x\n", ("a",), "b: c", 'a: "b: c"\n'),
    "a hash": ("a: x\n", ("a",), "b #c", 'a: "b #c"\n'),
    "an empty text": ("a: x\n", ("a",), "", 'a: ""\n'),
    "null": ("a: {b: 1}\n", ("a", "b"), None, "a: {b: null}\n"),
    "in braces": ("a: {b: 1, c: 2} # c\n", ("a", "b"), 5, "a: {b: 5, c: 2} # c\n"),
    "new in braces": ("a: {b: 1}\n", ("a", "c"), [1, "x"], "a: {b: 1, c: [1, x]}\n"),
    "new in empty braces": ("a: {} # c\n", ("a", "b"), 1, "a: {b: 1} # c\n"),
    "braces of several lines": (
        "a: {b: 1, # one\n    c: 2} # two\nd: 3\n",
        ("a", "c"),
        9,
        "a: {b: 1, # one\n    c: 9} # two\nd: 3\n",
    ),
    "new in a block": (
        "a:\n  b: 1 # one\n\n# d\nd: 3\n",
        ("a", "c"),
        2,
        "a:\n  b: 1 # one\n  c: 2\n\n# d\nd: 3\n",
    ),
    "new after a deep block": (
        "a:\n    b:\n        c: 1\n\n# d\nd: 3\n",
        ("a", "e"),
        2,
        "a:\n    b:\n        c: 1\n    e: 2\n\n# d\nd: 3\n",
    ),
    "new with its maps": ("a: 1\n", ("b", "c", "d"), 2, "a: 1\nb:\n  c: {d: 2}\n"),
    "new without a last line end": ("a: 1", ("b",), 2, "a: 1\nb: 2\n"),
    "a text of lines without a last line end": ("a: 1", ("b",), "x\ny\n", "a: 1\nb: |\n  x\n  y\n"),
    "the first value": ("# only a comment\n", ("a", "b"), 1, "# only a comment\na:\n  b: 1\n"),
    "the first value of nothing": ("", ("a",), 1, "a: 1\n"),
    "the first value of empty braces": ("# c\n{}\n", ("a",), 1, "# c\na: 1\n"),
    "a list": ("a: [1, 2] # c\n", ("a",), ["x"], "a: [x] # c\n"),
    "a list of lines": ("a:\n- 1 # one\n- 2\nb: 1\n", ("a",), [3], "a: [3]\nb: 1\n"),
    "a long list": ("a: [1]\n", ("a",), ["x" * 60, "y" * 60], f"a:\n- {'x' * 60}\n- {'y' * 60}\n"),
    "a map for a scalar": ("a: 1\n", ("a",), {"b": 1}, "a: {b: 1}\n"),
    "a map for null": ("a: {b: null}\n", ("a", "b", "c"), 1, "a: {b: {c: 1}}\n"),
    "a scalar for a block": ("a:\n  b: 1\nc: 2\n", ("a",), 5, "a: 5\nc: 2\n"),
    "a text of lines": ("a: |\n  one\n  two\nb: 1\n", ("a",), "x\ny\n", "a: |\n  x\n  y\nb: 1\n"),
    "a text of lines for a word": ("a: x\nb: 1\n", ("a",), "x\ny", "a: |-\n  x\n  y\nb: 1\n"),
    "a comment beside a text of lines": ("a: x # c\nb: 1\n", ("a",), "x\ny\n", "a: | # c\n  x\n  y\nb: 1\n"),
    "a comment beside a map": ("a: x # c\n", ("a",), {"b": "w" * 99}, f"a: # c\n  b: {'w' * 99}\n"),
    "a text of lines in braces": ("a: {b: x}\n", ("a", "b"), "x\ny", 'a: {b: "x\\ny"}\n'),
    "lines that no block can have": ("a: x\n", ("a",), " x\ny ", 'a: " x\\ny "\n'),
    "a key in quotes": ('"a.b": 1\n', ("a.b",), 2, '"a.b": 2\n'),
    "a new key that needs quotes": ("a: 1\n", ("on",), 2, 'a: 1\n"on": 2\n'),
    "wide letters": ("a: ü # é\n", ("a",), "ö", "a: ö # é\n"),
    "a value on the next line": ("a:\n  x\nb: 1\n", ("a",), "w", "a:\n  w\nb: 1\n"),
    "a document start": ("---\na: 1\n", ("a",), 2, "---\na: 2\n"),
}
REMOVED: dict[str, tuple[str, KeyPath, str]] = {
    "a line": ("a: 1\nb: 2 # b\nc: 3\n", ("b",), "a: 1\nc: 3\n"),
    "a block": ("a: 1\nb:\n  c: 1\n  d: 2\n\n# e\ne: 3\n", ("b",), "a: 1\n\n# e\ne: 3\n"),
    "the last line": ("a: 1\nb: 2", ("b",), "a: 1\n"),
    "the first in braces": ("a: {b: 1, c: 2} # x\n", ("a", "b"), "a: {c: 2} # x\n"),
    "the last in braces": ("a: {b: 1, c: 2} # x\n", ("a", "c"), "a: {b: 1} # x\n"),
    "the only one": ("a: 1\nb:\n  c: {d: 1}\n", ("b", "c", "d"), "a: 1\n"),
    "the last of the file": ("# x\na: 1\n", ("a",), "# x\n{}\n"),
}


@rows("case", SET)
def test_a_value_is_set(case: str) -> None:
    text, path, value, result = SET[case]
    assert edited(text, "x.yaml", [(path, value)]) == result


@rows("case", REMOVED)
def test_a_value_is_removed(case: str) -> None:
    text, path, result = REMOVED[case]
    assert edited(text, "x.yaml", [], [path]) == result


@rows(
    "text, path, value",
    [
        ("a: &x {b: 1}\nc: *x\n", ("c", "b"), 2),
        ("a: &x {b: 1}\nc: *x\n", ("a",), 2),
        ("a: &x {b: 1}\nc: *x\n", ("a", "b"), 2),
        ("a: &x {b: 1}\nc: {<<: *x, d: 1}\n", ("c", "b"), 2),
        ("[1, 2]\n", ("a",), 1),
        ("a: [\n", ("a",), 1),
    ],
)
def test_what_an_edit_would_also_change_elsewhere_is_refused(text: str, path: KeyPath, value: Any) -> None:
    try:
        result = edited(text, "x.yaml", [(path, value)])
    except EditError as problem:
        assert problem.hint.startswith("edit it by hand")
    else:
        assert load(result, "").data == with_value(load(text, "").data, path, value)


def test_an_entry_is_copied_with_its_comments_before_the_next_section() -> None:
    text = "s:\n  a:\n    x: 1 # why\n    y: [1]\n  b: {x: 2}\n\n# another section\nz: 1\n"
    document = Document(text)
    document.copy_entry(("s", "a"), "c")
    assert document.text == (
        "s:\n  a:\n    x: 1 # why\n    y: [1]\n  b: {x: 2}\n"
        "  c:\n    x: 1 # why\n    y: [1]\n\n# another section\nz: 1\n"
    )


FILES = sorted([*(ROOT / "environments").glob("*.yaml"), *(ROOT / "generator").rglob("environments/*.yaml")])


def maps(data: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    if isinstance(data, dict):
        yield path
        for key, value in data.items():
            yield from maps(value, (*path, key))


def comments(text: str) -> Counter[str]:
    """Return the comments: what PyYAML's scanner skips."""
    left = list(text)
    for token in yaml.scan(text):
        start, end = token.start_mark.index, token.end_mark.index
        left[start:end] = ["\n" if char == "\n" else " " for char in left[start:end]]
    return Counter(re.findall("#.*", "".join(left)))


@rows("file", FILES)
def test_nothing_else_changes_in_real_files(file: Path) -> None:
    """Some values and maps are edited one by one; one line changes, and every comment stays."""
    text = file.read_text("utf-8")
    data = load(text, "").data
    before = comments(text)
    places = [path for path, _ in leaves(data) if all(isinstance(part, str) for part in path)]
    for path in places[::41]:
        changed = edited(text, "x", [(path, "another")])
        assert changes(text, changed) == (1, 1), format_path(path)
        assert comments(changed) == before, format_path(path)
    for path in list(maps(data))[::41]:
        changed = edited(text, "x", [((*path, "another"), {"a": 1})])
        assert comments(changed) == before, format_path(path)
        assert changes(text, changed)[0] <= 1, format_path(path)
    for path in places[::53]:
        changed = edited(text, "x", [], [path])
        assert load(changed, "").data == without_value(data, path)
        lost = before - comments(changed)
        assert len(lost) <= 1, format_path(path)  # that of the line


def changes(old: str, new: str) -> tuple[int, int]:
    lines = list(difflib.unified_diff(old.split("\n"), new.split("\n"), n=0))[2:]
    return sum(line.startswith("-") for line in lines), sum(line.startswith("+") for line in lines)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(st.characters(codec="utf-8", exclude_characters="\x85\u2028\u2029\ufeff")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("abc .:#-", min_size=1, max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=examples(20), deadline=None)
@given(VALUES)
def test_any_value_is_read_back(value: Any) -> None:
    text = f"key: {inline(value)}\n"
    assert yaml.safe_load(text) == {"key": value}
    for place in (("a",), ("b", "c"), ("d", "e")):
        try:
            result = edited("a: 1\nb: {c: x} # c\nd:\n  e: w\nf: 1\n", "x", [(place, value)])
        except EditError:
            assert load(text, "").findings, "only what is refused anyway"
        else:
            assert result.startswith("a:") and "\nf: 1\n" in result
