"""Find the parts of texts that differ between environments: what explains most of the differences with least."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from generator.adopt.words import SEPARATORS, Mask, tokens

Texts = tuple[str | None, ...]
"""The text of each environment, None where it has none."""
Environments = frozenset[int]
"""Some of the environments, by their numbers."""
Segment = str | Texts
"""A part of a text: the same in all environments, or one for each."""

_MOST_TOKENS = 2000
_PART = re.compile(r"[-_./,]?[A-Za-z][A-Za-z0-9]*(?:[-_][A-Za-z0-9]+)*[-_./]?| ?\([A-Za-z][\w.-]*\)")
_DIGITS = re.compile(r"\d+")
_LEAST_CONTEXTS = 2
_LEAST_HOSTS = 4  # with fewer, each host name is a value
_HOST_AFTER = re.compile(r"\.?([a-z0-9-]+\.)+[a-z]{2,}(?![a-z0-9.])")
_LEAST_NUMBERS = 4  # contexts of a part that is a number: 10.1.0.0/24 and 10.1.1.0/24 and so on


def present(texts: Texts) -> list[str]:
    """Return the texts of the environments that have one."""
    return [text for text in texts if text is not None]


def differs(texts: Texts) -> bool:
    """Return whether two environments have different texts."""
    return len(set(present(texts))) > 1


def agrees(full: Texts, texts: Texts) -> bool:
    """Return whether `full` has each of `texts`."""
    return all(other is None or mine == other for mine, other in zip(full, texts, strict=True))


def united(first: Texts, second: Texts) -> Texts:
    """Return the texts of both, which agree."""
    return tuple(b if a is None else a for a, b in zip(first, second, strict=True))


def compatible(first: Texts, second: Texts) -> bool:
    """Return whether no environment has two different texts, and at least two have one in both."""
    both = [(a, b) for a, b in zip(first, second, strict=True) if a is not None and b is not None]
    return all(a == b for a, b in both) and len({a for a, _ in both}) > 1


def segments(texts: Texts) -> list[Segment]:
    """Split texts into what all have and what differs, at the borders of words."""
    split = [tokens(text) if text is not None else None for text in texts]
    if any(each and len(each) > _MOST_TOKENS for each in split):
        return [texts]
    return _segments(split)


def _segments(split: Sequence[Sequence[str] | None]) -> list[Segment]:
    own = [each for each in split if each is not None]
    start = _common(own)
    end = _common([each[start:][::-1] for each in own])
    start, end = _rotated(own, start, end)
    middles = [None if each is None else each[start : len(each) - end] for each in split]
    before, after = "".join(own[0][:start]), "".join(own[0][len(own[0]) - end :]) if end else ""
    inner = _split_middle(middles)
    found: list[Segment] = [*([before] if before else []), *inner, *([after] if after else [])]
    return found


def _split_middle(middles: Sequence[Sequence[str] | None]) -> list[Segment]:
    own = [each for each in middles if each is not None]
    if not any(own):
        return []
    anchor = _anchor(own)
    if anchor is None:
        return [tuple(None if each is None else "".join(each) for each in middles)]
    before = _segments([None if each is None else each[: each.index(anchor)] for each in middles])
    after = _segments([None if each is None else each[each.index(anchor) + 1 :] for each in middles])
    return _joined([*before, anchor, *after])


def apart(part: Segment) -> list[Segment]:
    """Return a part that differs as the parts between its slashes, where each text has as many."""
    if isinstance(part, str):
        return [part]
    split = [None if text is None else text.split("/") for text in part]
    if len({len(each) for each in split if each}) != 1:
        return [part]
    columns = zip(*(each for each in split if each), strict=True)
    found: list[Segment] = []
    for number, column in enumerate(columns):
        found += ["/"] if number else []
        same = len(set(column)) == 1
        found.append(column[0] if same else tuple(each[number] if each else None for each in split))
    return _joined(found)


def _anchor(own: Sequence[Sequence[str]]) -> str | None:
    """Return a word that each of the texts has once, the longest."""
    if any(not each for each in own):
        return None
    shared = set(own[0]).intersection(*own[1:])
    words = [word for word in shared if len(word) > 2 and all(each.count(word) == 1 for each in own)]
    return max(words, key=lambda word: (len(word), word), default=None)


def _joined(found: Iterable[Segment]) -> list[Segment]:
    joined: list[Segment] = []
    for each in found:
        if isinstance(each, str) and joined and isinstance(joined[-1], str):
            joined[-1] += each
        elif each:
            joined.append(each)
    return joined


def _common(own: Sequence[Sequence[str]]) -> int:
    """Return how many tokens all begin with."""
    count = 0
    for column in zip(*own, strict=False):
        if any(each != column[0] for each in column):
            break
        count += 1
    return count


def _rotated(own: Sequence[Sequence[str]], start: int, end: int) -> tuple[int, int]:
    """Move a part that is missing in one text so that it begins with its separator: `-dev`, not `dev-`."""
    middles = [each[start : len(each) - end] for each in own]
    filled = [each for each in middles if each]
    if len(filled) == len(middles) or not start:
        return start, end
    before = own[0][start - 1]
    if before in SEPARATORS and all(each[-1] == before for each in filled):
        return start - 1, end + 1
    return start, end


def shared_parts(every: Iterable[Texts], mask: Mask) -> list[Texts]:
    """Return the parts that explain several of the texts, the most useful first; `mask` knows the environments."""
    contexts: dict[Texts, set[tuple[str, str]]] = {}
    for texts in every:
        found = segments(texts)
        for at, part in enumerate(found):
            if isinstance(part, tuple) and _is_part(part):
                before = found[at - 1] if at else ""
                after = found[at + 1] if at + 1 < len(found) else ""
                contexts.setdefault(part, set()).add((str(before), str(after)))
    full = sorted(contexts, key=lambda part: (part.count(None), -len(contexts[part]), part_key(part)))
    merged: dict[Texts, set[tuple[str, str]]] = {}
    for part in full:
        home = next((each for each in merged if compatible(each, part)), None)
        if home is None:
            merged[part] = set(contexts[part])
        else:
            found_contexts = merged.pop(home) | contexts[part]
            merged[united(home, part)] = found_contexts
    useful = [part for part, found in merged.items() if _is_useful(part, found, mask)]
    return sorted(useful, key=lambda part: (-len(merged[part]), part_key(part)))


def part_key(texts: Texts) -> tuple[str, ...]:
    """Return a key that sorts texts."""
    return tuple(text or "" for text in texts)


def _is_part(part: Texts) -> bool:
    return differs(part) and all(
        not text or _PART.fullmatch(text) or _DIGITS.fullmatch(text) for text in present(part)
    )


def _is_useful(part: Texts, contexts: set[tuple[str, str]], mask: Mask) -> bool:
    hosts = {each for each in contexts if _HOST_AFTER.match(each[1])}
    around = {each for each in contexts if each != ("", "")}
    if len(hosts) < _LEAST_HOSTS:
        around -= hosts
    own = [text for text in present(part) if text]
    if any(text.isdigit() for text in own):
        least = _LEAST_CONTEXTS if all(len(text) == 12 for text in own) else _LEAST_NUMBERS
    else:
        least = 1 if ("", "") in contexts else _LEAST_CONTEXTS
        if not any(mask(text) != text for text in own):
            least += 1
    return len(around) >= least and all(len(text) > 1 or text.isdigit() for text in own)
