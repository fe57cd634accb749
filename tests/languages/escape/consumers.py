"""The consumers of files: each reads a text with its own parser, and returns what is around a value, and the value.

What is around it has a token in the place of the value, so that it can be compared.
"""

from __future__ import annotations

import configparser
import html
import json
import re
import subprocess
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import dockerfile
import pygohcl
import yaml
from markdown_it import MarkdownIt

from tests.languages.test_markdown import items

TOKEN = "\ue000"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Around = Any
Consumer = Callable[[str], tuple[Around, Any]]


class BrokenError(Exception):
    """A value left its place."""


def read_yaml(*path: Any) -> Consumer:
    """Return what reads YAML, and takes the value at `path`; one that ends in None leads to a key."""

    def read(text: str) -> tuple[Around, Any]:
        return _taken(yaml.load(text, Loader=_LOADER), path)

    return read


def read_documents(*path: Any) -> Consumer:
    """Return what reads several documents of YAML."""

    def read(text: str) -> tuple[Around, Any]:
        return _taken(list(yaml.load_all(text, Loader=_LOADER)), path)

    return read


def read_json(*path: Any) -> Consumer:
    """Return what reads JSON; a key twice is an error."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) != len(pairs):
            raise BrokenError("a key occurs twice")
        return dict(pairs)

    def read(text: str) -> tuple[Around, Any]:
        return _taken(json.loads(text, object_pairs_hook=unique), path)

    return read


def read_toml(*path: Any) -> Consumer:
    """Return what reads TOML."""
    return lambda text: _taken(tomllib.loads(text), path)


def read_ini(section: str, key: str) -> Consumer:
    """Return what reads an INI file."""

    def read(text: str) -> tuple[Around, Any]:
        parser = configparser.ConfigParser(interpolation=None)
        parser.read_string(text)
        return _taken({name: dict(parser[name]) for name in parser.sections()}, (section, key))

    return read


def read_hcl(*path: Any) -> Consumer:
    """Return what reads HCL with HashiCorp's parser."""
    return lambda text: _taken(pygohcl.loads(text), path)


def without_call(function: str, rest: str) -> Consumer:
    """Return what takes the call of a function off its argument, which `rest` of the file follows."""

    def read(text: str) -> tuple[Around, Any]:
        before, _, behind = text.partition(f"{function}(")
        argument, closed, after = behind.rpartition(f"){rest}")
        if not closed or after:
            raise BrokenError(f"no call of {function}")
        return (before, after), f"{before}{argument}{rest}"

    return read


def read_instruction(number: int, part: str, index: int = 0) -> Consumer:
    """Return what reads a Dockerfile with Docker's parser, and takes a part of an instruction."""

    def read(text: str) -> tuple[Around, Any]:
        found = [
            {
                "cmd": each.cmd,
                "json": each.json,
                "flags": list(each.flags),
                "value": list(each.value),
                "heredocs": [here.content for here in each.heredocs],
                "names": [here.name for here in each.heredocs],
            }
            for each in dockerfile.parse_string(text)
        ]
        return _taken(found, (number, part, index))

    return read


def read_line(number: int) -> Consumer:
    """Return what reads a text line by line."""
    return lambda text: _taken(text.split("\n"), (number,))


def read_text(text: str) -> tuple[Around, Any]:
    """Take the whole text for the value."""
    return None, text


def after(prefix: str, suffix: str = "") -> Consumer:
    """Return what takes the text between two others for the value."""

    def read(text: str) -> tuple[Around, Any]:
        if not (text.startswith(prefix) and text.endswith(suffix)):
            raise BrokenError(f"{text!r} is not between {prefix!r} and {suffix!r}")
        return None, text[len(prefix) : len(text) - len(suffix)]

    return read


def interpolated(pattern: str, escaped: str, char: str) -> Consumer:
    """Return what expands a host's own syntax: nothing of `pattern` may be left once escapes are taken off."""

    def read(text: Any) -> tuple[Around, Any]:
        if not isinstance(text, str):  # a number, or a boolean
            return None, text
        if re.search(pattern, text.replace(escaped, "")):
            raise BrokenError("the host would expand a part of the value")
        return None, text.replace(escaped, char)

    return read


