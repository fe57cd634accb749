"""Make copies of this project for measurements, and larger ones from it: the same on every machine."""

from __future__ import annotations

import itertools
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from benchmarks.files import read_tree, write

ROOT = Path(__file__).parents[1]
_SHAPES = ("prod", "staging", "dev")


@dataclass(frozen=True, slots=True)
class Copy:
    """A project that a measurement may change. Nothing is deleted, because ext4 is slow for seconds afterwards."""

    root: Path

    def environments(self) -> list[str]:
        """Return the names of the environments, sorted."""
        return sorted(
            path.stem for path in (self.root / "environments").glob("*.yaml") if path.stem != "base"
        )

    def change(self, environment: str, number: int) -> None:
        """Set a new value in an environment."""
        path = self.root / "environments" / f"{environment}.yaml"
        lines = path.read_text("utf-8").splitlines(keepends=True)
        kept = [line for line in lines if not line.startswith("image_tag:")]
        path.write_text("".join([*kept, f"image_tag: round-{number}\n"]), "utf-8")

    def move_output_away(self) -> None:
        """Move `out/` away, so that the next render writes into new folders."""
        out = self.root / "out"
        if out.exists():
            attic = self.root / "attic"
            attic.mkdir(exist_ok=True)
            os.replace(out, attic / str(len(list(attic.iterdir()))))

    def files(self, environment: str) -> dict[str, str]:
        """Return the text of each rendered file of an environment."""
        return read_tree(self.root / "out" / environment)

    def bytes_of(self) -> dict[str, bytes]:
        """Return every file below `out/`."""
        top = self.root / "out"
        paths = (path for path in sorted(top.rglob("*")) if path.is_file())
        return {path.relative_to(top).as_posix(): path.read_bytes() for path in paths}


def copy_project(root: Path, environments: int | None = None, templates: int = 1) -> Copy:
    """Copy this project with a number of environments (by default its own), and `templates` copies of each template.

    Each additional environment extends one of `_SHAPES` and has its own names.
    """
    shutil.copytree(ROOT / "environments", root / "environments")
    shutil.copytree(ROOT / "templates", root / "templates")
    if environments is not None:
        for name, text in made_environments(environments).items():
            write(root / "environments" / f"{name}.yaml", text)
        wanted = {"base", *_SHAPES[:environments], *made_environments(environments)}
        for path in (root / "environments").glob("*.yaml"):
            if path.stem not in wanted:
                path.unlink()
    for number in range(2, templates + 1):
        _add_templates(root / "templates", number)
    return Copy(root)


def copy_with_services(root: Path, services: int) -> Copy:
    """Copy the example for Kubernetes, with a number of services; its environment `prod` has one file for each."""
    example = ROOT / "examples" / "go-gke"
    for folder in ("environments", "templates"):
        shutil.copytree(example / folder, root / folder)
    base = root / "environments" / "base.yaml"
    more = "".join(f"  service-{number:02}: {{port: {9000 + number}}}\n" for number in range(services - 2))
    base.write_text(base.read_text("utf-8").replace("services:\n", f"services:\n{more}"), "utf-8")
    return Copy(root)


def copied_folders(root: Path, files: int) -> list[str]:
    """Write one folder of manifests for each of five environments, which differ as copies do; return their names."""
    manifests = sorted((ROOT / "out" / "prod" / "k8s").glob("*-deployment.yaml"))
    source = [(path.stem, path.read_text("utf-8")) for path in manifests]
    names = ["dev", "test", "staging", "canary", "prod"]
    for place, name in enumerate(names):
        for number in range(files):
            stem, text = source[number % len(source)]
            text = text.replace("name: oet-", f"name: oet-{number}-")
            text = text.replace("namespace: oet", f"namespace: oet-{name}")
            text = text.replace("memory: 512Mi", f"memory: {256 * (place + 1)}Mi")
            write(root / name / f"{stem}-{number}.yaml", text)
    return names


def made_environments(count: int) -> dict[str, str]:
    """Return the values files to add for a total of `count` environments."""
    numbers = range(1, count - len(_SHAPES) + 1)
    return {
        f"tenant-{number:04}": _ENVIRONMENT.format(shape=shape, number=number)
        for number, shape in zip(numbers, itertools.cycle(_SHAPES), strict=False)
    }


_ENVIRONMENT = """\
extends: {shape}
suffix: -t{number:04}
namespace: oet-t{number:04}
output: out/tenant-{number:04}
services:
  frontend: {{host: app.t{number:04}.oetpraxis.com}}
  backend: {{host: api.t{number:04}.oetpraxis.com}}
"""


def _add_templates(top: Path, number: int) -> None:
    """Copy each template into a folder next to it, where it generates a file of the same kind."""
    for path in template_paths(ROOT / "templates"):
        text = (ROOT / "templates" / path).read_text("utf-8")
        write(top / path.parent / f"copy-{number}" / path.name, text)


def template_paths(top: Path) -> list[Path]:
    """Return the path of each template that generates a file, relative to `top`."""
    paths = (path.relative_to(top) for path in sorted(top.rglob("*.j2")))
    return [path for path in paths if not any(part.startswith("_") for part in path.parts)]
