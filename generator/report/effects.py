"""Group the effects of a change: one for all objects that it happens to, and in which order to do what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from generator.changes import HazardFinding
from generator.changes.hazards import Effect, When
from generator.changes.objects import KUBERNETES, TERRAFORM, ObjectChange
from generator.findings import ALSO, IF, SET, Finding, Note
from generator.findings.record import record
from generator.findings.suggest import listed

_MOST_NAMED = 3  # other objects of a group that are named; of more, only the kinds are counted


@record
class Group:
    """Hazards that differ in nothing but their object."""

    members: tuple[HazardFinding, ...]

    @property
    def first(self) -> HazardFinding:
        """The hazard that stands for all of them."""
        return self.members[0]

    @property
    def subjects(self) -> list[str]:
        """Their objects."""
        return list(dict.fromkeys(each.hazard.subject for each in self.members))

    @property
    def safe(self) -> str:
        """The way to avoid it."""
        ways = list(dict.fromkeys(each.finding.hint for each in self.members))
        return ways[0] if len(ways) == 1 else f"{ways[0]}; the same for the others"

    def finding(self) -> Finding:
        """Return the finding of the first one, with the number of the others in its message, and a row for them."""
        finding, subject, others = self.first.finding, self.first.hazard.subject, self.subjects[1:]
        if not others:
            return finding
        message = f"{counted(self.subjects)}: {finding.message.removeprefix(f'{subject}: ')}"
        names = ", ".join(others) if len(others) <= _MOST_NAMED else f"{kinds(others)} (--verbose lists them)"
        return replace(
            finding, message=message, hint=self.safe, notes=(*finding.notes, Note(names, label=ALSO))
        )


def groups(hazards: Iterable[HazardFinding]) -> list[Group]:
    """Return the hazards of one effect, one message and one cause together, in their order."""
    found: dict[tuple[object, ...], list[HazardFinding]] = {}
    for each in hazards:
        hazard = each.hazard
        causes = tuple(note.value for note in each.finding.notes if note.label in (SET, IF))
        found.setdefault((hazard.verdict, hazard.rule, hazard.message, causes), []).append(each)
    return [Group(tuple(members)) for members in found.values()]


def steps(found: Sequence[Group], areas: Collection[str] = ()) -> list[str]:
    """Return in which order to do what; nothing where the order does not matter. `areas` are those that change."""
    ways: dict[tuple[When, str], list[str]] = {}
    for group in sorted(
        found, key=lambda each: len(each.subjects)
    ):  # the one that is named first is the special one
        if group.first.hazard.effect is not Effect.RESTARTED:
            ways.setdefault((group.first.hazard.turn, group.safe), []).extend(group.subjects)
    before = [_step(*each) for each in ways.items() if each[0][0] is When.BEFORE]
    later = sorted(
        (each for each in ways.items() if each[0][0] is not When.BEFORE), key=lambda each: each[0][0]
    )
    after = [_step(*each) for each in later]
    both = TERRAFORM in areas and KUBERNETES in areas
    apply = "apply the change" + (", Terraform first, then the Kubernetes objects" if both else "")
    return [*before, apply, *after] if after and len(before) + len(after) > 1 else []


def _step(way: tuple[When, str], subjects: list[str]) -> str:
    return f"{counted(subjects)}: {way[1]}"


def counted(subjects: Iterable[str]) -> str:
    """Return the first of the objects, and the number of the others."""
    first, *others = dict.fromkeys(subjects)
    return f"{first} and {len(others)} more" if others else first


def kinds(subjects: Iterable[str]) -> str:
    """Return how many of each kind, the most first: `7 NetworkPolicy, 2 Deployment`."""
    counts = Counter(subject.split(" ")[0] for subject in subjects)
    return listed(f"{count} {kind}" for kind, count in counts.most_common())


def moved(objects: Sequence[ObjectChange]) -> Iterator[tuple[ObjectChange, ObjectChange]]:
    """Yield the objects that are created in another namespace: each as it was, and as it is."""
    created = {(each.kind, each.place[1]): each for each in objects if each.sign == "+" and each.place[1]}
    for each in objects:
        new = created.get((each.kind, each.place[1])) if each.sign == "-" else None
        if new:
            yield each, new
