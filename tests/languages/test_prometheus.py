"""Prometheus and Alertmanager: PromQL, matchers and Go templates."""

from __future__ import annotations

import pytest

from tests.conftest import rows
from tests.languages.helpers import HOLE, refuses, render

RULE = "groups:\n- name: g\n  rules:\n  - alert: A\n    "
ROUTE = "route:\n  receiver: a\nreceivers:\n- name: a\n"


def rule(expression: str) -> str:
    return f"{RULE}expr: |\n      {expression}\n"


@rows(
    "expression",
    [
        'up{job=~"•"}',
        'up{job=~"a\\"•"}',  # behind a quote that is escaped
        'up{a="b", job!~"x\\"y|•"}',
        "up{job=~'it\\'s •'}",
        'up{job=~`a"•`}',
        'up{job=~ # a "comment"\n        "•"}',
        'label_replace(up, "a", "$1", "b", "(•).*")',
        'label_replace(sum(up{a="b,c"}) by (a, b), "a", "$1", "b", "x\\"•")',
    ],
)
def test_a_pattern_takes_no_pattern(expression: str) -> None:
    for value in (".*", "a|b", '"', "(", "[a]", "\\d", "a+", "$"):
        assert "a regular expression" in refuses("prometheus", rule(expression), value)
    assert "web-1" in render("prometheus", rule(expression), "web-1")


def test_the_replacement_of_a_label_expands_nothing() -> None:
    shape = rule('label_replace(up, "a", "•", "b", "(.*)")')
    assert "a replacement" in refuses("prometheus", shape, "$1")
    assert '"web.1"' in render("prometheus", shape, "web.1")


@rows(
    "expression",
    [
        'up{job="•"}',
        "up{job='a\\'•'}",
        'up{a=~"b", job="x\\"•"}',
        'label_replace(up, "•", "$1", "b", "c")',
        'f("a", "b", "•")',
    ],
)
def test_other_strings_take_any_text(expression: str) -> None:
    for value in (".*|$1", 'a"b', "a'b", "\\", "a{b}"):
        assert render("prometheus", rule(expression), value)


def test_no_value_is_a_keyword_of_promql() -> None:
    for word in ("or", "AND", "unless", "by", "offset", "bool"):
        assert "keyword" in refuses("prometheus", rule("up • down"), word)
    assert "up > order" in render("prometheus", rule("up > •"), "order")


@rows(
    "template",
    [
        '{{ printf "}} •" }}',  # a string may hold what ends an action
        "{{ printf `}} •` }}",
        '{{ "a\\"}}•" }}',
        "{{/* }} • */}}",
        '{{- /* " */ -}}{{ • }}',
        "x {{ $labels.a | • }} y",
    ],
)
def test_an_action_of_a_template_takes_a_word(template: str) -> None:
    shape = f"{RULE}expr: up\n    annotations:\n      a: |\n        {template}\n"
    for value in ('" | query "up', "` | query `", "x }}", "a b", "*/}}"):
        assert refuses("prometheus", shape, value)
    assert "web" in render("prometheus", shape, "web")


@pytest.mark.parametrize("template", ["•", 'x {{ "}}" }} •', "{{/* a }} */}} •", "{{ $labels.a }}: •"])
def test_text_beside_actions_takes_any_text(template: str) -> None:
    shape = f"{RULE}expr: up\n    annotations:\n      a: |\n        z {template}\n"
    assert 'it\'s "x" }}' in render("prometheus", shape, 'it\'s "x" }}')
    assert "as a template" in refuses("prometheus", shape, "{{ x }}")


@rows("matcher", ['a="•"', 'a = "x\\"•"', '{a="•", b!="c"}', 'a=~"x\\"•"', 'a!~"•"', "a=•", "a=~•"])
def test_a_value_adds_no_matcher(matcher: str) -> None:
    for place in (
        "route:\n  receiver: a\n  matchers:\n  - '{}'\nreceivers: []\n",
        ROUTE + "inhibit_rules:\n- source_matchers: ['{}']\n",
    ):
        shape = place.format(matcher)
        written = render("prometheus", shape, "web")
        assert matcher.replace(HOLE, "web") in written
        for value in ('x", b="y', "x\\", "a b,c=d"):
            if '="' in matcher or '= "' in matcher:
                assert matcher.split(HOLE)[0] in render("prometheus", shape, value)
            else:
                assert refuses("prometheus", shape, value)
    if "=" in matcher and '"' in matcher and "~" not in matcher:
        shape = f"route:\n  receiver: a\n  matchers:\n  - '{matcher}'\nreceivers: []\n"
        assert '\\"' in render("prometheus", shape, 'x", b="y')
