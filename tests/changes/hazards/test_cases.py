"""Every file in tests/changes/hazards/cases/ is a change and exactly what applying it does.

    # Why the case is here, and whose rule it is.
    --- before k8s/web.yaml
    (the file as it was; a file may be on one side alone)
    --- after k8s/web.yaml
    --- hazards
    EFFECT | RULE | SUBJECT | LINE BEFORE | LINE AFTER
        the message
        the safe way
        the source

A case without hazards says `none`. `pytest --update-golden` rewrites what is behind `--- hazards`; the verdict is
then to be compared with the source, by a person.
"""

from __future__ import annotations

import re
from pathlib import Path

from generator.changes.hazards import Effect, Hazard, Place, System, find, rules
from tests.conftest import rows

system = System.of_files

CASES = sorted((Path(__file__).parent / "cases").glob("*.case"))
_SECTION = re.compile(r"^--- (before|after|hazards) ?(.*)\n", re.MULTILINE)


def read(path: Path) -> tuple[str, dict[str, str], dict[str, str], str]:
    """Return a case in parts: all of it before the verdict, both sides' files, and the verdict."""
    text = path.read_text("utf-8")
    intro, *parts = _SECTION.split(text)
    assert intro.startswith("# "), f"{path.name} does not say why it is here"
    sides: dict[str, dict[str, str]] = {"before": {}, "after": {}}
    verdict = ""
    for side, name, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        if side == "hazards":
            verdict = body
        else:
            sides[side][name] = body
    return text.partition("--- hazards\n")[0], sides["before"], sides["after"], verdict


def written(hazards: list[Hazard]) -> str:
    return "".join(_lines(hazard) for hazard in hazards) or "none\n"


def _lines(hazard: Hazard) -> str:
    where = " | ".join(_place(place) for place in (hazard.old, hazard.new))
    head = f"{hazard.verdict} | {hazard.rule} | {hazard.subject} | {where}\n"
    return head + f"    {hazard.message}\n    {hazard.safe}\n    {hazard.source}\n"


def _place(place: Place | None) -> str:
    return f"{place.path}:{place.line}" if place else "-"


@rows("path", CASES)
def test_case(path: Path, update_golden: bool) -> None:
    head, before, after, verdict = read(path)
    found = written(find(system(before), system(after)))
    if update_golden:
        path.write_text(f"{head}--- hazards\n{found}", "utf-8")
        verdict = found
    assert found == verdict


@rows("path", CASES)
def test_a_change_that_is_taken_back_is_read_too(path: Path) -> None:
    """The other direction, and no change at all, are no error; no change is no hazard."""
    _, before, after, _ = read(path)
    find(system(after), system(before))
    assert [
        hazard for hazard in find(system(before), system(before)) if hazard.effect is not Effect.UNKNOWN
    ] == []


def test_every_rule_and_every_effect_has_a_case() -> None:
    found = [find(system(before), system(after)) for _, before, after, _ in map(read, CASES)]
    assert {hazard.effect for hazards in found for hazard in hazards} == set(Effect)
    for name, rule in rules().items():
        assert any(list(rule(system(before), system(after))) for _, before, after, _ in map(read, CASES)), (
            name
        )


def test_every_hazard_names_its_source_and_the_safe_way() -> None:
    for path in CASES:
        _, before, after, _ = read(path)
        for hazard in find(system(before), system(after)):
            assert (
                hazard.source.startswith("https://") or (Path(__file__).parents[3] / hazard.source).exists()
            )
            assert hazard.safe, hazard
            assert bool(hazard.by) is (hazard.effect is Effect.REFUSED), hazard
            assert hazard.old or hazard.new, hazard
