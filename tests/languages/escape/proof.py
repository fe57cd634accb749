"""The proof itself: hostile values in every place, rendered by the real engine and read back by the consumer."""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generator.languages import Scalar, language_of
from generator.project.folder import Project
from generator.render.engine import Engine
from generator.render.outputs import render_file
from generator.values.layers import Values
from tests.languages.escape import consumers
from tests.languages.escape.consumers import SHELLS, BrokenError
from tests.languages.escape.payloads import ORDINARY, hostile
from tests.languages.escape.places import PLACES, Place
from tests.languages.helpers import as_text, same

HARMLESS = "À"
_SAFE = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:@+,=%- "
_BATCH = 250


@dataclass
class Outcome:
    """What the proof counted, by language, and each value that left its place."""

    cases: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    ordinary: Counter[str] = field(default_factory=Counter)
    ordinary_refused: dict[str, list[str]] = field(default_factory=dict)

    def add(self, other: Outcome) -> None:
        """Add what another part of the proof counted."""
        self.cases += other.cases
        self.refused += other.refused
        self.broken += other.broken
        self.ordinary += other.ordinary
        self.ordinary_refused |= other.ordinary_refused


@dataclass(frozen=True)
class _Run:
    """Something that a shell or node is to run, and the words that it must get."""

    place: Place
    value: Scalar
    script: str
    words: list[Any]


class _Proof:
    """The proof of some places, in one process."""

    def __init__(self, places: Sequence[tuple[int, Place]], root: Path) -> None:
        self.outcome = Outcome()
        self._runs: dict[str, list[_Run]] = {"shell": [], "node": []}
        for number, place in places:
            target = root / "templates" / str(number) / f"{place.path}.j2"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(place.template.replace("•", "{{ v }}"), "utf-8")
        self._engine = Engine(Project(root))

    def render(self, number: int, place: Place, value: Scalar) -> str | None:
        """Return the file with the value, below its header, or None where the value is refused."""
        path = f"{number}/{place.path}"
        return render_file(self._engine, Values("e", {"v": value}, ()), f"{path}.j2", path)

    def prove(self, number: int, place: Place, values: Iterator[Scalar]) -> None:
        """Try a place with these values."""
        language = language_of(place.path, place.template)
        harmless = self.render(number, place, "web")
        if harmless is None:
            self.outcome.broken.append(f"{place.name}: refuses the word web")
            return
        try:
            around = _around(place, harmless)[0]
        except Exception as problem:  # the place itself is wrong
            self.broken(place, "web", repr(problem), harmless)
            return
        self._ordinary(number, place)
        for value in values:
            text = self.render(number, place, value)
            self.outcome.cases[language] += 1
            if text is None:
                self.outcome.refused[language] += 1
            else:
                self._try(number, place, value, text, around)

    def _ordinary(self, number: int, place: Place) -> None:
        language = language_of(place.path, place.template)
        refused = [value for value in ORDINARY if self.render(number, place, value) is None]
        self.outcome.ordinary[language] += len(ORDINARY)
        if refused and not place.inert:
            self.outcome.ordinary_refused[place.name] = refused

    def _try(self, number: int, place: Place, value: Scalar, text: str, around: list[Any]) -> None:
        try:
            if place.page:
                self._page(number, place, value, text)
                return
            found, held = _around(place, text)
            if found != around:
                raise BrokenError("what is around it changed")
            self._hold(place, value, held)
        except Exception as problem:  # whatever a parser raises: the file is broken
            self.broken(place, value, f"{type(problem).__name__} {problem}", text)

    def _hold(self, place: Place, value: Scalar, held: Any) -> None:
        written = as_text(value)
        if place.one_line and "\n" in written:
            raise BrokenError("a second line would mean something")
        if place.inert and not set(written) <= set(_SAFE):
            raise BrokenError("a value that is not a plain word")
        words = place.shell or place.node
        if words:
            kind = "shell" if place.shell else "node"
            expected = [_with(word, written) for word in words]
            self._runs[kind].append(_Run(place, value, held, expected))
            if len(self._runs[kind]) >= _BATCH:
                self.finish(kind)
        elif place.meaning == "•" and not isinstance(value, str):
            if not (same(value, held) or held == written):
                raise BrokenError(f"it is read as {held!r}")
        elif held != _meant(place, written):
            raise BrokenError(f"it is read as {held!r}")

    def _page(self, number: int, place: Place, value: Scalar, text: str) -> None:
        header = text[: text.index("\nx\n") + 1]
        pattern = consumers.page(header + place.template.replace("•", HARMLESS))
        expected = [(kind, held and held.replace("%C3%80", HARMLESS)) for kind, held in pattern]
        found = consumers.page(text)
        if not consumers.shows(found, expected, HARMLESS, as_text(value)):
            raise BrokenError(f"it is shown as {found}")

    def finish(self, kind: str) -> None:
        """Run what is waiting for a shell or node."""
        waiting, self._runs[kind] = self._runs[kind], []
        if kind == "node" and waiting:
            self._compare("node", waiting, consumers.run_node([run.script for run in waiting]))
        for shell in SHELLS if kind == "shell" and waiting else ():
            self._compare(shell.name, waiting, _results(shell, waiting))

    def _compare(self, name: str, runs: list[_Run], results: Sequence[list[Any] | None]) -> None:
        for run, result in zip(runs, results, strict=True):
            if result is None or not _are(result, run.words):
                self.broken(run.place, run.value, f"{name} got {result}", run.script)

    def broken(self, place: Place, value: Scalar, reason: str, text: str) -> None:
        """Note a value that left its place."""
        self.outcome.broken.append(f"{place.name}\n  value {value!r}: {reason[:400]}\n{text[:600]}")


