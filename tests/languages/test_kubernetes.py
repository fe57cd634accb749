"""Kubernetes: a value survives YAML, then the kubelet's expansion of `$(NAME)`, then a shell or a reader of JSON."""

from __future__ import annotations

import json
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

DEPLOYMENT = """\
kind: Deployment
spec:
  template:
    spec:
      containers:
      - name: app
        command: [@command]
        args: [@args]
        env:
        - name: A
          value: @env
        livenessProbe:
          exec:
            command: [@probe]
        lifecycle:
          preStop:
            exec:
              command: [@hook]
"""
VARIABLES = {"NAME": "name", "OTHER": "$(NAME)"}


def expanded(text: str) -> str:
    """Expand `text` as the kubelet does.

    Source: the API reference of Container, `command`: "Variable references $(VAR_NAME) are expanded using the
    container's environment. If a variable cannot be resolved, the reference in the input string will be
    unchanged. Double $$ are reduced to a single $, which allows for escaping the $(VAR_NAME) syntax".
    """
    out = ""
    while text:
        if text.startswith("$$"):
            out, text = out + "$", text[2:]
        elif text.startswith("$(") and ")" in text:
            name, _, text = text[2:].partition(")")
            out += VARIABLES.get(name, f"$({name})")
        else:
            out, text = out + text[0], text[1:]
    return out


def deployment(**parts: str) -> str:
    """Return the deployment with these parts; one of them has the hole."""
    text = DEPLOYMENT
    for name in ("command", "args", "env", "probe", "hook"):
        text = text.replace(f"@{name}", parts.get(name, "x"))
    return text


def container(text: str) -> Any:
    return yaml.safe_load(text)["spec"]["template"]["spec"]["containers"][0]


def part(text: str, name: str) -> Any:
    """Return a list of words, or the value of the variable, as the container is given it."""
    found = container(text)
    if name == "hook":  # the kubelet does not expand the commands of lifecycle hooks
        return found["lifecycle"]["preStop"]["exec"]["command"]
    if name == "env":
        return expanded(found["env"][0]["value"])
    words = found["livenessProbe"]["exec"]["command"] if name == "probe" else found[name]
    return [expanded(word) for word in words]


def test_a_dollar_sign_is_doubled_where_the_kubelet_expands() -> None:
    shape = deployment(env='"•"', hook='"•"', args='"•"')
    found = container(render("kubernetes", shape, "a$b", "a$b", "a$b"))
    assert found["args"] == ["a$$b"]
    assert found["env"] == [{"name": "A", "value": "a$$b"}]
    assert found["lifecycle"]["preStop"]["exec"]["command"] == ["a$b"]


def test_a_script_is_quoted_for_the_shell_that_runs_it() -> None:
    text = render("kubernetes", deployment(command='"sh", "-c"', args='"echo •"'), "$HOME; reboot")
    assert container(text)["args"] == ["echo '$$HOME; reboot'"]


def test_a_script_that_is_all_value_is_no_option_of_the_shell() -> None:
    text = render("kubernetes", deployment(command='"sh", "-c", "•", "x"'), "-x")
    assert container(text)["command"] == ["sh", "-c", "'-x'", "x"]


def test_what_is_no_script_of_a_shell_is_not_quoted() -> None:
    text = render("kubernetes", deployment(command='"redis-cli", "-c", "•"'), "a b")
    assert container(text)["command"] == ["redis-cli", "-c", "a b"]


QUOTES = ("•", '"•"', "'•'", '"x•"', '"• y"', '"$$•"', '"$(NAME)•"', '"•(NAME)"', '"••"', '"$x•"', "x-•")


@given(
    st.sampled_from(["command", "args", "env", "probe", "hook"]), st.sampled_from(QUOTES), texts(), texts()
)
@proves
def test_a_word_or_a_variable(name: str, quoted: str, one: str, two: str) -> None:
    values = [one, two][: quoted.count(HOLE)]
    for text in rendered("kubernetes", deployment(**{name: quoted}), *values):
        plain = join(yaml.safe_load(quoted), values)
        if name != "hook":
            plain = join(expanded(yaml.safe_load(quoted)), values)
        assert part(text, name) == (plain if name == "env" else [plain])
        other = container(render("kubernetes", deployment()))
        assert {
            key: value
            for key, value in container(text).items()
            if key not in (name, "livenessProbe", "lifecycle")
        } == {key: value for key, value in other.items() if key not in (name, "livenessProbe", "lifecycle")}


