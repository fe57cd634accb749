"""What `check` prints, in each of its formats, of a project that is wrong in many ways: the customer's 13 files."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.checks.helpers import TODAY, document
from tests.conftest import ROOT, Sandbox

# The schema of OASIS as published with errata 01, without its line breaks.
SARIF = Path(__file__).parent / "data" / "sarif-schema-2.1.0.json"
COMMAND = ("check", "--no-tools", "--today", TODAY.isoformat())


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    project = document(tmp_path_factory.mktemp("document"))
    reason = '"The document names these versions."'
    project.write("environments/document.yaml", f"checks: [{{warn: checks/support, reason: {reason}}}]\n")
    return project


@pytest.fixture(scope="module")
def printed(project: Sandbox) -> dict[str, str]:
    return {
        form: project.oetgen(*COMMAND, "--format", form).out for form in ("text", "json", "github", "sarif")
    }


def test_json_is_what_its_schema_says(printed: dict[str, str]) -> None:
    schema = json.loads((ROOT / "docs" / "check.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(json.loads(printed["json"]))


def test_the_schema_of_json_refuses_another_shape(printed: dict[str, str]) -> None:
    schema = json.loads((ROOT / "docs" / "check.schema.json").read_text("utf-8"))
    data = json.loads(printed["json"])
    del data["findings"][0]["severity"]
    assert not jsonschema.Draft202012Validator(schema).is_valid(data)


def test_sarif_is_what_its_schema_says(printed: dict[str, str]) -> None:
    schema = json.loads(SARIF.read_text("utf-8"))
    jsonschema.Draft4Validator(schema).validate(json.loads(printed["sarif"]))


def test_all_formats_say_the_same(printed: dict[str, str]) -> None:
    data = json.loads(printed["json"])["findings"]
    expected = [(each["code"], each["path"], each["line"]) for each in data]
    assert len(expected) > 30

    text = re.findall(r"^(\S+):(\d+):\d+: (\w+)\[(\S+)\]", printed["text"], re.MULTILINE)
    shown = [(code, path, int(line)) for path, line, _, code in text]
    stale = [each for each in expected if each[0] in ("committed/stale", "committed/missing")]
    assert sorted(shown) == sorted(each for each in expected if each not in stale), "the worst first"
    assert (
        len(re.findall(r"^error\[committed/missing\].*Run: oetgen render document$", printed["text"], re.M))
        == 1
    )

    commands = re.findall(r"^::\w+ file=(.+?),line=(\d+),.*?title=(.+?)::", printed["github"], re.MULTILINE)
    assert [(code.replace("%3A", ":"), path, int(line)) for path, line, code in commands] == expected

    results = json.loads(printed["sarif"])["runs"][0]["results"]
    assert [_of_sarif(each) for each in results] == expected


def _of_sarif(result: dict[str, Any]) -> tuple[str, str, int]:
    from urllib.parse import unquote

    place = result["locations"][0]["physicalLocation"]
    return result["ruleId"], unquote(place["artifactLocation"]["uri"]), place["region"]["startLine"]


def test_sarif_links_every_place_of_a_finding(printed: dict[str, str]) -> None:
    assert {"seen", "fix", "source"} <= _linked(printed["json"], printed["sarif"])


def test_sarif_links_the_values_to_change(small: Sandbox) -> None:
    base = small.read("environments/base.yaml").partition("checks:")[0]
    small.write("environments/base.yaml", base)
    data, sarif = (small.oetgen(*COMMAND, "--format", form).out for form in ("json", "sarif"))
    assert {"set", "seen", "fix"} <= _linked(data, sarif)
    jsonschema.Draft4Validator(json.loads(SARIF.read_text("utf-8"))).validate(json.loads(sarif))


def _linked(data: str, sarif: str) -> set[str]:
    """Compare the places of findings with the fields of SARIF, and return the labels of the places."""
    findings = json.loads(data)["findings"]
    results = json.loads(sarif)["runs"][0]["results"]
    labels: set[str] = set()
    for finding, result in zip(findings, results, strict=True):
        related = {each["id"]: each for each in result.get("relatedLocations", [])}
        text = result["message"]["text"].split("\n")[0]
        assert text == finding["message"].split("\n")[0]
        for form in ("text", "markdown"):
            numbers = [int(each) for each in re.findall(r"\]\((\d+)\)", result["message"][form])]
            assert set(numbers) <= related.keys()
            shown = [_place(related[each]) for each in numbers]
            places = [each for each in finding["places"] if each["path"]]
            assert shown == [(each["label"], each["path"], each["line"], each["value"]) for each in places]
            labels.update(each["label"] for each in finding["places"])
        assert result["properties"].get("fix", "") == finding["hint"]
        sources = [
            each["text"] for each in finding["places"] if each["label"] == "source" and not each["path"]
        ]
        assert result["properties"].get("sources", []) == sources
    return labels


def _place(related: dict[str, Any]) -> tuple[str, str, int, str]:
    from urllib.parse import unquote

    place = related["physicalLocation"]
    value = related.get("logicalLocations", [{"fullyQualifiedName": ""}])[0]["fullyQualifiedName"]
    label = related["message"]["text"].partition(":")[0]
    return label, unquote(place["artifactLocation"]["uri"]), place["region"]["startLine"], value


def test_a_second_run_prints_the_same(project: Sandbox, printed: dict[str, str]) -> None:
    assert project.oetgen(*COMMAND, "--format", "json").out == printed["json"]


def test_the_summary_counts_what_is_printed(printed: dict[str, str]) -> None:
    data = json.loads(printed["json"])
    severities = [each["severity"] for each in data["findings"]]
    assert data["summary"]["errors"] == severities.count("error")
    assert data["summary"]["warnings"] == severities.count("warning")
    counts = f"{severities.count('error')} errors, {severities.count('warning')} warnings"
    verdict = next(iter(printed["text"].split("\n")))
    assert re.fullmatch(rf"\d+ files of document: {counts}( \(\d+ accepted\))?", verdict)
    assert printed["text"].endswith(f"\n{verdict}\n")


def test_a_message_with_line_breaks_stays_one_command(printed: dict[str, str]) -> None:
    commands = [line for line in printed["github"].splitlines() if line.startswith("::")]
    assert any("%0A" in line for line in commands)
    assert len(commands) == len(json.loads(printed["json"])["findings"])
