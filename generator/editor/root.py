"""One project of the editor: its URIs, and its ranges, findings and edits in the words of the protocol."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path

from generator.editor import diagnostics
from generator.editor.analyses import Analyses
from generator.editor.place import Edit, Range, line_of
from generator.editor.workspace import Snapshot, Workspace
from generator.findings import Severity
from generator.project import SUFFIX
from generator.project.folder import Folders, read

_SEVERITIES = {
    Severity.ERROR: lsp.DiagnosticSeverity.Error,
    Severity.WARNING: lsp.DiagnosticSeverity.Warning,
    Severity.INFO: lsp.DiagnosticSeverity.Information,
}


class Root:
    """A project with its analyses, whose findings it publishes."""

    def __init__(self, server: LanguageServer, executor: Executor, tools: Executor, folder: Path) -> None:
        self.workspace = Workspace(folder)
        self.analyses = Analyses(self.workspace, executor, tools, self._publish)
        self.uris: dict[str, str] = {}  # of open files, as the editor writes them
        self._server = server
        self._published: set[str] = set()

    @property
    def snapshot(self) -> Snapshot:
        """What is known of the project."""
        return self.workspace.snapshot

    @property
    def folders(self) -> Folders:
        """Where values and templates are."""
        return self.workspace.project.folders

    def is_template(self, path: str) -> bool:
        """Return whether the file at a path is a template or a partial, shared or not."""
        return path.endswith(SUFFIX) and bool(self.workspace.project.template_of(path))

    def uri(self, path: str) -> str:
        """Return the URI of a file of the project."""
        place = Path(*self.workspace.project.place_of(path))
        try:
            return self.uris.get(path) or from_fs_path(str(place)) or ""
        except UnicodeEncodeError:  # a name that is not UTF-8
            return place.as_uri()

    def text(self, path: str) -> str:
        """Return the text of a file, as it is in the editor."""
        return read(self.workspace.project, path)[0]

    def place(self, path: str, position: lsp.Position) -> tuple[int, int]:
        """Return line and column, in characters, of a position of the editor."""
        lines = self._server.workspace.get_text_document(self.uri(path)).lines
        found = self._server.workspace.position_codec.position_from_client_units(lines, position)
        return found.line, found.character

    def range(self, at: Range) -> lsp.Range:
        """Return a range in the units of the editor."""
        rendered = self.snapshot.output(at.path)
        line = line_of(rendered if rendered is not None else self.text(at.path), at.line)
        units = self._server.workspace.position_codec.client_num_units
        return lsp.Range(
            lsp.Position(at.line, units(line[: at.start])), lsp.Position(at.line, units(line[: at.end]))
        )

    def location(self, at: Range) -> lsp.Location:
        """Return a place in a file."""
        return lsp.Location(self.uri(at.path), self.range(at))

    def diagnostic(self, found: diagnostics.Diagnostic) -> lsp.Diagnostic:
        """Return a finding for the editor."""
        related = [
            lsp.DiagnosticRelatedInformation(self.location(at), message) for at, message in found.related
        ]
        return lsp.Diagnostic(
            self.range(found.at),
            found.message,
            _SEVERITIES[found.severity],
            found.code,
            source="oetgen",
            related_information=related or None,
        )

    def edit(self, edits: Sequence[Edit], note: str = "") -> lsp.WorkspaceEdit:
        """Return edits of several files; of open ones for the version that the answer is about.

        With a note, the editor shows it and asks before it applies them.
        """
        changes: list[Any] = []
        for path in dict.fromkeys(edit.at.path for edit in edits):
            uri = self.uri(path)
            document = self._server.workspace.text_documents.get(uri)
            texts: list[Any] = [self._text_edit(edit) for edit in edits if edit.at.path == path]
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

    def _text_edit(self, edit: Edit) -> lsp.TextEdit:
        at = self.range(edit.at)
        if edit.lines:
            lines = self.text(edit.at.path).split("\n")
            last = Range(edit.at.path, len(lines) - 1, len(lines[-1]), len(lines[-1]))
            after = edit.at.line + edit.lines
            end = lsp.Position(after, 0) if after <= last.line else self.range(last).end
            at = lsp.Range(at.start, end)
        return lsp.TextEdit(at, edit.text)

    @property
    def is_asked(self) -> bool:
        """Whether the editor asks for the diagnostics of open files, and again when there are new ones."""
        offered = self._server.client_capabilities
        renews = offered.workspace and offered.workspace.diagnostics
        asks = offered.text_document and offered.text_document.diagnostic
        return bool(asks and renews and renews.refresh_support)

    async def diagnostics(self, path: str) -> list[lsp.Diagnostic]:
        """Return the diagnostics of a file, of the text that the editor has."""
        if self.workspace.generation:
            await self.analyses.analysed.wait()
        found = diagnostics.diagnostics(self.snapshot.findings).get(path, [])
        return [self.diagnostic(each) for each in found]

    def _publish(self, snapshot: Snapshot) -> None:
        documents, is_asked = self._server.workspace.text_documents, self.is_asked
        found = {
            path: each
            for path, each in diagnostics.diagnostics(snapshot.findings).items()
            if not is_asked or self.uri(path) not in documents
        }
        for path in sorted(self._published | set(found)):
            uri = self.uri(path)
            document = documents.get(uri)
            shown = [self.diagnostic(each) for each in found.get(path, [])]
            version = document.version if document else None
            self._server.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, shown, version))
        self._published = set(found)
        if is_asked:
            self._server.workspace_diagnostic_refresh(None)
        offered = self._server.client_capabilities.workspace
        if offered and offered.code_lens and offered.code_lens.refresh_support:
            self._server.workspace_code_lens_refresh(None)
