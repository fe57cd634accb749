"""Text that looks like a secret but is public: a person states why, and the file is adopted."""

from __future__ import annotations

import pytest
import yaml

from tests.adopt.conftest import Adopter, read_tree

GUEST = "guest-" + "Zk9vQ1x7Lm3p"
OTHER = "token: " + "hunter2-" + "Zk9vQ1x7Lm3p\n"
REASON = "the guest of the public demo"
FILES = {"zone.yaml": f"name: demo\npassword: {GUEST}\n", "a.yaml": "size: 1\n"}


@pytest.mark.parametrize("place", ["zone.yaml:2", "zone.yaml", "*.yaml"])
def test_a_public_text_is_adopted_with_its_reason(adopter: Adopter, place: str) -> None:
    adopted = adopter("--format", "json", "--not-secret", f"{place}={REASON}", prod=FILES, dev=FILES)
    assert adopted.result.status == 0, adopted.result
    assert adopted.document["left"] == []
    assert adopted.tree("prod")["zone.yaml"] == FILES["zone.yaml"].encode()
    assert yaml.safe_load(adopted.text("oetgen.yaml"))["secrets"] == [{"value": GUEST, "reason": REASON}]


def test_a_public_text_that_differs_is_a_value(adopter: Adopter) -> None:
    dev = {**FILES, "zone.yaml": FILES["zone.yaml"].replace("guest", "visitor")}
    adopted = adopter("--format", "json", "--not-secret", f"zone.yaml={REASON}", prod=FILES, dev=dev)
    assert adopted.result.status == 0, adopted.result
    assert adopted.values("prod")["password"] == GUEST


def test_a_secret_on_another_line_stays(adopter: Adopter) -> None:
    files = {**FILES, "zone.yaml": FILES["zone.yaml"] + OTHER}
    adopted = adopter("--format", "json", "--not-secret", f"zone.yaml:2={REASON}", prod=files, dev=files)
    assert [each["path"] for each in adopted.document["left"]] == ["zone.yaml", "zone.yaml"]
    assert all(b"hunter2" not in data for data in read_tree(adopted.root).values())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("zone.yaml", "is not PATH=REASON"),
        ("zone.yaml:2=", "has no reason"),
        (f"zone.yaml:1={REASON}", "nothing there looks like a secret"),
        (f"none.yaml={REASON}", "nothing there looks like a secret"),
    ],
)
def test_a_statement_about_no_secret(adopter: Adopter, text: str, message: str) -> None:
    adopted = adopter("--not-secret", text, prod=FILES)
    assert adopted.result.status == 2
    assert message in adopted.result.err
    assert not adopted.root.exists()


def test_folders_with_secrets_alone(adopter: Adopter) -> None:
    adopted = adopter(prod={"s.yaml": OTHER}, dev={"s.yaml": OTHER})
    assert adopted.result.status == 2
    assert "no file can be adopted: dev:s.yaml: line 1 has" in adopted.result.err
    assert not adopted.root.exists()
