"""Values that know where they come from, for the traced render: the same string, number, map or list, with a tag.

They extend Python's own types, because Jinja, its filters and the templates must not notice a difference: a tainted
value compares, sorts, joins and tests as the plain one does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from jinja2 import Undefined

from generator.findings.record import record
from generator.languages.site import HclCode
from generator.render.engine import Captured
from generator.values.source import KeyPath

Paths = frozenset[KeyPath]
_NONE: Paths = frozenset()


@record
class Tag:
    """What a part of the output was made from.

    `values` are the paths of the values whose text is in it, `keys` those of the entries whose name is in it,
    `decides` those that chose it.
    """

    values: Paths = _NONE
    keys: Paths = _NONE
    decides: Paths = _NONE

    @property
    def paths(self) -> Paths:
        """All paths in the tag."""
        return self.values | self.keys | self.decides

    def deciding(self, paths: Iterable[KeyPath]) -> Tag:
        """Return the tag with `paths` added to `decides`; a map or list does not decide about its own entries."""
        inside = self.values | self.keys
        more = {path for path in paths if not any(each[: len(path)] == path for each in inside)}
        return Tag(self.values, self.keys, self.decides | more) if more - self.decides else self


NO_TAG = Tag()


class TaintedText(str):
    """A string with a tag."""

    tag: Tag


class TaintedCode(TaintedText, HclCode):
    """An expression of HCL with a tag."""


class TaintedInteger(int):
    """An integer with a tag."""

    tag: Tag


class TaintedFloat(float):
    """A floating-point number with a tag."""

    tag: Tag


class TaintedBoolean(int):
    """A boolean with a tag; Python's `bool` cannot be extended."""

    tag: Tag

    def __str__(self) -> str:
        return str(bool(self))

    __repr__ = __str__


class TaintedMap(dict[Any, Any]):
    """A map with a tag. `note` is called with the tag of each key that `in` looks for."""

    def __init__(self, entries: dict[Any, Any], tag: Tag, note: Callable[[Tag], None]) -> None:
        super().__init__(entries)
        self.tag, self.note = tag, note

    def __contains__(self, key: object) -> bool:
        self.note(child_tag(self, key))
        return super().__contains__(key)


class TaintedList(list[Any]):
    """A list with a tag. `note` is called with the tags of all items when `in` looks for one."""

    def __init__(self, items: list[Any], tag: Tag, note: Callable[[Tag], None]) -> None:
        super().__init__(items)
        self.tag, self.note = tag, note

    def __contains__(self, item: object) -> bool:
        self.note(join(all_in(self)))
        return super().__contains__(item)


class RenderedText(Captured):
    """Captured text with a tag.

    `has_text`: it has more than marks. `inside` decided about parts of it, and the tag about it as a whole.
    """

    def __init__(self, text: str, has_text: bool, inside: Paths, tag: Tag) -> None:
        super().__init__(text)
        self.has_text, self.inside, self.tag = has_text, inside, tag

    def __bool__(self) -> bool:
        return self.has_text


_SCALARS = (TaintedText, TaintedInteger, TaintedFloat, TaintedBoolean)
_TAINTED = (*_SCALARS, TaintedMap, TaintedList)


def taint(data: Any, path: KeyPath, note: Callable[[Tag], None]) -> Any:
    """Return a copy of `data`, the value at `path`, with a tag at everything in it."""
    tag = Tag(frozenset({path}))
    if isinstance(data, dict):
        entries = {
            with_tag(key, Tag(keys=frozenset({(*path, key)}))): taint(value, (*path, key), note)
            for key, value in data.items()
        }
        return TaintedMap(entries, tag, note)
    if isinstance(data, list):
        return TaintedList([taint(item, (*path, index), note) for index, item in enumerate(data)], tag, note)
    return with_tag(data, tag)


def with_tag(value: Any, tag: Tag) -> Any:
    """Return `value` with `tag`; null, and everything but scalars, cannot have one."""
    result: TaintedText | TaintedInteger | TaintedFloat | TaintedBoolean
    if isinstance(value, bool | TaintedBoolean):
        result = TaintedBoolean(value)
    elif isinstance(value, int):
        result = TaintedInteger(value)
    elif isinstance(value, float):
        result = TaintedFloat(value)
    elif isinstance(value, str):
        result = TaintedCode(value) if isinstance(value, HclCode) else TaintedText(value)
    else:
        return value
    result.tag = tag
    return result


def plain(value: Any) -> Any:
    """Return a TaintedBoolean as a `bool`; every other tainted value works as the plain one."""
    return bool(value) if isinstance(value, TaintedBoolean) else value


def tag_of(value: Any) -> Tag:
    """Return the tag of `value`, or NO_TAG."""
    if isinstance(value, (*_TAINTED, RenderedText)):
        return value.tag
    if isinstance(value, Undefined):
        tag = vars(value).get("tag")
        return tag if isinstance(tag, Tag) else NO_TAG
    return NO_TAG


def is_tainted(value: Any) -> bool:
    """Return whether `value` is a tainted scalar, map or list."""
    return isinstance(value, _TAINTED)


def child_tag(container: Any, key: object) -> Tag:
    """Return the tag of the entry at `key` of a map or list, whether it exists or not."""
    tag = tag_of(container)
    if len(tag.values) == 1 and isinstance(key, str | int) and not tag.keys:
        (path,) = tag.values
        return Tag(frozenset({(*path, str(key) if isinstance(key, str) else int(key))}), decides=tag.decides)
    return tag


def deep(value: Any) -> Iterator[Tag]:
    """Yield the tag of a scalar, or the tags of all items in a list and of all keys of a map."""
    if isinstance(value, list | tuple | dict | set | frozenset) and value:
        for each in value:
            yield from deep(each)
    else:
        yield tag_of(value)


def all_in(value: Any) -> Iterator[Tag]:
    """Yield the tag of a value, and the tags of everything in it: items, keys and values."""
    yield tag_of(value)
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    if isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from all_in(each)


def join(tags: Iterable[Tag]) -> Tag:
    """Return the tag of what was made from everything with one of `tags`."""
    parts = list(tags)
    values = frozenset().union(*(tag.values for tag in parts))
    keys = frozenset().union(*(tag.keys for tag in parts))
    return Tag(values, keys).deciding(path for tag in parts for path in tag.decides)


def with_missing_tags(value: Any, tag: Tag) -> Any:
    """Return `value` with `tag` at each scalar in it that has none."""
    if is_tainted(value):
        return value
    if isinstance(value, list):
        return [with_missing_tags(each, tag) for each in value]
    if isinstance(value, tuple) and type(value) is tuple:
        return tuple(with_missing_tags(each, tag) for each in value)
    return with_tag(value, tag)


def deepest(paths: Iterable[KeyPath]) -> Paths:
    """Return `paths` without those that are a prefix of another one."""
    every = frozenset(paths)
    prefixes = {path[:end] for path in every for end in range(len(path))}
    return every - prefixes
