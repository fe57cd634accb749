"""Makefiles: the lines of a recipe are shell, in which make reads `$`; everywhere else a value is plain words.

A variable is put into recipes as text, so it holds nothing that a shell would take for more than words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.languages import LANGUAGES, environment
from generator.languages.site import MARK, EncodeError, Scalar, ShapeError, Site, one_line, only, text_of

_ASSIGNMENT = re.compile(
    r"\s*(?:(?:export|override|private)\s+)*[\w.%/-]+\s*(?:[:?+]|::|:::)?=|[^:=#]+:\s*[\w.-]+\s*[:?+]?="
)
_SHELL = re.compile(r"^[ \t]*SHELL[ \t]*:?=[ \t]*(\S+)", re.MULTILINE)
_SHELLS = re.compile(r"(?:\S*/)?(?:env[ \t]+)?(?:ba|da|a|k|z)?sh")
_REFERENCE = re.compile(rf"\$(?:\$|(?P<call>[({{])|{MARK}|[^\n]|\Z)")
_CLOSING = {"(": re.compile(r"[()]"), "{": re.compile(r"[{}]")}
_NAME = re.compile(r"[A-Za-z0-9_./+-]+")
_VALUE = re.compile(r"(?:[A-Za-z0-9_./:@+,=-]+(?: [A-Za-z0-9_./:@+,=-]+)*)?")


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`. Raises ShapeError."""
    found: list[Site] = []
    shell = _SHELL.search(shape)
    is_shell = ".RECIPEPREFIX" not in shape and (not shell or bool(_SHELLS.fullmatch(shell[1])))
    for number, text in _lines(shape, is_one=".ONESHELL" in shape):
        if text.startswith("\t") and is_shell:
            try:
                found += _recipe(text)
            except ShapeError as problem:
                raise problem.at(number + problem.line - 1) from None
        else:
            found += _outside(text)
    return found


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site`."""
    text = text_of(value)
    if site.position == "comment":
        if text.endswith("\\"):
            raise EncodeError("the value would go on in the next line", "put a character after it")
        return one_line(text, "a comment")
    if site.position == "recipe":
        return one_line(text, "a line of a recipe").replace("$", "$$")
    if site.position == "nowhere":
        raise EncodeError(
            "make would take the value for the name of a variable", "write $$ for the shell's $"
        )
    if site.position == "value":
        hint = "use letters, digits and _ . / : @ + , = - with single blanks between them, or write it in the recipe"
        return only(_VALUE, text, "a variable of make, which recipes insert as text,", hint)
    return only(_NAME, text, "this place of a Makefile", "use letters, digits and _ . / + -")


def _lines(shape: str, is_one: bool) -> Iterator[tuple[int, str]]:
    """Yield the lines with their numbers, those together that a backslash joins, or that are one script."""
    text, first = "", 1
    for number, line in enumerate(shape.split("\n"), 1):
        if text:
            text += f"\n{line}"
        else:
            text, first = line, number
        goes_on = (len(line) - len(line.rstrip("\\"))) % 2 == 1
        if not goes_on and not (is_one and line.startswith("\t")):
            if is_one and text.startswith("\t") and "\n" in text and not line.startswith("\t"):
                before, _, text = text.rpartition("\n")
                yield first, before
                first = number
            yield first, text
            text = ""
    if text:
        yield first, text


def _outside(text: str) -> Iterator[Site]:
    """Yield the sites of a line that is not of a recipe."""
    if text.lstrip().startswith("#"):
        yield from [Site("makefile", "comment")] * text.count(MARK)
        return
    assignment = _ASSIGNMENT.match(text)
    calls = _references(text)
    for index, char in enumerate(text):
        if char == MARK:
            is_value = assignment is not None and index >= assignment.end()
            is_inside = any(start <= index < end for start, end in calls)
            if not assignment or not is_value or is_inside:
                yield Site("makefile", "name")
                continue
            site = Site("makefile", "value", text[index - 1], text[index + 1 : index + 2])
            held = environment.site(_assigned(assignment), text[assignment.end() : index], site)
            yield held.within(site) if held else site


def _assigned(assignment: re.Match[str]) -> str:
    """Return the name of the variable that is set."""
    found = re.search(r"([\w.-]+)\s*[:?+]*=\Z", assignment[0])
    return found[1] if found else ""


def _references(text: str) -> list[tuple[int, int]]:
    """Return where `$(…)` and the like begin and end, those in others left out."""
    found: list[tuple[int, int]] = []
    position = 0
    while reference := _REFERENCE.search(text, position):
        position = reference.end()
        if reference["call"]:
            position = _end(text, position, reference["call"])
        found.append((reference.start(), position))
    return found


def _end(text: str, position: int, opening: str) -> int:
    depth = 1
    while depth and (found := _CLOSING[opening].search(text, position)):
        position = found.end()
        depth += 1 if found[0] == opening else -1
    return len(text) if depth else position


def _recipe(text: str) -> Iterator[Site]:
    """Yield the sites of a line of a recipe: those of the shell, or of make where it expands something."""
    own: dict[int, Site] = {}
    parts: list[str] = []
    position = 0
    for start, end in _references(text):
        piece = text[start:end]
        parts.append(text[position:start])
        parts.append("$" if piece == "$$" else "x")
        at = "nowhere" if piece == f"${MARK}" else "name"
        own.update({index: Site("makefile", at) for index in range(start, end) if text[index] == MARK})
        position = end
    script = re.sub(r"^\t[@+-]*|(?<=\n)\t", "", "".join([*parts, text[position:]]))
    inner = iter(LANGUAGES["shell"].sites(script))
    for index, char in enumerate(text):
        if char == MARK:
            yield own[index] if index in own else next(inner).within(Site("makefile", "recipe"))
