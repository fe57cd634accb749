"""The consumers of configuration with a grammar of its own: nginx, make, XML, SQL, systemd, cron, Python."""

from __future__ import annotations

import ast
import re
import sqlite3
import subprocess
import tempfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import crossplane
from honcho.environ import parse_procfile
from selectolax.lexbor import LexborHTMLParser

from tests.languages.escape.consumers import Around, BrokenError, Consumer, _taken

_NGINX_ESCAPE = re.compile(r"""\\(["'\\tnr])""")


def read_nginx(*path: Any) -> Consumer:
    """Return what reads nginx's configuration: the directives by number, in a block by `block`."""

    def read(text: str) -> tuple[Around, Any]:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "nginx.conf")
            file.write_text(text, "utf-8", newline="")
            found = crossplane.parse(
                str(file), single=True, comments=False, strict=False, check_ctx=False, check_args=False
            )
        if found["status"] != "ok":
            raise BrokenError(str(found["errors"]))
        parsed = found["config"][0]["parsed"]
        _without_lines(parsed)
        around, held = _taken(parsed, path)
        if "$" in held:
            raise BrokenError("nginx would expand a part of the value")
        unescaped = {"t": "\t", "n": "\n", "r": "\r"}
        return around, _NGINX_ESCAPE.sub(lambda each: unescaped.get(each[1], each[1]), held)

    return read


def _without_lines(directives: list[dict[str, Any]]) -> None:
    for each in directives:
        each.pop("line", None)
        _without_lines(each.get("block", []))


def read_xml(path: str, attribute: str = "") -> Consumer:
    """Return what reads XML, and takes the text or an attribute of an element."""

    def read(text: str) -> tuple[Around, Any]:
        root = ElementTree.fromstring(text)
        element = root.find(path)
        assert element is not None
        held = element.attrib.pop(attribute) if attribute else element.text
        if not attribute:
            element.text = ""
        return ElementTree.tostring(root), held or ""

    return read


def read_html(path: str, attribute: str = "") -> Consumer:
    """Return what reads HTML as browsers do, and takes the text or an attribute of the element at a selector."""

    def read(text: str) -> tuple[Around, Any]:
        root = LexborHTMLParser(text).root
        assert root is not None
        (element,) = root.css(path)
        around: list[Any] = []
        held: str | None = None
        for node in root.traverse(include_text=True):
            if node.tag == "-text":
                if not attribute and node.parent and node.parent.mem_id == element.mem_id:
                    held = (held or "") + node.text(deep=False)
                else:
                    around.append(("-text", node.text(deep=False)))
                continue
            named = dict(node.attributes)
            if attribute and node.mem_id == element.mem_id:
                held = named.pop(attribute)
            around.append((node.tag, named))
        return around, held or ""

    return read


def read_sql(query: str) -> Consumer:
    """Return what runs statements in SQLite, and takes what a query returns."""

    def read(text: str) -> tuple[Around, Any]:
        database = sqlite3.connect(":memory:")
        try:
            database.executescript(text)
            rows = database.execute(query).fetchall()
            tables = [row[0] for row in database.execute("select name from sqlite_master order by 1")]
        finally:
            database.close()
        return (len(rows), len(tables)), rows[0][0]

    return read


def make(*arguments: str) -> Consumer:
    """Return what runs make in an empty folder, and takes what it prints; a file that it leaves is an error."""

    def read(text: str) -> tuple[Around, Any]:
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "Makefile").write_text(text, "utf-8", newline="")
            done = subprocess.run(
                ["make", "--no-print-directory", *arguments], cwd=folder, capture_output=True, check=False
            )
            if len(list(Path(folder).iterdir())) != 1:
                raise BrokenError("a command was run")
        if done.returncode:
            raise BrokenError(done.stderr.decode("utf-8", "replace"))
        return None, done.stdout.decode("utf-8").removesuffix("\n")

    return read