COMPOSE = interpolated(r"\$", "$$", "$")
CLOUD_BUILD = interpolated(r"\$(?:\{|[A-Z_])", "$$", "$")
CIRCLE_CI = interpolated("<<", "\0\0\0", "")
TASKFILE = interpolated(r"\{\{", "\0\0\0", "")
GITHUB = interpolated(r"\$\{\{", "\0\0\0", "")
TERRAFORM = interpolated(r"[$%]\{", "\0\0\0", "")
_REFERENCE = re.compile(r"\$(?:\$|\([^)]*\))")


def KUBELET(text: Any) -> tuple[Around, Any]:  # noqa: N802, it stands among constants
    """Expand `$(NAME)` as the kubelet does with names that it does not know: it leaves them, and makes `$$` one."""
    if not isinstance(text, str):
        return None, text
    for found in _REFERENCE.finditer(text):
        if found[0] != "$$":
            raise BrokenError("the kubelet would expand a part of the value")
    return None, text.replace("$$", "$")


def terraform_template(text: Any) -> tuple[Around, Any]:
    """Evaluate a template of Terraform with HashiCorp's parser."""
    if not isinstance(text, str):
        return None, text
    written = json.dumps(text, ensure_ascii=False)
    return None, pygohcl.loads(f"a = {written}\n")["a"]


def unquoted(text: str) -> tuple[Around, Any]:
    """Take the quotes off a literal as kustomize does, when it begins and ends with one."""
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return None, text[1:-1]
    return None, text


def without(char: str) -> Consumer:
    """Return what refuses a text with `char` in it."""

    def read(text: str) -> tuple[Around, Any]:
        if char in text:
            raise BrokenError(f"{char} would mean something")
        return None, text

    return read


def expression(text: str) -> tuple[Around, Any]:
    """Read a string of a GitHub expression, without its outer quotes."""
    if "}}" in text or "'" in text.replace("''", ""):
        raise BrokenError("the value leaves the string")
    return None, text.replace("''", "'")


def to_the_shell(text: str) -> tuple[Around, Any]:
    """Let a script write to its output what it would write to a file of GitHub."""
    return None, re.sub(r'>> *"?\$GITHUB_\w+"?', "", text)


def between(start: str, end: str) -> Consumer:
    """Return what takes the text between the first line `start` and the next `end`."""

    def read(text: str) -> tuple[Around, Any]:
        before, _, rest = text.partition(start)
        held, _, behind = rest.partition(end)
        return (before, behind), held

    return read


def fence(text: str) -> tuple[Around, Any]:
    """Take what is in the first fence of a page of Markdown."""
    found = page(text)
    number = next(index for index, (kind, _) in enumerate(found) if kind == "fence")
    held = found[number][1]
    return [*found[:number], *found[number + 1 :]], held


_WORD_PART = re.compile(r"""\\(.)|"((?:\\.|[^"\\])*)"|'([^']*)'|(\$)|([^\\"'$]+)""", re.DOTALL)


def dockerfile_word(text: str) -> tuple[Around, Any]:
    """Take quotes and backslashes off a word as Docker does with ENV; an expansion is an error.

    Source: docs.docker.com, "Dockerfile reference", "Environment replacement".
    """
    out, position = "", 0
    while position < len(text):
        found = _WORD_PART.match(text, position)
        if not found or found[4]:
            raise BrokenError("Docker would expand a part of the value")
        if found[2] is not None:
            if re.search(r"(?<!\\)(?:\\\\)*\$", found[2]):
                raise BrokenError("Docker would expand a part of the value")
            out += re.sub(r'\\(["$\\])', r"\1", found[2])
        else:
            out += found[1] or found[3] or found[5] or ""
        position = found.end()
    return None, out


def dockerfile_heredoc(text: str) -> tuple[Around, Any]:
    """Expand a here-document that becomes a file: quotes mean nothing, and a backslash escapes."""
    if "$" in re.sub(r"\\.", "", text, flags=re.DOTALL):
        raise BrokenError("Docker would expand a part of the value")
    return None, re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


