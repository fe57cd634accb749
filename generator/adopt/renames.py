"""Names that a person gives to the values: renamed, merged under one name, or split by file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from generator.adopt.conditions import reference
from generator.adopt.entries import Entries
from generator.adopt.layers import scalar_text
from generator.adopt.lines import Path
from generator.adopt.names import RESERVED
from generator.adopt.parts import present, united
from generator.adopt.values import Cased, Piece, Value, is_free
from generator.findings import FindingError, OetgenError
from generator.findings.suggest import nearest
from generator.project.globs import matches
from generator.values.source import load

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
_HEADER = """\
# The values that `oetgen adopt` proposes: the proposed name, and the name that it gets.
# Rename a value on the right. Two values with the same texts and one name are merged. A map splits a value by
# file; the last pattern that matches counts:
#   suffix: {"**": suffix, "terraform/**": terraform_suffix}
# Then run the same command again.
"""
Renames = Mapping[str, str | Mapping[str, str]]


def names_text(values: Sequence[Value], maps: Sequence[Entries] = ()) -> str:
    """Return the text of a file of names, with the texts of each value as a comment."""
    lines = [f"{each.name}: {each.name} # {', '.join(each.keys)[:80]}\n" for each in maps]
    every = [*values, *(value for each in maps for value in each.values)]
    for value in sorted(every, key=lambda each: each.name):
        name = scalar_text(reference(value.name))
        texts = ", ".join(dict.fromkeys(str(each) if each != "" else '""' for each in value.data))
        lines.append(f"{name}: {name} # {' '.join(texts.split())[:80]}\n")
    return _HEADER + "".join(lines)


def read_names(text: str, file: str) -> Renames:
    """Return the names of a file. Raises OetgenError when it is not a map of names."""
    located = load(text, file)
    if located.findings:
        raise FindingError(*located.findings)
    data: Renames = {} if located.data is None else located.data
    if not isinstance(data, dict):
        raise OetgenError(f"{file} is not a map of names", "delete it, and run the command to write it again")
    for proposed, wanted in data.items():
        for name in wanted.values() if isinstance(wanted, dict) else (wanted,):
            if not isinstance(name, str) or not _NAME.fullmatch(name) or RESERVED & set(name.split(".")):
                raise OetgenError(
                    f"{file}: {proposed} cannot be called {name!r}",
                    "use words of letters, digits and _, with dots",
                )
    return data


def apply(values: Sequence[Value], renames: Renames, file: str, word: str = "") -> list[Value]:
    """Give values other names, those of the entry `word` below it. Raises OetgenError when names clash."""
    named = [each for value in values for each in _split(value, renames.get(reference(value.name)))]
    merged: dict[Path, list[Value]] = {}
    for value in named:
        merged.setdefault(value.name, []).append(value)
    kept = [_merged(name, same, file) for name, same in merged.items()]
    for name in merged:
        if word and (name[:1] != (word,) or len(name) < 2 or name[1:] == ("name",)):
            raise OetgenError(
                f"{file}: a value of {word} cannot be called {reference(name)!r}",
                f"use a name that begins with {word}., other than {word}.name",
            )
        others = [other for other in merged if other != name]
        if not is_free(name, others):
            raise OetgenError(
                f"{file}: {reference(name)} is a value and a map of values", "give one of them another name"
            )
    return kept


def unknown(renames: Renames, values: Sequence[Value], file: str, maps: Sequence[str] = ()) -> None:
    """Raise OetgenError for a name of the file that no value and no map has."""
    known = [*(reference(value.name) for value in values), *maps]
    for name in renames:
        if name not in known:
            raise OetgenError(
                f"{file}: no value is called {name}",
                nearest(name, known) or "remove the line, or delete the file",
            )


def _split(value: Value, wanted: str | Mapping[str, str] | None) -> list[Value]:
    if wanted is None:
        return [value]
    if isinstance(wanted, str):
        value.name = tuple(wanted.split("."))
        return [value]
    found: dict[str, Value] = {}
    for place in value.places:
        name = next(
            (name for glob, name in reversed(list(wanted.items())) if matches(glob, place.file)), None
        )
        own = found.setdefault(name or reference(value.name), Value(value.texts, data=value.data))
        own.is_part, own.reference = value.is_part, value.reference
        own.name = tuple((name or reference(value.name)).split("."))
        own.places.append(place)
        place.pieces = [_replaced(piece, value, own) for piece in place.pieces or ()]
    return list(found.values())


def _replaced(piece: Piece, value: Value, other: Value) -> Piece:
    if isinstance(piece, Cased):
        return Cased(other, piece.form) if piece.value is value else piece
    return other if piece is value else piece


def _merged(name: Path, same: Sequence[Value], file: str) -> Value:
    first, *others = same
    for other in others:
        texts = zip(first.texts, other.texts, strict=True)
        by_condition = not first.places and not other.places
        clash = (
            first.data != other.data if by_condition else any(a != b for a, b in texts if None not in (a, b))
        )
        if clash or not (by_condition or (present(first.texts) and present(other.texts))):
            raise OetgenError(
                f"{file}: two values with different texts are called {reference(name)}", "give them two names"
            )
        first.texts = united(first.texts, other.texts)
        first.data = tuple(
            mine if text is not None or by_condition else theirs
            for mine, theirs, text in zip(first.data, other.data, first.texts, strict=True)
        )
        first.places += other.places
        for place in other.places:
            place.pieces = [_replaced(piece, other, first) for piece in place.pieces or ()]
    return first
