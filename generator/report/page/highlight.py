"""Highlight the text of a file with Pygments."""

from __future__ import annotations

from generator.findings import OetgenError

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
