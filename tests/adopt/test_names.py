"""A person names, merges and splits the values in a file."""

from __future__ import annotations

import pytest
import yaml

from tests.adopt.conftest import Adopted, Adopter

PROD = {"a.yaml": "replicas: 3\nsize: 3\nhost: a.example.com\n", "b.yaml": "host: a.example.com\n"}
DEV = {"a.yaml": "replicas: 1\nsize: 1\nhost: b.example.com\n", "b.yaml": "host: b.example.com\n"}


def named(adopter: Adopter, names: dict[str, object]) -> Adopted:
    """Adopt with these names for the proposed ones."""
    file = adopter.folder / "names.yaml"
    file.write_text(yaml.safe_dump(names), "utf-8")
    return adopter("--names", str(file), "--format", "json", prod=PROD, dev=DEV)


def test_proposed_names_are_written_and_used(adopter: Adopter) -> None:
    file = adopter.folder / "names.yaml"
    first = adopter("--names", str(file), prod=PROD, dev=DEV)
    assert first.result.status == 0, first.result
    assert not (first.root / "templates").exists()
    proposed = yaml.safe_load(file.read_text("utf-8"))
    assert proposed == {name: name for name in ("replicas", "size", "hosts.main")}
    file.write_text(file.read_text("utf-8").replace(": replicas", ": pods.number"), "utf-8")
    second = adopter("--names", str(file), prod=PROD, dev=DEV)
    assert second.result.status == 0, second.result
    assert "replicas: {{ pods.number }}" in second.text("templates/a.yaml.j2")
    assert second.tree("prod") == {path: text.encode() for path, text in PROD.items()}


def test_two_values_with_the_same_texts_are_merged(adopter: Adopter) -> None:
    adopted = named(adopter, {"replicas": "count", "size": "count"})
    assert adopted.result.status == 0, adopted.result
    assert adopted.text("templates/a.yaml.j2").count("{{ count }}") == 2
    assert adopted.values("base")["count"] in (1, 3)


def test_a_value_is_split_by_file(adopter: Adopter) -> None:
    adopted = named(adopter, {"hosts.main": {"**": "a_host", "b.yaml": "b_host"}})
    assert adopted.result.status == 0, adopted.result
    assert "{{ a_host }}" in adopted.text("templates/a.yaml.j2")
    assert adopted.text("templates/b.yaml.j2") == "host: {{ b_host }}\n"


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ({"sise": "x"}, "no value is called sise"),
        ({"size": "x y"}, "size cannot be called 'x y'"),
        ({"size": "loop"}, "size cannot be called 'loop'"),
        ({"size": "hosts.main"}, "two values with different texts are called hosts.main"),
        ({"size": "hosts"}, "is a value and a map of values"),
        (["size"], "is not a map of names"),
    ],
)
def test_names_that_cannot_be(adopter: Adopter, names: dict[str, object], message: str) -> None:
    adopted = named(adopter, names)
    assert adopted.result.status == 2
    assert message in adopted.result.err
    assert not adopted.root.exists()


def test_proposed_names_that_yaml_reads_as_booleans_come_back(adopter: Adopter) -> None:
    file = adopter.folder / "names.yaml"
    prod, dev = {"a.yaml": "on: 3\nno: 4\n"}, {"a.yaml": "on: 5\nno: 6\n"}
    assert adopter("--names", str(file), prod=prod, dev=dev).result.status == 0
    assert yaml.safe_load(file.read_text("utf-8")) == {"on": "on", "no": "no"}
    adopted = adopter("--names", str(file), prod=prod, dev=dev)
    assert adopted.result.status == 0, adopted.result
    assert adopted.text("templates/a.yaml.j2") == "on: {{ on }}\nno: {{ no }}\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("on: size", "found the key on, which YAML readers read as the boolean true"),
        ("1: size", "found the key 1, which YAML readers read as the number 1"),
        ("size: a\nsize: b", 'found "size" twice in one map'),
        ("{", "not YAML"),
    ],
)
def test_a_mistake_in_the_file_of_names_has_its_place(adopter: Adopter, text: str, message: str) -> None:
    file = adopter.folder / "names.yaml"
    file.write_text(text, "utf-8")
    adopted = adopter("--names", str(file), prod=PROD, dev=DEV)
    assert adopted.result.status == 1
    assert f"{file}:" in adopted.result.err
    assert message in adopted.result.err
    assert not adopted.root.exists()


