"""JSON with comments, and JSON5: the files whose consumers accept them.

Sources: code.visualstudio.com, "JSON with comments"; typescriptlang.org, "What is a tsconfig.json"; containers.dev,
"Development container metadata"; spec.json5.org.
"""

from __future__ import annotations

BASE = "json"


def recognise(path: str, text: str) -> bool:
    """Return whether the consumer of the file accepts comments and trailing commas."""
    from generator.languages.json import comments

    return path.endswith((".json5", ".jsonc")) or comments.allowed(path)


def comment(text: str) -> str:
    """Return `text` as a comment line."""
    return f"// {text}\n"
