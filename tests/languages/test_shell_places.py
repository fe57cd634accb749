"""Places in shell code: what takes any value, what only a harmless one, and what none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from generator.languages import LANGUAGES
from generator.languages.site import MARK, ShapeError
from tests.conftest import rows
from tests.languages.escape import shell_places as places
from tests.languages.escape.shell import prove, run, tools_in, written

ANYTHING = ("$(touch CANARY)", "it's", 'a "b" `c`', "x; y", "-e", "{a,b}*", "")
HOSTILE = (
    *("a[$(touch CANARY)]", "$(touch CANARY)", "`touch CANARY`", "'; touch CANARY; '", '"; touch CANARY; "'),
    *("x;y", "a b", "a\nb", "$x", "*", "\\", "{a,b}", "a=b", "~", ""),
)
HARMLESS = ("5", "web", "a_b")
INERT = ("web-1.2", "user@example.com", "web:1.2")


@rows("script", [script for script, _ in places.ENCODED])
def test_an_ordinary_place_takes_any_value(script: str) -> None:
    refused = [value for value in ANYTHING if written(script, value) is None]
    assert not refused


@rows("script", places.ORDINARY)
def test_an_ordinary_command_takes_any_value(script: str) -> None:
    assert [value for value in ANYTHING if written(script, value) is None] == []


def test_a_value_is_a_string_of_the_json_that_it_stands_in(tmp_path: Path) -> None:
    cases = [
        (script, value) for script in places.JSON for value in (*ANYTHING, *HOSTILE, 'a"b', "\\", "a\n\tb")
    ]
    texts = [text for script, value in cases if (text := written(script, value)) is not None]
    assert len(texts) == len(cases)
    tools = tools_in(tmp_path)
    for shell in ("bash", "dash"):
        results = run(shell, texts, tools)
        for (script, value), (words, ran) in zip(cases, results, strict=True):
            (data,) = [json.loads(word) for word in words]
            assert (value in _strings(data), ran) == (True, False), (script, value)


def test_a_value_is_a_text_of_the_yaml_that_it_stands_in(tmp_path: Path) -> None:
    values = [
        value for value in (*ANYTHING, *HOSTILE, "a: b", "yes", "1e3", "#", "- a", 'a"b') if "\n" not in value
    ]
    cases = [(script, value) for script in places.DOCUMENTS for value in values]
    texts = [text for script, value in cases if (text := written(script, value)) is not None]
    assert len(texts) == len(cases)
    results = run("bash", texts, tools_in(tmp_path))
    for (script, value), (words, ran) in zip(cases, results, strict=True):
        (data,) = [yaml.safe_load(word.replace("$$", "$") if "docker" in script else word) for word in words]
        assert (value in _strings(data), ran) == (True, False), (script, value, words)


@rows(
    "script, value, expected",
    [
        ("cat > x.toml <<'EOF'\na = \"①\"\nEOF\n", '"\\', 'a = "\\"\\\\"'),
        ('cat > x.toml <<EOF\na = "①"\nEOF\n', "$(x)", 'a = "\\$(x)"'),
        ("cat > x.tf <<'EOF'\na = \"①\"\nEOF\n", "${x}", 'a = "$${x}"'),
        ("cat > x.env <<'EOF'\nA=①\nEOF\n", "a b", "A='a b'"),
        ("cat > ./Dockerfile <<'EOF'\nFROM x\nRUN p ①\nEOF\n", "; id", "RUN p '; id'"),
        ("cat > x.sql <<'EOF'\nselect '①';\nEOF\n", "'; x", "select '''; x';"),
        (
            "sudo tee /etc/systemd/system/x.service <<'EOF'\n[Service]\nExecStart=/x ①\nEOF\n",
            "a b",
            '/x "a b"',
        ),
        ("cat > x.properties <<'EOF'\na=①\nEOF\n", "\\", "a=\\\\"),
        ("cat > x.yaml <<'EOF'\na: x ①\nEOF\n", "#", 'a: "x #"'),
        ("cat > x.yaml <<EOF\na: $N\nb: ①\nEOF\n", "no", 'b: "no"'),
        ("cat > x.yaml <<EOF\n$PART\n  b: ①\nEOF\n", "a-b.c", "  b: a-b.c"),
    ],
)
def test_a_here_document_is_of_the_language_of_its_file(script: str, value: str, expected: str) -> None:
    assert expected in (written(script, value) or "")


@pytest.mark.parametrize(
    ("script", "value"),
    [
        ("cat > x.yaml <<EOF\na: x ①\nEOF\n", "#"),  # needs quotes, which stand outside of the value
        ("cat > x.yaml <<EOF\n$PART\n  b: ①\nEOF\n", "a: b"),
        ("cat > x.ini <<EOF\na = ①\nEOF\n", "a\nb"),
        ("cat > x.yaml <<EOF\na: ①\nEOF\n", "a\nEOF\n"),
    ],
)
def test_a_here_document_refuses_what_its_language_cannot_hold(script: str, value: str) -> None:
    text = written(script, value)
    assert text is None or yaml.safe_load(
        text.split("\n", 1)[1].rpartition("EOF")[0].replace("\\\\", "\\")
    ) == {"a": value}


@rows("script", places.NO_DOCUMENTS)
def test_a_here_document_of_no_known_language_takes_any_line(script: str) -> None:
    assert [value for value in (*ANYTHING, "a: b", "#") if written(script, value) is None] == []


def _strings(data: object) -> list[object]:
    """Return all values of data, at any depth."""
    inner = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    return [data, *(each for item in inner for each in _strings(item))]


def test_each_line_of_a_here_document_may_be_json() -> None:
    text = written("""curl -d @- x <<'EOF'\n{"index": {}}\n{"a": "①"}\nEOF\n""", 'x", "b": "')
    assert '{"a": "x\\", \\"b\\": \\""}' in str(text)


def test_a_number_in_json_stays_one() -> None:
    assert written("""p '{"n": ①, "s": "①"}'""", 5) == """p '{"n": 5, "s": "5"}'"""
    assert written("""p '{"n": ①, "s": "x"}'""", "a'b") == """p '{"n": "a'\\''b", "s": "x"}'"""


