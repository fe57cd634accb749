"""Units of systemd: commands and variables are words with quotes, a description is text, the rest plain words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from typing import NamedTuple

from generator.languages import commands, environment
from generator.languages.code import sites as code
from generator.languages.site import (
    MARK,
    EncodeError,
    Scalar,
    ShapeError,
    Site,
    one_line,
    only,
    text_of,
    touching,
)

_SETTING = re.compile(r"[ \t]*([A-Za-z][\w-]*)[ \t]*=[ \t]*")
_COMMANDS = re.compile(r"Exec(?:Start|Stop|Reload)(?:Pre|Post)?|ExecCondition|Exec")
_TEXTS = ("Description",)
_LISTS = ("Environment",)
_WORD = re.compile(
    r"""(?P<quote>["'])(?P<quoted>(?:\\.|(?!(?P=quote))[^\\])*)(?P=quote)(?=\s|\Z)|(?P<bare>\S+)""", re.DOTALL
)
_PREFIX = re.compile(r"[-@:+!|]*")
_VISIBLE = re.compile(
    rf"\\(?P<escape>x[0-9a-f]{{2}}|[^{MARK}])|(?P<sequence>\$\$|%%|\$\{{[^}}]*\}}|\$\w+|%\w)", re.DOTALL
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "s": " ", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}
_INERT = re.compile(r"(?:[A-Za-z0-9_./:@+,=-]+(?: [A-Za-z0-9_./:@+,=-]+)*)?")
_TIME = re.compile(r"[A-Za-z0-9_./:@+,*~-]+(?: [A-Za-z0-9_./:@+,*~-]+)*")
_BARE = re.compile(r"[A-Za-z0-9_./:@+,=-]+")
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_PATH = re.compile(r"[A-Za-z0-9_./+-]+")


class _Word(NamedTuple):
    """A word of a setting: its text without quotes, the quote, and where its content begins and ends."""

    content: str
    quote: str
    start: int
    end: int


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`."""
    found: dict[int, Site] = {}
    for text, marks in _lines(shape):
        found.update(zip(marks, _in_line(text), strict=True))
    return [site for _, site in sorted(found.items())]


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site`."""
    text = text_of(value)
    if site.position == "comment":
        return _ended(one_line(text, "a comment"))
    if site.position in ("name", "path"):
        pattern = _NAME if site.position == "name" else _PATH
        return only(pattern, text, "this place of a unit", "use letters, digits and _ . / -")
    if site.position == "text":
        return _ended(one_line(text, "a setting").replace("%", "%%"), site.alone)
    if site.position == "time":
        return only(_TIME, text, "a time", "write it as systemd.time(7) does")
    if site.position == "value":
        return only(
            _INERT, text, "this setting", "use letters, digits and _ . / : @ + , = - and single blanks"
        )
    if site.position in ("part", "part of a command"):
        return only(_BARE, text, "a part of a word without quotes", "put double quotes around the whole word")
    return _word(site, text)


def _ended(text: str, is_alone: bool = False) -> str:
    if text.endswith("\\") or (is_alone and text != text.strip()):
        raise EncodeError(
            "the setting would lose a blank, or go on in the next line", "put a character after it"
        )
    return text


def _word(site: Site, text: str) -> str:
    """Write a whole word, or what stands in the quotes of one."""
    kind, _, place = site.position.partition(" ")
    if "\0" in text:
        raise EncodeError("no argument or variable can hold a NUL character")
    if kind == "whole" and _BARE.fullmatch(text):
        return text
    quote = "'" if kind == "single" else '"'
    if site.before == "\\" or (site.before in ("$", "%", MARK) and kind != "whole" and site.before != quote):
        raise EncodeError(
            "systemd would read the value together with the character before it", "keep them apart"
        )
    written = "".join(_char(char, quote) for char in text).replace("%", "%%")
    written = written.replace("$", "$$") if place == "command" else written
    return f'"{written}"' if kind == "whole" else written


def _char(char: str, quote: str) -> str:
    if char in ("\\", quote):
        return f"\\{char}"
    if char in "\n\t":
        return "\\n" if char == "\n" else "\\t"
    if char < " " or char == "\x7f":
        return f"\\x{ord(char):02x}"
    if char in "\x85\u2028\u2029\ufeff\ufffe\uffff" or "\x80" <= char < "\xa0":
        raise EncodeError(f"a word cannot hold the character U+{ord(char):04X}", "remove it")
    return char


def _lines(shape: str) -> Iterator[tuple[str, list[int]]]:
    """Yield each setting, with blanks in place of what joins its lines, and the numbers of its marks.

    Comments may stand between the lines of a setting.
    """
    numbers = count()
    text, marks = "", list[int]()
    for line in shape.split("\n"):
        own = [next(numbers) for _ in range(line.count(MARK))]
        if line.lstrip()[:1] in ("#", ";"):
            yield line, own
            continue
        marks += own
        if line.endswith("\\"):
            text += f"{line[:-1]} "
        else:
            yield text + line, marks
            text, marks = "", []
    if text:
        yield text, marks


def _in_line(line: str) -> Iterator[Site]:
    if line.lstrip()[:1] in ("#", ";"):
        yield from [Site("systemd", "comment")] * line.count(MARK)
        return
    setting = _SETTING.match(line)
    if not setting:
        yield from [Site("systemd", "name")] * line.count(MARK)
        return
    value = line[setting.end() :]
    if _COMMANDS.fullmatch(setting[1]):
        yield from _command(value)
    elif setting[1] in _LISTS:
        for word in _words(value):
            finder = environment.finder(*environment.assigned(word.content))
            own = _own(word, "list", value)
            inner = finder(word.content) if finder and own else own
            yield from (site.within(at) if finder else at for site, at in zip(inner, own, strict=True))
    else:
        position = "text" if setting[1] in _TEXTS else "time" if setting[1].startswith("On") else "value"
        is_alone = not value.strip(f"{MARK} \t")
        yield from [Site("systemd", position, alone=is_alone)] * value.count(MARK)


def _words(text: str) -> list[_Word]:
    return [
        _Word(found["quoted"] or "", found["quote"], *found.span("quoted"))
        if found["quote"]
        else _Word(found["bare"], "", *found.span("bare"))
        for found in _WORD.finditer(text)
    ]


def _own(word: _Word, place: str, text: str, position: str = "") -> list[Site]:
    """Return the sites of systemd itself in a word."""
    kinds = {"'": "single", '"': "double"}
    kind = f"{kinds.get(word.quote) or ('whole' if word.content == MARK else 'part')} {place}"
    if not word.quote and word.content != MARK:
        kind = "part"
    return touching("systemd", position or kind, text, word.start, word.end)


def _command(value: str) -> Iterator[Site]:
    words = _words(value)
    texts = [_visible(word.content) for word in words]
    if texts:
        texts[0] = texts[0][_prefix(texts[0]) :]
    is_expanded = not (words and ":" in words[0].content[: _prefix(words[0].content)])
    programs = commands.programs([] if ";" in texts else texts)
    for index, word in enumerate(words):
        own = _own(word, "command" if is_expanded else "list", value, "path" if index == 0 else "")
        finder = programs.get(index, code.sites if ";" in texts and word.quote else None)
        if not own or not finder:
            yield from own
            continue
        yield from _program(own, finder, texts[index])


def _program(own: list[Site], finder: commands.Program, text: str) -> Iterator[Site]:
    """Yield the sites of a program in a word, whose language decides what a value may be."""
    try:
        inner = finder(text)
    except ShapeError:
        inner = code.sites(text)
    if len(inner) != len(own):
        inner = code.sites(MARK * len(own))
    for site, at in zip(inner, own, strict=True):
        yield site.within(at)


def _prefix(text: str) -> int:
    found = _PREFIX.match(text)
    return found.end() if found else 0


def _visible(text: str) -> str:
    """Return a word as its command gets it, with a word in place of what systemd expands."""
    return _VISIBLE.sub(_seen, text)


def _seen(found: re.Match[str]) -> str:
    if found["sequence"]:
        return found[0][0] if found[0] in ("$$", "%%") else f"x{MARK * found[0].count(MARK)}"
    escape = found["escape"]
    if len(escape) == 3:
        return chr(int(escape[1:], 16))
    return _ESCAPES.get(escape, escape)
