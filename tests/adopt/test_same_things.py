"""What is one thing in several environments, and what only looks like one."""

from __future__ import annotations

import pytest

from generator.adopt.words import Mask, singular
from tests.adopt.conftest import Adopted, Adopter, Files
from tests.conftest import oetgen, rows

REGION = (
    'variable "region" {\n  description = "The region"\n  type        = string\n  default     = "eu-1"\n}\n'
)
STAGE = 'variable "stage" {\n  description = "The stage"\n  type        = string\n  default     = "prod"\n}\n'
RESOURCE = """resource "aws_security_group_rule" "{name}" {{
  type        = "ingress"
  from_port   = 80
  to_port     = 80
  description = "{about}"
}}
"""
JOB = "  - job_name: {name}\n    {key}:\n      - {item}\n    interval: {interval}\n"


def names_of(adopted: Adopted) -> set[str]:
    return {each["name"] for each in adopted.document["values"]}


def test_blocks_in_another_order_are_not_mixed(adopter: Adopter) -> None:
    adopted = adopter.proved(prod={"v.tf": REGION + "\n" + STAGE}, dev={"v.tf": STAGE + "\n" + REGION})
    assert len(names_of(adopted)) == 1  # a condition
    assert all(name.endswith(".enabled") for name in names_of(adopted))


def test_items_with_other_names_and_other_lines_are_two(adopter: Adopter) -> None:
    prod = JOB.format(name="nodes", key="ec2", item="region: a", interval="15s")
    dev = JOB.format(name="alerts", key="static", item="targets: b", interval="30s")
    adopted = adopter.proved(prod={"a.yaml": f"jobs:\n{prod}"}, dev={"a.yaml": f"jobs:\n{dev}"})
    assert len(names_of(adopted)) == 1
    assert adopted.text("templates/a.yaml.j2").count("job_name: ") == 2


def test_a_renamed_block_is_one(adopter: Adopter) -> None:
    prod, dev = (
        {"sg.tf": RESOURCE.format(name=name, about=f"from {name}")} for name in ("web_asg", "web_instance")
    )
    adopted = adopter.proved(prod=prod, dev=dev)
    assert adopted.text("templates/sg.tf.j2").count("from_port") == 1


def test_another_directive_is_no_value(adopter: Adopter) -> None:
    adopted = adopter.proved(prod={"n.conf": "pid /run/n.pid;\n"}, dev={"n.conf": "worker_files 4096;\n"})
    assert names_of(adopted) == {"n.worker_files.enabled"}


OBJECT = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  SIZE: {size}"


def test_a_missing_line_break_at_the_end_is_apart(adopter: Adopter) -> None:
    prod, dev = OBJECT.format(size=3), OBJECT.format(size=1) + "\n"
    adopted = adopter.proved(prod={"a.yaml": prod, "b.yaml": "x: 1"}, dev={"a.yaml": dev, "b.yaml": "x: 1\n"})
    assert names_of(adopted) == {"config.SIZE", "final_newline"}
    assert adopted.text("templates/b.yaml.j2") == "x: 1\n{%- if final_newline %}\n\n{% endif %}"


def test_blocks_before_a_missing_line_break(adopter: Adopter) -> None:
    start = "name: a\nlist:\n- b"
    adopter.proved(
        prod={"a.yaml": start}, dev={"a.yaml": f"{start}\n- c\n- d\n"}, test={"a.yaml": f"{start}\n- c\n- d"}
    )


def test_a_folder_that_comes_and_goes_is_one_condition(adopter: Adopter) -> None:
    folder = {f"agent/{name}.yaml": f"{name}: 1\n" for name in ("log", "trace", "metric")}
    adopted = adopter.proved(prod={"a.yaml": "b: 1\n", **folder}, dev={"a.yaml": "b: 1\n"})
    assert names_of(adopted) == {"agent.enabled"}


def test_files_with_a_word_in_common_are_named_after_it(adopter: Adopter) -> None:
    sources = {f"{name}/source-{name}.yaml": f"{name}: 1\n" for name in ("web", "api")}
    common = {"web/a.yaml": "b: 1\n", "api/a.yaml": "b: 1\n"}
    adopted = adopter.proved(prod={**common, **sources}, dev=common)
    assert names_of(adopted) == {"source.enabled"}


COMPOSE = """services:
  web:
    image: shop/web:{tag}
    command: ["--retention.time={time}"]
    environment:
    - MODE={mode}
"""


def test_an_option_is_no_part_of_its_value(adopter: Adopter) -> None:
    prod = COMPOSE.format(tag="latest", time="90d", mode="web")
    dev = COMPOSE.format(tag="test-2", time="30d", mode="web-debug")
    adopted = adopter.proved(prod={"compose.yaml": prod}, dev={"compose.yaml": dev})
    assert names_of(adopted) == {"services.web.tag", "services.web.retention_time", "services.web.MODE"}
    assert '"--retention.time={{ services.web.retention_time }}"' in adopted.text("templates/compose.yaml.j2")


