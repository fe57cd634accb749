"""Completion, hover, definitions and outlines, without a server: at which place, and what is answered."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from generator.editor import output, templates, values
from generator.editor.workspace import Workspace
from tests.conftest import SMALL

DEPLOYMENT = "templates/k8s/{service}.yaml.j2"
PROD = "environments/prod.yaml"

# A values file with the cursor at |, and labels that are suggested there; those with ! are not.
VALUES = {
    "a key of the top level": ("gr|", "greeting labels regions services !port"),
    "a key of a nested map": ("services:\n  api:\n    |", "image replicas port env !greeting"),
    "a key of a map that is there": ("services:\n  api:\n    port: 1\n    |", "image env"),
    "after a broken line": ("labels: {a\nservices:\n  api:\n    po|", "port"),
    "a value that the schema shows as an example": ("services:\n  api:\n    image: |", '"nginx:1.29"'),
    "a value as in another environment": ("greeting: |", "hello plain"),
    "a key in braces": ("services:\n  api: {image: x, |", "replicas port env !image !greeting"),
    "a key in braces in braces": ("services: {api: {po|}}", "port !services"),
    "a value in braces": ("services: {api: {image: |}}", '"nginx:1.29"'),
    "nothing for a free map": ("labels:\n  |", "!greeting !image"),
    "nothing in a comment's key": ("services:\n  api:\n    image: |", "!image"),
}


@pytest.mark.parametrize("case", VALUES)
def test_completion_in_a_values_file(workspace: Workspace, case: str) -> None:
    text, wanted = VALUES[case]
    found = _suggested(text, lambda *place: values.complete(workspace.snapshot, PROD, *place))
    _holds(found, wanted)


def test_oetgen_yaml_is_completed_and_explained_by_its_own_schema(workspace: Workspace) -> None:
    found = _suggested("la|", lambda *place: values.complete(workspace.snapshot, "oetgen.yaml", *place))
    _holds(found, "languages secrets each out !greeting")
    assert "**languages**" in values.explain_setting("languages:\n  a: text\n", 0)


# A template with the cursor at |, and labels.
TEMPLATES = {
    "a value of the top level": ("{{ gr| }}", "greeting services labels service"),
    "an attribute of the service": ("{{ service.| }}", "name image replicas port env !greeting"),
    "a filter": ("{{ greeting | u| }}", "upper json yaml !safe"),
    "a tag": ("{% e|", "endif else for include"),
    "a name in a tag": ("{% if s| %}", "service services suffix"),
    "nothing outside of braces": ("name: gr|", "!greeting"),
    "nothing in quotes": ('{{ "gr| }}', "!greeting"),
    "nothing in GitHub's braces": ("${{ gr|", "!greeting"),
}


@pytest.mark.parametrize("case", TEMPLATES)
def test_completion_in_a_template(workspace: Workspace, case: str) -> None:
    text, wanted = TEMPLATES[case]
    found = _suggested(text, lambda *place: templates.complete(workspace.snapshot, DEPLOYMENT, *place))
    _holds(found, wanted)


def test_a_loop_variable_is_suggested_inside_its_loop(workspace: Workspace, folder: Path) -> None:
    text = (folder / DEPLOYMENT).read_text("utf-8")
    line = text[: text.index("- name: {{ name }}")].count("\n")
    edited = text.replace("- name: {{ name }}", "- name: {{ na }}")
    column = edited.split("\n")[line].index("na }}") + 2
    found = templates.complete(workspace.snapshot, DEPLOYMENT, edited, line, column)
    assert {"name", "value", "loop"} <= {item.label for item in found}


def test_hover_in_a_values_file_shows_type_environments_and_reach(workspace: Workspace, folder: Path) -> None:
    text = (folder / PROD).read_text("utf-8")
    line = text[: text.index("replicas: 3")].count("\n")
    shown = values.hover(workspace.snapshot, text, line)
    assert "**services.api.replicas**" in shown and "How many copies run." in shown
    assert "whole number from 0 to 9" in shown
    assert re.search(r"^\| prod +\| `3` +\| environments/prod\.yaml:8 +\|$", shown, re.M)
    assert "2 lines in 2 files" in shown


def test_hover_in_a_template_shows_how_a_value_is_written_there(workspace: Workspace, folder: Path) -> None:
    path = "templates/scripts/greet.sh.j2"
    text = (folder / path).read_text("utf-8")
    shown = templates.hover(workspace.snapshot, path, text, 2, 13)
    assert "**greeting**" in shown and "Any text at all." in shown
    assert "scripts/greet.sh:6" in shown and "written in" in shown


def test_the_tables_of_a_hover_have_straight_columns_whatever_the_value(folder: Path) -> None:
    test = folder / "environments/test.yaml"
    test.write_text(test.read_text("utf-8").replace("greeting: plain", "greeting: 'a|b`c'"), "utf-8")
    workspace = Workspace(folder)
    workspace.analyse()
    workspace.examine()
    path = "templates/scripts/greet.sh.j2"
    shown = templates.hover(workspace.snapshot, path, (folder / path).read_text("utf-8"), 2, 13)
    for rows in (part.split("\n") for part in shown.split("\n\n") if part.startswith("|")):
        assert len({len(row) for row in rows}) == 1
        assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {4}
    assert "a\\|b'c" in shown


def test_definitions_lead_to_values_macros_and_templates(workspace: Workspace, folder: Path) -> None:
    text = (folder / DEPLOYMENT).read_text("utf-8")

    def found(word: str, inside: str) -> list[str]:
        line = text[: text.index(inside)].count("\n")
        column = text.split("\n")[line].index(word) + 1
        return [
            f"{at.path}:{at.line + 1}"
            for at in templates.definition(workspace.snapshot, DEPLOYMENT, text, line, column)
        ]

    assert "environments/prod.yaml:8" in found("replicas }", "replicas: {{ service.replicas")
    assert found("all_labels", "{{ all_labels(")[0] == "templates/k8s/_labels.yaml.j2:1"
    assert found("k8s/_labels", "{% from")[0] == "templates/k8s/_labels.yaml.j2:1"


def test_a_line_of_the_output_leads_to_its_template_and_values(workspace: Workspace) -> None:
    found = [
        f"{at.path}:{at.line + 1}"
        for at in output.origins(workspace.snapshot, "out/prod/k8s/api.yaml", 11, 13)
    ]
    assert found and found[0].startswith("templates/k8s/{service}.yaml.j2:")
    assert "Generated by templates/k8s/{service}.yaml.j2" in output.hover(
        workspace.snapshot, "out/prod/k8s/api.yaml", 11
    )


def test_a_place_of_a_template_leads_to_the_lines_that_it_writes_and_back(workspace: Workspace) -> None:
    there = output.destinations(workspace.snapshot, "templates/scripts/greet.sh.j2", 2, 12)
    assert {at.path for at in there} == {"out/prod/scripts/greet.sh", "out/test/scripts/greet.sh"}
    for at in there:
        back = output.origins(workspace.snapshot, at.path, at.line, at.start)
        assert ("templates/scripts/greet.sh.j2", 2) in {(each.path, each.line) for each in back}


def test_the_preview_has_the_bytes_that_render_writes_and_keeps_them_while_a_template_is_broken(
    workspace: Workspace,
) -> None:
    path = "templates/scripts/greet.sh.j2"
    shown = {each.environment: each for each in output.previews(workspace.snapshot, path)}
    for env, each in shown.items():
        assert each.text == (SMALL / "out" / env / each.path).read_text("utf-8") and not each.is_stale
    workspace.change(path, "greeting={{ greeting\n")
    workspace.analyse()
    assert all(each.is_stale for each in output.previews(workspace.snapshot, path))
    assert {each.environment: each.text for each in output.previews(workspace.snapshot, path)} == {
        env: each.text for env, each in shown.items()
    }


def test_a_name_is_followed_by_its_value_where_it_has_one(workspace: Workspace) -> None:
    found = {text for _, text in templates.hints(workspace.snapshot, DEPLOYMENT, "test", range(30))}
    assert '"plain"' in found and "3" in found  # greeting; the replicas of the only service of test
    assert not list(templates.hints(workspace.snapshot, DEPLOYMENT, "nowhere", range(30)))


def test_the_outline_of_a_values_file_has_its_keys(workspace: Workspace) -> None:
    found = {each.name: each for each in values.symbols(workspace.snapshot.layers[PROD])}
    assert list(found) == ["greeting", "labels", "regions", "services"]
    assert [each.name for each in found["services"].inner] == ["api", "worker"]


def _suggested(text: str, complete: object) -> set[str]:
    offset = text.index("|", text.index("|") + 1) if text.count("|") > 1 else text.index("|")
    line = text.count("\n", 0, offset)
    column = offset - text.rfind("\n", 0, offset) - 1
    text = text[:offset] + text[offset + 1 :]
    return {item.label for item in complete(text, line, column)}  # type: ignore[operator]


def _holds(found: set[str], wanted: str) -> None:
    for label in wanted.split():
        assert (label[1:] not in found) if label.startswith("!") else (label in found), (label, sorted(found))
