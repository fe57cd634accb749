"""Maps in braces, as editors see them while they are typed."""

from __future__ import annotations

from generator.editor.flow import Place, path_at, place_at
from tests.conftest import rows

# A line with the cursor at |, and the path of the entry there.
PATHS = {
    "a: {b|: 1, c: 2}": ("b",),
    "a: {b: 1|, c: 2}": ("b",),
    "a: {b: 1, |c: 2}": ("c",),
    "a: {b: {c: {d: 1|}}, e: 2}": ("b", "c", "d"),
    "a: {b: {c: 1}, e|: 2}": ("e",),
    "a: {b: {c: 1}|, e: 2}": ("b",),
    "a: {b: [1, {c: 2|}]}": ("b", 1, "c"),
    "a: {'b c': x|, d: 1}": ("b c",),
    'a: {"b": "x, y: |z", d: 1}': ("b",),
    "a: {url: http://x:80/|y, d: 1}": ("url",),
    "a: {b: 1} # {c|: 2}": (),
    "a|: {b: 1}": (),
    "a: {b: some| words, c: 1}": ("b",),
    "a: [x, {b: |1}]": (1, "b"),
    "a: {🙂: 1, b|: 2}": ("b",),
    "a: {b: 1, c: |": ("c",),
}

# A line with the cursor at its end, and what is typed there.
PLACES = {
    "a: {": ((), None, 4),
    "a: {b": ((), None, 4),
    "a: {b: ": ((), "b", 7),
    "a: {b: tr": ((), "b", 7),
    "a: {b: 1, ": ((), None, 10),
    "a: {b: 1, c": ((), None, 10),
    "a: {b: {c: 1}, d": ((), None, 15),
    "a: {b: {c: 1, ": (("b",), None, 14),
    "a: {b: {c: ": (("b",), "c", 11),
    "a: [x, y": ((), 1, 7),
    'a: {b: "x': ((), "b", 7),
}


@rows("case", PATHS)
def test_the_entry_at_a_column(case: str) -> None:
    line = case.replace("|", "")
    assert path_at(line, 2, case.index("|")) == PATHS[case]


@rows("line", PLACES)
def test_what_is_typed(line: str) -> None:
    assert place_at(line, 2, len(line)) == Place(*PLACES[line])


@rows("line", ["a: {b: 1}", "a: {b: 1} ", "a: 1", "a: ", "a: {b: 1} # {c: "])
def test_nothing_is_typed_outside(line: str) -> None:
    assert place_at(line, 2, len(line)) is None
