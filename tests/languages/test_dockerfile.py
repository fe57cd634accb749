"""Dockerfiles: Docker's parser finds the same instructions, and the value where it was put."""

from __future__ import annotations

import dockerfile
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.languages import Scalar
from generator.languages.site import ShapeError
from tests.conftest import rows
from tests.languages.helpers import (
    HOLE,
    as_text,
    filled,
    has_one_site_per_mark,
    join,
    proves,
    refuses,
    render,
    rendered,
    scalars,
    shapes,
    texts,
)
from tests.languages.shells import BOTH, run

VARIABLES = {"N": "name"}


def instruction(text: str) -> dockerfile.Command:
    """Return what stands between the first and the last instruction, as Docker's own parser reads it."""
    commands = dockerfile.parse_string(text)
    assert [(command.cmd, command.value) for command in commands[:1] + commands[2:]] == [
        ("FROM", ("base",)),
        ("RUN", ("after",)),
    ], text
    return commands[1]


def around(shape: str) -> str:
    return f"FROM base\n{shape}\nRUN after\n"


def read(shape: str, *values: Scalar) -> list[dockerfile.Command]:
    """Return the instruction with these values, or nothing where one is refused."""
    return [instruction(text) for text in rendered("dockerfile", around(shape), *values)]


def replaced(word: str) -> str:
    """Take quotes and backslashes off a word and put variables in, as Docker does with ENV and others.

    Source: docs.docker.com, "Dockerfile reference", "Environment replacement" and ENV: "Quotes and
    backslashes can be used to include spaces within values". In double quotes a backslash is one before
    anything but " $ and itself.
    """
    out, quote = "", ""
    while word:
        char, word = word[0], word[1:]
        if char == quote or (char in "'\"" and not quote):
            quote = "" if quote else char
        elif char == "\\" and quote != "'" and (not quote or word[:1] in ('"', "$", "\\")):
            out, word = out + word[:1], word[1:]
        elif char == "$" and quote != "'":
            braced = word.startswith("{")
            length = next(
                (i for i, c in enumerate(word[braced:]) if not (c.isalnum() or c == "_")), len(word) - braced
            )
            out, word = out + VARIABLES.get(word[braced : braced + length], ""), word[length + 2 * braced :]
        else:
            out += char
    assert not quote
    return out


def test_ordinary_values_stand_as_they_are() -> None:
    shape = 'FROM node:•-alpine\nEXPOSE •\nENV PORT • NAME="•"\nCMD ["node", "•"]\n'
    text = render("dockerfile", shape.replace(" NAME=", "\nENV NAME="), 20, 3000, 3000, "a b", "server.js")
    assert (
        text == 'FROM node:20-alpine\nEXPOSE 3000\nENV PORT 3000\nENV NAME="a b"\nCMD ["node", "server.js"]\n'
    )


def test_a_command_is_quoted_for_the_shell() -> None:
    assert render("dockerfile", 'RUN a • "•" && b\n', "it's", "$x") == "RUN a 'it'\"'\"'s' \"\\$x\" && b\n"


def test_each_item_of_a_list_is_a_text() -> None:
    assert render("dockerfile", 'CMD ["node", •, "•"]\n', 80, True) == 'CMD ["node", "80", "true"]\n'


# An instruction and the words that Docker reads from it.
WORDS = (
    ("FROM •", ("•",)),
    ("FROM node:• AS x", ("node:•", "AS", "x")),
    ("FROM •:•", ("•:•",)),
    ("EXPOSE • 80", ("•", "80")),
    ("USER •", ("•",)),
    ("USER x•", ("x•",)),
    ("WORKDIR /a/•", ("/a/•",)),
    ("WORKDIR /a \\\n # it's •\n /•", ("/a  /•",)),
    ("STOPSIGNAL •", ("•",)),
    ("COPY • /x/• /y", ("•", "/x/•", "/y")),
    ("ADD • .", ("•", ".")),
    ("VOLUME •", ("•",)),
    ("HEALTHCHECK •", ("•",)),
    ("ENV A •", ("A", "•")),
    ("ENV A x •", ("A", "x •")),
    ("ENV A=x•", ("A", "x•")),
    ("ENV A=• B=•y", ("A", "•", "B", "•y")),
    ("ENV •=x", ("•", "x")),
    ("ENV A_• x", ("A_•", "x")),
    ("LABEL x.•=y a=b", ("x.•", "y", "a", "b")),
    ("ARG A=•", ("A=•",)),
    ("ARG •", ("•",)),
    ("ENV A=a \\\n # ' B=•\n C=•", ("A", "a", "C", "•")),
)


