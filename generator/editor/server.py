"""`oetgen lsp`: the language server. It converts between the protocol and the answers of this room, and schedules.

Analyses run in one thread of its own, never in pygls's pool, which also reads standard input. A change only sets a
flag: however many there are, one analysis runs and at most one waits. What an analysis finds is published only when
no newer text has arrived; until then its answers stand. The rules run when nothing was typed for a moment, outside
tools when a file is saved.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path

from generator import __version__
from generator.editor import copying, diagnostics, output, rename, templates, values
from generator.editor.place import Edit, Range, environment_of, is_template, is_values
from generator.editor.workspace import Snapshot, StaleError, Workspace
from generator.findings import OetgenError, Severity
from generator.project import BASE, SETTINGS, find_root
from generator.project.folder import read
from generator.values.source import format_path

_IDLE = 0.4  # seconds without a change, after which the rules run
_SEVERITIES = {
    Severity.ERROR: lsp.DiagnosticSeverity.Error,
    Severity.WARNING: lsp.DiagnosticSeverity.Warning,
    Severity.INFO: lsp.DiagnosticSeverity.Information,
}
_log = logging.getLogger("oetgen")


class Root:
    """One project of the editor: its workspace, and the task that analyses it."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.workspace = Workspace(folder)
        self.settled = asyncio.Event()  # set while nothing is waiting or running
        self.uris: dict[str, str] = {}  # of open files, as the editor writes them
        self._server = server
        self._changed = asyncio.Event()
        self._saved = False
        self._focus = ""  # the environment whose values were edited last
        self._published: set[str] = set()
        self._task = asyncio.get_running_loop().create_task(self._run())

    @property
    def snapshot(self) -> Snapshot:
        """What is known of the project."""
        return self.workspace.snapshot

    def change(self, path: str, text: str | None, *, saved: bool = False) -> None:
        """Note a new text, and ask for an analysis."""
        self.workspace.change(path, text)
        if is_values(path):
            self._focus = environment_of(path)
        self._focus = self._focus or BASE
        self._saved = self._saved or saved
        self.settled.clear()
        self._changed.set()

    def uri(self, path: str) -> str:
        """Return the URI of a file of the project."""
        return self.uris.get(path) or from_fs_path(str(Path(*self.workspace.project.place_of(path)))) or ""

    def text(self, path: str) -> str:
        """Return the text of a file, as it is in the editor."""
        return read(self.workspace.project, path)[0]

    def stop(self) -> None:
        """Stop the analyses."""
        self._task.cancel()

    async def _run(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            if not await self._step(partial(self.workspace.analyse, focus=self._focus)):
                continue
            tools, self._saved = self._saved, False
            try:
                await asyncio.wait_for(self._changed.wait(), 0 if tools else _IDLE)
            except TimeoutError:
                if await self._step(partial(self.workspace.examine, tools=tools)):
                    self.settled.set()
            else:
                self._saved = tools

    async def _step(self, step: Callable[[Callable[[], bool]], Snapshot]) -> bool:
        """Run a part of the analysis; publish what it found, unless newer texts have arrived."""
        generation = self.workspace.generation

        def is_stale() -> bool:
            return self.workspace.generation != generation

        loop = asyncio.get_running_loop()
        try:
            snapshot = await loop.run_in_executor(self._server.executor, step, is_stale)
        except StaleError:
            return False
        except Exception:  # the editor goes on with what was known before
            _log.exception("the analysis failed")
            return not is_stale()
        if is_stale():
            return False
        self._publish(snapshot)
        return True

    def _publish(self, snapshot: Snapshot) -> None:
        found = diagnostics.diagnostics(snapshot.findings)
        for path in sorted(self._published | set(found)):
            uri = self.uri(path)
            document = self._server.workspace.text_documents.get(uri)
            shown = [self._server.diagnostic(self, each) for each in found.get(path, [])]
            version = document.version if document else None
            self._server.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, shown, version))
        self._published = set(found)
        for refresh, feature in self._server.refreshes():
            if feature:
                refresh(None)


