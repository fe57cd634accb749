"""What a TypeScript file has in common with the rest: the routes, variables and packages that it names."""

from __future__ import annotations

import re
from functools import cached_property

from generator.findings import Span
from generator.findings.record import record
from generator.languages.source import Source

_COMMENT = re.compile(
    r"//[^\n]*|/\*.*?\*/|('(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"|`(?:\\.|[^`\\])*`)", re.DOTALL
)
_ROUTE = re.compile(r"""(["'])(/[^"'\s]*)\1\s*:""")
_VARIABLE = re.compile(r"""process\.env(?:\.([A-Za-z_]\w*)|\[["'](\w+)["']\])(\s*(?:\|\||\?\?))?""")
_IMPORT = re.compile(r"\bimport\s+(?:type\s+)?([^'\";]+?)\s+from\b")
_DECLARES = re.compile(r"\b(?:const|let|var|function|class|async function)\s+([A-Za-z_$][\w$]*)")
_CALL = re.compile(
    r"\b([A-Za-z_$][\w$]*)\s*\.\s*(raw|ping|query|\$queryRaw|execute|connect|authenticate)\s*\("
)


@record
class Statement:
    """A name in the file, and its place; `optional` is whether the file works without it."""

    name: str
    at: Span
    optional: bool = False


@record
class Program:
    """A TypeScript file."""

    source: Source

    @cached_property
    def _code(self) -> str:
        """The text with comments blanked, so that places stay what they are."""
        return _COMMENT.sub(
            lambda found: found[0] if found[1] else re.sub("[^\n]", " ", found[0]), self.source.text
        )

    @property
    def routes(self) -> list[Statement]:
        """The paths that it answers, as keys of an object."""
        return [
            Statement(found[2], self.source.at(found.start(2), len(found[2])))
            for found in _ROUTE.finditer(self._code)
        ]

    @property
    def variables(self) -> list[Statement]:
        """The environment variables that it reads."""
        return [
            Statement(
                found[1] or found[2],
                self.source.at(found.start(), len(found[0].rstrip(" |?"))),
                bool(found[3]),
            )
            for found in _VARIABLE.finditer(self._code)
        ]

    @property
    def names(self) -> frozenset[str]:
        """The names that it imports or declares."""
        found = {
            name for names in _IMPORT.findall(self._code) for name in re.findall(r"[A-Za-z_$][\w$]*", names)
        }
        return frozenset(found | set(_DECLARES.findall(self._code)))

    @property
    def asks(self) -> list[Statement]:
        """The objects of which it asks whether a dependency works, as `db` in `db.raw('SELECT 1')`."""
        return [
            Statement(found[1], self.source.at(found.start(), len(found[1])))
            for found in _CALL.finditer(self._code)
        ]
