"""What an editor asks for, in one session for each feature, at places of a project that its texts name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from lsprotocol import types as lsp

from tests.editor.client import Editor

Steps = Callable[[Editor, "Places"], Awaitable[None]]


@dataclass(frozen=True)
class Places:
    """Where a project has what the features are about. A place is two texts that stand beside each other once.

    `mistake` is a text of the values file with a wrong one, `other` an environment to copy the value to.
    """

    values: str
    value: tuple[str, str]
    mistake: tuple[str, str]
    template: str
    use: tuple[str, str]
    line: str  # of the template, with a value
    renamed: tuple[str, str]  # a value of the template that can have another name
    output: str
    other: str
    environment: str


async def _diagnostics(editor: Editor, at: Places) -> None:
    editor.replace(at.values, *at.mistake)
    found = (await editor.settled(at.values))[at.values]
    context = lsp.CodeActionContext(found)
    document = lsp.TextDocumentIdentifier(editor.uri(at.values))
    await editor.client.text_document_code_action_async(
        lsp.CodeActionParams(document, found[0].range, context)
    )
    editor.replace(at.values, *reversed(at.mistake))
    await editor.settled(at.values)


async def _completion(editor: Editor, at: Places) -> None:
    await editor.completions(at.values, *at.value)
    await editor.completions(at.template, *at.use)


async def _hover(editor: Editor, at: Places) -> None:
    await editor.hover(at.values, *at.value)
    await editor.hover(at.template, *at.use)


async def _definition(editor: Editor, at: Places) -> None:
    await editor.definition(at.values, *at.value)
    await editor.definition(at.template, *at.use)


async def _references(editor: Editor, at: Places) -> None:
    for path, place in ((at.values, at.value), (at.template, at.use)):
        params = lsp.ReferenceParams(**editor.at(path, *place), context=lsp.ReferenceContext(True))
        await editor.client.text_document_references_async(params)


async def _rename(editor: Editor, at: Places) -> None:
    place = editor.at(at.template, *at.renamed)
    await editor.client.text_document_prepare_rename_async(lsp.PrepareRenameParams(**place))
    await editor.client.text_document_rename_async(lsp.RenameParams(**place, new_name="renamed"))


async def _copy(editor: Editor, at: Places) -> None:
    place = editor.place(at.values, *at.value)
    document = lsp.TextDocumentIdentifier(editor.uri(at.values))
    context = lsp.CodeActionContext([])
    params = lsp.CodeActionParams(document, lsp.Range(place, place), context)
    offered = await editor.client.text_document_code_action_async(params) or ()
    for action in offered:
        if isinstance(action, lsp.CodeAction) and action.title.endswith(f" to {at.other}…"):
            await editor.client.code_action_resolve_async(action)


async def _outline(editor: Editor, at: Places) -> None:
    document = lsp.TextDocumentIdentifier(editor.uri(at.values))
    await editor.client.text_document_document_symbol_async(lsp.DocumentSymbolParams(document))


async def _lenses(editor: Editor, at: Places) -> None:
    document = lsp.TextDocumentIdentifier(editor.uri(at.values))
    lenses = await editor.client.text_document_code_lens_async(lsp.CodeLensParams(document)) or ()
    for lens in lenses[:2]:
        await editor.client.code_lens_resolve_async(lens)


async def _hints(editor: Editor, at: Places) -> None:
    document = lsp.TextDocumentIdentifier(editor.uri(at.template))
    whole = lsp.Range(lsp.Position(0, 0), lsp.Position(200, 0))
    await editor.client.text_document_inlay_hint_async(lsp.InlayHintParams(document, whole))


async def _preview(editor: Editor, at: Places) -> None:
    await editor.ask("oetgen/preview", uri=editor.uri(at.template), environment=at.environment)
    editor.replace(at.template, at.line, f"{at.line}{{{{")
    await editor.settled(at.template)
    await editor.ask("oetgen/preview", uri=editor.uri(at.template), environment=at.environment)
    editor.replace(at.template, f"{at.line}{{{{", at.line)
    await editor.settled(at.template)


async def _provenance(editor: Editor, at: Places) -> None:
    place = editor.place(at.template, *at.use)
    position = {"line": place.line, "character": place.character}
    uri = editor.uri(at.template)
    to = await editor.ask("oetgen/provenance", uri=uri, position=position)
    editor.open(at.output)
    there = to[0]["range"]["start"]
    await editor.ask("oetgen/provenance", uri=editor.uri(at.output), position=there)
    document = lsp.TextDocumentIdentifier(editor.uri(at.output))
    await editor.client.text_document_hover_async(lsp.HoverParams(document, lsp.Position(**there)))
    editor.close(at.output)


FEATURES: dict[str, Steps] = {
    "diagnostics": _diagnostics,
    "completion": _completion,
    "hover": _hover,
    "definition": _definition,
    "references": _references,
    "rename": _rename,
    "copy": _copy,
    "outline": _outline,
    "lenses": _lenses,
    "hints": _hints,
    "preview": _preview,
    "provenance": _provenance,
}
