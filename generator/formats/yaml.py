"""YAML: PyYAML's own parser says in which scalar, of which style, a value lands."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import yaml

from generator.formats.site import MARK, CannotEncode, Scalar, ShapeError, Site, one_line, only, text_of

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STYLES = {"'": "single", '"': "double", "|": "literal", ">": "folded"}
_QUOTE = 'put double quotes around the whole text: "… {{ … }} …"'
_MAX_KEY = 1000  # YAML 1.2, 7.4: an implicit key has at most 1024 characters, quotes and escapes included

# Text that every YAML reader, 1.1 or 1.2, takes for text when it stands without quotes.
_SAFE = re.compile(r"[A-Za-z/][A-Za-z0-9_./@+-]*([ :][A-Za-z0-9_./@+-]+)*")
_SAFE_PART = re.compile(r"[A-Za-z0-9_./@+=~%()-]*(:[A-Za-z0-9_./@+=~%()-]+)*")
_SAFE_START = re.compile(r"[A-Za-z0-9/_.]")
_WORDS = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null"])
_NEVER_IN_NUMBERS = re.compile(r"[/@%()=~ghj-mp-su-wGHJ-MP-SU-W]")

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}
_NOT_IN_BLOCK = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


class Place(NamedTuple):
    """A scalar of a shape: its text, the keys and indexes that lead to it, and the list item before it.

    The path of a key ends in None. `source` is what stands in the shape, from `start`, quotes included.
    """

    text: str
    path: tuple[Any, ...]
    previous: str
    style: str
    start: int
    source: str


Inner = Callable[[Place], Sequence[Site] | None]


def comment(text: str) -> str:
    """Return `text` as a comment line."""
    return f"# {text}\n"


def sites(shape: str, inner: Inner = lambda place: None) -> list[Site]:
    """Return the site of each mark in `shape`.

    `inner` may say that a scalar holds another language, and returns the sites in there. Raises ShapeError
    when the shape is not YAML.
    """
    found: list[Site] = []
    position = 0
    for place in _scalars(shape):
        found += _outside(shape[position : place.start])
        position = place.start + len(place.source)
        if MARK in place.source:
            outer = _scalar_sites(place)
            within = inner(place)
            found += [site.within(at) for site, at in zip(within, outer, strict=True)] if within else outer
    return found + _outside(shape[position:])


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site`. A place without quotes keeps the value's type."""
    if site.position in ("plain", "key") and not isinstance(value, str):
        return _typed(value)
    return _POSITIONS[site.position](site, text_of(value))


@dataclass
class _Frame:
    """An open map or list, while the events of a document pass by."""

    is_map: bool
    part: Any = None
    at_key: bool = True
    previous: str = ""

    def enter(self, event: yaml.NodeEvent) -> bool:
        """Note the next node of this collection, and say whether it is a key."""
        if not self.is_map:
            self.part = 0 if self.part is None else self.part + 1
            return False
        is_key = self.at_key
        self.at_key = not self.at_key
        if is_key:
            self.part = getattr(event, "value", None)
        return is_key


def _scalars(shape: str) -> Iterator[Place]:
    frames: list[_Frame] = [_Frame(is_map=False)]
    try:
        for event in yaml.parse(shape, Loader=_LOADER):
            if isinstance(event, yaml.CollectionEndEvent):
                frames.pop()
            if not isinstance(event, yaml.NodeEvent):
                continue
            is_key = frames[-1].enter(event)
            if isinstance(event, yaml.CollectionStartEvent):
                frames.append(_Frame(isinstance(event, yaml.MappingStartEvent)))
            elif isinstance(event, yaml.ScalarEvent):
                path = [frame.part for frame in frames[1:]]
                yield _place(shape, event, (*path[:-1], None) if is_key else tuple(path), frames[-1].previous)
                frames[-1].previous = event.value
    except yaml.MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else 1
        context = f" {problem.context}" if problem.context else ""
        raise ShapeError(f"{problem.problem}{context}", line) from None


def _place(shape: str, event: yaml.ScalarEvent, path: tuple[Any, ...], previous: str) -> Place:
    start = event.start_mark.index if event.start_mark else 0
    end = event.end_mark.index if event.end_mark else start
    if event.style in ("|", ">"):
        start = shape.index("\n", start, end)  # the line before may end in a comment
    return Place(event.value, path, previous, event.style or "", start, shape[start:end])


def _scalar_sites(place: Place) -> list[Site]:
    position = _position(place)
    is_block = position in ("literal", "folded")
    indent = _indent(place) if is_block else ""
    found = []
    for index, char in enumerate(place.text):
        if char == MARK:
            before, behind = place.text[:index], place.text[index + 1 :]
            if is_block:  # only line breaks before or behind it: the value is the first or last of the block
                before, behind = before.lstrip("\n") and before, behind.strip("\n") and behind
            found.append(Site("yaml", position, before[-1:], behind[:1], indent))
    return found


