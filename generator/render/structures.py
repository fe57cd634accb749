"""Lists and maps that a filter writes, by their place in a file.

Where the place is of the filter's own language, the list or map becomes a part of the file, with a mark for each key
and value in it. Everywhere else it is written completely, and is then one text, which is encoded for its place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from generator.findings.record import record
from generator.languages import LANGUAGES, EncodeError, Scalar, Site, dialects_of
from generator.languages.fill import fill, unquoted
from generator.languages.site import MARK, one_line
from generator.languages.site import text_of as scalar_text
from generator.render.engine import Location, Rendered, Value
from generator.render.filters import LINE, Structure
from generator.render.marks import BEGIN, END, FIRST, resolve_marks
from generator.render.shape import Shape, Shapes

_OWN_LINE = re.compile(r"[ \t]*(?:- +)*")  # what may stand before lines of YAML
_WITH_BLOCKS = (
    "dockerfile",
    "hcl",
    "markdown",
)  # languages in which a text of YAML may have lines of its own
_EDGES = ("", '"', "'")
_RAW = Site("text", "raw")


@record
class Placed:
    """What became of the structures of a file.

    `parts` are those that became parts of the file, by the number of their mark in the rendered text, with the
    indentation of their further lines; `texts` those that are text, by the number of their mark in the file. The
    structures in `problems` have neither.
    """

    parts: Mapping[int, str]
    texts: Mapping[int, Structure]
    problems: tuple[tuple[int, EncodeError], ...]


class Result(NamedTuple):
    """A file whose structures are placed: its shape, and the value and location of each mark."""

    shape: Shape
    values: tuple[Scalar, ...]
    locations: tuple[Location, ...]
    placed: Placed


def place(shapes: Shapes, language: str, head: str, rendered: Rendered) -> Result:
    """Return the shape of a rendered text, in which every structure is a part of the file or text."""
    parts = _parts(shapes, language, head, rendered)
    if parts:
        rendered = _with_parts(rendered, parts)
    return _with_texts(shapes.shape(language, head, rendered.text), rendered, parts)


def _parts(shapes: Shapes, language: str, head: str, rendered: Rendered) -> dict[int, str]:
    """Return the structures that become parts of the file, with the indentation of their further lines."""
    entries = _entries(rendered) if language in dialects_of("yaml", *_WITH_BLOCKS) else {}
    first, *literals = rendered.text.split(MARK)
    marks = [entries.get(index, MARK) for index in range(len(literals))]
    text = first + "".join([part for pair in zip(marks, literals, strict=True) for part in pair])
    shape = shapes.shape(language, head, text)
    parts: dict[int, str] = {}
    for index, value in enumerate(rendered.values):
        if not isinstance(value, Structure):
            continue
        before = _before([first, *literals], index)
        form = "entries" if entries.get(index, "").startswith(MARK) else value.form
        if _is_part(shape.sites[index], form) and (not value.is_block or _OWN_LINE.fullmatch(before)):
            parts[index] = " " * len(before.lstrip()) if value.is_block else ""
    return parts


def _entries(rendered: Rendered) -> dict[int, str]:
    """Return an entry or item in place of each structure on lines of its own, which may stand among others there."""
    literals = rendered.text.split(MARK)
    return {
        index: f"{MARK}: 0" if isinstance(value.data, dict) else f"- {MARK}"
        for index, value in enumerate(rendered.values)
        if isinstance(value, Structure) and value.is_block and _OWN_LINE.fullmatch(_before(literals, index))
    }


def insert(structure: str, indent: str) -> str:
    """Return the text of a structure that becomes a part of the file."""
    return BEGIN + structure.replace("\n", f"\n{indent}") + END


def text_of(structure: Structure, indent: str = "") -> str:
    """Return a structure as text of its language. Raises EncodeError for what the language cannot hold."""
    if structure.form == LINE:
        return one_line(scalar_text(structure.data), "a raw line")
    values: list[Scalar] = []

    def mark(value: Scalar) -> str:
        values.append(value)
        return chr(FIRST + len(values) - 1)

    text, _, order = resolve_marks(structure.write(mark))
    sites = LANGUAGES[structure.language].sites(text)
    filled = fill(text.split(MARK), sites, [values[number] for number in order], unquoted(sites))
    for _, problem in filled.problems:
        raise problem
    return filled.text().replace("\n", f"\n{indent}")


def _is_part(site: Site, form: str) -> bool:
    """Return whether a structure can be written as a part of the file: all around it is the file's own text."""
    place = _place(site, form)
    return form != LINE and place is not None and place.language != _RAW.language and _is_raw(place.outer)


