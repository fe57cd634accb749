"""A place of the proof."""

from __future__ import annotations

from dataclasses import dataclass

from tests.languages.escape.consumers import Consumer


@dataclass(frozen=True)
class Place:
    """A place for a value, written • in `template`, the text of the file at `path`.

    The last of `steps` returns the text that must be `meaning`, with the value in place of •. A `shell` or `node`
    must get these words, and a `page` of Markdown must show the value. `inert` is a place that takes only plain
    words; `one_line` is a place where a second line would mean something.
    """

    path: str
    template: str
    steps: tuple[Consumer, ...] = ()
    meaning: str = "•"
    shell: tuple[str, ...] = ()
    node: tuple[str, ...] = ()
    page: bool = False
    inert: bool = False
    one_line: bool = False

    @property
    def name(self) -> str:
        """The place in one line, for a report."""
        at = self.template.index("•")
        return f"{self.path}: {self.template[max(at - 40, 0) : at + 30]!r}"
