"""POSIX shell and bash: a value is one word, or a part of one, whatever it holds."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from functools import lru_cache

from generator.languages.lexer import ESCAPED, NOWHERE
from generator.languages.site import MARK, EncodeError, Scalar, Site, apart, escaped, one_line, only, text_of

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NAME_PART = re.compile(r"[A-Za-z0-9_]+")
_PLAIN = re.compile(r"[A-Za-z0-9_./:,@%+=-]*")
_PROSE = re.compile(r"[A-Za-z0-9_./:,@%+= -]*")
_INERT = re.compile(r"[A-Za-z0-9_./:@-]+")  # a word that no language takes for more than that
_OPTION_TEXT = r"[A-Za-z0-9_./:,%+=@?~-]*"  # what no program that reads options splits or expands
_OPTION = re.compile(rf"(?![-+@]){_OPTION_TEXT}")
_OPTION_VALUE = re.compile(_OPTION_TEXT)
_OPTION_NUMBER = re.compile(r"(?:[0-9][A-Za-z0-9.]*)?")
_PARTIAL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_./:@-]*[A-Za-z0-9])?")
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")  # no octal, and within 64 bits
_BEFORE_MINUS = ("", " ", "\t", "\n", "(", "=", '"', "'")
_SPECIAL = re.compile(r'([\\"$`])')
_SPECIAL_IN_HEREDOC = re.compile(r"([\\$`])")
_SETTING = re.compile(r"[^\x00-\x1f\"\\\x7f-\x9f\u2028\u2029]*")
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


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`; a `name` is that of a variable. Raises ShapeError."""
    return list(_sites(shape))


