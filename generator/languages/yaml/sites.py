"""YAML: PyYAML's parser determines in which scalar, of which style, a value stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import yaml

from generator.languages.lexer import NOWHERE
from generator.languages.site import (
    MARK,
    EncodeError,
    Scalar,
    ShapeError,
    Site,
    one_line,
    text_of,
    typed,
)
from generator.languages.yaml import plain

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STYLES = {"'": "single", '"': "double", "|": "literal", ">": "folded"}
_LONGEST_KEY = 1000  # YAML 1.2, 7.4: an implicit key has at most 1024 characters, quotes and escapes included

# What YAML 1.1 takes for a line break and YAML 1.2 does not, and what no YAML may hold.
_FOREIGN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_COMMENT = re.compile(r"(?:^|[ \t])#")
# A block of several lines begins.
_BLOCK = re.compile(r"[|>][0-9+-]*[ \t]*(?:#[^\n]*)?\n")
_VARIABLES = re.compile(r"^[ \t-]*(?:env|environment|variables):", re.MULTILINE)

Path = tuple[Any, ...]


class Place(NamedTuple):
    """A scalar of a shape: its text, and the number of the document, the keys and indexes that lead to it.

    The path of a key ends in None. `source` is what stands in the shape, from `start`, quotes included. A block with
    `one_end` ends in one line break, however many stand there. `in_flow` is whether a list or map in brackets
    holds it.
    """

    text: str
    path: Path
    is_key: bool
    has_tag: bool
    style: str
    start: int
    source: str
    one_end: bool = False
    in_flow: bool = False


# A function that returns the sites in a scalar that holds another language, or None. It also sees the
# text of every scalar of the file, by its path.
Inner = Callable[[Place, Mapping[Path, str]], Sequence[Site] | None]


def _nothing(place: Place, texts: Mapping[Path, str]) -> None:
    return None


def sites(
    shape: str,
    inner: Inner | None = None,
    is_scalar: Callable[[Place], bool] = lambda place: False,
) -> list[Site]:
    """Return the site of each mark in `shape`. Raises ShapeError when the shape is not YAML.

    `inner` may return the sites in a scalar that holds another language. `is_scalar` is whether the consumer accepts
    no list or map in place of one. Without `inner`, a block may hold a script, a file or JSON, and a map variables.
    """
    if inner is None:
        if _BLOCK.search(shape) or _VARIABLES.search(shape):
            from generator.languages.yaml import dialect  # a render that knows the shape needs none of it

            return dialect.sites(shape, "yaml")
        inner = _nothing
    found: list[Site] = []
    position = 0
    places = list(_scalars(shape))
    texts = {place.path: place.text for place in places}
    for place in places:
        found += _outside(shape[position : place.start])
        position = place.start + len(place.source)
        if MARK in place.source:
            outer = _scalar_sites(place)
            if outer[0].position == "plain" and is_scalar(place):
                outer = [Site("yaml", "scalar", end=outer[0].end)]
            within = _within(shape, place, inner, texts)
            found += [site.within(at) for site, at in zip(within, outer, strict=True)] if within else outer
    return found + _outside(shape[position:])


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site`. A place without quotes keeps the value's type."""
    if site.position in ("plain", "scalar", "key", "bare") and not isinstance(value, str):
        return _typed(value)
    written = _POSITIONS[site.position](site, text_of(value))
    if site.room is not None and len(written) > site.room:
        raise EncodeError("a key of YAML has at most 1024 characters", "use a shorter one")
    return written


@dataclass
class _Frame:
    """An open map or list, while the events of a document pass by."""

    is_map: bool
    in_flow: bool = False
    part: Any = None
    at_key: bool = True

    def enter(self, event: yaml.NodeEvent) -> bool:
        """Note the next node of this collection, and return whether it is a key."""
        if not self.is_map:
            self.part = 0 if self.part is None else self.part + 1
            return False
        is_key = self.at_key
        self.at_key = not self.at_key
        if is_key:
            self.part = getattr(event, "value", None)
        return is_key


