"""HCL, the language of Terraform: its strings are templates, so `${` and `%{` are escaped too.

Source: github.com/hashicorp/hcl, hclsyntax/spec.md, and its scanner where the text leaves a question open.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace

from generator.languages.lexer import (
    ESCAPE,
    ESCAPED,
    LONE_ESCAPE,
    NOWHERE,
    POP,
    Marked,
    marks,
    mode,
    placed,
    rule,
)
from generator.languages.site import (
    MARK,
    EncodeError,
    HclCode,
    Scalar,
    Site,
    escaped,
    one_line,
    only,
    text_of,
    typed,
)

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_NAME_PART = re.compile(r"[A-Za-z0-9_-]+")
_LITERALS = frozenset(["false", "null", "true"])
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_LITERAL = r"\$\$\{|%%\{"
_TEMPLATE = r"[$%]\{"

_MODES = {
    "code": mode(
        {
            "quote": "string",
            "heredoc_flush": "flush",
            "heredoc_blanks": "heredoc",
            "comment": "comment",
            "block": "block",
            "open": "code",
            "close": POP,
        },
        quote='"',
        heredoc_flush=r"<<-(?P<heredoc_flush_word>[^\W\d][\w-]*)(?=\n)",
        heredoc_blanks=r"<<(?P<heredoc_blanks_word>[^\W\d][\w-]*)(?=\n)",
        broken="<<",
        comment=r"#|//",
        block=r"/\*",
        open=r"\{",
        close=r"\}",
        line=r"\n",
    ),
    "string": mode(
        {"template": "code", "quote": POP},
        "a string is not closed",
        lone=LONE_ESCAPE,
        escape=ESCAPE,
        literal=_LITERAL,
        template=_TEMPLATE,
        quote='"',
        broken=r"\n",
    ),
    "heredoc": mode({"template": "code"}, literal=_LITERAL, template=_TEMPLATE),
    "flush": mode({"template": "code"}, literal=_LITERAL, template=_TEMPLATE),
    "comment": mode({"end": POP}, end="$"),
    "block": mode({"end": POP}, "a comment is not closed", end=r"\*/"),
}
_LABEL = r"""[ \t]*["{]|[ \t]+(?!(?:if|in)\b)\w"""
_RULES = (
    rule("number", r"[^\w.-][0-9][\w.-]*"),
    rule("name", rf"[\w.{MARK}]|\w-"),
    rule("name", "", rf"[\w.(\[{MARK}]|-\w"),
    rule("key", r"[\n{,][ \t]*", r"[ \t]*=(?![=>])"),
    rule("name", r"\n[ \t]*", _LABEL),
    rule("label", r"""\w[ \t]+|"[ \t]*""", _LABEL),
)
_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_LINE_START = re.compile(r"\n[ \t]*\Z")
_FLUSH = ("flush", "flush_start")


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`; in code, the position `name` is a part of an identifier."""
    found = [_site(shape, marked) for marked in marks(shape, _MODES, "code")]
    if not found:
        return found
    from generator.languages.hcl.literals import (
        with_embedded,  # a render that knows the shape needs none of it
    )

    return with_embedded("hcl", shape, found)


def is_verbatim(site: Site) -> bool:
    """Return whether what stands around a value at `site`, on its line, stands in the file as it is read."""
    return site.position in ("heredoc", *_FLUSH)


def _site(text: str, marked: Marked) -> Site:
    site = marked.site("hcl", _position(text, marked))
    if not marked.heredoc:
        return site
    end = text.find("\n", marked.offset)
    rest = text[marked.offset : end if end >= 0 else len(text)].replace(MARK, "").strip()
    if rest == marked.heredoc:  # a line break in the value would make it the end
        return replace(site, position=NOWHERE)
    alone = bool(marked.end) or site.before == MARK
    return replace(site, end=marked.heredoc, alone=alone)


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site`. In code, numbers and booleans keep their type and text becomes a string."""
    if site.position == "code" and not isinstance(value, str):
        return typed(value)
    if site.position == "code" and isinstance(value, HclCode):
        return _code(str(value))
    return _ENCODERS[site.position](site, text_of(value))


def _code(text: str) -> str:
    """Return an expression as it is. Raises EncodeError unless the text is exactly one expression."""
    from generator.languages.hcl.syntax import is_expression  # loads tree-sitter, and few values are code

    if not is_expression(text):
        hint = "write one expression of Terraform on one line, such as module.vpc.id"
        raise EncodeError(f"{text[:60]!r} is not an expression of HCL, as the schema declares", hint)
    return text


def holds(site: Site, form: str) -> bool:
    """Return whether a whole list or map, as the filter `form` writes it, may stand at `site`."""
    return site.position == "code" and form in ("hcl", "json")


def _position(text: str, marked: Marked) -> str:
    if marked.mode == "code":
        position = placed(text, marked.offset, _RULES)
        return position or ("statement" if _stands_alone(text, marked.offset) else "code")
    if marked.mode == "flush":
        before = text[max(marked.offset - 200, 0) : marked.offset]
        return "flush_start" if _LINE_START.search(before) else "flush"
    return marked.mode


def _stands_alone(text: str, offset: int) -> bool:
    """Return whether a mark is all of a line outside of parentheses and brackets, where only statements may be."""
    before, after = text[:offset].rstrip(" \t"), text[offset + 1 :].lstrip(" \t")
    if (
        before.endswith(("${", "%{"))
        or (before and before[-1] not in "\n{}")
        or (after and after[0] not in "\n}#/")
    ):
        return False
    depth = 0
    for char in reversed(_STRING.sub("", before)):
        depth += (char in ")]") - (char in "([")
        if depth < 0:
            return False
    return True


def _statement(site: Site, text: str) -> str:
    raise EncodeError("a value is not an argument or a block", "write NAME = before it")


def _name(site: Site, text: str) -> str:
    if text in _LITERALS and not re.match(rf"[\w.\-{MARK}]", site.before):
        raise EncodeError(f"an identifier cannot be {text}", "use another name")
    return _identifier(site, text)


def _identifier(site: Site, text: str) -> str:
    pattern = _NAME_PART if re.match(rf"[\w\-{MARK}]", site.before) else _NAME
    return only(
        pattern, text, "an identifier", "put quotes around the place, or use letters, digits, _ and -"
    )


def _number(site: Site, text: str) -> str:
    raise EncodeError("the value would run into the number before it", "put a blank between them")


def _key(site: Site, text: str) -> str:
    if text == "for" or text in _LITERALS:
        raise EncodeError(f"a key without quotes cannot be {text}", "put quotes around it")
    return _identifier(site, text)


def _string(site: Site, text: str) -> str:
    escaped_text = "".join(
        _ESCAPES.get(char) or (char if char.isprintable() else _unicode(char)) for char in text
    )
    return template(site, text, escaped_text)


def _unicode(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) <= 0xFFFF else f"\\U{ord(char):08x}"


def _heredoc(site: Site, text: str) -> str:
    first, *more = (one_line(line.replace("\t", " "), "a heredoc").strip() for line in text.split("\n"))
    if (site.alone and first and first in site.end) or any(line and line in site.end for line in more):
        raise EncodeError("the value would end the heredoc", "give it another word to end with")
    if more and not more[-1] and site.behind == MARK:
        raise EncodeError("the indentation of a line would depend on the next value", "end with other text")
    first, *more = template(site, text, text).split("\n")
    return "\n".join(
        [first, *(_indented(site, line, number == len(more)) for number, line in enumerate(more, 1))]
    )


def _indented(site: Site, line: str, is_last: bool) -> str:
    """Return a line with what `<<-` removes from it, which is nothing where the line is blank."""
    is_blank = not line.strip() and (not is_last or site.behind == "\n")
    return line if is_blank else site.indent + line


def _flush_start(site: Site, text: str) -> str:
    """A `<<-` heredoc takes the smallest indentation of its lines from all of them."""
    if not text or text[0].isspace():
        raise EncodeError("a blank here would change the heredoc's indentation", "begin with other text")
    return _heredoc(site, text)


def template(site: Site, text: str, written: str) -> str:
    """Keep `${` and `%{` from beginning a template sequence; also where only one half is the value's."""
    _refuse_denormal(site, text)
    joined = (site.before in ("$", "%", MARK) and text.startswith("{")) or (
        site.behind in ("{", "$", "%", MARK) and text.endswith(("$", "%"))
    )
    if joined or (not text and site.before in ("$", "%", MARK) and site.behind in ("{", "$", "%", MARK)):
        raise EncodeError("the value and the text beside it would make ${ or %{", "keep them apart")
    return re.sub(r"([$%])\{", r"\1\1{", written)


def _refuse_denormal(site: Site, text: str) -> None:
    """Terraform brings every text into Unicode's normal form C, beyond the edges of the value."""
    joins = text and (unicodedata.category(text[0])[0] == "M" or "\u1160" <= text[0] <= "\u11ff")
    if joins or not unicodedata.is_normalized("NFC", text + site.behind):
        raise EncodeError(
            "Terraform rewrites text that is not in Unicode's normal form C", "write it in that form"
        )


def _nowhere(site: Site, text: str) -> str:
    raise EncodeError("the line may become the one that ends the heredoc", "give it another word to end with")


def _block(site: Site, text: str) -> str:
    if re.search(r"[*/]", text) or (not text and site.before in ("*", MARK)):
        raise EncodeError("a comment between /* and */ cannot hold * or /", "use a # comment")
    return one_line(text, "a comment")


_ENCODERS: Mapping[str, Callable[[Site, str], str]] = {
    "code": lambda site, text: f'"{_string(Site("hcl", "string"), text)}"',
    "label": lambda site, text: f'"{_string(Site("hcl", "string"), text)}"',
    "name": _name,
    "number": _number,
    "statement": _statement,
    "key": _key,
    "string": _string,
    "heredoc": _heredoc,
    "flush": _heredoc,
    "flush_start": _flush_start,
    "comment": lambda site, text: one_line(text, "a comment"),
    "block": _block,
    NOWHERE: _nowhere,
    ESCAPED: escaped,
}
