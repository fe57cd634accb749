"""Values in shell code, run by bash and by dash: nothing but what the script's author wrote may run.

`python -m tests.languages.escape.shell [COUNT [SEED]]` tries that many pairs of a place and a value. Each script that
is written runs in an empty folder. A value that is run makes the file CANARY there. Commands that reach other
machines or users are replaced by some that hand their words to `sh -c`, as those do.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from shlex import quote

from generator.languages import LANGUAGES, Scalar
from generator.languages.fill import fill, unquoted
from generator.languages.site import MARK
from tests.languages.escape import shell_places as places
from tests.languages.helpers import LOOKALIKES, PIECES, as_text

HOSTILE = (
    *(
        "$(touch CANARY)",
        "`touch CANARY`",
        "a[$(touch CANARY)]",
        "a[`touch CANARY`]",
        "a[0$(touch CANARY)]=1",
    ),
    *(
        "'; touch CANARY; '",
        '"; touch CANARY; "',
        "; touch CANARY #",
        "\ntouch CANARY\n",
        "x\ntouch CANARY",
        "& touch CANARY",
    ),
    *(
        "| touch CANARY",
        "|| touch CANARY",
        "&& touch CANARY",
        "> CANARY",
        ">CANARY",
        "<(touch CANARY)",
        "$((a[$(touch CANARY)]))",
    ),
    *(
        "'$(touch CANARY)'",
        '"$(touch CANARY)"',
        "\\'; touch CANARY; \\'",
        '\\"; touch CANARY; \\"',
        "\\$(touch CANARY)",
        "\\`touch CANARY\\`",
    ),
    *(
        "${x:=$(touch CANARY)}",
        "${a[$(touch CANARY)]}",
        "x}; touch CANARY; {",
        ")); touch CANARY; ((",
        ") ; touch CANARY ; (",
        "]] ; touch CANARY",
    ),
    *(
        "-e",
        "-c",
        "--",
        "-rf",
        "-ctouch CANARY",
        "-i",
        "-n",
        "+x",
        "-",
        "*",
        "?",
        "[a-z]*",
        "~",
        "~root",
        "!!",
        "!x",
        "#x",
        "$",
        "\\",
        "a\\",
    ),
    *(
        "EOF",
        "EOF\ntouch CANARY\n",
        "x\nEOF\ntouch CANARY",
        "if",
        "fi",
        "esac",
        "done",
        "A=b",
        "A+=b",
        "PATH=x",
        "2",
        "0",
        "-5",
        "010",
        "1e3",
    ),
    *(
        "a b",
        "a\tb",
        " a",
        "a ",
        "",
        "'",
        '"',
        "''",
        '"""',
        "{a,b}",
        "{1..3}",
        "a=b",
        "%s",
        "%n%d",
        "\\n",
        "\\x41",
        "é",
        "\u2028",
        "a;b",
        "a,b",
    ),
    *(
        '"; system("touch CANARY"); "',
        "'); __import__('os').system('touch CANARY')#",
        '" | system("touch CANARY") | "',
        "x/e;s/x/touch CANARY/e",
    ),
    *(
        "web",
        "web-1.2",
        "n",
        "NAME_1",
        "5",
        "eu-west-1",
        "registry.example.com/team/app:1.2",
        "user@example.com",
        "https://example.com/x",
    ),
)

_TOOLS = (
    "touch mkdir mkfifo rm mv cp chmod sh bash dash env timeout nohup nice xargs find cat head tr sed awk tee wc"
    " setsid grep jq perl python3"
).split()
_RUNS = "sudo docker kubectl runuser sshpass busybox".split()
_HANDS_ON = "su ssh flock script watch parallel crontab".split()
_HAS_OPTION = "gcloud rsync git tar".split()
_STAND_INS = {
    "p": "printf '\\0%s' \"$@\"",
    "q": "printf '%s.' \"$1\"",
    **dict.fromkeys(
        _RUNS,
        'while [ $# -gt 0 ]; do case $1 in sh|bash|python3|tee|p|ssh|su) exec "$@";; esac; shift; done',
    ),
    **dict.fromkeys(
        _HAS_OPTION,
        'for word; do case $before in --command|--exec|-e|foreach|--*-filter|alias.*) sh -c "$word";; esac\n'
        'case $word in --*=*|core.sshCommand=*) sh -c "${word#*=}";; esac; before=$word; done',
    ),
    **dict.fromkeys(_HANDS_ON, 'for last; do :; done\nsh -c "$last"; sh -c "$*"; [ $# -gt 3 ] || exec sh'),
}
_SLOWEST = 30.0  # seconds for the scripts of one shell
_PRELUDE = """\
p() { printf '\\0%s' "$@"; }
q() { printf '%s.' "$1"; }
N=name SHELL=sh GITHUB_ENV=./env GITHUB_OUTPUT=./output GITHUB_PATH=./path GITHUB_STATE=./state
GITHUB_STEP_SUMMARY=./summary
BASH_ENV= HOME=/nonexistent
export SHELL
unset U
"""
_AFTER = "\nif [ -e CANARY ]; then printf '\\2'; command -p rm CANARY; fi; printf '\\n\\1\\n'\n"


