"""The grammar of the shell, as far as it decides where a value stands.

Sources: POSIX, XCU 2 "Shell Command Language", and the manual of bash for what it adds and reads differently.
"""

from __future__ import annotations

from generator.languages.lexer import DOLLAR, ESCAPE, ESCAPED, LONE, NOWHERE, POP, VARIABLE, Mode, mode, rule
from generator.languages.site import MARK

_START = r"(?:^(?<!\\\n)|(?<=[;&|({`!)]))[ \t]*"  # where a command begins
_COMMENT = r"(?:^|(?<=[ \t\n;&|(]))\#|(?<=[ \t;&|(])\\\n\#"
_NO_COMMENT = r"(?<=[^ \t\n;&|()<>])\\\n\#"  # the line goes on, in the same word
_PERHAPS_COMMENT = r"\\\n\#|(?<=[)<>])\#"  # what is before would have to be understood
_PARAMETER = r"\$\{"
_ARITHMETIC = r"\$?\((?=\()"
_WORD = rf"""(?P<{{}}_word>(?:\\.|'[^'\n]*'|"[^"\n]*"|[^\s;&|<>()'"\\`{MARK}])+)"""

# A program in a string: what sh -c, ssh, eval and trap are given is read by a shell once more, and so is the
# here-document of sh and ssh.
_PROGRAM = (
    r"(?:^|(?<=[\s;&|({`)]))(?:(?:eval|trap|ssh)[ \t]"
    rf"|(?:[\w.]*/)*(?:(?:ba|da|a|k|z)?sh|su)[ \t](?:[^\n;&|'\"{MARK}]{{0,80}}[ \t])?(?:-[a-z]*c[ \t]|(?=<<)))"
)
_HEREDOCS = {
    "here_string": "<<<",
    "heredoc_tabs": r"<<-[ \t]*" + _WORD.format("heredoc_tabs"),
    "heredoc": r"<<[ \t]*" + _WORD.format("heredoc"),
    "broken": "<<",
}


def _code(**more: str) -> dict[str, str]:
    """Return the tokens of shell code, `more` of them first."""
    return {
        "lone": LONE,
        "no_comment": _NO_COMMENT,
        "comment": _COMMENT,
        "unsure": _PERHAPS_COMMENT,
        "escape": ESCAPE,
        "double": '"',
        "single": "'",
        "ansi": r"\$'",
        "arithmetic": _ARITHMETIC,
        "parameter": _PARAMETER,
        "pair": r"\$\$",
        "variable": VARIABLE,
        "dollar": DOLLAR,
        "backtick": "`",
        **_HEREDOCS,
        "case": rf"{_START}case(?=\s)|(?<=\bthen|\belse)[ \t]+case(?=\s)|(?<=\bdo)[ \t]+case(?=\s)",
        "program": _PROGRAM,
        "line": r"\n",
        **more,
        "open": r"\(",
    }


_MOVES = {
    "unsure": "unsure",
    "comment": "comment",
    "double": "double",
    "single": "single",
    "ansi": "ansi",
    "arithmetic": "arithmetic",
    "parameter": "parameter",
    "backtick": "backtick",
    "heredoc": "heredoc",
    "heredoc_tabs": "heredoc",
    "case": "case",
    "program": "program",
    "open": "word",
    "close": POP,
}
_IN_TEXT = {
    "lone": LONE,
    "escape": ESCAPE,
    "arithmetic": r"\$\((?=\()",
    "open": r"\$\(",
    "parameter": _PARAMETER,
    "pair": r"\$\$",
    "variable": VARIABLE,
    "dollar": DOLLAR,
    "backtick": "`",
}
_IN_TEXT_MOVES = {
    "arithmetic": "arithmetic",
    "open": "word",
    "parameter": "parameter_in_text",
    "backtick": "backtick",
}


def _expansion(name: str, **quotes: str) -> dict[str, Mode]:
    """Return the modes of `${…}`: the name, then the text behind an operator that takes text, or others."""
    inner = {"lone": LONE, "escape": ESCAPE, **quotes, **_IN_TEXT, "close": r"\}"}
    moves = _IN_TEXT_MOVES | {"double": "double", "single": "single", "parameter": name, "close": POP}
    moves["quote"] = "quote_in_text"
    unclosed = "a ${ has no }"
    return {
        name: mode(
            {"operator": f"=operand_{name}", "other": f"=opaque_{name}", "close": POP},
            unclosed,
            prefix=r"(?<=\{)[#!]",
            special=r"(?<=\{)[@*?$-]",
            operator=r":?[-=?+]",
            other=r"[:%\#/^,@\[\\$`\"' ]",
            close=r"\}",
        ),
        f"operand_{name}": mode(moves, unclosed, **inner),
        f"opaque_{name}": mode(moves, unclosed, **inner),
    }


