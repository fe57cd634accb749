"""Tables of cron.

Source: man7.org, crontab(5).
"""

from __future__ import annotations


def recognise(path: str, text: str) -> bool:
    """Return whether the file has a usual name of tables of cron."""
    folder, _, name = path.rpartition("/")
    return (
        name == "crontab"
        or name.endswith((".cron", ".crontab"))
        or (folder.endswith("cron.d") and "." not in name)
    )


def comment(text: str) -> str:
    """Return `text` as a comment line."""
    return f"# {text}\n"
