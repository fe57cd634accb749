"""Type at random in the files of a project, and compare what the editor knows then with a new start."""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator
from pathlib import Path

from generator.checks.options import CheckOptions
from generator.editor.workspace import Snapshot, Workspace
from generator.findings import Finding, Severity, merge_environments
from generator.pipeline import Pipeline, configured
from generator.project.folder import find

TODAY = datetime.date(2026, 11, 29)
_PASTED = (
    "{{ ",
    " }}",
    "{% if x %}\n",
    "{% endif %}",
    "a: 1\n",
    "  - b\n",
    ": ",
    '"',
    "🙂",
    "\r\n",
    "greeting",
    "null\n",
)
SCHEMA = "environments/schema.json"
_OFTEN = 0.05  # how often the schema is broken


class Typist:
    """Edits files as a person does: characters, deletions, pastes, files that are closed, deleted and restored."""

    def __init__(self, root: Path, seed: int) -> None:
        self.root = root
        self.workspace = Workspace(root, TODAY)
        self.workspace.analyse()
        self._random = random.Random(seed)
        self._files = {
            path.relative_to(root).as_posix(): path.read_bytes().decode()
            for top in ("environments", "templates")
            for path in sorted((root / top).rglob("*"))
            if path.is_file() and path.name != "schema.json"
        }

    def edit(self) -> None:
        """Change one file, and analyse as after a keystroke."""
        if self._random.random() < _OFTEN:
            self._break_schema()
        path = self._random.choice(sorted(self._files))
        text = self.workspace.unsaved.get(path, self._files[path])
        for new in self._edits(path, text):
            self.workspace.change(path, new)
            self.workspace.analyse(focus=self._random.choice(["base", "prod"]))

    def _break_schema(self) -> None:
        """Type something wrong into the schema, and close it without saving: nothing of it may stay."""
        text = (self.root / SCHEMA).read_text("utf-8")
        place = self._random.randint(0, len(text))
        for new in (text[:place] + '"', text[:place] + "{" + text[place:], None):
            self.workspace.change(SCHEMA, new)
            self.workspace.analyse(focus="prod")

    def _edits(self, path: str, text: str) -> Iterator[str | None]:
        place = self._random.randint(0, len(text))
        kind = self._random.choice(["type", "type", "delete", "paste", "close", "restore", "remove"])
        if kind == "type":
            start = self._random.randint(0, place)
            typed = text[start : min(start + 12, place)]
            for end in range(len(typed) + 1):
                yield text[:place] + typed[:end] + text[place:]
        elif kind == "delete":
            yield text[:place] + text[place + self._random.randint(1, 40) :]
        elif kind == "paste":
            yield text[:place] + self._random.choice(_PASTED) + text[place:]
        elif kind == "remove" and path.endswith(".j2"):
            (self.root / path).unlink(missing_ok=True)
            yield None
        else:
            (self.root / path).write_bytes(self._files[path].encode())
            yield None if kind == "close" else self._files[path]

    def settle(self) -> Snapshot:
        """Analyse all, as when nothing is typed for a moment."""
        self.workspace.analyse(focus="prod")
        self.workspace.examine_first()
        return self.workspace.examine()

    def fresh(self) -> Snapshot:
        """Return what a new start knows of the same texts."""
        fresh = Workspace(self.root, TODAY)
        for path, text in self.workspace.unsaved.items():
            fresh.change(path, text)
        fresh.analyse()
        return fresh.examine()

    def save(self) -> list[Finding]:
        """Save all files, and return what `oetgen check` finds, without the committed output."""
        for path, text in self.workspace.unsaved.items():
            (self.root / path).write_bytes(text.encode())
        pipeline = Pipeline(configured(find(self.root)))
        checked = pipeline.check(
            pipeline.project.environment_names(), CheckOptions(TODAY, tools=False), print
        )
        return [
            each
            for each in merge_environments(checked.findings)
            if not each.code.startswith("committed/") and each.severity is not Severity.INFO
        ]


def compare(root: Path, seed: int, edits: int, each: int) -> None:
    """Type, and compare after every `each` edits; in the end, with `oetgen check`."""
    typist = Typist(root, seed)
    for number in range(1, edits + 1):
        typist.edit()
        if number % each == 0:
            settled, fresh = typist.settle(), typist.fresh()
            assert settled.findings == fresh.findings, (seed, number)
            assert _texts(settled) == _texts(fresh), (seed, number)
            assert settled.failure or settled.observations, (seed, number)
    settled = typist.settle()
    found = [each for each in settled.findings if each.severity is not Severity.INFO]
    assert found == typist.save(), seed


def _texts(snapshot: Snapshot) -> dict[tuple[str, str], str]:
    return {key: each.text for key, each in snapshot.rendered.items() if not each.is_stale}
