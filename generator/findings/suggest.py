"""Suggested names: the known words that are most similar to an unknown one."""

from __future__ import annotations

from collections.abc import Iterable, Set
from functools import lru_cache

_MAX_LISTED = 9  # alternatives in a message
_SHORT = 6  # characters of a word in which two edits make another word
_MAX_LENGTH = 80  # characters of a word that is compared; the time grows with the square


def nearest(word: str, choices: Iterable[str], head: str = "") -> str:
    """Return the hint that names the most similar of `choices`, after `head`, or nothing when none is similar."""
    ordered = closest(word, choices)
    return f'did you mean "{head}{ordered[0]}"?' if ordered and _is_near(word, ordered[0]) else ""


def misspelt(word: str, choices: Iterable[str], edits: int = 2) -> str:
    """Return the one of `choices` that `word` is a misspelling of, few edits away (one in a short word), or ""."""
    choices = choices if isinstance(choices, Set) else set(choices)
    if len(word) <= 2 or word in choices:  # as most words are
        return ""
    most = min(edits, 1 if len(word) < _SHORT else edits)
    near = [each for each in choices if abs(len(each) - len(word)) <= most and len(each) > 2]
    found = sorted((_distance(word, each), each) for each in near)
    return found[0][1] if found and found[0][0] <= most else ""


def closest(word: str, choices: Iterable[str]) -> list[str]:
    """Return `choices` without repetition, the most similar first; equally similar ones by the alphabet."""
    return sorted(dict.fromkeys(choices), key=lambda choice: (_rank(word, choice), choice))


def alternatives(word: str, choices: Iterable[str]) -> str:
    """Return nine of `choices` for a message, those similar to `word` first, and the number of the others."""
    ordered = closest(word, choices)
    near = [choice for choice in ordered if _is_near(word, choice)]
    others = sorted(choice for choice in ordered[:_MAX_LISTED] if choice not in near)
    return listed([*near, *others, *ordered[len(near) + len(others) :]])


def listed(words: Iterable[str], most: int = _MAX_LISTED) -> str:
    """Return `words` as a list for a message, the first nine of them, or `most`, and the number of the others."""
    words = list(words)
    more = len(words) - most
    return ", ".join(words[:most]) + (f" and {more} more" if more > 0 else "")


def _is_near(word: str, choice: str) -> bool:
    shorter = min(len(word), len(choice))
    return _rank(word, choice) <= max(max(len(word), len(choice)) // 3, 1) and (shorter > 1 or word == choice)


def _rank(word: str, choice: str) -> float:
    """Return the edit distance of two words; less where only case and punctuation differ."""
    if word == choice:
        return 0
    plain, other = _plain(word), _plain(choice)
    if plain == other:
        return 0.5
    if min(len(plain), len(other)) >= 3 and (plain.startswith(other) or other.startswith(plain)):
        return min(1.5, _distance(plain, other))
    return _distance(plain, other)


def _plain(word: str) -> str:
    return "".join(char for char in word[:_MAX_LENGTH].casefold() if char not in "-_. ")


@lru_cache(maxsize=4096)  # after a keystroke, nearly the same words are compared
def _distance(word: str, other: str) -> int:
    """Return the edit distance: insertions, deletions, substitutions, and swaps of neighbours (Damerau's)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, char in enumerate(word, start=1):
        before, last, row = row, before, [i]
        for j, there in enumerate(other, start=1):
            cost = min(row[j - 1] + 1, before[j] + 1, before[j - 1] + (char != there))
            if i > 1 and j > 1 and char == other[j - 2] and word[i - 2] == there:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]
