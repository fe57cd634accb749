"""Files of variables, `.env`, as Docker Compose, python-dotenv and Node's dotenv read them.

Sources: docs.docker.com, "Set environment variables: interpolation"; github.com/theskumar/python-dotenv, "File
format"; github.com/motdotla/dotenv, "What rules does the parsing engine follow?".
"""

from __future__ import annotations

_OTHERS = (".sh", ".py", ".js", ".ts", ".json", ".yaml", ".yml", ".toml", ".tf", ".md", ".txt", ".conf")


def recognise(path: str, text: str) -> bool:
    """Return whether the file has a usual name of such files: `.env`, `prod.env`, `.env.prod`."""
    name = path.rpartition("/")[2]
    return name.endswith(".env") or (name.startswith(".env.") and not name.endswith(_OTHERS))


def comment(text: str) -> str:
    """Return `text` as a comment line."""
    return f"# {text}\n"
