"""Every message that the program can print, read from its source; `…` stands for what differs from case to case.

A message is an argument of the functions in `_MAKERS`. Where that is put together in another way, the texts are those
of the tests' cases, which hold what was printed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from tests.conftest import ROOT

Names = Mapping[str, list[str]]
"""The texts that a name may stand for."""

# The function that makes a finding or an error: where its message is, and its code, or where that is.
_MAKERS: Mapping[str, tuple[int, str | int]] = {
    "error": (1, 0),
    "warning": (1, 0),
    "error_if": (2, 1),
    "Finding": (2, 0),
    "finding": (2, 1),
    "OetgenError": (0, ""),
    "EncodeError": (0, "render/cannot-encode"),
    "RefusedValueError": (0, "engine/failed"),
    "RefusedTemplateError": (0, "engine/syntax"),
    "ShapeError": (0, "render/bad-shape"),
    "mode": (1, "render/bad-shape"),
    "only": (2, "render/cannot-encode"),
    "one_line": (1, "render/cannot-encode"),
    "Hazard": (3, 0),
    "disagreements": (1, 0),
}
# What stands around the text of some of them.
_AROUND = {
    "only": "{} cannot hold …",
    "one_line": "{} cannot hold the character …",
    "Hazard": "…: {}",
    "disagreements": "… uses …, but {} is … elsewhere",
}
_LETTERS = 8  # that a text must have to be found by it
_PRINTED = re.compile(r"(?:error|warning|info)\[([a-z-]+/[\w*-]+)\] (.+)")


class Message(NamedTuple):
    """A text, and the code of its findings; "" for what a command prints without one."""

    text: str
    code: str


def messages() -> list[Message]:
    """Return every message, sorted by the letters of its text."""
    written = (each for path in sorted((ROOT / "generator").rglob("*.py")) for each in _in_module(path))
    found = {each for each in written if len(letters(each.text)) >= _LETTERS}
    known = {each.code for each in found}
    found |= {each for each in _printed() if each.code not in known}
    return sorted(found, key=lambda each: (letters(each.text), each.code))


def letters(text: str) -> str:
    """Return what a text is sorted by."""
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))


def _in_module(path: Path) -> Iterator[Message]:
    tree = ast.parse(path.read_text("utf-8"))
    constants = _assigned(tree.body, {})
    functions = [each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)]
    is_tool = path.parent.name == "validators"
    for body in (
        *functions,
        *(each for each in tree.body if not isinstance(each, ast.FunctionDef | ast.ClassDef)),
    ):
        local = {**constants, **_assigned(ast.walk(body), constants)}
        for call in (each for each in ast.walk(body) if isinstance(each, ast.Call)):
            for text, code in _of_call(call, local):
                yield Message(text, "checks/tool-failed" if is_tool and not code else code)


def _assigned(nodes: Iterator[ast.AST] | list[ast.stmt], known: Names) -> dict[str, list[str]]:
    """Return the texts that are assigned to names."""
    found: dict[str, list[str]] = {}
    for each in (each for each in nodes if isinstance(each, ast.Assign)):
        for target in each.targets:
            if isinstance(target, ast.Name):
                found.setdefault(target.id, []).extend(_texts(each.value, known))
    return found


def _of_call(call: ast.Call, names: Names) -> Iterator[tuple[str, str]]:
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    position, code = _MAKERS.get(name, (len(call.args), ""))
    if position >= len(call.args):
        return
    if isinstance(code, int):
        codes = _texts(call.args[code], names)
        code = codes[0] if len(codes) == 1 else ""
        code = f"hazards/{code}" if name == "Hazard" and code else code
        if not re.fullmatch(r"[a-z-]+/[a-z-]+", code):
            return
    for text in _texts(call.args[position], names):
        yield re.sub(r"…[… ]*…", "…", _AROUND.get(name, "{}").replace("{}", " ".join(text.split()))), code


def _texts(node: ast.expr, names: Names) -> list[str]:
    """Return the texts that an expression may be, each with `…` for what is not known."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.Name):
        return names.get(node.id, [])
    if isinstance(node, ast.IfExp):
        return [*_texts(node.body, names), *_texts(node.orelse, names)]
    return [_joined(node, names)] if isinstance(node, ast.JoinedStr) else []


def _joined(node: ast.JoinedStr, names: Names) -> str:
    parts: list[str] = []
    for each in node.values:
        known = _texts(each.value, names) if isinstance(each, ast.FormattedValue) else _texts(each, names)
        parts.append(known[0] if len(known) == 1 else "…")
    return "".join(parts)


def _printed() -> Iterator[Message]:
    for path in sorted((ROOT / "tests" / "cases").glob("*.case")):
        for line in path.read_text("utf-8").split("\n"):
            if match := _PRINTED.search(line):
                yield Message(re.sub(r"\d+", "…", match[2]), match[1])
