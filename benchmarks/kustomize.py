"""How long `oetgen render prod` takes, beside `kubectl kustomize` on the manifests that it made.

Both are whole processes, run in turn (A B A B …) in one run of this script, so that what else the machine does
hits both; the ratio of their medians is the result, and seconds are shown only for orientation. Every render
makes all files anew, into a new folder: writing over existing files would measure the file system.

    python benchmarks/kustomize.py [--rounds N]
"""

from __future__ import annotations

import argparse
import compileall
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]


def seconds(command: list[str]) -> float:
    """Return how long a command takes. Raises CalledProcessError when it fails."""
    start = time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=15, help="how often each command runs")
    rounds = parser.parse_args().rounds
    kubectl = shutil.which("kubectl")
    if not kubectl:
        sys.exit("kubectl is not on PATH: there is nothing to compare with")
    compileall.compile_dir(
        ROOT / "generator", quiet=1
    )  # a shell may have told Python to keep no compiled code
    with tempfile.TemporaryDirectory() as scratch:
        commands = {
            "oetgen render prod": lambda n: [
                sys.executable,
                "-m",
                "generator",
                "render",
                "prod",
                "--out",
                f"{scratch}/{n}",
            ],
            "kubectl kustomize out/prod/k8s": lambda n: [kubectl, "kustomize", "out/prod/k8s"],
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        for number in range(-1, rounds):  # round -1 warms the file cache
            for name, command in commands.items():
                took = seconds(command(number))
                if number >= 0:
                    times[name].append(took)
    medians = [statistics.median(each) for each in times.values()]
    for (name, each), median in zip(times.items(), medians, strict=True):
        low, middle, high = (value * 1000 for value in (min(each), median, max(each)))
        print(f"{name:<32} median {middle:6.0f} ms, from {low:.0f} to {high:.0f}, {len(each)} runs")
    print(f"ratio: {medians[0] / medians[1]:.2f}")


if __name__ == "__main__":
    main()
