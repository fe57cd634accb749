"""Read the files of a revision with git, without checking anything out.

The repository may be a stranger's: its settings could name programs for git to run, and servers to fetch from. Git is
called such that it reads objects that are there, and does nothing else; a test tries it with hostile repositories.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from generator.findings import OetgenError
from generator.findings.record import record
from generator.project import programs
from generator.project.content import is_binary, text_of

HEAD = "HEAD"
_MOST_BYTES = 64_000_000  # of one answer
_SECONDS = 8.0  # for one answer; a pipe among the objects would never give any

# Settings on the command line come before those of the repository.
_SETTINGS = (
    "safe.bareRepository=explicit",  # a folder of the project that looks like a repository is not used as one
    "core.fsmonitor=false",
    f"core.hooksPath={os.devnull}",
    f"core.attributesFile={os.devnull}",
    "core.pager=cat",
    "core.askPass=",
    "core.sshCommand=false",
    "credential.helper=",
    "protocol.allow=never",
)
_VARIABLES = {
    "GIT_ALLOW_PROTOCOL": "none",  # unlike protocol.allow, this one also overrides protocol.ext.allow
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_PAGER": "cat",
    "GIT_ASKPASS": "",
    "SSH_ASKPASS": "",
    "GIT_SSH_COMMAND": "false",
    "LC_ALL": "C.UTF-8",
}
# Git sets these for hooks; the repository is the one that holds the project.
_REMOVED = frozenset(
    """GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_COMMON_DIR
    GIT_NAMESPACE GIT_PREFIX""".split()
)


class NoAnswerError(OetgenError):
    """Git did not end in time."""


@record
class Revision:
    """A commit: `name` is the name that the user gave, `commit` its full hash."""

    root: Path
    name: str
    commit: str

    def __str__(self) -> str:
        short = self.commit[:9]
        return short if self.commit.startswith(self.name) else f"{self.name} ({short})"

    def files(self, folders: Iterable[str], *, binary: bool = False) -> dict[str, str]:
        """Return the text of every file below `folders` (relative to `root`) by its path.

        Symbolic links, submodules and paths that git would not check out are skipped, and files that are not text,
        too, unless `binary` asks for lines that describe them.
        """
        listed = _git(self.root, "ls-tree", "-r", "-z", self.commit, "--", *folders)
        entries = [line.split(b"\t", 1) for line in listed.split(b"\0") if line]
        blobs = [
            (head.split(b" ")[2], path)
            for head, path in entries
            if head.startswith(b"100") and not {b"", b".", b".."}.intersection(path.split(b"/"))
        ]
        content = _git(self.root, "cat-file", "--batch", feed=b"".join(name + b"\n" for name, _ in blobs))
        files: dict[str, str] = {}
        start = 0
        for name, path in blobs:
            end = content.find(b"\n", start)
            found, kind, size = [*content[start : max(end, 0)].split(b" "), b"", b""][:3]
            if found != name or kind != b"blob":
                raise OetgenError(
                    f"the repository lacks the content of {path.decode('utf-8', 'replace')} in {self}",
                    f"oetgen fetches nothing; git does with: git archive {self.name} > {os.devnull}",
                )
            data = content[end + 1 : end + 1 + int(size)]
            start = end + 2 + int(size)
            with suppress(UnicodeDecodeError):
                if binary or not is_binary(data):
                    files[path.decode()] = text_of(data)
        return files


def repository_of(root: Path) -> Path | None:
    """Return the top of the repository that holds `root`, or None without one; git is not asked."""
    return next((each for each in (root, *root.parents) if os.path.lexists(each / ".git")), None)


def folder_in_repository(root: Path) -> str:
    """Return the folder of a project in its repository, "" at the top of it or without one."""
    top = repository_of(root)
    folder = root.relative_to(top).as_posix() if top else ""
    return "" if folder == "." else folder


def revision(root: Path, name: str) -> Revision:
    """Return the commit that `name` (a branch, a tag, a hash …) refers to in the repository that holds `root`.

    Raises OetgenError when there is no such commit, or no repository.
    """
    commit = _try(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    if commit is None:
        _check_repository(root)
        raise OetgenError(
            f"git has no revision {name}", "name a branch, a tag or a commit; run git fetch to get others"
        )
    return Revision(root, name, commit.decode().strip())


def _check_repository(root: Path) -> None:
    """Raise OetgenError when git does not read the repository that holds `root`."""
    try:
        _git(root, "rev-parse", "--is-inside-work-tree")
    except OetgenError as problem:
        if "not a git repository" not in problem.message:
            raise
        hint = "remove --against, or run git init and commit"
        raise OetgenError(f"{root} is not in a git repository", hint) from None


def head(root: Path) -> Revision | None:
    """Return the last commit, or None without a repository, a commit, or git. Raises NoAnswerError."""
    try:
        return revision(root, HEAD)
    except NoAnswerError:
        raise
    except OetgenError:
        return None


def _try(root: Path, *arguments: str) -> bytes | None:
    try:
        return _git(root, *arguments)
    except NoAnswerError:
        raise
    except OetgenError as problem:
        if not problem.hint:
            raise
        return None


def _git(root: Path, *arguments: str, feed: bytes = b"") -> bytes:
    """Run git in `root`. Raises OetgenError; without a hint when git is not installed."""
    program = programs.find(root, "git")
    if program is None:
        raise OetgenError("git is not installed: it is needed to read the committed files")
    settings = [part for setting in _SETTINGS for part in ("-c", setting)]
    command = [program, "-C", str(root), "--no-pager", *settings, *arguments]
    status, answer, message = _answer(command, programs.search_path(root), feed)
    if status == 0 and len(answer) <= _MOST_BYTES:
        return answer
    if len(answer) > _MOST_BYTES:
        message = f"the answer has more than {_MOST_BYTES:,} bytes"
    raise OetgenError(
        message or f"git {arguments[0]} failed",
        "this is the message of git: fix it, and run the command again",
    )


def _answer(command: list[str], path: str, feed: bytes) -> tuple[int, bytes, str]:
    """Run a command; return its status, its output up to the limit and a byte more, and its message."""
    import subprocess  # 5 ms, and few commands need it
    import tempfile
    from threading import Timer

    kept = {name: value for name, value in os.environ.items() if name not in _REMOVED}
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as errors:
        given.write(feed)
        given.seek(0)
        with subprocess.Popen(
            command,
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=errors,
            env={**kept, **_VARIABLES, "PATH": path},
        ) as git:
            assert git.stdout is not None
            late = Timer(_SECONDS, git.kill)
            late.start()
            try:
                answer = git.stdout.read(_MOST_BYTES + 1)
                if len(answer) > _MOST_BYTES:
                    git.kill()
                status = git.wait()
            finally:
                waited = not late.is_alive()
                late.cancel()
                git.kill()
        errors.seek(0)
        message = errors.read(10_000).decode("utf-8", "replace").strip()
    if waited:
        hint = "see whether git can read the repository: its files may be pipes, or on a drive that does not answer"
        raise NoAnswerError(f"git did not answer within {_SECONDS:.0f} seconds", hint)
    return status, answer, message
