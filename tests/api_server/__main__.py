"""Runs the scripts and the deploy jobs of each environment with kubectl and a Kubernetes API server of this machine.

    python -m tests.api_server FOLDER

Needs etcd, kube-apiserver, kube-controller-manager, kubectl and openssl, on the path or in the folder
KUBEBUILDER_ASSETS. The stand-ins of tests/output answer for AWS, Docker and Helm, and for the logs of a pod, which
no node has.
"""

from __future__ import annotations

import base64
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.api_server.server import Kubelet, Server, missing, program, running
from tests.conftest import ROOT
from tests.output.standins import SHA, Github, Run, StandIns, checkout, run_job, run_script
from tests.output.test_scripts import ANSWERS, NASTY

OUT = ROOT / "out"
SHORT = "40s"  # instead of the minutes that a rollout or a migration may take
GOOD, BETTER, BROKEN = SHA, "1" * 40, "bad" + "0" * 37

# A definition such as the chart of the load balancer controller has.
DEFINITION = """apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Thing, plural: things}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
"""

# kubectl itself, as the user of the config; only the log of a pod comes from a stand-in, since no node has one.
KUBECTL = """#!/bin/bash
arguments=()
for word; do
  [ "$word" != logs ] || exit 0
  case $word in --timeout=*) word=--timeout={short} ;; esac
  arguments+=("$word")
done
{real} --kubeconfig {config} "${{arguments[@]}}"
status=$?
printf '%s\\n' "$*" >> {log}
exit "$status"
"""


def main() -> int:
    absent = missing()
    if absent:
        print(f"missing: {' '.join(absent)}", file=sys.stderr)
        return 2
    scratch = Path(sys.argv[1]).resolve()
    with running(scratch / "server") as server:
        for env in ("prod", "staging", "spec", "dev"):
            Environment(env, server, scratch / env).prove()
    print("the scripts and deploy jobs do with a real API server what they should")
    return 0


