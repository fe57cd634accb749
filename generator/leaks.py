"""Secrets where none may stand: in values, in `--set`, in the text of templates.

The shapes are those that the issuers document or that secret scanners publish; a text that has no known shape is
taken for a secret when it looks random. A finding shows the first characters only.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from generator.findings import Finding, Span, error

_SHAPES = {
    "an AWS access key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a GitHub token": r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})",
    "a GitLab token": r"\bglpat-[A-Za-z0-9_-]{20,}",
    "a Slack token": r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}",
    "a Stripe key": r"\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,}",
    "a Google API key": r"\bAIza[A-Za-z0-9_-]{35}",
    "a Hugging Face token": r"\bhf_[A-Za-z]{30,}",
    "an OpenAI or Anthropic key": r"\bsk-(?:proj-|ant-)?[A-Za-z0-9_-]{32,}",
    "an npm token": r"\bnpm_[A-Za-z0-9]{36}",
    "a private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----",
    "a JSON Web Token": r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.",
    "a password in an address": r"\b[a-z][a-z0-9+.-]*://[^\s/:@\"'<>{}$%]*:[^\s/:@\"'<>{}$%]+@(?!localhost\b|127\.0\.0\.1\b)",
}
_KNOWN = re.compile("|".join(f"(?P<n{number}>{shape})" for number, shape in enumerate(_SHAPES.values())))
_NAMES = list(_SHAPES)

_RANDOM = re.compile(r"[A-Za-z0-9+/_=-]{24,}")
_HEX = re.compile(r"[0-9a-f]+|[0-9A-F]+")
_MIN_CHANGES = 0.4  # of neighbours that are of different kinds; 0.64 in random base64, 0.3 in CamelCaseNames
_MIN_ENTROPY = 4.2  # bits per character; words and paths stay below 4.0, base64 of random bytes is above 4.5


def leaks(path: str, text: str) -> Iterator[Finding]:
    """Yield an error for each part of `text` that looks like a secret; `path` is where the text stands."""
    for name, start, secret in sorted(_secrets(text), key=lambda found: found[1]):
        line_start = text.rfind("\n", 0, start) + 1
        line = text[line_start:].partition("\n")[0]
        column = start - line_start
        shown = f"{secret[:4]}… ({len(secret)} characters)"
        number = text.count("\n", 0, start) + 1
        at = Span(path, number, column + 1, len(secret), _hidden(line, column, len(secret)))
        hint = "take it out, and have it replaced if this file was ever shared; secrets: names its variable"
        yield error("leaks/secret", f"found {shown}, which looks like {name}", at, hint=hint)


def _secrets(text: str) -> Iterator[tuple[str, int, str]]:
    covered: list[range] = []
    for found in _KNOWN.finditer(text):
        covered.append(range(*found.span()))
        yield _NAMES[int((found.lastgroup or "n0")[1:])], found.start(), found[0]
    for found in _RANDOM.finditer(text):
        if not any(found.start() in each for each in covered) and _is_random(found[0]):
            yield "a secret: the text is random", found.start(), found[0]


def _is_random(text: str) -> bool:
    if _HEX.fullmatch(text) or text.count("/") > 2:
        return False  # a commit or a digest; a path
    kinds = sum(bool(re.search(kind, text)) for kind in ("[a-z]", "[A-Z]", "[0-9]"))
    counts = Counter(text)
    entropy = -sum(count / len(text) * math.log2(count / len(text)) for count in counts.values())
    changes = sum(_kind(left) != _kind(right) for left, right in pairwise(text))
    return kinds == 3 and entropy >= _MIN_ENTROPY and changes >= _MIN_CHANGES * len(text)


def _kind(char: str) -> str:
    return "digit" if char.isdigit() else "upper" if char.isupper() else "lower" if char.islower() else char


def _hidden(line: str, start: int, length: int) -> str:
    """Return the line with all but the first characters of the secret covered."""
    return line[: start + 4] + "…" * max(length - 4, 0) + line[start + length :]
