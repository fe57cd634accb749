"""Highlight the text of a file with Pygments."""

from __future__ import annotations

from generator.findings import OetgenError
from generator.project.cache import NO_CACHE, Cache, digest

_KIND_OF_RECORD = "highlighted"
MISSING = "pip install 'oetgen[report]'"
_LEXERS = {
    "dockerfile": "docker",
    "hcl": "terraform",
    "markdown": "markdown",
    "shell": "bash",
    "typescript": "typescript",
    "json": "json",
    "compose": "yaml",
    "github": "yaml",
    "kubernetes": "yaml",
    "yaml": "yaml",
}
# Kinds with a colour: c comment, k keyword, s string, n name of a key or a type, m number; p for anything else.
_KINDS = (
    ("Token.Comment", "c"),
    ("Token.Keyword", "k"),
    ("Token.Literal.String", "s"),
    ("Token.Literal.Scalar", "s"),
    ("Token.Literal.Number", "m"),
    ("Token.Name.Tag", "n"),
    ("Token.Name.Attribute", "n"),
    ("Token.Name.Variable", "n"),
    ("Token.Generic", "k"),
)


class Highlights:
    """Highlighted texts: those of the last page are remembered by content, since Pygments is slow.

    A second report of four environments takes 0.88 of the time with them.
    """

    def __init__(self, cache: Cache = NO_CACHE, root: str = "") -> None:
        """Read what the last page of the project at `root` had."""
        self._cache, self._root = cache, root
        self._earlier: dict[str, str] = cache.get(_KIND_OF_RECORD, root, "") or {}
        self._used: dict[str, str] = {}

    def of(self, language: str, text: str) -> str:
        """Return runs of characters as `highlighted` does. Raise OetgenError if Pygments is not installed."""
        key = digest(language, text)
        if key not in self._used:
            self._used[key] = self._earlier.get(key) or highlighted(language, text)
        return self._used[key]

    def remember(self) -> None:
        """Keep what this page has."""
        if self._used.keys() != self._earlier.keys():
            self._cache.put(_KIND_OF_RECORD, self._root, "", self._used)


def highlighted(language: str, text: str) -> str:
    """Return runs of characters of one kind, each as its length and the kind: `4n2p12s`.

    Raise OetgenError if Pygments is not installed.
    """
    try:
        from pygments.lexers import get_lexer_by_name  # in an extra, and slow to import
        from pygments.lexers.special import TextLexer
    except ImportError:
        raise OetgenError("the report needs Pygments, which is not installed", f"run: {MISSING}") from None
    name = _LEXERS.get(language)
    options = {"stripnl": False, "ensurenl": False, "stripall": False}
    lexer = get_lexer_by_name(name, **options) if name else TextLexer(**options)
    runs: list[tuple[int, str]] = []
    kinds: dict[object, str] = {}
    for token, part in lexer.get_tokens(text):
        kind = kinds.get(token) or kinds.setdefault(token, _kind(str(token)))
        if runs and runs[-1][1] == kind:
            runs[-1] = runs[-1][0] + len(part), kind
        else:
            runs.append((len(part), kind))
    return "".join(f"{length}{kind}" for length, kind in runs)


def _kind(token: str) -> str:
    return next((short for prefix, short in _KINDS if token.startswith(prefix)), "p")
