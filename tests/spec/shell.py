"""Shell by command: the words of each, the pipes between them and what decides whether they run.

Quotes that change nothing are not seen. A bare `$NAME` of the document may be quoted in the
rendered text: that means the same with every value for which the document's command works. The
other way round it does not.
"""

from collections.abc import Iterator, Sequence

from .changes import Change, Pair, align, exact, likeness, out_of_order, replaced
from .commands import Command, Expansion, Pipeline, Word, pipelines


def script_changes(document: str, rendered: str) -> Iterator[Change]:
    """A script file: its shebang and its commands."""
    ours, theirs = _shebang(document), _shebang(rendered)
    if ours != theirs:
        yield Change("shebang", ours, theirs)
    yield from command_changes(document, rendered)


def command_changes(document: str, rendered: str) -> Iterator[Change]:
    ours, theirs = pipelines(document), pipelines(rendered)
    for pipeline, match in zip(ours, align(ours, theirs, _pair_pipelines), strict=True):
        if match is not None:
            yield from match.changes
            continue
        moved = any(_is_same(pipeline, candidate) for candidate in theirs)
        elsewhere = out_of_order(pipeline.text) if moved else ""
        yield Change(pipeline.stages[0].place, pipeline.text, elsewhere)


def _shebang(text: str) -> str:
    first = text.partition("\n")[0].strip()
    return first if first.startswith("#!") else ""


def _is_same(ours: Pipeline, theirs: Pipeline) -> bool:
    match = _pair_pipelines(ours, theirs)
    return match is not None and not match.changes


def _pair_pipelines(ours: Pipeline, theirs: Pipeline) -> Pair | None:
    matches = align(ours.stages, theirs.stages, _pair_commands)
    if not any(matches):
        return None
    changes = list(_stage_changes(ours, theirs, matches))
    place = ours.stages[0].place
    if not changes and len(ours.stages) != len(theirs.stages):
        changes.append(Change(place, ours.text, theirs.text))
    if ours.guards != theirs.guards:
        changes.append(Change(place, _guarded(ours), _guarded(theirs)))
    return replaced(changes, likeness(ours.text, theirs.text)) if changes else exact()


def _stage_changes(ours: Pipeline, theirs: Pipeline, matches: Sequence[Pair | None]) -> Iterator[Change]:
    for stage, match in zip(ours.stages, matches, strict=True):
        if match is not None:
            yield from match.changes
        elif any(_pair_commands(stage, candidate) == exact() for candidate in theirs.stages):
            yield Change(stage.place, stage.text, out_of_order(stage.text))
        else:
            yield Change(stage.place, stage.text, "")


def _pair_commands(ours: Command, theirs: Command) -> Pair | None:
    if ours.program != theirs.program:
        return None
    changes = tuple(_word_changes(ours, theirs))
    return replaced(changes, likeness(ours.text, theirs.text)) if changes else exact()


def _word_changes(ours: Command, theirs: Command) -> Iterator[Change]:
    """Neighbouring words that changed are one change: `--name x` goes as a whole."""
    lost: list[str] = []
    found: list[str] = []
    for word, match in zip(ours.words, align(ours.words, theirs.words, _pair_words), strict=True):
        if match != exact():
            lost.append(word.text)
            found.extend(change.rendered for change in (match.changes if match else ()))
        elif lost:
            yield Change(ours.place, " ".join(lost), " ".join(found))
            lost, found = [], []
    if lost:
        yield Change(ours.place, " ".join(lost), " ".join(found))


def _pair_words(ours: Word, theirs: Word) -> Pair:
    same = len(ours.pieces) == len(theirs.pieces) and all(map(_covers, ours.pieces, theirs.pieces))
    if same:
        return exact()
    change = Change("", ours.text, theirs.text)
    return replaced([change], likeness(ours.text, theirs.text))


def _covers(ours: str | Expansion, theirs: str | Expansion) -> bool:
    if isinstance(ours, Expansion) and isinstance(theirs, Expansion) and theirs.quoted:
        return ours.text == theirs.text
    return ours == theirs


def _guarded(pipeline: Pipeline) -> str:
    return ": ".join((*pipeline.guards, pipeline.text))
