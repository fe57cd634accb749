"""Dockerfiles: what the words of an instruction mean depends on the instruction.

The rules are those of Docker's own parser (github.com/moby/buildkit, frontend/dockerfile/parser and /shell).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from json import loads

from generator.findings.record import record
from generator.languages import LANGUAGES, commands, environment, language_of
from generator.languages.code import sites as code_language
from generator.languages.json import sites as json
from generator.languages.lexer import (
    DOLLAR,
    ESCAPE,
    ESCAPED,
    LONE,
    NOWHERE,
    POP,
    VARIABLE,
    Marked,
    Mode,
    marks,
    mode,
)
from generator.languages.shell import sites as shell
from generator.languages.site import (
    MARK,
    EncodeError,
    Scalar,
    ShapeError,
    Site,
    apart,
    escaped,
    one_line,
    only,
    text_of,
)

_INSTRUCTION = re.compile(r"[ \t]*(?:ONBUILD[ \t]+)?([A-Z]+)((?:[ \t]+--\S*)*)(?=\s|$)(.*)", re.IGNORECASE)
_HEALTHCHECK = re.compile(r"[ \t]*CMD(?=\s)(.*)", re.IGNORECASE)
_CONTINUED = re.compile(r"(^|[^\\])\\[ \t]*$")
_HEREDOC = re.compile(r"""(?:^|\s)\d*<<(-?)\s*(["']?)([^\s<"']+)\2(?=\s|$)""")
_QUOTED = re.compile(r"""(?<!<)(?<!<-)(?:"(?:\\.|[^"\\])*"|'[^']*')""")
_DIRECTIVE = re.compile(r"#\s*(syntax|escape|check)\s*=\s*(.*)", re.IGNORECASE)
_MAYBE_DIRECTIVE = re.compile(rf"#\s*[A-Za-z0-9{MARK}]*\s*(?:=|{MARK}|$)")
_ARGUMENT = re.compile(r"""(?:\\.|"(?:\\.|[^"\\])*"|'[^']*'|[^\s"'\\])+""")
_BARE_ITEM = re.compile(rf"(?<=[\[,\s]){MARK}(?=[\],\s])")
_WORD = re.compile(r"[A-Za-z0-9_./:@%+=,-]*")
_KEY = re.compile(r"[A-Za-z0-9_./-]+")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ARGUMENT_TEXT = re.compile(r"[^\0]*")
_UNEXPANDED = re.compile(r"""[^$\\"'\0]*""")
_SPECIAL = re.compile(r'([\\"$])')
_MOUNT = re.compile(r"[A-Za-z0-9_./:@%+-]*")
_SINGLE_VALUED = tuple(
    f"--{name}="
    for name in "checksum chmod chown exclude from interval network platform retries security start-interval"
    " start-period timeout".split()
)
_LONGEST_LINE = 60_000  # Docker reads lines of less than 64 KiB

_COMMANDS = frozenset(["RUN", "CMD", "ENTRYPOINT"])
_LISTS = frozenset(["ADD", "COPY", "VOLUME"])  # a JSON list, or words that no quotes hold together
_ASSIGNMENTS = frozenset(["ARG", "ENV", "LABEL"])
_TEXTS = frozenset(["STOPSIGNAL", "USER", "WORKDIR"])
_WITH_HEREDOC = frozenset(["ADD", "COPY", "RUN"])

_TOKENS = {"lone": LONE, "escape": ESCAPE, "parameter": r"\$\{", "variable": VARIABLE, "dollar": DOLLAR}
_IN_BRACES = mode({"parameter": "parameter", "close": POP}, "a ${ has no }", **_TOKENS, close=r"\}")
_EXPANSION = {
    "parameter": mode(
        {"operator": "=operand", "other": "=opaque", "close": POP},
        "a ${ has no }",
        operator=":?[-+?]",
        other=rf"[^A-Za-z0-9_}}{MARK}]",
        close=r"\}",
    ),
    "operand": _IN_BRACES,
    "opaque": _IN_BRACES,
}
_INTERPRETED = re.compile(r"(?:^|[\s/;&|])(?:node|perl|php|python[0-9.]*|ruby)\s")
_IN_HEREDOC = {"text": mode({"parameter": "parameter"}, **_TOKENS), **_EXPANSION}
_EXPANDED = re.compile(r"\\.|\$\{[^{}]*\}|\$[A-Za-z_][A-Za-z0-9_]*", re.DOTALL)
_BLANK_SEPARATED = {"word": mode({"parameter": "parameter"}, **_TOKENS), **_EXPANSION}
_QUOTABLE = {
    "word": mode(
        {"parameter": "parameter", "double": "double", "single": "single"}, **_TOKENS, double='"', single="'"
    ),
    "double": mode(
        {"parameter": "parameter", "double": POP}, "a double quote is not closed", **_TOKENS, double='"'
    ),
    "single": mode({"single": POP}, "a single quote is not closed", single="'"),
    **_EXPANSION,
}


@record
class _Heredoc:
    """A here-document: the word that ends it, its text, and how it was begun."""

    word: str
    text: str
    is_quoted: bool
    strips_tabs: bool

    def site(self, position: str, index: int) -> Site:
        """Return the site of the mark at `index` of the text."""
        before, behind = self.text[max(index - 1, 0) : index], self.text[index + 1 : index + 2]
        start, end = self.text.rfind("\n", 0, index) + 1, self.text.find("\n", index)
        line = self.text[start : end if end >= 0 else len(self.text)].strip("\t")
        alone = before == MARK or bool(re.fullmatch(".*".join(map(re.escape, line.split(MARK))), self.word))
        rest = self.text[index : end if end >= 0 else len(self.text)].replace(MARK, "")
        if rest == self.word or (alone and before != MARK and line.strip(MARK)):
            return _site(NOWHERE)  # a line break in the value would make it the end
        tabs = "\t" if self.strips_tabs else ""
        return Site("dockerfile", position, before, behind, end=self.word, alone=alone, indent=tabs)


@dataclass
class _Instruction:
    """An instruction: `code` is all of it on one line, without the comments between its lines.

    For each mark in its lines, `in_comment` is whether it is in such a comment, and `at_end` whether only
    blanks or a continuation follow it.
    """

    line: int
    code: str = ""
    in_comment: list[bool] = field(default_factory=list)
    at_end: list[bool] = field(default_factory=list)
    heredocs: list[_Heredoc] = field(default_factory=list)

    def add(self, line: str, is_comment: bool) -> bool:
        """Add a line, and return whether the instruction continues on the next one."""
        for index, char in enumerate(line):
            if char == MARK:
                self.in_comment.append(is_comment)
                self.at_end.append(line[index:].strip(f" \t{MARK}") in ("", "\\"))
        if not is_comment:
            self.code += _CONTINUED.sub(r"\1", line)
        return is_comment or bool(_CONTINUED.search(line))


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`. Raises ShapeError."""
    lines = shape.split("\n")
    found, start = _head(lines)
    if start is None:
        return _nowhere(shape)
    program = "sh"
    for instruction in _instructions(lines, start):
        found += _instruction_sites(instruction, program)
        program = _shell_behind(instruction.code, program)
    return found


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site`."""
    written = _ENCODERS[site.position](site, apart(site, text_of(value)))
    if site.behind == "\\" and written.endswith("\\"):
        raise EncodeError("a backslash at its end would join the line with the next", "put it before a quote")
    if site.room is not None and len(written.encode()) > site.room:
        raise EncodeError("Docker reads no line of 64 KiB or more", "copy a file into the image instead")
    return written


def is_verbatim(site: Site) -> bool:
    """Return whether what stands around a value at `site`, on its line, stands in the file as it is read."""
    return site.position == "heredoc_raw"


def holds(site: Site, form: str) -> bool:
    """Return whether a whole list, as the filter `form` writes it, may stand at `site`."""
    return site.position in ("whole", "list") and form == "json"


def _head(lines: list[str]) -> tuple[list[Site], int | None]:
    """Return the sites in the parser directives, and where the instructions begin.

    That is None where a directive changes the escape character. The first line that is no directive ends
    them; if it is a comment, its value could make a directive of it.
    """
    found: list[Site] = []
    for index, line in enumerate(map(str.lstrip, lines)):
        directive = _DIRECTIVE.match(line)
        if directive and directive[1].lower() == "escape" and directive[2].strip() != "\\":
            return found, None
        if directive:
            found += [_site("directive")] * line.count(MARK)
        elif not _MAYBE_DIRECTIVE.match(line):
            return found, index
        else:
            return found + [_site(NOWHERE if "=" in line else "first")] * line.count(MARK), index + 1
    return found, len(lines)


def _instructions(lines: list[str], start: int) -> Iterator[_Instruction]:
    """Yield comments and instructions, each with all of its lines."""
    index = start
    while index < len(lines):
        current = _Instruction(index + 1)
        goes_on = True
        while goes_on and index < len(lines):
            is_comment = lines[index].lstrip()[:1] in ("", "#")
            goes_on = current.add(lines[index], is_comment) and not (is_comment and not current.code)
            index += 1
        for dash, quote, word in _heredocs(current.code):
            start = index
            while index < len(lines) and (lines[index].lstrip("\t") if dash else lines[index]) != word:
                index += 1
            end = index + (MARK in word)  # then the line that ends it has a mark of its own
            text = "".join(f"{line}\n" for line in lines[start:end])
            current.heredocs.append(_Heredoc(word, text, bool(quote), bool(dash)))
            index += 1
        yield current


def _heredocs(code: str) -> list[tuple[str, str, str]]:
    found = _INSTRUCTION.match(code)
    if not found or found[1].upper() not in _WITH_HEREDOC or "<<" not in code:
        return []
    return _HEREDOC.findall(_QUOTED.sub('""', found[3]))


def _instruction_sites(instruction: _Instruction, program: str) -> list[Site]:
    count = instruction.in_comment.count(False)
    room = (_LONGEST_LINE - len(instruction.code.encode())) // max(count, 1)
    in_code = _nowhere(instruction.code)
    below = [site for each in instruction.heredocs for site in _nowhere(each.text)]
    if in_code or below:
        try:
            in_code, below = _sites_of(instruction, program)
        except ShapeError as problem:
            raise problem.at(instruction.line) from None
    in_order = iter(in_code)
    found = [
        _site("comment") if in_comment else _in_line(next(in_order), at_end, room)
        for in_comment, at_end in zip(instruction.in_comment, instruction.at_end, strict=True)
    ]
    return found + below


def _sites_of(instruction: _Instruction, program: str) -> tuple[list[Site], list[Site]]:
    """Return the sites in an instruction and those in its here-documents."""
    code, heredocs = instruction.code, instruction.heredocs
    if not heredocs:
        return _code_sites(code, program), []
    found = _INSTRUCTION.match(code)
    if not found or any(MARK in each.word for each in heredocs):
        return _nowhere(code), [site for each in heredocs for site in _nowhere(each.text)]
    if found[1].upper() != "RUN":
        below = [
            _held(each, finder, "heredoc_raw" if each.is_quoted else "heredoc")
            for each, finder in zip(heredocs, _copied(found[3], heredocs), strict=True)
        ]
        return _code_sites(code, program), [site for sites in below for site in sites]
    if len(heredocs) == 1 and _HEREDOC.fullmatch(found[3].strip()):
        return _code_sites(code[: found.start(3)], program), _held(
            heredocs[0], _run(heredocs[0], program), "heredoc_raw"
        )
    return _with_heredocs(code, found, heredocs, program)


def _with_heredocs(
    code: str, found: re.Match[str], heredocs: list[_Heredoc], program: str
) -> tuple[list[Site], list[Site]]:
    """Return the sites of a command that a shell is given together with its here-documents."""
    script = found[3] + "".join(f"\n{each.text}{each.word}" for each in heredocs)
    is_shell = commands.is_shell(program) and not _INTERPRETED.search(found[3])
    finder = shell.sites if is_shell else code_language.sites
    flags, inner = _code_sites(code[: found.start(3)], program), finder(script)
    count = found[3].count(MARK)
    below = [each.site("heredoc_raw", index) for each in heredocs for index in _indexes(each.text)]
    return (
        flags + [site.within(_site("command")) for site in inner[:count]],
        [site.within(at) for site, at in zip(inner[count:], below, strict=True)],
    )


def _run(heredoc: _Heredoc, program: str) -> Callable[[str], list[Site]]:
    """Return what finds the sites in a here-document that is all of a command."""
    if heredoc.text.startswith("#!"):
        return LANGUAGES[language_of("script", heredoc.text)].sites
    return shell.sites if commands.is_shell(program) else code_language.sites


def _copied(words: str, heredocs: list[_Heredoc]) -> Iterator[Callable[[str], list[Site]] | None]:
    """Yield what finds the sites in each here-document that becomes a file, or None."""
    from generator.languages.embedded import (  # a render that knows the shape needs none of it
        by_content,
        of_file,
    )

    target = words.split()[-1]
    for each in heredocs:
        name = each.word if target.endswith("/") else target.rpartition("/")[2]
        language = of_file(name, each.text) or by_content(each.text)
        is_all = each.text.strip() == MARK  # the value is the whole file
        yield LANGUAGES[language].sites if language and not is_all else None


def _held(heredoc: _Heredoc, finder: Callable[[str], list[Site]] | None, position: str) -> list[Site]:
    """Return the sites in a here-document: those of its language, if it has one, within those of the file."""
    if position == "heredoc_raw":
        outer = [heredoc.site(position, index) for index in _indexes(heredoc.text)]
        seen = heredoc.text
    else:
        outer = [_expandable(heredoc, marked) for marked in marks(heredoc.text, _IN_HEREDOC, "text")]
        seen = _EXPANDED.sub(_expanded, heredoc.text)
    inner = finder(seen) if finder else outer
    return [
        site.within(at) if at.position == position and finder else at
        for site, at in zip(inner, outer, strict=True)
    ]


def _expandable(heredoc: _Heredoc, marked: Marked) -> Site:
    if marked.mode != "text" or marked.token in ("lone", "dollar"):
        return _site(NOWHERE)
    return replace(heredoc.site("heredoc", marked.offset), joins=marked.token == "variable")


def _expanded(found: re.Match[str]) -> str:
    """Return what a shell's expansion in a here-document stands for: a word; a backslash is dropped."""
    if found[0][0] == "\\":
        return found[0][1:]
    return "x" + MARK * found[0].count(MARK) + "x"


def _indexes(text: str) -> list[int]:
    return [index for index, char in enumerate(text) if char == MARK]


def _in_line(site: Site, at_end: bool, room: int) -> Site:
    """Return `site` with what its line means for it."""
    if site.outer:
        return replace(site, outer=_in_line(site.outer, at_end, room))
    return replace(site, room=room, behind="\\" if at_end else site.behind)


def _code_sites(code: str, program: str) -> list[Site]:
    found = _INSTRUCTION.match(code)
    if not found or found[1].upper() == "ONBUILD":  # of nothing that could be read
        return _nowhere(code)
    keyword, flags, rest = found[1].upper(), found[2], found[3]
    before = _nowhere(code[: found.start(2)]) + _option_sites(flags)
    command = _HEALTHCHECK.match(rest) if keyword == "HEALTHCHECK" else None
    if keyword in _COMMANDS or command:
        return before + _command_sites(command[1] if command else rest, program)
    if keyword in _LISTS | {"SHELL"} and _items(rest) is not None:
        return before + _list_sites(rest, "item" if keyword == "SHELL" else "expanded")
    if keyword in _LISTS | {"SHELL"} and rest.strip() == MARK:
        return [*before, _site("list")]
    if keyword in _ASSIGNMENTS:
        return before + _assignment_sites(rest, may_be_old=keyword != "ARG")
    return before + _word_sites(rest, _QUOTABLE if keyword in _TEXTS else _BLANK_SEPARATED)


def _command_sites(text: str, program: str) -> list[Site]:
    """Return the sites of a command: a JSON list, or one line for a shell."""
    if _items(text) is not None:
        return _list_sites(text, "item")
    inner = shell.sites(text) if commands.is_shell(program) else code_language.sites(text)
    if text.strip() == MARK:
        return [inner[0].within(_site("whole"))]
    start = len(text) - len(text.lstrip().lstrip("-"))  # where --flag would be an option of the instruction
    offsets = [index for index, char in enumerate(text) if char == MARK]
    return [
        site.within(_site("start" if offset == start else "line"))
        for site, offset in zip(inner, offsets, strict=True)
    ]


def _items(text: str) -> list[str] | None:
    """Return the items where Docker takes `text` for a list of strings, or None; every mark will be one."""
    if not text.lstrip().startswith("["):
        return None
    try:
        items = loads(_BARE_ITEM.sub(f'"{MARK}"', text))
    except (ValueError, RecursionError):
        return None
    texts = [item for item in items if isinstance(item, str)]
    whole = len(texts) == len(items) and "".join(texts).count(MARK) == text.count(MARK)
    return texts if whole else None


def _list_sites(text: str, position: str) -> list[Site]:
    items = _items(text) or []
    programs = commands.programs(items) if position == "item" else {}
    inner: list[Site] = []
    for index, item in enumerate(items):
        inner += programs[index](item) if index in programs else [_site(position)] * item.count(MARK)
    line = Site("dockerfile", "line")
    return [site.within(at.within(line)) for site, at in zip(inner, json.sites(text), strict=True)]


def _assignment_sites(text: str, may_be_old: bool) -> list[Site]:
    """Return the sites of NAME=value …, or, in the old form, of a NAME and the value after it."""
    first = _ARGUMENT.search(text)
    is_old = may_be_old and first is not None and "=" not in first[0]
    starts = [argument.start() for argument in _ARGUMENT.finditer(text)]
    found = []
    for marked in marks(text, _QUOTABLE, "word"):
        number = bisect_right(starts, marked.offset) - 1
        before = text[starts[max(number, 0)] : marked.offset]
        is_key = number < 1 if is_old else "=" not in before
        position = _position(marked)
        position = "assigned" if position == "word" else position
        site = marked.site("dockerfile", "key" if is_key else position)
        name = first[0] if is_old and first else before.partition("=")[0]
        value = text[starts[1] : marked.offset] if is_old and len(starts) > 1 else before.partition("=")[2]
        if not is_key and (held := environment.site(name, value, marked)):
            site = held.within(site)
        found.append(site)
    return found


def _word_sites(text: str, modes: Mapping[str, Mode]) -> list[Site]:
    return [marked.site("dockerfile", _position(marked)) for marked in marks(text, modes, "word")]


def _option_sites(flags: str) -> list[Site]:
    """Return the sites in the options of an instruction; a comma in a mount would add to it."""
    found = []
    for marked in marks(flags, _BLANK_SEPARATED, "word"):
        option = flags[: marked.offset].split()[-1]
        site = marked.site("dockerfile", _position(marked))
        is_mount = site.position == "word" and not option.startswith(_SINGLE_VALUED)
        found.append(replace(site, position="mount") if is_mount else site)
    return found


def _position(marked: Marked) -> str:
    lengthened = re.match(rf"[A-Za-z0-9_{MARK}]", marked.behind)
    if marked.token == "dollar" or marked.mode == "parameter":
        is_name = marked.token == "dollar" or marked.before == "{"
        return "name" if is_name and not lengthened else NOWHERE
    return {"operand": "operand", "opaque": NOWHERE}.get(marked.mode, marked.mode)


def _shell_behind(code: str, program: str) -> str:
    """Return the shell of the commands behind an instruction: SHELL sets it, FROM sets it back."""
    found = _INSTRUCTION.match(code)
    keyword = found[1].upper() if found else ""
    if keyword == "SHELL" and found:
        return next(iter(_items(found[3]) or []), "")
    if keyword == "FROM":
        return "cmd" if "windows" in code.lower() or "nanoserver" in code.lower() else "sh"
    return program


def _site(position: str) -> Site:
    return Site("dockerfile", position)


def _nowhere(text: str) -> list[Site]:
    return [_site(NOWHERE)] * text.count(MARK)


def _word(site: Site, text: str) -> str:
    at_start = site.before in ("", " ", "\t")
    if at_start and not text:
        raise EncodeError("an instruction needs a word here, and the value is empty")
    is_option = text.startswith("--") or (text == "-" and site.behind == MARK)
    if (at_start and is_option) or (site.before == "-" and text.startswith("-")):
        raise EncodeError(
            "Docker would take the value for an option of the instruction", "begin it otherwise"
        )
    return only(_WORD, text, "a word without quotes", 'put double quotes around it: "{{ … }}"')


def _assigned(site: Site, text: str) -> str:
    """Docker takes the quotes off a value, also where they are only around a part of it."""
    is_plain = _WORD.fullmatch(text) and (text or site.before not in ("", " ", "\t"))
    return text if is_plain else f'"{_double(site, text)}"'


def _double(site: Site, text: str) -> str:
    return _SPECIAL.sub(r"\\\1", one_line(text, "an instruction"))


def _start(site: Site, text: str) -> str:
    if text.startswith("-"):
        raise EncodeError(
            "Docker would take the value for an option of the instruction", "begin it otherwise"
        )
    return _line(site, text)


def _line(site: Site, text: str) -> str:
    """A line break would end the instruction, even inside quotes; << may begin a here-document."""
    if "<<" in text:
        raise EncodeError("Docker may take << for a here-document", "copy a file into the image instead")
    return one_line(text, "an instruction")


def _heredoc(site: Site, text: str) -> str:
    """A line that is the word of the here-document would end it; `<<-` drops the tabs before each line."""
    lines = [one_line(line.replace("\t", " "), "a here-document").strip() for line in text.split("\n")]
    if any(line and line in site.end for line in lines[not site.alone :]):
        raise EncodeError("the value would end the here-document", "give it another word to end with")
    at_start = site.before in ("", "\n", "\t", MARK)
    if site.indent and ("\n\t" in text or (at_start and text[:1] == "\t")):
        raise EncodeError("<<- drops the tabs before a line", "use << without the dash")
    return text


def _first(site: Site, text: str) -> str:
    if "=" in text:
        raise EncodeError("Docker may take the comment for a parser directive", "begin with another comment")
    return one_line(text, "a comment")


def _single(site: Site, text: str) -> str:
    return only(re.compile("[^']*"), one_line(text, "an instruction"), "single quotes", "use double quotes")


def _refuse(site: Site, text: str) -> str:
    raise EncodeError(
        "values cannot stand in a keyword, or in a file that changes the escape character",
        "write the text itself",
    )


_ENCODERS: Mapping[str, Callable[[Site, str], str]] = {
    "comment": lambda site, text: one_line(text, "a comment"),
    "first": _first,
    "directive": lambda site, text: only(
        re.compile(f"{_WORD.pattern[:-1]}+"),
        text,
        "a directive",
        "use letters, digits and _ . / : @ % + = , -",
    ),
    "word": _word,
    "assigned": _assigned,
    "mount": lambda site, text: only(
        _MOUNT, text, "an option of an instruction", "use letters, digits and _ . / : @ % + -"
    ),
    "command": _line,
    "heredoc": lambda site, text: _heredoc(site, re.sub(r"([\\$])", r"\\\1", text)),
    "heredoc_raw": _heredoc,
    "operand": lambda site, text: only(_WORD, text, "a ${…} expansion", "set a variable first"),
    "key": lambda site, text: only(
        _KEY, text, "the name of a variable or label", "use letters, digits, _ . / -"
    ),
    "name": lambda site, text: only(_NAME, text, "the name of a variable", "use letters, digits and _"),
    "double": _double,
    "single": _single,
    "item": lambda site, text: only(_ARGUMENT_TEXT, text, "a list of words", "leave out the NUL character"),
    "expanded": lambda site, text: only(
        _UNEXPANDED, text, "this list", "leave out $, backslashes and quotes: Docker expands them here"
    ),
    "line": _line,
    "whole": _start,
    "list": _word,
    "start": _start,
    NOWHERE: _refuse,
    ESCAPED: escaped,
}
