"""What each mark of a page stands in, as browsers split it into tokens: text, a comment, a tag or an attribute.

Whether `<textarea>`, `<style>` and the like hold text alone depends on what is around: not in SVG, MathML and
`<select>`. There, and in `<noscript>`, a page is accepted only where it is read the same either way.

Source: html.spec.whatwg.org, "Parsing HTML documents", sections 13.2.5 and 13.2.6.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from generator.findings.record import record
from generator.languages.html.tags import Attribute, Tag, tag_at
from generator.languages.site import MARK, ShapeError

_MARKUP = re.compile(rf"<(?:!--|!\[CDATA\[|[!?]|/?[A-Za-z{MARK}]|/(?!>))")
_COMMENT = re.compile(r"<!--(?:-?>|.*?--!?>)", re.S)
_CONDITION = re.compile(r"<!--\s*\[\s*if\b", re.I)
_SCRIPT_IN_COMMENT = re.compile(r"<!--(?:(?!-->).)*<script[\s/>]", re.I | re.S)
_CDATA = re.compile(r"<!\[CDATA\[.*?\]\]>", re.S)
_TAG_LIKE = re.compile(rf"<[A-Za-z/!?{MARK}]")
# Elements that hold text alone, and what a mark in each stands in.
_TEXT_ALONE = {
    **dict.fromkeys(["script", "style"], "code"),
    **dict.fromkeys(["textarea", "title"], "text"),
    **dict.fromkeys(["xmp", "iframe", "noembed", "noframes"], "raw"),
}
_DROPS_BREAK = frozenset(["pre", "listing", "textarea"])  # a line break that begins their text
_OTHER_RULES = frozenset(["svg", "math", "select", "frameset"])
# Elements of SVG and MathML that have elements of HTML in them, where `/>` ends none.
_HTML_INSIDE = frozenset("foreignobject desc title annotation-xml mi mo mn ms mtext".split())
_OPTIONS = frozenset(["option", "optgroup"])  # whose end tags may be left out
_VOID = frozenset(
    "area base br col embed hr img input link meta param source track wbr keygen bgsound basefont frame".split()
)


@record
class Place:
    """What a mark stands in, and where that begins.

    It is `text`, the `first` of a text, `raw` text without entities, `code`, a `comment`, a `name` or an `attribute`.
    """

    kind: str
    offset: int
    start: int
    tag: Tag | None = None
    attribute: Attribute | None = None


def places(text: str) -> tuple[list[Place], set[str]]:
    """Return the place of each mark in order, and the names of all attributes. Raises ShapeError."""
    page = _Page(text)
    page.read()
    return page.places, page.names


@dataclass
class _Page:
    text: str
    places: list[Place] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    _inside: list[str] = field(default_factory=list)  # the elements since one with rules of its own
    _is_unsure: bool = False  # whether such an element is still open
    _noscript_end: int = -1
    _first: int = -1  # where a line break is dropped

    def read(self) -> None:
        at = 0
        while found := _MARKUP.search(self.text, at):
            start = found.start()
            self._add("text", at, start)
            at = self._markup(found[0], start)
            if start < self._noscript_end < at:
                raise self._broken("</noscript> stands inside of a tag or a comment", self._noscript_end)
        self._add("text", at, len(self.text))

    def _markup(self, token: str, start: int) -> int:
        """Read what begins with `token`, and return where it ends."""
        if token == "<!--":
            return self._comment(start)
        if token == "<![CDATA[":
            return self._section(start)
        if token[1] in "!?" or token == "</":
            end = self._until(">", start, "a tag is not closed")
            self._add("name", start, end)
            return end
        return self._tag(start)

    def _comment(self, start: int) -> int:
        found = _COMMENT.match(self.text, start)
        if not found:
            raise self._broken("a comment is not closed", start)
        is_condition = _CONDITION.match(self.text, start)  # which some programs for mail read
        self._add("code" if is_condition else "comment", start, found.end())
        return found.end()

    def _section(self, start: int) -> int:
        """Read a section that ends with its first `>` in HTML, and with `]]>` in SVG and MathML."""
        end = self._until(">", start, "a CDATA section is not closed")
        is_inside = self._inside or self._is_unsure
        if is_inside and not self.text.endswith("]]>", start, end):
            raise self._broken("a CDATA section has > in it", start)
        self._add("code", start, end)
        return end

    def _tag(self, start: int) -> int:
        tag = tag_at(self.text, start)
        if not tag:
            raise self._broken("a tag or an attribute is not closed", start)
        self.names |= tag.names
        at = start
        for each in tag.attributes:
            self._add("name", at, each.value[0])
            self._add("attribute", *each.value, tag, each)
            at = each.value[1]
        self._add("name", at, tag.end)
        if tag.is_end:
            self._leave(tag)
            return tag.end
        self._enter(tag)
        if tag.name in _DROPS_BREAK:
            self._first = tag.end
        if tag.name == "plaintext":
            if self._inside or self._is_unsure:
                raise self._broken("<plaintext> is inside of SVG, MathML or <select>", start)
            self._add("raw", tag.end, len(self.text))
            return len(self.text)
        return self._text_alone(tag) if tag.name in _TEXT_ALONE else tag.end

    def _enter(self, tag: Tag) -> None:
        if tag.name == "noscript":
            found = re.compile("</noscript(?=[\t\n\f\r />])", re.I).search(self.text, tag.end)
            self._noscript_end = found.start() if found else -1
        self._is_unsure |= tag.closes_itself and not _HTML_INSIDE.isdisjoint(self._inside)
        is_closed = tag.name in _VOID or (tag.closes_itself and (self._inside or tag.name in ("svg", "math")))
        if (self._inside or tag.name in _OTHER_RULES) and not is_closed:
            self._inside.append(tag.name)

    def _leave(self, tag: Tag) -> None:
        while self._inside[-1:] != [tag.name] and _OPTIONS.intersection(self._inside[-1:]):
            self._inside.pop()
        if self._inside and self._inside[-1] == tag.name:
            self._inside.pop()
        elif self._inside:
            self._is_unsure = True

    def _text_alone(self, tag: Tag) -> int:
        """Read the text of an element up to the tag that ends it."""
        is_inside = bool(self._inside) or self._is_unsure
        if is_inside and tag.closes_itself:
            raise self._broken(f"<{tag.name}/> is not closed in HTML; write an end tag", tag.end - 1)
        end_tag = re.compile(f"</{tag.name}(?=[\t\n\f\r />])", re.I).search(self.text, tag.end)
        if not end_tag:
            raise self._broken(f"<{tag.name}> is not closed", tag.end - 1)
        text = self.text[tag.end : end_tag.start()]
        if tag.name == "script" and _SCRIPT_IN_COMMENT.search(text):
            raise self._broken("a script has <script> in a comment", tag.end)
        if is_inside and _TAG_LIKE.search(_CDATA.sub("", text)):
            raise self._broken(f"<{tag.name}> has tags in it, inside of SVG, MathML or <select>", tag.end)
        self._add(_TEXT_ALONE[tag.name], tag.end, end_tag.start())
        return end_tag.start()

    def _until(self, end: str, start: int, problem: str) -> int:
        found = self.text.find(end, start)
        if found < 0:
            raise self._broken(problem, start)
        return found + len(end)

    def _add(
        self, kind: str, start: int, end: int, tag: Tag | None = None, attribute: Attribute | None = None
    ) -> None:
        """Note the marks from one offset to another."""
        at = self.text.find(MARK, start, end)
        while at >= 0:
            is_first = start == self._first and not self.text[start:at].strip(MARK)
            self.places.append(Place("first" if is_first else kind, at, start, tag, attribute))
            at = self.text.find(MARK, at + 1, end)

    def _broken(self, message: str, offset: int) -> ShapeError:
        return ShapeError(message, self.text.count("\n", 0, offset) + 1, "HTML")