def test_a_namespace_further_on_in_its_line_is_the_namespace(adopter: Adopter) -> None:
    files = {
        name: {
            "a.yaml": f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a, namespace: shop{suffix}}}\n",
            "b.yaml": f"names: [db{suffix}, cache{suffix}, api{suffix}]\n",
            "c.yaml": f"about: 'namespace of all: shop{suffix}'\nbucket: shop{suffix}\n",
        }
        for name, suffix in (("prod", ""), ("staging", "-staging"), ("dev", "-dev"))
    }
    adopted = adopter.proved(**files)
    first, second = adopted.text("templates/c.yaml.j2").splitlines()
    assert "{{ namespace }}" in first
    assert "namespace" not in second


def test_a_word_in_brackets_is_a_value_of_its_own(adopter: Adopter) -> None:
    files = {
        name: {f"{each}.yaml": f"name: The {each}{label}\n" for each in ("shop", "api")}
        for name, label in (("prod", ""), ("staging", " (staging)"))
    }
    adopted = adopter.proved(**files)
    assert adopted.text("templates/api.yaml.j2") == "name: The api{{ label }}\n"
    assert adopted.values("staging")["label"] == " (staging)"


PATCHES = """apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [../base]
patches:
- target: {{kind: Service, name: auth}}
  patch: |-
    - op: replace
      path: /spec/ports/0/nodePort
      value: {auth}
- target: {{kind: Service, name: mail}}
  patch: |-
    - op: replace
      path: /spec/ports/0/nodePort
      value: {mail}
"""


def test_a_value_in_a_json_patch_is_named_after_its_path_and_target(adopter: Adopter) -> None:
    prod, dev = (
        {"kustomization.yaml": PATCHES.format(auth=auth, mail=mail)}
        for auth, mail in ((31080, 31082), (31090, 31093))
    )
    adopted = adopter.proved(prod=prod, dev=dev)
    names = {each["name"] for each in adopted.document["values"]}
    assert names == {"auth.node_port", "mail.node_port"}


def test_a_name_that_says_little_has_what_it_is_of(adopter: Adopter) -> None:
    prod, dev = (
        {
            "main.tfvars": f'rules = {{\n  https = {{\n    priority = {number}\n  }}\n}}\nregion = "{region}-1"\n'
        }
        for number, region in ((1001, "eu-west"), (1002, "us-east"))
    )
    adopted = adopter.proved(prod=prod, dev=dev)
    assert "https.priority" in {each["name"] for each in adopted.document["values"]}


def test_a_variable_and_its_setting_are_one_value(adopter: Adopter) -> None:
    prod, dev = (
        {
            "variables.tf": f'variable "sku" {{\n  default = "{sku}"\n}}\n'
            + f'variable "tier" {{\n  default = "{tier}"\n}}\n',
            "terraform.tfvars": f'sku  = "{sku}"\ntier = "{tier}"\n',
        }
        for sku, tier in (("premium", "hot"), ("standard", "cold"))
    )
    adopted = adopter.proved(prod=prod, dev=dev)
    assert {each["name"] for each in adopted.document["values"]} == {"sku", "tier"}


DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}}}
spec: {{replicas: {number}}}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {{name: {name}-hpa}}
spec: {{maxReplicas: 1{number}}}
"""


@pytest.mark.parametrize(("name", "section"), [("shop", "shop"), ("service", "app"), ("prod", "app")])
def test_values_are_in_the_section_of_the_service(adopter: Adopter, name: str, section: str) -> None:
    prod, dev = ({"a.yaml": DEPLOYMENT.format(name=name, number=each)} for each in (3, 1))
    adopted = adopter.proved(prod=prod, dev=dev)
    found = {each["name"] for each in adopted.document["values"]}
    assert found == {f"services.{section}.replicas", f"services.{section}.autoscaling.max_replicas"}


def test_charts_of_helm_have_values_of_their_own(adopter: Adopter) -> None:
    """Two charts whose limits are equal by chance do not share them; what all charts have in one way is shared."""
    text = "image:\n  tag: {tag}\nresources:\n  limits: {{cpu: {cpu}}}\nmail: no-reply@{host}.example.com\n"
    cpus = {"prod": {"api": "500m", "web": "500m", "job": "900m"}, "dev": {"api": "250m", "web": "250m"}}
    files = {
        env: {
            f"{chart}/values.yaml": text.format(tag=tag, host=host, cpu=cpus[env].get(chart, "300m"))
            for chart in ("api", "web", "job")
        }
        for env, tag, host in (("prod", "v1.2.3-a1b2c3", "shop"), ("dev", "v1.3.0-d4e5f6", "test"))
    }
    values = {each["name"] for each in adopter.proved(**files).document["values"]}
    assert values == {
        *(f"{chart}.resources.limits.cpu" for chart in ("api", "web", "job")),
        "image.tag",
        "mail",
    }
