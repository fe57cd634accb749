"""The place of each mark in a script: what surrounds it in the syntax tree, and where its text goes."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping

from generator.languages import environment
from generator.languages.environment import OPTIONS, option_position
from generator.languages.lexer import ESCAPED, NOWHERE
from generator.languages.shell.channels import HEREDOCS
from generator.languages.shell.documents import document_sites
from generator.languages.shell.flow import BOUNDARIES, Flow, array_before, flow_of
from generator.languages.shell.interpreters import LINE, LOGIN
from generator.languages.shell.json_texts import json_sites
from generator.languages.shell.read import parse
from generator.languages.shell.script import Region, Script
from generator.languages.site import MARK, ShapeError, Site

_HINT = "fix the script as `bash -n` asks; use only sh or bash, or map the file to another language"
_BETWEEN_WORDS = " \t\n;&|)"
_LETTER = re.compile(rf"[A-Za-z0-9_{MARK}]")
_QUOTES = frozenset(["single", "double", "ansi"])
_OPERANDS = frozenset(["operand", "opaque", "offset"])
_WORDS = frozenset(["word", "regex"])
# What may surround a mark in a here-document: in a command, a line of the value could end it.
_IN_HEREDOC = frozenset(["heredoc", "heredoc_quoted", "operand_in_text", "number", "name", ESCAPED])
_POSITIONS: Mapping[str, str] = {
    "comment": "comment",
    "escape": ESCAPED,
    "single": "single",
    "double": "double",
    "heredoc": "heredoc",
    "heredoc_quoted": "heredoc_quoted",
    "arithmetic": "number",
    "subscript": "index",
    "offset": "offset",
    "regex": "regex",
    "word": "word",
    "name": "name",
}
_TILDE = re.compile(rf"(?:\A|[=:])~[\w.{MARK}-]*\Z")
_BRACKET = re.compile(r"\[[^\]\s]*\Z")
_BRACE = re.compile(r"\{[^\s{}]*\Z")
_NAME = re.compile(rf"[A-Za-z0-9_{MARK}]*")
_ASSIGNED = re.compile(r"""\A["']?(?:--[\w-]+=|-e)?([A-Za-z_]\w*)\+?=""")


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`. Raises ShapeError where no shell would accept it."""
    script = parse(shape)
    marks = [offset for offset, char in enumerate(shape) if char == MARK]
    _refuse_invalid(script, has_marks=bool(marks))
    if not marks:
        return []
    flow, inner = flow_of(script, marks), {**document_sites(script), **json_sites(script)}
    return [_site(flow, offset, inner.get(offset)) for offset in marks]


def _refuse_invalid(script: Script, *, has_marks: bool) -> None:
    """Refuse code that is not valid; without a value in it, only what has no end."""
    problem = script.problem
    if problem and (has_marks or problem.message.endswith("is not closed")):
        raise _refused(script, problem.message, problem.offset)
    for region in script.regions:
        if region.kind == "unended":
            raise _refused(script, f"no line {region.note} ends the here-document", max(region.start - 1, 0))
        if region.kind == "ambiguous" and has_marks:
            raise _refused(script, "sh and bash read a quote in ${…} differently", region.start)


def _refused(script: Script, message: str, offset: int) -> ShapeError:
    return ShapeError(message, script.text.count("\n", 0, offset) + 1, "a shell script", _HINT)


def _site(flow: Flow, offset: int, inner: Site | None) -> Site:
    text = flow.script.text
    chain = flow.around[offset]
    before, behind = text[max(offset - 1, 0) : offset], text[offset + 1 : offset + 2]
    position, end, alone = _position(flow, offset, chain), "", False
    if position in ("heredoc", "heredoc_quoted"):
        end = chain[-1].note
        position, alone = _beside_end(text, offset, end, position)
    site = Site("shell", position, before, behind, end, alone, joins=offset in flow.variable_ends)
    condition = flow.condition(offset)
    if position in (NOWHERE, ESCAPED, "comment", "name", "index", "offset"):
        return site
    if inner and (condition in ("", LOGIN) or (condition == LINE and _is_one_line(inner))):
        site = inner.within(site)
    if condition in ("", position):
        return site
    if condition == OPTIONS:
        condition = _among_options(text[_start(chain, offset) : offset], behind, position)
    return Site("shell", condition, before, behind).within(site)


def _among_options(word: str, behind: str, position: str) -> str:
    """Return the position of a mark, which follows the beginning of a word, among options.

    The mark is the whole of the variable only where the word sets that variable, and not one that is a part of it.
    """
    assigned = _ASSIGNED.match(word)
    options = word[assigned.end() :] if assigned else word
    is_end = behind in (_BETWEEN_WORDS if position == "word" else (word[:1], options[:1]))
    is_whole = is_end and assigned is not None and environment.condition(assigned[1]) == OPTIONS
    return option_position(options.lstrip("\"'"), "" if is_whole else behind)


def _is_one_line(inner: Site) -> bool:
    return inner.position == "string" or inner.outermost().language == "dotenv"


def _start(chain: list[Region], offset: int) -> int:
    """Return where the word begins that a mark stands in, or the innermost region."""
    return next(
        (each.start for each in reversed(chain) if each.kind in _WORDS), chain[-1].start if chain else offset
    )


def _position(flow: Flow, offset: int, chain: list[Region]) -> str:
    outer = next((at for at in range(len(chain), 0, -1) if chain[at - 1].kind in BOUNDARIES), 0)
    local = chain[outer:]
    if any(each.kind == "backtick" for each in chain):
        return NOWHERE
    position = _local_position(flow, offset, local)
    is_in_heredoc = any(each.kind in HEREDOCS for each in chain)
    return NOWHERE if is_in_heredoc and not _fits_heredoc(chain, position) else position


def _fits_heredoc(chain: list[Region], position: str) -> bool:
    """Return whether no line of a value could end the here-document that it stands in."""
    last = max(at for at, each in enumerate(chain) if each.kind in HEREDOCS)
    return position in _IN_HEREDOC and not any(each.kind in BOUNDARIES for each in chain[last:])


def _local_position(flow: Flow, offset: int, local: list[Region]) -> str:
    """Return the position by the regions around, from the last command substitution on."""
    kind = _kind(local)
    if kind in ("dollar", "parameter", "indirect"):
        return _variable(flow.script.text, offset, is_dollar=kind == "dollar")
    if kind in _OPERANDS or (kind in _QUOTES and any(each.kind in _OPERANDS for each in local)):
        return _expansion(kind, local)
    position = _POSITIONS.get(kind, NOWHERE)
    around = {each.kind for each in local}
    if "subscript" in around and position != ESCAPED:
        return _index(flow, local)
    if "name" in around:
        return "name" if position in ("name", "word") else NOWHERE
    return _word(flow, offset, local) if position == "word" else position


def _kind(local: list[Region]) -> str:
    """Return the kind of the innermost region, but for those that only group others."""
    groups = ("test", "items", "body", "coproc", "positional", "list")
    return next((each.kind for each in reversed(local) if each.kind not in groups), "")


def _variable(text: str, offset: int, *, is_dollar: bool) -> str:
    """Return the position of the name of a variable that is expanded."""
    starts = is_dollar or text[offset - 1] in "{#!"
    return "name" if starts and not _LETTER.match(text, offset + 1) else NOWHERE


def _expansion(kind: str, local: list[Region]) -> str:
    """Return the position after an operator of `${…}`, of which quotes mean something else inside of others."""
    first = next(at for at, each in enumerate(local) if each.kind in _OPERANDS)
    is_in_text = any(each.kind == "double" or each.kind in HEREDOCS for each in local[:first])
    if kind == "operand":
        return "operand_in_text" if is_in_text else "operand"
    if kind in ("single", "double") and not is_in_text and local[first].kind != "offset":
        return kind
    return kind if kind == "offset" else NOWHERE


def _index(flow: Flow, local: list[Region]) -> str:
    region = next(each for each in reversed(local) if each.kind == "subscript")
    return "key" if array_before(flow.script.text, region.start) in flow.associative else "index"


def _word(flow: Flow, offset: int, local: list[Region]) -> str:
    """Return the position of a mark that no quotes surround, by what stands before it in its word."""
    word = next(each for each in reversed(local) if each.kind in _WORDS)
    if word.start in flow.assigned and _NAME.fullmatch(flow.script.text, word.start, offset):
        return "name"
    before = _bare(flow, word.start, offset)
    if _TILDE.search(before):
        return "tilde"
    if _BRACKET.search(before):
        return "index"
    return "quoted" if _BRACE.search(before) else "word"


def _bare(flow: Flow, start: int, stop: int) -> str:
    """Return what stands before a mark in its word, with quotes and expansions as plain letters."""
    text = list(flow.script.text[start:stop])
    for each in flow.hidden[bisect_left(flow.hidden, (start, 0)) : bisect_left(flow.hidden, (stop, 0))]:
        if each[1] <= stop:
            text[each[0] - start : each[1] - start] = "x" * (each[1] - each[0])
    return "".join(text)


def _beside_end(text: str, offset: int, word: str, position: str) -> tuple[str, bool]:
    """Return the position, and whether the value could be the line that ends the here-document."""
    start = text.rfind("\n", 0, offset) + 1
    stop = text.find("\n", offset)
    line = text[start : len(text) if stop < 0 else stop].strip()
    if not re.fullmatch(".*".join(re.escape(part) for part in line.split(MARK)), word):
        return position, False
    return (position, True) if not line.strip(MARK) else (NOWHERE, False)
