"""Compare the places that state one fact, and report those that differ from the majority."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from generator.findings import Finding, Note, Span, warning
from generator.findings.record import record
from generator.languages.shell.script import Command
from generator.languages.word import Word


@record
class Statement:
    """A place that states a fact; `what` describes the place, for example `the image of container postgres`."""

    text: str
    what: str
    at: Span


def disagreements(
    code: str, fact: str, statements: Iterable[Statement], *, hint: str = ""
) -> Iterator[Finding]:
    """Yield a warning for each place that differs from the most frequent text, or in a tie from the first."""
    places = list(statements)
    if not places:
        return
    counts = Counter(each.text for each in places)
    most = max(counts.values())
    agreed = next(each for each in places if counts[each.text] == most)
    for each in places:
        if each.text != agreed.text:
            others = [other for other in places if other.text == agreed.text]
            notes = [Note(f"{other.what} uses {agreed.text}", other.at) for other in others[:3]]
            problem = f"uses {each.text}" if each.text else "has no value"
            yield warning(
                code,
                f"{each.what} {problem}, but {fact} is {agreed.text} elsewhere",
                each.at,
                notes=tuple(notes),
                hint=hint.format(agreed.text)
                if hint
                else f"write {agreed.text} here, or the other value everywhere",
            )


def in_command(
    command: Command, options: Iterable[Word], setting: re.Pattern[str]
) -> Iterator[tuple[str, int]]:
    """Yield each text, with its offset, that a command states: by the values of `options`, or by `name=text`.

    `setting` matches a whole word of the second form, and its group is the text.
    """
    yield from ((word.text, word.offset) for word in options if "$" not in word.text)
    for word in command.words:
        found = setting.fullmatch(word.text)
        if found:
            yield found[1], word.offset + found.start(1)
