"""The CloudWatch agent's configuration: sections that the agent knows, the same data wherever it is put."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT, Sandbox
from tests.output.test_terraform import ENVIRONMENTS, module, read, values
from tests.test_stack import add_values, rendered

# What the agent (amazon-cloudwatch-agent, translator/config/schema.json and the list of its metrics) knows, as far as
# the configuration goes into it. An unknown name stops the agent in `logs`, and collects nothing in `metrics`.
SECTIONS = {"agent", "metrics", "logs", "traces", "opentelemetry"}
LOGS = {"logs_collected", "metrics_collected", "log_stream_name", "force_flush_interval"}
LOG_SOURCES = {"files", "windows_events", "journald", "application_signals"}
KUBERNETES = {"cluster_name", "metrics_collection_interval"}
METRICS = {
    "cpu": {"usage_active", "usage_idle", "usage_iowait", "usage_steal", "usage_system", "usage_user"},
    "mem": {"active", "available", "available_percent", "free", "total", "used", "used_percent"},
}


def unknown(configuration: Any) -> list[str]:
    """Return what the agent does not know, or does not read."""
    found = [f"section {name}" for name in set(configuration) - SECTIONS]
    logs, metrics = configuration["logs"], configuration["metrics"]
    found += [f"logs.{name}" for name in set(logs) - LOGS]
    found += [f"logs.logs_collected.{name}" for name in set(logs.get("logs_collected", {})) - LOG_SOURCES]
    found += [f"kubernetes.{name}" for name in set(logs["metrics_collected"]["kubernetes"]) - KUBERNETES]
    for name, section in metrics["metrics_collected"].items():
        known = {f"{name}_{measurement}" for measurement in METRICS.get(name, ())}
        found += [f"{name}.{measurement}" for measurement in set(section["measurement"]) - known]
    return sorted(found)


def configuration(env: str) -> Any:
    """Return what the add-on is given, or else what the ConfigMap holds."""
    if values(env)["monitoring"]["addon"]:
        return module(env).locals["cloudwatch_agent"]
    return configmap((ROOT / "out" / env / "k8s/monitoring.yaml").read_text("utf-8"))


def configmap(text: str) -> Any:
    return json.loads(yaml.safe_load(text)["data"]["cwagentconfig.json"])


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_the_agent_knows_every_section_and_every_measurement(env: str) -> None:
    assert unknown(configuration(env)) == []


def test_the_agent_does_not_know_what_the_document_says() -> None:
    document = configmap((ROOT / "tests/spec/document/k8s/monitoring.yaml").read_text("utf-8"))
    document["logs"]["metrics_collected"] = {"kubernetes": {}}
    assert unknown(document) == ["logs.logs_collected.kubernetes", "memory.mem_used_percent"]


MISTAKES: dict[str, Callable[[Any], object]] = {
    "section metric": lambda each: each.update(metric={}),
    "logs.kubernetes": lambda each: each["logs"].update(kubernetes={}),
    "kubernetes.log_group_name": lambda each: each["logs"]["metrics_collected"]["kubernetes"].update(
        log_group_name="x"
    ),
    "cpu.cpu_idle": lambda each: each["metrics"]["metrics_collected"]["cpu"]["measurement"].append(
        "cpu_idle"
    ),
}


@pytest.mark.parametrize(("said", "mistake"), MISTAKES.items(), ids=MISTAKES)
def test_a_mistake_is_noticed(said: str, mistake: Callable[[Any], object]) -> None:
    broken = copy.deepcopy(configuration("prod"))
    mistake(broken)
    assert unknown(broken) == [said]


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_it_says_the_cluster_the_namespace_and_the_interval_of_the_values(env: str) -> None:
    found = configuration(env)
    wanted = values(env)["monitoring"]
    assert found["logs"]["metrics_collected"]["kubernetes"] == {
        "cluster_name": module(env).calls["eks"]["cluster_name"],
        "metrics_collection_interval": wanted["interval"],
    }
    assert found["metrics"]["namespace"] == wanted["metrics_namespace"]
    assert {
        each["metrics_collection_interval"] for each in found["metrics"]["metrics_collected"].values()
    } == {wanted["interval"]}


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_either_the_add_on_or_the_config_map_has_it(env: str) -> None:
    addons = module(env).locals["cluster_addons"]
    by_addon = values(env)["monitoring"]["addon"]
    assert ("amazon-cloudwatch-observability" in addons) is by_addon
    assert ("cloudwatch_agent" in module(env).locals) is by_addon
    assert (ROOT / "out" / env / "k8s/monitoring.yaml").exists() is not by_addon
    if by_addon:
        given = addons["amazon-cloudwatch-observability"]["configuration_values"]
        assert "config = local.cloudwatch_agent" in given
        # What it would add to a pod, the Pod Security Standard of the namespace does not allow
        assert "autoMonitor = { monitorAllServices = false }" in given


def test_the_data_are_the_same_in_both_places(project: Sandbox) -> None:
    with_addon = read(rendered(project) / "terraform").locals["cloudwatch_agent"]
    add_values(project, "prod", "monitoring: {addon: false}")
    without = (rendered(project) / "k8s/monitoring.yaml").read_text("utf-8")
    assert configmap(without) == with_addon


@pytest.mark.parametrize("env", ["dev", "prod", "staging"])
def test_logs_of_containers_are_kept_for_a_while_and_apart_from_those_of_the_control_plane(env: str) -> None:
    groups = module(env).of("aws_cloudwatch_log_group")
    cluster = module(env).calls["eks"]["cluster_name"]
    assert groups["containers"]["name"] == f"/aws/containerinsights/{cluster}/each.key"
    assert groups["containers"]["for_each"] == 'toset(["application", "dataplane", "host", "performance"])'
    days = {group["retention_in_days"] for group in groups.values()}
    days.add(module(env).calls["eks"]["cloudwatch_log_group_retention_in_days"])
    assert days == {values(env)["monitoring"]["log_retention_days"]}


@pytest.mark.parametrize("env", ["prod", "spec", "staging"])
def test_logs_of_the_database_are_kept_for_a_while(env: str) -> None:
    database = module(env).of("aws_db_instance")["postgres"]
    group = module(env).of("aws_cloudwatch_log_group")["postgres"]
    exported = ", ".join(f'"{each}"' for each in database["enabled_cloudwatch_logs_exports"])
    assert group["name"] == f"/aws/rds/instance/{database['identifier']}/each.key"
    assert group["for_each"] == f"toset([{exported}])"
