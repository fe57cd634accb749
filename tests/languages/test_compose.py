"""Compose files: a value survives YAML, then Compose's interpolation, then a shell."""

from __future__ import annotations

import re
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from generator.languages import Scalar
from tests.conftest import rows
from tests.languages.helpers import (
    HOLE,
    as_text,
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

VARIABLES = {"NAME": "name"}


def interpolated(text: str) -> str:
    """Interpolate `text` as the Compose specification says, "Interpolation".

    $VAR, ${VAR}, ${VAR:-default} and ${VAR-default}, and $$ for a dollar sign.
    """

    def replace(found: re.Match[str]) -> str:
        if found[0] == "$$":
            return "$"
        return VARIABLES.get(found["name"] or found["braced"], found["default"] or "")

    name = "[A-Za-z_][A-Za-z0-9_]*"
    pattern = rf"\$(?:\$|(?P<name>{name})|\{{(?P<braced>{name})(?::?-(?P<default>[^}}]*))?\}})"
    assert not re.sub(pattern, "", text).count("$"), f"not valid: {text}"
    return re.sub(pattern, replace, text)


def service(text: str) -> Any:
    return yaml.safe_load(text)["services"]["app"]


def compose(part: str) -> str:
    return f"services:\n  app:\n    image: x\n    {part}\n"


def test_a_dollar_sign_is_doubled() -> None:
    found = service(render("compose", compose('environment: {A: "•", "•": x}'), "a$b", "c$d"))
    assert found["environment"] == {"A": "a$$b", "c$d": "x"}  # keys are not interpolated


VALUES = (
    "•",
    '"•"',
    "'x•'",
    '"$NAME•"',
    '"${NAME}•"',
    '"${NONE:-•}"',
    '"${•}"',
    '"$$•"',
    '"••"',
    '"$NAME••"',
    '"${NAME:-•}$•"',
    "x-•",
)


@given(st.sampled_from(VALUES), texts(), texts())
@proves
def test_a_value(quoted: str, one: str, two: str) -> None:
    values = [one, two][: quoted.count(HOLE)]
    for text in rendered("compose", compose(f"hostname: {quoted}"), *values):
        found = service(text)
        shape = yaml.safe_load(quoted)
        if "${•}" in shape or "$•" in shape.replace("$$", ""):
            assert (
                interpolated(found["hostname"]) == "".join(VARIABLES.get(value, "") for value in values[-1:])
                or shape
            )
            continue
        shape = shape.replace("${NONE:-•}", "•")
        assert interpolated(found["hostname"]) == join(interpolated(shape), values)
        assert found["image"] == "x"


@given(scalars())
@proves
def test_a_value_without_quotes_keeps_its_type(value: Scalar) -> None:
    for text in rendered("compose", compose("ports: [•]"), value):
        (found,) = service(text)["ports"]
        if isinstance(value, str):
            found = interpolated(found)
        assert type(found) is type(value)
        assert found == value


COMMANDS = (
    ('command: ["sh", "-c", "p •"]', ("•",)),
    ("command: [bash, -euc, \"p 'x•' $$N\"]", ("x•", "name")),
    ('entrypoint:\n    - /bin/sh\n    - -c\n    - p "•" ${NAME}-•\n', ("•", "name-•")),
    ('healthcheck: {test: ["CMD-SHELL", "p • || exit 1"]}', ("•",)),
    ("healthcheck: {test: 'p \"•\"'}", ("•",)),
    ('command: p • "•"', ("•", "•")),
    ('entrypoint: [sh, -c]\n    command: ["p x•"]\n', ("x•",)),
)


@given(st.lists(st.tuples(st.sampled_from(COMMANDS), scalars()), max_size=12))
@proves
def test_a_command(samples: list[tuple[tuple[str, tuple[str, ...]], Scalar]]) -> None:
    scripts, results = [], []
    for (source, words), value in samples:
        shape = compose(source)
        for text in rendered("compose", shape, *[value] * shape.count(HOLE)):
            found = service(text)
            command = found.get("command") or found.get("entrypoint") or found["healthcheck"]["test"]
            scripts.append(interpolated(command if isinstance(command, str) else command[-1]))
            results.append([word.replace("•", as_text(value)) for word in words])
    for shell in BOTH:
        assert run(shell, scripts) == results


def test_a_word_of_a_command_that_is_no_script_is_not_quoted() -> None:
    assert (
        service(render("compose", compose('command: ["redis-server", "--save", "•"]'), "60 1"))["command"][2]
        == "60 1"
    )


@rows(
    "reason, part",
    [
        ("variable's name", 'hostname: "$NAME•"'),
        ("the name of a variable", 'hostname: "${•}"'),
        ("the text in ${…}", 'hostname: "${NAME:-•}"'),
        ("after a dollar sign", 'hostname: "${NAME•}"'),
        ("after a dollar sign", 'hostname: "$•x"'),
        ("a program inside a string", 'command: ["python3", "-c", "f(\'•\')"]'),
    ],
)
def test_what_a_place_cannot_hold_is_refused(reason: str, part: str) -> None:
    assert reason in refuses("compose", compose(part), "x}y z")


@given(
    shapes(
        "services:\n",
        "command: ",
        "test: ",
        "- ",
        "[",
        "]",
        ",",
        "CMD-SHELL",
        "sh",
        "-c",
        "'",
        '"',
        "$",
        "${",
        "}",
        ":-",
        "|",
        "  ",
        ":",
    )
)
@proves
def test_every_mark_has_a_site(shape: str) -> None:
    has_one_site_per_mark("compose", shape)
