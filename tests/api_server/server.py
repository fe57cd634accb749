"""A Kubernetes API server of this machine: etcd, kube-apiserver and kube-controller-manager, without nodes.

No kubelet runs the pods. `Kubelet` says of each what one would report: that a container is ready, or that it failed.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROGRAMS = ("etcd", "kube-apiserver", "kube-controller-manager", "kubectl", "openssl")
_ADDRESS = "127.0.0.1"
_CONTROLLERS = (
    "deployment-controller,replicaset-controller,job-controller,namespace-controller,serviceaccount-controller,"
    "serviceaccount-token-controller,garbage-collector-controller,disruption-controller,endpointslice-controller,"
    "clusterrole-aggregation-controller,root-ca-certificate-publisher-controller"
)


def missing() -> list[str]:
    """Return the programs that are not installed; KUBEBUILDER_ASSETS may name their folder."""
    return [name for name in PROGRAMS if not shutil.which(name, path=_path())]


def _path() -> str:
    return f"{os.environ.get('KUBEBUILDER_ASSETS', '')}:{os.environ['PATH']}"


def program(name: str) -> str:
    """Return the path of a program."""
    found = shutil.which(name, path=_path())
    assert found, f"{name} is not installed"
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_ADDRESS, 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True)
class Server:
    """A running API server: where it is, and the tokens of its users."""

    url: str
    folder: Path
    users: Mapping[str, str]

    def config(self, user: str) -> Path:
        """Return the kubeconfig of a user."""
        path = self.folder / f"{user}.kubeconfig"
        cluster = {"server": self.url, "certificate-authority": str(self.folder / "apiserver.crt")}
        data = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "test", "cluster": cluster}],
            "users": [{"name": user, "user": {"token": self.users[user]}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": user}}],
            "current-context": "test",
        }
        path.write_text(json.dumps(data), "utf-8")
        return path

    def kubectl(self, *words: str, user: str = "admin", stdin: str = "") -> str:
        """Run kubectl as a user, and return what it prints; fail with what it reports."""
        command = [program("kubectl"), "--kubeconfig", str(self.config(user)), *words]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{' '.join(words)}: {done.stderr}"
        assert "Warning:" not in done.stderr, done.stderr
        return done.stdout

    def get(self, *words: str) -> Any:
        """Return an object, or the objects of a kind."""
        return json.loads(self.kubectl("get", *words, "-o", "json"))


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    """Start an API server whose data are in `folder`, and stop it again."""
    folder.mkdir(parents=True)
    users = {name: secrets.token_hex(16) for name in ("admin", "deploy")}
    lines = [f'{users["admin"]},admin,1,"system:masters"', f"{users['deploy']},deploy,2"]
    (folder / "tokens.csv").write_text("\n".join(lines) + "\n", "utf-8")
    subprocess.run(
        [program("openssl"), "genrsa", "-out", str(folder / "accounts.key"), "2048"],
        check=True,
        capture_output=True,
    )
    store, peers, port = _free_port(), _free_port(), _free_port()
    server = Server(f"https://{_ADDRESS}:{port}", folder, users)
    commands = [_etcd(folder, store, peers), _api_server(folder, store, port), _controllers(server)]
    started: list[subprocess.Popen[bytes]] = []
    try:
        for number, command in enumerate(commands):
            with (folder / f"{number}.log").open("wb") as log:
                started.append(subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=folder))
            if number == 1:
                _wait_until_ready(server, started[-1])
        yield server
    finally:
        for process in reversed(started):
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def _etcd(folder: Path, store: int, peers: int) -> list[str]:
    client, peer = f"http://{_ADDRESS}:{store}", f"http://{_ADDRESS}:{peers}"
    return [
        program("etcd"),
        f"--data-dir={folder / 'etcd'}",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
        "--unsafe-no-fsync",
    ]


def _api_server(folder: Path, store: int, port: int) -> list[str]:
    return [
        program("kube-apiserver"),
        f"--etcd-servers=http://{_ADDRESS}:{store}",
        f"--bind-address={_ADDRESS}",
        f"--secure-port={port}",
        f"--cert-dir={folder}",
        f"--token-auth-file={folder / 'tokens.csv'}",
        "--authorization-mode=RBAC",
        f"--service-account-key-file={folder / 'accounts.key'}",
        f"--service-account-signing-key-file={folder / 'accounts.key'}",
        "--service-account-issuer=https://kubernetes.default.svc",
        "--service-cluster-ip-range=10.96.0.0/16",
    ]


def _controllers(server: Server) -> list[str]:
    config = str(server.config("admin"))
    return [
        program("kube-controller-manager"),
        f"--kubeconfig={config}",
        f"--authentication-kubeconfig={config}",
        f"--authorization-kubeconfig={config}",
        "--authentication-skip-lookup",
        "--secure-port=0",
        "--leader-elect=false",
        f"--service-account-private-key-file={server.folder / 'accounts.key'}",
        f"--controllers={_CONTROLLERS}",
    ]


def _wait_until_ready(server: Server, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 180
    while time.monotonic() < end:
        assert process.poll() is None, (server.folder / "1.log").read_text("utf-8", "replace")[-2000:]
        command = [program("kubectl"), "--kubeconfig", str(server.config("admin")), "get", "--raw", "/readyz"]
        is_there = (server.folder / "apiserver.crt").exists()
        if is_there and subprocess.run(command, capture_output=True, check=False).returncode == 0:
            return
        time.sleep(1)
    raise AssertionError("the API server is not ready after three minutes")


class Kubelet(threading.Thread):
    """Reports the state of each pod: ready, or succeeded; or failed, if its image ends with one of `failing`."""

    def __init__(self, server: Server, namespace: str) -> None:
        super().__init__(daemon=True)
        self._server, self._namespace = server, namespace
        self._stopped = threading.Event()
        self.failing: set[str] = set()

    def run(self) -> None:
        while not self._stopped.wait(0.5):
            for pod in self._server.get("--namespace", self._namespace, "pods")["items"]:
                self._report(pod)

    def stop(self) -> None:
        self._stopped.set()
        self.join()

    def _report(self, pod: Mapping[str, Any]) -> None:
        if pod.get("status", {}).get("phase") != "Pending":
            return
        ends = pod["spec"]["restartPolicy"] == "Never"
        fails = any(each["image"].endswith(tuple(self.failing)) for each in pod["spec"]["containers"])
        if fails and not ends:
            return  # never ready
        phase = ("Failed" if fails else "Succeeded") if ends else "Running"
        ready = "False" if ends else "True"
        conditions = [{"type": kind, "status": ready} for kind in ("Ready", "ContainersReady", "Initialized")]
        status = {"phase": phase, "conditions": conditions}
        self._server.kubectl(
            *("patch", "--namespace", self._namespace, f"pod/{pod['metadata']['name']}"),
            *("--subresource=status", "--type=merge", "--patch", json.dumps({"status": status})),
        )
