"""The input of validators, which is the output of all environments on disk and parsed, and helpers for programs."""

from __future__ import annotations

import importlib
import json
import os
import posixpath
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from generator.checks.remembered import Clean, Remembered
from generator.findings import Finding, OetgenError, Severity, Span
from generator.findings.record import record
from generator.languages.source import Source
from generator.project import programs
from generator.project.cache import digest
from generator.system import System

EXTRA = "pip install 'oetgen[check]'"
_TIMEOUT = 120  # seconds, for one program
_QUIET = {"CHECKPOINT_DISABLE": "1"}  # Terraform would ask for its newest version
SHORT = {"GOGC": "400"}  # a program in Go that ends soon takes 0.8 of the time when it collects less garbage


@record
class Work:
    """The output of environments for one tool, which has `folder` for itself; `root` is the project's folder.

    Programs see a copy of the output, and nothing else of the project. With `project_tools`, which only the person
    who runs the command can set, providers and packages inside the project are used, too. `clean` is only there for
    speed: with it, tools take 0.7 of the time after one value changed.
    """

    folder: Path
    root: Path
    systems: tuple[System, ...]
    project_tools: bool
    remembered: Remembered
    clean: Clean

    def write(self, files: Iterable[Source] | None = None) -> None:
        """Write files, by default all, at their usual paths below the folder."""
        every = (source for system in self.systems for source in system.sources.values())
        for source in every if files is None else files:
            if f"{posixpath.normpath(source.label)}/".startswith(("/", "../")):
                continue
            path = self.folder / source.label
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source.text, "utf-8", newline="")

    def files(self, *formats: str) -> list[tuple[System, Source]]:
        """Return the files of these formats that the tool has to examine, each by itself, of every environment."""
        return [
            (system, source)
            for system in self.systems
            for source in system.of_language(*formats)
            if not self.clean.has(*_identity(source))
        ]

    def written(self, *formats: str) -> list[tuple[System, Source]]:
        """Return these files, which are written below the folder."""
        files = self.files(*formats)
        self.write(source for _, source in files)
        return files

    def examined(self, languages: Sequence[str], findings: Iterable[Finding]) -> None:
        """Note which files of these languages have no finding."""
        wrong = {each.at.path for each in findings if each.at}
        for _, source in self.files(*languages):
            if source.label not in wrong:
                self.clean.add(*_identity(source))

    def source(self, path: str) -> tuple[System, Source] | None:
        """Return the file at a path, as programs print it."""
        shown = Path(path).resolve() if Path(path).is_absolute() else (self.folder / path).resolve()
        try:
            name = shown.relative_to(self.folder.resolve()).as_posix()
        except ValueError:
            return None
        for system in self.systems:
            for source in system.sources.values():
                if source.label == name:
                    return system, source
        return None

    def version_of(self, path: str, ask: Callable[[], str]) -> str:
        """Return the version of a program, which is asked only when its file is another one than before."""
        try:
            found = os.stat(path)
        except OSError:
            return ask()
        key = digest(path, f"{found.st_size} {found.st_mtime_ns} {found.st_ino}")
        version = self.remembered.version(path, key)
        if version is None:
            version = ask()
            self.remembered.keep_version(path, key, version)
        return version

    def program(self, name: str) -> str | None:
        """Return the path of a program on PATH, outside of the project."""
        return programs.find(self.root, name)

    def package_program(self, name: str, package: str) -> str | None:
        """Return the path of a program that an installed Python package brings, or that is on PATH."""
        own = shutil.which(name, path=_SCRIPTS) if package_version(package) else None
        return own or self.program(name)

    def call(
        self, command: list[str], more: Mapping[str, str] = MappingProxyType({}), below: str = "."
    ) -> subprocess.CompletedProcess[str]:
        """Run a program `below` the folder with `more` variables. Raise OetgenError if it cannot be run."""
        home = str(self.folder / ".home")  # without settings: they could name more programs to run
        try:
            return subprocess.run(
                command,
                cwd=self.folder / below,
                env=programs.environment(self.root, home, {**_QUIET, **more}),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                encoding="utf-8",
                errors="replace",
                check=False,
                timeout=_TIMEOUT,
            )
        except (OSError, subprocess.TimeoutExpired) as problem:
            raise OetgenError(
                f"{Path(command[0]).name} cannot be run: {problem}",
                "repair its installation, or remove it from PATH",
            ) from None


def _identity(source: Source) -> tuple[str, ...]:
    return source.path, source.language, source.text


def finding(
    system: System, code: str, message: str, at: Span, hint: str, severity: Severity = Severity.ERROR
) -> Finding:
    """Return a finding for one environment."""
    return Finding(code, severity, message, at, hint=hint, environment=system.env)


_SCRIPTS = sysconfig.get_path("scripts")  # at import, because it is not thread-safe


def package_version(name: str) -> str | None:
    """Return the version of an installed Python package, or None."""
    from importlib import metadata  # 40 ms, which a check without tools does not need

    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def program_version(work: Work, name: str, package: str) -> str | None:
    """Return the version of a program from its Python package or its output, or None if it is not installed."""
    path = work.package_program(name, package)
    if path is None:
        return None
    if version := package_version(package):
        return version
    match = re.search(r"\d+(?:\.\d+)+\S*", work.call([path, "--version"]).stdout)
    return match[0] if match else "unknown"


def load(name: str) -> Any:
    """Return an installed package. Raise OetgenError if it cannot be loaded, as a package for another system."""
    try:
        return importlib.import_module(name)
    except (ImportError, OSError) as problem:
        raise OetgenError(f"{name} cannot be loaded: {problem}", f"reinstall it: {EXTRA}") from None


def reported(name: str, done: subprocess.CompletedProcess[str], key: str = "") -> Any:
    """Return the JSON that a program printed, or what it has at `key`. Raises OetgenError."""
    try:
        data = json.loads(done.stdout)
        return data[key] if key else data
    except (ValueError, KeyError):
        raise unreadable(name, done) from None


def unreadable(name: str, done: subprocess.CompletedProcess[str]) -> OetgenError:
    """Return the error for a program with unexpected output."""
    last = (done.stderr or done.stdout).strip().split("\n")[-1][:200]
    return OetgenError(
        f"{name} failed: {last or f'exit status {done.returncode}'}", f"run {name} to see the error"
    )
