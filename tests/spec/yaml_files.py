"""Containment of parsed YAML: all that the document holds is there, whatever else is."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from itertools import islice
from typing import Any

import yaml

from .changes import (
    Change,
    Pair,
    ParseError,
    align,
    exact,
    likeness,
    out_of_order,
    replaced,
    same_item,
)

Rule = Callable[[str, object, object], Iterable[Change] | None]
"""Takes over for a value that has a language of its own; None leaves it to plain comparison."""

KEYS = ("name", "containerPort", "port", "uses")


class StrictLoader(yaml.CSafeLoader):
    """PyYAML keeps the last of two equal keys in silence, where the consumers refuse the file."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [key.value for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise ParseError(f"the key {key!r} is there twice")
        return super().construct_mapping(node, deep)


def load_all(text: str, loader: type[StrictLoader] = StrictLoader) -> list[object]:
    try:
        return [value for value in yaml.load_all(text, loader) if value is not None]
    except yaml.YAMLError as error:
        raise ParseError(" ".join(str(error).split())) from error


def flow(value: object) -> str:
    """One line of YAML, in which `1` and `"1"` look different."""
    text: str = yaml.dump(
        value,
        Dumper=yaml.CSafeDumper,
        default_flow_style=True,
        width=10**6,
        sort_keys=False,
        allow_unicode=True,
    )
    return text.removesuffix("\n").removesuffix("\n...")


def under(place: str, key: object) -> str:
    return f"{place}{key}" if not place or place.endswith(" ") else f"{place}.{key}"


def compare(place: str, document: object, rendered: object, rule: Rule) -> Iterator[Change]:
    special = rule(place, document, rendered)
    if special is not None:
        yield from special
    elif isinstance(document, dict) and isinstance(rendered, dict):
        yield from _compare_maps(place, document, rendered, rule)
    elif isinstance(document, list) and isinstance(rendered, list):
        yield from _compare_lists(place, document, rendered, rule)
    elif type(document) is not type(rendered) or document != rendered:
        yield Change(place.strip(), flow(document), flow(rendered))


def _compare_maps(
    place: str, document: dict[Any, object], rendered: dict[Any, object], rule: Rule
) -> Iterator[Change]:
    for key, value in document.items():
        if key in rendered:
            yield from compare(under(place, key), value, rendered[key], rule)
        else:
            yield Change(under(place, key), flow(value), "")


def _compare_lists(
    place: str, document: list[object], rendered: list[object], rule: Rule
) -> Iterator[Change]:
    items = [(f"{place}[{_label(item, index)}]", item) for index, item in enumerate(document)]

    def pair(labelled: tuple[str, object], candidate: object) -> Pair | None:
        return _pair(*labelled, candidate, rule)

    for (label, item), match in zip(items, align(items, rendered, pair), strict=True):
        if match is None:
            yield Change(label, flow(item), _elsewhere(item, rendered))
        else:
            yield from match.changes


def _pair(place: str, item: object, candidate: object, rule: Rule) -> Pair | None:
    changes = compare(place, item, candidate, rule)
    if not isinstance(item, dict) or not isinstance(candidate, dict):
        return _pair_values(item, candidate, tuple(changes))
    if _same_key(item, candidate):
        return same_item(changes)
    first = tuple(islice(changes, 2))  # a second change, and it is no mere renaming
    return replaced(first, 0.5) if len(first) == 1 and first[0].rendered else None


def _pair_values(item: object, candidate: object, changes: tuple[Change, ...]) -> Pair | None:
    if not changes:
        return exact()
    if isinstance(item, dict) or isinstance(candidate, dict | list):
        return None
    return replaced(changes, likeness(str(item), str(candidate)))


def _elsewhere(item: object, rendered: list[object]) -> str:
    keyed = isinstance(item, dict) and _key(item) is not None
    for candidate in rendered:
        if _same_key(item, candidate) if keyed else item == candidate:
            return out_of_order(flow(candidate))
    return ""


def _same_key(item: object, candidate: object) -> bool:
    if not isinstance(item, dict) or not isinstance(candidate, dict):
        return type(item) is type(candidate) and item == candidate
    key = _key(item)
    if key is None:
        return _key(candidate) is None
    return _identity(item, key) == _identity(candidate, key)


def _key(item: dict[Any, object]) -> str | None:
    return next((key for key in KEYS if key in item), None)


def _identity(item: dict[Any, object], key: str) -> object:
    value = item.get(key)
    return value.partition("@")[0] if key == "uses" and isinstance(value, str) else value


def _label(item: object, index: int) -> object:
    if isinstance(item, dict):
        key = _key(item)
        return index if key is None else _identity(item, key)
    return index if isinstance(item, list) else item