class Server(LanguageServer):
    """The language server, with a root for each project that a document was opened of."""

    def __init__(self) -> None:
        super().__init__("oetgen", __version__)
        self.executor = ThreadPoolExecutor(1, "oetgen")
        self.roots: dict[str, Root] = {}
        self.hinted = ""  # the environment whose values are shown beside names in templates, if any

    def root_of(self, uri: str) -> tuple[Root, str] | None:
        """Return the project of a document, and the path of the document in it."""
        name = to_fs_path(uri)
        folder = find_root(str(Path(name).parent)) if name else None
        if not name or not folder:
            return None
        if folder not in self.roots:
            self.roots[folder] = Root(self, Path(folder))
        path = self.roots[folder].workspace.relative(Path(name))
        return (self.roots[folder], path) if path else None

    def refreshes(self) -> list[tuple[Callable[[Any], Any], bool]]:
        """Return what asks the editor to fetch again, each with whether the editor offers it."""
        offered = self.client_capabilities.workspace
        lens = bool(offered and offered.code_lens and offered.code_lens.refresh_support)
        return [(self.workspace_code_lens_refresh, lens)]

    def place(self, uri: str, position: lsp.Position) -> tuple[int, int]:
        """Return line and column, in characters, of a position of the editor."""
        lines = self.workspace.get_text_document(uri).lines
        found = self.workspace.position_codec.position_from_client_units(lines, position)
        return found.line, found.character

    def range(self, root: Root, at: Range) -> lsp.Range:
        """Return a range in the units of the editor."""
        lines = root.text(at.path).split("\n")
        line = lines[at.line] if at.line < len(lines) else ""
        units = self.workspace.position_codec.client_num_units
        return lsp.Range(
            lsp.Position(at.line, units(line[: at.start])), lsp.Position(at.line, units(line[: at.end]))
        )

    def location(self, root: Root, at: Range) -> lsp.Location:
        """Return a place in a file."""
        return lsp.Location(root.uri(at.path), self.range(root, at))

    def diagnostic(self, root: Root, found: diagnostics.Diagnostic) -> lsp.Diagnostic:
        """Return a finding for the editor."""
        related = [
            lsp.DiagnosticRelatedInformation(self.location(root, at), message)
            for at, message in found.related
        ]
        return lsp.Diagnostic(
            self.range(root, found.at),
            found.message,
            _SEVERITIES[found.severity],
            found.code,
            source="oetgen",
            related_information=related or None,
        )

    def edit(self, root: Root, edits: Sequence[Edit], note: str = "") -> lsp.WorkspaceEdit:
        """Return edits of several files; of open ones for the version that the answer is about.

        With a note, the editor shows it and asks before it applies them.
        """
        changes: list[Any] = []
        for path in dict.fromkeys(edit.at.path for edit in edits):
            uri = root.uri(path)
            document = self.workspace.text_documents.get(uri)
            texts: list[Any] = [self._text_edit(root, edit) for edit in edits if edit.at.path == path]
            if note:
                texts = [lsp.AnnotatedTextEdit("effect", each.range, each.new_text) for each in texts]
            identifier = lsp.OptionalVersionedTextDocumentIdentifier(
                uri, document.version if document else None
            )
            changes.append(lsp.TextDocumentEdit(identifier, texts))
        asked = lsp.ChangeAnnotation(
            note, needs_confirmation=True, description="what it changes in the output"
        )
        return lsp.WorkspaceEdit(
            document_changes=changes, change_annotations={"effect": asked} if note else None
        )

    def _text_edit(self, root: Root, edit: Edit) -> lsp.TextEdit:
        at = self.range(root, edit.at)
        if edit.lines:
            lines = root.text(edit.at.path).split("\n")
            last = Range(edit.at.path, len(lines) - 1, len(lines[-1]), len(lines[-1]))
            behind = edit.at.line + edit.lines
            end = lsp.Position(behind, 0) if behind <= last.line else self.range(root, last).end
            at = lsp.Range(at.start, end)
        return lsp.TextEdit(at, edit.text)


def create() -> Server:
    """Return a server with all features."""
    server = Server()
    for feature, (answer, options) in _FEATURES.items():
        server.feature(feature, options)(partial(answer, server))
    return server


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


def _on_complete(server: Server, params: lsp.CompletionParams) -> list[lsp.CompletionItem]:
    return _complete(server, params.text_document.uri, params.position)


def _on_hover(server: Server, params: lsp.HoverParams) -> lsp.Hover | None:
    text = _hover(server, params.text_document.uri, params.position)
    return lsp.Hover(lsp.MarkupContent(lsp.MarkupKind.Markdown, text)) if text else None


def _on_definition(server: Server, params: lsp.DefinitionParams) -> list[lsp.Location]:
    return _locations(server, params.text_document.uri, params.position, _definition)


def _on_references(server: Server, params: lsp.ReferenceParams) -> list[lsp.Location]:
    return _locations(server, params.text_document.uri, params.position, _references)


def _on_symbols(server: Server, params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol]:
    found = server.root_of(params.text_document.uri)
    layer = found[0].snapshot.layers.get(found[1]) if found else None
    return [_symbol(server, found[0], each) for each in values.symbols(layer)] if found and layer else []


