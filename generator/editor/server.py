"""`oetgen lsp`: the language server, which answers each request of the protocol from this room."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from generator import __version__
from generator.editor import copying, diagnostics, output, rename, templates, values
from generator.editor.main_thread import MainThread
from generator.editor.place import Edit, Range
from generator.editor.root import Root
from generator.findings import OetgenError
from generator.project import SETTINGS, find_root
from generator.project.cache import digest
from generator.values.source import format_path


class Server(LanguageServer):
    """The language server, with a root for each project that a document was opened of."""

    def __init__(self) -> None:
        super().__init__("oetgen", __version__)
        self.executor = MainThread()
        self.tools = ThreadPoolExecutor(1, "tools")
        self.roots: dict[str, Root] = {}
        self.hinted = ""  # the environment whose values are shown beside names in templates, if any

    def root_of(self, uri: str) -> tuple[Root, str] | None:
        """Return the project of a document, and the path of the document in it."""
        name = to_fs_path(uri)
        folder = find_root(str(Path(name).parent)) if name else None
        if folder and folder not in self.roots:
            self.roots[folder] = Root(self, self.executor, self.tools, Path(folder))
        known = [self.roots[folder]] if folder else [*self.roots.values()]  # one of these may share the file
        found = ((root, root.workspace.project.label_of(Path(name))) for root in known if name)
        return next(((root, path) for root, path in found if path), None)


def serve() -> None:
    """Serve an editor until it ends the session."""
    server = Server()
    for feature, (answer, options) in _FEATURES.items():
        server.feature(feature, options)(partial(answer, server))
    server.executor.run_beside(server.start_io)


def _on_opened(server: Server, params: lsp.DidOpenTextDocumentParams) -> None:
    _changed(server, params.text_document.uri, is_open=True)


def _on_changed(server: Server, params: lsp.DidChangeTextDocumentParams) -> None:
    _changed(server, params.text_document.uri, is_open=True)


def _on_saved(server: Server, params: lsp.DidSaveTextDocumentParams) -> None:
    _changed(server, params.text_document.uri, is_open=True, saved=True)


def _on_closed(server: Server, params: lsp.DidCloseTextDocumentParams) -> None:
    _changed(server, params.text_document.uri, is_open=False)


def _on_watched(server: Server, params: lsp.DidChangeWatchedFilesParams) -> None:
    for change in params.changes:
        if change.uri not in server.workspace.text_documents:
            _changed(server, change.uri, is_open=False)


async def _on_asked(
    server: Server, params: lsp.DocumentDiagnosticParams
) -> lsp.RelatedFullDocumentDiagnosticReport | lsp.RelatedUnchangedDocumentDiagnosticReport:
    """Answer an editor that asks for diagnostics; to others they are sent."""
    found = server.root_of(params.text_document.uri)
    shown = await found[0].diagnostics(found[1]) if found and found[0].is_asked else []
    name = digest(repr(shown))
    if name == params.previous_result_id:
        return lsp.RelatedUnchangedDocumentDiagnosticReport(name)
    return lsp.RelatedFullDocumentDiagnosticReport(shown, result_id=name)


def _on_complete(server: Server, params: lsp.CompletionParams) -> list[lsp.CompletionItem]:
    found = server.root_of(params.text_document.uri)
    if found is None:
        return []
    root, path = found
    return [
        lsp.CompletionItem(
            item.label,
            detail=item.detail or None,
            documentation=lsp.MarkupContent(lsp.MarkupKind.Markdown, item.explanation)
            if item.explanation
            else None,
            text_edit=lsp.TextEdit(root.range(item.at), item.text),
            filter_text=item.text,
        )
        for item in _completions(root, path, *root.place(path, params.position))
    ]


def _on_hover(server: Server, params: lsp.HoverParams) -> lsp.Hover | None:
    found = server.root_of(params.text_document.uri)
    if found is None:
        return None
    root, path = found
    text = _hover(root, path, *root.place(path, params.position))
    return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, text)) if text else None


def _on_definition(server: Server, params: lsp.DefinitionParams) -> list[lsp.Location]:
    return _locations(server, params.text_document.uri, params.position, _definition)


def _on_references(server: Server, params: lsp.ReferenceParams) -> list[lsp.Location]:
    return _locations(server, params.text_document.uri, params.position, _references)


def _on_symbols(server: Server, params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol]:
    found = server.root_of(params.text_document.uri)
    layer = found[0].snapshot.layers.get(found[1]) if found else None
    return [_symbol(found[0], each) for each in values.symbols(layer)] if found and layer else []


def _on_actions(server: Server, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
    found = server.root_of(params.text_document.uri)
    if found is None:
        return []
    root, path = found
    offered = []
    for line in range(params.range.start.line, params.range.end.line + 1):
        for finding, fix in diagnostics.fixes(root.snapshot, path, line, root.text):
            shown = [each for each in params.context.diagnostics if each.code == finding.code]
            offered.append(
                lsp.CodeAction(
                    fix.title,
                    lsp.CodeActionKind.QuickFix,
                    diagnostics=shown or None,
                    edit=root.edit(fix.edits),
                )
            )
    return [*offered, *_copies(root, path, params)]


async def _on_action(server: Server, action: lsp.CodeAction) -> lsp.CodeAction:
    """Work out a copy: its edit, which the editor shows with what it changes before it is applied."""
    uri, source, target, value = action.data if isinstance(action.data, list) else ("", "", "", [])
    found = server.root_of(uri)
    if found is None:
        return action
    root = found[0]
    loop = asyncio.get_running_loop()
    try:
        copy = await loop.run_in_executor(
            server.executor, copying.copied, root.workspace, source, target, tuple(value)
        )
    except OetgenError as problem:
        server.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Warning, problem.message))
        return action
    lines = root.text(copy.path).count("\n") + 1
    whole = Edit(Range(copy.path, 0, 0, 0), copy.text, lines)
    action.edit = root.edit([whole], note=copy.effect)
    return action


def _on_prepare(server: Server, params: lsp.PrepareRenameParams) -> lsp.Range | None:
    found = _renamed(server, params.text_document.uri, params.position)
    return found[0].range(found[2]) if found else None


async def _on_renamed(server: Server, params: lsp.RenameParams) -> lsp.WorkspaceEdit | None:
    found = _renamed(server, params.text_document.uri, params.position)
    if found is None:
        return None
    root, path, _ = found
    loop = asyncio.get_running_loop()
    try:
        edits = await loop.run_in_executor(
            server.executor, rename.proven, root.workspace, path, params.new_name
        )
    except OetgenError as problem:
        message = f"{problem.message}: {problem.hint}" if problem.hint else problem.message
        server.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Warning, message))
        return None
    return root.edit(edits)


def _on_lenses(server: Server, params: lsp.CodeLensParams) -> list[lsp.CodeLens]:
    found = server.root_of(params.text_document.uri)
    if found is None:
        return []
    root, path = found
    at = values.lenses(root.snapshot, path)
    data = params.text_document.uri
    return [lsp.CodeLens(root.range(each), data=[data, list(value)]) for each, value in at]


def _on_resolved(server: Server, lens: lsp.CodeLens) -> lsp.CodeLens:
    uri, path = lens.data or ("", ())
    found = server.root_of(uri)
    text = values.reach_text(found[0].snapshot, tuple(path)) if found else ""
    lens.command = lsp.Command(text or "…", "oetgen.impact", arguments=[format_path(tuple(path))])
    return lens


def _on_preview(server: Server, params: Any) -> list[dict[str, Any]]:
    found = server.root_of(params.uri)
    shown = output.previews(found[0].snapshot, found[1], getattr(params, "environment", "")) if found else ()
    return [
        {"environment": each.environment, "path": each.path, "text": each.text, "stale": each.is_stale}
        for each in shown
    ]


def _on_provenance(server: Server, params: Any) -> list[lsp.Location]:
    position = lsp.Position(params.position.line, params.position.character)
    return _locations(server, params.uri, position, _provenance)


async def _on_settled(server: Server, params: Any) -> bool:
    found = server.root_of(params.uri)
    if found:
        await found[0].analyses.settled.wait()
    return True


def _on_shutdown(server: Server, params: None) -> None:
    for root in server.roots.values():
        root.analyses.stop()
    server.tools.shutdown(wait=False, cancel_futures=True)


def _changed(server: Server, uri: str, *, is_open: bool, saved: bool = False) -> None:
    found = server.root_of(uri)
    if found is None or any(found[1].startswith(f"{each}/") for each in found[0].snapshot.folders().values()):
        return
    root, path = found
    if is_open:
        root.uris[path] = uri
    text = server.workspace.get_text_document(uri).source if is_open else None
    root.analyses.change(path, text, saved=saved)


def _completions(root: Root, path: str, line: int, column: int) -> Iterable[values.Item]:
    if root.is_template(path):
        return templates.complete(root.snapshot, path, root.text(path), line, column)
    if root.folders.is_values(path) or path == SETTINGS:
        return values.complete(root.snapshot, path, root.text(path), line, column)
    return ()


def _hover(root: Root, path: str, line: int, column: int) -> str:
    if root.is_template(path):
        return templates.hover(root.snapshot, path, root.text(path), line, column)
    if root.folders.is_values(path):
        return values.hover(root.snapshot, root.text(path), line, column)
    if path == SETTINGS:
        return values.explain_setting(root.text(path), line, column)
    return output.hover(root.snapshot, path, line)


Answer = Callable[[Root, str, int, int], Sequence[Range]]


def _locations(server: Server, uri: str, position: lsp.Position, answer: Answer) -> list[lsp.Location]:
    found = server.root_of(uri)
    if found is None:
        return []
    root, path = found
    return [root.location(each) for each in answer(root, path, *root.place(path, position))]


def _definition(root: Root, path: str, line: int, column: int) -> Sequence[Range]:
    if root.is_template(path):
        return templates.definition(root.snapshot, path, root.text(path), line, column)
    if root.folders.is_values(path):
        return values.declaration(root.snapshot, values.path_at(root.text(path), line, column))
    return output.origins(root.snapshot, path, line, column)


def _references(root: Root, path: str, line: int, column: int) -> Sequence[Range]:
    snapshot = root.snapshot
    if root.is_template(path):
        use = templates.use_at(snapshot, path, line, column)
        paths = templates.value_paths(snapshot, use) if use else []
    else:
        paths = [values.path_at(root.text(path), line, column)]
    found = [at for each in paths for at in (*values.settings(snapshot, each), *values.uses(snapshot, each))]
    return list(dict.fromkeys(found))


def _provenance(root: Root, path: str, line: int, column: int) -> Sequence[Range]:
    if root.is_template(path):
        return output.destinations(root.snapshot, path, line, column)
    return output.origins(root.snapshot, path, line, column)


def _renamed(
    server: Server, uri: str, position: lsp.Position
) -> tuple[Root, tuple[str | int, ...], Range] | None:
    """Return the value that is named at a place, with its project and range."""
    found = server.root_of(uri)
    if found is None:
        return None
    root, path = found
    line, column = root.place(path, position)
    if root.is_template(path):
        use = templates.use_at(root.snapshot, path, line, column)
        paths = templates.value_paths(root.snapshot, use) if use else []
        return (root, paths[0], Range.of(use.at)) if use and paths else None
    layer = root.snapshot.layers.get(path)
    keys = layer.located.keys.items() if layer else ()
    return next(
        ((root, key, Range.of(span)) for key, span in keys if Range.of(span).holds(line, column)), None
    )


def _copies(root: Root, path: str, params: lsp.CodeActionParams) -> Iterator[lsp.CodeAction]:
    """Yield an action for each environment that the value of a line can be copied to, worked out when chosen."""
    place = root.place(path, params.range.start)
    value = values.path_at(root.text(path), *place) if root.folders.is_values(path) else ()
    for source, target in copying.targets(root.snapshot, path, value):
        title = f"Copy {format_path(value)} to {target}…"
        data = [params.text_document.uri, source, target, list(value)]
        yield lsp.CodeAction(title, lsp.CodeActionKind.RefactorRewrite, data=data)


def _symbol(root: Root, symbol: values.Symbol) -> lsp.DocumentSymbol:
    at = root.range(symbol.at)
    whole = lsp.Range(at.start, lsp.Position(max(symbol.last, at.end.line) + 1, 0))
    kind = lsp.SymbolKind.Namespace if symbol.inner else lsp.SymbolKind.Property
    inner = [_symbol(root, each) for each in symbol.inner]
    return lsp.DocumentSymbol(symbol.name, kind, whole, at, symbol.detail or None, children=inner or None)


def _on_initialize(server: Server, params: lsp.InitializeParams) -> None:
    options = params.initialization_options
    server.hinted = str(options.get("inlayHints", "")) if isinstance(options, dict) else ""


def _on_hints(server: Server, params: lsp.InlayHintParams) -> list[lsp.InlayHint]:
    found = server.root_of(params.text_document.uri)
    if found is None or not server.hinted:
        return []
    root, path = found
    lines = range(params.range.start.line, params.range.end.line + 1)
    hints = templates.hints(root.snapshot, path, server.hinted, lines)
    return [lsp.InlayHint(root.range(at).end, f" = {text}", padding_left=True) for at, text in hints]


_FEATURES: dict[str, tuple[Callable[..., Any], Any]] = {
    lsp.TEXT_DOCUMENT_DID_OPEN: (_on_opened, None),
    lsp.TEXT_DOCUMENT_DID_CHANGE: (_on_changed, None),
    lsp.TEXT_DOCUMENT_DID_SAVE: (_on_saved, None),
    lsp.TEXT_DOCUMENT_DID_CLOSE: (_on_closed, None),
    lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES: (_on_watched, None),
    lsp.TEXT_DOCUMENT_DIAGNOSTIC: (
        _on_asked,
        lsp.DiagnosticOptions(inter_file_dependencies=True, workspace_diagnostics=False, identifier="oetgen"),
    ),
    lsp.TEXT_DOCUMENT_COMPLETION: (
        _on_complete,
        lsp.CompletionOptions(trigger_characters=[".", "{", "|", " ", ":"]),
    ),
    lsp.TEXT_DOCUMENT_HOVER: (_on_hover, None),
    lsp.TEXT_DOCUMENT_DEFINITION: (_on_definition, None),
    lsp.TEXT_DOCUMENT_REFERENCES: (_on_references, None),
    lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL: (_on_symbols, None),
    lsp.TEXT_DOCUMENT_CODE_ACTION: (_on_actions, lsp.CodeActionOptions(resolve_provider=True)),
    lsp.CODE_ACTION_RESOLVE: (_on_action, None),
    lsp.TEXT_DOCUMENT_PREPARE_RENAME: (_on_prepare, None),
    lsp.TEXT_DOCUMENT_RENAME: (_on_renamed, lsp.RenameOptions(prepare_provider=True)),
    lsp.TEXT_DOCUMENT_CODE_LENS: (_on_lenses, lsp.CodeLensOptions(resolve_provider=True)),
    lsp.CODE_LENS_RESOLVE: (_on_resolved, None),
    "oetgen/preview": (_on_preview, None),
    "oetgen/provenance": (_on_provenance, None),
    "oetgen/settled": (_on_settled, None),
    lsp.INITIALIZE: (_on_initialize, None),
    lsp.TEXT_DOCUMENT_INLAY_HINT: (_on_hints, None),
    lsp.SHUTDOWN: (_on_shutdown, None),
}
