"""Whether an object has the fields and types of Kubernetes' API, and what its single fields must hold.

The tables are schema.json (the fields and their types, by version) and constraints.yaml; `RULES` of the other modules
relate fields to each other.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

from generator.findings import Span
from generator.findings.suggest import nearest
from generator.languages.node import Leaf, Map, Node, Seq
from generator.project.tables import read_table
from generator.system.api_server.formats import FORMATS
from generator.system.kubernetes import Object
from generator.system.quantities import amount

_SOURCE = "https://github.com/kubernetes/kubernetes/blob/v1.35.0/pkg/apis"
_EXTENSIONS = (
    "https://github.com/kubernetes/kubernetes/blob/v1.35.0/staging/src/k8s.io/apiextensions-apiserver/pkg/apis/"
    "apiextensions/validation"
)
_API = "https://kubernetes.io/docs/reference/kubernetes-api/"
_UNKNOWN = re.compile(
    r"\$[{(A-Z_]|\{\{|__[A-Z]|^<.*>$"
)  # a text that another tool replaces before it is applied
_GO_TRUTH = re.compile(r"[yYnN]")
_GO_NUMBER = re.compile(r"[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?")
_RANGE = re.compile(r"(\d+)\.\.(\d*)")
_MOST = 2**31 - 1  # what an int32 holds, as most numbers of the API are
_ALL = 2**63 - 1  # what an int64 holds
_PORTS = ("port", "target-port")
_NEVER_EMPTY = ("amount", "share", "port")  # of which "" is no default
_EXPECTED = {
    "s": "a string",
    "i": "a whole number",
    "n": "a number",
    "b": "true or false",
    "q": "an amount",
} | {
    "p": "a whole number or a string",
    "y": "text in base64",
}


class Refusal(NamedTuple):
    """Why the API server refuses an object: the field, the message, its place and node, the way out, the source."""

    path: str
    message: str
    at: Span
    node: Node
    hint: str
    source: str


class Here(NamedTuple):
    """A part of an object under test: its path, the object, what constrains the part, the minor version."""

    path: str
    each: Object
    by: str = ""
    minor: int | None = None

    def refuse(self, node: Map, key: str, fact: str, hint: str = "") -> Refusal:
        """Return a refusal of the field `key` of a part, or of the part itself without a key."""
        at = node.at_key(key) if key in node else node.at
        path = (f"{self.path}.{key}" if key else self.path).lstrip(".")
        return Refusal(path, f"{path} {fact}", at, node.get(key) or node, hint, self.source)

    @property
    def source(self) -> str:
        group, _, function = self.by.partition(" ")
        if group == "apiextensions":
            return f"{_EXTENSIONS}/validation.go#{function}"
        return f"{_SOURCE}/{group}/validation/validation.go#{function}" if function else _API


Check = Callable[[Map, Here], Iterator[Refusal]]
Rules = Mapping[str, Check]


@lru_cache
def schema() -> dict[str, Any]:
    """Return the table of fields."""
    text = files(__package__).joinpath("schema.json").read_text("utf-8")
    data: dict[str, Any] = json.loads(text)
    return data


def _constraints() -> dict[str, dict[str, str]]:
    return read_table(__package__, "constraints")


def is_unknown(text: str) -> bool:
    """Return whether a text is a placeholder, whose value is not known here."""
    return _UNKNOWN.search(text) is not None


def go_value(leaf: Leaf) -> object:
    """Return the value of a leaf as kubectl reads it, whose YAML differs in a few words."""
    if leaf.style or leaf.value is None:
        return leaf.value
    if _GO_TRUTH.fullmatch(leaf.text):
        return leaf.text in "yY"
    if ":" in leaf.text or (isinstance(leaf.value, str) and not _GO_NUMBER.fullmatch(leaf.text)):
        return leaf.text
    return float(leaf.text) if isinstance(leaf.value, str) else leaf.value


class Walk(NamedTuple):
    """A walk through an object: the minor version of the cluster (None: unknown), and the rules by type."""

    each: Object
    minor: int | None
    rules: Rules

    def object(self) -> Iterator[Refusal]:
        """Yield what is wrong with the whole object, of a kind that the table knows."""
        kind = schema()["kinds"].get(f"{self.each.version} {self.each.kind}")
        if kind:
            yield from self._node(self.each.node, kind, "")

    def _node(self, node: Node, code: str, path: str, words: str = "") -> Iterator[Refusal]:
        if isinstance(node, Leaf) and (node.value is None or is_unknown(node.text)):
            return
        if code == "o" or (isinstance(node, Map) and node.source.text.startswith("{{", node.start)):
            return
        if code[0] in "[{":
            yield from self._many(node, code, path)
        elif len(code) == 1:
            yield from self._scalar(node, code, path, words)
        elif isinstance(node, Map):
            yield from self._map(node, code, path)
        else:
            yield self._wrong(node, path, "a map")

    def _many(self, node: Node, code: str, path: str) -> Iterator[Refusal]:
        if code[0] == "[" and isinstance(node, Seq):
            for number, item in enumerate(node):
                yield from self._node(item, code[1:], f"{path}[{number}]")
        elif code[0] == "{" and isinstance(node, Map):
            for key, value in node.entries.items():
                yield from self._node(value, code[1:], f"{path}.{key}")
        else:
            yield self._wrong(node, path, "a list" if code[0] == "[" else "a map")

    def _scalar(self, node: Node, code: str, path: str, words: str) -> Iterator[Refusal]:
        if not isinstance(node, Leaf) or not _is_type(node, code):
            limits = next(filter(None, map(_RANGE.fullmatch, words.split())), None)
            yield self._wrong(node, path, _limits(limits) if limits and code == "i" else _EXPECTED[code])

    def _wrong(self, node: Node, path: str, expected: str) -> Refusal:
        found = shown(node) if isinstance(node, Leaf) else "a map" if isinstance(node, Map) else "a list"
        hint = (
            f'quote the value: "{found}"'
            if isinstance(node, Leaf) and expected == "a string"
            else f"write {expected}"
        )
        path = path.lstrip(".")
        return Refusal(path, f"{path} is {found}, expected {expected}", node.at, node, hint, _API)

    def _map(self, node: Map, kind: str, path: str) -> Iterator[Refusal]:
        fields = schema()["types"][kind]
        row = _constraints().get(kind, {})
        here = Here(path, self.each, row.get("by", ""), self.minor)
        for key, value in node.entries.items():
            code, _, versions = fields.get(key, "").partition("@")
            if not code or not self._has(versions):
                yield from self._unknown(node, key, fields, here)
            else:
                yield from self._node(value, code, f"{path}.{key}", row.get(key, ""))
        for key, words in row.items():
            if key != "by":
                yield from _constrained(node, key, words.split(), here)
        if kind in self.rules:
            yield from self.rules[kind](node, here)

    def _has(self, versions: str) -> bool:
        if self.minor is None or not versions:
            return True
        first, _, last = versions.partition("-")
        return int(first or 0) <= self.minor <= int(last or self.minor)

    def _unknown(self, node: Map, key: str, fields: Mapping[str, str], here: Here) -> Iterator[Refusal]:
        if self.minor is not None and self.minor > schema()["minors"][1]:
            return  # newer than the table: the field may be new
        what = f"field of Kubernetes 1.{self.minor}" if key in fields else "known field"
        hint = nearest(key, [name for name in fields if name != key]) or "remove it"
        path = f"{here.path}.{key}".lstrip(".")
        yield Refusal(path, f"{path} is no {what}", node.key_place(key), node.entries[key], hint, _API)


def shown(leaf: Leaf) -> str:
    return leaf.text if len(leaf.text) <= 40 else f"{leaf.text[:40]}…"


def _is_type(leaf: Leaf, code: str) -> bool:
    value = go_value(leaf)
    if code == "b" or isinstance(value, bool):
        return code == "b" and isinstance(value, bool)
    if code == "s":
        return isinstance(value, str)
    if code == "y":
        return isinstance(value, str) and _is_base64(value)
    if code == "q":
        return amount(leaf) is not None
    if isinstance(value, int | float):
        is_held = code != "p" or -_MOST - 1 <= value <= _MOST  # IntOrString of apimachinery has an int32
        return code == "n" or (value == int(value) and is_held)
    return code == "p" and isinstance(value, str)


def _is_base64(text: str) -> bool:
    try:
        return base64.b64decode(text.replace("\n", "").replace("\r", ""), validate=True) is not None
    except ValueError:
        return False


def is_absent(node: Node | None) -> bool:
    """Return whether a field is as good as left out: null, "", an empty list or map."""
    if isinstance(node, Leaf):
        return node.value is None or (node.value == "" and not is_unknown(node.text))
    return node is None or not len(node)


def _constrained(node: Map, key: str, words: list[str], here: Here) -> Iterator[Refusal]:
    value = node.get(key)
    if "required" in words and is_absent(value):
        yield here.refuse(node, key, "is missing", f"add {key}")
        return
    if "given" in words and isinstance(value, Leaf) and value.value == "":
        yield here.refuse(node, key, "is empty", f"remove {key}")
        return
    if isinstance(value, Leaf) and value.value is not None:
        for word in words:
            yield from _leaf(node, key, value, word, here)
    elif value is not None:
        for word in words:
            yield from _parts(node, key, value, word, here)


def _leaf(node: Map, key: str, leaf: Leaf, word: str, here: Here) -> Iterator[Refusal]:
    expected = _problem(leaf, word)
    if expected and not is_unknown(leaf.text):
        yield here.refuse(node, key, f"is {shown(leaf) or 'empty'}, expected {expected}", f"write {expected}")


def _parts(node: Map, key: str, value: Node, word: str, here: Here) -> Iterator[Refusal]:
    what, _, wanted = word.partition(":")
    if what == "keys" and isinstance(value, Map):
        path = f"{here.path}.{key}".lstrip(".")
        for name in value:
            if not FORMATS[wanted].fits(name) and not is_unknown(name):
                message = f"{path} has the key {name}, expected {FORMATS[wanted].expected}"
                yield Refusal(
                    path, message, value.key_place(name), value.entries[name], "rename it", here.source
                )
    if what == "each" and isinstance(value, Map | Seq):
        items = value.entries.values() if isinstance(value, Map) else value
        for item in items:
            expected = _problem(item, wanted, is_item=True) if isinstance(item, Leaf) else ""
            if isinstance(item, Leaf) and expected and not is_unknown(item.text):
                path = f"{here.path}.{key}".lstrip(".")
                message = f"{path} has {shown(item)}, expected {expected}"
                yield Refusal(path, message, item.at, item, f"write {expected}", here.source)


def _problem(leaf: Leaf, word: str, *, is_item: bool = False) -> str:
    """Return what is expected instead of a leaf, or "" when it is right."""
    if match := _RANGE.fullmatch(word):
        value, least, most = go_value(leaf), int(match[1]), int(match[2] or _MOST)
        is_right = not isinstance(value, int) or isinstance(value, bool) or least <= value <= most
        return "" if is_right else _limits(match)
    if word in _PORTS and isinstance(go_value(leaf), str) and leaf.text.isdigit():
        return FORMATS["port-name"].expected  # a string of digits is the name of a port
    if word in FORMATS:
        is_default = not leaf.text and leaf.style and not is_item and word not in _NEVER_EMPTY
        return "" if is_default or FORMATS[word].fits(leaf.text) else FORMATS[word].expected
    if "|" in word and leaf.text and leaf.text not in word.split("|"):
        return " or ".join(filter(None, word.split("|")))
    return ""


def _limits(match: re.Match[str]) -> str:
    if match[2] and int(match[2]) < _ALL:
        return f"a number from {match[1]} to {match[2]}"
    return f"a whole number of {match[1]} or more"