@dataclass
class Environment:
    """One environment: its scripts are run by an administrator, its jobs by a user who may edit its namespace."""

    name: str
    server: Server
    scratch: Path
    calls: int = 0

    @property
    def out(self) -> Path:
        return OUT / self.name

    @property
    def namespace(self) -> str:
        found: str = yaml.safe_load((self.out / "k8s/kustomization.yaml").read_text("utf-8"))["namespace"]
        return found

    def prove(self) -> None:
        if self.name == "spec":
            self.server.kubectl("delete", "namespace", self.namespace, "--wait", "--timeout=120s")
        self._bootstrap()
        self._secrets()
        kubelet = Kubelet(self.server, self.namespace)
        kubelet.start()
        try:
            if (self.out / ".github").exists():
                for service in ("frontend", "backend"):
                    self._deploys(service, kubelet)
            else:
                self._apply_by_hand()
        finally:
            kubelet.stop()

    # Scripts

    def _bootstrap(self) -> None:
        run = self._script("bootstrap-cluster.sh", {**ANSWERS, "helm show": DEFINITION})
        assert run.ok, run.said
        labels = self.server.get("namespace", self.namespace)["metadata"]["labels"]
        assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
        assert self.server.get("customresourcedefinition", "things.example.com")
        self.server.kubectl(
            *("create", "rolebinding", "deploy", "--namespace", self.namespace),
            *("--clusterrole=edit", "--user=deploy"),
        )
        print(f"{self.name}: bootstrap-cluster.sh prepares the cluster")

    def _secrets(self) -> None:
        values = {**NASTY, "POSTGRES_PASSWORD": "\x01 ä = , {} #"}
        for _ in range(2):
            run = self._script("create-secrets.sh", {}, user="deploy", **values)
            assert run.ok, run.said
        secret = self.server.get("--namespace", self.namespace, "secret", "oet-secrets")
        stored = {
            key.upper().replace("-", "_"): base64.b64decode(text) for key, text in secret["data"].items()
        }
        assert stored == {name: values[name].encode() for name in stored}
        assert len(stored) >= 6
        assert "kubectl.kubernetes.io/last-applied-configuration" not in secret["metadata"].get(
            "annotations", {}
        )
        print(
            f"{self.name}: create-secrets.sh stores {len(stored)} secrets byte for byte, also the second time"
        )

    def _script(self, name: str, answers: dict[str, str], user: str = "admin", **variables: str) -> Run:
        with self._programs(user) as stand_ins:
            for words, text in answers.items():
                stand_ins.answer(words, text)
            run = run_script(self.out / "scripts" / name, stand_ins, ROOT, **variables)
        self._warnings(run.said)
        return run

    # Deploys

    def _deploys(self, service: str, kubelet: Kubelet) -> None:
        name = f"deployment/oet-{service}"
        first = self._deploy(service, GOOD)
        assert first.ok, first.said
        assert self._image(name).endswith(f":{GOOD}")
        again = self._deploy(service, BETTER)
        assert again.ok, again.said
        assert self._image(name).endswith(f":{BETTER}")
        kubelet.failing = {BROKEN, f"{BROKEN}-migration"}
        failed = self._deploy(service, BROKEN)
        assert not failed.ok
        assert self._image(name).endswith(f":{BETTER}"), failed.said
        migrates = (self.out / f"k8s/{service}-migration.yaml").exists()
        assert ("Go back to the version before" in failed.steps) != migrates, failed.steps
        if migrates:
            self._failing_rollout(service, name, kubelet)
        self.server.kubectl(
            *("rollout", "status", "--namespace", self.namespace, name, "--timeout=60s"), user="deploy"
        )
        after = "the migration, or the rollout," if migrates else "the rollout"
        print(f"{self.name}: {service} is deployed, updated, and kept when {after} fails")

    def _failing_rollout(self, service: str, name: str, kubelet: Kubelet) -> None:
        """The migration succeeds, and the new pods never become ready."""
        kubelet.failing = {f":{BROKEN}"}
        failed = self._deploy(service, BROKEN)
        assert not failed.ok
        assert failed.steps[-1] == "Go back to the version before", failed.said
        assert self._image(name).endswith(f":{BETTER}"), failed.said

    def _deploy(self, service: str, commit: str) -> Run:
        path = next((self.out / ".github/workflows").glob(f"{service}*.yml"))
        job: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))["jobs"]["deploy"]
        root = self.scratch / f"repository-{self.calls}"
        checkout(self.out, f"out/{self.name}", ("backend", "frontend"), root)
        secrets = {**dict.fromkeys(NASTY, "x"), "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
        github = Github(secrets=secrets, github={"sha": commit, "ref": "refs/heads/main"})
        with self._programs("deploy") as stand_ins:
            run = run_job(job, root, stand_ins, github)
        self._warnings(run.said)
        return run

    def _image(self, name: str) -> str:
        found = self.server.get("--namespace", self.namespace, name)
        image: str = found["spec"]["template"]["spec"]["containers"][0]["image"]
        return image

    def _apply_by_hand(self) -> None:
        applied = self.server.kubectl(
            *("apply", "--namespace", self.namespace, "-k", str(self.out / "k8s")), user="deploy"
        )
        print(
            f"{self.name}: {len(applied.splitlines())} objects are applied by a user who may edit the namespace"
        )

    # Programs

    @contextmanager
    def _programs(self, user: str) -> Iterator[StandIns]:
        """Give stand-ins for all programs but kubectl, which is the real one."""
        self.calls += 1
        stand_ins = StandIns(self.scratch / f"stand-ins-{self.calls}")
        kubectl = stand_ins.programs / "kubectl"
        kubectl.unlink()
        log = stand_ins.programs.parent / "kubectl.log"
        names = {"real": program("kubectl"), "config": self.server.config(user), "log": log, "short": SHORT}
        kubectl.write_text(
            KUBECTL.format(**{key: shlex.quote(str(each)) for key, each in names.items()}), "utf-8"
        )
        kubectl.chmod(0o755)
        yield stand_ins

    def _warnings(self, said: str) -> None:
        """No object may be one that the server warns of, such as a pod that a security standard forbids."""
        warned = [line for line in said.splitlines() if line.startswith("Warning:")]
        assert warned == [], warned


if __name__ == "__main__":
    sys.exit(main())
