"""Whether a workflow follows GitHub's grammar, `checks/data/workflow.yaml`: its keys, and what stands there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from generator.findings import Finding, Note, Span, error, error_if, warning
from generator.findings.suggest import listed, nearest
from generator.languages.github.expressions import OPENING
from generator.languages.node import Leaf, Map, Node, Seq

Path = tuple[str, ...]
_TRUTH = frozenset(["true", "True", "TRUE", "false", "False", "FALSE"])  # YAML 1.2, core schema
_TYPED = ("number", "integer", "boolean", "expression")
_SCALARS = ("any", "given", "some", "text", "number", "integer", "boolean", "expression")


class Grammar(NamedTuple):
    """The types of a data file by name, how a part of the file is named in messages, and the code of the findings."""

    types: Mapping[str, Any]
    name: Callable[[Path, Map | None], str]
    code: str

    def check(self, node: Node, kind: Any, path: Path = ()) -> Iterator[Finding]:
        """Yield what does not follow the type `kind`, its name or itself, in `node` and everything below it."""
        wanted = self._type(kind)
        if isinstance(node, Leaf):
            yield from self._leaf(node, wanted, path)
        elif "any" in wanted.get("text", "").split() and "items" not in wanted and "keys" not in wanted:
            return
        elif isinstance(node, Map) and ("keys" in wanted or "each" in wanted):
            yield from self._map(node, wanted, path)
        elif isinstance(node, Seq) and "items" in wanted:
            yield from self._empty(node, len(node), wanted, path)
            for number, item in enumerate(node):
                yield from self.check(item, wanted["items"], (*path, str(number)))
        else:
            found = "a list" if isinstance(node, Seq) else "a map"
            yield self._wrong(node.key_at, path, found, wanted)

    def _type(self, kind: Any) -> Mapping[str, Any]:
        if not isinstance(kind, str):
            return dict(kind)
        if kind in self.types:
            return self._type(self.types[kind])
        return {"text": kind} if kind in _SCALARS else {"text": kind, "items": {"text": kind}}

    def _map(self, node: Map, wanted: Mapping[str, Any], path: Path) -> Iterator[Finding]:
        known = wanted.get("keys", {})
        yield from self._empty(node, len(node), wanted, path)
        yield from self._twice(node)
        for key in wanted.get("required", "").split():
            if key not in node:
                yield error(
                    self.code, f"{self.name(path, node)} has no {key}", node.key_at, hint=f"add {key}"
                )
        for key, value in node.entries.items():
            if kind := known.get(key) or wanted.get("each"):
                yield from self.check(value, kind, (*path, key))
                continue
            hint = nearest(key, known) or (f"use one of {', '.join(known)}" if known else "remove it")
            yield error(self.code, f"{self.name(path, node)} has no key {key}", value.key_at, hint=hint)

    def _twice(self, node: Map) -> Iterator[Finding]:
        """Yield an error for each key that differs from an earlier one by upper and lower case alone."""
        seen: dict[str, Node] = {}
        for key, value in node.entries.items():
            if (first := seen.setdefault(key.lower(), value)) is not value:
                notes = (Note("the first one is here", first.key_at),)
                message = f"the key {key} occurs twice: GitHub does not distinguish upper and lower case"
                yield error(self.code, message, value.key_at, notes=notes, hint="remove or rename one")

    def _empty(self, node: Node, size: int, wanted: Mapping[str, Any], path: Path) -> Iterator[Finding]:
        if not size and not wanted.get("empty") and not wanted.get("required"):
            yield warning(self.code, f"{self.name(path, None)} is empty", node.key_at, hint="remove it")

    def _leaf(self, leaf: Leaf, wanted: Mapping[str, Any], path: Path) -> Iterator[Finding]:
        if leaf.value is None and not leaf.style:
            if not (wanted.get("empty") is True or wanted.get("text") in ("any", "text")):
                hint = f"write {self._expected(wanted)}, or remove it"
                message = f"{self.name(path, None)} is empty"
                yield error_if(wanted.get("text") != "given", self.code, message, leaf.key_at, hint=hint)
        elif OPENING in leaf.text:
            is_part = not leaf.text.strip().startswith(
                OPENING
            )  # its value is a text, whatever the expression gives
            if is_part and wanted.get("text", "expression") in _TYPED:
                yield self._wrong(leaf.at, path, leaf.text, wanted)
        elif "text" not in wanted:
            yield self._wrong(leaf.at, path, leaf.text, wanted)
        else:
            yield from self._scalar(leaf, wanted, path)

    def _scalar(self, leaf: Leaf, wanted: Mapping[str, Any], path: Path) -> Iterator[Finding]:
        kind, text = self._words(wanted["text"]), leaf.text
        fits = _FITS[kind](leaf) if kind in _FITS else text in kind.split()
        if not fits:
            hint = nearest(text, kind.split()) if kind not in _FITS else ""
            yield self._wrong(leaf.at, path, text, wanted, hint)
        elif kind in ("number", "integer") and float(text) <= 0:
            yield warning(
                self.code, f"{self.name(path, None)} is {text}", leaf.at, hint="write a positive number"
            )

    def _words(self, kind: str) -> str:
        """Return the words that a scalar may be; `keys of TYPE` are the keys of another type."""
        of = kind.removeprefix("keys of ")
        return " ".join(self.types[of]["keys"]) if of != kind else kind

    def _wrong(self, at: Span, path: Path, found: str, wanted: Mapping[str, Any], hint: str = "") -> Finding:
        expected = self._expected(wanted)
        message = f"{self.name(path, None)} is {found or 'empty'}, expected {expected}"
        is_refused = bool(found) or wanted.get("text") != "given"
        return error_if(is_refused, self.code, message, at, hint=hint or f"write {expected}")

    def _expected(self, wanted: Mapping[str, Any]) -> str:
        forms = []
        if kind := self._words(wanted.get("text", "")):
            forms += [_NAMES[kind]] if kind in _NAMES else [listed(kind.split())]
        forms += ["a list"] if "items" in wanted else []
        forms += ["a map"] if "keys" in wanted or "each" in wanted else []
        return " or ".join(forms)


def is_number(text: str) -> bool:
    """Return whether GitHub reads a text as a number."""
    try:
        return float(text) == float(text)
    except ValueError:
        return False


_FITS: Mapping[str, Callable[[Leaf], bool]] = {
    "any": lambda leaf: True,
    "text": lambda leaf: True,
    "given": lambda leaf: bool(leaf.text),
    "some": lambda leaf: bool(leaf.text),
    "number": lambda leaf: not leaf.style and is_number(leaf.text),
    "integer": lambda leaf: not leaf.style and leaf.text.lstrip("+-").isdigit(),
    "boolean": lambda leaf: not leaf.style and leaf.text in _TRUTH,
    "expression": lambda leaf: False,
}
_NAMES = {
    "any": "text",
    "text": "text",
    "given": "text",
    "some": "text",
    "number": "a number",
    "integer": "an integer",
    "boolean": "true or false",
    "expression": "an expression",
}
