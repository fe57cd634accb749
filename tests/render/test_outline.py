"""Typing in the text of a template: the code of before, filled with the new text, renders what new code renders."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from generator.project.cache import NO_CACHE, Cache, ProcessCache
from generator.project.folder import Project
from generator.render.engine import Engine, Rendered, RenderError
from generator.render.engine.loader import Loader
from tests.conftest import Sandbox, some

_TEMPLATE = """\
{# a comment #}
start: {{ first }}
{%- for each in items %}
  {% if loop.first %}one{% else %}more{% endif %}

  - {{ each }}: "text" 'text' \\ {{ 1 }}
{% endfor %}
{% set block %}kept {{ first }}{% endset %}
{% macro twice(word) %}{{ word }} and {{ word }}{% endmacro %}
{{ block }} {{ twice("x") }} {{ twice(first) }}
{% filter trim %}  trimmed {% endfilter %}
{% raw %}raw {{ braces }}{% endraw %}
run: ${{ github.ref }} ${#name}
{% if first == "text" %}a{% elif first in ("text", "more") %}b{% else %}text{% endif %}
end"""
_LOOKS_LIKE_A_PLACE = _TEMPLATE.replace("{{ 1 }}", r'{{ "\ue0000\ue000" }}')
_CONTEXT = {"first": "more", "items": ["a", "b"]}


@pytest.fixture
def cache() -> ProcessCache:
    """A cache that keeps objects, as an editor's."""
    return ProcessCache()


def _engine(sandbox: Sandbox, text: str, cache: Cache = NO_CACHE) -> Engine:
    sandbox.write("templates/a.txt.j2", text)
    return Engine(Project(sandbox.root), cache)


def _rendered(engine: Engine) -> Rendered | str:
    try:
        return engine.render("a.txt.j2", _CONTEXT)
    except RenderError as problem:
        return str(problem.finding)


def _typed(text: str) -> Sequence[str]:
    """Return the text with characters replaced by others, removed, and doubled: each of them in the deep proofs."""
    texts = [
        text[:at] + new + text[at + 1 :]
        for at, char in enumerate(text)
        for new in ("", char * 2, "Z", "{", "'", "\n", "é")
    ]
    return some(texts, 57)  # of another size than the seven, so that each of these is tried


@pytest.mark.breadth
@pytest.mark.parametrize("template", [_TEMPLATE, _LOOKS_LIKE_A_PLACE])
def test_what_is_typed_renders_as_from_the_start(tmp_path: Path, cache: ProcessCache, template: str) -> None:
    sandbox = Sandbox(tmp_path)
    for text in (template, *_typed(template)):
        found, expected = _rendered(_engine(sandbox, text, cache)), _rendered(_engine(sandbox, text))
        assert found == expected, text


def test_text_and_comments_are_typed_without_parsing(
    tmp_path: Path, cache: ProcessCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = Sandbox(tmp_path)
    _rendered(_engine(sandbox, _TEMPLATE, cache))
    monkeypatch.setattr(Loader, "_parse", None)
    for old, new in (
        ("\nend", "\nthe end"),
        ("comment #}", "REMARK. #}"),
        ("'text' ", "'TEXT' "),
        ("kept {{", "KEPT {{"),
    ):
        assert _TEMPLATE.count(old) == 1
        found = _rendered(_engine(sandbox, _TEMPLATE.replace(old, new), cache))
        assert isinstance(found, Rendered)
        assert new.strip("{ \n") in found.text or "#" in new


def test_what_is_typed_into_an_expression_and_undone_needs_no_parsing(
    tmp_path: Path, cache: ProcessCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = Sandbox(tmp_path)
    first = _rendered(_engine(sandbox, _TEMPLATE, cache))
    for typed in ("{{ 1 + 1 }}", "{{ 1 + 2", "{{ 1 + 23 }}"):
        _rendered(_engine(sandbox, _TEMPLATE.replace("{{ 1 }}", typed), cache))
    monkeypatch.setattr(Loader, "_parse", None)
    assert _rendered(_engine(sandbox, _TEMPLATE, cache)) == first


def test_a_missing_brace_is_found_in_typed_text(tmp_path: Path, cache: ProcessCache) -> None:
    sandbox = Sandbox(tmp_path)
    assert isinstance(_rendered(_engine(sandbox, "a {{ first }}\nb { first }", cache)), Rendered)
    assert "missing {" in str(_rendered(_engine(sandbox, "a {{ first }}\nb { first }}", cache)))
