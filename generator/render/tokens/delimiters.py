"""Delimiters of templates: a template full of braces of another program may have others than `{{ }}`.

Jinja and everything after it see standard delimiters: those of the template are replaced by them, and the braces of
other programs by private characters, each by as many characters as before. So every position stays what it is.
"""

from __future__ import annotations

import re

STANDARD = "{{ }}"
DELIMITERS = (STANDARD, "[[ ]]", "<< >>", "(( ))", "@[ ]@")
OPEN, CLOSE = "\ue001", "\ue004"  # braces that do not belong to Jinja

_HIDDEN = str.maketrans({"{": OPEN, "}": CLOSE})
_SHOWN = str.maketrans({OPEN: "{", CLOSE: "}"})
_BRACKETS = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}
_TOKEN = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|.""", re.DOTALL)
_RAW = re.compile(r"[-+]?\s*raw\s*[-+]?\Z")


def show_braces(text: str) -> str:
    """Return a text with the braces that `hide_others` hides."""
    return text.translate(_SHOWN)


def hide_others(source: str, delimiters: str) -> str:
    """Return a template with standard delimiters, in which braces of other programs are private characters."""
    if delimiters == STANDARD:
        # The braces of GitHub's ${{ and the shell's ${#; in ${{{, the last two belong to Jinja.
        source = source.replace("${{{", f"${OPEN}{{{{").replace("${{", f"${OPEN}{OPEN}")
        return source.replace("${#", f"${OPEN}#")
    return "".join(_Converter(source, delimiters).parts())


class _Converter:
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
