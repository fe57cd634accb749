"""What the project's own pages of Markdown describe: a fix names their section, so that both give the same steps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from generator.changes.hazards.model import Hazard
from generator.languages.markdown.blocks import blocks
from generator.system import System

_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.+?)[ \t#]*$", re.MULTILINE)
_UPGRADE = re.compile(r"\b(upgrad\w*|new version)\b", re.IGNORECASE)


def with_section(hazard: Hazard, side: System) -> Hazard:
    """Return a hazard of another version, whose fix is the section about it, if there is one."""
    found = next(_sections(side, hazard.upgrades), None) if hazard.upgrades else None
    if found is None:
        return hazard
    path, title = found
    safe = f'test the upgrade on a copy of the data, then follow "{title}" of {path}'
    return replace(hazard, safe=safe)


def _sections(side: System, name: str) -> Iterator[tuple[str, str]]:
    """Yield the path and the heading of each section about the upgrade of what has this name."""
    for path in sorted(side.sources):
        if side.sources[path].language == "markdown":
            above: dict[int, str] = {}
            for level, title in _headings(side.texts[path]):
                above = {each: text for each, text in above.items() if each < level} | {level: title}
                if name.lower() in title.lower() and _UPGRADE.search("\n".join(above.values())):
                    yield path, title


def _headings(text: str) -> Iterator[tuple[int, str]]:
    for block in blocks(text):
        for found in _HEADING.finditer(block.text) if block.kind == "prose" else ():
            yield len(found[1]), found[2]
