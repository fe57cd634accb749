"""The rules about Terraform: folder by folder, and silent where other files or commands may decide."""

from __future__ import annotations

import time
from importlib import import_module

from generator.checks.rule import Context, NotApplicableError, Repository
from generator.findings import Finding
from generator.system import System
from tests.checks.helpers import TODAY, source
from tests.conftest import rows


def findings(rule: str, files: dict[str, str]) -> list[Finding]:
    """Return what a rule reports about files; a name without a folder is in `terraform/`."""
    paths = {name if "/" in name else f"terraform/{name}": text for name, text in files.items()}
    system = System(source(text, path) for path, text in paths.items())
    check = import_module(f"generator.checks.rules.{rule}").check
    try:
        return list(check(Context(system, Repository(), TODAY)))
    except NotApplicableError:
        return []


NAMES = "terraform.terraform_names"
VARIABLE = 'variable "name" {\n  type = string\n}\n'
OUTPUT = 'output "id" {\n  value = var.name\n}\n'
PROVIDER = 'provider "aws" {\n  region = "eu-west-1"\n}\n'
CALL = 'module "m" {\n  source = "./m"\n  name   = "x"\n}\n'
WORKFLOW = "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: terraform apply\n"

DYNAMIC = """
resource "a_b" "c" {
  dynamic "part_of" {
    for_each = [1]
    iterator = part_x
    content {
      x = part_x.value
    }
  }
  dynamic "other_part" {
    for_each = [1]
    content {
      x = other_part.value
    }
  }
}
"""
CHECK = """
check "c" {
  data "a_b" "d" {}
  assert {
    condition     = data.a_b.d.ok
    error_message = "x"
  }
}
"""

SILENT = {
    "names of two folders": {"main.tf": VARIABLE + OUTPUT, "terraform/m/main.tf": VARIABLE + OUTPUT},
    "a child gets its value from the call": {
        "main.tf": PROVIDER + CALL,
        "terraform/m/main.tf": VARIABLE + OUTPUT,
    },
    "a module that others call": {"main.tf": VARIABLE + OUTPUT},
    "a value from the environment": {
        "main.tf": PROVIDER + VARIABLE + OUTPUT,
        "terraform.tfvars": "other = 1\n",
        "variables.tf": 'variable "other" {}\noutput "o" {\n  value = var.other\n}\n',
        ".github/workflows/a.yml": WORKFLOW.replace("terraform", "TF_VAR_name=x terraform"),
    },
    "a root whose values are in no file": {"main.tf": PROVIDER + VARIABLE + OUTPUT},
    "a value from a command": {
        "main.tf": PROVIDER + VARIABLE + OUTPUT,
        "terraform.tfvars": "other = 1\n",
        "variables.tf": 'variable "other" {}\noutput "o" {\n  value = var.other\n}\n',
        "deploy.sh": "#!/bin/sh\nterraform apply -var 'name=x'\n",
    },
    "the element of a dynamic block": {"main.tf": DYNAMIC},
    "what was moved": {
        "main.tf": 'moved {\n  from = a_b.old\n  to   = a_b.new\n}\nresource "a_b" "new" {}\n'
    },
    "what was removed": {
        "main.tf": "removed {\n  from = a_b.old\n  lifecycle {\n    destroy = false\n  }\n}\n"
    },
    "data of a check": {"main.tf": CHECK},
    "an override": {
        "main.tf": 'resource "a_b" "c" {}\n',
        "override.tf": 'resource "a_b" "c" {\n  x = 1\n}\n',
    },
    "a file that cannot be read": {"main.tf": OUTPUT, "variables.tf": 'variable "name" {\n'},
}


@rows("name", SILENT)
def test_names_are_silent_about(name: str) -> None:
    assert findings(NAMES, SILENT[name]) == []


FOUND = [
    ({"main.tf": OUTPUT, "terraform/m/main.tf": VARIABLE + OUTPUT}, "the variable var.name is not declared"),
    (
        {"main.tf": VARIABLE + OUTPUT, "terraform.tfvars": "other = 1\n"},
        "the variable name has no value: Terraform prompts for it",
    ),
    ({"main.tf": VARIABLE * 2 + OUTPUT}, "var.name is declared twice"),
    ({"main.tf": 'output "a" {\n  value = b_c.d[0].e\n}\n'}, "the resource b_c.d is not declared"),
    ({"main.tf": "locals {\n  a = { (var.b) = 1 }\n}\n"}, "the variable var.b is not declared"),
    ({"main.tf": 'output "a" {\n  value = text\n}\n'}, "text is not a value: a string needs quotes"),
    ({"main.tf": "locals {\n  a = 1\n}\n"}, "nothing uses the local value a"),
    (
        {"main.tf": OUTPUT + VARIABLE, "a.tfvars": "name = 1\nnames = 2\n"},
        "the variable names is not declared",
    ),
]


@rows("files, message", FOUND)
def test_names_report(files: dict[str, str], message: str) -> None:
    assert message in [each.message for each in findings(NAMES, files)]


def test_many_names_take_little_time() -> None:
    declared = "".join(
        f'variable "v{number}" {{}}\noutput "o{number}" {{\n  value = var.v{number}\n}}\n'
        for number in range(3000)
    )
    start = time.process_time()
    assert findings(NAMES, {"main.tf": declared}) == []
    assert time.process_time() - start < 20


def test_what_is_set_twice_is_reported_with_the_first_place() -> None:
    (found,) = findings("files.syntax", {"main.tf": 'resource "a" "b" {\n  c = 1\n  c = 2\n}\n'})
    assert (found.message, found.at and found.at.line) == ('the argument "c" is set twice', 3)
    assert [note.at.line for note in found.notes if note.at] == [2]


VERSION = """
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "%s"
    }
  }
}
"""
LOGS = 'resource "aws_cloudwatch_log_group" "a" {\n  name   = "a"\n  region = "us-east-1"\n}\n'


@rows(
    "version, is_known",
    [
        ("~> 5.0", True),
        (">= 5.1, < 6.0", True),
        ("5.99.1", True),
        ("~> 6.28", False),
        (">= 5.0", False),
        ("~> 4.0", False),
    ],
)
def test_arguments_are_those_of_the_major_version_that_is_known(version: str, is_known: bool) -> None:
    found = findings("terraform.terraform_arguments", {"main.tf": VERSION % version + LOGS})
    assert [each.message for each in found] == ["aws_cloudwatch_log_group has no argument region"] * is_known


def test_a_module_without_a_version_takes_that_of_the_others() -> None:
    files = {"main.tf": VERSION % "~> 6.0", "terraform/m/main.tf": LOGS}
    assert findings("terraform.terraform_arguments", files) == []
    assert findings("terraform.terraform_arguments", files | {"main.tf": VERSION % "~> 5.0"})
