"""A page served on the loopback address, which the browser loads again whenever it is a new one."""

from __future__ import annotations

import hashlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

_ADDRESS = "127.0.0.1"
_FRAME = b"""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>oetgen</title>
<style>html, body, iframe { margin: 0; border: 0; width: 100%; height: 100vh; display: block }</style>
<iframe src="/page" title="The report"></iframe>
<script>
let shown = "";
setInterval(async () => {
  try {
    const latest = await (await fetch("/version")).text();
    if (shown && latest !== shown) document.querySelector("iframe").contentWindow.location.reload();
    shown = latest;
  } catch { /* the watch has ended, or starts again */ }
}, 500);
</script></html>
"""


class ServedPage:
    """Serves the file at `path` until the process ends; `port` 0 takes a free one.

    Raises OSError for a port that is taken.
    """

    def __init__(self, path: Path, port: int) -> None:
        self._path = path
        self._server = ThreadingHTTPServer((_ADDRESS, port), self._handler())
        self._server.daemon_threads = True
        Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        """The address for the browser."""
        return f"http://{_ADDRESS}:{self._server.server_port}/"

    def answer(self, path: str) -> tuple[str, bytes] | None:
        """Return type and content for a path, or None when there is nothing."""
        if path == "/":
            return "text/html; charset=utf-8", _FRAME
        data = self._path.read_bytes() if self._path.exists() else b"The report is not there yet."
        if path == "/page":
            return "text/html; charset=utf-8", data
        return ("text/plain", hashlib.sha256(data).hexdigest().encode()) if path == "/version" else None

    def hosts(self) -> tuple[str, ...]:
        """Return the names that a browser may have reached the page by: no other site's name may lead to it."""
        port = self._server.server_port
        return f"{_ADDRESS}:{port}", f"localhost:{port}"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        page = self

        class Handler(BaseHTTPRequestHandler):
            """Answers from the page."""

            def do_GET(self) -> None:
                found = page.answer(self.path) if self.headers.get("Host") in page.hosts() else None
                kind, data = found or ("text/plain", b"not found")
                self.send_response(200 if found else 404)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(data)))
                self.send_header("Cache-Control", "no-store")
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                """Log nothing: the terminal shows what is rendered."""

        return Handler