def _is_raw(site: Site | None) -> bool:
    """Return whether text stands in the file as it is, in `site` and all sites around it."""
    while site and LANGUAGES[site.language].is_verbatim(site):
        site = site.outer
    return site is None


def _place(site: Site | None, form: str) -> Site | None:
    """Return the innermost site that holds what the filter `form` writes, or None."""
    while site and not LANGUAGES[site.language].holds(site, form):
        site = site.outer
    return site


def _before(literals: Sequence[str], index: int) -> str:
    """Return what stands on its line before a mark."""
    before = MARK.join(literals[: index + 1])
    return before[before.rfind("\n") + 1 :]


def _with_parts(rendered: Rendered, parts: Mapping[int, str]) -> Rendered:
    values: list[Value] = []
    locations: list[Location] = []

    def mark(location: Location, value: Value) -> str:
        values.append(value)
        locations.append(location)
        return chr(FIRST + len(values) - 1)

    first, *literals = rendered.text.split(MARK)
    written = [first]
    for index, (value, location) in enumerate(zip(rendered.values, rendered.locations, strict=True)):
        if isinstance(value, Structure) and index in parts:
            written.append(insert(value.write(partial(mark, location)), parts[index]))
        else:
            written.append(mark(location, value))
        written.append(literals[index])
    text, digest, order = resolve_marks("".join(written))
    return Rendered(
        text, digest, tuple([values[each] for each in order]), tuple([locations[each] for each in order])
    )


def _with_texts(shape: Shape, rendered: Rendered, parts: Mapping[int, str]) -> Result:
    """Write those structures as text that are no parts of the file."""
    texts: dict[int, Structure] = {}
    values: list[Scalar] = []
    sites = list(shape.sites)
    problems: list[tuple[int, EncodeError]] = []
    for index, value in enumerate(rendered.values):
        if not isinstance(value, Structure):
            values.append(value)
            continue
        texts[index] = value
        try:
            holder = _place(sites[index], value.form)
            if value.form == LINE and holder is None:
                raise _not_raw(sites[index])
            values.append(text_of(value, _indent(shape, index, value)))
            sites[index] = (holder.outer or _RAW) if holder else _for_lines(sites[index])
        except EncodeError as problem:
            values.append("")
            problems.append((index, problem))
    shape = replace(shape, sites=tuple(sites), scalars=unquoted(sites)) if texts else shape
    return Result(shape, tuple(values), rendered.locations, Placed(parts, texts, tuple(problems)))


def _not_raw(site: Site) -> EncodeError:
    reason = f"| line writes a raw line, which could leave its place in {site.language}"
    return EncodeError(reason, "remove | line: every value is encoded for its place")


def _indent(shape: Shape, index: int, structure: Structure) -> str:
    """Return what further lines of a structure begin with, beyond what the sites around it write there."""
    site: Site | None = shape.sites[index]
    before = _before(shape.literals, index)
    place = _place(site, structure.form)
    around = place.outer if place else site
    if structure.is_block and not _OWN_LINE.fullmatch(before):
        is_line = _is_raw(around) or (place and around and not _is_whole(around))
        is_line = is_line or (site is not None and site.position == "heredoc")
        if is_line:
            raise EncodeError(
                "| yaml writes a list or map on lines of its own",
                "put {{ … | yaml }} on the next line, indented, or use | flow",
            )
        return ""
    written = 0
    while site:
        written += len(site.indent)
        site = site.outer
    own = _OWN_LINE.match(before)
    indent = own[0] if own and structure.is_block else before[: len(before) - len(before.lstrip())]
    indent = indent[written:].replace("-", " ")
    return indent.replace("\t", "") if shape.sites[index].language == "shell" else indent  # <<- drops tabs


def _for_lines(site: Site) -> Site:
    """Return the site of a list or map, which may have lines of its own in a here-document."""
    is_heredoc = site.language == "shell" and site.position in ("heredoc", "heredoc_quoted")
    return replace(site, position=f"{site.position}_lines") if is_heredoc else site


def _is_whole(site: Site) -> bool:
    """Return whether a value is all that stands at a site."""
    return site.before in _EDGES and site.behind in _EDGES
