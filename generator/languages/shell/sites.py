"""POSIX shell and bash: a value is one word, or a part of one, whatever it holds."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping

from generator.languages.lexer import ESCAPED, NOWHERE, Marked, marks, placed
from generator.languages.shell.grammar import IN_HEREDOC, MODES, POSITIONS, RULES
from generator.languages.site import MARK, EncodeError, Scalar, Site, apart, escaped, one_line, only, text_of

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NAME_PART = re.compile(r"[A-Za-z0-9_]+")
_PLAIN = re.compile(r"[A-Za-z0-9_./:,@%+=-]*")
_PROSE = re.compile(r"[A-Za-z0-9_./:,@%+= -]*")
_INERT = re.compile(r"[A-Za-z0-9_./:@-]+")  # a word that no language takes for more than that
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")  # no octal, and within 64 bits
_SPECIAL = re.compile(r'([\\"$`])')
_SPECIAL_IN_HEREDOC = re.compile(r"([\\$`])")
_ASSIGNMENT = re.compile(r"[A-Za-z0-9_]*\+?=")
_NAME_CHARACTER = re.compile(rf"[A-Za-z0-9_{MARK}]")

_RESERVED = frozenset(
    "case coproc do done elif else esac fi for function if in select then time until while".split()
)
_FRAGMENTS = frozenset(
    word[start:end]
    for word in _RESERVED
    for start in range(len(word))
    for end in range(start + 1, len(word) + 1)
)

_TEST = re.compile(r"\[\[\s(?:(?!\[\[|\]\])[^\n])*\]\]")
_NUMERIC = re.compile(r"\s-(?:eq|ne|lt|le|gt|ge|v)\s")


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`; a `name` is that of a variable. Raises ShapeError."""
    tests = _numeric_tests(shape)
    found = []
    for marked in marks(shape, MODES, "word"):
        position = _position(shape, marked)
        is_test = marked.offset in tests and position in ("word", "double", "single")
        found.append(marked.site("shell", "number" if is_test else position))
    return found


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site`."""
    text = text_of(value)
    if "\0" in text:
        raise EncodeError("no shell can hold a NUL character")
    if site.end and text and text in site.end:
        raise EncodeError("the value would end the here-document", "give it another word to end with")
    return _ENCODERS[site.position](site, apart(site, text))


def _numeric_tests(text: str) -> frozenset[int]:
    """Return where marks stand in a `[[ … ]]` that compares numbers: bash evaluates text there."""
    return frozenset(
        found.start() + offset
        for found in _TEST.finditer(text)
        if _NUMERIC.search(found[0])
        for offset, char in enumerate(found[0])
        if char == MARK
    )


def _position(text: str, marked: Marked) -> str:
    if marked.token == "dollar":
        return NOWHERE if _NAME_CHARACTER.match(marked.behind) else "name"
    if marked.mode.startswith("parameter"):
        is_name = marked.before == "{" or marked.token == "prefix"
        return "name" if is_name and not _NAME_CHARACTER.match(marked.behind) else NOWHERE
    if marked.heredoc and marked.mode not in IN_HEREDOC:
        return NOWHERE  # a line of it could end the here-document
    position = POSITIONS.get(marked.mode, NOWHERE)
    return (placed(text, marked.offset, RULES) or position) if position == "word" else position


def _word(site: Site, text: str) -> str:
    return _quoted(site, text) if _is_special(site, text) else shlex.quote(text)


def _is_special(site: Site, text: str) -> bool:
    """Return whether a word that is safe by its characters may be more than a word in this place."""
    beside = (site.before, site.behind)
    glued = any(char == MARK or "a" <= char <= "z" for char in beside)
    reserved = text in (_FRAGMENTS if glued else _RESERVED)
    redirects = text.isdigit() and site.behind in ("<", ">", MARK)  # as in 2>file
    return reserved or redirects or bool(_ASSIGNMENT.match(text))


def _quoted(site: Site, text: str) -> str:
    quoted = shlex.quote(text)
    return quoted if quoted != text else f"'{text}'"


def _name(site: Site, text: str) -> str:
    pattern = _NAME_PART if _NAME_CHARACTER.match(site.before) else _NAME
    return only(pattern, text, "the name of a variable", "use letters, digits and _, or put quotes around it")


def _number(site: Site, text: str) -> str:
    only(_INTEGER, text, "arithmetic", "use a whole number, or set a variable first")
    beside = f"{site.before}{site.behind}"
    if re.search(rf"[\w.{MARK}]", beside) or (text.startswith("-") and site.before not in (" ", "(", '"')):
        raise EncodeError("the number would run into what stands beside it", "put blanks around it")
    return text


def _heredoc(site: Site, text: str) -> str:
    return _SPECIAL_IN_HEREDOC.sub(r"\\\1", one_line(text, "one line of a here-document"))


def _refuse(reason: str, hint: str) -> Callable[[Site, str], str]:
    def refuse(site: Site, text: str) -> str:
        raise EncodeError(reason, hint)

    return refuse


_SET_FIRST = "set a variable first, and use it here"
_ENCODERS: Mapping[str, Callable[[Site, str], str]] = {
    "word": _word,
    "quoted": _quoted,
    "double": lambda site, text: _SPECIAL.sub(r"\\\1", text),
    "single": lambda site, text: text.replace("'", "'\\''"),
    "heredoc": _heredoc,
    "heredoc_quoted": lambda site, text: one_line(text, "one line of a here-document"),
    "comment": lambda site, text: one_line(text, "a comment"),
    "name": _name,
    "number": _number,
    "index": lambda site, text: only(re.compile("[0-9]+"), text, "an index", _SET_FIRST),
    "operand": lambda site, text: only(_PLAIN, text, "a ${…} expansion", _SET_FIRST),
    "operand_in_text": lambda site, text: only(_PROSE, text, "a ${…} expansion", _SET_FIRST),
    "program": lambda site, text: only(
        _INERT, text, "a program inside a string", "pass it as an argument: sh -c '… \"$1\" …' sh {{ … }}"
    ),
    "regex": _refuse("bash reads a pattern without quotes here", _SET_FIRST),
    "tilde": _refuse("the shell takes what follows ~ for the name of a user", "write the folder itself"),
    NOWHERE: _refuse("this part of a shell command cannot hold a value", _SET_FIRST),
    ESCAPED: escaped,
}