_IN_PROGRAM_TEXT = {"lone": LONE, "escape": ESCAPE, "variable": VARIABLE, "dollar": DOLLAR}
_QUOTED_PROGRAM = {"variable": VARIABLE, "dollar": DOLLAR}
_IN_PROGRAM = {
    "no_comment": _NO_COMMENT,
    "comment": _COMMENT,
    **_IN_PROGRAM_TEXT,
    "double": '"',
    "ansi": r"\$'",
    "single": "'",
    "backtick": "`",
    **_HEREDOCS,
    "open": r"\(",
}
_PROGRAM_MOVES = {
    "comment": "comment",
    "heredoc": "program_heredoc",
    "heredoc_tabs": "program_heredoc",
    "double": "program_double",
    "ansi": "ansi",
    "single": "program_single",
    "backtick": "backtick",
    "open": "program_nested",
    "end": POP,
}

MODES = {
    "word": mode(_MOVES, **_code(close=r"\)")),
    "case": mode(
        _MOVES | {"esac": POP},
        "a case has no esac",
        **_code(esac=rf"{_START}esac(?![\w-])|(?<=\bin)[ \t]+esac(?![\w-])"),
    ),
    "double": mode(_IN_TEXT_MOVES | {"end": POP}, "a double quote is not closed", end='"', **_IN_TEXT),
    "single": mode({"end": POP}, "a single quote is not closed", end="'"),
    "ansi": mode({"end": POP}, "a $' is not closed", lone=LONE, escape=ESCAPE, end="'"),
    "comment": mode({"end": POP}, end="$"),
    "unsure": mode({"end": POP}, end="$"),
    "backtick": mode({"end": POP}, "a backtick is not closed", lone=LONE, escape=ESCAPE, end="`"),
    "heredoc": mode(_IN_TEXT_MOVES, **_IN_TEXT),
    "heredoc_quoted": mode(),
    "arithmetic": mode(
        {"command": "word", "open": "arithmetic", "parameter": "parameter", "close": POP},
        lone=LONE,
        variable=VARIABLE,
        dollar=DOLLAR,
        parameter=_PARAMETER,
        command=r"\$\((?!\()",
        open=r"\(",
        close=r"\)",
    ),
    **_expansion("parameter", double='"', single="'"),
    **_expansion("parameter_in_text", quote='"'),
    "quote_in_text": mode({"end": POP}, "a double quote is not closed", lone=LONE, escape=ESCAPE, end='"'),
    "program": mode(_PROGRAM_MOVES, **_IN_PROGRAM, end=r"(?=[\n;&|)])"),
    "program_nested": mode(_PROGRAM_MOVES, **_IN_PROGRAM, end=r"\)"),
    "program_double": mode({"end": POP}, "a double quote is not closed", **_IN_PROGRAM_TEXT, end='"'),
    "program_single": mode({"end": POP}, "a single quote is not closed", **_QUOTED_PROGRAM, end="'"),
    "program_heredoc": mode(**_IN_PROGRAM_TEXT),
    "program_heredoc_quoted": mode(**_QUOTED_PROGRAM),
}

POSITIONS = {
    "case": "word",
    "arithmetic": "number",
    "operand_parameter": "operand",
    "operand_parameter_in_text": "operand_in_text",
    **dict.fromkeys([name for name in MODES if name.startswith("program")], "program"),
} | {name: name for name in ("word", "double", "single", "comment", "heredoc", "heredoc_quoted", ESCAPED)}
IN_HEREDOC = (
    "heredoc",
    "heredoc_quoted",
    "program_heredoc",
    "program_heredoc_quoted",
    "operand_parameter_in_text",
    "arithmetic",
    ESCAPED,
)

_COMMAND = r"\$\([^()]*\)"
_DECLARES = r"(?:for|select|function|(?:unset|export|local|readonly|declare|typeset)(?:[ \t]+-\w+)*)"
RULES = (
    rule("name", rf"(?:[;&|({{`\n]|\b(?:then|do|else)[ \t])[ \t]*{_DECLARES}[ \t]+", r"[\s;&|)=]|\+=|\(|\Z"),
    rule("name", rf"[\s;&|({{`][A-Za-z0-9_{MARK}]*", rf"[A-Za-z0-9_{MARK}]*(?:\+?=|\(|\[[^\]\s]*\]\+?=)"),
    rule("number", r"[;&|({`\n][ \t]*let[ \t][^\n;&|]*"),
    rule(NOWHERE, r"\$\[[^\]]*"),
    rule("index", rf"\[(?:{_COMMAND}|[^\]\s(])*"),
    rule("regex", r"=~[ \t]+\S*"),
    rule("tilde", rf"[\s=:;&|({{`]~[\w.{MARK}-]*"),
    rule("quoted", rf"\{{(?:{_COMMAND}|[^\s{{}}(])*"),
)
