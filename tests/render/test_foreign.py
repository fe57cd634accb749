"""Braces of other template languages: the hint shows the line with {% raw %}, and the written line renders."""

from __future__ import annotations

import re

import pytest

from tests.conftest import Sandbox

FOREIGN = """
{{ $labels.x }}
{{ .Values.x }}
{{- range .Items }}
{{- range .Items -}}
{{/* c */}}
{{#if a}}
{{/if}}
{{^x}}
{{!c}}
{{> part}}
{{&x}}
{{{ x }}}
{{.Names}}
{{ printf "%s" .x }}
{{ template "x" . }}
{{ include "a.b" . | indent 4 }}
{{ toYaml .Values.x | nindent 4 }}
{{ if eq .x 1 }}
{{ else }}
{{ end }}
{{- end }}
{{ with .x }}
{{ index .x 1 }}
{{ $value | humanize }}%
{{ range $i, $e := .Items }}
{{ not .x }}
{{ json . }}
{{ humanizePercentage $value }}
{{ x | nindent 4 }}
{{ (index .x 1).y }}
{{ block "x" . }}
{{ define "x" }}
"""
OWN = """
{{ greting }}
{{ greeting | upper if greting else "x" }}
{{ not (greting) }}
{{ greeting.x.y }}
{{ greeting | uper }}
{{ greeting greeting }}
{{ (greeting }}
"""


@pytest.mark.parametrize("text", FOREIGN.strip().split("\n"))
def test_the_hint_is_the_line_that_works(small: Sandbox, text: str) -> None:
    line = f"summary: '{text} of {{{{ greeting | length }}}}'"
    small.write("templates/x.yaml.j2", f"a: 1\n{line}\n")
    result = small.oetgen("render", "prod")
    assert result.status == 1
    assert "templates/x.yaml.j2:2:" in result.err
    written = re.search(r"= hint: if these braces are for another program, write (.*)", result.err)
    assert written, result.err
    small.write("templates/x.yaml.j2", f"a: 1\n{written[1]}\n")
    result = small.oetgen("render", "prod")
    assert result.status == 0, result.err
    assert small.read("out/prod/x.yaml").endswith(f"summary: '{text} of 49'\n")


@pytest.mark.parametrize("text", OWN.strip().split("\n"))
def test_a_mistake_in_an_expression_of_jinja_has_its_own_hint(small: Sandbox, text: str) -> None:
    small.write("templates/x.yaml.j2", f"a: 1\nb: {text}\n")
    result = small.oetgen("render", "prod")
    assert result.status == 1
    assert "another program" not in result.err


def test_two_expressions_beside_each_other_share_one_block(small: Sandbox) -> None:
    small.write("templates/x.yaml.j2", "b: '{{ .a }} and {{ .b }}'\n")
    assert "write b: '{% raw %}{{ .a }} and {{ .b }}{% endraw %}'" in small.oetgen("render", "prod").err


def test_an_expression_of_several_lines_has_a_hint_without_the_line(small: Sandbox) -> None:
    small.write("templates/x.yaml.j2", "b: '{{ .a\n  | quote }}'\n")
    assert "put {% raw %} before them" in small.oetgen("render", "prod").err