def places_of(name: str) -> tuple[str, ...]:
    return tuple(getattr(places, name))


def written(script: str, value: Scalar) -> str | None:
    """Return a script with the value, or None where it is refused."""
    shape = script.replace("①", MARK)
    found = LANGUAGES["shell"].sites(shape)
    filled = fill(shape.split(MARK), found, [value] * len(found), unquoted(found))
    return None if filled.problems else filled.text()


def run(shell: str, scripts: list[str], tools: Path) -> list[tuple[list[str], bool]]:
    """Return for each script the words that `p` was given, and whether a value ran."""
    try:
        return _run(shell, scripts, tools)
    except (
        subprocess.TimeoutExpired
    ):  # find the one that does not end, or what the load of the machine allows
        if len(scripts) == 1:
            return [([], False)]
        half = len(scripts) // 2
        return run(shell, scripts[:half], tools) + run(shell, scripts[half:], tools)


def _run(shell: str, scripts: list[str], tools: Path) -> list[tuple[list[str], bool]]:
    text = _PRELUDE + "".join(f"(eval {quote(script)}) 2>/dev/null </dev/null{_AFTER}" for script in scripts)
    with tempfile.TemporaryDirectory() as empty:
        done = subprocess.run(
            [shell, *(["--norc"] if shell == "bash" else []), "-s"],
            input=text.encode("utf-8", "surrogateescape"),
            cwd=empty,
            env={"PATH": str(tools), "LC_ALL": "C.UTF-8"},
            executable=f"/bin/{shell}",
            capture_output=True,
            check=False,
            timeout=_SLOWEST,
        )
    results = done.stdout.decode("utf-8", "replace").split("\n\x01\n")[:-1]
    found = [(result.replace("\x02", "").split("\0")[1:], "\x02" in result) for result in results]
    return found + [(["the shell stopped"], True)] * (len(scripts) - len(found))


def tools_in(folder: Path) -> Path:
    """Make the commands that scripts may use: a few real ones, and stand-ins that hand their words to `sh -c`."""
    for name in _TOOLS:
        for real in (Path("/usr/bin", name), Path("/bin", name)):
            if real.exists() and not (folder / name).exists():
                (folder / name).symlink_to(real)
    for name, code in _STAND_INS.items():
        (folder / name).write_text(f"#!/bin/sh\n{code}\n")
        (folder / name).chmod(0o755)
    return folder


def samples(count: int, seed: int | str) -> Iterator[tuple[str, tuple[str, ...] | None, Scalar]]:
    """Yield a script, the words that `p` is given if that is known, and a value."""
    chance = random.Random(seed)
    everywhere: list[tuple[str, tuple[str, ...] | None]] = [*places.ENCODED]
    for name in (
        "SHELLS",
        "CHANNELS",
        "PROGRAMS",
        "ARITHMETIC",
        "NAMES",
        "LINES",
        "OPTIONS",
        "LOGIN",
        "SETTINGS",
        "DOCUMENTS",
    ):
        everywhere += [(script, None) for script in places_of(name)]
    fixed = [(*place, value) for value in HOSTILE for place in everywhere]
    chance.shuffle(fixed)
    yield from fixed[:count]
    for _ in range(count - len(fixed)):
        pieces = (*PIECES, *LOOKALIKES, *HOSTILE)
        yield *chance.choice(everywhere), "".join(chance.choice(pieces) for _ in range(chance.randint(1, 3)))


def prove(count: int, seed: int | str) -> tuple[int, int, int]:
    """Return how many cases were tried, how many were refused, and in how many a value left its place."""
    accepted: list[tuple[str, tuple[str, ...] | None, Scalar, str]] = []
    refused = cases = 0
    for script, words, value in samples(count, seed):
        cases += 1
        text = written(script, value)
        if text is None or "\0" in as_text(value):
            refused += 1
        else:
            accepted.append((script, words, value, text))
    wrong: set[int] = set()
    with tempfile.TemporaryDirectory() as folder:
        tools = tools_in(Path(folder))
        for start in range(0, len(accepted), 200):
            batch = accepted[start : start + 200]
            for shell in ("bash", "dash"):
                results = run(shell, [text for *_, text in batch], tools)
                for index, ((script, words, value, text), result) in enumerate(
                    zip(batch, results, strict=True)
                ):
                    if result[1] or (words and result[0] != expected(words, value)):
                        wrong.add(start + index)
                        print(f"{shell}: {script!r} with {value!r}: {text!r}\n   gave {result}")
    return cases, refused, len(wrong)


def expected(words: tuple[str, ...], value: Scalar) -> list[str]:
    return [word.replace("①", as_text(value)) for word in words]


def main(arguments: list[str]) -> int:
    cases, refused, broken = prove(int([*arguments, "30000"][0]), "".join(arguments[1:2]) or 1)
    print(f"values in shell code: {cases} cases, {refused} refused, {broken} broken")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