@pytest.mark.parametrize(("script", "words"), places.NOT_JSON)
def test_what_only_looks_like_json_stays_as_it_is(
    tmp_path: Path, script: str, words: tuple[str, ...]
) -> None:
    texts = [written(script, value) or "" for value in ANYTHING]
    results = run("bash", texts, tools_in(tmp_path))
    assert [found for found, _ in results] == [
        [word.replace("①", value) for word in words] for value in ANYTHING
    ]


@rows("script", places.MAKE)
def test_a_variable_of_make_takes_what_no_recipe_expands(script: str) -> None:
    assert [value for value in ("$(shell id)", "x; y", "`id`", "'", "a\nb") if written(script, value)] == []
    assert [
        value for value in ("a b", "v1.2+3", "x=y,z", "https://x/@1:5") if not written(script, value)
    ] == []


@rows("script", places.OPTIONS)
def test_a_variable_of_options_takes_no_option(script: str) -> None:
    wrong = ("1 --require=x", "1\n-x", "'1'", '"1', "1;x", "`x`", "$(x)", "1\\", "1 @x")
    assert [value for value in wrong if written(script, value) is not None] == []
    assert [value for value in ("512", "4") if written(script, value) is None] == []


@rows(
    "script",
    [
        'export NODE_OPTIONS="--a ①"',
        'X=①; export JAVA_TOOL_OPTIONS="$X"',
        "JAVA_OPTS=-① ./x",
        "JAVA_OPTS=-XX:① ./x",
        "JAVA_OPTS=-XX:+① ./x",
        "env MAVEN_OPTS='-Xmx1g ①' mvn",
    ],
)
def test_a_value_is_no_option_of_a_variable_of_options(script: str) -> None:
    assert [value for value in ("--require=x", "-XX:OnError=x", "@x") if written(script, value)] == []


@pytest.mark.parametrize("script", places.LOGIN)
def test_sudo_hands_a_value_to_a_shell_as_it_is(tmp_path: Path, script: str) -> None:
    assert [value for value in ("$HOME", "$$", "$-", "a\nb", "") if written(script, value) is not None] == []
    values = [
        value
        for value in (*ANYTHING, *HOSTILE, "a-b_c", "é ü", "${x}", "a$ b")
        if value and "\n" not in value
    ]
    texts = {value: text for value in values if (text := written(script, value)) is not None}
    assert [value for value in values if value not in texts] == ["$x"]
    tools = tools_in(tmp_path)
    (tools / "sudo").write_text(SUDO)
    for value, (words, ran) in zip(texts, run("bash", list(texts.values()), tools), strict=True):
        assert (words, ran) == ([f"x{value}" if "x①" in script else value], False)


