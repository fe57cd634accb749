"""Templates of macros are run once for all files where that is the same, and for each file where it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Sandbox

SCHEMA = '{"type": "object", "properties": {"word": {"type": "string"}, "extends": {"type": "string"}}}\n'
USES = '{% import "_lib.j2" as lib %}\nword: {{ word }}\nsaid: "{{ lib.say("NUMBER") }}"\n'
ALSO = 'also: "{{ lib.also }}"\n'

LIBRARIES = {
    "of macros alone": {
        "_lib.j2": "{% macro say(x) %}{{ x }} {{ x }}{% endmacro %}",
    },
    "with a macro that reads a value": {
        "_lib.j2": "{% macro say(x) %}{{ x }} {{ word }}{% endmacro %}",
    },
    "with a text that holds a value": {
        "_lib.j2": "{% macro say(x) %}{{ x }}{% endmacro %}{% set also %}{{ word }} and {{ 'more' }}{% endset %}",
    },
    "with a text that holds a constant": {
        "_lib.j2": "{% macro say(x) %}{{ x }}{% endmacro %}{% set also %}{{ 'more' }}{% endset %}",
    },
    "with a text in a condition": {
        "_lib.j2": "{% macro say(x) %}{{ x }}{% endmacro %}{% if word == 'one' %}{% set also = 1 %}{% else %}"
        "{% set also = 2 %}{% endif %}",
    },
    "that imports one of macros alone": {
        "_lib.j2": '{% from "_far.j2" import far %}{% macro say(x) %}{{ far(x) }}!{% endmacro %}',
        "_far.j2": "{% macro far(x) %}{{ x }}{% endmacro %}",
    },
    "that imports one which reads a value": {
        "_lib.j2": '{% from "_far.j2" import far %}{% macro say(x) %}{{ far(x) }}!{% endmacro %}',
        "_far.j2": "{% macro far(x) %}{{ x }} {{ word }}{% endmacro %}",
    },
    "that imports it in a macro": {
        "_lib.j2": '{% macro say(x) %}{% from "_far.j2" import far %}{{ far(x) }}!{% endmacro %}',
        "_far.j2": "{% macro far(x) %}{{ x }} {{ word }}{% endmacro %}",
    },
    "that imports what is named by a value": {
        "_lib.j2": '{% macro say(x) %}{% from "_" ~ "far.j2" import far %}{{ far(x) }}!{% endmacro %}',
        "_far.j2": "{% macro far(x) %}{{ x }} {{ word }}{% endmacro %}",
    },
    "that includes": {
        "_lib.j2": '{% macro say(x) %}{{ x }}{% include "_far.j2" %}{% endmacro %}',
        "_far.j2": " {{ word }}",
    },
    "that calls back": {
        "_lib.j2": "{% macro say(x) %}{% call twice() %}{{ x }}{% endcall %}{% endmacro %}"
        "{% macro twice() %}{{ caller() }} {{ caller() }}{% endmacro %}",
    },
}


@pytest.fixture
def words(tmp_path: Path) -> Sandbox:
    """A project with two environments and two files."""
    project = Sandbox(tmp_path)
    project.write("environments/schema.json", SCHEMA)
    project.write("environments/base.yaml", "word: none\n")
    for word in ("one", "two"):
        project.write(f"environments/{word}.yaml", f"word: {word}\n")
    for number in ("1", "2"):
        project.write(f"templates/{number}.yaml.j2", USES.replace("NUMBER", number))
    return project


@pytest.mark.parametrize("templates", LIBRARIES.values(), ids=list(LIBRARIES))
def test_what_is_run_once_makes_what_it_makes_for_each_file(
    words: Sandbox, templates: dict[str, str]
) -> None:
    uses = USES + (ALSO if "set also" in templates["_lib.j2"] else "")
    for name, text in templates.items():
        words.write(f"templates/{name}", text)
    for number in "12":
        words.write(f"templates/{number}.yaml.j2", uses.replace("NUMBER", number))
    result = words.oetgen("render", "--all")
    assert (result.status, result.err) == (0, "")
    together = words.snapshot()
    for number, other in ("12", "21"):  # one file of one environment, in a run that makes nothing else
        words.write(f"templates/{other}.yaml.j2", "")
        for word in ("one", "two"):
            words.oetgen("--no-cache", "-q", "render", word, "--out", f"alone{number}")
            assert (
                words.snapshot(f"alone{number}/{word}")[f"{number}.yaml"] == together[f"{word}/{number}.yaml"]
            )
        words.write(f"templates/{other}.yaml.j2", uses.replace("NUMBER", other))


@pytest.mark.parametrize(
    "names", [("_lib.j2", "_far.j2"), ("1.yaml.j2", "2.yaml.j2")], ids=["partials", "files"]
)
def test_libraries_that_import_each_other_are_a_finding(words: Sandbox, names: tuple[str, str]) -> None:
    for name, other in (names, names[::-1]):
        words.write(
            f"templates/{name}",
            f'{{% import "{other}" as other %}}{{% macro say(x) %}}{{{{ x }}}}{{% endmacro %}}',
        )
    result = words.oetgen("render", "one")
    assert result.status == 1
    assert "without end" in result.err


def test_a_library_that_comes_to_read_a_value_is_run_for_each_file_again(words: Sandbox) -> None:
    pure = LIBRARIES["that imports one of macros alone"]
    for name, text in pure.items():
        words.write(f"templates/{name}", text)
    assert words.oetgen("render", "--all").status == 0
    words.write("templates/_far.j2", "{% macro far(x) %}{{ x }} {{ word }}{% endmacro %}")
    assert words.oetgen("render", "--all").status == 0
    assert 'said: "1 one!"\n' in words.read("out/one/1.yaml")
    assert 'said: "2 two!"\n' in words.read("out/two/2.yaml")
