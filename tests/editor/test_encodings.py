"""Positions in UTF-8, UTF-16 and UTF-32, after emoji, in files with LF and with CRLF: for every feature with one."""

from __future__ import annotations

import asyncio
from itertools import product
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp

from tests.conftest import breadth
from tests.editor.client import Editor, editing

VALUES = "environments/prod.yaml"
TEMPLATE = "templates/note.md.j2"
SCHEMA = """{"type": "object", "additionalProperties": false, "required": ["greeting", "place"], "properties": {
  "greeting": {"type": "string", "description": "What is said."},
  "place": {"type": "string", "enum": ["here", "there"]}}}
"""
FILES = {
    "environments/schema.json": SCHEMA,
    "environments/base.yaml": "greeting: hello\nplace: here\n",
    VALUES: '# 🙂\n"greeting": "🙂 hi" # 🙂🙂\nplace: "there" # é🙂\n',
    TEMPLATE: "é🙂 {{ greeting }} 🙂🙂 {{ place | upper }}\né🙂🙂 {{ greeting }} and {{ place }}\n",
}


@breadth("encoding, newline", product(["utf-8", "utf-16", "utf-32"], ["\r\n", "\n"]), 4)
def test_every_position_is_right(encoding: str, newline: str, tmp_path: Path) -> None:
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(text.replace("\n", newline).encode())
    asyncio.run(asyncio.wait_for(_session(tmp_path, encoding), 60))


async def _session(root: Path, encoding: str) -> None:
    async with editing(root, encoding, hinted="prod") as editor:
        editor.open(VALUES)
        editor.open(TEMPLATE)
        assert await editor.settled(VALUES) == {}
        await _places_given(editor)
        await _places_returned(editor)
        await _findings(editor)
        await _renamed(editor)


async def _places_given(editor: Editor) -> None:
    assert "What is said." in await editor.hover(TEMPLATE, "é🙂🙂 {{ gree", "ting")
    assert "`'THERE'`" in await editor.hover(TEMPLATE, "🙂🙂 {{ pla", "ce |")
    assert "upper" in await editor.completions(TEMPLATE, "{{ place | up", "per")
    suggested = await editor.completions(VALUES, 'place: "th', 'ere"')
    for item in suggested.values():
        assert isinstance(item.text_edit, lsp.TextEdit)
        assert editor.text_at(VALUES, item.text_edit.range).startswith('"th')
    found = await editor.definition(TEMPLATE, "é🙂🙂 {{ gree", "ting")
    assert found == ["environments/base.yaml:1", f"{VALUES}:2"]


async def _places_returned(editor: Editor) -> None:
    place = editor.at(TEMPLATE, "é🙂🙂 {{ gree", "ting")
    params = lsp.ReferenceParams(**place, context=lsp.ReferenceContext(True))
    found = await editor.client.text_document_references_async(params) or ()
    texts = [editor.text_at(editor.path(each.uri), each.range) for each in found]
    assert sorted(texts) == ['"greeting"', "greeting", "greeting", "greeting"]
    document = lsp.TextDocumentIdentifier(editor.uri(VALUES))
    symbols: Any = await editor.client.text_document_document_symbol_async(lsp.DocumentSymbolParams(document))
    assert [editor.text_at(VALUES, each.selection_range) for each in symbols] == ['"greeting"', "place"]
    lenses = await editor.client.text_document_code_lens_async(lsp.CodeLensParams(document)) or ()
    assert [editor.text_at(VALUES, each.range) for each in lenses] == ['"greeting"', "place"]
    hinted = lsp.InlayHintParams(
        lsp.TextDocumentIdentifier(editor.uri(TEMPLATE)), lsp.Range(lsp.Position(0, 0), lsp.Position(9, 0))
    )
    hints = await editor.client.text_document_inlay_hint_async(hinted) or ()
    starts = [lsp.Range(lsp.Position(each.position.line, 0), each.position) for each in hints]
    assert [editor.text_at(TEMPLATE, each).rpartition(" ")[2] for each in starts] == [
        "greeting",
        "place",
        "greeting",
        "place",
    ]
    position = editor.place(TEMPLATE, "🙂🙂 {{ pla", "ce |")
    at = {"line": position.line, "character": position.character}
    to = await editor.ask("oetgen/provenance", uri=editor.uri(TEMPLATE), position=at)
    assert {each["uri"].rpartition("/")[2] for each in to} == {"note.md"} and len(to) == 1
    start = to[0]["range"]["start"]
    (shown,) = await editor.ask("oetgen/preview", uri=editor.uri(TEMPLATE), environment="prod")
    line = shown["text"].split("\n")[start["line"]]
    assert editor.units(line[: line.index("THERE")]) == start["character"]


async def _findings(editor: Editor) -> None:
    editor.replace(TEMPLATE, "🙂🙂 {{ place |", "🙂🙂 {{ plac |")
    (found,) = (await editor.settled(TEMPLATE))[TEMPLATE]
    assert editor.text_at(TEMPLATE, found.range) == "plac"
    action = await _fix(editor, TEMPLATE, found)
    editor.apply(action)
    editor.replace(VALUES, 'place: "there" # é🙂', 'place: "ther" # é🙂')
    (found,) = (await editor.settled(VALUES))[VALUES]
    assert editor.text_at(VALUES, found.range) == '"ther"'
    editor.apply(await _fix(editor, VALUES, found))
    assert await editor.settled(VALUES) == {}


async def _fix(editor: Editor, path: str, found: lsp.Diagnostic) -> lsp.WorkspaceEdit:
    document = lsp.TextDocumentIdentifier(editor.uri(path))
    params = lsp.CodeActionParams(document, found.range, lsp.CodeActionContext([found]))
    first = (await editor.client.text_document_code_action_async(params) or ())[0]
    assert isinstance(first, lsp.CodeAction) and first.edit
    return first.edit


async def _renamed(editor: Editor) -> None:
    before = {path: editor.text(path) for path in (VALUES, TEMPLATE)}
    for old, new in (("greeting", "welcome"), ("welcome", "greeting")):
        place = editor.at(TEMPLATE, f"é🙂🙂 {{{{ {old[:3]}", old[3:])
        prepared: Any = await editor.client.text_document_prepare_rename_async(
            lsp.PrepareRenameParams(**place)
        )
        assert editor.text_at(TEMPLATE, prepared) == old
        edit = await editor.client.text_document_rename_async(lsp.RenameParams(**place, new_name=new))
        assert edit
        editor.apply(edit)
        assert await editor.settled(TEMPLATE) == {}
        assert all(new in editor.text(path) and old not in editor.text(path) for path in before)
    assert {path: editor.text(path) for path in before} == before
