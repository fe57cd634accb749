"""One fact that several files state: who says what, and who differs from the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

from generator.findings import Finding, Note, Span, error

Network = IPv4Network | IPv6Network


@dataclass(frozen=True)
class Statement:
    """A place that states a fact; `what` says which place it is, as in `the image of container postgres`."""

    text: str
    what: str
    at: Span


def disagreements(
    code: str, fact: str, statements: Iterable[Statement], *, hint: str = ""
) -> Iterator[Finding]:
    """Yield an error for each place that states a fact otherwise than most do; of two, than the first does."""
    places = list(statements)
    if not places:
        return
    counts = Counter(each.text for each in places)
    most = max(counts.values())
    agreed = next(each for each in places if counts[each.text] == most)
    for each in places:
        if each.text != agreed.text:
            others = [other for other in places if other.text == agreed.text]
            notes = [Note(f"{other.what} says {agreed.text}", other.at) for other in others[:3]]
            yield error(
                code,
                f"{each.what} says {each.text or 'nothing'}, and {fact} is {agreed.text} elsewhere",
                each.at,
                notes=tuple(notes),
                hint=hint.format(agreed.text)
                if hint
                else f"write {agreed.text} here, or the other value everywhere",
            )


def is_within(inner: Network, outer: Network) -> bool:
    """Return whether every address of `inner` is one of `outer`."""
    if isinstance(inner, IPv4Network):
        return isinstance(outer, IPv4Network) and inner.subnet_of(outer)
    return isinstance(outer, IPv6Network) and inner.subnet_of(outer)
