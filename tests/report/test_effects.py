"""What happens to several objects for one reason is one effect, and steps have an order where it matters."""

from __future__ import annotations

import pytest

from generator.changes import HazardFinding
from generator.changes.hazards import Effect, Hazard, When
from generator.changes.hazards.model import Place
from generator.changes.objects import ObjectChange
from generator.findings import SET, Finding, Note
from generator.report.effects import groups, moved, steps


def hazard(
    subject: str,
    effect: Effect,
    safe: str,
    *,
    message: str = "moves",
    value: str = "",
    when: When | None = None,
) -> HazardFinding:
    found = Hazard("rule", effect, subject, message, None, None, safe, "source", when=when)
    notes = (Note("was", None, SET, value),) if value else ()
    return HazardFinding(
        found, Finding("hazards/rule", effect.severity, f"{subject}: {message}", None, notes, safe)
    )


LEFT, LOST, RESTARTED = Effect.LEFT, Effect.DATA_LOSS, Effect.RESTARTED


def test_hazards_that_differ_in_their_object_alone_are_one() -> None:
    alike = [
        hazard(f"{kind} {name}", LEFT, f"delete {name}") for kind, name in zip("ABBBB", "vwxyz", strict=True)
    ]
    others = [
        hazard("C a", LEFT, "delete a", message="stays"),
        hazard("C b", LOST, "delete b"),
        hazard("C c", LEFT, "delete c", value="name"),
    ]
    first, *rest = groups([*alike, *others])
    assert [each.subjects for each in rest] == [["C a"], ["C b"], ["C c"]]
    finding = first.finding()
    assert finding.message == "A v and 4 more: moves"
    assert finding.hint == "delete v; the same for the others"
    assert [note.message for note in finding.notes] == ["4 B (--verbose lists them)"]
    assert groups(alike[:3])[0].finding().notes[0].message == "B w, B x"
    assert rest[0].finding().message == "C a: stays"


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([hazard("A a", LEFT, "delete it")], []),  # only one thing to do
        ([hazard("A a", LOST, "keep it"), hazard("A b", LOST, "copy it")], []),  # in any order
        ([hazard("A a", RESTARTED, "wait"), hazard("A b", LEFT, "delete it")], []),
        (
            [
                hazard("A a", LOST, "copy it"),
                hazard("A b", LEFT, "delete it"),
                hazard("A c", LEFT, "delete it"),
            ],
            ["A a: copy it", "apply the change", "A b and 1 more: delete it"],
        ),
        (
            [hazard("A a", LEFT, "delete it"), hazard("A b", LEFT, "move DNS", message="x", when=When.AFTER)],
            ["apply the change", "A b: move DNS", "A a: delete it"],
        ),
    ],
)
def test_steps_have_an_order_where_something_is_to_be_done_afterwards(
    found: list[HazardFinding], expected: list[str]
) -> None:
    assert steps(groups(found)) == expected


def test_objects_of_one_name_move_between_namespaces() -> None:
    rows = [("-", "A", "old", "x"), ("+", "A", "new", "x"), ("-", "B", "old", "x"), ("+", "A", "new", "y")]
    rows += [("~", "A", "new", "z"), ("-", "aws_vpc", "", ""), ("+", "aws_vpc", "", "")]
    objects = [
        ObjectChange("", sign, name, Place("a", 1), kind=kind, place=(space, name))
        for sign, kind, space, name in rows
    ]
    assert [(old.place, new.place) for old, new in moved(objects)] == [(("old", "x"), ("new", "x"))]