# Where a script stands, and the key under which its words are read back.
SCRIPTS = (
    ("command", {"command": "sh, -c, @"}),
    ("command", {"command": "/bin/bash, -eu, -o, pipefail, -c, @"}),
    ("command", {"command": "sh, -ec, --, @"}),
    ("command", {"command": "tini, --, sh, -c, @"}),
    ("args", {"command": "sh, -c", "args": "@, sh, x"}),
    ("args", {"command": "sh", "args": "-c, @"}),
    ("args", {"args": "sh, -c, @"}),
    ("probe", {"probe": "sh, -c, @"}),
    ("hook", {"hook": "sh, -c, @"}),
)
# A script in YAML, and the words that its commands are given; • is the value.
LINES = (
    ('"p • x"', ("•", "x")),
    ("\"p '•' x\"", ("•", "x")),
    ("'p \"a•b\"'", ("a•b",)),
    ("|-\n            p •\n            p x\n", ("•", "x")),
    ('"p \\"$$N$$(q •)\\""', ("name•.",)),
    ('"p $(NAME)-• # $$("', ("name-•",)),
    ('"N=y; p \\"$N$$N•\\""', ("yy•",)),
)


@given(st.lists(st.tuples(st.sampled_from(SCRIPTS), st.sampled_from(LINES), scalars()), max_size=12))
@proves
def test_a_script(
    samples: list[tuple[tuple[str, dict[str, str]], tuple[str, tuple[str, ...]], Scalar]],
) -> None:
    scripts, results = [], []
    for (name, places), (line, words), value in samples:
        if line.startswith("|") or (name == "hook" and "$" in line):
            line, words = '"p • x"', ("•", "x")
        shape = deployment(**{key: place.replace("@", line) for key, place in places.items()})
        for text in rendered("kubernetes", shape, value):
            scripts.append(next(word for word in part(text, name) if " " in word))
            results.append([word.replace("•", as_text(value)) for word in words])
    for shell in BOTH:
        assert run(shell, scripts) == results


@rows(
    "reason, parts",
    [
        ("a program inside a string", {"command": '"python3", "-c", "print(\'•\')"'}),
        ("a program inside a string", {"command": '"node", "--eval", "f(\'•\')"'}),
        ("a program inside a string", {"command": "", "args": '"-c", "p •"'}),
        ("a program inside a string", {"command": '"sh", "•", "p •"'}),
        ("after a dollar sign", {"env": '"$•"'}),
        ("the name of a variable", {"env": '"$(•)"'}),
        ("the name of a variable", {"env": '"$(a•"'}),
    ],
)
def test_what_a_place_cannot_hold_is_refused(reason: str, parts: dict[str, str]) -> None:
    shape = deployment(**parts)
    assert reason in refuses("kubernetes", shape, *["x) y"] * shape.count(HOLE))


JSON = (
    ('a.json: |\n  {"a": "•", "b": [•, 1]}\n', {"a": "•", "b": ["•", 1]}),
    ('a.json: |-\n  {\n    "x•": "•"\n  }', {"x•": "•"}),
    ('a.json: \'{"a": "•", "b": [•]}\'', {"a": "•", "b": ["•"]}),
    ('a.json: "[\\"•\\", •]"', ["•", "•"]),
    ('a.json: >\n  {"a": "•",\n  "b": •}\n', {"a": "•", "b": "•"}),
)


@given(st.sampled_from(JSON), texts())
@proves
def test_json_in_a_config_map(case: tuple[str, Any], value: str) -> None:
    source, pattern = case
    shape = f"data:\n  {source.replace(chr(10), chr(10) + '  ')}\n  other: x\n"
    for text in rendered("kubernetes", shape, *[value] * shape.count(HOLE)):
        data = yaml.safe_load(text)["data"]
        assert json.loads(data["a.json"]) == json.loads(
            json.dumps(pattern).replace("\\u2022", json.dumps(value)[1:-1])
        )
        assert data["other"] == "x"


@given(st.sampled_from(['|\n    {"a": •}\n', '"{\\"a\\": •}"']), scalars())
@proves
def test_json_in_a_config_map_keeps_types(source: str, value: Scalar) -> None:
    for text in rendered("kubernetes", f"data:\n  a.json: {source}", value):
        found = json.loads(yaml.safe_load(text)["data"]["a.json"])["a"]
        assert type(found) is type(value) and found == value


@given(scalars())
@proves
def test_a_script_in_a_config_map(value: Scalar) -> None:
    for text in rendered("kubernetes", 'data:\n  a.sh: |\n    p • "•"\n', value, value):
        script = yaml.safe_load(text)["data"]["a.sh"]
        assert run(BOTH[0], [script]) == [[as_text(value), as_text(value)]]


@given(
    shapes(
        "command: ",
        "args: ",
        "- ",
        "containers:\n",
        "env:\n",
        "value: ",
        "a.json: ",
        "a.sh: ",
        "'",
        '"',
        "sh",
        "-c",
        "$(",
        "$",
        ")",
        "[",
        ",",
        "]",
        "|",
        "  ",
    )
)
@proves
def test_every_mark_has_a_site(shape: str) -> None:
    has_one_site_per_mark("kubernetes", shape)
