"""Edits of one file's text for the tests; each insists that what it edits is there exactly once."""

from collections.abc import Callable

Edit = Callable[[str], str]


def change(old: str, new: str) -> Edit:
    def edit(text: str) -> str:
        assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
        return text.replace(old, new)

    return edit


def drop(old: str) -> Edit:
    return change(old, "")


def after(anchor: str, *edits: Edit) -> Edit:
    """The edits, in what follows the first anchor only."""

    def edit(text: str) -> str:
        head, found, rest = text.partition(anchor)
        assert found, f"{anchor!r} is not there"
        for each in edits:
            rest = each(rest)
        return head + found + rest

    return edit


def within(start: str, end: str, *edits: Edit) -> Edit:
    """The edits, in the part from the first `start` up to the next `end` only."""

    def edit(text: str) -> str:
        head, part, rest = _parts(text, start, end)
        for each in edits:
            part = each(part)
        return head + part + rest

    return edit


def cut(start: str, end: str) -> Edit:
    """Without the part from the first `start` up to the next `end`."""

    def edit(text: str) -> str:
        head, _, rest = _parts(text, start, end)
        return head + rest

    return edit


def move(start: str, end: str, before: str) -> Edit:
    """The part from the first `start` up to the next `end`, put before something else."""

    def edit(text: str) -> str:
        head, part, rest = _parts(text, start, end)
        return change(before, part + before)(head + rest)

    return edit


def append(more: str) -> Edit:
    return lambda text: text + more


def prepend(more: str) -> Edit:
    return lambda text: more + text


def each_of(*edits: Edit) -> Edit:
    def edit(text: str) -> str:
        for one in edits:
            text = one(text)
        return text

    return edit


def _parts(text: str, start: str, end: str) -> tuple[str, str, str]:
    head, found, rest = text.partition(start)
    assert found, f"{start!r} is not there"
    part, found_end, tail = rest.partition(end)
    assert found_end, f"{end!r} does not follow {start!r}"
    return head, start + part, end + tail
