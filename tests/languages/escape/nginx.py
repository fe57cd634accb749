"""Hostile values in nginx's configuration, with nginx itself as the judge: it answers with exactly the value.

python -m tests.languages.escape.nginx
"""

from __future__ import annotations

import http.client
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from generator.languages import EncodeError, Scalar
from tests.languages.escape.payloads import ORDINARY, hostile
from tests.languages.helpers import as_text, render

_SHAPES = ('return 200 "•";', "return 200 '•';", "return 200 •;", 'return 200 "a•b";')
_HEAD = """\
daemon off;
master_process off;
error_log stderr crit;
pid {folder}/pid;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/a;
  proxy_temp_path {folder}/b;
  fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d;
  scgi_temp_path {folder}/e;
  server {{
    listen unix:{folder}/socket;
    default_type text/plain;
"""


class _Connection(http.client.HTTPConnection):
    """A connection to the socket of nginx."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost")
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self._path)


def _cases(count: int) -> Iterator[tuple[str, str, str]]:
    """Yield the written directive and the answer that it must give, with the value for a message."""
    values: list[Scalar] = [*ORDINARY, *hostile(count, "nginx")]
    for value in values:
        for shape in _SHAPES:
            try:
                written = render("nginx", f"server {{ {shape} }}", value)
            except EncodeError:
                continue
            meant = shape.removeprefix("return 200 ").removesuffix(";").strip("\"'")
            yield written[9:-2], meant.replace("•", as_text(value)), repr(value)


def main(count: int) -> int:
    """Ask nginx for each value, and return how many answers are wrong."""
    wrong = 0
    cases = list(_cases(count))
    with tempfile.TemporaryDirectory() as folder:
        locations = "".join(
            f"    location = /{number} {{ {line} }}\n" for number, (line, _, _) in enumerate(cases)
        )
        path = Path(folder, "nginx.conf")
        path.write_text(_HEAD.format(folder=folder) + locations + "  }\n}\n", "utf-8", newline="")
        server = subprocess.Popen(["nginx", "-p", folder, "-c", str(path)])
        try:
            while server.poll() is None and not Path(folder, "socket").exists():
                time.sleep(0.05)
            for number, (line, meant, value) in enumerate(cases):
                connection = _Connection(f"{folder}/socket")
                connection.request("GET", f"/{number}")
                answer = connection.getresponse().read().decode("utf-8", "replace")
                connection.close()
                if answer != meant:
                    wrong += 1
                    print(f"{value} is written {line} and read as {answer!r}")
        finally:
            server.kill()
            server.wait()
    print(f"{len(cases)} values, {wrong} are read as others")
    return wrong


if __name__ == "__main__":
    if shutil.which("nginx") is None:
        sys.exit("nginx is not installed")
    sys.exit(main(2000) > 0)
