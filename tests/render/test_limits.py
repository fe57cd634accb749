"""A template that computes without end is a finding at its line, in a moment, and costs neither time nor memory."""

import pytest

from tests.conftest import Sandbox

ENDLESS = {
    "nested loops": "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
    "a huge range": "{% for i in range(10000000) %}{% endfor %}",
    "a repetition": '{{ "x" * 10000000000 }}',
    "a repeated list": "{{ ([1] * 10000000000) | length }}",
    "a power": "{{ 9 ** 9 ** 9 ** 9 }}",
    "a macro that calls itself": "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
    "a doubling": '{% macro f(s) %}{{ f(s ~ s) }}{% endmacro %}{{ f("ab") }}',
    "a doubling sum": '{% macro f(s) %}{{ f(s + s) }}{% endmacro %}{{ f("ab") }}',
    "an include of itself": '{% include "endless.yaml.j2" %}',
    "a wide format": '{{ "%999999999d" | format(1) }}',
    "a computed width": '{{ "%*d" % (999999999, 1) }}',
    "a wide indentation": '{{ "a\\nb" | indent(1000000000) }}',
    "a growing replacement": '{{ ("a" * 900000) | replace("a", "b" * 900000) | length }}',
    "much output": '{% for i in range(1000) %}{{ "x" * 900000 }}{% endfor %}',
    "a long join": '{{ (["a" * 900000] * 900000) | join | length }}',
}


@pytest.mark.parametrize("text", ENDLESS.values(), ids=list(ENDLESS))
def test_it_is_a_finding_at_its_line(small: Sandbox, text: str) -> None:
    small.write("templates/endless.yaml.j2", f"# first line\n{text}\n")
    result = small.oetgen("render", "prod")
    assert result.status == 1
    assert "templates/endless.yaml.j2:2:" in result.err
    assert "error[engine/failed]" in result.err
    assert not (small.root / "out").exists()


def test_what_is_computed_at_the_usual_size_is_left_alone(small: Sandbox) -> None:
    small.write(
        "templates/usual.yaml.j2",
        '{% for i in range(1000) %}{{ "x" * 10 ~ i }}: {{ "%05d" | format(i) | replace("0", "") }}\n{% endfor %}',
    )
    assert small.oetgen("render", "prod").status == 0


@pytest.mark.parametrize(("count", "is_refused"), [(90, False), (120, True)])
def test_what_is_nested_deeper_than_python_compiles_is_a_finding(
    small: Sandbox, count: int, is_refused: bool
) -> None:
    small.write("templates/deep.yaml.j2", "# first line\na: {{ " + "not " * count + "true }}\n")
    result = small.oetgen("render", "prod")
    assert result.status == is_refused
    assert ("it is nested more than 100 levels deep" in result.err) == is_refused
    assert ("templates/deep.yaml.j2:2:" in result.err) == is_refused
