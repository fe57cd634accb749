"""`| line`: one raw line where no grammar is known, and a finding wherever one is."""

from __future__ import annotations

import json

import pytest

from generator.languages import LANGUAGES, Site, encode
from generator.render.filters import CapturedTextError, line
from tests.conftest import Sandbox

VALUE = 'it\'s "$(id)" `x`; { # } \\ <b> | %{a} ${b} {{ c }} é'

RAW = ("site.conf", "app/main.rb", "app/x.jsx", "Jenkinsfile", "Caddyfile", "LICENSE", "no-ending")
KNOWN = {
    "run.sh": "echo {{ greeting | line }}",
    "quoted.sh": 'echo "{{ greeting | line }}"',
    "awk.sh": "awk '{ print {{ greeting | line }} }'",
    "python.sh": 'python3 -c "x = {{ greeting | line }}"',
    "heredoc.sh": "cat <<EOF\n{{ greeting | line }}\nEOF",
    "a.yaml": "a: {{ greeting | line }}",
    "quoted.yaml": 'a: "{{ greeting | line }}"',
    "block.yaml": "a: |\n  {{ greeting | line }}",
    "comment.yaml": "a: 1 # {{ greeting | line }}",
    "a.json": '{"a": "{{ greeting | line }}"}',
    "a.service": "[Service]\nExecStart=/x {{ greeting | line }}",
    "main.py": "a = '{{ greeting | line }}'",
    "x.js": "const a = '{{ greeting | line }}'",
    "a.toml": "a = {{ greeting | line }}",
    "nginx.conf": "a {{ greeting | line }};",
    "Makefile": "a:\n\techo {{ greeting | line }}",
    "a.tf": 'a = "{{ greeting | line }}"',
    "Dockerfile": "FROM x\nRUN {{ greeting | line }}",
    "a.md": "Text {{ greeting | line }}",
    "a.ts": "const a = '{{ greeting | line }}';",
    ".dockerignore": "{{ greeting | line }}",
    ".github/workflows/x.yml": "on: push\njobs:\n  x:\n    steps:\n    - run: echo {{ greeting | line }}",
    "compose.yaml": "services:\n  x:\n    command: {{ greeting | line }}",
    "k8s/c.yaml": "kind: ConfigMap\napiVersion: v1\ndata:\n  a.py: |\n    x = {{ greeting | line }}",
}


@pytest.fixture
def raw(small: Sandbox) -> Sandbox:
    small.write("environments/prod.yaml", f"greeting: {json.dumps(VALUE)}\n")
    return small


@pytest.mark.parametrize("path", RAW)
def test_a_line_stands_as_it_is_where_no_grammar_is_known(raw: Sandbox, path: str) -> None:
    raw.write(f"templates/{path}.j2", "x {{ greeting | line }};\n{{ 5 | line }} {{ true | line }}\n")
    result = raw.oetgen("render", "prod")
    assert result.status == 0, result.err
    assert raw.read(f"out/prod/{path}").endswith(f"x {VALUE};\n5 true\n")


@pytest.mark.parametrize("path", KNOWN)
def test_a_line_is_refused_in_every_place_of_a_known_language(raw: Sandbox, path: str) -> None:
    for value in (json.dumps(VALUE), "word"):
        raw.write("environments/prod.yaml", f"greeting: {value}\n")
        raw.write(f"templates/{path}.j2", KNOWN[path] + "\n")
        result = raw.oetgen("render", "prod")
        assert result.status == 1
        assert result.err.count("error[") == 1, result.err
        assert "| line writes a raw line, which could leave its place" in result.err
        assert not (raw.root / "out" / "prod" / path).exists()


@pytest.mark.parametrize(
    "value", ["a\nb", "a\n", "\n", "a\rb", "a\x00b", "a\u2028b", "a\x85b", "\ufeffa", "\x1b[1m"]
)
def test_a_value_of_several_lines_is_refused(small: Sandbox, value: str) -> None:
    small.write("environments/prod.yaml", f"greeting: {json.dumps(value)}\n")
    small.write("templates/site.conf.j2", "x {{ greeting | line }}\n")
    result = small.oetgen("render", "prod")
    assert result.status == 1
    assert "a raw line cannot hold" in result.err or "located/" in result.err


@pytest.mark.parametrize(
    "expression",
    [
        '(greeting | line) ~ "a"',
        "greeting | line | upper",
        '[greeting | line, "b"] | join',
        "labels | line",
        "none | line",
    ],
)
def test_what_it_writes_cannot_be_changed(raw: Sandbox, expression: str) -> None:
    raw.write("templates/site.conf.j2", f"x {{{{ {expression} }}}}\n")
    result = raw.oetgen("render", "prod")
    assert result.status == 1
    assert "templates/site.conf.j2:1:" in result.err


def test_it_is_a_filter_of_one_value() -> None:
    assert line("x").plain() == ("line", "x")
    with pytest.raises(CapturedTextError):
        str(line("x"))


def test_a_macro_and_a_loop_may_write_lines(raw: Sandbox) -> None:
    raw.write(
        "templates/site.conf.j2",
        "{% macro m(v) %}set {{ v | line }};{% endmacro %}\n"
        "{% for r in regions %}\n{{ m(r) }}\n{% endfor %}\n{{ m(greeting) }}\n",
    )
    assert raw.oetgen("render", "prod").status == 0
    assert f"set {VALUE};\n" in raw.read("out/prod/site.conf")


def test_the_origin_of_a_line_is_its_value(raw: Sandbox) -> None:
    raw.write("templates/site.conf.j2", "x {{ greeting | line }}\n")
    assert raw.oetgen("render", "prod").status == 0
    found = raw.oetgen("blame", "out/prod/site.conf:1")
    assert found.status == 0
    assert "greeting" in found.out
    assert "environments/prod.yaml:1" in found.out
    assert "site.conf" in raw.oetgen("impact", "greeting").out


def test_a_line_and_a_value_are_different_files_for_the_cache(raw: Sandbox) -> None:
    raw.write("environments/prod.yaml", "greeting: a b\n")
    raw.write("templates/site.conf.j2", "x {{ greeting }}\n")
    assert raw.oetgen("render", "prod").status == 0
    raw.write("environments/prod.yaml", "greeting: 'a; b'\n")
    raw.write("templates/site.conf.j2", "x {{ greeting | line }}\n")
    assert raw.oetgen("render", "prod").status == 0
    raw.write("templates/site.conf.j2", "x {{ greeting }}\n")
    assert raw.oetgen("render", "prod").status == 1


def test_only_a_file_of_its_own_holds_a_raw_line_of_a_program() -> None:
    inner = Site("code", "program", outer=Site("shell", "double"))
    assert not LANGUAGES["code"].holds(inner, "line")
    assert LANGUAGES["code"].holds(Site("code", "program"), "line")
    assert encode(Site("text", "raw"), VALUE) == VALUE