def _with(word: str, written: str) -> Any:
    """Return a word with a value in place of •; of JSON, the data."""
    if not word.startswith('{"'):
        return word.replace("•", written)
    return {key: text.replace("•", written) for key, text in json.loads(word).items()}


def _are(result: Sequence[Any], words: Sequence[Any]) -> bool:
    return len(result) == len(words) and list(map(_read, map(as_text, result), words)) == list(words)


def _read(text: str, word: Any) -> Any:
    try:
        return json.loads(text) if isinstance(word, dict) else text
    except ValueError:
        return text


def _meant(place: Place, written: str) -> str:
    """Return what a place must hold; a value at the end of a YAML block brings the line break that ends it."""
    text = place.meaning.replace("•", written)
    brings = place.meaning.endswith("•\n") and ": |\n" in place.template and written.endswith("\n")
    return text.removesuffix("\n") if brings else text


def _around(place: Place, text: str) -> tuple[list[Any], Any]:
    """Return what is around the value in each of the languages, and the text that holds it."""
    around: list[Any] = []
    held: Any = _without_header(text)
    for step in place.steps:
        beside, held = step(held)
        around.append(beside)
    return around, held


def _without_header(text: str) -> str:
    lines = text.split("\n")
    kept = [line for line in lines if "Made by oetgen from" not in line and "oetgen render --all" not in line]
    return "\n".join(kept)


def _results(shell: consumers.Shell, runs: list[_Run]) -> Sequence[list[str] | None]:
    """Run the scripts in an empty folder, one by one where they disturb each other or leave a file."""
    with tempfile.TemporaryDirectory() as folder:
        found = consumers.run(shell, [run.script for run in runs], folder)
        if found is not None and not os.listdir(folder):
            return found
    alone: list[list[str] | None] = []
    for run in runs:
        with tempfile.TemporaryDirectory() as folder:
            found = consumers.run(shell, [run.script], folder)
            alone.append(["CANARY"] if os.listdir(folder) else found[0] if found else None)
    return alone


def prove(count: int, seed: str, part: int = 0, parts: int = 1) -> Outcome:
    """Try about `count` values in all places, or in one of several parts of them."""
    numbered = list(enumerate(PLACES))
    chosen = numbered[part::parts]
    each = max(-(-count // len(numbered)), 1)
    with tempfile.TemporaryDirectory() as root:
        proof = _Proof(chosen, Path(root))
        for number, place in chosen:
            proof.prove(number, place, hostile(each, f"{seed}/{number}"))
        proof.finish("shell")
        proof.finish("node")
    return proof.outcome
