"""The words that name an environment, and the tokens of a text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

TOKEN = re.compile(r"(?<![A-Za-z0-9])v(?=\d)|[A-Za-z0-9]+|[^A-Za-z0-9]")
SEPARATORS = "-_./:"

# Names of one environment in common use.
_SAME = (
    ("prod", "production", "prd", "live"),
    ("staging", "stage", "stg", "preprod"),
    ("dev", "development", "develop", "devel"),
    ("test", "testing", "tst"),
    ("qa", "quality"),
    ("uat", "acceptance"),
    ("sandbox", "sbx"),
    ("demo",),
    ("preview",),
    ("local",),
)
_PLURALS = (
    (r"(?<=[a-z]{2})ies$", "y"),
    (r"(?<=ch|sh|ss)es$|(?<=x)es$", ""),
    (r"(?<=[a-z]{2}[^siu])s$(?<!dns)(?<!tls)(?<!aws)(?<!https)", ""),
)
_NOT_PRODUCTION = ("nonprod", "nonproduction")  # names of several environments together
USUAL = frozenset(word for words in (*_SAME, _NOT_PRODUCTION) for word in words)


def environment_words(name: str) -> frozenset[str]:
    """Return the words that name the environment `name` in a text."""
    parts = {name.lower(), *re.findall("[a-z0-9]+", name.lower())}
    same = [words for words in _SAME if parts.intersection(words)]
    others = () if _SAME[0] in same else _NOT_PRODUCTION
    return frozenset({*parts, *others, *(word for words in same for word in words)} - {""})


class Mask:
    """Removes the words of some environments from names, so that the names of one thing are equal."""

    def __init__(self, words: Iterable[str]) -> None:
        words = set(words)
        lower, title = ({form(word) for word in words} for form in (str.lower, str.title))
        self._pattern = re.compile(
            rf"(?i:[-_./]?(?<![a-z0-9]){_one_of(lower)}(?![a-z0-9]))|(?<=[a-z0-9]){_one_of(title)}(?![a-z])"
        )
        self._known: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        """Return `text` without these words, and without the separator before each."""
        if text not in self._known:
            if len(self._known) > 50_000:
                self._known.clear()
            self._known[text] = self._pattern.sub("", text).lstrip("-_./")
        return self._known[text]


def _one_of(words: Iterable[str]) -> str:
    """Return a pattern for any of some words, the longest first.

    Words share their beginnings in it: a choice of a thousand words would try each of them at each place of a text.
    """
    if not (words := set(words)):
        return "(?!)"
    by_first: dict[str, set[str]] = {}
    for word in words - {""}:
        by_first.setdefault(word[0], set()).add(word[1:])
    found = "|".join(re.escape(first) + _one_of(rest) for first, rest in sorted(by_first.items()))
    return f"(?:{found})?" if found and "" in words else f"(?:{found})" if len(by_first) > 1 else found


@lru_cache(maxsize=4096)
def tokens(text: str) -> tuple[str, ...]:
    """Split a text into words and single other characters."""
    return tuple(TOKEN.findall(text))


def singular(word: str) -> str:
    """Return a word without the ending of a plural: `hosts` is `host`, `policies` is `policy`."""
    for ending, other in _PLURALS:
        if re.search(f"(?i){ending}", word):
            return re.sub(f"(?i){ending}", other, word)
    return word


def snake(text: str) -> str:
    """Return a text as the name of a value: `minReplicas` is `min_replicas`, `FOO_BAR` stays."""
    text = re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_")
    if not re.fullmatch(r"[A-Z0-9_]+", text):
        text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", text).lower()
    return f"_{text}" if text[:1].isdigit() else text
