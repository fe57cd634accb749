"""A clear message and nothing half-written, whatever the folders are."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tests.adopt.conftest import Adopter, read_tree, write_tree
from tests.values.samples import sealed

ONE = {"a.yaml": "replicas: 1\n"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "no folder is named"),
        (["prod"], "prod is not NAME=FOLDER"),
        (["=x"], "=x is not NAME=FOLDER"),
        (["base={deploy}/prod"], 'an environment cannot be called "base"'),
        (["a/b={deploy}/prod"], 'an environment cannot be called "a/b"'),
        (["prod={deploy}/prod", "prod={deploy}/prod"], 'two folders are named for the environment "prod"'),
        (["prod={deploy}/none"], "is not a folder"),
        (["prod={deploy}/empty"], "has no file that can be read"),
    ],
)
def test_what_cannot_be_adopted(adopter: Adopter, arguments: list[str], message: str) -> None:
    deploy = adopter.folder / "deploy"
    write_tree(deploy / "prod", ONE)
    (deploy / "empty").mkdir()
    adopted = adopter.adopt(*(each.format(deploy=deploy) for each in arguments))
    assert adopted.result.status == 2
    assert message in adopted.result.err
    assert not adopted.root.exists()


@pytest.mark.parametrize("path", ["environments/x.yaml", "templates/x.j2", "oetgen.yaml", "out/prod/x"])
def test_nothing_is_overwritten(adopter: Adopter, path: str) -> None:
    write_tree(adopter.folder / "project", {path: "mine\n"})
    adopted = adopter(prod=ONE)
    assert adopted.result.status == 2
    assert "already has" in adopted.result.err
    assert read_tree(adopted.root) == {path: b"mine\n"}


def test_links_are_left(adopter: Adopter) -> None:
    write_tree(adopter.folder / "deploy" / "prod", ONE)
    os.symlink("/etc/passwd", adopter.folder / "deploy" / "prod" / "link.txt")
    adopted = adopter(prod=ONE)
    assert adopted.result.status == 0
    assert "link.txt" in adopted.result.err
    assert "found a symbolic link" in adopted.result.err
    assert set(adopted.tree("prod")) == {"a.yaml"}


@pytest.mark.parametrize("name", ["a:b.txt", "a\nb.txt", ".oetgen-journal", os.fsdecode(b"\xff.txt")])
def test_a_file_that_the_output_cannot_have_is_left(adopter: Adopter, name: str) -> None:
    write_tree(adopter.folder / "deploy" / "prod", {name: "text\n"})
    adopted = adopter(prod=ONE)
    assert adopted.result.status == 0, adopted.result
    assert "not adopted: oetgen cannot write a file with such a path" in adopted.result.err
    assert set(adopted.tree("prod")) == {"a.yaml"}


def test_environments_with_nothing_in_common(adopter: Adopter) -> None:
    adopter.proved(prod={"main.tf": 'a = "b"\n'}, dev={"compose.yaml": "services: {}\n", "x/y.txt": "text\n"})


def test_sealed_secrets_are_values(adopter: Adopter) -> None:
    texts = [
        f"kind: SealedSecret\nspec:\n  encryptedData:\n    TOKEN: {sealed(random.Random(env))}\n"
        for env in ("prod", "dev")
    ]
    prod, dev = ({**ONE, "s.yaml": text} for text in texts)
    adopted = adopter("--format", "json", prod=prod, dev=dev)
    assert adopted.document["left"] == []
    assert any("TOKEN" in value["name"] for value in adopted.document["values"])


def test_files_with_secrets_are_left(adopter: Adopter) -> None:
    secret = "password: " + "hunter2-" + "Zk9vQ1x7Lm3p\n"
    adopted = adopter("--format", "json", prod={**ONE, "s.yaml": secret}, dev={**ONE, "s.yaml": secret})
    assert adopted.result.status == 0, adopted.result
    assert [(each["environment"], each["path"], each["secret"]) for each in adopted.document["left"]] == [
        ("dev", "s.yaml", True),
        ("prod", "s.yaml", True),
    ]
    assert all(b"hunter2" not in data for data in read_tree(adopted.root).values())
    assert "hunter2" not in adopted.result.out + adopted.result.err


def test_one_environment_alone(adopter: Adopter) -> None:
    adopter.proved(prod={"k8s/a.yaml": "kind: Pod\n", "b.txt": "text\n"})


def test_an_environment_in_the_target_folder(tmp_path: Path) -> None:
    adopter = Adopter(tmp_path)
    write_tree(tmp_path / "project" / "deploy" / "prod", ONE)
    adopted = adopter.adopt(f"prod={tmp_path / 'project' / 'deploy' / 'prod'}")
    assert adopted.result.status == 0, adopted.result
    assert (adopted.root / "templates").is_dir()
