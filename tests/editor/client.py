"""An editor for tests: it starts `oetgen lsp` and speaks the protocol with it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient


class Editor:
    """The client's side of a session: open texts, and the diagnostics that were published."""

    def __init__(self, client: LanguageClient, root: Path, encoding: str = "utf-16") -> None:
        self.client = client
        self.root = root
        self.encoding = encoding
        self.published: dict[str, list[lsp.Diagnostic]] = {}
        self.messages: list[str] = []
        self.refreshes = 0
        self._texts: dict[str, str] = {}
        self._versions: dict[str, int] = {}

    def uri(self, path: str) -> str:
        """Return the URI of a file."""
        return (self.root / path).as_uri()

    def path(self, uri: str) -> str:
        """Return the path of a file, relative to the project."""
        return Path(unquote(urlsplit(uri).path)).relative_to(self.root).as_posix()

    def open(self, path: str, text: str | None = None) -> None:
        """Open a file, by default with its text on disk."""
        self._texts[path] = text if text is not None else (self.root / path).read_bytes().decode()
        self._versions[path] = 1
        item = lsp.TextDocumentItem(self.uri(path), "oetgen", 1, self._texts[path])
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))

    def text(self, path: str) -> str:
        """Return the text of an open file."""
        return self._texts[path]

    def write(self, path: str, text: str) -> None:
        """Replace the text of an open file."""
        self._texts[path] = text
        self._versions[path] += 1
        document = lsp.VersionedTextDocumentIdentifier(self._versions[path], self.uri(path))
        changes = [lsp.TextDocumentContentChangeWholeDocument(text)]
        self.client.text_document_did_change(lsp.DidChangeTextDocumentParams(document, changes))

    def replace(self, path: str, old: str, new: str) -> None:
        """Replace the only occurrence of `old` in an open file."""
        assert self._texts[path].count(old) == 1, (path, old, self._texts[path].count(old))
        self.write(path, self._texts[path].replace(old, new))

    def close(self, path: str) -> None:
        """Close a file without saving it."""
        document = lsp.TextDocumentIdentifier(self.uri(path))
        self.client.text_document_did_close(lsp.DidCloseTextDocumentParams(document))

    async def settled(self, path: str) -> dict[str, list[lsp.Diagnostic]]:
        """Wait until nothing is analysed; return the diagnostics of the files that have any, by path."""
        await self.client.protocol.send_request_async("oetgen/settled", {"uri": self.uri(path)})
        return {self.path(uri): found for uri, found in self.published.items() if found}

    def place(self, path: str, before: str, behind: str = "") -> lsp.Position:
        """Return the position between two texts that stand next to each other once in an open file."""
        text = self._texts[path]
        assert text.count(before + behind) == 1, (before + behind, text.count(before + behind))
        offset = text.index(before + behind) + len(before)
        line = text.count("\n", 0, offset)
        return lsp.Position(line, self.units(text[text.rfind("\n", 0, offset) + 1 : offset]))

    def units(self, text: str) -> int:
        """Return the length of a text in the units of the encoding."""
        return len(text.encode(_CODECS[self.encoding][0])) // _CODECS[self.encoding][1]

    def text_at(self, path: str, at: lsp.Range) -> str:
        """Return the text of a range on one line of a file, open or not."""
        text = self._texts[path] if path in self._texts else (self.root / path).read_bytes().decode()
        assert at.start.line == at.end.line
        codec, size = _CODECS[self.encoding]
        line = text.split("\n")[at.start.line].encode(codec)
        return line[size * at.start.character : size * at.end.character].decode(codec)

    def at(self, path: str, before: str, behind: str = "") -> dict[str, Any]:
        """Return the parameters of a request about a place."""
        return {
            "text_document": lsp.TextDocumentIdentifier(self.uri(path)),
            "position": self.place(path, before, behind),
        }

    async def completions(self, path: str, before: str, behind: str = "") -> dict[str, lsp.CompletionItem]:
        """Return what is suggested at a place, by label."""
        answer = await self.client.text_document_completion_async(
            lsp.CompletionParams(**self.at(path, before, behind))
        )
        items = answer.items if isinstance(answer, lsp.CompletionList) else answer or []
        return {item.label: item for item in items}

    async def hover(self, path: str, before: str, behind: str = "") -> str:
        """Return what is shown about a place."""
        found = await self.client.text_document_hover_async(lsp.HoverParams(**self.at(path, before, behind)))
        return found.contents.value if found and isinstance(found.contents, lsp.MarkupContent) else ""

    async def definition(self, path: str, before: str, behind: str = "") -> list[str]:
        """Return the lines, as `path:line`, that define what is at a place."""
        params = lsp.DefinitionParams(**self.at(path, before, behind))
        return self.lines(await self.client.text_document_definition_async(params))

    def lines(self, locations: Any) -> list[str]:
        """Return locations as `path:line`, the line counted from 1."""
        return [f"{self.path(each.uri)}:{each.range.start.line + 1}" for each in locations or ()]

    async def ask(self, method: str, **parameters: Any) -> Any:
        """Send a request of oetgen's own."""
        return await self.client.protocol.send_request_async(method, parameters)

    def apply(self, edit: lsp.WorkspaceEdit) -> None:
        """Apply the edits of an answer to files, opening them where needed."""
        for change in edit.document_changes or ():
            assert isinstance(change, lsp.TextDocumentEdit)
            path = self.path(change.text_document.uri)
            if path not in self._texts:
                self.open(path)
            self.write(path, edited(self._texts[path], change.edits, self.encoding))


