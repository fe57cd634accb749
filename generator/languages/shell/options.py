"""The options of shells: which word of a command is the program of `sh -c`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from generator.languages.site import MARK

_SHELLS = frozenset("ash bash dash ksh ksh93 mksh rbash sh zsh".split())
LETTERS = re.compile(r"[-+][A-Za-z]+")
_MAYBE_OPTION = re.compile(rf"[-+]?[A-Za-z-]*{MARK}[A-Za-z{MARK}]*")


def is_shell(path: str) -> bool:
    """Return whether `path` is the path of a shell with the grammar of POSIX."""
    return base_name(path) in _SHELLS


def shell_program(words: Sequence[str]) -> int | None:
    """Return the index of the word that is the program of a shell: what `sh -c` is given, or None."""
    start = next((place for place, word in enumerate(words) if is_shell(word)), len(words))
    place, takes_script, _ = shell_options(words, start + 1)
    return place if takes_script and place < len(words) else None


def shell_options(words: Sequence[str], start: int) -> tuple[int, bool, bool]:
    """Return where the operands of a shell begin, and whether its options have -c and -s.

    Options begin at `start`. Where one of them has a mark, it ends the options.
    """
    takes_script = takes_input = False
    place = start
    while place < len(words) and words[place].startswith(("-", "+")) and MARK not in words[place]:
        option = words[place]
        if option == "-":
            break
        place += 1
        if option == "--" and words[place : place + 1] != ["-c"]:  # those of start-stop-daemon end there
            break
        if LETTERS.fullmatch(option):
            takes_script |= option[0] == "-" and "c" in option
            takes_input |= option[0] == "-" and "s" in option
            place += option[-1] in "oO"  # -o pipefail
        elif option in ("--rcfile", "--init-file"):
            place += 1
    return place, takes_script, takes_input


def maybe_option(word: str) -> bool:
    """Return whether the value in `word` could make it an option of a shell."""
    return bool(_MAYBE_OPTION.fullmatch(word))


def base_name(path: str) -> str:
    """Return the last part of a path."""
    return path.rsplit("/", 1)[-1]
