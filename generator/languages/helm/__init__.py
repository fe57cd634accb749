"""Templates of Helm charts: text with actions of Go's templates, from which Helm makes YAML.

Source: helm.sh, "The Chart Template Developer's Guide".
"""

from __future__ import annotations

BASE = "text"

_ENDINGS = (".yaml", ".yml", ".tpl", ".txt")


def recognise(path: str, text: str) -> bool:
    """Return whether the file is in a folder of templates and has an action, or a name that Helm knows."""
    folder, _, name = path.rpartition("/")
    if "/templates/" not in f"/{folder}/":
        return False
    return name.endswith((".tpl", "NOTES.txt")) or (name.endswith(_ENDINGS) and "{{" in text)


def comment(text: str) -> str:
    """Return `text` as a comment of Go's templates, which leaves nothing in the output."""
    return f"{{{{- /* {text.replace('*/', '* /')} */}}}}\n"
