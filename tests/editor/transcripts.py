"""Every feature of the language server on real projects: the messages, as transcripts that a person can read."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.conftest import ROOT, copy_project
from tests.editor.client import editing
from tests.editor.features import FEATURES, Places
from tests.editor.messages import Message, problems, transcript
from tests.editor.recorder import recorded

TRANSCRIPTS = Path(__file__).parent / "transcripts"
PROJECTS = {
    "go-gke": Places(
        values="environments/prod.yaml",
        value=("webhooks: {max_", "instances: 50}"),
        mistake=("replicas: 2, memory: 256Mi", "replica: 2, memory: 256Mi"),
        template="templates/cloudrun/webhooks.yaml.j2",
        use=("{{ webhooks.max_", "instances }}"),
        line="      timeoutSeconds: {{ webhooks.timeout }}\n",
        renamed=("{{ webhooks.con", "currency }}"),
        output="out/prod/cloudrun/webhooks.yaml",
        other="dev",
        environment="prod",
    ),
    "stack": Places(
        values="environments/prod.yaml",
        value=("rds: {instance_", "class: db.t3.small"),
        mistake=("elasticache: {replicas: 1}", "elasticache: {replica: 1}"),
        template="templates/k8s/{service}-deployment.yaml.j2",
        use=("maxSurge: {{ rollout.max_", "surge }}"),
        line="      terminationGracePeriodSeconds: 45\n",
        renamed=("maxSurge: {{ rollout.max_", "surge }}"),
        output="out/prod/k8s/backend-deployment.yaml",
        other="staging",
        environment="prod",
    ),
}


def check_transcripts(name: str, folder: Path, *, update: bool) -> None:
    """Use every feature in a copy of a project below `folder`, and compare the messages with the golden files."""
    project = copy_project(ROOT if name == "stack" else ROOT / "examples" / name, folder / "project")
    project.oetgen("render", "--all")
    root = project.root
    sessions = asyncio.run(asyncio.wait_for(_sessions(root, folder / "log", PROJECTS[name]), 300))
    assert not list(problems(recorded(folder / "log")))
    for feature, messages in sessions.items():
        golden, text = TRANSCRIPTS / name / f"{feature}.yaml", transcript(messages, root)
        if update:
            golden.parent.mkdir(parents=True, exist_ok=True)
            golden.write_text(text, "utf-8")
        assert text == golden.read_text("utf-8"), feature


async def _sessions(root: Path, log: Path, at: Places) -> dict[str, list[Message]]:
    """Return the messages of each feature."""
    found: dict[str, list[Message]] = {}
    async with editing(root, log=log, hinted=at.environment) as editor:
        editor.open(at.values)
        editor.open(at.template)
        await editor.settled(at.values)
        for feature, steps in FEATURES.items():
            start = len(recorded(log))
            await steps(editor, at)
            await editor.settled(at.values)  # so that what came before is recorded
            found[feature] = recorded(log)[start:]
    return found
