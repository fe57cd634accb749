"""Commands that are lists of words, as in Kubernetes, Compose and Docker: which word is itself a program?"""

from __future__ import annotations

import re
from collections.abc import Sequence

from generator.formats import shell
from generator.formats.site import MARK, Site

_SHELLS = frozenset(["ash", "bash", "dash", "ksh", "sh", "zsh"])
_INTERPRETER = re.compile(r"(?:node|nodejs|perl|php|python[0-9.]*|ruby)")
_PROGRAM_FLAG = re.compile(r"-[A-Za-z]*[ceEpr]|--eval|--print")
_OPTIONS = re.compile(r"[-+][A-Za-z]+")


def is_shell(path: str) -> bool:
    """Say whether `path` is that of a POSIX shell."""
    return _name(path) in _SHELLS


def program_sites(words: Sequence[str], index: int) -> list[Site] | None:
    """Return the sites in the word at `index` where it is a program, or None where it is an argument.

    A program that is not known to be for a shell takes only words that mean nothing in any language.
    """
    shells = [place for place, word in enumerate(words[:index]) if is_shell(word)]
    if shells:
        options = words[shells[0] + 1 : index]
        return _script_sites(options, words[index])
    interpreted = any(_INTERPRETER.fullmatch(_name(word)) for word in words[:index])
    unknown = bool(words) and words[0][:1] in ("-", MARK)  # the program is what the image begins with
    if index and (interpreted or unknown) and _PROGRAM_FLAG.fullmatch(words[index - 1]):
        return shell.inert(words[index])
    return None


def _script_sites(options: Sequence[str], word: str) -> list[Site] | None:
    """Return the sites in `word` if what stands between it and the shell makes it the script of `-c`."""
    takes_script = False
    rest = list(options)
    while rest:
        option = rest.pop(0)
        if MARK in option:
            return shell.inert(word)  # the value may be -c
        if option[:1] not in ("-", "+"):
            return None  # the script, or its file; what follows are its arguments
        if option == "--":
            break
        if _OPTIONS.fullmatch(option):
            takes_script |= option[0] == "-" and "c" in option
            del rest[: option[-1] in "oO"]  # -o pipefail
    if rest or (word[:1] in ("-", "+") and "--" not in options):
        return None
    return shell.sites(word) if takes_script else None


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1]
