"""The bootstrap scripts, run with stand-ins for the tools that write down how they were called."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ROOT, Sandbox
from tests.output.test_terraform import ENVIRONMENTS, module, values
from tests.test_stack import add_values, rendered

# Every word of a call ends in one mark, the call itself in another.
STAND_IN = r"""#!/bin/bash
printf '%s\037' "$(basename "$0")" "$@" >> "$CALLS"
printf '\036' >> "$CALLS"
if [[ "$(tr -cd '\036' < "$CALLS" | wc -c)" == "$FAILING" ]]; then exit 1; fi
case "$*" in
  *get-caller-identity*) printf '%s\n' "$ACCOUNT" ;;
  *head-bucket*) [[ $BUCKET == exists ]] ;;
  *describe-cluster*) echo vpc-0123 ;;
  "show crds"*) echo "kind: CustomResourceDefinition" ;;
  *" -f -") grep -q CustomResourceDefinition ;;
esac
"""
ACCOUNT = "123456789012"


@dataclass(frozen=True)
class Run:
    status: int
    printed: str
    calls: list[list[str]]

    def all(self, *words: str) -> list[list[str]]:
        """Return the calls that begin with `words`."""
        return [call for call in self.calls if call[: len(words)] == list(words)]


def run(script: Path, tmp_path: Path, *, failing: int = 0, account: str = ACCOUNT, bucket: str = "") -> Run:
    """Run `script` from elsewhere; the call with the number `failing` fails."""
    tools, calls = tmp_path / "tools", tmp_path / "calls"
    tools.mkdir(exist_ok=True)
    calls.write_text("", "utf-8")
    for name in ("aws", "kubectl", "helm"):
        (tools / name).write_text(STAND_IN, "utf-8")
        (tools / name).chmod(0o755)
    done = subprocess.run(
        [script],
        cwd=tmp_path,
        env={
            "PATH": f"{tools}{os.pathsep}/usr/bin{os.pathsep}/bin",
            "CALLS": str(calls),
            "FAILING": str(failing),
            "ACCOUNT": account,
            "BUCKET": bucket,
        },
        text=True,
        capture_output=True,
        check=False,
    )
    made = calls.read_text("utf-8").split("\036")[:-1]
    return Run(done.returncode, done.stdout, [call.split("\037")[:-1] for call in made])


def script(env: str, name: str) -> Path:
    return ROOT / "out" / env / "scripts" / name


def option(call: list[str], name: str) -> str:
    return call[call.index(name) + 1]


# The state


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_the_bucket_is_named_after_the_project_the_region_and_the_account(env: str, tmp_path: Path) -> None:
    done = run(script(env, "bootstrap-state.sh"), tmp_path)
    assert done.status == 0
    buckets = {option(call, "--bucket") for call in done.all("aws", "s3api")}
    assert buckets == {"oet-terraform-us-east-1-123456789012"}
    (made,) = done.all("aws", "s3api", "create-bucket")
    assert option(made, "--region") == module(env).backend["region"]


def test_the_bucket_is_private_versioned_encrypted_and_takes_tls_only(tmp_path: Path) -> None:
    done = run(script("prod", "bootstrap-state.sh"), tmp_path)
    (public,) = done.all("aws", "s3api", "put-public-access-block")
    assert option(public, "--public-access-block-configuration").count("=true") == 4
    (versions,) = done.all("aws", "s3api", "put-bucket-versioning")
    assert option(versions, "--versioning-configuration") == "Status=Enabled"
    (encryption,) = done.all("aws", "s3api", "put-bucket-encryption")
    assert json.loads(option(encryption, "--server-side-encryption-configuration"))["Rules"]
    (policy,) = done.all("aws", "s3api", "put-bucket-policy")
    (statement,) = json.loads(option(policy, "--policy"))["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    bucket = "arn:aws:s3:::oet-terraform-us-east-1-123456789012"
    assert statement["Resource"] == [bucket, f"{bucket}/*"]


def test_a_bucket_of_somebody_else_is_never_touched(tmp_path: Path) -> None:
    done = run(script("prod", "bootstrap-state.sh"), tmp_path)
    for call in done.all("aws", "s3api"):
        if call[2] != "create-bucket":  # which fails for a name that is taken
            assert option(call, "--expected-bucket-owner") == "123456789012"


def test_a_second_run_makes_no_second_bucket(tmp_path: Path) -> None:
    first = run(script("prod", "bootstrap-state.sh"), tmp_path)
    second = run(script("prod", "bootstrap-state.sh"), tmp_path, bucket="exists")
    assert second.status == 0
    assert second.printed == first.printed
    assert second.calls == [call for call in first.calls if "create-bucket" not in call]


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_it_says_how_to_go_on(env: str, tmp_path: Path) -> None:
    command = shlex.split(run(script(env, "bootstrap-state.sh"), tmp_path).printed.splitlines()[-1])
    folder = f"{values(env)['output']}/terraform"
    bucket = "oet-terraform-us-east-1-123456789012"
    assert command == ["terraform", f"-chdir={folder}", "init", f"-backend-config=bucket={bucket}"]
    assert (ROOT / folder / "backend.tf").is_file()


@pytest.mark.parametrize("account", ["", "None", "12345678901", "123456789012\n123456789012"])
def test_without_an_account_nothing_is_made(account: str, tmp_path: Path) -> None:
    done = run(script("prod", "bootstrap-state.sh"), tmp_path, account=account)
    assert done.status != 0
    assert len(done.calls) == 1


def test_a_bucket_elsewhere_says_where_and_another_partition_has_other_names(
    project: Sandbox, tmp_path: Path
) -> None:
    add_values(project, "prod", "region: us-gov-west-1")
    out = rendered(project)
    done = run(out / "scripts/bootstrap-state.sh", tmp_path)
    assert done.status == 0
    (made,) = done.all("aws", "s3api", "create-bucket")
    assert option(made, "--create-bucket-configuration") == "LocationConstraint=us-gov-west-1"
    (policy,) = done.all("aws", "s3api", "put-bucket-policy")
    assert "arn:aws-us-gov:s3:::" in option(policy, "--policy")


# The cluster


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_the_cluster_gets_its_objects_then_its_controllers(env: str, tmp_path: Path) -> None:
    done = run(script(env, "bootstrap-cluster.sh"), tmp_path)
    assert done.status == 0
    assert [call[:3] for call in done.calls if call[:3] != ["aws", "eks", "describe-cluster"]] == [
        ["aws", "eks", "update-kubeconfig"],
        ["kubectl", "apply", "-k"],
        ["helm", "show", "crds"],
        ["kubectl", "apply", "--server-side"],
        ["helm", "upgrade", "--install"],
        ["helm", "upgrade", "--install"],
    ]
    (objects,) = done.all("kubectl", "apply", "-k")
    assert objects[3:] == ["k8s/cluster"]


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_the_charts_are_pinned_and_waited_for(env: str, tmp_path: Path) -> None:
    done = run(script(env, "bootstrap-cluster.sh"), tmp_path)
    assert {call[3]: option(call, "--version") for call in done.all("helm", "upgrade")} == values(env)[
        "charts"
    ]
    for call in done.all("helm"):
        assert option(call, "--version") == values(env)["charts"][call[3]]
        assert option(call, "--repo").startswith("https://")
    for call in done.all("helm", "upgrade"):
        assert "--wait" in call
        assert option(call, "--timeout") == "5m"


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_the_controllers_run_as_the_service_accounts_that_terraform_gives_a_role(
    env: str, tmp_path: Path
) -> None:
    installed = {
        (option(call, "--namespace"), setting.partition("=")[2])
        for call in run(script(env, "bootstrap-cluster.sh"), tmp_path).all("helm", "upgrade")
        for setting in call
        if "erviceAccount.name=" in setting
    }
    given = {
        (each["namespace"], each["service_account"])
        for each in module(env).of("aws_eks_pod_identity_association").values()
    }
    assert installed == given


def test_the_load_balancer_controller_is_told_its_network_and_keeps_its_certificate(tmp_path: Path) -> None:
    call = run(script("prod", "bootstrap-cluster.sh"), tmp_path).all("helm", "upgrade")[0]
    assert "vpcId=vpc-0123" in call
    assert "clusterName=oet-cluster" in call
    assert "keepTLSSecret=true" in call


# Both


CALLS = [("bootstrap-state.sh", number) for number in (1, 3, 4, 5, 6, 7)]
CALLS += [("bootstrap-cluster.sh", number) for number in range(1, 8)]


@pytest.mark.parametrize(("name", "number"), CALLS)
def test_whatever_fails_stops_the_rest(name: str, number: int, tmp_path: Path) -> None:
    """Call 2 of bootstrap-state.sh only asks whether the bucket is there."""
    whole = run(script("prod", name), tmp_path)
    done = run(script("prod", name), tmp_path, failing=number)
    assert len(whole.calls) == 7
    assert done.calls == whole.calls[:number]
    assert done.status != 0
    assert done.printed == ""
