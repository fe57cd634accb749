"""SQL scripts.

Sources: postgresql.org, "Lexical Structure"; sqlite.org, "SQL Language Expressions";
dev.mysql.com, "String Literals".
"""

from __future__ import annotations


def recognise(path: str, text: str) -> bool:
    """Return whether the file ends as scripts of SQL do."""
    return path.endswith((".sql", ".ddl", ".pgsql"))


def comment(text: str) -> str:
    """Return `text` as a comment line."""
    return f"-- {text}\n"
