"""A language of an installed package: recognised, encoded, read by no other package, and harmless when wrong."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest

from generator.findings import OetgenError
from generator.languages import LANGUAGES, installed, language_of
from tests.conftest import ROOT, Sandbox
from tests.languages.helpers import refuses, render

_FOLDER = "acme_oetgen_toy-1.0.dist-info"
_METADATA = {
    "METADATA": "Metadata-Version: 2.1\nName: acme-oetgen-toy\nVersion: 1.0\n",
    "WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    "entry_points.txt": "[oetgen.languages]\ntoy = acme_toy\n",
}
_PACKAGE = """\
def recognise(path, text):
    return path.endswith(".toy")

def comment(text):
    return f"; {text}\\n"
"""
_SITES = """\
from generator.languages.site import MARK, EncodeError, Site, text_of

def sites(shape):
    return [Site("toy", "word")] * shape.count(MARK)

def encode(site, value):
    text = text_of(value)
    if ">" in text:
        raise EncodeError("a word of toy cannot hold >", "remove it")
    return f"<{text}>"
"""


def _reset() -> None:
    vars(LANGUAGES).pop("_known", None)


@pytest.fixture(scope="module")
def site_packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder to which pip has installed the package."""
    wheel = tmp_path_factory.mktemp("wheel") / "acme_oetgen_toy-1.0-py3-none-any.whl"
    files = {"acme_toy/__init__.py": _PACKAGE, "acme_toy/sites.py": _SITES}
    files |= {f"{_FOLDER}/{name}": text for name, text in _METADATA.items()}
    with ZipFile(wheel, "w") as file:
        for name, text in files.items():
            file.writestr(name, text)
        file.writestr(f"{_FOLDER}/RECORD", "".join(f"{name},,\n" for name in [*files, f"{_FOLDER}/RECORD"]))
    target = tmp_path_factory.mktemp("site-packages")
    options = ["--quiet", "--no-index", "--no-deps", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "install", *options, "--target", str(target), str(wheel)]
    subprocess.run(command, check=True)
    return target


@pytest.fixture
def toy(site_packages: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(site_packages))
    monkeypatch.setattr(installed, "folders", lambda: [str(site_packages)])
    _reset()
    yield
    _reset()


@pytest.mark.usefixtures("toy")
def test_a_package_adds_a_language(small: Sandbox) -> None:
    assert installed.packages() == {"toy": "acme_toy"}
    assert language_of("a/b.toy") == "toy"
    assert next(iter(LANGUAGES)) == "toy"
    small.write("templates/greeting.toy.j2", "hello {{ 40 + 2 }}\n")
    assert small.oetgen("render", "prod").status == 0
    assert small.read("out/prod/greeting.toy").startswith("; Made by oetgen")
    assert small.read("out/prod/greeting.toy").endswith("\nhello <42>\n")
    small.write("templates/greeting.toy.j2", "hello {{ '>' }}\n")
    result = small.oetgen("render", "prod")
    assert result.status == 1
    assert "a word of toy cannot hold >" in result.err


@pytest.mark.usefixtures("toy")
def test_a_project_may_map_paths_to_it(small: Sandbox) -> None:
    small.write("oetgen.yaml", 'languages:\n  "*.greeting": toy\n')
    small.write("templates/a.greeting.j2", "{{ 1 }}\n")
    assert small.oetgen("render", "prod").status == 0
    assert small.read("out/prod/a.greeting").endswith("<1>\n")


@pytest.mark.parametrize(
    ("name", "package", "message"),
    [
        ("yaml", "acme_toy", "which oetgen has itself"),
        ("toy", "acme_missing", "No module named 'acme_missing'"),
        ("toy", "json", "has no attribute 'recognise'"),
    ],
)
def test_a_package_that_has_no_language_is_an_error(
    name: str, package: str, message: str, monkeypatch: pytest.MonkeyPatch, small: Sandbox
) -> None:
    monkeypatch.setattr(installed, "packages", lambda: {name: package})
    _reset()
    try:
        with pytest.raises(OetgenError, match=message):
            len(LANGUAGES)
        small.write("templates/a.yaml.j2", "a: {{ 1 }}\n")
        result = small.oetgen("--no-cache", "render", "prod")
        assert result.status == 2
        assert message in result.err
    finally:
        _reset()


def test_the_language_of_the_page_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (ROOT / "docs" / "languages.md").read_text("utf-8")
    init, sites = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    package = tmp_path / "acme_bird"
    package.mkdir()
    (package / "__init__.py").write_text(init)
    (package / "sites.py").write_text(sites)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(installed, "packages", lambda: {"bird": "acme_bird"})
    _reset()
    try:
        assert language_of("etc/bird.conf") == "bird"
        assert render("bird", 'router id •;\ndescription "•";\n', "192.0.2.1", "a, b") == (
            'router id 192.0.2.1;\ndescription "a, b";\n'
        )
        assert "this place cannot hold" in refuses("bird", "router id •;\n", "a b")
    finally:
        _reset()


def test_other_distributions_and_groups_are_not_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in (
        ("other-1.dist-info", "[oetgen.languages]\na = a\n"),
        ("oetgen_b-1.dist-info", "[console_scripts]\nc = c\n\n[oetgen.languages]\n# d = d\nb = b.c\n"),
        ("oetgen_empty-1.dist-info", ""),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "entry_points.txt").write_text(text)
    (tmp_path / "oetgen_none-1.dist-info").mkdir()
    monkeypatch.setattr(installed, "folders", lambda: [str(tmp_path), str(tmp_path / "missing")])
    assert installed.packages() == {"b": "b.c"}
