"""Dockerfiles are read as Docker's own parser reads them."""

from __future__ import annotations

import dockerfile
import pytest

from generator.languages.dockerfile.instructions import parse as parse_dockerfile
from tests.checks.helpers import source
from tests.conftest import ROOT

REAL = sorted([*(ROOT / "out").glob("*/*/Dockerfile"), *(ROOT / "tests/spec/document").glob("*/Dockerfile")])
HARD = [
    'FROM a AS b\nRUN one \\\n  # a comment\n\n  two \\\n  three\nCMD ["x", "y z"]\n',
    "# escape=`\nFROM a\nRUN one `\n  two\n",
    "FROM a\nRUN <<EOF\nCOPY no yes\nEOF\nCOPY <<'X' <<Y /z/\nRUN no\nX\nRUN no\nY\nUSER u\n",
    "from a\nexpose 80/tcp 443\ncopy --from=b --chown=c:d  x y ./\n",
    'FROM a\nENV A=1 B="two words" C=x\\ y\nENV OLD style value\nARG D E=1\n',
]


@pytest.mark.parametrize("text", [*(path.read_text("utf-8") for path in REAL), *HARD])
def test_dockers_own_parser_finds_the_same_instructions_on_the_same_lines(text: str) -> None:
    read = parse_dockerfile(source(text, "a/Dockerfile"))
    theirs = dockerfile.parse_string(text)
    assert [(each.keyword, each.line) for each in read.instructions] == [
        (each.cmd.upper(), each.start_line) for each in theirs
    ]
    for ours, other in zip(read.instructions, theirs, strict=True):
        if (
            ours.keyword in ("COPY", "ADD", "FROM", "USER", "WORKDIR", "EXPOSE")
            and "<<" not in ours.arguments
        ):
            assert ours.words == list(other.value)
            assert [f"--{name}={value}" for name, value in ours.flags] == list(other.flags)


def test_variables_are_pairs_of_names_and_values() -> None:
    read = parse_dockerfile(source(HARD[4], "a/Dockerfile"))
    found = [dockerfiles.pairs(each) for each in read.instructions if each.keyword in ("ENV", "ARG")]
    assert found == [
        [("A", "1"), ("B", "two words"), ("C", "x\\ y")],
        [("OLD", "style value")],
        [("D", ""), ("E", "1")],
    ]


def test_the_final_image_has_what_its_base_stages_did_and_nothing_of_others() -> None:
    text = "FROM a AS base\nENV A=1\nFROM base AS build\nENV B=1\nFROM base\nENV C=1\n"
    read = parse_dockerfile(source(text, "a/Dockerfile"))
    assert list(dockerfiles.environment(read.final())) == ["A", "C"]
    assert [stage.name for stage in read.stages] == ["base", "build", "2"]
