"""The part of the build that setup.cfg cannot describe: the starters, which are data below folders of any name."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

_ROOT = Path(__file__).parent
_STARTERS = "generator/project/starters"


class BuildWithStarters(build_py):
    """Adds the starters to the package."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:  # there, the package reads them from the repository
            copy_starters(Path(self.build_lib))


def copy_starters(target: Path) -> None:
    """Copy the starters below `target`, and the stack of this repository as one of them."""
    folder = target / _STARTERS
    index = (_ROOT / _STARTERS / "index.json").read_text("utf-8")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.json").write_text(index, "utf-8")
    for name, starter in json.loads(index).items():
        shutil.rmtree(folder / name, ignore_errors=True)
        shutil.copytree(_ROOT / _STARTERS / name, folder / name)
        for path in starter.get("from_repository", ()):
            place = folder / name / path
            place.parent.mkdir(parents=True, exist_ok=True)
            if (_ROOT / path).is_dir():
                shutil.copytree(_ROOT / path, place)
            else:
                shutil.copyfile(_ROOT / path, place)


setup(cmdclass={"build_py": BuildWithStarters})