def cron(number: int) -> Consumer:
    """Return what takes the command of a line: an escaped `%` is one, and what follows a plain one is its input."""

    def read(text: str) -> tuple[Around, Any]:
        lines = text.split("\n")
        *times, command = lines[number].split(None, 5)
        if re.search(r"(?<!\\)%|\\\\", command):
            raise BrokenError("cron would cut the command")
        return [times, lines[:number], lines[number + 1 :]], command.replace("\\%", "%")

    return read


def procfile(name: str) -> Consumer:
    """Return what reads a Procfile, and takes the command of a process."""
    return lambda text: _taken(dict(parse_procfile(text).processes), (name,))


def read_python(name: str) -> Consumer:
    """Return what reads the assignments of constants, and takes one of them."""

    def read(text: str) -> tuple[Around, Any]:
        found: dict[str, Any] = {}
        for each in ast.parse(text).body:
            if not (isinstance(each, ast.Assign) and isinstance(each.targets[0], ast.Name)):
                raise BrokenError(ast.dump(each))
            found[each.targets[0].id] = _constant(each.value)
        return _taken(found, (name,))

    return read


def _constant(value: ast.expr) -> Any:
    if isinstance(value, ast.JoinedStr):
        parts = [each.value if isinstance(each, ast.Constant) else "FIELD" for each in value.values]
        return "".join(map(str, parts))
    return ast.literal_eval(value)


_UNIT_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "s": " "}


def unit(setting: str, index: int | None = None, *, is_command: bool = False) -> Consumer:
    """Return what reads a unit as systemd.syntax(7) says, and takes a setting, or a word of one."""

    def read(text: str) -> tuple[Around, Any]:
        settings = _settings(text)
        value = settings.pop(setting)
        if index is None:
            return settings, _specifiers(value)
        words = [_specifiers(word) for word in _split(value)]
        if is_command:
            words = [_dollars(word) for word in words]
        around, held = _taken(words, (index,))
        return (settings, around), held

    return read


def _settings(text: str) -> dict[str, str]:
    lines: list[str] = []
    goes_on = False
    for line in text.split("\n"):
        if line.lstrip()[:1] in ("#", ";") or (not line.strip() and not goes_on):
            continue
        if goes_on:
            lines[-1] = lines[-1][:-1] + " " + line
        else:
            lines.append(line)
        goes_on = line.endswith("\\")
    found: dict[str, str] = {}
    for line in lines:
        key, equals, value = line.partition("=")
        if key.strip() in found or (not equals and not line.startswith("[")):
            raise BrokenError(f"a line {line!r}")
        found[key.strip()] = value.strip()
    return found


def _split(text: str) -> list[str]:
    words: list[str] = []
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        word, position = _one_word(text, position)
        words.append(word)
    return words


def _one_word(text: str, position: int) -> tuple[str, int]:
    quote = text[position] if text[position] in "'\"" else ""
    position += bool(quote)
    word = ""
    while position < len(text):
        char = text[position]
        position += 1
        if char == "\\":
            escape = text[position : position + 1]
            if escape == "x":
                word += chr(int(text[position + 1 : position + 3], 16))
                position += 3
            else:
                word += _UNIT_ESCAPES.get(escape, escape)
                position += 1
        elif char == quote:
            if text[position : position + 1].strip():
                raise BrokenError("something follows a quote")
            return word, position
        elif not quote and char.isspace():
            break
        elif not quote and char in "'\"":
            raise BrokenError("a quote inside of a word")
        else:
            word += char
    if quote:
        raise BrokenError("a quote is not closed")
    return word, position


def _specifiers(text: str) -> str:
    if "%" in text.replace("%%", ""):
        raise BrokenError("systemd would expand a specifier")
    return text.replace("%%", "%")


def _dollars(text: str) -> str:
    if "$" in text.replace("$$", ""):
        raise BrokenError("systemd would expand a variable")
    return text.replace("$$", "$")
