"""nginx's configuration.

Sources: nginx.org, "Beginner's Guide", and src/core/ngx_conf_file.c, `ngx_conf_read_token`.
"""

from __future__ import annotations

import re

_FOLDERS = ("nginx/", "sites-available/", "sites-enabled/")
# Compiled when a file needs it.
_BLOCK = r"^[ \t]*(?:server|http|upstream \S+|location [^\n{]+|events)[ \t]*\{"


def recognise(path: str, text: str) -> bool:
    """Return whether the file has a name of nginx's, or is a `.conf` with a block of nginx."""
    folder, _, name = path.rpartition("/")
    if name.endswith((".nginx", ".vhost")) or name in ("fastcgi_params", "uwsgi_params", "proxy_params"):
        return True
    if not name.endswith((".conf", ".conf.template")):
        return f"{folder}/".endswith(_FOLDERS[1:]) and "." not in name
    return (
        "nginx" in name
        or any(part in f"{folder}/" for part in _FOLDERS)
        or bool(re.search(_BLOCK, text, re.MULTILINE))
    )


def comment(text: str) -> str:
    """Return `text` as a comment line."""
    return f"# {text}\n"
