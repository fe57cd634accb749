"""A project that is as small as one can be of which a render creates, changes, keeps and deletes files."""

from __future__ import annotations

from pathlib import Path

SCHEMA = """{"type": "object", "additionalProperties": false, "required": ["name", "copies", "extra"],
"properties": {"name": {"type": "string"}, "copies": {"type": "integer"}, "extra": {"type": "boolean"}}}"""
TEMPLATES = {
    "k8s/kept.yaml": "kept: true\n",
    "k8s/changed.yaml": "name: {{ name }}\ncopies: {{ copies }}\n",
    "k8s/old/deleted.yaml": "{% if extra %}\nname: {{ name }}\n{% endif %}\n",
    "new/created.yaml": "{% if not extra %}\nname: {{ name }}\n{% endif %}\n",
    "changed.sh": "#!/bin/sh\necho {{ name }}\n",
}
CHECKS = 'checks: [{skip: "checks/*", reason: "These files are written and not used."}]\n'


def make(root: Path) -> None:
    """Write the project below `root`, with the environments prod and test."""
    (root / "environments").mkdir(parents=True)
    (root / "environments" / "schema.json").write_text(SCHEMA)
    (root / "environments" / "prod.yaml").write_text("{}\n")
    (root / "environments" / "test.yaml").write_text("{}\n")
    values(root, "one", 2, True)
    for path, text in TEMPLATES.items():
        target = root / "templates" / f"{path}.j2"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)


def values(root: Path, name: str, copies: int, extra: bool) -> None:
    """Set the values of the project."""
    text = f"name: {name}\ncopies: {copies}\nextra: {str(extra).lower()}\n{CHECKS}"
    (root / "environments" / "base.yaml").write_text(text)