_CODECS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


def edited(text: str, edits: Any, encoding: str = "utf-16") -> str:
    """Return a text with the edits of an answer, whose columns are in the units of an encoding."""
    lines = text.split("\n")
    codec, size = _CODECS[encoding]

    def offset(position: lsp.Position) -> int:
        line = lines[position.line].encode(codec)[: size * position.character].decode(codec)
        return sum(len(each) + 1 for each in lines[: position.line]) + len(line)

    spans = sorted(
        ((offset(each.range.start), offset(each.range.end), each.new_text) for each in edits), reverse=True
    )
    for start, end, new in spans:
        text = text[:start] + new + text[end:]
    return text


@asynccontextmanager
async def editing(
    root: Path, encoding: str = "utf-16", log: Path | None = None, *, asks: bool = False, hinted: str = ""
) -> AsyncIterator[Editor]:
    """Start the server for a project, and stop it at the end; its messages are in the file `log`.

    With `asks`, the editor asks for diagnostics, so that none are sent about open files. `hinted` is the environment
    whose values are shown beside names.
    """
    client = LanguageClient("tests", "1")
    editor = Editor(client, root, encoding)

    def published(params: lsp.PublishDiagnosticsParams) -> None:
        editor.published[params.uri] = list(params.diagnostics)

    def shown(params: lsp.ShowMessageParams) -> None:
        editor.messages.append(params.message)

    def refreshed(params: None) -> None:
        editor.refreshes += 1

    receive: Any = client.feature  # its decorators have no types
    receive(lsp.WORKSPACE_DIAGNOSTIC_REFRESH)(refreshed)
    receive(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(published)
    receive(lsp.WINDOW_SHOW_MESSAGE)(shown)
    recorder = [sys.executable, "-m", "tests.editor.recorder", str(log)] if log else []
    await client.start_io(*recorder, sys.executable, "-m", "generator", "lsp")
    encodings = [lsp.PositionEncodingKind(encoding), lsp.PositionEncodingKind.Utf16]
    capabilities = lsp.ClientCapabilities(general=lsp.GeneralClientCapabilities(position_encodings=encodings))
    if asks:
        capabilities.text_document = lsp.TextDocumentClientCapabilities(
            diagnostic=lsp.DiagnosticClientCapabilities()
        )
        renewed = lsp.DiagnosticWorkspaceClientCapabilities(refresh_support=True)
        capabilities.workspace = lsp.WorkspaceClientCapabilities(diagnostics=renewed)
    options = {"inlayHints": hinted} if hinted else None
    await client.initialize_async(
        lsp.InitializeParams(
            capabilities, root_uri=root.as_uri(), process_id=None, initialization_options=options
        )
    )
    client.initialized(lsp.InitializedParams())
    try:
        yield editor
    finally:
        await client.shutdown_async(None)
        client.exit(None)
        stop: Any = client.stop
        await asyncio.wait_for(stop(), 20)
