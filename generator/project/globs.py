"""Patterns of paths, as `oetgen.yaml` has them."""

from __future__ import annotations

import re
from functools import lru_cache


def matches(pattern: str, path: str) -> bool:
    """Return whether a path matches: `*` and `?` match within a folder, `**` across folders.

    A pattern without a slash is for files of that name in every folder.
    """
    return bool(_compiled(pattern).fullmatch(path))


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    anywhere = "" if "/" in pattern else "(?:[^/]+/)*"
    return re.compile(
        anywhere + "".join(map(_part, re.findall(r"\*\*/|\*\*|\*+|\?|\[!?[^\]/]+\]|.", pattern, re.DOTALL)))
    )


def _part(part: str) -> str:
    if part[0] == "[" and len(part) > 2:
        body = part[1:-1]
        negated, body = ("^/", body[1:]) if body[0] == "!" else ("", body)
        return "[" + negated + re.sub(r"([\\\[\]^&~|])", r"\\\1", body) + "]"
    known = {"**/": "(?:[^/]+/)*", "**": ".*", "?": "[^/]"}
    return known.get(part) or ("[^/]*" if part[0] == "*" else re.escape(part))
