"""Dockerfiles are read as Docker's own parser reads them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from generator.languages import read as read_language
from generator.languages.dockerfile.instructions import environment, pairs, parse
from tests.checks.helpers import source
from tests.conftest import ROOT, rows
from tests.languages.agreement import docker_facts, our_facts

REAL = sorted([*(ROOT / "out").glob("*/*/Dockerfile"), *(ROOT / "tests/spec/document").glob("*/Dockerfile")])
HARD = [
    'FROM a AS b\nRUN one \\\n  # a comment\n\n  two \\\n  three\nCMD ["x", "y z"]\n',
    "FROM a\nRUN <<EOF\nCOPY no yes\nEOF\nCOPY <<'X' <<Y /z/\nRUN no\nX\nRUN no\nY\nUSER u\n",
    "from a\nexpose 80/tcp 443\ncopy --from=b --chown=c:d  x y ./\n",
    'FROM a\nENV A=1 B="two words" C=x\\ y\nENV OLD style value\nARG D E=1\n',
    # What stands between words, and at the ends of lines.
    "FROM\ta\nRUN\techo\tb\n\tUSER \t c \t\n",
    "FROM a\nRUN echo \\\\\nUSER b\nRUN c \\ \t\n  d\nRUN \\\n\\\n e\n",
    "FROM a\r\nRUN b \\\r\n  c\r\nRUN <<E\r\nd\r\nE\r\n",
    "\ufeffFROM a",
    "FROM a\nRUN b \\",
    "FROM a\n# b \\\nRUN c\n  # d\nRUN e \\\n#f\\\n  g\n",
    # Directives.
    '# escape=`\nFROM a\nRUN one `\n  two \\\nUSER c:\\d\nENV a=`"b\n',
    "#syntax=x\n# ESCAPE = `\n\nFROM a\nRUN b `\n c\n",
    "# a comment\n# escape=`\nFROM a\nRUN b `\n",
    "# escape=`\n# escape=`\nFROM a\n",
    "# escape=x\nFROM a\n",
    # Here-documents.
    "FROM a\nRUN <<-E <<'F' cat\n\tb\n\tE\nc\n F\n\tF\nF\nUSER d\n",
    "FROM a\nRUN <<E\nb\n  E\nUSER c\n",
    "FROM a\nRUN <<E sh\necho b\nE\nRUN cat << E\nUSER c\n",
    "FROM a\nRUN echo 'it <<E'\nRUN echo it's <<E\nRUN 3<<E\\ F cat\nb\nE F\n",
    'FROM a\nCOPY <<"E F" <<G /b/\nc\nE F\nd\nG\nRUN ["<<E"]\n',
    "FROM a\nONBUILD RUN <<E\nb\nE\nENV C=<<D\n",
    # Lists, flags and the rest.
    'FROM a\nCMD ["b"\nCMD [b]\nCMD ["b", 1]\n',
    'FROM a\nCMD [ "b\\u0041" , "c\\"d" ]\nSHELL []\nVOLUME ["/e"]\nVOLUME /f /g\nRUN [ -f x ]\n',
    'FROM --platform=$B a AS b\nRUN --mount=type=c,id=d --network=none   -- e --f\nCOPY --x="y z" --w a\\ b c\n',
    'FROM a\nHEALTHCHECK --interval=5s CMD curl b\nHEALTHCHECK NONE\nHEALTHCHECK CMD ["c", "d"]\n',
    "FROM a\nONBUILD COPY --from=b c d\nONBUILD ENV e f\nSTOPSIGNAL 9\nMAINTAINER g <h@i>\nWORKDIR /j  k\n",
    "FROM a\nLABEL b=\"c d\" e='f g' h\nUSER i\n",
    "FROM a\nLABEL b c d\nENV e\n",
    "FROM a\nUNKNOWN b c\nCMD\n",
    "# nothing\n",
]


@rows("text", [*(path.read_text("utf-8") for path in REAL), *HARD])
def test_dockers_own_parser_finds_the_same_instructions(text: str) -> None:
    assert our_facts(text) == docker_facts(text)


PARTS = [
    *"FROM RUN ENV COPY ONBUILD HEALTHCHECK LABEL a=b -- --c=d <<E <<-'E' E [ \" ' \\ # = ` x \n \t".split(
        " "
    ),
    "\\\n",
    "\r\n",
    '["x"]\n',
]


@given(st.lists(st.sampled_from(PARTS), max_size=25), st.sampled_from(["", " "]))
def test_any_text_is_read_as_dockers_own_parser_reads_it(parts: list[str], between: str) -> None:
    text = between.join(parts)
    assert our_facts(text) == docker_facts(text)


def test_each_word_knows_its_place() -> None:
    text = 'FROM a\nCOPY --from=b \\\n  # c\n  d "e"  \\\n  /f/\nCMD ["g",\\\n "h"]\nONBUILD USER i\n'
    read = parse(source(text, "a/Dockerfile"))
    found = [
        text[word.offset_of(0) : word.offset_of(0) + 1]
        for each in read.instructions
        for word in (*each.flags, *(each.inner or each).words)
    ]
    assert found == ["a", "-", "d", '"', "/", "g", "h", "i"]
    assert (read.instructions[1].where("/f/").line, read.instructions[1].where("/f/").column) == (5, 3)


def test_the_shell_code_of_an_instruction_is_read_where_it_stands() -> None:
    text = 'FROM a\nRUN one && \\\n  two $b\nRUN <<E\nthree\nE\nRUN ["four"]\nRUN five && cat <<E\n$x\nE\n'
    read = parse(source(text, "a/Dockerfile"))
    commands = [command for each in read.all("RUN") for command in each.script.commands]
    assert [command.texts for command in commands] == [["one"], ["two", "$b"], ["three"], ["five"], ["cat"]]
    assert [text[command.offset :].startswith(command.name) for command in commands] == [True] * 5
    assert commands[4].heredoc == "$x\n"


def test_variables_are_pairs_of_names_and_values() -> None:
    read = parse(source(HARD[3], "a/Dockerfile"))
    found = [pairs(each) for each in read.instructions if each.keyword in ("ENV", "ARG")]
    assert found == [
        [("A", "1"), ("B", "two words"), ("C", "x\\ y")],
        [("OLD", "style value")],
        [("D", ""), ("E", "1")],
    ]


def test_the_final_image_has_what_its_base_stages_did_and_nothing_of_others() -> None:
    text = "FROM a AS base\nENV A=1\nFROM base AS build\nENV B=1\nFROM base\nENV C=1\n"
    read = parse(source(text, "a/Dockerfile"))
    assert list(environment(read.final())) == ["A", "C"]
    assert [stage.name for stage in read.stages] == ["base", "build", "2"]


def test_what_docker_refuses_is_a_problem_with_its_line() -> None:
    result = read_language(source("FROM a\nENV b\nRUN <<E\n", "Dockerfile"))
    assert result and [(each.message, each.at.line) for each in result.problems] == [
        ("ENV needs a name and a value", 2),
        ("nothing ends the here-document E", 3),
    ]