def _position(place: Place) -> str:
    style = _STYLES.get(place.style, "plain")
    if style in ("literal", "folded"):
        return style
    if "\n" in place.source:
        return "spread"
    if style != "plain":
        return style
    if place.text == MARK:
        return "key" if place.path[-1:] == (None,) else "plain"
    return "part" if _is_text(place.text) else "unsure"


def _indent(place: Place) -> str:
    """Return the indentation of a block scalar's text."""
    first = next(line for line in place.source.split("\n") if line.strip(" "))
    own = next(line for line in place.text.split("\n") if line.strip(" "))
    return " " * (len(first) - len(first.lstrip(" ")) - len(own) + len(own.lstrip(" ")))


def _outside(text: str) -> list[Site]:
    """Return the sites of marks that stand in no scalar: in a comment, or nowhere that YAML could hold them."""
    return [
        Site("yaml", "comment" if "#" in line[:index] else "nowhere")
        for line in text.split("\n")
        for index, char in enumerate(line)
        if char == MARK
    ]


def _is_text(scalar: str) -> bool:
    """Say whether a plain scalar is text whatever its values are, and never a number, a date or a boolean."""
    literal = scalar.replace(MARK, "")
    head = re.match("[A-Za-z]*", scalar)
    word = head[0].lower() if head else ""
    if word and (not literal.isalpha() or not any(known.startswith(word) for known in _WORDS)):
        return True
    return bool(_NEVER_IN_NUMBERS.search(literal))


def _typed(value: int | float | None) -> str:
    if value is None:
        return "null"
    text = text_of(value)
    return text.replace("e", ".0e") if isinstance(value, float) and "e" in text and "." not in text else text


def _plain(site: Site, text: str) -> str:
    safe = _SAFE.fullmatch(text) and text.lower() not in _WORDS
    return text if safe else f'"{_double(site, text)}"'


def _key(site: Site, text: str) -> str:
    written = _plain(site, text)
    if len(written) > _MAX_KEY:
        raise CannotEncode(f"a key cannot hold {len(text)} characters", f"use at most {_MAX_KEY}")
    return written


def _part(site: Site, text: str) -> str:
    only(_SAFE_PART, text, "text without quotes", _QUOTE)
    at_start = site.before == "" and not _SAFE_START.match(text)
    if at_start or (not text and site.before in (":", " ")):
        raise CannotEncode(f"text without quotes cannot hold {text!r} here", _QUOTE)
    return text


def _unsure(site: Site, text: str) -> str:
    raise CannotEncode("the text may become a number, a date or a boolean without quotes", _QUOTE)


def _spread(site: Site, text: str) -> str:
    raise CannotEncode(
        "a text that goes over several lines folds them", "write it on one line, or as a block with |"
    )


def _nowhere(site: Site, text: str) -> str:
    raise CannotEncode("only a key, a value or a comment can be filled in", "write the anchor or tag itself")


def _double(site: Site, text: str) -> str:
    return "".join(_ESCAPES.get(char) or (char if char.isprintable() else _unicode(char)) for char in text)


def _unicode(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _single(site: Site, text: str) -> str:
    if not text.isprintable():
        raise CannotEncode("single quotes cannot hold line breaks or control characters", "use double quotes")
    return text.replace("'", "''")


def _literal(site: Site, text: str) -> str:
    _refuse_in_block(site, text)
    return re.sub(r"\n(?!\n)", "\n" + site.indent, text)


def _folded(site: Site, text: str) -> str:
    _refuse_in_block(site, text)
    at_line_start = site.before in ("", "\n")
    if "\n" in text or (at_line_start and text[:1] in ("", " ", "\t")):
        raise CannotEncode(
            "a folded block (>) joins lines and keeps indented ones", "use a literal block (|)"
        )
    return text


def _refuse_in_block(site: Site, text: str) -> None:
    found = _NOT_IN_BLOCK.search(text)
    if found:
        raise CannotEncode(f"a block cannot hold the character U+{ord(found[0]):04X}", "use double quotes")
    if site.before == "" and text[:1] in ("", " ", "\t", "\n"):
        raise CannotEncode("the first line of a block sets its indentation", "begin it with other text")
    if site.behind == "" and (not text or text.endswith("\n")):
        raise CannotEncode("a block drops the line breaks at its end", "end it with other text")


_POSITIONS: Mapping[str, Callable[[Site, str], str]] = {
    "plain": _plain,
    "key": _key,
    "part": _part,
    "unsure": _unsure,
    "spread": _spread,
    "nowhere": _nowhere,
    "single": _single,
    "double": _double,
    "literal": _literal,
    "folded": _folded,
    "comment": lambda site, text: one_line(text, "a comment"),
}
