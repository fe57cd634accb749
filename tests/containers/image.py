"""Builds a rendered Dockerfile: every instruction of every stage, each `RUN` line in a root of its own.

The root of a stage is `/usr` of this machine with `/app`, `/etc` and `/tmp` of the stage. Two things are not those
of the real image, and are reported: `apk`, which only Alpine has, and what `ADD` would download.
"""

from __future__ import annotations

import fnmatch
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import dockerfile

# Folders of a stage that are its own; all others are those of this machine, and read-only.
OWN = ("app", "etc", "home")


@dataclass(frozen=True)
class Image:
    """The files and the settings of a stage."""

    root: Path
    env: dict[str, str] = field(default_factory=dict)
    args: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    user: str = "0:0"
    command: tuple[str, ...] = ()


class BuildError(Exception):
    """A line of a Dockerfile does not work."""


def sandbox(
    image: Image, mounts: Sequence[tuple[str, Path, str]], env: Mapping[str, str], user: str
) -> list[str]:
    """Return the command that runs another one in the root of an image.

    `mounts` are the option of bubblewrap, the folder outside and the path inside.
    """
    words = ["bwrap", "--die-with-parent", "--unshare-pid", "--clearenv", "--cap-add", "ALL"]
    words += ["--ro-bind", "/usr", "/usr", "--dev", "/dev", "--proc", "/proc"]
    for name in ("bin", "lib", "lib64", "sbin"):
        words += ["--symlink", f"usr/{name}", f"/{name}"]
    for option, outside, inside in mounts:
        words += [option, str(outside), inside]
    for name, value in env.items():
        words += ["--setenv", name, value]
    uid, _, gid = user.partition(":")
    words += ["--chdir", image.folder, "setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups"]
    return words


def build(folder: Path, context: Path, scratch: Path, args: Mapping[str, str]) -> dict[str, Image]:
    """Build all stages of the Dockerfile in `folder`, with the application in `context`.

    `args` are its build arguments, and `download` is the file that takes the place of what `ADD` would download.
    """
    stages: dict[str, Image] = {}
    name = ""
    for each in dockerfile.parse_file(str(folder / "Dockerfile")):
        keyword, words = each.cmd.upper(), list(each.value)
        if keyword == "FROM":
            name = words[2]
            stages[name] = _start(stages.get(words[0]), scratch / name)
            continue
        try:
            stages[name] = _instruction(stages, name, keyword, words, each, context, args)
        except subprocess.CalledProcessError as error:
            raise BuildError(f"{folder}/Dockerfile:{each.start_line}: {each.original}") from error
    return stages


def _start(parent: Image | None, root: Path) -> Image:
    root.mkdir(parents=True)
    for name in OWN:
        source = parent.root / name if parent else Path("/etc") if name == "etc" else None
        if source:
            shutil.copytree(source, root / name, symlinks=True)
        else:
            (root / name).mkdir()
    (root / "run").mkdir()
    (root / "tmp").mkdir()
    (root / "tmp").chmod(0o1777)
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    return replace(parent, root=root, args={}) if parent else Image(root, {"PATH": path})


def _instruction(
    stages: Mapping[str, Image],
    name: str,
    keyword: str,
    words: list[str],
    each: dockerfile.Command,
    context: Path,
    args: Mapping[str, str],
) -> Image:
    image = stages[name]
    match keyword:
        case "WORKDIR":
            (image.root / words[0].lstrip("/")).mkdir(exist_ok=True)
            return replace(image, folder=words[0])
        case "ENV":
            pairs = zip(words[::2], words[1::2], strict=True)
            known = {**image.args, **image.env}
            return replace(image, env=image.env | {key: _expanded(value, known) for key, value in pairs})
        case "ARG":
            key, _, default = words[0].partition("=")
            return replace(image, args={**image.args, key: args.get(key, default)})
        case "USER":
            return replace(image, user=words[0])
        case "CMD":
            return replace(image, command=tuple(words))
        case "COPY":
            _copy(stages, image, words, each.flags, context)
        case "ADD":
            print(f"  not downloaded, {args['download']} instead: {words[0]}", flush=True)
            shutil.copyfile(args["download"], image.root / words[1].lstrip("/"))
        case "RUN":
            _run(image, words)
        case "EXPOSE":
            pass
        case _:
            raise BuildError(f"this builder knows no {keyword}")
    return image