@lru_cache(maxsize=256)  # workflows have steps in common, and are read twice: 0.97 of a first render
def _sites(shape: str) -> tuple[Site, ...]:
    from generator.languages.shell import places  # a render that knows the shape needs no parser

    return tuple(places.sites(shape))


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site`."""
    text = text_of(value)
    if "\0" in text:
        raise EncodeError("no shell can hold a NUL character")
    if site.end and _ends_heredoc(site, text):
        raise EncodeError("the value would end the here-document", "give it another word to end with")
    return _ENCODERS[site.position](site, apart(site, text))


def is_verbatim(site: Site) -> bool:
    """Return whether what stands around a value at `site`, on its line, stands in the file as it is read."""
    return site.position == "heredoc_quoted"


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
    if re.search(rf"[\w.{MARK}]", beside) or (text.startswith("-") and site.before not in _BEFORE_MINUS):
        raise EncodeError("the number would run into what stands beside it", "put blanks around it")
    return text


def _ends_heredoc(site: Site, text: str) -> bool:
    """Return whether a line of the value may be the one that ends the here-document, also beside other text."""
    lines = text.split("\n")
    if len(lines) == 1:
        return site.alone and bool(text) and text in site.end
    return not lines[0] or not lines[-1] or any(line and line in site.end for line in map(str.strip, lines))


def _heredoc(site: Site, text: str) -> str:
    return _SPECIAL_IN_HEREDOC.sub(r"\\\1", one_line(text, "one line of a here-document"))


def _lines(site: Site, text: str) -> str:
    """Write a list or map that a filter wrote on lines of its own."""
    encode_line = _ENCODERS[site.position.removesuffix("_lines")]
    return "\n".join([encode_line(site, line) for line in text.split("\n")])


def _login(site: Site, text: str) -> str:
    """Write an argument that sudo hands to a shell, with a backslash before all but letters, digits, _, - and $."""
    joined = f"{'$' if site.before == '$' else ''}{text}"
    ends = text.endswith("$") and site.behind.strip()
    if not text or "\n" in text or ends or re.search(r"\$[A-Za-z0-9_$-]", joined):
        raise EncodeError(
            "sudo hands this command to a shell, which would expand or drop the value",
            "use sudo without -i and -s",
        )
    return text


def _refuse(reason: str, hint: str) -> Callable[[Site, str], str]:
    def refuse(site: Site, text: str) -> str:
        raise EncodeError(reason, hint)

    return refuse


def _sed_line(site: Site, text: str) -> str:
    hint = "use the number of a line, or write the command itself"
    return only(re.compile("[0-9]+"), text, "a command of sed", hint)


def _without(mark: str) -> Callable[[Site, str], str]:
    pattern = re.compile(rf"(?:(?!{re.escape(mark)})[A-Za-z0-9_./:@-])+")

    def write(site: Site, text: str) -> str:
        return only(pattern, text, f"an expression between {mark} and {mark}", "write it as s|…|…|")

    return write


_AS_ARGUMENT = "pass it as an argument: sh -c '… \"$1\" …' sh {{ … }}"
_AS_VARIABLE = "use only letters, digits, blanks and . _ / : , @ % + = -"
_SET_FIRST = "set a variable first, and use it here"
_WRITE_OPTION = "write the option itself in the template, as in -Xmx{{ … }}m"
_ENCODERS: Mapping[str, Callable[[Site, str], str]] = {
    "word": _word,
    "quoted": _quoted,
    "double": lambda site, text: _SPECIAL.sub(r"\\\1", text),
    "single": lambda site, text: text.replace("'", "'\\''"),
    "heredoc": _heredoc,
    "heredoc_quoted": lambda site, text: one_line(text, "one line of a here-document"),
    "heredoc_lines": _lines,
    "heredoc_quoted_lines": _lines,
    "comment": lambda site, text: one_line(text, "a comment"),
    "name": _name,
    "number": _number,
    "index": lambda site, text: only(re.compile("[0-9]+"), text, "an index", _SET_FIRST),
    "operand": lambda site, text: only(_PLAIN, text, "a ${…} expansion", _SET_FIRST),
    "operand_in_text": lambda site, text: only(_PROSE, text, "a ${…} expansion", _SET_FIRST),
    "key": lambda site, text: only(_INERT, text, "the key of an array", _SET_FIRST),
    "offset": lambda site, text: only(
        re.compile("[0-9]+"), text, "the offset of a ${…} expansion", _SET_FIRST
    ),
    "line": lambda site, text: one_line(text, "a file that is read line by line"),
    "make": lambda site, text: only(
        _PROSE, text, "a variable of make, whose recipes are shell code", _AS_VARIABLE
    ),
    "login": _login,
    "partial": lambda site, text: only(
        _PARTIAL,
        text,
        "a part of a file",
        "write all of the file here, or use letters, digits and . _ / : @ -",
    ),
    "setting": lambda site, text: only(
        _SETTING, text, "a file of options", 'leave out line breaks, " and \\'
    ),
    "option": lambda site, text: only(_OPTION, text, "a variable of options", _WRITE_OPTION),
    "options": lambda site, text: only(
        _PROSE, text, "a variable of options", "use letters, digits, blanks and _ . / : = , @ % + -"
    ),
    "option_value": lambda site, text: only(
        _OPTION_VALUE, text, "a variable of options", "leave out blanks and quotes"
    ),
    "option_number": lambda site, text: only(_OPTION_NUMBER, text, "the name of an option", _WRITE_OPTION),
    "program": lambda site, text: only(_INERT, text, "a program inside a string", _AS_ARGUMENT),
    "sed_word": lambda site, text: only(
        re.compile("[A-Za-z0-9]+"), text, "a part of a program of sed or perl", "write it as s|…|…|"
    ),
    **dict.fromkeys(["sed", "sed_line"], _sed_line),
    **{f"sed{mark}": _without(mark) for mark in "/:@._-"},
    "regex": _refuse("bash reads a pattern without quotes here", _SET_FIRST),
    "tilde": _refuse("the shell takes what follows ~ for the name of a user", "write the folder itself"),
    NOWHERE: _refuse("this part of a shell command cannot hold a value", _SET_FIRST),
    ESCAPED: escaped,
}
