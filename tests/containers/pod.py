"""Runs the pod of a rendered manifest: first its init containers, then its container.

Each runs as the user and with the mounts that the manifest says. As in Kubernetes, a container whose root is
read-only can write to its volumes alone, and an `emptyDir` belongs to the group `fsGroup`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.containers.image import OWN, Image, sandbox

Object = dict[str, Any]


class PodError(Exception):
    """A pod does not do what its manifest promises."""


@dataclass
class Running:
    """A container that runs, and where its log is."""

    process: subprocess.Popen[bytes]
    log: Path
    container: Object

    @property
    def text(self) -> str:
        return self.log.read_text("utf-8", "replace")

    def get(self, path: str) -> tuple[int, str]:
        """Return the status and the body of a request."""
        port = self.container["ports"][0]["containerPort"]
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    def wait(self, name: str, status: int = 200) -> float:
        """Wait until a probe gets this status, at most for as long as Kubernetes would, and return the seconds."""
        probe = self.container[name]
        start, limit = time.monotonic(), probe["periodSeconds"] * probe.get("failureThreshold", 3)
        limit += probe.get("initialDelaySeconds", 0)
        while time.monotonic() - start < limit:
            if self.get(probe["httpGet"]["path"])[0] == status:
                return time.monotonic() - start
            if self.process.poll() is not None:
                break
            time.sleep(0.2)
        raise PodError(f"{name} had no answer {status} within {limit} s:\n{self.text}")


@contextmanager
def running(pod: Object, image: Image, secrets: Mapping[str, str], scratch: Path) -> Iterator[Running]:
    """Run the pod until the block ends; then it must stop by itself on SIGTERM, within its grace period."""
    volumes = _volumes(pod, scratch)
    for container in pod.get("initContainers", []):
        subprocess.run(_command(pod, container, image, secrets, volumes), check=True)
    (container,) = pod["containers"]
    log = scratch / f"{container['name']}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            _command(pod, container, image, secrets, volumes), stdout=output, stderr=subprocess.STDOUT
        )
    try:
        yield Running(process, log, container)
        _stop(process, pod.get("terminationGracePeriodSeconds", 30))
    finally:
        process.kill()
        process.wait()


def run(pod: Object, image: Image, secrets: Mapping[str, str], scratch: Path) -> None:
    """Run the one container of a Job to its end."""
    (container,) = pod["containers"]
    subprocess.run(_command(pod, container, image, secrets, _volumes(pod, scratch)), check=True)


def _stop(process: subprocess.Popen[bytes], grace: int) -> None:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text("utf-8").split()
    for child in children:
        for inner in Path(f"/proc/{child}/task/{child}/children").read_text("utf-8").split():
            os.kill(int(inner), signal.SIGTERM)
    try:
        process.wait(grace)
    except subprocess.TimeoutExpired as error:
        raise PodError(f"it does not stop within {grace} s of SIGTERM") from error


def _volumes(pod: Object, scratch: Path) -> dict[str, Path]:
    folders = {}
    for volume in pod.get("volumes", []):
        assert set(volume) == {"name", "emptyDir"}, volume
        folder = scratch / "volumes" / volume["name"]
        folder.mkdir(parents=True)
        os.chown(folder, 0, pod["securityContext"]["fsGroup"])
        folder.chmod(0o2777)
        folders[volume["name"]] = folder
    return folders


def _command(
    pod: Object, container: Object, image: Image, secrets: Mapping[str, str], volumes: Mapping[str, Path]
) -> list[str]:
    security = {**pod["securityContext"], **container.get("securityContext", {})}
    option = "--ro-bind" if security.get("readOnlyRootFilesystem") else "--bind"
    mounts = [(option, image.root / name, f"/{name}") for name in OWN]
    mounts += [
        ("--bind", volumes[mount["name"]] / mount.get("subPath", ""), mount["mountPath"])
        for mount in container.get("volumeMounts", [])
    ]
    env = image.env | {each["name"]: _value(each, secrets) for each in container.get("env", [])}
    user = f"{security['runAsUser']}:{security['runAsGroup']}"
    words = [*container.get("command", image.command), *container.get("args", [])]
    return [*sandbox(image, mounts, env, user), *words]


def _value(entry: Object, secrets: Mapping[str, str]) -> str:
    if "value" in entry:
        return str(entry["value"])
    return secrets[entry["valueFrom"]["secretKeyRef"]["key"]]