@given(st.sampled_from(WORDS), scalars(), scalars())
@proves
def test_a_word(case: tuple[str, tuple[str, ...]], one: Scalar, two: Scalar) -> None:
    shape, words = case
    values = [one, two][: shape.count(HOLE)]
    for command in read(shape, *values):
        in_comment = shape.count(HOLE) - " ".join(words).count(HOLE)
        found = map(replaced, command.value) if shape.startswith(("ARG", "ENV", "LABEL")) else command.value
        assert list(found) == filled(words, values[in_comment:])
        assert command.flags == ()


# An instruction whose last word Docker takes the quotes from, and what it gets.
QUOTED = (
    ('ENV A="•"', "•"),
    ('ENV A="x•y" B="z"', "x•y"),
    ("ENV A='•'", "•"),
    ("ENV A='x•'\"•\"", "x••"),
    ('ENV A="••"', "••"),
    ('ENV A="$N•"', "name•"),
    ('ENV A="${N}•"', "name•"),
    ("ENV A=$N•", "name•"),
    ("ENV A=${N}•", "name•"),
    ('ENV A="\\$•"', "$•"),
    ("ENV A=\\ •", " •"),
    ('ENV A "•"', "•"),
    ('LABEL a="•" b=c', "•"),
    ('LABEL a="x \\\n•"', "x •"),
    ('LABEL a="x•\\\n y"', "x• y"),
    ('LABEL a="x \\\n # it\'s\n•"', "x •"),
    ('ARG A="•"', "•"),
    ("ARG A='•'", "•"),
    ('USER "•"', "•"),
    ("WORKDIR '/a•'", "/a•"),
    ('WORKDIR "/a•"', "/a•"),
)


@given(st.sampled_from(QUOTED), scalars(), scalars())
@proves
def test_a_quoted_word(case: tuple[str, str], one: Scalar, two: Scalar) -> None:
    shape, meaning = case
    values = [one, two][: shape.count(HOLE)]
    for command in read(shape, *values):
        keyword = command.cmd
        word = command.value[0] if keyword in ("USER", "WORKDIR") else command.value[0][2:]
        if keyword in ("ENV", "LABEL"):
            word = command.value[1]
            assert command.value[2:] == tuple(read(shape, *["-"] * len(values))[0].value[2:])
        assert replaced(word) == join(meaning, [as_text(value) for value in values])


LISTS = (
    "CMD",
    "ENTRYPOINT",
    "RUN",
    "HEALTHCHECK CMD",
    "SHELL",
    "COPY",
    "ADD",
    "VOLUME",
    "ONBUILD CMD",
    "RUN --mount=type=x",
)
ITEMS = (
    ('["•"]', ("•",)),
    ('["a", "•", "x•"]', ("a", "•", "x•")),
    ("[•, •]", ("•", "•")),
    ('["a", \\\n # •\n "•"]', ("a", "•")),
    ('["••"]', ("••",)),
)


@given(st.sampled_from(LISTS), st.sampled_from(ITEMS), texts(), texts())
@proves
def test_an_item_of_a_list(keyword: str, items: tuple[str, tuple[str, ...]], one: str, two: str) -> None:
    written, words = items
    values = [one, two][: written.count(HOLE)]
    for command in read(f"{keyword} {written}", *values):
        assert command.json
        found = list(command.value)[keyword.startswith("HEALTHCHECK") :]
        in_comment = written.count(HOLE) - " ".join(words).count(HOLE)
        assert found == filled(words, values[in_comment:])
        if keyword in ("COPY", "ADD", "VOLUME"):
            assert [replaced(word) for word in found] == found


