"""The language server as an editor meets it: over the protocol, in a process of its own."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp

from tests.editor.client import Editor, editing
from tests.hostile.session import Session

PROD = "environments/prod.yaml"
CONFIG = "templates/k8s/config.yaml.j2"


def session(folder: Path, steps: Callable[[Editor], Awaitable[None]]) -> None:
    """Run the steps of one session with the server."""

    async def run() -> None:
        async with editing(folder) as editor:
            await steps(editor)

    asyncio.run(asyncio.wait_for(run(), 120))


def test_mistakes_come_and_go_with_quick_fixes(folder: Path) -> None:
    async def steps(editor: Editor) -> None:
        editor.open(PROD)
        assert await editor.settled(PROD) == {}
        editor.replace(PROD, "replicas: 3", "replica: 3")
        (found,) = (await editor.settled(PROD))[PROD]
        assert (found.code, found.range.start.line) == ("schema/unknown-key", 7)
        assert 'hint: did you mean "replicas"?' in found.message
        action = await _first_action(editor, found)
        assert action.title == 'Change to "replicas"' and action.edit
        editor.apply(action.edit)
        assert "replicas: 3" in editor.text(PROD)
        assert await editor.settled(PROD) == {}

    session(folder, steps)


def test_an_emoji_before_a_place_moves_no_column(folder: Path) -> None:
    async def steps(editor: Editor) -> None:
        editor.open(CONFIG)
        editor.replace(CONFIG, "  greeting: {{ greeting }}", "  greeting: 🙂🙂 {{ greetin }}")
        (found,) = (await editor.settled(CONFIG))[CONFIG]
        line = editor.text(CONFIG).split("\n")[found.range.start.line].encode("utf-16-le")
        start, end = 2 * found.range.start.character, 2 * found.range.end.character
        assert line[start:end].decode("utf-16-le") == "greetin"
        suggested = await editor.completions(CONFIG, "🙂🙂 {{ greetin")
        assert "greeting" in suggested

    session(folder, steps)


def test_hover_definition_references_symbols_and_lenses(folder: Path) -> None:
    async def steps(editor: Editor) -> None:
        editor.open(PROD)
        editor.open(CONFIG)
        await editor.settled(PROD)
        assert "How many copies run." in await editor.hover(PROD, "    repl", "icas: 3")
        assert "**greeting**" in await editor.hover(CONFIG, "  greeting: {{ gree", "ting }}")
        assert "environments/prod.yaml:2" in await editor.definition(CONFIG, "  greeting: {{ gree", "ting }}")
        params = lsp.ReferenceParams(
            **editor.at(PROD, "gree", 'ting: "it'), context=lsp.ReferenceContext(True)
        )
        used = editor.lines(await editor.client.text_document_references_async(params))
        assert {"environments/base.yaml:2", "templates/scripts/greet.sh.j2:3"} <= set(used)
        document = lsp.TextDocumentIdentifier(editor.uri(PROD))
        symbols: Any = await editor.client.text_document_document_symbol_async(
            lsp.DocumentSymbolParams(document)
        )
        assert [each.name for each in symbols] == ["greeting", "labels", "regions", "services"]
        lenses: Any = await editor.client.text_document_code_lens_async(lsp.CodeLensParams(document))
        resolved = await editor.client.code_lens_resolve_async(lenses[0])
        assert resolved.command and resolved.command.title.endswith("files")

    session(folder, steps)


def test_a_value_is_renamed_in_one_edit_or_refused_with_the_reason(folder: Path) -> None:
    async def steps(editor: Editor) -> None:
        editor.open(PROD)
        await editor.settled(PROD)
        params = lsp.RenameParams(**editor.at(PROD, "gree", 'ting: "it'), new_name="welcome")
        edit = await editor.client.text_document_rename_async(params)
        assert edit
        editor.apply(edit)
        assert await editor.settled(PROD) == {}
        refused = lsp.RenameParams(**editor.at(PROD, "repl", "icas: 3"), new_name="copies")
        assert await editor.client.text_document_rename_async(refused) is None
        assert "as a whole" in editor.messages[-1]

    session(folder, steps)


def test_a_value_is_copied_to_another_environment_after_its_effect_was_shown(folder: Path) -> None:
    async def steps(editor: Editor) -> None:
        (folder / "environments/test.yaml").write_text("suffix: -test\ngreeting: plain\n", "utf-8")
        editor.open(PROD)
        await editor.settled(PROD)
        document = lsp.TextDocumentIdentifier(editor.uri(PROD))
        at = editor.place(PROD, "    replicas: ", "3")
        context = lsp.CodeActionContext([])
        params = lsp.CodeActionParams(document, lsp.Range(at, at), context)
        (action,) = await editor.client.text_document_code_action_async(params) or ()
        assert isinstance(action, lsp.CodeAction) and action.title == "Copy services.api.replicas to test…"
        action = await editor.client.code_action_resolve_async(action)
        assert action.edit and action.edit.change_annotations
        assert action.edit.change_annotations["effect"].label.startswith("1 line in 1 file of test; ")
        editor.apply(action.edit)
        assert editor.text("environments/test.yaml").startswith("suffix: -test\ngreeting: plain\n")
        assert "replicas: 3" in editor.text("environments/test.yaml")
        assert await editor.settled(PROD) == {}

    session(folder, steps)


def test_the_preview_follows_what_is_typed_and_names_its_origin(folder: Path) -> None:
    async def steps(editor: Editor) -> None:
        path = "templates/scripts/greet.sh.j2"
        editor.open(path)
        await editor.settled(path)
        editor.replace(path, "# Says hello", "# Says good day")
        await editor.settled(path)
        shown = await editor.ask("oetgen/preview", uri=editor.uri(path), environment="prod")
        assert [each["path"] for each in shown] == ["scripts/greet.sh"]
        assert "# Says good day" in shown[0]["text"] and not shown[0]["stale"]
        place = {"line": 2, "character": 13}
        lines = await editor.ask("oetgen/provenance", uri=editor.uri(path), position=place)
        assert any("/out/prod/scripts/greet.sh" in str(each) for each in lines)

    session(folder, steps)


def test_a_file_typed_one_character_at_a_time_ends_with_the_findings_of_a_new_start(folder: Path) -> None:
    async def steps(editor: Editor) -> None:
        editor.open(PROD, "")
        text = (folder / PROD).read_text("utf-8").replace("replicas: 3", "replicas: 30")
        for end in range(len(text) + 1):
            editor.write(PROD, text[:end])
        found = await editor.settled(PROD)
        assert [each.code for each in found[PROD]] == ["schema/range"]
        editor.close(PROD)
        assert await editor.settled(PROD) == {}

    session(folder, steps)


async def _first_action(editor: Editor, found: lsp.Diagnostic) -> lsp.CodeAction:
    document = lsp.TextDocumentIdentifier(editor.uri(PROD))
    context = lsp.CodeActionContext([found])
    answer = await editor.client.text_document_code_action_async(
        lsp.CodeActionParams(document, found.range, context)
    )
    assert answer and isinstance(answer[0], lsp.CodeAction)
    return answer[0]


def test_a_session_ends_without_an_error(folder: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "generator", "lsp"],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin and process.stdout and process.stderr
        Session(process.stdin, process.stdout).run(folder, CONFIG, (folder / CONFIG).read_text("utf-8"))
        assert (process.wait(60), process.stderr.read()) == (0, b"")


def test_a_name_that_is_not_utf8_is_a_finding_and_the_others_stay(folder: Path) -> None:
    (folder / "templates" / os.fsdecode(b"a\xff.yaml.j2")).write_text("a: 1\n", "utf-8")

    async def steps(editor: Editor) -> None:
        editor.open(CONFIG)
        await editor.client.protocol.send_request_async("oetgen/settled", {"uri": editor.uri(CONFIG)})
        found = [each.code for shown in editor.published.values() for each in shown]
        assert "project/not-utf8" in found

    session(folder, steps)
