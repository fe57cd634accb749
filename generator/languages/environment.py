"""Environment variables whose text a program runs as a command, or reads as options: what a value in one may be.

`ENV` and the like, whose text is the name of a file, are left out: that is what a value in them is for.

Sources: bash(1), git(1), git-config(1), less(1), man(1), sudo(8), ld.so(8), perlrun(1), ruby(1); nodejs.org,
"NODE_OPTIONS"; docs.oracle.com, "JDK_JAVA_OPTIONS" and "JAVA_TOOL_OPTIONS"; the start scripts of Maven, Gradle, Kafka
and Tomcat, which evaluates JAVA_OPTS.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from generator.languages.lexer import Marked
from generator.languages.site import MARK, Site, touching

PROGRAM = "program"
OPTIONS = "option"
# The positions where a value is written as it is.
RESTRICTED = frozenset([PROGRAM, OPTIONS, "options", "option_value", "option_number"])

_COMMANDS = re.compile(
    r"PROMPT_COMMAND|PS[0124]|GIT_(?:SSH|SSH_COMMAND|EDITOR|PAGER|SEQUENCE_EDITOR|EXTERNAL_DIFF|PROXY_COMMAND|ASKPASS)"
    r"|(?:KUBE_|SUDO_|SYSTEMD_)?EDITOR|VISUAL|(?:MAN|SYSTEMD_)?PAGER|LESSOPEN|LESSCLOSE|RSYNC_RSH|CVS_RSH|BROWSER"
    r"|FZF_DEFAULT_COMMAND|BASH_ENV|(?:SSH|SUDO)_ASKPASS|PERL5OPT|PERL5DB|RUBYOPT|LD_PRELOAD|LD_AUDIT"
    r"|DYLD_INSERT_LIBRARIES|GIT_CONFIG_VALUE_[0-9]+"
)
_OPTIONS = re.compile(
    r"NODE_OPTIONS|_JAVA_OPTIONS|(?:\w+_)?JAVA_(?:TOOL_)?(?:OPTS|OPTIONS)|MAVEN_(?:OPTS|ARGS|CLI_OPTS)"
    r"|(?:GRADLE|SBT|ANT|CATALINA)_OPTS|KAFKA_(?:HEAP_)?OPTS|TAR_OPTIONS|PYTEST_ADDOPTS|GOFLAGS"
)
_WORD_START = re.compile(r"[\s\"']")
# Options that are complete where the value begins: --name=, -Dname, -agentlib: and the like.
_COMPLETE = re.compile(r"-[^=]*=|-D|-(?!XX)[A-Za-z]+:")


def condition(name: str) -> str:
    """Return what a value in the variable must be: PROGRAM, OPTIONS, or "" for anything."""
    if _COMMANDS.fullmatch(name):
        return PROGRAM
    return OPTIONS if _OPTIONS.fullmatch(name) else ""


def option_position(before: str, behind: str) -> str:
    """Return the position of a mark among options: `before` stands before it, the character `behind` after it.

    A value that is the whole variable is a list of options (`options`): that is what the variable is for. In a word
    that is no option, a value does not make it one (`option`). In an option it is the value of that (`option_value`),
    but where the option's name may go on, as in -Xmx or -XX:, it is a number (`option_number`).
    """
    word = _WORD_START.split(before)[-1]
    if not word.startswith("-"):
        quote = before.strip()
        return "options" if quote in ("", '"', "'") and behind in ("", "\n", quote) else OPTIONS
    return "option_value" if _COMPLETE.match(word) else "option_number"


def site(name: str, before: str, marked: Marked | Site) -> Site | None:
    """Return the site of a mark with the text `before` it in a variable, or None where any value may stand."""
    kind = condition(name)
    if not kind:
        return None
    position = option_position(before, marked.behind) if kind == OPTIONS else kind
    return Site("shell", position, marked.before, marked.behind)


def finder(name: str, before: str = "") -> Callable[[str], list[Site]] | None:
    """Return what finds the sites in the text of a variable, after `before`; None where any value may stand."""
    if not condition(name):
        return None

    def sites(text: str) -> list[Site]:
        start = len(before) if text.startswith(before) else 0
        touched = zip(
            (at for at, char in enumerate(text) if char == MARK), touching("shell", "word", text), strict=True
        )
        found = [site(name, text[start:at], each) for at, each in touched]
        return [each for each in found if each]

    return sites


def assigned(text: str) -> tuple[str, str]:
    """Return the name in `NAME=text`, and `NAME=`; without `=`, two empty texts."""
    name, equals, _ = text.partition("=")
    return (name, f"{name}=") if equals else ("", "")
