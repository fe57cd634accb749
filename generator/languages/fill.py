"""Write values into a text with marks: each for its site, but those of a YAML text without quotes together.

What such a text is to its reader depends on the whole of it: `{{ a }}s` may be `yes`. Where it would be read as
anything but text it gets quotes, which also changes the characters around its values.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate

from generator.languages import LANGUAGES, encode, encode_through
from generator.languages.site import MARK, EncodeError, Scalar, Site
from generator.languages.yaml import plain

Span = tuple[int, int]
"""The marks of one text without quotes: the number of the first, and that after the last."""
Problem = tuple[int, EncodeError]
"""Why a value cannot be written, with the number of its mark."""


class Filled:
    """A filled text: its literals, what is written for each mark between them, and why some are not.

    `changed` has what is written for other characters, by their offset in the text with marks.
    """

    def __init__(self, literals: Sequence[str]) -> None:
        self.literals = literals
        self.written: list[str] = []
        self.changed: dict[int, str] = {}
        self.problems: list[Problem] = []

    def text(self) -> str:
        """Return the text."""
        first, *others = self._literals() if self.changed else self.literals
        return first + "".join([part for pair in zip(self.written, others, strict=True) for part in pair])

    def growth(self) -> list[tuple[int, int]]:
        """Return the offset of each mark and changed character, and how much longer the text gets there."""
        ends = accumulate(len(literal) + 1 for literal in self.literals)
        written = dict(zip((end - 1 for end in ends), self.written, strict=False))
        return [(offset, len(text) - 1) for offset, text in sorted((written | self.changed).items())]

    def _literals(self) -> Iterator[str]:
        offset = 0
        for literal in self.literals:
            yield "".join([self.changed.get(at, char) for at, char in enumerate(literal, offset)])
            offset += len(literal) + 1


def unquoted(sites: Sequence[Site]) -> tuple[Span, ...]:
    """Return the texts without quotes whose values are written together."""
    found: list[Span] = []
    for index, site in enumerate(sites):
        if (not found or index >= found[-1][1]) and (scalar := _outermost(site)):
            found.append((index, index + scalar.count(MARK)))
    return tuple(found)


def fill(
    literals: Sequence[str], sites: Sequence[Site], values: Sequence[Scalar], scalars: Sequence[Span]
) -> Filled:
    """Write `values` for `sites`, which stand between `literals`; nothing where one cannot be written.

    `scalars` is the result of `unquoted` for the sites.
    """
    filled = Filled(literals)
    for start, end in scalars:
        _write_each(filled, sites, values, start)
        _write_together(filled, tuple(sites[start:end]), tuple(values[start:end]))
    _write_each(filled, sites, values, len(sites))
    return filled


def _write_each(filled: Filled, sites: Sequence[Site], values: Sequence[Scalar], end: int) -> None:
    """Write the values up to `end`, each by itself."""
    for index in range(len(filled.written), end):
        try:
            filled.written.append(encode(sites[index], values[index]))
        except EncodeError as problem:
            filled.written.append("")
            filled.problems.append((index, problem))


def _write_together(filled: Filled, sites: tuple[Site, ...], values: tuple[Scalar, ...]) -> None:
    """Write the values of a text without quotes."""
    start = len(filled.written)
    try:
        # 0.0 and -0.0 are equal, and would share one result
        write = _write.__wrapped__ if any(isinstance(value, float) for value in values) else _write
        written, changed = write(sites, values, tuple(map(type, values)))
        if changed:
            begin = _offset(filled.literals, _outermost(sites[0]), start)
            filled.changed.update((begin + at, text) for at, text in changed)
        filled.written += written
    except _RefusedError as refused:
        filled.problems.append((start + refused.index, refused.problem))
        filled.written += [""] * len(sites)


def _offset(literals: Sequence[str], scalar: str, start: int) -> int:
    """Return the offset of a text without quotes, which must stand in the file as it is."""
    first, *others = scalar.split(MARK)
    before, *after = literals[start : start + len(others) + 1]
    if not before.endswith(first) or others[:-1] != after[:-1] or not after[-1].startswith(others[-1]):
        raise _RefusedError(0, plain.needs_quotes(scalar.replace(MARK, "…")))
    return sum(map(len, literals[: start + 1])) + start - len(first)


class _RefusedError(Exception):
    """A text without quotes cannot be written, because of the value with this number in it."""

    def __init__(self, index: int, problem: EncodeError) -> None:
        super().__init__(str(problem))
        self.index = index
        self.problem = problem


def _outermost(site: Site | None) -> str:
    """Return the outermost text without quotes that a site stands in."""
    scalar = ""
    while site:
        scalar = site.scalar or scalar
        site = site.outer
    return scalar


@lru_cache(maxsize=4096)  # as for single values: environments share most of them
def _write(
    sites: tuple[Site, ...], values: tuple[Scalar, ...], types: tuple[type, ...]
) -> tuple[Sequence[str], Sequence[tuple[int, str]]]:
    """Return what is written for each value of a text without quotes, and for other characters of it by index."""
    inner, at, outer = zip(*map(_split, sites), strict=True)
    texts = [_through(index, sites, values[index]) for index, sites in enumerate(inner)]
    scalar = at[0].scalar
    changed: list[tuple[int, str]] = []
    if not plain.is_safe_in(scalar, texts):
        is_kept = not any(site.scalar for site in inner[0]) and all(map(_is_verbatim, outer[0]))
        if not is_kept:
            raise _RefusedError(plain.first_unsafe(texts), plain.needs_quotes(_joined(scalar, texts)))
        texts, changed = _with_quotes(scalar, texts)
    if at[0].room is not None and len(scalar) + sum(map(len, texts)) > at[0].room:
        raise _RefusedError(0, EncodeError("a key of YAML has at most 1024 characters", "use a shorter one"))
    return [_through(index, sites, texts[index]) for index, sites in enumerate(outer)], changed


def _split(site: Site) -> tuple[tuple[Site, ...], Site, tuple[Site, ...]]:
    """Return what stands in the outermost text without quotes, its own site, and what that stands in."""
    chain = [site]
    while chain[-1].outer:
        chain.append(chain[-1].outer)
    at = max(depth for depth, each in enumerate(chain) if each.scalar)
    return tuple(chain[:at]), chain[at], tuple(chain[at + 1 :])


def _through(index: int, sites: Sequence[Site], value: Scalar) -> str:
    """Write a value for each of `sites`; a text without quotes in another one is that text itself."""
    try:
        return encode_through([site for site in sites if not site.scalar], value)
    except EncodeError as problem:
        raise _RefusedError(index, problem) from None


def _is_verbatim(site: Site) -> bool:
    return LANGUAGES[site.language].is_verbatim(site)


def _joined(scalar: str, texts: Sequence[str]) -> str:
    first, *others = scalar.split(MARK)
    return first + "".join([part for pair in zip(texts, others, strict=True) for part in pair])


def _with_quotes(scalar: str, texts: Sequence[str]) -> tuple[list[str], list[tuple[int, str]]]:
    """Return `texts`, and characters of the literal text of `scalar` by index, for a text with double quotes."""
    values = iter(texts)
    written = [plain.escaped(next(values) if char == MARK else char) for char in scalar]
    written[0] = f'"{written[0]}'
    written[-1] = f'{written[-1]}"'
    pairs = list(zip(scalar, written, strict=True))
    return [text for char, text in pairs if char == MARK], [
        (index, text) for index, (char, text) in enumerate(pairs) if char not in (MARK, text)
    ]
