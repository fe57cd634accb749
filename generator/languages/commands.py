"""Commands that are lists of words, as in Kubernetes, Compose and Docker: which word is itself a program?"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from generator.languages.code import sites as code
from generator.languages.shell import sites as shell
from generator.languages.shell.options import is_shell, maybe_option, shell_options
from generator.languages.site import MARK, Site

_INTERPRETER = re.compile(r"(?:node|nodejs|perl|php|python[0-9.]*|ruby)")
_PROGRAM_FLAG = re.compile(r"-[A-Za-z]*[ceEpr]|--eval|--print")

# The words of a list that are programs, by their index, and what finds the sites in each.
Program = Callable[[str], list[Site]]
Programs = Mapping[int, Program]


def programs(words: Sequence[str]) -> Programs:
    """Return which of `words` are programs.

    A program that is not known to be for a shell takes only words that mean nothing in any language.
    """
    start = next((place for place, word in enumerate(words) if is_shell(word)), None)
    if start is not None:
        return _script(words, start + 1)
    interpreted = any(_INTERPRETER.fullmatch(_name(word)) for word in words)
    unknown = bool(words) and words[0][:1] in ("-", MARK)  # the program is what the image begins with
    flags = [place for place, word in enumerate(words) if _PROGRAM_FLAG.fullmatch(word)]
    return {place + 1: code.sites for place in flags} if interpreted or unknown else {}


def _script(words: Sequence[str], start: int) -> Programs:
    """Return the script after the options of a shell, which begin at `start`, if one of them is -c."""
    place, takes_script, _ = shell_options(words, start)
    if place < len(words) and maybe_option(words[place]) and not takes_script:  # the value may be -c
        return dict.fromkeys(range(place + 1, len(words)), code.sites)
    return {place: _script_sites} if takes_script else {}


def _script_sites(script: str) -> list[Site]:
    """Return the sites in a script; one that begins with a dash would be an option."""
    first, *others = shell.sites(script)
    if script.startswith(MARK) and first.position == "word":
        first = replace(first, position="quoted")
    return [first, *others]


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1]


__all__ = ["Program", "Programs", "is_shell", "programs"]
