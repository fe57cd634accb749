"""Install the wheel in an empty environment, and take each starter from `init` to a committed, checked project.

`python -m tests.starters FOLDER` builds source distribution and wheel of the committed files as a release does,
with `python -m build`, and works in FOLDER. It runs the session of docs/first-steps.md, and fails if that takes two
minutes together with `pip install`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import venv
from pathlib import Path

from tests.conftest import ROOT
from tests.sessions import replay, sessions
from tests.starters.takeover import leftovers, take_over

# The environment that a new one resembles, one that is promoted to prod, what is promoted, and a service to copy.
WALKS = {
    "minimal": ("prod", "dev", "features", ""),
    "compose-vm": ("staging", "staging", "services.web.env", "worker"),
    "kubernetes": ("dev", "dev", "services.web.env", "worker"),
    "aws-eks": ("dev", "dev", "services.backend.resources", "backend"),
}
LONGEST = 120  # seconds
TODAY = ("--today", "2026-08-22")  # when the support data was read: no support ends soon


def main(target: str) -> None:
    """Prove all starters, and the takeover of the largest one."""
    folder = Path(target).resolve()
    wheel = _build(folder)
    start = time.monotonic()
    program = _install(folder / "empty", wheel) / "oetgen"
    _first_steps(program, folder / "first-steps")
    seconds = time.monotonic() - start
    print(f"from pip install to a rendered and checked file of their own: {seconds:.0f} s")
    assert seconds < LONGEST
    for name in WALKS:
        _walk(program, folder / name, name)
    for services in (1, 10):
        _takeover(program, folder / f"takeover-{services}", services)


def _first_steps(program: Path, folder: Path) -> None:
    """Run the first session of the page in an empty folder, and compare what it prints."""

    def run(folder: Path, arguments: list[str]) -> str:
        return _run(folder, program, *arguments)

    folder.mkdir()
    replay(sessions(ROOT / "docs" / "first-steps.md")[0], folder, run)


def _build(folder: Path) -> Path:
    """Return the wheel that `python -m build` makes of the committed files."""
    source = folder / "source"
    _run(ROOT, "git", "checkout-index", "--all", f"--prefix={source}/")
    binaries = _install(folder / "tools", "build")
    _run(folder, binaries / "python", "-m", "build", "--outdir", folder / "dist", source)
    [wheel] = (folder / "dist").glob("*.whl")
    [_] = (folder / "dist").glob("*.tar.gz")
    print(f"built {wheel.name}: {wheel.stat().st_size:,} bytes")
    return wheel


def _install(folder: Path, what: Path | str) -> Path:
    """Return the programs of a new virtual environment that has one package."""
    venv.create(folder, with_pip=True)
    binaries = folder / ("Scripts" if os.name == "nt" else "bin")
    _run(folder, binaries / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", what)
    return binaries


def _walk(program: Path, folder: Path, starter: str) -> None:
    resembled, source, path, service = WALKS[starter]
    folder.mkdir()
    _run(folder, "git", "init", "--quiet", "--initial-branch", "main")
    _run(folder, program, "init", "--starter", starter)
    _run(folder, program, "render", "--all")
    _check(program, folder)
    _commit(folder, "Describe the deployment")
    _run(folder, program, "new", "environment", "demo", "--from", resembled, "--yes")
    if service:
        _run(folder, program, "new", "service", "extra", "--like", service, "--yes")
    _run(folder, program, "promote", source, "prod", path, "--yes")
    _check(program, folder)
    _run(folder, program, "plan", "demo", "--against", "HEAD")
    _run(folder, program, "plan", "prod", statuses=(0, 1))
    _commit(folder, "Add an environment")
    assert "no differences" in _run(folder, program, "plan", "prod")
    _run(folder, program, "explain", "schema/unknown-key")
    print(f"{starter}: from init to a committed project, with an environment and values more")


def _takeover(program: Path, folder: Path, services: int) -> None:
    folder.mkdir()
    _run(folder, program, "init", "--starter", "aws-eks")
    take_over(folder, services)
    _run(folder, program, "render", "--all")
    _check(program, folder)
    found = leftovers(folder / "out")
    assert not found, "\n".join(found)
    files = sum(path.is_file() for path in (folder / "out").rglob("*"))
    print(f"takeover with {services} services: {files} files, nothing of the first application")


def _check(program: Path, folder: Path) -> None:
    _run(folder, program, "check", "--strict", *TODAY)


def _commit(folder: Path, message: str) -> None:
    identity = ("-c", "user.name=test", "-c", "user.email=test@example.com")
    _run(folder, "git", "add", ".")
    _run(folder, "git", *identity, "commit", "--quiet", "--message", message)


def _run(folder: Path, *command: Path | str, statuses: tuple[int, ...] = (0,)) -> str:
    env = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run([*map(str, command)], cwd=folder, env=env, text=True, capture_output=True)
    if done.returncode not in statuses:
        sys.exit(f"{' '.join(map(str, command))} ends with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    main(sys.argv[1])
