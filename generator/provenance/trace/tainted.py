"""Values that know where they come from, for the traced render: the same text, number, map or list, with a tag.

Python's own types are extended, because Jinja, its filters and the templates must not notice a difference: a tagged
value compares, sorts, joins and tests as the plain one does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from jinja2 import Undefined
from markupsafe import Markup

from generator.values.source import KeyPath

Paths = frozenset[KeyPath]
_NONE: Paths = frozenset()


@dataclass(frozen=True, slots=True)
class Tag:
    """What a piece of output was made from.

    `values` are the paths of the values whose text is in it, `keys` those of the entries whose name is in it,
    `decides` those that chose it.
    """

    values: Paths = _NONE
    keys: Paths = _NONE
    decides: Paths = _NONE

    @property
    def paths(self) -> Paths:
        """Every path, whatever part it plays."""
        return self.values | self.keys | self.decides

    def deciding(self, paths: Iterable[KeyPath]) -> Tag:
        """Return the same tag, chosen by `paths` too; a map or list does not decide about what is taken from it."""
        inside = self.values | self.keys
        more = {path for path in paths if not any(each[: len(path)] == path for each in inside)}
        return Tag(self.values, self.keys, self.decides | more) if more - self.decides else self


NO_TAG = Tag()


class Text(str):
    """A text with a tag."""

    tag: Tag


class Integer(int):
    """A whole number with a tag."""

    tag: Tag


class Real(float):
    """A number with a tag."""

    tag: Tag


class Flag(int):
    """A boolean with a tag; Python's own cannot be extended."""

    tag: Tag

    def __str__(self) -> str:
        return str(bool(self))

    __repr__ = __str__


class Map(dict[Any, Any]):
    """A map with a tag. `note` is told of each key that is asked for with `in`."""

    tag: Tag
    note: Callable[[Tag], None]

    def __contains__(self, key: object) -> bool:
        self.note(child_tag(self, key))
        return super().__contains__(key)


class Sequence(list[Any]):
    """A list with a tag. `note` is told of all that is in it when something is looked for with `in`."""

    tag: Tag
    note: Callable[[Tag], None]

    def __contains__(self, item: object) -> bool:
        self.note(join(all_in(self)))
        return super().__contains__(item)


class Captured(Markup):
    """Text that a macro or a `set` block made.

    `says` is whether there is any, apart from the marks in it; `inside` is what decided about parts of it, and the
    tag what chose it as a whole.
    """

    tag: Tag
    says: bool
    inside: Paths

    def __bool__(self) -> bool:
        return self.says


def captured(text: str, says: bool, inside: Paths, tag: Tag) -> Captured:
    """Return text that a template made, with what is known of it."""
    result = Captured(text)
    result.tag, result.says, result.inside = tag, says, inside
    return result


def tagged(data: Any, path: KeyPath, note: Callable[[Tag], None]) -> Any:
    """Return `data`, which stands at `path` among the values, with a tag at everything in it."""
    tag = Tag(frozenset({path}))
    if isinstance(data, dict):
        entries = {
            with_tag(key, Tag(keys=frozenset({(*path, key)}))): tagged(value, (*path, key), note)
            for key, value in data.items()
        }
        return new_map(entries, tag, note)
    if isinstance(data, list):
        return new_sequence(
            [tagged(item, (*path, index), note) for index, item in enumerate(data)], tag, note
        )
    return with_tag(data, tag)


def new_map(entries: dict[Any, Any], tag: Tag, note: Callable[[Tag], None]) -> Map:
    """Return a map with a tag."""
    result = Map(entries)
    result.tag, result.note = tag, note
    return result


def new_sequence(items: list[Any], tag: Tag, note: Callable[[Tag], None]) -> Sequence:
    """Return a list with a tag."""
    result = Sequence(items)
    result.tag, result.note = tag, note
    return result


def with_tag(value: Any, tag: Tag) -> Any:
    """Return `value` with `tag`; null, and what is no scalar, cannot have one."""
    result: Text | Integer | Real | Flag
    if isinstance(value, bool | Flag):
        result = Flag(value)
    elif isinstance(value, int):
        result = Integer(value)
    elif isinstance(value, float):
        result = Real(value)
    elif isinstance(value, str) and not isinstance(value, Markup):
        result = Text(value)
    else:
        return value
    result.tag = tag
    return result


def plain(value: Any) -> Any:
    """Return a boolean as Python's own; all else is as good as the plain value."""
    return bool(value) if isinstance(value, Flag) else value


def tag_of(value: Any) -> Tag:
    """Return the tag of `value`; an empty one where it has none."""
    if isinstance(value, Text | Integer | Real | Flag | Map | Sequence | Captured):
        return value.tag
    if isinstance(value, Undefined):
        tag = vars(value).get("tag")
        return tag if isinstance(tag, Tag) else NO_TAG
    return NO_TAG


def is_tagged(value: Any) -> bool:
    """Say whether `value` has a tag."""
    return isinstance(value, Text | Integer | Real | Flag | Map | Sequence)


def child_tag(container: Any, key: object) -> Tag:
    """Return the tag of what stands, or would stand, at `key` of a map or list."""
    tag = tag_of(container)
    if len(tag.values) == 1 and isinstance(key, str | int) and not tag.keys:
        (path,) = tag.values
        return Tag(frozenset({(*path, str(key) if isinstance(key, str) else int(key))}), decides=tag.decides)
    return tag


def deep(value: Any) -> Iterator[Tag]:
    """Yield the tag of a value, or those of all that is in it; of a map, those of its keys."""
    if isinstance(value, list | tuple | dict | set | frozenset) and value:
        for each in value:
            yield from deep(each)
    else:
        yield tag_of(value)


def all_in(value: Any) -> Iterator[Tag]:
    """Yield the tag of a value, and those of all that is in it; of a map, those of its keys and values."""
    yield tag_of(value)
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    if isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from all_in(each)


def join(tags: Iterable[Tag]) -> Tag:
    """Return the tag of what was made from all the pieces with `tags`."""
    found = list(tags)
    values = frozenset().union(*(tag.values for tag in found))
    keys = frozenset().union(*(tag.keys for tag in found))
    return Tag(values, keys).deciding(path for tag in found for path in tag.decides)


def retagged(value: Any, tag: Tag) -> Any:
    """Return `value` with `tag` at each scalar in it that has none."""
    if is_tagged(value):
        return value
    if isinstance(value, list):
        return [retagged(each, tag) for each in value]
    if isinstance(value, tuple) and type(value) is tuple:
        return tuple(retagged(each, tag) for each in value)
    return with_tag(value, tag)


def deepest(paths: Iterable[KeyPath]) -> Paths:
    """Return `paths` without those on the way to another one of them."""
    found = frozenset(paths)
    on_the_way = {path[:end] for path in found for end in range(len(path))}
    return found - on_the_way
