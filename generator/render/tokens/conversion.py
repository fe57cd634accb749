"""Templates with other delimiters, converted to standard ones."""

from __future__ import annotations

import re

from generator.render.tokens.delimiters import CLOSE, OPEN

_HIDDEN = str.maketrans({"{": OPEN, "}": CLOSE})
_BRACKETS = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}
_TOKEN = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|.""", re.DOTALL)
_RAW = re.compile(r"[-+]?\s*raw\s*[-+]?\Z")


class Conversion:
    """Splits a template with other delimiters into text and tags."""

    def __init__(self, source: str, delimiters: str) -> None:
        begin, end = delimiters.split(" ")
        self._source = source
        self._ends = {begin: end, f"{begin[0]}%": f"%{end[1]}", f"{begin[0]}#": f"#{end[1]}"}
        self._standard = dict(zip(self._ends, (("{{", "}}"), ("{%", "%}"), ("{#", "#}")), strict=True))
        self._begins = re.compile("|".join(map(re.escape, self._ends)))
        self._end_of_raw = re.compile(rf"{re.escape(begin[0])}%[-+]?\s*endraw\s*[-+]?%{re.escape(end[1])}")

    def parts(self) -> list[str]:
        parts: list[str] = []
        at = 0
        while found := self._begins.search(self._source, at):
            begin, end = self._standard[found[0]]
            inside = found.end()
            stop = self._end(found[0], inside)
            parts += [self._source[at : found.start()].translate(_HIDDEN), begin]
            if stop is None:  # never closed: Jinja reports it
                return [*parts, self._source[inside:]]
            inner = self._source[inside:stop]
            parts += [inner.translate(_HIDDEN) if begin == "{#" else inner, end]
            at = stop + 2
            if begin == "{%" and _RAW.fullmatch(inner):
                closing = self._end_of_raw.search(self._source, at)
                after = closing.start() if closing else len(self._source)
                parts.append(self._source[at:after].translate(_HIDDEN))
                at = after
        return [*parts, self._source[at:].translate(_HIDDEN)]

    def _end(self, begin: str, inside: int) -> int | None:
        """Return the offset of the delimiter that ends a tag; strings and brackets may hold it, too."""
        end = self._ends[begin]
        if begin[1] == "#":
            found = self._source.find(end, inside)
            return found if found >= 0 else None
        depth, at = 0, inside
        while at < len(self._source):
            if depth <= 0 and self._source.startswith(end, at):
                return at
            token = _TOKEN.match(self._source, at)
            text = token[0] if token else ""
            depth += _BRACKETS.get(text, 0)
            at += len(text)
        return None
