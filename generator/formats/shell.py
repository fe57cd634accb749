"""POSIX shell: a value is one word, or a part of one, whatever it holds."""

from __future__ import annotations

import re
import shlex

from generator.formats.lexer import ESCAPE, ESCAPED, POP, marks, mode
from generator.formats.site import CannotEncode, Scalar, Site, one_line, only, text_of

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PROSE = re.compile(r"[A-Za-z0-9_./:, -]*")
_SPECIAL = re.compile(r'([\\"$`])')
_HEREDOC = r"<<-?[ \t]*"

_MODES = {
    "word": mode(
        {
            "double": "double",
            "single": "single",
            "comment": "comment",
            "parameter": "parameter",
            "heredoc_quoted": "heredoc_quoted",
            "heredoc": "heredoc",
            "open": "word",
            "close": POP,
        },
        escape=ESCAPE,
        double='"',
        single="'",
        comment=r"(?:^|(?<=[\s;&|(]))\#",
        parameter=r"\$\{",
        here_string="<<<",
        heredoc_quoted=_HEREDOC + r"""(?P<quote>['"])(?P<heredoc_quoted_word>\w+)(?P=quote)""",
        heredoc=_HEREDOC + r"(?P<heredoc_word>\w+)",
        open=r"\(",
        close=r"\)",
        line=r"\n",
    ),
    "double": mode(
        {"double": POP, "parameter": "parameter", "open": "word"},
        escape=ESCAPE,
        double='"',
        parameter=r"\$\{",
        open=r"\$\(",
    ),
    "single": mode({"single": POP}, single="'"),
    "comment": mode({"end": POP}, end="$"),
    "parameter": mode(
        {"close": POP, "parameter": "parameter"}, escape=ESCAPE, parameter=r"\$\{", close=r"\}"
    ),
    "heredoc": mode(
        {"parameter": "parameter", "open": "word"},
        escape=ESCAPE,
        parameter=r"\$\{",
        open=r"\$\(",
        terminator=r"^\t*\w+$",
    ),
    "heredoc_quoted": mode({}, terminator=r"^\t*\w+$"),
}


def comment(text: str) -> str:
    """Return `text` as a comment line."""
    return f"# {text}\n"


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`; a `name` is that of a variable."""
    found = []
    for place, before, behind in marks(shape, _MODES, "word"):
        named = (place in ("word", "double", "heredoc") and before == "$") or (
            place == "parameter" and before == "{"
        )
        found.append(Site("shell", "name" if named else place, before, behind))
    return found


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site`."""
    text = text_of(value)
    if "\0" in text:
        raise CannotEncode("no shell can hold a NUL character")
    if site.position == ESCAPED:
        raise CannotEncode("a value cannot stand behind a lone backslash", "write two backslashes")
    if site.position == "name":
        return only(_NAME, text, "the name of a variable", "use letters, digits and _")
    if site.position == "parameter":
        return only(_PROSE, text, "a ${…} expansion", "use plain words, or set a variable first")
    if site.position == "word":
        return shlex.quote(text)
    if site.position == "single":
        return text.replace("'", "'\\''")
    if site.position == "double":
        return _SPECIAL.sub(r"\\\1", text)
    one_line(text, "a comment" if site.position == "comment" else "one line of a here-document")
    return re.sub(r"([\\$`])", r"\\\1", text) if site.position == "heredoc" else text
