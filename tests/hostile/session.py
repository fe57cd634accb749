"""A session with the language server: what an editor sends when a file of a project is opened and saved."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import IO, Any


class Session:
    """The editor's side of `oetgen lsp`, over its standard input and output."""

    def __init__(self, to_server: IO[bytes], from_server: IO[bytes]) -> None:
        self._to_server, self._from_server = to_server, from_server
        self._number = 0
        self.received = b""

    def run(self, root: Path, path: str, text: str, *, saves: bool = False) -> None:
        """Open a file, ask what an editor asks, and end the server; a save runs the outside tools, too."""
        uri = (root / path).as_uri()
        place = {"textDocument": {"uri": uri}, "position": {"line": 1, "character": 10}}
        with suppress(BrokenPipeError, EOFError):
            self._ask("initialize", {"processId": None, "rootUri": root.as_uri(), "capabilities": {}})
            self._send("initialized", {})
            document = {"uri": uri, "languageId": "oetgen", "version": 1, "text": text}
            self._send("textDocument/didOpen", {"textDocument": document})
            self._ask("oetgen/settled", {"uri": uri})
            if saves:
                self._send("textDocument/didSave", {"textDocument": {"uri": uri}})
                self._ask("oetgen/settled", {"uri": uri})
            for method in ("hover", "completion", "definition"):
                self._ask(f"textDocument/{method}", place)
            self._ask("oetgen/preview", {"uri": uri, "environment": "prod"})
            self._ask("shutdown", None)
            self._send("exit", None)

    def _ask(self, method: str, parameters: Any) -> None:
        """Send a request, and wait for its answer."""
        self._number += 1
        self._send(method, parameters, id=self._number)
        while True:
            answer = self._receive()
            if answer.get("id") == self._number and "method" not in answer:
                return

    def _send(self, method: str, parameters: Any, **others: int) -> None:
        data = json.dumps({"jsonrpc": "2.0", "method": method, "params": parameters, **others}).encode()
        self._to_server.write(b"Content-Length: %d\r\n\r\n%s" % (len(data), data))
        self._to_server.flush()

    def _receive(self) -> Any:
        length = 0
        while line := self._from_server.readline().strip():
            if line.startswith(b"Content-Length:"):
                length = int(line.split()[1])
        if not length:
            raise EOFError
        data = self._from_server.read(length)
        self.received += data
        return json.loads(data)
