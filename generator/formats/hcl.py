"""HCL, the language of Terraform: its strings are templates, so `${` and `%{` are escaped too."""

from __future__ import annotations

import re
import unicodedata

from generator.formats.lexer import ESCAPE, ESCAPED, POP, marks, mode
from generator.formats.site import MARK, CannotEncode, Scalar, Site, one_line, only, text_of

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_NAME_PART = re.compile(r"[A-Za-z0-9_-]+")
_BESIDE_NAME = re.compile(rf"[\w.\-{MARK}]")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_LITERAL = r"\$\$\{|%%\{"
_TEMPLATE = r"[$%]\{"

_MODES = {
    "code": mode(
        {
            "quote": "string",
            "heredoc": "heredoc",
            "comment": "comment",
            "block": "block",
            "open": "code",
            "close": POP,
        },
        quote='"',
        heredoc=r"<<-?(?P<heredoc_word>[\w-]+)",
        comment=r"#|//",
        block=r"/\*",
        open=r"\{",
        close=r"\}",
        line=r"\n",
    ),
    "string": mode(
        {"template": "code", "quote": POP}, escape=ESCAPE, literal=_LITERAL, template=_TEMPLATE, quote='"'
    ),
    "heredoc": mode(
        {"template": "code"}, literal=_LITERAL, template=_TEMPLATE, terminator=r"^[ \t]*[\w-]+[ \t]*$"
    ),
    "comment": mode({"end": POP}, end="$"),
    "block": mode({"end": POP}, end=r"\*/"),
}


def comment(text: str) -> str:
    """Return `text` as a comment line."""
    return f"# {text}\n"


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`; in code, the position `name` is a part of an identifier."""
    found = []
    for place, before, behind in marks(shape, _MODES, "code"):
        named = place == "code" and (_BESIDE_NAME.match(before) or _BESIDE_NAME.match(behind))
        found.append(Site("hcl", "name" if named else place, before, behind))
    return found


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site`. In code, numbers and booleans keep their type and text becomes a string."""
    if site.position == ESCAPED:
        raise CannotEncode("a value cannot stand behind a lone backslash", "write two backslashes")
    if site.position == "code":
        return (
            f'"{_string(site, value)}"'
            if isinstance(value, str)
            else "null"
            if value is None
            else text_of(value)
        )
    text = text_of(value)
    if site.position == "name":
        pattern = _NAME_PART if re.match(rf"[\w\-{MARK}]", site.before) else _NAME
        return only(
            pattern, text, "an identifier", "put quotes around the place, or use letters, digits, _ and -"
        )
    if site.position == "string":
        return _string(site, text)
    one_line(text, "a heredoc" if site.position == "heredoc" else "a comment")
    if site.position == "block" and re.search(r"[*/]", text):
        raise CannotEncode("a comment between /* and */ cannot hold * or /", "use a # comment")
    return _literal(site, text) if site.position == "heredoc" else text


def _string(site: Site, text: str) -> str:
    if not unicodedata.is_normalized("NFC", text):
        raise CannotEncode(
            "Terraform rewrites text that is not in Unicode's normal form C", "write it in that form"
        )
    escaped = "".join(_ESCAPES.get(char) or (char if char.isprintable() else _unicode(char)) for char in text)
    return _literal(site, escaped)


def _literal(site: Site, text: str) -> str:
    """Keep `${` and `%{` from beginning a template sequence; also where only one half is the value's."""
    joined = (site.before in ("$", "%", MARK) and text.startswith("{")) or (
        site.behind in ("{", MARK) and text.endswith(("$", "%"))
    )
    if joined:
        raise CannotEncode("the value and the text beside it would make ${ or %{", "keep them apart")
    return re.sub(r"([$%])\{", r"\1\1{", text)


def _unicode(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) <= 0xFFFF else f"\\U{ord(char):08x}"