def _expanded(text: str, known: Mapping[str, str]) -> str:
    return re.sub(r"\$\{?(\w+)\}?", lambda found: known.get(found[1], ""), text.strip('"'))


def _run(image: Image, words: Sequence[str]) -> None:
    tools = image.root / "tools"
    tools.mkdir(exist_ok=True)
    (tools / "apk").write_text('#!/bin/sh\necho "  not Alpine, not installed: apk $*"\n', "utf-8")
    (tools / "apk").chmod(0o755)
    home = Path.home()  # the settings and the cache of npm
    mounts = [("--bind", image.root / name, f"/{name}") for name in (*OWN, "run", "tmp")]
    mounts += [("--bind", home, str(home)), ("--ro-bind", tools, "/tools")]
    passed = {key: value for key, value in os.environ.items() if key.lower().startswith("npm_config")}
    env = {**passed, **image.args, **image.env, "HOME": str(home), "PATH": f"/tools:{image.env['PATH']}"}
    command = sandbox(image, mounts, env, "0:0")
    subprocess.run([*command, "/bin/sh", "-c", " ".join(words)], check=True)


def _copy(
    stages: Mapping[str, Image], image: Image, words: list[str], flags: Sequence[str], context: Path
) -> None:
    options = dict(flag.removeprefix("--").split("=", 1) for flag in flags)
    *sources, target = words
    source_root = stages[options["from"]].root if "from" in options else context
    goal = image.root / (
        target.lstrip("/") if target.startswith("/") else f"{image.folder.lstrip('/')}/{target}"
    )
    ignored = set() if "from" in options else _ignored(context)
    found = [path for source in sources for path in _matching(source_root, source.lstrip("/"))]
    if not found:
        raise BuildError(f"COPY {' '.join(words)}: nothing to copy")
    copied = [each for path in found for each in _copy_one(path, goal, ignored)]
    if "chown" in options:
        owner = _ids(image, options["chown"])
        subprocess.run(["chown", "-hR", owner, *map(str, copied)], check=True)


def _copy_one(path: Path, goal: Path, ignored: set[str]) -> list[Path]:
    """Copy a file into a folder, or what is in a folder, and return what that made."""
    goal.mkdir(parents=True, exist_ok=True)
    if not path.is_dir():
        return [Path(shutil.copy2(path, goal))]
    names = [each.name for each in path.iterdir() if each.name not in ignored]
    for name in names:
        source = path / name
        if source.is_dir():
            shutil.copytree(source, goal / name, symlinks=True, dirs_exist_ok=True)
        else:
            shutil.copy2(source, goal / name)
    return [goal / name for name in names]


def _matching(root: Path, source: str) -> Iterator[Path]:
    if "*" not in source:
        yield root / source if source not in ("", ".") else root
        return
    folder, _, pattern = source.rpartition("/")
    yield from (each for each in sorted((root / folder).iterdir()) if fnmatch.fnmatch(each.name, pattern))


def _ignored(context: Path) -> set[str]:
    lines = (context / ".dockerignore").read_text("utf-8").splitlines()
    return {
        line for line in lines if line and not line.startswith("#") and "/" not in line and "*" not in line
    }


def _ids(image: Image, names: str) -> str:
    """Return the numbers of `user:group` as the stage knows them."""
    user, group = names.split(":")
    return f"{_number(image.root / 'etc/passwd', user)}:{_number(image.root / 'etc/group', group)}"


def _number(table: Path, name: str) -> str:
    for line in table.read_text("utf-8").splitlines():
        entry = line.split(":")
        if entry[0] == name:
            return entry[2]
    raise BuildError(f"{table.name} has no {name}")
