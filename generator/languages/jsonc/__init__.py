"""JSON with comments, and JSON5: the files whose consumers accept them.

Sources: code.visualstudio.com, "JSON with comments"; typescriptlang.org, "What is a tsconfig.json"; containers.dev,
"Development container metadata"; spec.json5.org.
"""

from __future__ import annotations

BASE = "json"


def recognise(path: str, text: str) -> bool:
    """Return whether the consumer of the file accepts comments and trailing commas."""
    if path.endswith((".json5", ".jsonc")):
        return True
    if not path.endswith((".json", ".swcrc", "babelrc", ".code-workspace")):
        return False
    from generator.languages.json import comments  # most files need none of it

    return comments.allowed(path)


def comment(text: str) -> str:
    """Return `text` as a comment line."""
    return f"// {text}\n"
