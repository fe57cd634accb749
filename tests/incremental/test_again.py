"""A second check or report, after a change, gives the same bytes as one that remembers nothing."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from generator.incremental.cache import default_cache
from generator.languages import read
from generator.languages.source import Source
from generator.pipeline import Pipeline
from generator.project.folder import find
from generator.provenance.trace import Frame, Tracer
from generator.provenance.trace.remembered import plain, restored
from generator.render import outputs
from generator.render.engine import Engine
from generator.system import files_read, model
from generator.values.layers import Values
from tests.conftest import ROOT, Sandbox

# A file, a text in it, and the new one: a value of one environment, one that all inherit, and templates.
CHANGES = {
    "nothing": ("environments/prod.yaml", "replicas: 3", "replicas: 3"),
    "a value of one environment": ("environments/prod.yaml", "replicas: 3", "replicas: 4"),
    "the name of an environment": (
        "environments/prod.yaml",
        "replicas: 3",
        "replicas: 3\ngreeting: hello there",
    ),
    "a line of a template": ("templates/README.md.j2", "#", "\n#"),
}


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))


def outcomes(project: Sandbox, *options: str) -> list[object]:
    found: list[object] = []
    for command in (
        ("report", "--output", str(project.root / "page.html")),
        ("check", "--no-tools", "--coverage", "--verbose", "--today", "2026-11-24"),
        ("blame", "out/prod/k8s/config.yaml", "--format", "json"),
    ):
        result = project.oetgen(*options, *command)
        found.append((result.status, result.out, result.err.replace(str(project.root), "")))
    return [*found, (project.root / "page.html").read_bytes()]


@pytest.mark.parametrize("name", CHANGES)
def test_after_a_change_the_result_is_that_without_records(small: Sandbox, name: str) -> None:
    small.oetgen("render", "--all")
    outcomes(small)
    small.replace(*CHANGES[name])
    small.oetgen("render", "--all")
    again = outcomes(small)
    assert again == outcomes(small, "--no-cache")
    assert outcomes(small) == again


def test_a_check_renders_only_what_the_last_render_did_not(
    small: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered: list[str] = []
    render_tree = outputs.render_tree

    def noted(engine: Engine, values: Values, earlier: outputs.Earlier | None = None) -> tuple[Any, Any]:
        rendered.append(values.env)
        return render_tree(engine, values, earlier)

    def checked() -> list[str]:
        """Return the environments that a check rendered, which finds the same as one that remembers nothing."""
        rendered.clear()
        out = small.oetgen("check", "--no-tools", "--verbose").out
        names = [*rendered]
        assert out == small.oetgen("--no-cache", "check", "--no-tools", "--verbose").out
        return names

    monkeypatch.setattr(outputs, "render_tree", noted)
    small.oetgen("render", "--all")
    assert checked() == []
    small.replace("environments/test.yaml", "greeting: plain", "greeting: fancy")
    assert checked() == ["test"]
    small.oetgen("render", "test", "--set", "greeting=other")
    assert checked() == ["test"], "what was set for one render counts for no other"
    small.oetgen("render", "test")
    assert checked() == []
    small.replace("templates/README.md.j2", "#", "\n#")
    assert checked() == ["prod", "test"]
    small.oetgen("render", "--all")
    small.write("oetgen.yaml", "secrets: [{value: cl100k_base_model_v2, reason: the name of a tokenizer}]\n")
    small.oetgen("render", "--all")
    assert checked() == ["prod", "test"], "a render notes which secrets are allowed"


def test_a_file_is_traced_again_only_where_it_may_have_changed(
    small: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    traced: list[str] = []
    render = Tracer.render

    def noted(tracer: Tracer, name: str, context: Mapping[str, Any]) -> str:
        traced.append(name)
        return render(tracer, name, context)

    monkeypatch.setattr(Tracer, "render", noted)
    outcomes(small)
    every = len(traced)
    traced.clear()
    outcomes(small)
    assert traced == []
    small.replace("environments/test.yaml", "greeting: plain", "greeting: fancy")
    outcomes(small)
    assert 0 < len(traced) < every / 2


def shown(frame: Frame) -> tuple[object, ...]:
    return frame.kind, frame.template, frame.line, frame.text, frame.paths, frame.number, len(frame.chain())


def test_every_source_map_of_the_project_comes_back_as_it_was() -> None:
    pipeline = Pipeline(find(ROOT))
    (result,) = pipeline.validate_and_render(["prod"])
    for found in pipeline.trace(result.values).files():
        back = restored(plain(found))
        assert back.omissions == found.omissions
        assert (back.path, back.template, back.text, back.decides) == (
            found.path,
            found.template,
            found.text,
            found.decides,
        )
        for one, other in zip(found.lines, back.lines, strict=True):
            assert [(each.start, each.end, each.location, each.tag, each.value) for each in one] == [
                (each.start, each.end, each.location, each.tag, each.value) for each in other
            ]
            assert [type(each.value) for each in one] == [type(each.value) for each in other]
            assert [list(map(shown, each.frames)) for each in one] == [
                list(map(shown, each.frames)) for each in other
            ]


def test_every_syntax_tree_of_the_project_comes_back_as_it_was() -> None:
    pipeline = Pipeline(find(ROOT))
    (result,) = pipeline.validate_and_render(["prod"])
    assert result.tree
    for file in result.tree.artifacts:
        source, other = (
            Source(file.path, file.text, file.format, f"{label}/{file.path}") for label in ("<one>", "<two>")
        )
        found = read(source) if file.format in model._TREES else None
        if found:
            back = files_read._loaded(files_read._dumped(found, source), other)
            assert repr(back) == repr(found).replace("<one>", "<two>")
            assert back == found


class _Harmful:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, ("raise SystemExit",)


RECORDS = {"a program": pickle.dumps(_Harmful()), "another class": pickle.dumps(Path("/")), "nothing": b""}


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_of_syntax_trees_holds_nothing_else(small: Sandbox, name: str) -> None:
    small.oetgen("render", "--all")
    small.oetgen("check", "--no-tools")
    expected = small.oetgen("--no-cache", "check", "--no-tools")
    cache, place = default_cache(), f"{find(small.root).root}\0prod"
    known = cache.get("read", place, "")
    assert known
    cache.put("read", place, "", dict.fromkeys(known, RECORDS[name]))
    cache.put("checked", place, "", ([], []))
    cache.put("applied", place, "", {})
    cache.put("answers", place, "", {})
    result = small.oetgen("check", "--no-tools")
    assert (result.status, result.out) == (expected.status, expected.out)
