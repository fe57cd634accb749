"""What is found while files are typed: after the merge, at the line of its own layer, and nothing stale."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from generator.editor import output, templates, values
from generator.editor.diagnostics import diagnostics, fixes
from generator.editor.rename import applied, proven, rename
from generator.editor.workspace import StaleError, Workspace
from generator.findings import OetgenError, Severity, Span, warning
from generator.pipeline import Pipeline
from generator.project.folder import find
from generator.project.limits import Limits
from generator.render.engine import Engine, Rendered
from tests.conftest import Sandbox

PROD = "environments/prod.yaml"


def _found(workspace: Workspace) -> list[tuple[str, int, str]]:
    workspace.analyse()
    return [
        (path, each.at.line + 1, each.code)
        for path, found in sorted(diagnostics(workspace.snapshot.findings).items())
        for each in found
    ]


def _type(workspace: Workspace, path: str, old: str, new: str) -> None:
    text = workspace.unsaved.get(path) or (workspace.project.root / path).read_text("utf-8")
    assert text.count(old) == 1
    workspace.change(path, text.replace(old, new))


def test_the_small_project_has_no_findings(workspace: Workspace) -> None:
    assert _found(workspace) == []


def test_an_overlay_is_judged_after_the_merge(workspace: Workspace) -> None:
    workspace.change("environments/test.yaml", "suffix: -test\n")
    assert _found(workspace) == []  # nothing is "required" of a partial file


def test_a_mistake_is_at_the_line_of_its_layer_and_goes_away(workspace: Workspace) -> None:
    _type(workspace, PROD, "replicas: 3", "replica: 3")
    assert _found(workspace) == [(PROD, 8, "schema/unknown-key")]
    _type(workspace, PROD, "replica: 3", "replicas: 3")
    assert _found(workspace) == []


def test_a_value_that_its_place_refuses_is_found_in_the_template(workspace: Workspace) -> None:
    template = "templates/{service}/Dockerfile.j2"
    _type(workspace, template, "FROM {{ service.image }}", "FROM {{ greeting }}")
    assert {path for path, _, _ in _found(workspace)} == {template}


def test_a_broken_template_is_one_finding_and_the_other_files_are_judged(workspace: Workspace) -> None:
    _type(workspace, "templates/README.md.j2", "# Greeting", "# {{ greeting")
    _type(workspace, PROD, "replicas: 3", "replicas: 30")
    assert {path for path, _, _ in _found(workspace)} >= {PROD}


def test_a_change_of_the_schema_counts_at_once(workspace: Workspace) -> None:
    _type(
        workspace, "environments/schema.json", '"suffix": {"type": "string"', '"suffix": {"type": "integer"'
    )
    assert ("environments/test.yaml", 2, "schema/type") in _found(workspace)
    workspace.change("environments/schema.json", "{")
    assert [(path, code) for path, _, code in _found(workspace)] == [
        ("environments/schema.json", "project/unreadable")
    ]
    workspace.change("environments/schema.json", None)
    assert _found(workspace) == []


# Each line of a template names the values in one way; with each value that changes, the files that can show it.
_SHOWS = {
    "plain.txt": ("{{ top.inner.first }}", {"first"}),
    "brackets.txt": ('{{ top["inner"]["first"] }}', {"first"}),
    "whole.txt": ("{% set inner = top.inner %}{{ inner.second }}", {"first", "second", "third"}),
    "loop.txt": (
        "{% for key, each in top.inner.items() %}{{ key }}{{ each }}{% endfor %}",
        {"first", "second"},
    ),
    "method.txt": ("{{ top.name.upper() }}", {"name"}),
    "key.txt": ("{{ top.items }}", {"items"}),
    "missing.txt": ("{% if top.inner.third is defined %}yes{% else %}no{% endif %}", {"third"}),
    "macro.txt": (
        "{% macro show(top, other=word) %}{{ top }}{{ other }}{% endmacro %}{{ show(flag) }}",
        {"word", "flag"},
    ),
    "argument.txt": (
        "{% macro show() %}{{ caller(1) }}{% endmacro %}{% call(word) show() %}{{ word }}{{ flag }}{% endcall %}",
        {"flag", "word"},
    ),
    "include.txt": ('{% for each in [1] %}{% include "_part.j2" %}{% endfor %}', {"name"}),
    "import.txt": ('{% from "_lib.j2" import show %}{{ show() }}', {"flag"}),
    "extends.txt": ('{% extends "_page.j2" %}{% block body %}{{ word }}{% endblock %}', {"word", "flag"}),
    "choice.txt": ("{{ [top.inner.first, word] | join }}", {"first", "word"}),
    "number.txt": ("{{ count }}", {"count"}),
}
_PARTS = {
    "_part.j2": "{{ top.name }}",
    "_lib.j2": "{% macro show() %}{{ flag }}{% endmacro %}",
    "_page.j2": "{{ flag }}{% block body %}{% endblock %}",
}
_BASE = """\
top: {name: one, items: 3, inner: {first: a, second: b}}
flag: true
word: text
count: 1
"""


def test_after_a_change_of_values_only_files_that_can_show_them_are_rendered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = Sandbox(tmp_path)
    sandbox.write("environments/schema.json", "{}")
    sandbox.write("environments/base.yaml", _BASE)
    sandbox.write("environments/prod.yaml", "{}\n")
    for name, text in {**_PARTS, **{f"{name}.j2": text for name, (text, _) in _SHOWS.items()}}.items():
        sandbox.write(f"templates/{name}", text)
    workspace = Workspace(tmp_path)
    assert not [each for each in workspace.analyse().findings if each.severity is Severity.ERROR]
    rendered: list[str] = []
    render = Engine.render

    def noted(engine: Engine, name: str, context: Mapping[str, Any]) -> Rendered:
        rendered.append(name)
        return render(engine, name, context)

    for value, old, new in (
        ("name", "name: one", "name: two"),
        ("items", "items: 3", "items: 4"),
        ("first", "first: a", "first: z"),
        ("second", "second: b", "second: z"),
        ("third", "second: b", "second: b, third: c"),
        ("flag", "flag: true", "flag: 1"),
        ("word", "word: text", "word: more"),
        ("count", "count: 1", "count: 1.0"),
    ):
        _type(workspace, "environments/base.yaml", old, new)
        with monkeypatch.context() as patch:
            patch.setattr(Engine, "render", noted)
            typed = workspace.analyse()
        wanted = {f"{name}.j2" for name, (_, values) in _SHOWS.items() if value in values}
        if value == "third":
            wanted.add("loop.txt.j2")
        assert set(rendered) == wanted, value
        new_start = Workspace(tmp_path)
        new_start.change("environments/base.yaml", workspace.unsaved["environments/base.yaml"])
        assert typed.rendered == new_start.analyse().rendered, value
        workspace.change("environments/base.yaml", _BASE)
        workspace.analyse()
        rendered.clear()


def test_a_closed_file_counts_as_it_is_on_disk(workspace: Workspace) -> None:
    workspace.change(PROD, "nonsense: 1\n")
    assert _found(workspace)
    workspace.change(PROD, None)
    assert _found(workspace) == []


def test_after_any_edits_the_findings_are_those_of_a_new_start(workspace: Workspace, folder: Path) -> None:
    for old, new in (("replicas: 3", "replicas: three"), ("regions: [eu-west-1", "regions: [eu-west-9")):
        _type(workspace, PROD, old, new)
        workspace.analyse()
    _type(workspace, "templates/README.md.j2", "greeting", "greetin")
    workspace.analyse()
    fresh = Workspace(folder)
    for path, text in workspace.unsaved.items():
        fresh.change(path, text)
    assert workspace.snapshot.findings == fresh.analyse().findings != ()


def test_what_is_saved_has_the_findings_of_the_command(workspace: Workspace, folder: Path) -> None:
    _type(workspace, PROD, "replicas: 3", "replicas: three")
    found = {(each.code, each.at) for each in workspace.analyse().findings}
    (folder / PROD).write_text(workspace.unsaved[PROD], "utf-8")
    pipeline = Pipeline(find(folder))
    results = pipeline.validate_and_render(pipeline.project.environment_names())
    assert found == {(each.code, each.at) for result in results for each in result.findings}


def _by_regions(workspace: Workspace) -> None:
    """Make each region of `prod` an environment."""
    _type(
        workspace,
        "environments/schema.json",
        '"suffix": {"type',
        '"region": {"type": "string"}, "suffix": {"type',
    )
    workspace.change("oetgen.yaml", "matrix: {region: regions}\n")
    workspace.change("templates/region.txt.j2", "{{ region }}\n")


def test_the_environments_of_a_matrix_come_and_go_as_values_are_typed(workspace: Workspace) -> None:
    (workspace.project.root / "templates/region.txt.j2").write_text("", "utf-8")
    _by_regions(workspace)
    assert _found(workspace) == []
    two = ["prod-eu-west-1", "prod-us-east-1", "test-eu-west-1", "test-us-east-1"]
    assert list(workspace.snapshot.results) == two
    assert workspace.snapshot.rendered["prod-eu-west-1", "region.txt"].text.endswith("eu-west-1\n")
    shown = values.hover(workspace.snapshot, "greeting: x", 0)
    assert all(f"| {env} | " in shown for env in two)
    _type(workspace, PROD, "regions: [eu-west-1, us-east-1]", "regions: [us-east-1]")
    workspace.analyse(focus="prod")
    assert list(workspace.snapshot.results) == ["prod-us-east-1", "test-us-east-1"]
    workspace.change("oetgen.yaml", None)
    workspace.change("templates/region.txt.j2", None)
    workspace.analyse()
    assert list(workspace.snapshot.results) == ["prod", "test"]


def test_a_finding_in_environments_of_a_matrix_is_accepted_in_their_file(workspace: Workspace) -> None:
    (workspace.project.root / "templates/region.txt.j2").write_text("", "utf-8")
    _by_regions(workspace)
    workspace.analyse()
    at = Span("templates/region.txt.j2", 1)
    found = [
        replace(warning("checks/resources", "it has no limits", at), environment=f"prod-{each}")
        for each in ("eu-west-1", "us-east-1")
    ]
    snapshot = replace(workspace.snapshot, examined=tuple(found))
    text_of = workspace.unsaved.get
    (fix,) = [fix for _, fix in fixes(snapshot, at.path, 0, lambda path: text_of(path) or "")]
    assert fix.title == "Accept it in prod: write the reason" and fix.edits[0].at.path == PROD


def test_shared_templates_are_rendered_and_found(workspace: Workspace) -> None:
    root = workspace.project.root
    shared = root.parent / "platform" / "templates"
    shared.mkdir(parents=True)
    (root.parent / ".git").mkdir()
    (shared / "common.txt.j2").write_text("{{ labels.team }}\n", "utf-8")
    workspace.change("oetgen.yaml", "shared: [../platform/templates]\n")
    assert _found(workspace) == []
    workspace.examine()
    assert ("test", "common.txt") in workspace.snapshot.rendered
    (origin, *_) = output.origins(workspace.snapshot, "out/test/common.txt", 0, 0)
    assert origin.path == "../platform/templates/common.txt.j2"
    path = workspace.project.label_of(shared / "common.txt.j2")
    assert path == "../platform/templates/common.txt.j2"
    text = "{{ labels.team }}\n"
    assert "labels.team" in templates.hover(workspace.snapshot, path, text, 0, 12)
    workspace.change(path, "{{ greetin }}\n")
    assert _found(workspace) == [(path, 1, "typecheck/unknown-value")]
    workspace.change(path, None)
    assert _found(workspace) == []
    (shared / "common.txt.j2").write_text("{{ greetin }}\n", "utf-8")
    workspace.change(path, None)
    assert _found(workspace) == [(path, 1, "typecheck/unknown-value")]


def test_an_analysis_ends_when_something_was_typed(workspace: Workspace) -> None:
    with pytest.raises(StaleError):
        workspace.analyse(lambda: True)


def test_saving_shows_what_applying_the_change_would_do(workspace: Workspace, folder: Path) -> None:
    Sandbox(folder).oetgen("render", "--all")
    for command in (
        ["init", "-q"],
        ["add", "-A"],
        ["-c", "user.name=a", "-c", "user.email=a", "commit", "-qm", "a"],
    ):
        subprocess.run(["git", *command], cwd=folder, check=True)
    _type(workspace, "environments/base.yaml", "image: example/api:1", "image: example/api:2")
    _type(
        workspace, "environments/prod.yaml", "  worker:\n    image: example/worker:1\n    replicas: 1\n", ""
    )
    workspace.analyse()
    workspace.examine(reported=workspace.ask_tools())
    assert any(each.code.startswith("hazards/") for each in workspace.snapshot.findings)


# A change, and the quick fix that is offered for it with what it makes of the line.
FIXES = {
    "did you mean": ("replicas: 3", "replica: 3", 'Change to "replicas"', "    replicas: 3"),
    "quote it": ("greeting: plain", "greeting: no", 'Write "no"', 'greeting: "no"'),
    "the other meaning": ("greeting: plain", "greeting: no", "Write false", "greeting: false"),
}


@pytest.mark.parametrize("case", FIXES)
def test_quick_fixes(workspace: Workspace, case: str) -> None:
    old, new, title, line = FIXES[case]
    path = "environments/test.yaml" if "plain" in old else PROD
    _type(workspace, path, old, new)
    workspace.analyse()
    text = workspace.unsaved[path]
    number = text[: text.index(new)].count("\n")
    offered = {
        fix.title: fix
        for _, fix in fixes(workspace.snapshot, path, number, lambda each: workspace.unsaved.get(each, ""))
    }
    assert title in offered
    assert applied(text, list(offered[title].edits)).split("\n")[number] == line


def test_a_value_is_renamed_everywhere_and_back(workspace: Workspace, folder: Path) -> None:
    before = _texts(folder)
    _rename(workspace, ("greeting",), "welcome")
    assert '"welcome": {"type"' in workspace.unsaved["environments/schema.json"]
    assert "{{ welcome }}" in workspace.unsaved["templates/k8s/config.yaml.j2"]
    _rename(workspace, ("welcome",), "greeting")
    assert before == _texts(folder) | workspace.unsaved


# A value, a new name, and why it cannot have it.
REFUSED = {
    "a name that is taken": (("services", "api", "port"), "image", "there is already"),
    "no name": (("greeting",), "a-b", "is not a name for templates"),
    "an entry of a free map": (("labels", "team"), "squad", "not declared by name"),
    "a key of a map that a template reads as a whole": (
        ("services", "api", "replicas"),
        "copies",
        "as a whole",
    ),
    "a name in the path of a template": (("suffix",), "ending", "names suffix"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_rename_that_cannot_be_known_is_refused(workspace: Workspace, case: str) -> None:
    path, new, reason = REFUSED[case]
    with pytest.raises(OetgenError, match=reason):
        rename(workspace.snapshot, path, new)


def _rename(workspace: Workspace, path: tuple[str, ...], new: str) -> None:
    edits = proven(workspace, path, new)
    for file in dict.fromkeys(edit.at.path for edit in edits):
        text = workspace.unsaved.get(file) or (workspace.project.root / file).read_text("utf-8")
        workspace.change(file, applied(text, [edit for edit in edits if edit.at.path == file]))
    assert workspace.analyse().findings == ()


def _texts(folder: Path) -> dict[str, str]:
    return {
        each.relative_to(folder).as_posix(): each.read_text("utf-8")
        for top in ("environments", "templates")
        for each in sorted((folder / top).rglob("*"))
        if each.is_file()
    }


def test_what_takes_too_long_is_a_finding_and_the_next_analysis_has_its_own_time(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = workspace._pipeline
    assert pipeline
    monkeypatch.setattr(pipeline.limits, "_first", 0.3)
    monkeypatch.setattr(Limits, "grant", lambda self, seconds: None)
    for _ in range(2):
        workspace.change(PROD, "greeting: x\n")
        with monkeypatch.context() as patch:
            patch.setattr(Pipeline, "_validated", lambda *_: [None for _ in iter(int, 1)])
            found = workspace.analyse().findings
        assert {(each.code, "0.3 seconds" in each.message) for each in found} == {("project/limit", True)}
        workspace.change(PROD, None)
        assert _found(workspace) == []


def test_what_took_too_long_is_not_tried_again_until_a_text_changes(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (workspace.project.root / PROD).read_text("utf-8")
    workspace.change(PROD, text)
    workspace.analyse()
    assert workspace._pipeline
    workspace._pipeline.limits.is_exceeded = True
    validated: list[str] = []

    def validate(_: Pipeline, names: list[str]) -> list[object]:
        validated.extend(names)
        return []

    monkeypatch.setattr(Pipeline, "validate", validate)
    workspace.change(PROD, text)  # as a save does
    workspace.analyse()
    assert validated == []
    workspace.change(PROD, f"{text}# more\n")
    workspace.analyse()
    assert "prod" in validated