def _scalars(shape: str) -> Iterator[Place]:
    foreign = _FOREIGN.search(shape)
    if foreign:
        line = shape.count("\n", 0, foreign.start()) + 1
        raise ShapeError(f"the character U+{ord(foreign[0]):04X} is not the same to all readers", line)
    frames: list[_Frame] = [_Frame(is_map=False)]
    try:
        for event in yaml.parse(shape, Loader=_LOADER):
            if isinstance(event, yaml.CollectionEndEvent):
                frames.pop()
            if not isinstance(event, yaml.NodeEvent):
                continue
            is_key = frames[-1].enter(event)
            if isinstance(event, yaml.CollectionStartEvent):
                in_flow = frames[-1].in_flow or bool(event.flow_style)
                frames.append(_Frame(isinstance(event, yaml.MappingStartEvent), in_flow))
            elif isinstance(event, yaml.ScalarEvent):
                path = [frame.part for frame in frames]
                place = _place(shape, event, (*path[:-1], None) if is_key else tuple(path), is_key)
                yield place._replace(in_flow=True) if frames[-1].in_flow else place
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        message = " ".join(filter(None, [getattr(problem, "problem", ""), getattr(problem, "context", "")]))
        raise ShapeError(message or "not YAML", mark.line + 1 if mark else 1) from None


def _place(shape: str, event: yaml.ScalarEvent, path: Path, is_key: bool) -> Place:
    start = event.start_mark.index if event.start_mark else 0
    end = event.end_mark.index if event.end_mark else start
    one_end = False
    if event.style in ("|", ">"):  # the line before may end in a comment
        begin = start
        start = next((at for at in range(start, end) if shape[at] == "\n"), end)
        one_end = not set("+-") & set(shape[begin:start].partition(" ")[0])
    source = shape[start:end]
    if event.value.count(MARK) != source.count(MARK):
        raise ShapeError("a value cannot be written as an escape", shape.count("\n", 0, start) + 1)
    return Place(event.value, path, is_key, event.tag is not None, event.style or "", start, source, one_end)


def _within(shape: str, place: Place, inner: Inner, texts: Mapping[Path, str]) -> Sequence[Site] | None:
    """Return the sites of the language in a scalar; an error in there is at its line of the file."""
    try:
        return inner(place, texts)
    except ShapeError as problem:
        line = shape.count("\n", 0, place.start) + 1
        is_block = _position(place) in ("literal", "folded")
        raise problem.at(line + problem.line if is_block else line) from None


def _scalar_sites(place: Place) -> list[Site]:
    position = _position(place)
    count = place.text.count(MARK)
    if position == "part":  # its values are written together, by generator.languages.fill
        room = _LONGEST_KEY if place.is_key else None
        return [Site("yaml", position, scalar=place.text, room=room)] * count
    indent = _indent(place) if position in ("literal", "folded") else ""
    room = (_LONGEST_KEY - len(place.source)) // count if place.is_key else None
    in_flow = place.in_flow and position == "plain"
    end = "\n" if position == "literal" and place.one_end else "," if in_flow else ""
    return [
        Site("yaml", position, before, behind, end="" if behind else end, indent=indent, room=room)
        for before, behind in _neighbours(place, position)
    ]


def _neighbours(place: Place, position: str) -> Iterator[tuple[str, str]]:
    """Yield the characters before and behind each mark.

    In a block that is "" where the value is the first or the last of the block. A folded block has lost
    the line breaks that matter, so its source is looked at instead.
    """
    is_block = position in ("literal", "folded")
    text = place.text
    if position == "folded":
        text = "\n".join(line.removeprefix(_indent(place)) for line in place.source.split("\n"))
    first = len(text) - len(text.lstrip("\n")) if is_block else 0
    last = len(text.rstrip("\n")) if is_block else len(text)
    for index, char in enumerate(text):
        if char == MARK:
            before = text[index - 1] if index > first else ""
            yield before, text[index + 1] if index + 1 < last else ""


def _position(place: Place) -> str:
    style = _STYLES.get(place.style, "plain")
    if place.has_tag:
        return "tagged"
    if style in ("literal", "folded"):
        return style
    if "\n" in place.source:
        return "spread"
    if style != "plain":
        return style
    if place.text == MARK:
        return "key" if place.is_key else "plain"
    return "part"