def test_the_word_that_differs_in_a_path_is_a_value(adopter: Adopter) -> None:
    prod, dev = {"compose.production.yaml": "a: 1\n"}, {"compose.develop.yaml": "a: 1\n"}
    adopted = adopter.proved(prod=prod, dev=dev)
    assert [path for path in adopted.root.glob("templates/*") if "compose.{" in path.name]


@rows(
    "name, masked",
    [("ditest", "ditest"), ("jvb", "jvb"), ("shopTest", "shop"), ("shop-test", "shop"), ("TEST_A", "_A")],
)
def test_a_name_of_an_environment_within_a_word_stays(name: str, masked: str) -> None:
    assert Mask(["test", "b"])(name) == masked.lstrip("-_./")


@rows(
    "word, one",
    [("hosts", "host"), ("policies", "policy"), ("addresses", "address"), ("boxes", "box"), ("dns", "dns")]
    + [(word, word) for word in ("access", "status", "tls", "analysis", "as")],
)
def test_singular(word: str, one: str) -> None:
    assert singular(word) == one


def test_impact_and_blame_know_a_file_without_a_line_break_at_its_end(adopter: Adopter) -> None:
    adopted = adopter.proved(prod={"a.yaml": "x: 1"}, dev={"a.yaml": "x: 2\n"})
    root = str(adopted.root)
    assert names_of(adopted) == {"x", "final_newline"}
    for name, path in (("prod", "x"), ("dev", "final_newline")):
        found = oetgen("-C", root, "impact", path)
        assert found.status == 0, found
        assert f"out/{name}/a.yaml" in found.out
    assert "environments/prod.yaml" in oetgen("-C", root, "blame", "out/prod/a.yaml:1").out


ENDS = ("x: {x}", "x: {x}\n", "x: {x}\n\n", "x: {x}\n\n\n")


@pytest.mark.parametrize(("first", "second"), [(a, b) for a in ENDS for b in ENDS if len(a) < len(b)])
@pytest.mark.parametrize("start", ["", "y: {y}\n"])
def test_line_breaks_at_the_end_are_one_value(adopter: Adopter, start: str, first: str, second: str) -> None:
    prod, dev = (f"{start}{end}" for end in (first, second))
    files = {"prod": prod.format(x=1, y=1), "qa": prod.format(x=1, y=2), "dev": dev.format(x=2, y=3)}
    adopted = adopter.proved(**{name: {"a.yaml": text} for name, text in files.items()})
    assert names_of(adopted) == {"x", "final_newline", *("y" for _ in start[:1])}
    assert adopted.document["summary"]["verbatim"] == 0


def test_three_numbers_of_line_breaks_at_the_end_come_back(adopter: Adopter) -> None:
    adopter.proved(prod={"a.yaml": "x: 1\n"}, qa={"a.yaml": "x: 1"}, dev={"a.yaml": "x: 1\n\n"})


def test_a_file_that_is_empty_in_one_environment_keeps_its_template(adopter: Adopter) -> None:
    text = "replicas: {}\n"
    prod = {"a/a.yaml": "", "b.yaml": text.format(3), ".gitkeep": ""}
    adopted = adopter.proved(
        prod=prod,
        qa={"a/a.yaml": text.format(2), "b.yaml": text.format(2)},
        dev={"a/a.yaml": text.format(1), "b.yaml": text.format(1)},
    )
    assert adopted.values("prod")["files"] == {"empty": [".gitkeep", "a/a.yaml"]}
    assert "replicas: {{ replicas }}\n" in adopted.text("templates/a/a.yaml.j2")
    assert names_of(adopted) == {"replicas", "a.enabled", "files.empty"}


def test_a_file_whose_line_ends_are_mixed_is_copied_and_named(adopter: Adopter) -> None:
    adopted = adopter.proved(prod={"a.yaml": "a: 1\nb: 2\n"}, dev={"a.yaml": "a: 1\r\nb: 4\n"})
    reason = "its lines end in LF and in CRLF"
    assert adopted.document["copied"] == [{"environment": "dev", "path": "a.yaml", "reason": reason}]
    assert [each["kind"] for each in adopted.document["drift"]] == []  # dev has the file


def test_the_text_names_what_is_copied(adopter: Adopter) -> None:
    prod: Files = {"a.yaml": "a: 1\n", "b.bin": b"\xff\x00"}
    dev: Files = {**prod, "b.bin": b"\xff\x01"}
    adopted = adopter(prod=prod, dev=dev)
    assert "Copied as they are, each for its environment (2):" in adopted.result.out
    assert "  dev:b.bin: it is not text in UTF-8\n" in adopted.result.out