# A command, and the words that what is in it is given.
COMMANDS = (
    ("RUN p •", ("•",)),
    ("RUN p \"•\" '•' x", ("•", "•", "x")),
    ("RUN p a && \\\n    p x• \\\n    y•", ("a", "x•", "y•")),
    ("RUN p a \\\n# it's •\n    • b", ("a", "•", "b")),
    ("RUN p a \\\n\n  # it's\n    • # b", ("a", "•")),
    ("RUN p • # it's", ("•",)),
    ("RUN p x # •", ("x",)),
    ("RUN --mount=type=cache,target=/x p •", ("•",)),
    ("RUN [ -n x ] && p •", ("•",)),
    ("RUN [ x = • ]; p •", ("•",)),
    ("RUN if [ -f x ]; then p a; \\\n  else p •; \\\n  fi", ("•",)),
    ("RUN p '• \\\n  x'", ("•   x",)),
    ("RUN p 'x•\\\n  y'", ("x•  y",)),
    ('RUN p "•\\\n"', ("•",)),
    ('RUN p "${N}•" "$N•" $((•))', ("name•", "name•", "•")),
    ("CMD p •", ("•",)),
    ("ENTRYPOINT p •", ("•",)),
    ("HEALTHCHECK --interval=1s CMD p • || exit 1", ("•",)),
    ("ONBUILD RUN p •", ("•",)),
    ('CMD ["sh", "-c", "p •"]', ("•",)),
    ('ENTRYPOINT ["/bin/bash", "-ec", "p \'x•\'"]', ("x•",)),
    ('RUN ["sh", "-c", "p \\"•\\" x"]', ("•", "x")),
)


@given(st.lists(st.tuples(st.sampled_from(COMMANDS), scalars()), max_size=15))
@proves
def test_a_command(samples: list[tuple[tuple[str, tuple[str, ...]], Scalar]]) -> None:
    scripts, results = [], []
    for (shape, words), value in samples:
        for command in read(shape, *[value] * shape.count(HOLE)):
            scripts.append(command.value[-1])
            results.append([word.replace("•", as_text(value)) for word in words])
    for shell in BOTH:
        assert run(shell, scripts) == results


@pytest.mark.parametrize(
    "shape", ["# •", "ENV A=b \\\n# •\n C=d", "RUN a \\\n  # •\n b", "  # it's •\n# \"•"]
)
@given(scalars())
@proves
def test_a_comment_says_nothing(shape: str, value: Scalar) -> None:
    text = around(shape)
    for result in rendered("dockerfile", text, *[value] * text.count(HOLE)):
        found = [(command.cmd, command.value) for command in dockerfile.parse_string(result)]
        assert found == [
            (command.cmd, command.value) for command in dockerfile.parse_string(text.replace(HOLE, ""))
        ]


@given(st.sampled_from(["# •", "# syntax=x\n# •", "# escape •", "#•", "# syntax=•"]), texts())
@proves
def test_no_comment_becomes_a_directive(head: str, value: str) -> None:
    """A directive that changes the escape character would join FROM with the line below."""
    for text in rendered("dockerfile", f"{head}\nFROM base `\nRUN after\n", value):
        commands = dockerfile.parse_string(text)
        assert [command.cmd for command in commands] == ["FROM", "RUN"]
        assert not text.startswith("# syntax=x\n# check=")


