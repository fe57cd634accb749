"""The specification's 13 files are in out/spec, apart from the declared departures."""

import shutil
from pathlib import Path

import pytest

from .compare import Difference, differences
from .departures import (
    Departure,
    FormError,
    as_entries,
    faults,
    load,
    outdated,
    undeclared,
)

HERE = Path(__file__).parent
RENDERED = Path(__file__).parents[2] / "out" / "spec"


@pytest.fixture(scope="module")
def found() -> list[Difference]:
    if not RENDERED.is_dir():
        pytest.fail("out/spec does not exist: run `oetgen render --all`", pytrace=False)
    return differences(HERE / "document", RENDERED)


@pytest.fixture(scope="module")
def declared() -> list[Departure]:
    try:
        return load((HERE / "departures.yaml").read_text("utf-8"))
    except FormError as error:
        pytest.fail(f"tests/spec/departures.yaml: {error}", pytrace=False)


def test_every_departure_is_declared(found: list[Difference], declared: list[Departure]) -> None:
    missing = undeclared(declared, found)
    if missing:
        pytest.fail(
            f"{len(missing)} departures from the specification are not declared. Render what it "
            f"says, or add to tests/spec/departures.yaml:\n\n{as_entries(missing)}",
            pytrace=False,
        )


def test_every_declared_departure_still_departs(found: list[Difference], declared: list[Departure]) -> None:
    stale = outdated(declared, found)
    if stale:
        pytest.fail("\n".join(["tests/spec/departures.yaml is out of date:", *stale]), pytrace=False)


def test_the_declared_departures_are_few_and_explained(declared: list[Departure]) -> None:
    wrong = faults(declared)
    if wrong:
        pytest.fail("\n".join(["tests/spec/departures.yaml:", *wrong]), pytrace=False)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("k8s/backend-deployment.yaml", "replicas: 3", "replicas: 2"),
        ("k8s/frontend-deployment.yaml", "  type: ClusterIP\n", ""),
        (
            "frontend/Dockerfile",
            "RUN mkdir .next\nRUN chown nextjs:nodejs .next\n",
            "RUN chown nextjs:nodejs .next\nRUN mkdir .next\n",
        ),
    ],
    ids=["a changed figure", "a dropped field", "two reordered instructions"],
)
def test_a_departure_in_a_rendered_file_is_noticed(
    found: list[Difference], tmp_path: Path, file: str, old: str, new: str
) -> None:
    shutil.copytree(RENDERED, tmp_path / "spec")
    target = tmp_path / "spec" / file
    text = target.read_text("utf-8")
    assert old in text
    target.write_text(text.replace(old, new), "utf-8")
    changed = differences(HERE / "document", tmp_path / "spec")
    assert {difference.file for difference in changed if difference not in found} == {file}
