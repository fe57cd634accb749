"""Templates without their literal text: where only text and comments are typed, the code of before is filled again.

A keystroke in the text of a template takes 0.6 of the time that it takes with parsing, following and compiling it.
Only a process that stays (an editor's, `watch`) uses this; deleting it changes no result.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from types import CodeType
from typing import Any

from jinja2 import nodes

from generator.findings.record import record
from generator.languages.site import MARK
from generator.project.cache import digest
from generator.render.tokens import Lexeme
from generator.render.tokens.delimiters import show_braces

_PLACE = re.compile(f"{MARK}([0-9]+){MARK}")  # no template holds MARK: the loader refuses it
LATEST = 4  # outlines of each template that are known: what is typed may be undone
_IGNORED = ("data", "comment")


@record
class Outline:
    """A digest of all of a template but its literal text, and that text; the digest is "" where it is unknown."""

    key: str
    texts: tuple[str, ...] = ()

    @classmethod
    def of(cls, lexemes: Iterable[Lexeme], delimiters: str) -> Outline:
        """Return the outline of the tokens of a template; with each token counts where it stands."""
        tokens = list(lexemes)
        parts = [
            (each.kind, each.line, each.column, each.kind not in _IGNORED and each.text) for each in tokens
        ]
        texts = tuple([show_braces(each.text) for each in tokens if each.kind == "data" and each.text])
        return cls(digest(repr(parts), delimiters), texts)


UNKNOWN = Outline("")


def blank(every: Sequence[nodes.Node], texts: Sequence[str]) -> bool:
    """Put a place in each literal text in a syntax tree; return whether it has just these texts, in order."""
    literal = [node for node in every if isinstance(node, nodes.TemplateData)]
    constants = (node.value for node in every if isinstance(node, nodes.Const))
    if [node.data for node in literal] != list(texts) or any(MARK in str(each) for each in constants):
        return False
    for number, node in enumerate(literal):
        node.data = f"{MARK}{number}{MARK}"
    return True


def filled(code: CodeType, texts: Sequence[str]) -> CodeType:
    """Return the code of a blank template with the texts in their places."""

    def constant(value: Any) -> Any:
        if isinstance(value, str):
            return _PLACE.sub(lambda place: texts[int(place[1])], value) if MARK in value else value
        if isinstance(value, tuple):
            return tuple(map(constant, value))
        return filled(value, texts) if isinstance(value, CodeType) else value

    return code.replace(co_consts=constant(code.co_consts))