@rows(
    "script, refused, taken",
    [
        ("sed 's/a/①/' f", "b/e", "a-b.c:d"),
        ("sed 's:a:①:' f", "b:w/x", "eu-west-1/a.b"),
        ("sed -e 's@①@b@g' f", "a@b@w.x", "a/b:1.2"),
        ("sed -i 's_a_①_;s/x/y/' f", "b_w", "ab"),
        ("sed 's|a|①|g' f", "b;e", "https://x/y"),
        ("sed 's,a,/x/①,' f", "b,e", "a/b:c"),
        ("sed '\\:①:d' f", "a:w/x", "ab"),
        ("sed -n '①p' f", "e", "12"),
        ("sed '1,/①/d' f", "a/e", "a.b:c"),
        ("sed ':a;N;$!ba;s/x/①/g' f", "a/e", "a.b:c"),
        ('sed "$N;s/x/①/" f', "a/e", "a.b"),
        ("sed '①' f", "w.x", "5"),
        ("sed '1,①d' f", "2e", "5"),
        ("sed '/x/①' f", "e", "5"),
        ("sed 's/a/b/①' f", "e", "2"),
        ('n=①; sed -n "${n}p" f', "e", "5"),
        ("sed '/①/{s/a/b/;}' f", "a/e", "a.b"),
        ("sed 's/a\\/b/①/' f", "b/e", "a-b"),
        ("sed '$a ①' f", "a;b", "a/b"),
        ("sed -e '/x/i\\' -e '①' f", "e", "5"),
        ("perl -pe 's/①/x/' f", "a/fork/e", "a-b"),
        ("perl -ne 'print if m:①:' f", "a:b", "ab"),
        ("perl -e 'print if /①/'", "a/b", "a.b"),
        ("perl -e 'print \"①\"'", "$x", "a.b:c"),
    ],
)
def test_no_value_ends_an_expression_of_sed_or_perl(script: str, refused: str, taken: str) -> None:
    assert written(script, refused) is None
    assert written(script, taken) is not None


def test_json_for_a_command_of_sudo_stays_json() -> None:
    assert written("""sudo -i p '{"a": "①"}'""", 'x"') == """sudo -i p '{"a": "x\\""}'"""


# sudo -i and -s, as its function escape_cmnd does it
SUDO = r"""#!/usr/bin/python3
import os, re, sys
words = sys.argv[sys.argv.index("p"):]
escaped = [re.sub(rb"([^A-Za-z0-9_$-])", rb"\\\1", os.fsencode(word)) for word in words]
os.execv("/bin/sh", [b"sh", b"-c", b" ".join(escaped)])
"""


@rows("script", places.SETTINGS)
def test_a_file_of_options_takes_no_line_of_its_own(script: str) -> None:
    assert [value for value in ("a\nb", '"', "\\", "\r") if written(script, value) is not None] == []
    assert written(script, "https://x/?a=b&c=it's; $(id)")


@rows(
    "script",
    [*places.HANDED, *places.SHELLS, *places.CHANNELS, *places.PROGRAMS, *places.ARITHMETIC, *places.NAMES],
)
def test_what_another_interpreter_reads_takes_only_what_is_harmless(script: str) -> None:
    assert [value for value in HOSTILE if written(script, value) is not None] == []
    assert [value for value in HARMLESS if written(script, value) is not None]


@rows("script", [*places.SHELLS, *places.CHANNELS, *places.PROGRAMS])
def test_a_program_takes_a_plain_word(script: str) -> None:
    assert [value for value in INERT if written(script, value) is None] == []


@rows("script", places.LINES)
def test_a_file_of_lines_takes_one_line(script: str) -> None:
    assert [value for value in ("a\nb", "\n", "a\r\nB=c") if written(script, value) is not None] == []
    assert written(script, 'it\'s $(id); "x"') is not None


@rows("script", places.BROKEN)
def test_code_that_no_shell_reads_takes_no_value(script: str) -> None:
    with pytest.raises(ShapeError) as refused:
        LANGUAGES["shell"].sites(script.replace("①", MARK))
    assert "bash -n" in refused.value.hint


def test_nothing_runs_but_what_the_author_wrote() -> None:
    cases, refused, broken = prove(700, 0)
    assert (cases, broken) == (700, 0)
    assert refused < cases


def test_the_proof_notices_a_value_that_runs(tmp_path: Path) -> None:
    """Most of the commands hand on a value that is written as it is, so that the proof means something."""
    raw = [script.replace("①", "$(touch CANARY)") for script in (*places.SHELLS, *places.CHANNELS)]
    results = run("bash", raw, tools_in(tmp_path))
    assert sum(ran for _, ran in results) > len(raw) * 0.8
