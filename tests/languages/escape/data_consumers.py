"""The consumers of configuration files: TOML, INI, properties, variables, JSON with comments."""

from __future__ import annotations

import configparser
import io
import re
import tempfile
from pathlib import Path
from typing import Any

import javaproperties
import json5
import promql_parser
from dotenv import dotenv_values
from editorconfig.ini import EditorConfigParser

from tests.languages.escape.consumers import Around, BrokenError, Consumer, _taken


def read_json5(*path: Any) -> Consumer:
    """Return what reads JSON5, of which JSON with comments is a part; a key twice is an error."""
    return lambda text: _taken(json5.loads(text, allow_duplicate_keys=False), path)


def read_properties(*path: str | None) -> Consumer:
    """Return what reads a property file."""
    return lambda text: _taken(javaproperties.loads(text), path)


def read_config(section: str, key: str) -> Consumer:
    """Return what reads an INI file with interpolation, and without."""

    def read(text: str) -> tuple[Around, Any]:
        found = []
        for interpolation in (None, configparser.BasicInterpolation(), configparser.ExtendedInterpolation()):
            for inline in (None, ("#", ";")):
                parser = configparser.ConfigParser(
                    interpolation=interpolation, inline_comment_prefixes=inline, allow_no_value=True
                )
                parser.read_string(text)
                found.append({name: dict(parser[name]) for name in parser.sections()})
        if any(each != found[0] for each in found):
            raise BrokenError("its consumers do not agree")
        return _taken(found[0], (section, key))

    return read


def read_editorconfig(key: str) -> Consumer:
    """Return what reads the properties of a file that an .editorconfig sets."""

    def read(text: str) -> tuple[Around, Any]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, ".editorconfig")
            path.write_text(text, "utf-8")
            parser = EditorConfigParser(str(Path(folder, "a.py")))
            parser.read(str(path))
        return _taken(dict(parser.options), (key,))

    return read


# github.com/motdotla/dotenv, lib/main.js
_NODE_LINE = re.compile(
    r"^\s*(?:export\s+)?([\w.-]+)(?:\s*=\s*?|:\s+?)"
    r"(\s*'(?:\\'|[^'])*'|\s*\"(?:\\\"|[^\"])*\"|\s*`(?:\\`|[^`])*`|[^#\r\n]+)?\s*(?:#.*)?$",
    re.MULTILINE | re.ASCII,
)
_NODE_QUOTES = re.compile(r"^(['\"`])([\s\S]*)\1$", re.MULTILINE)


def _node(text: str) -> dict[str, str]:
    found = {}
    for name, written in _NODE_LINE.findall(text.replace("\r\n", "\n").replace("\r", "\n")):
        value = written.strip()
        plain = _NODE_QUOTES.sub(r"\2", value)
        found[name] = plain.replace("\\n", "\n").replace("\\r", "\r") if value[:1] == '"' else plain
    return found


def _compose(text: str) -> dict[str, str]:
    """Read variables as Compose does; whatever it would expand is an error. github.com/compose-spec/compose-go."""
    found = {}
    position = 0
    line = re.compile(r"[ \t]*(?:#[^\n]*)?\n|[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*=[ \t]*", re.ASCII)
    while position < len(text):
        name = line.match(text, position)
        if not name:
            raise BrokenError(f"no variable at {text[position : position + 40]!r}")
        position = name.end()
        if name[1]:
            found[name[1]], position = _compose_value(text, position)
    return found


def _compose_value(text: str, start: int) -> tuple[str, int]:
    quote = text[start : start + 1]
    if quote not in ("'", '"'):
        end = text.find("\n", start)
        written = text[start : len(text) if end < 0 else end]
        return _unexpanded(re.split(r"\s#", written)[0].strip()), start + len(written)
    closing = re.compile(rf"(?<!\\){quote}").search(text, start + 1)
    if not closing:
        raise BrokenError("a quote is not closed")
    written = text[start + 1 : closing.start()]
    if quote == '"' and "\\" in _unexpanded(written):
        raise BrokenError("an escape")
    return written, closing.end()


def _unexpanded(text: str) -> str:
    if "$" in text:
        raise BrokenError("Compose would expand a part of the value")
    return text


def read_variables(name: str) -> Consumer:
    """Return what reads a file of variables as Compose, python-dotenv and Node's dotenv do, if they agree."""

    def read(text: str) -> tuple[Around, Any]:
        found = dict(dotenv_values(stream=io.StringIO(text), interpolate=True))
        if not found == _node(text) == _compose(text):
            raise BrokenError(f"its consumers do not agree: {found}, {_node(text)}, {_compose(text)}")
        return _taken(found, (name,))

    return read


def read_promql(matcher: int | None = None) -> Consumer:
    """Return what reads PromQL, and takes the value of a matcher; without one, what it compares with."""

    def read(text: str) -> tuple[Around, Any]:
        found: Any = promql_parser.parse(text)
        if matcher is None:
            return repr(found.lhs), found.rhs.val
        held = found.lhs.matchers.matchers[matcher].value
        return (repr(found.rhs), len(found.lhs.matchers.matchers), found.lhs.name), held

    return read


def without_template(text: Any) -> tuple[Around, Any]:
    """Read a text as Go's templates do; an action is an error."""
    if "{{" in str(text):
        raise BrokenError("Prometheus would expand a part of the value")
    return None, text
