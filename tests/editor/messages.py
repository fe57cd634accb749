"""Judge the messages of a session by the types of the protocol, and write them compactly.

The types are those of `lsprotocol`, which its authors generate from the protocol's meta model; no package has the
model itself. A message is right when it can be read as its type; the type has every key of a message of the server.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml
from lsprotocol import types as lsp
from lsprotocol.converters import get_converter

from tests.editor.recorder import recorded

Message = tuple[str, dict[str, Any]]
_OWN = "oetgen/"  # requests that are not the protocol's
_CONVERTER = get_converter()


def problems(messages: Iterable[Message]) -> Iterator[str]:
    """Yield what the protocol refuses in the messages of a session."""
    asked: dict[tuple[str, Any], str] = {}
    for side, message in messages:
        if method := message.get("method", ""):
            if "id" in message:
                asked[side, message["id"]] = method
            kind = lsp.METHOD_TO_TYPES[method][0] if method in lsp.METHOD_TO_TYPES else None
        else:
            method = asked.pop(("server" if side == "client" else "client", message["id"]))
            kind = lsp.METHOD_TO_TYPES[method][1] if method in lsp.METHOD_TO_TYPES else None
            kind = lsp.ResponseErrorMessage if "error" in message else kind
        if kind is None:
            if not method.startswith(_OWN):
                yield f"{side}: the protocol has no {method}"
            continue
        try:
            read = _CONVERTER.unstructure(_CONVERTER.structure(message, kind), kind)
        except Exception as problem:
            yield f"{side}: {method}: {problem!r}: {message}"
            continue
        if side == "server":  # editors send more than the protocol has, which servers ignore
            yield from (f"{side}: {method}: unknown {path}" for path in _lost(message, read, ""))
    yield from (f"no answer to {method}" for (side, _), method in asked.items() if side == "client")


def _lost(written: Any, read: Any, path: str) -> Iterator[str]:
    """Yield the places of a message that its type does not have."""
    if isinstance(written, dict) and isinstance(read, dict):
        for key, value in written.items():
            if key in read:
                yield from _lost(value, read[key], f"{path}.{key}")
            elif value is not None:
                yield f"{path}.{key}"
    elif isinstance(written, list) and isinstance(read, list) and len(written) == len(read):
        for number, (one, other) in enumerate(zip(written, read, strict=True)):
            yield from _lost(one, other, f"{path}[{number}]")
    elif written != read:
        yield f"{path}: {written!r} became {read!r}"


def transcript(messages: Iterable[Message], root: Path) -> str:
    """Return the requests of a session with their answers, and the diagnostics that stand when it has settled."""
    asked: dict[Any, str] = {}
    shown: dict[str, Any] = {}
    settled: dict[str, Any] = {}
    lines: list[str] = []
    for side, message in _without_place(messages, root):
        method = message.get("method", "")
        if method == lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS:
            found = message["params"]["diagnostics"]
            shown[message["params"]["uri"]] = [each for each in found if each.get("code") not in _DATED]
        elif method and side == "client":
            asked[message.get("id")] = method
            if method not in (lsp.INITIALIZE, "oetgen/settled"):
                lines.append(_entry(f"→ {method}", message.get("params")))
        elif method:
            lines.append(_entry(f"← {method}", message.get("params")))
        elif side == "server" and asked[message["id"]] == "oetgen/settled":
            # A file that had none before may have had some for a moment.
            renewed = {uri: each for uri, each in sorted(shown.items()) if each != settled.get(uri, [])}
            lines += [_entry("← diagnostics", {uri: each}) for uri, each in renewed.items()]
            settled |= renewed
        elif side == "server" and asked[message["id"]] != lsp.INITIALIZE:
            lines.append(_entry("←", message.get("result", message.get("error"))))
    return "".join(lines)


def _without_place(messages: Iterable[Message], root: Path) -> Iterator[Message]:
    """Yield messages with short names for the files of a project, wherever it is."""
    for side, message in messages:
        text = json.dumps(message, ensure_ascii=False)
        yield side, json.loads(text.replace(root.as_uri(), "project:").replace(str(root), "project"))


def _entry(title: str, value: Any) -> str:
    text = yaml.dump(_short(value), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=_WIDE)
    inner = re.sub(r"^", "  ", text.removesuffix("...\n").rstrip("\n"), flags=re.MULTILINE)
    return f"{title}\n{inner}\n"


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks, and never an alias."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def _short(value: Any) -> Any:
    """Return a value with positions as `line:character`, ranges as `from to`, and only the first of many items."""
    if isinstance(value, list):
        more = [f"… and {len(value) - _MOST} more"] if len(value) > _MOST else []
        return [*map(_short, value[:_MOST]), *more]
    if isinstance(value, str) and value.count("\n") > _LINES:
        lines = value.split("\n")
        return "\n".join([*lines[:_LINES], f"… and {len(lines) - _LINES} more lines"])
    if not isinstance(value, dict):
        return value
    if set(value) == {"line", "character"}:
        return f"{value['line']}:{value['character']}"
    if set(value) == {"start", "end"}:
        return f"{_short(value['start'])} to {_short(value['end'])}"
    if set(value) == {"uri"}:
        return value["uri"]
    if set(value) == {"uri", "range"}:
        return f"{value['uri']} {_short(value['range'])}"
    if set(value) == {"text"} or "languageId" in value:  # of a document, which is long
        value = {key: inner for key, inner in value.items() if key != "text"}
    return {key: _short(inner) for key, inner in value.items() if key != "version"}


_MOST = 6
_DATED = ("checks/support",)  # whose message names the days that are left
_LINES = 25
_WIDE = 10_000  # no line is broken, wherever the project is


if __name__ == "__main__":
    found = [each for log in sys.argv[1:] for each in problems(recorded(Path(log)))]
    print("\n".join(found) or f"every message of {len(sys.argv) - 1} sessions is as the protocol has it")
    sys.exit(bool(found))
