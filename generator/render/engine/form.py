"""What a rendered file keeps of the form of its template: its first and last line breaks, and CRLF."""

from __future__ import annotations

import re
from typing import NamedTuple

_STRIPPED = re.compile(r"-[%#}]\}\s*\Z")


class Form(NamedTuple):
    """The line breaks at both ends of a template, whether its lines end in CRLF, and whether it is executable.

    Line breaks that blocks leave at the ends of a file are not the author's: `{% set %}` and macros stand on lines of
    their own, and a last `{% endif %}` swallows the line break after it.
    """

    leading: int = 0
    trailing: int = 1
    crlf: bool = False
    executable: bool = False

    @classmethod
    def of(cls, source: str, *, executable: bool = False) -> Form:
        """Return the form of a template; one with mixed line ends is written with LF."""
        breaks = source.count("\n")
        crlf = 0 < breaks == source.count("\r\n")
        source = source.replace("\r\n", "\n")
        trailing = len(source) - len(source.rstrip("\n"))
        if _STRIPPED.search(source):
            trailing = min(trailing, 1)
        return cls(len(source) - len(source.lstrip("\n")), trailing, crlf, executable)

    def applied(self, text: str) -> str:
        """Return a rendered text, with LF, whose ends are those of the template."""
        inner = text.lstrip("\n")
        leading = min(len(text) - len(inner), self.leading)
        own = len(inner) - len(inner.rstrip("\n"))
        return "\n" * leading + inner.rstrip("\n") + "\n" * (self.trailing or own)

    def content(self, text: str, crlf: bool | None = None) -> bytes | None:
        """Return the bytes of a file where they are not those of `text`; `crlf` overrides what the template has."""
        if crlf is None and not self.crlf:
            return None  # and where a checkout of git made CRLF of its lines, it counts as unchanged
        return (text if crlf is False else text.replace("\n", "\r\n")).encode()
