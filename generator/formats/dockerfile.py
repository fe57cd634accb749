"""Dockerfiles: what the words of an instruction mean depends on the instruction."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.formats import json, shell
from generator.formats.lexer import ESCAPE, ESCAPED, POP, marks, mode
from generator.formats.site import MARK, CannotEncode, Scalar, Site, one_line, only, text_of

_INSTRUCTION = re.compile(r"[ \t]*(?:ONBUILD[ \t]+)?([A-Za-z]+)(.*)", re.DOTALL)
_HEALTHCHECK = re.compile(r"(.*?\bCMD\b)(.*)", re.DOTALL)
_HEREDOC = re.compile(r"""<<-?["']?([A-Za-z_]\w*)["']?""")
_OTHER_ESCAPE = re.compile(r"#[ \t]*escape[ \t]*=[ \t]*`", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z0-9_./:@%+=,-]*")
_SPECIAL = re.compile(r'([\\"$])')
_QUOTE = 'put double quotes around it: "{{ … }}"'

_WORDS = {
    "word": mode(
        {"comment": "comment", "double": "double", "single": "single"},
        comment=r"^[ \t]*\#",
        escape=ESCAPE,
        double='"',
        single="'",
    ),
    "comment": mode({"end": POP}, end="$"),
    "double": mode({"double": POP}, escape=ESCAPE, double='"'),
    "single": mode({"single": POP}, single="'"),
}


def comment(text: str) -> str:
    """Return `text` as a comment line."""
    return f"# {text}\n"


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`."""
    if _OTHER_ESCAPE.match(shape):
        return [Site("dockerfile", "nowhere")] * shape.count(MARK)
    return [site for text in _instructions(shape) for site in _instruction_sites(text)]


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site`."""
    text = text_of(value)
    if site.position == "comment":
        return one_line(text, "a comment")
    if site.position == "double":
        return _SPECIAL.sub(r"\\\1", one_line(text, "an instruction"))
    if site.position == "single":
        return only(
            re.compile("[^']*"), one_line(text, "an instruction"), "single quotes", "use double quotes"
        )
    if site.position == ESCAPED:
        raise CannotEncode("a value cannot stand behind a lone backslash", "write two backslashes")
    if site.position == "nowhere":
        raise CannotEncode(
            "values cannot stand in a here-document, or in a file that changes the escape character"
        )
    if not text and site.before in ("", " ", "\t"):
        raise CannotEncode("an instruction needs a word here, and the value is empty")
    return only(_WORD, text, "a word without quotes", _QUOTE)


def _instructions(shape: str) -> Iterator[str]:
    """Yield comments, and instructions with all of their lines."""
    lines: list[str] = []
    terminators: list[str] = []
    for line in shape.split("\n"):
        lines.append(line)
        if terminators:
            if line.strip("\t") == terminators[0]:
                del terminators[0]
        elif line.lstrip().startswith("#") or not line.strip():
            if len(lines) > 1:
                continue
        else:
            terminators = _HEREDOC.findall(line) if _HEREDOC.search(line) else []
            if line.rstrip().endswith("\\"):
                continue
        if not terminators:
            yield "\n".join(lines)
            lines = []
    yield "\n".join(lines)


def _instruction_sites(text: str) -> list[Site]:
    if MARK not in text:
        return []
    found = _INSTRUCTION.match(text)
    if not found or text.lstrip().startswith("#"):
        return _word_sites(text)
    keyword, rest = found[1].upper(), found[2]
    if keyword in ("RUN", "COPY", "ADD") and _HEREDOC.search(rest):
        return [Site("dockerfile", "nowhere")] * text.count(MARK)
    before = text[: found.start(2)]
    command = _HEALTHCHECK.match(rest) if keyword == "HEALTHCHECK" else None
    if command:
        before, rest = before + command[1], command[2]
    if rest.lstrip().startswith("["):
        return _word_sites(before) + json.sites(rest)
    is_shell = keyword in ("RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK")
    return _word_sites(before) + (_shell_sites(rest) if is_shell else _word_sites(rest))


def _word_sites(text: str) -> list[Site]:
    return [Site("dockerfile", *mark) for mark in marks(text, _WORDS, "word")]


def _shell_sites(text: str) -> list[Site]:
    """Return the sites of a command; a line break would end the instruction, even inside quotes."""
    return [site.within(_LINE) for site in shell.sites(text)]


_LINE = Site("dockerfile", "comment")
