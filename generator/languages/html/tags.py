"""A tag of HTML from its `<` to its `>`: its name, and where its attributes stand.

Source: html.spec.whatwg.org, "Tokenization", sections 13.2.5.6 to 13.2.5.40.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache

from generator.findings.record import record

_NAME = re.compile(r"</?([^\t\n\f\r />]*)")
# One attribute with what stands before it. A value without quotes may have quotes in it, but not at its beginning.
_ATTRIBUTE = re.compile(
    r"""[\t\n\f\r /]*+
    (?P<name>[^\t\n\f\r />][^\t\n\f\r />=]*+)
    (?:[\t\n\f\r ]*+=[\t\n\f\r ]*+
      (?:"(?P<double>[^"]*+)"|'(?P<single>[^']*+)'|(?P<bare>[^\t\n\f\r >"'][^\t\n\f\r >]*+)|(?=>))
    |(?![\t\n\f\r ]*+=))""",
    re.VERBOSE,
)
_START = re.compile("</?[A-Za-z]")
_END = re.compile(r"[\t\n\f\r /]*>")


@record
class Attribute:
    """An attribute: its name, and where its name and its value stand; `quote` is "" for a value without quotes."""

    name: str
    start: int
    value: tuple[int, int]
    quote: str = ""


@record
class Tag:
    """A tag that ends before `end`. Names of elements are in lower case."""

    name: str
    end: int
    attributes: tuple[Attribute, ...]
    is_end: bool = False
    closes_itself: bool = False

    @property
    def names(self) -> set[str]:
        """The names of its attributes, in lower case."""
        return {each.name for each in self.attributes}


def tag_at(text: str, start: int) -> Tag | None:
    """Return the tag that begins at `start`, or None when it has no end."""
    name = _NAME.match(text, start)
    if not name:
        return None
    attributes: list[Attribute] = []
    at = name.end()
    while not (end := _END.match(text, at)):
        found = _ATTRIBUTE.match(text, at)
        if not found:
            return None
        attributes.append(_attribute(found))
        at = found.end()
    return Tag(name[1].lower(), end.end(), tuple(attributes), name[0].startswith("</"), end[0].endswith("/>"))


def _attribute(found: re.Match[str]) -> Attribute:
    kind = found.lastgroup or "name"
    value = (found.end(), found.end()) if kind == "name" else found.span(kind)
    quote = {"double": '"', "single": "'"}.get(kind, "")
    return Attribute(found["name"].lower(), found.start("name"), value, quote)


def attribute_at(text: str, offset: int) -> tuple[Tag, Attribute] | None:
    """Return the attribute whose value with quotes has this offset in it, and its tag, or None."""
    starts, tags = _tags(text)
    index = bisect_right(starts, offset) - 1
    for each in tags[index].attributes if index >= 0 else ():
        if each.quote and each.value[0] <= offset < each.value[1]:
            return tags[index], each
    return None


@lru_cache(maxsize=4)  # for all marks of a text
def _tags(text: str) -> tuple[list[int], list[Tag]]:
    """Return where the tags of a text begin, and the tags."""
    starts, tags, at = [], [], 0
    while found := _START.search(text, at):
        tag = tag_at(text, found.start())
        if tag:
            starts.append(found.start())
            tags.append(tag)
        at = tag.end if tag else found.end()
    return starts, tags