REFUSED = (
    ("a word here", "FROM •", ""),
    ("a word without quotes", "FROM •", "a b"),
    ("a word without quotes", "USER •", "$x"),
    ("a word without quotes", 'COPY "•" .', "a b"),
    ("an option", "FROM •", "--platform=x"),
    ("an option", "RUN •", "--network=host"),
    ("an option", "RUN -•", "-x"),
    ("an option", "COPY -• .", "-x"),
    ("name of a variable or label", "ENV •=x", "A=b"),
    ("name of a variable or label", 'LABEL "•"=x', "a=b"),
    ("variable's name", 'ENV A="$N•"', "x"),
    ("variable's name", 'ENV A="$N•"', "é"),
    ("the name of a variable", 'ENV A="${•}"', "a:-b"),
    ("cannot stand", 'ENV A="${x•}"', ":-b"),
    ("a ${…} expansion", 'ENV A="${x:-•}"', "}"),
    ("an instruction", 'ENV A="•"', "a\nRUN b"),
    ("an instruction", "RUN a •", "b\nRUN c"),
    ("single quotes", "ENV A='•'", "it's"),
    ("a here-document", "RUN a # •", "<<EOF"),
    ("join the line", "RUN a # •", "\\"),
    ("join the line", "RUN a 'x•\\\n'", "\\"),
    ("join the line", 'ENV A="x•\\\n"', "\\"),
    ("Docker expands", 'COPY ["•", "."]', "$x"),
    ("64 KiB", "RUN a •", "x" * 70_000),
    ("64 KiB", 'ENV A="••"', "x" * 40_000),
    ("would end", "RUN <<EOF\n•\nEOF", "EOF"),
    ("would end", "RUN <<EOF\np '•'\nEOF", "a\nEOF\nb"),
    ("would end", "COPY <<-'E' /x.pem\n•\n\tE", "E"),
    ("drops the tabs", "COPY <<-'E' /x.sh\np '•'\n\tE", "a\n\tb"),
    ("cannot stand", "RUN <<•\nx\n•", "x"),
    ("an option of an instruction", "RUN --mount=type=secret,id=• x", "a,target=/etc"),
    ("an option of an instruction", "RUN --mount=type=secret,id=• x", "a=b"),
    ("cannot stand", "• x", "RUN"),
    ("cannot stand", "R• x", "UN"),
    ("cannot stand", "ONBUILD • x", "RUN"),
    ("a program inside a string", 'SHELL ["powershell"]\nRUN a •', "a b"),
    ("a program inside a string", 'CMD ["python3", "-c", "f(•)"]', "a b"),
)


@rows("reason, shape, value", REFUSED)
def test_what_a_place_cannot_hold_is_refused(reason: str, shape: str, value: Scalar) -> None:
    assert reason in refuses("dockerfile", around(shape), *[value] * shape.count(HOLE))


@rows(
    "reason, head, value",
    [
        ("parser directive", "# •", "escape=`"),
        ("parser directive", "# syntax=x\n# check •", "=error=true"),
        ("cannot stand", "# sy•tax=x", "n"),
        ("a directive", "# syntax=•", "a b"),
        ("cannot stand", "# escape=`\n# •", "x"),
        ("cannot stand", "# syntax=x\n# escape=`\nRUN •", "x"),
        ("cannot stand", "# escape=•", "`"),
    ],
)
def test_a_directive_is_not_for_values_to_set(reason: str, head: str, value: str) -> None:
    assert reason in refuses("dockerfile", f"{head}\nFROM x\n", value)


def test_what_looks_like_a_here_document_elsewhere_is_none() -> None:
    shape = 'FROM base\nENV A="<<EOF"\nRUN echo "a <<EOF" $((1<<2))\nRUN cat <<EOF\nRUN \tEOF\n\tEOF\nEOF\nRUN p •\n'
    assert render("dockerfile", shape, "a b").endswith("\nRUN p 'a b'\n")


def test_two_backslashes_at_its_end_do_not_join_a_line_with_the_next() -> None:
    assert render("dockerfile", "LABEL a=b\\\\\nRUN p •\n", "a b") == "LABEL a=b\\\\\nRUN p 'a b'\n"


def test_a_quote_that_is_not_closed_is_found_at_its_line() -> None:
    with pytest.raises(ShapeError) as wrong:
        render("dockerfile", 'FROM base\n# x\nENV A="•\n', "x")
    assert (wrong.value.line, str(wrong.value)) == (3, "a double quote is not closed")


@given(
    shapes(
        "FROM ",
        "RUN ",
        "ENV A=",
        "CMD ",
        "COPY ",
        "# ",
        "\\\n",
        "'",
        '"',
        "\\",
        "$",
        "${",
        "}",
        "[",
        "]",
        ",",
        "<<EOF",
        "\nEOF\n",
        "--x=",
        "ONBUILD ",
        "escape=`",
        "LABEL ",
    )
)
@proves
def test_every_mark_has_a_site(shape: str) -> None:
    has_one_site_per_mark("dockerfile", shape)
