"""Install the measured programs, each into a virtual environment of its own, or find them on this machine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.projects import ROOT

_SOURCE = ("generator", "setup.cfg", "setup.py", "pyproject.toml", "README.md", "LICENSE")
_STARTERS = "generator/project/starters/index.json"  # the build reads it, and the paths that it names


class MissingToolError(Exception):
    """A program is not available and could not be installed."""


@dataclass(frozen=True, slots=True)
class Tools:
    """Programs below `folder`, which a later run can use again. Without `install` nothing is installed."""

    folder: Path
    install: bool
    versions: dict[str, str] = field(default_factory=dict)

    def package(self, name: str, source: str = "") -> Path:
        """Return the folder with the programs of a Python package. Raise MissingToolError."""
        home = self.folder / name
        programs = home / ("Scripts" if os.name == "nt" else "bin")
        if source or not (home / "ready").exists():
            if not self.install:
                raise MissingToolError(f"{name} is not in {self.folder.name}/, and --short installs nothing")
            self._install(home, programs, source or name)
        code = f"import importlib.metadata as m; print(m.version({name!r}))"
        self.versions[name] = _run(str(programs / "python"), "-c", code).strip()
        return programs

    def _install(self, home: Path, programs: Path, what: str) -> None:
        python = str(programs / "python")
        try:
            _run(sys.executable, "-m", "venv", "--clear", str(home))
            # The launcher scripts of old pip versions import more, which costs a third of a short run.
            _run(python, "-m", "pip", "install", "--quiet", "--upgrade", "pip")
            _run(python, "-m", "pip", "install", "--quiet", what)
        except subprocess.CalledProcessError as problem:
            last = (problem.stderr.strip().splitlines() or ["no message"])[-1]
            raise MissingToolError(f"{what} cannot be installed: {last}") from None
        (home / "ready").touch()

    def oetgen(self) -> Path:
        """Return the folder with oetgen and its outside tools, installed from this source as users install it."""
        source = self.folder / "source"
        shutil.rmtree(source, ignore_errors=True)
        source.mkdir(parents=True)
        starters = json.loads((ROOT / _STARTERS).read_text("utf-8")).values()
        for name in {
            *_SOURCE,
            *(path for starter in starters for path in starter.get("from_repository", ())),
        }:
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copyfile(ROOT / name, source / name)
        return self.package("oetgen", f"{source}[check,report]")

    def kubectl(self) -> str:
        """Return the path of kubectl. Raise MissingToolError."""
        found = shutil.which("kubectl")
        if not found:
            raise MissingToolError("kubectl is not on PATH")
        lines = _run(found, "version", "--client").splitlines()
        versions = dict(line.split(": ") for line in lines if ": " in line)
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