def _indent(place: Place) -> str:
    """Return the indentation of a block scalar's text."""
    first = next(line for line in place.source.split("\n") if line.strip(" "))
    own = next(line for line in place.text.split("\n") if line.strip(" "))
    return " " * (len(first) - len(first.lstrip(" ")) - len(own) + len(own.lstrip(" ")))


def _outside(text: str) -> list[Site]:
    """Return the sites of marks that stand in no scalar: in a comment, or nowhere that YAML could hold them."""
    found: list[Site] = []
    for line in text.split("\n") if MARK in text else ():
        comment = _COMMENT.search(line)
        start = comment.start() if comment else len(line)
        found += [Site("yaml", NOWHERE)] * line.count(MARK, 0, start)
        found += [Site("yaml", "comment")] * line.count(MARK, start)
    return found


def holds(site: Site, form: str) -> bool:
    """Return whether a whole list or map, as the filter `form` writes it, may stand at `site`; or `entries`."""
    if form == "entries":
        return site.position == "key"
    return site.position == "plain" and form in ("yaml", "flow", "json")


def is_verbatim(site: Site) -> bool:
    """Return whether what stands around a value at `site`, on its line, stands in the file as it is read."""
    return site.position == "literal"


def _typed(value: int | float | None) -> str:
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise EncodeError(
            f"{value} has more than 64 bits, and readers round it", "put double quotes around it"
        )
    text = typed(value)
    return text.replace("e", ".0e") if isinstance(value, float) and "e" in text and "." not in text else text


def _plain(site: Site, text: str) -> str:
    return text if plain.is_safe(text) else f'"{plain.escaped(text)}"'


def _bare(site: Site, text: str) -> str:
    """Write a text without quotes wherever every reader takes it for this text."""
    is_safe = plain.is_safe_in(MARK, [text]) or (site.end != "," and plain.is_safe_on_line(text))
    return text if is_safe else _plain(site, text)


def _refuse(reason: str, hint: str) -> Callable[[Site, str], str]:
    def refuse(site: Site, text: str) -> str:
        raise EncodeError(reason, hint)

    return refuse


def _single(site: Site, text: str) -> str:
    if not text.isprintable():
        raise EncodeError("single quotes cannot hold line breaks or control characters", "use double quotes")
    return text.replace("'", "''")


def _literal(site: Site, text: str) -> str:
    if site.end and text.endswith("\n"):  # the line break that ends the block is that of the value
        text = text[:-1]
    _refuse_in_block(site, text)
    return re.sub(r"\n(?!\n)", "\n" + site.indent, text)


def _folded(site: Site, text: str) -> str:
    _refuse_in_block(site, text)
    at_line_start = site.before in ("", "\n")
    if "\n" in text or (at_line_start and text[:1] in ("", " ", "\t")):
        raise EncodeError("a folded block (>) joins lines and keeps indented ones", "use a literal block (|)")
    return text


_NO_BLOCK = "write it without a block: key: {{ … }}"


def _refuse_in_block(site: Site, text: str) -> None:
    found = _FOREIGN.search(text)
    if found:
        raise EncodeError(f"a block cannot hold the character U+{ord(found[0]):04X}", "use double quotes")
    if site.before == "" and text[:1] in ("", " ", "\t", "\n"):
        raise EncodeError(
            "the first line of a block sets its indentation",
            f"begin the block with other text, or {_NO_BLOCK}",
        )
    if site.behind == "" and (not text or text.endswith("\n")):
        hint = f"use | for a value that ends in one line break, or {_NO_BLOCK}"
        raise EncodeError("a block drops the line breaks at its end", hint)


_POSITIONS: Mapping[str, Callable[[Site, str], str]] = {
    "plain": _plain,
    "bare": _bare,
    "scalar": _plain,
    "key": _plain,
    "single": _single,
    "double": lambda site, text: plain.escaped(text),
    "literal": _literal,
    "folded": _folded,
    "comment": lambda site, text: one_line(text, "a comment"),
    "spread": _refuse(
        "a text that goes over several lines folds them", "write it on one line, or as a block with |"
    ),
    "tagged": _refuse("the tag before it sets the type of the value", "leave the tag out"),
    NOWHERE: _refuse("only a key, a value or a comment can be filled in", "write the anchor or tag itself"),
}
