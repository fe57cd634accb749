"""The patterns of `branches`, `tags` and `paths`: what makes one invalid.

Sources: docs.github.com, "Workflow syntax for GitHub Actions", filter pattern cheat sheet; git-check-ref-format(1)
for what no branch or tag can contain.
"""

from __future__ import annotations

import re

_REF = re.compile(r"refs/(?:heads|tags)/")
_NO_REF = " \t~^:\\"
_SET = re.compile(r"\[(?P<members>[^\]]*)\]")
_RANGE = re.compile(r"(.)-(.)")
_ESCAPE = re.compile(r"\\[\[?*+\\!]")


def problem(pattern: str, *, is_path: bool) -> tuple[int, str] | None:
    """Return the offset and a description of the first mistake in a pattern, or None."""
    body = pattern.removeprefix("!")
    start = len(pattern) - len(body)
    if not body:
        return 0, "the pattern is empty"
    found = _path_problem(body) if is_path else _ref_problem(body)
    found = found or _syntax_problem(body)
    return (found[0] + start, found[1]) if found else None


def _path_problem(body: str) -> tuple[int, str] | None:
    if body != body.strip():
        return 0, "a path does not begin or end with a space"
    if body in (".", "..") or body.startswith(("./", "../")):
        return 0, "a path is relative to the root of the repository, without . or .."
    return None


def _ref_problem(body: str) -> tuple[int, str] | None:
    if found := _REF.match(body):
        return 0, f"a branch or tag is written without {found[0]}"
    plain = _ESCAPE.sub(lambda escape: "_" * len(escape[0]), body)
    for index, char in enumerate(plain):
        if char in _NO_REF or ord(char) < 0x20:
            name = "a space" if char == " " else char if char.isprintable() else repr(char)[1:-1]
            return index, f"no branch or tag contains {name}; a pattern is not a regular expression"
    if body.startswith("/"):
        return 0, "no branch or tag begins with /"
    if body.endswith(("/", ".")) and not body.endswith(("\\/", "\\.")):
        return len(body) - 1, f"no branch or tag ends with {body[-1]}"
    return None


def _syntax_problem(body: str) -> tuple[int, str] | None:
    index, repeatable = 0, False
    while index < len(body):
        char = body[index]
        if escape := _ESCAPE.match(body, index):
            index, repeatable = escape.end(), True
            continue
        if char in "?+" and not repeatable:
            return index, f"{char} needs a character before it"
        if char == "[":
            members = _SET.match(body, index)
            if not members:
                return index, "a [ has no ]"
            if wrong := _set_problem(members["members"]):
                return index, wrong
            index = members.end() - 1
        repeatable = char not in "?+*"
        index += 1
    return None


def _set_problem(members: str) -> str:
    if not members:
        return "[] matches nothing"
    if members.endswith("-") and len(members) > 1:
        return f"the range {members[-2:]} has no end"
    for range_ in _RANGE.finditer(members):
        if range_[1] > range_[2]:
            return f"the range {range_[0]} begins after its end"
    return f"[{members}] matches one character only: write {members}" if len(members) == 1 else ""
