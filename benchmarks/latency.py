"""How long an editor waits, as ratios to `kubectl kustomize out/prod/k8s`: `python -m benchmarks.latency [ROUNDS]`.

Both are measured in alternation. The answers come from the editor's room, in this process, as they do in a server.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from generator.editor import templates, values
from generator.editor.workspace import Workspace

ROOT = Path(__file__).parents[1]
_VALUES = "environments/prod.yaml"
_TEMPLATE = "templates/k8s/{service}-deployment.yaml.j2"
# What is waited for, and the largest ratio that is acceptable for 95 of 100 times.
_MUST = {
    "a keystroke in a values file: schema, types, encoding": 0.4,
    "a keystroke in a template": 0.4,
    "completion": 0.15,
    "hover": 0.15,
    "the rules, when nothing is typed": 1.5,
}


def main() -> None:
    """Measure each of them, and print the ratios."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    workspace = Workspace(ROOT)
    workspace.analyse()
    workspace.examine()
    texts = {path: (ROOT / path).read_text("utf-8") for path in (_VALUES, _TEMPLATE)}
    line = next(
        number for number, text in enumerate(texts[_TEMPLATE].split("\n")) if "{{ service.replicas" in text
    )
    column = texts[_TEMPLATE].split("\n")[line].index("replicas") + 3
    works: dict[str, Callable[[int], object]] = {
        "a keystroke in a values file: schema, types, encoding": partial(_type, workspace, _VALUES, texts),
        "a keystroke in a template": partial(_type, workspace, _TEMPLATE, texts),
        "completion": lambda _: list(
            templates.complete(workspace.snapshot, _TEMPLATE, texts[_TEMPLATE], line, column)
        ),
        "hover": lambda _: values.hover(workspace.snapshot, texts[_VALUES], 7),
        "the rules, when nothing is typed": lambda _: workspace.examine(),
    }
    ratios: dict[str, list[float]] = {name: [] for name in works}
    for number in range(rounds):
        unit = _seconds(_kustomize, number)
        for name, work in works.items():
            ratios[name].append(_seconds(work, number) / unit)
    print("median  95 of 100  must  what")
    for name, found in ratios.items():
        ordered = sorted(found)
        print(
            f"{ordered[len(found) // 2]:6.2f}  {ordered[int(len(found) * 0.95)]:9.2f}  {_MUST[name]:4}  {name}"
        )


def _kustomize(_: int) -> None:
    subprocess.run(["kubectl", "kustomize", ROOT / "out/prod/k8s"], stdout=subprocess.DEVNULL)


def _type(workspace: Workspace, path: str, texts: dict[str, str], number: int) -> None:
    comment = f"# {number}" if path == _VALUES else f"{{# {number} #}}"
    workspace.change(path, f"{texts[path]}{comment}\n")
    workspace.analyse(focus="prod")


def _seconds(work: Callable[[int], object], number: int) -> float:
    start = time.perf_counter()
    work(number)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