def _taken(data: Any, path: Sequence[Any]) -> tuple[Around, Any]:
    holder = data
    for key in path[:-1]:
        holder = holder[key]
    last = path[-1]
    if last is None:
        (key,) = holder
        value = holder.pop(key)
        holder[TOKEN] = value
        return data, key
    value = holder[last]
    holder[last] = TOKEN
    return data, value


@cache
def _markdown() -> MarkdownIt:
    reader = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    reader.validateLink = lambda url: True  # type: ignore[method-assign]
    return reader


def page(text: str) -> list[tuple[str, Any]]:
    """Return the elements of a page of Markdown, without blanks at the end of lines."""
    cut = [
        (kind, held.rstrip(" ") if kind == "text" else held) for kind, held in items(_markdown().parse(text))
    ]
    return [item for item in cut if item != ("text", "")]


def shows(found: list[tuple[str, Any]], pattern: list[tuple[str, Any]], token: str, value: str) -> bool:
    """Return whether the elements of a page are those of `pattern`, with `value` in place of the token.

    In HTML, the characters of a value that mean something are written as entities.
    """
    expected: list[tuple[str, Any, list[int] | None]] = []
    for kind, held in pattern:
        text = held and held.replace(token, value)
        is_comment = kind.startswith("html") and held.startswith("<!--") and held.count("-->") == 1
        if is_comment and token in held and re.search("[<>]|--", value):
            return False
        if kind.startswith("html") and token in held and not is_comment:
            expected.append(
                (kind, html.unescape(held).replace(token, value), [held.count(char) for char in "<>\"'"])
            )
        elif (text := text and text.rstrip(" ") if kind == "text" else text) or kind != "text":
            expected.append((kind, text, None))
    if len(found) != len(expected):
        return False
    for (kind, held), (expected_kind, text, counts) in zip(found, expected, strict=True):
        if counts is not None and [held.count(char) for char in "<>\"'"] != counts:
            return False
        if kind != expected_kind or (html.unescape(held) if counts else held) != text:
            return False
    return True


_PRELUDE = """\
p() { printf '\\0%s' "$@"; }
"""


@dataclass(frozen=True)
class Shell:
    """A shell of this machine."""

    name: str
    options: tuple[str, ...] = ()


SHELLS = (Shell("sh"), Shell("bash", ("--norc",)))


def run(shell: Shell, scripts: Sequence[str], folder: str) -> list[list[str]] | None:
    """Run each script in a subshell of one process; return the words that `p` was given, None when one ends it."""
    text = _PRELUDE + "".join(f"(\n{script}\n)\nprintf '\\n\\1\\n'\n" for script in scripts)
    done = subprocess.run(
        [shell.name, *shell.options, "-s"],
        input=text.encode(),
        cwd=folder,
        env={"PATH": "/nonexistent", "LC_ALL": "C.UTF-8"},
        executable=f"/bin/{shell.name}",
        capture_output=True,
        check=False,
        timeout=300,
    )
    results = done.stdout.decode("utf-8", "replace").split("\n\x01\n")
    if len(results) != len(scripts) + 1:
        return None
    return [result.split("\0")[1:] for result in results[:-1]]


_NODE = """
const scripts = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const vm = require('vm');
console.log(JSON.stringify(scripts.map(script => {
  const words = [];
  try { vm.runInNewContext(script, {p: word => { words.push(Object.is(word, -0) ? '-0.0' : word); }}); }
  catch (problem) { return [String(problem)]; }
  return words;
})));
"""


def run_node(scripts: Sequence[str]) -> list[list[Any]]:
    """Run each script in a context of its own; return the words that `p` was given in each."""
    done = subprocess.run(
        ["node", "-e", _NODE],
        input=json.dumps(scripts).encode(),
        capture_output=True,
        check=True,
        timeout=300,
    )
    found: list[list[Any]] = json.loads(done.stdout)
    return found
