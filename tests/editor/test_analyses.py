"""When analyses run: one at a time however much is typed, also while outside tools run."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from lsprotocol import types as lsp

from generator.checks.runner import UNREPORTED, Reported
from generator.editor.analyses import Analyses
from generator.editor.tools import Tools
from generator.editor.workspace import IsStale, Snapshot, StaleError, Workspace
from tests.editor.client import Editor, editing
from tests.editor.typing import compare

PROD = "environments/prod.yaml"
_MOST = 60  # seconds


class _Slow(Workspace):
    """A workspace whose analyses wait until they are let go, and are counted."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.started, self.go, self.count = Event(), Event(), 0

    def analyse(self, is_stale: IsStale = lambda: False, focus: str = "") -> Snapshot:
        self.count += 1
        self.started.set()
        assert self.go.wait(_MOST)
        return super().analyse(is_stale, focus)


def _run(workspace: Workspace, steps: Callable[[Analyses, list[Snapshot]], Awaitable[None]]) -> None:
    async def session() -> None:
        published: list[Snapshot] = []
        with ThreadPoolExecutor(1) as executor, ThreadPoolExecutor(1) as tools:
            analyses = Analyses(workspace, executor, tools, published.append)
            await steps(analyses, published)
            analyses.stop()

    asyncio.run(asyncio.wait_for(session(), _MOST))


def test_a_burst_of_edits_leaves_one_analysis_waiting(folder: Path) -> None:
    workspace = _Slow(folder)

    async def steps(analyses: Analyses, published: list[Snapshot]) -> None:
        analyses.change(PROD, "greeting: first\n")
        assert await asyncio.to_thread(workspace.started.wait, _MOST)
        for number in range(1000):
            analyses.change(PROD, f"greeting: {number}\n")
        workspace.go.set()
        await analyses.settled.wait()
        assert workspace.count == 2
        assert {each.generation for each in published} == {1001}

    _run(workspace, steps)


def test_what_is_typed_while_tools_run_is_analysed_at_once_and_stops_them(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, go, cancelled = Event(), Event(), list[bool]()

    def ask(self: Tools, trees: Any, root: Any, is_stale: IsStale) -> Reported:
        started.set()
        assert go.wait(_MOST)
        cancelled.append(is_stale())
        return UNREPORTED

    monkeypatch.setattr(Tools, "ask", ask)
    workspace = Workspace(folder)
    text = (folder / PROD).read_text("utf-8")

    async def steps(analyses: Analyses, published: list[Snapshot]) -> None:
        analyses.change(PROD, text, saved=True)
        assert await asyncio.to_thread(started.wait, _MOST)
        analyses.change(PROD, text.replace("replicas: 3", "replicas: 30"))
        await analyses.analysed.wait()
        assert [each.code for each in published[-1].findings] == ["schema/range"] and not cancelled
        go.set()
        await analyses.settled.wait()
        assert cancelled == [True]

    _run(workspace, steps)


def test_tools_run_in_a_process_that_ends_when_they_are_no_longer_wanted(workspace: Workspace) -> None:
    asked: list[bool] = []

    def is_stale() -> bool:
        asked.append(True)
        return len(asked) > 1

    with pytest.raises(StaleError):
        workspace.ask_tools(is_stale)
    reported = workspace.ask_tools()
    assert {each.name for each in reported.tools if each.version} >= {"hadolint", "pygohcl"}
    found = {each.code for each in workspace.examine(reported=reported).findings}
    assert "zizmor/excessive-permissions" in found


def test_an_editor_that_asks_for_diagnostics_gets_them_once(folder: Path) -> None:
    async def steps(editor: Editor) -> None:
        document = lsp.TextDocumentIdentifier(editor.uri(PROD))
        editor.open(PROD)
        editor.replace(PROD, "replicas: 3", "replicas: 30")
        ask = editor.client.text_document_diagnostic_async
        found = await ask(lsp.DocumentDiagnosticParams(document))
        assert isinstance(found, lsp.RelatedFullDocumentDiagnosticReport)
        assert [each.code for each in found.items] == ["schema/range"]
        assert await editor.settled(PROD) == {} and editor.refreshes
        again = await ask(lsp.DocumentDiagnosticParams(document, previous_result_id=found.result_id))
        assert isinstance(again, lsp.RelatedUnchangedDocumentDiagnosticReport)
        editor.close(PROD)
        assert await editor.settled(PROD) == {}

    async def session() -> None:
        async with editing(folder, asks=True) as editor:
            await steps(editor)

    asyncio.run(asyncio.wait_for(session(), _MOST))


@pytest.mark.parametrize("seed", range(2))
def test_after_any_typing_the_findings_are_those_of_a_new_start_and_of_check(folder: Path, seed: int) -> None:
    compare(folder, seed, 16, 8)
