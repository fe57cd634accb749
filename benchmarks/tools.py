"""Getting the programs that are measured: each into a virtual environment of its own, or found on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.projects import ROOT

_SOURCE = ("generator", "setup.cfg", "pyproject.toml", "README.md", "LICENSE")


class Missing(Exception):
    """A program that is not here and could not be installed; the message says why."""


@dataclass(frozen=True, slots=True)
class Tools:
    """Programs below `folder`, kept for a next run with the same one. Without `install` none is added."""

    folder: Path
    install: bool
    versions: dict[str, str] = field(default_factory=dict)

    def package(self, name: str, source: Path | None = None) -> Path:
        """Return the folder with the programs of a Python package. Raises Missing."""
        home = self.folder / name
        programs = home / ("Scripts" if os.name == "nt" else "bin")
        if source or not (home / "ready").exists():
            if not self.install:
                raise Missing(f"{name} is not in {self.folder.name}/, and this form installs nothing")
            self._install(home, programs, str(source or name))
        code = f"import importlib.metadata as m; print(m.version({name!r}))"
        self.versions[name] = _run(str(programs / "python"), "-c", code).strip()
        return programs

    def _install(self, home: Path, programs: Path, what: str) -> None:
        python = str(programs / "python")
        try:
            _run(sys.executable, "-m", "venv", "--clear", str(home))
            # The start script of an old pip imports more than one of today, which costs a third of a short run.
            _run(python, "-m", "pip", "install", "--quiet", "--upgrade", "pip")
            _run(python, "-m", "pip", "install", "--quiet", what)
        except subprocess.CalledProcessError as problem:
            last = (problem.stderr.strip().splitlines() or ["no message"])[-1]
            raise Missing(f"{what} cannot be installed: {last}") from None
        (home / "ready").touch()

    def oetgen(self) -> Path:
        """Return the folder with oetgen, installed as users have it, from the source around this file."""
        source = self.folder / "source"
        shutil.rmtree(source, ignore_errors=True)
        source.mkdir(parents=True)
        for name in _SOURCE:
            path = ROOT / name
            if path.is_dir():
                shutil.copytree(path, source / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copyfile(path, source / name)
        return self.package("oetgen", source)

    def kubectl(self) -> str:
        """Return the path of kubectl. Raises Missing."""
        found = shutil.which("kubectl")
        if not found:
            raise Missing("kubectl is not on PATH")
        said = _run(found, "version", "--client").splitlines()
        versions = dict(line.split(": ") for line in said if ": " in line)
        self.versions["kubectl"] = versions.get("Client Version", "unknown")
        self.versions["kustomize"] = versions.get("Kustomize Version", "unknown")
        return found


def _run(*command: str) -> str:
    kept = {
        key: value
        for key, value in os.environ.items()
        if key not in ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH")
    }
    return subprocess.run(command, env=kept, text=True, capture_output=True, check=True).stdout
