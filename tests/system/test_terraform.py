"""The modules of a tree and their values."""

from __future__ import annotations

import time

from generator.languages.hcl.expressions import is_known, written
from generator.languages.hcl.read import read
from generator.languages.node import Block
from generator.system.terraform import Terraform, address, names
from tests.checks.helpers import source
from tests.conftest import rows


def terraform(**files: str) -> Terraform:
    """Return the modules of files; `__` in a name stands for `/`, and `terraform/` comes before it."""
    paths = {f"terraform/{name.replace('__', '/')}.tf": text for name, text in files.items()}
    paths = {
        path.replace("_tfvars.tf", ".tfvars").replace("_test.tf", ".tftest.hcl"): text
        for path, text in paths.items()
    }
    return Terraform({path: read(source(text, path)) for path, text in paths.items()})


def output(found: Terraform, folder: str = "terraform") -> str:
    """Return the code of the value of the output `a` of a module."""
    (block,) = found.modules[folder].blocks("output", "a")
    return written(found.get(block, "value"))


def test_each_folder_is_a_module() -> None:
    found = terraform(
        main='variable "a" {}\n',
        m__main='variable "a" {}\n',
        other__deep__main="",
        tests__a_test="",
        x__a_tfvars="a = 1\n",
    )
    assert list(found.modules) == ["terraform", "terraform/m", "terraform/other/deep"]
    assert list(found.modules["terraform"].test_files) == ["terraform/tests/a.tftest.hcl"]
    assert list(found.modules["terraform"].variable_files) == ["terraform/x/a.tfvars"]
    assert [block.source.path for block in found.blocks("variable")] == [
        "terraform/main.tf",
        "terraform/m/main.tf",
    ]


VALUES = [
    ('variable "v" {\n  default = "x"\n}\n', "", '"x"'),
    ('variable "v" {\n  default = "x"\n}\n', "terraform: v = 1", "1"),
    ('variable "v" {}\n', "terraform: v = 1", "1"),
    ('variable "v" {}\n', "", "var.v"),
    ('variable "v" {}\n', "terraform: v = 1; b.auto: v = 3; a.auto: v = 2", "3"),
    ('variable "v" {}\n', "prod: v = 1", "1"),
    ('variable "v" {}\n', "prod: v = 1; dev: v = 1", "1"),
    ('variable "v" {}\n', "prod: v = 1; dev: v = 2", "var.v"),
    ('variable "v" {\n  default = 2\n}\n', "prod: v = 1", "var.v"),
    ('variable "v" {}\n', "terraform: v = 1; prod: v = 2", "var.v"),
    ('variable "v" {\n  default = null\n}\n', "", "null"),
]


@rows("variable, settings, value", VALUES)
def test_a_variable_has_the_only_value_that_the_files_leave(variable: str, settings: str, value: str) -> None:
    given = dict(each.split(": ", 1) for each in settings.split("; ") if each)
    found = terraform(
        main=f'{variable}output "a" {{\n  value = var.v\n}}\n',
        **{f"{name}_tfvars": f"{text}\n" for name, text in given.items()},
    )
    assert output(found) == value


def test_locals_arguments_and_outputs_are_followed() -> None:
    main = """
locals {
  name = "${var.prefix}-db"
  tags = { Name = local.name, At = data.x.y.z }
}
variable "prefix" {
  default = "oet"
}
resource "r" "one" {
  id   = "${local.name}-1"
  size = 20 * 2
  part {}
}
resource "r" "many" {
  count = 2
  id    = "x"
}
module "m" {
  source = "./m"
  name   = local.name
}
output "a" {
  value = [local.tags.Name, local.tags.At, r.one.id, r.one.size, r.many.id, r.one.part, module.m.b, module.m.c]
}
"""
    child = 'variable "name" {}\noutput "b" {\n  value = "<${var.name}>"\n}\noutput "c" {\n  value = data.x.y.z\n}\n'
    known = output(terraform(main=main, m__main=child))
    assert known == '["oet-db", data.x.y.z, "oet-db-1", 40, r.many.id, r.one.part, "<oet-db>", module.m.c]'


def test_a_child_that_is_called_with_two_values_has_none() -> None:
    child = 'variable "name" {\n  default = "d"\n}\noutput "a" {\n  value = var.name\n}\n'
    call = 'module "%s" {\n  source = "./m"\n  name   = %s\n}\n'
    for second, value in (('"x"', '"x"'), ('"y"', "var.name"), ("data.x.y.z", "var.name")):
        found = terraform(main=call % ("one", '"x"') + call % ("two", second), m__main=child)
        assert output(found, "terraform/m") == value
    found = terraform(main='module "one" {\n  source = "./m"\n}\n', m__main=child)
    assert output(found, "terraform/m") == '"d"'


def test_names_that_refer_to_each_other_are_not_known() -> None:
    main = 'locals {\n  b = local.c\n  c = [local.b]\n}\noutput "a" {\n  value = local.b\n}\n'
    assert "local." in output(terraform(main=main))


def test_names_that_repeat_others_stay_names_when_they_grow_too_large() -> None:
    lists = "".join(f"l{number} = [local.l{number - 1}, local.l{number - 1}]\n" for number in range(1, 60))
    texts = "".join(
        f't{number} = "${{local.t{number - 1}}}${{local.t{number - 1}}}"\n' for number in range(1, 60)
    )
    start = time.process_time()
    found = terraform(
        main=f'locals {{\nl0 = 1\nt0 = "xx"\n{lists}{texts}}}\noutput "a" {{\n  value = [local.l59, local.t59]\n}}\n'
    )
    (block,) = found.blocks("output")
    assert not is_known(found.get(block, "value"))
    assert time.process_time() - start < 20


def test_a_block_has_an_address_and_names() -> None:
    text = (
        'resource "a" "b" {}\ndata "a" "b" {}\nvariable "v" {}\nmodule "m" {}\nterraform {}\nterraform {}\n'
    )
    found = terraform(main=text)
    every = found.modules["terraform"].by_address
    assert list(every) == ["a.b", "data.a.b", "variable.v", "module.m", "terraform", "terraform#2"]
    assert [".".join(names(block)) for block in every.values()][:4] == [
        "a.b",
        "data.a.b",
        "var.v",
        "module.m",
    ]
    assert all(address(block) == name.partition("#")[0] for name, block in every.items())
    assert all(isinstance(block, Block) for block in found.by_key.values())


def test_a_module_with_a_file_that_cannot_be_read_is_not_complete() -> None:
    found = terraform(main="locals {\n", m__main="locals {}\n")
    assert [module.is_complete for module in found.modules.values()] == [False, True]


def test_objects_are_found_wherever_they_are_defined() -> None:
    main = 'locals {\n  g = { size = 1 }\n}\nmodule "m" {\n  groups = { main = local.g, list = [{ x = 2 }] }\n}\n'
    found = terraform(main=main)
    (call,) = found.blocks("module")
    paths = [path for path, _ in found.objects(call.get("groups"), ("groups",))]
    assert paths == [("groups",), ("groups", "main"), ("groups", "list")]
    assert found.text(call, "groups", "main", "size") == "1"


def test_a_chain_of_many_operators_is_known_or_stays_code() -> None:
    found = terraform(main=f'output "a" {{\n  value = 1{" + 1" * 900}\n}}\n')
    assert output(found).startswith(("901", "1 + 1"))
