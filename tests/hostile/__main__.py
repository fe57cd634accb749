"""Run every command on every hostile project under strace: what it runs, opens and connects to, its time and memory.

python -m tests.hostile [K/N | KIND...]    # all kinds, the K-th of N shares of them, or these
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Timer

from tests.conftest import ROOT, share
from tests.hostile.projects import KINDS, SECRET, VARIABLE, Ground, Kind
from tests.hostile.session import Session
from tests.test_limits import AROUND, COUNTS, DEEP, MEMORY, TIME

_SECONDS, _BYTES = 10, 1 << 30
_WAIT = 300  # seconds that a busy machine may need for them
_EDITOR = ("lsp",)
_REPORT = ("report", "-o", "../report.html")
_OPENED = ("templates/run.sh.j2", "#!/bin/sh\necho {{ greeting }}\n")  # in the editor: its path and text
_COMMANDS = (
    ("render", "--all"),
    ("check",),
    ("plan", "prod"),
    ("plan", "prod", "--against", "HEAD"),
    _REPORT,
    _EDITOR,
    ("adopt", "prod=templates", "--to", "../adopted"),
    ("diff", "prod"),
    ("blame", "out/prod/run.sh:1"),
    ("sync", "prod", "--to", "."),
    ("diff", "prod", "test"),
    ("impact", "greeting"),
    ("graph", "prod"),
    ("values", "prod"),
)
_USUAL, _SOME = 7, 10  # commands for each kind; every tenth kind gets all
# -P: like the installed program, and unlike `python -c`, without the current folder among those of modules.
_PROGRAM = [sys.executable, "-P", "-c", "from generator.cli import main; main()"]
_TRACED = "execve,execveat,open,openat,openat2,creat,connect,sendto"
# A system call that succeeded; -y adds the real path of each descriptor, -f the process.
_CALL = re.compile(r"(?:\d+ +)?(\w+)\((.*)\) += (\d+)(?:<(.*)>)?$")
_UNFINISHED = re.compile(r"(\d+) +(\w+)\((.*) <unfinished \.\.\.>$")
_RESUMED = re.compile(r"(\d+) +<\.\.\. \w+ resumed>(.*)$")
_NETWORK = re.compile(r"AF_INET")
_LOCAL = 'inet_addr("127.0.0.1")'  # some versions of kubectl ask for a server of this machine, which there is none of
# The system, the programs and Python with its packages. Git reads the settings of the user.
_SYSTEM = (
    "/usr",
    "/lib",
    "/lib64",
    "/bin",
    "/sbin",
    "/etc",
    "/dev/null",
    "/dev/urandom",
    "/dev/tty",
    "/sys",
    "/proc",
)
_NOT = re.compile(r"/proc/\w+/(?:environ|mem)")


def _computing(files: Mapping[str, str]) -> Kind:
    """Return a kind of project that computes without end."""

    def build(ground: Ground) -> None:
        for folder in ("environments", "templates"):
            shutil.rmtree(ground.root / folder)
        for path, text in (AROUND | dict(files)).items():
            ground.write(path, text)

    return Kind(build)


# Beside those of tests/hostile/test_projects.py, those that compute until a limit of tests/test_limits.py stops them
_ENDLESS = {f"computes: {name}": _computing(files) for name, (files, _) in TIME.items()}
_GROWING = {
    f"{what}: {name}": _computing({"templates/x.txt.j2": text})
    for what, texts in (
        ("takes memory", MEMORY),
        ("counts", {name: text for name, (text, _) in COUNTS.items()}),
        ("is deep", DEEP),
    )
    for name, text in texts.items()
}
_KINDS = {**KINDS, **_ENDLESS, **_GROWING}


@dataclass(frozen=True)
class Run:
    """How a command ended on a project, and what is wrong with that."""

    kind: str
    command: tuple[str, ...]
    status: int
    seconds: float
    peak: int
    calls: int
    problems: tuple[str, ...]


def run(name: str, command: tuple[str, ...], *, saves: bool) -> Run:
    """Build the project of a kind, and run a command on it under strace; an editor of `oetgen lsp` also saves."""
    kind = _KINDS[name]
    with tempfile.TemporaryDirectory(prefix="hostile-") as folder:
        top = Path(os.path.realpath(folder))
        ground, variables = _built(kind, top / "ground", top)
        traced = [
            "strace",
            "-f",
            "--seccomp-bpf",  # stops at the traced calls alone: two thirds of the time
            "-y",
            "-qq",
            "-s",
            "4096",
            "-e",
            f"trace={_TRACED}",
            "-o",
            str(top / "calls"),
        ]
        with (top / "output").open("w+b") as output:
            process = subprocess.Popen(
                [*traced, *_PROGRAM, *command],
                cwd=ground.root,
                env=variables,
                stdin=subprocess.PIPE if command == _EDITOR else subprocess.DEVNULL,
                stdout=subprocess.PIPE if command == _EDITOR else output,
                stderr=output,
                start_new_session=True,
            )
            status, seconds, peak, received = _waited(process, ground.root, saves=saves)
            output.seek(0)
            text = (output.read() + received).decode("utf-8", "replace")
        calls = list(_calls((top / "calls").read_text("utf-8", "replace")))
        problems = [*_problems(ground, top, calls), *_ended(status, text, seconds, peak)]
        return Run(name, command, status, seconds, peak, len(calls), tuple(problems))


def _built(kind: Kind, place: Path, top: Path) -> tuple[Ground, dict[str, str]]:
    place.mkdir()
    ground = Ground(place)
    ground.build()
    for name in ("cache", "tmp", "home"):
        (top / name).mkdir(mode=0o700)
    variables = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "HOME": str(top / "home"),
        "XDG_CACHE_HOME": str(top / "cache"),
        "TMPDIR": str(top / "tmp"),
        VARIABLE: SECRET,
    }
    if kind.rendered:
        subprocess.run([*_PROGRAM, "-q", "render", "--all"], cwd=ground.root, env=variables, check=True)
    kind.build(ground)
    for name, value in kind.variables.items():
        variables[name] = f"{value.format(root=ground.root, top=ground.top)}:{variables[name]}"
    return ground, variables


def _waited(process: subprocess.Popen[bytes], root: Path, *, saves: bool) -> tuple[int, float, int, bytes]:
    """Wait for a process; return its status, its time, the largest memory of one process, and what an editor got.

    The time is that of the processor, so that a busy machine raises no alarm; the wait has a limit, too.
    """
    timer = Timer(_WAIT, os.killpg, (process.pid, signal.SIGKILL))
    timer.start()
    received = b""
    if process.stdin and process.stdout:
        session = Session(process.stdin, process.stdout)
        session.run(root, *_OPENED, saves=saves)
        received = session.received
    _, status, usage = os.wait4(process.pid, 0)
    timer.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage.ru_utime, usage.ru_maxrss * 1024, received


def _ended(status: int, text: str, seconds: float, peak: int) -> Iterator[str]:
    if status == -signal.SIGKILL:
        yield f"did not end within {_WAIT} s"
    elif status not in (0, 1, 2):
        yield f"ended with status {status}: {text[-300:]}"
    if seconds > _SECONDS:
        yield f"took {seconds:.1f} s of processor time"
    if peak > _BYTES:
        yield f"used {peak >> 20} MiB"
    if SECRET in text:
        yield "printed the secret"


def _calls(trace: str) -> Iterator[tuple[str, str, str]]:
    """Yield name, arguments and real path of each call that succeeded; a call may be split over two lines."""
    begun: dict[str, str] = {}
    for line in trace.splitlines():
        if found := _UNFINISHED.match(line):
            begun[found[1]] = f"{found[2]}({found[3]}"
            continue
        if found := _RESUMED.match(line):
            line = begun.pop(found[1], "?(") + found[2]
        if found := _CALL.match(line):
            yield found[1], found[2], found[4] or ""
        elif "connect(" in line:  # one that fails is an attempt, too
            yield "connect", line, ""


def _problems(ground: Ground, top: Path, calls: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    """Yield what a command must not have done."""
    if ground.canary.exists():
        yield "a program of the project ran"
    places = (sys.prefix, sys.base_prefix, sysconfig.get_path("stdlib"), str(ROOT))
    python = [os.path.realpath(place) for place in places]
    readable = (*_SYSTEM, *python, *(str(top / name) for name in ("ground/project", "cache", "tmp", "home")))
    for name, arguments, path in calls:
        if name.startswith("exec"):
            program = arguments.partition('"')[2].partition('"')[0]
            if not program.startswith("/") or _is_below(os.path.realpath(program), [str(ground.top)]):
                yield f"ran {program}"
        elif name in ("connect", "sendto"):
            if _NETWORK.search(arguments) and _LOCAL not in arguments:
                yield f"connected: {arguments[:200]}"
        elif (
            not _is_below(path, (*readable, f"{ground.top}/adopted"))
            and not path.startswith(f"{ground.top}/report.html")
        ) or _NOT.match(path):
            yield f"opened {path}"


def _is_below(path: str, folders: Sequence[str]) -> bool:
    return any(path == folder or path.startswith(f"{folder}/") for folder in folders)


def _commands(name: str, number: int) -> Iterator[tuple[str, ...]]:
    """Yield the commands for a kind: the usual ones, and for some kinds all, with the outside tools."""
    if name not in KINDS:  # they take all of their time
        yield from [("render", "--all"), _EDITOR]
        yield from [("check", "--no-tools"), ("plan", "prod"), _REPORT] if name in _ENDLESS else ()
        return
    for command in _COMMANDS:
        if command == ("check",) and not _KINDS[name].tools and number % _SOME:
            yield ("check", "--no-tools")
        elif command in _COMMANDS[:_USUAL] or number % _SOME == 0:
            yield command


def main(names: Sequence[str]) -> int:
    """Run all kinds; print how many commands ran, and each problem."""
    if shutil.which("strace") is None:
        print("strace is not installed (apt-get install strace)")
        return 2
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    is_share = not names or names[0][:1].isdigit()
    kinds = list(_KINDS)[share(names[0] if names else "1")] if is_share else names
    wanted = [
        (name, each, _KINDS[name].tools or number % _SOME == 0)
        for number, name in enumerate(kinds)
        for each in _commands(name, number)
    ]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = list(pool.map(lambda each: run(each[0], each[1], saves=each[2]), wanted))
    for each in runs:
        for problem in each.problems:
            print(f"{each.kind}: oetgen {' '.join(each.command)}: {problem}")
    slowest = max(runs, key=lambda each: each.seconds)
    for command in dict.fromkeys(each.command[0] for each in runs):
        longest = max((each for each in runs if each.command[0] == command), key=lambda each: each.seconds)
        print(f"oetgen {command}: at most {longest.seconds:.1f} s ({longest.kind})")
    print(
        f"{len({each.kind for each in runs})} hostile projects, {len(runs)} commands, "
        f"{sum(each.calls for each in runs)} system calls examined, "
        f"at most {max(each.peak for each in runs) >> 20} MiB and {slowest.seconds:.1f} s ({slowest.kind}), "
        f"{sum(len(each.problems) for each in runs)} problems"
    )
    return 1 if any(each.problems for each in runs) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
