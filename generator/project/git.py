"""Read the files of a revision with git, without checking anything out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from generator.findings import OetgenError

HEAD = "HEAD"


@dataclass(frozen=True, slots=True)
class Revision:
    """A commit: `name` is the name that the user gave, `commit` its full hash."""

    root: Path
    name: str
    commit: str

    def __str__(self) -> str:
        short = self.commit[:9]
        return short if self.commit.startswith(self.name) else f"{self.name} ({short})"

    def files(self, folders: Iterable[str]) -> dict[str, str]:
        """Return the text of every file below `folders` (relative to `root`) by its path.

        Symbolic links, submodules and files that are not UTF-8 text are skipped.
        """
        listed = _git(self.root, "ls-tree", "-r", "-z", self.commit, "--", *folders)
        entries = [line.split(b"\t", 1) for line in listed.split(b"\0") if line]
        blobs = [(head.split(b" ")[2], path) for head, path in entries if head.startswith(b"100")]
        content = _git(self.root, "cat-file", "--batch", feed=b"".join(name + b"\n" for name, _ in blobs))
        files: dict[str, str] = {}
        start = 0
        for _, path in blobs:
            end = content.index(b"\n", start)
            size = int(content[start:end].split(b" ")[2])
            data = content[end + 1 : end + 1 + size]
            start = end + 2 + size
            try:
                files[path.decode()] = data.decode().replace("\r\n", "\n")
            except UnicodeDecodeError:
                continue
        return files


def revision(root: Path, name: str) -> Revision:
    """Return the commit that `name` (a branch, a tag, a hash …) refers to in the repository that holds `root`.

    Raises OetgenError when there is no such commit, or no repository.
    """
    commit = _try(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    if commit is None:
        if _try(root, "rev-parse", "--is-inside-work-tree") is None:
            raise OetgenError(
                f"{root} is not in a git repository", "remove --against, or run git init and commit"
            )
        raise OetgenError(
            f"git has no revision {name}", "name a branch, a tag or a commit; run git fetch to get others"
        )
    return Revision(root, name, commit.decode().strip())


def head(root: Path) -> Revision | None:
    """Return the last commit, or None without a repository, a commit, or git."""
    try:
        return revision(root, HEAD)
    except OetgenError:
        return None


def _try(root: Path, *arguments: str) -> bytes | None:
    try:
        return _git(root, *arguments)
    except OetgenError as problem:
        if not problem.hint:
            raise
        return None


def _git(root: Path, *arguments: str, feed: bytes = b"") -> bytes:
    """Run git in `root`. Raises OetgenError; without a hint when git is not installed."""
    import subprocess  # 5 ms, and few commands need it

    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], input=feed, capture_output=True, check=True
        )
    except FileNotFoundError:
        raise OetgenError("git is not installed: it is needed to read the committed files") from None
    except subprocess.CalledProcessError as problem:
        text = problem.stderr.decode("utf-8", "replace").strip() or f"git {arguments[0]} failed"
        raise OetgenError(text, "this is the message of git: fix it, and run the command again") from None
    return done.stdout