def _on_actions(server: Server, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
    return _actions(server, params)


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
    action.edit = server.edit(root, [whole], note=copy.effect)
    return action


def _on_prepare(server: Server, params: lsp.PrepareRenameParams) -> lsp.Range | None:
    found = _renamed(server, params.text_document.uri, params.position)
    return server.range(found[0], found[2]) if found else None


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
    return server.edit(root, edits)


def _on_lenses(server: Server, params: lsp.CodeLensParams) -> list[lsp.CodeLens]:
    found = server.root_of(params.text_document.uri)
    if found is None:
        return []
    root, path = found
    at = values.lenses(root.snapshot, path)
    data = params.text_document.uri
    return [lsp.CodeLens(server.range(root, each), data=[data, list(value)]) for each, value in at]


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
        await found[0].settled.wait()
    return True


def _on_shutdown(server: Server, params: None) -> None:
    for root in server.roots.values():
        root.stop()
    server.executor.shutdown(wait=False, cancel_futures=True)


def _changed(server: Server, uri: str, *, is_open: bool, saved: bool = False) -> None:
    found = server.root_of(uri)
    if found is None or any(found[1].startswith(f"{each}/") for each in found[0].snapshot.folders().values()):
        return
    root, path = found
    if is_open:
        root.uris[path] = uri
    text = server.workspace.get_text_document(uri).source if is_open else None
    root.change(path, text, saved=saved)


def _complete(server: Server, uri: str, position: lsp.Position) -> list[lsp.CompletionItem]:
    found = server.root_of(uri)
    if found is None:
        return []
    root, path = found
    line, column = server.place(uri, position)
    text = root.text(path)
    answer = (
        templates.complete
        if is_template(path)
        else values.complete
        if is_values(path) or path == SETTINGS
        else None
    )
    return [
        lsp.CompletionItem(
            item.label,
            detail=item.detail or None,
            documentation=lsp.MarkupContent(lsp.MarkupKind.Markdown, item.explanation)
            if item.explanation
            else None,
            text_edit=lsp.TextEdit(server.range(root, item.at), item.text),
            filter_text=item.text,
        )
        for item in (answer(root.snapshot, path, text, line, column) if answer else ())
    ]


def _hover(server: Server, uri: str, position: lsp.Position) -> str:
    found = server.root_of(uri)
    if found is None:
        return ""
    root, path = found
    line, column = server.place(uri, position)
    if is_template(path):
        return templates.hover(root.snapshot, path, root.text(path), line, column)
    if is_values(path):
        return values.hover(root.snapshot, root.text(path), line)
    if path == SETTINGS:
        return values.explain_setting(root.text(path), line)
    return output.hover(root.snapshot, path, line)


Answer = Callable[[Root, str, int, int], Sequence[Range]]


def _locations(server: Server, uri: str, position: lsp.Position, answer: Answer) -> list[lsp.Location]:
    found = server.root_of(uri)
    if found is None:
        return []
    root, path = found
    return [server.location(root, each) for each in answer(root, path, *server.place(uri, position))]


def _definition(root: Root, path: str, line: int, column: int) -> Sequence[Range]:
    if is_template(path):
        return templates.definition(root.snapshot, path, root.text(path), line, column)
    if is_values(path):
        return values.declaration(root.snapshot, values.path_at(root.text(path), line))
    return output.origins(root.snapshot, path, line, column)


def _references(root: Root, path: str, line: int, column: int) -> Sequence[Range]:
    snapshot = root.snapshot
    if is_template(path):
        use = templates.use_at(snapshot, path, line, column)
        paths = templates.value_paths(snapshot, use) if use else []
    else:
        paths = [values.path_at(root.text(path), line)]
    found = [at for each in paths for at in (*values.settings(snapshot, each), *values.uses(snapshot, each))]
    return list(dict.fromkeys(found))


def _provenance(root: Root, path: str, line: int, column: int) -> Sequence[Range]:
    if is_template(path):
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
    line, column = server.place(uri, position)
    if is_template(path):
        use = templates.use_at(root.snapshot, path, line, column)
        paths = templates.value_paths(root.snapshot, use) if use else []
        return (root, paths[0], Range.of(use.at)) if use and paths else None
    layer = root.snapshot.layers.get(path)
    keys = layer.located.keys.items() if layer else ()
    return next(
        ((root, key, Range.of(span)) for key, span in keys if Range.of(span).holds(line, column)), None
    )


def _actions(server: Server, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
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
                    edit=server.edit(root, fix.edits),
                )
            )
    return [*offered, *_copies(root, path, params)]


def _copies(root: Root, path: str, params: lsp.CodeActionParams) -> Iterator[lsp.CodeAction]:
    """Yield an action for each environment that the value of a line can be copied to, worked out when chosen."""
    value = values.path_at(root.text(path), params.range.start.line) if is_values(path) else ()
    for source, target in copying.targets(root.snapshot, path, value):
        title = f"Copy {format_path(value)} to {target}…"
        data = [params.text_document.uri, source, target, list(value)]
        yield lsp.CodeAction(title, lsp.CodeActionKind.RefactorRewrite, data=data)


def _symbol(server: Server, root: Root, symbol: values.Symbol) -> lsp.DocumentSymbol:
    at = server.range(root, symbol.at)
    whole = lsp.Range(at.start, lsp.Position(max(symbol.last, at.end.line) + 1, 0))
    kind = lsp.SymbolKind.Namespace if symbol.inner else lsp.SymbolKind.Property
    inner = [_symbol(server, root, each) for each in symbol.inner]
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
    return [lsp.InlayHint(server.range(root, at).end, f" = {text}", padding_left=True) for at, text in hints]


_FEATURES: dict[str, tuple[Callable[..., Any], Any]] = {
    lsp.TEXT_DOCUMENT_DID_OPEN: (_on_opened, None),
    lsp.TEXT_DOCUMENT_DID_CHANGE: (_on_changed, None),
    lsp.TEXT_DOCUMENT_DID_SAVE: (_on_saved, None),
    lsp.TEXT_DOCUMENT_DID_CLOSE: (_on_closed, None),
    lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES: (_on_watched, None),
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
