"""JSON with comments: which files it is read from, and the same text without them.

Sources: code.visualstudio.com, "JSON with comments"; typescriptlang.org, "What is a tsconfig.json"; containers.dev,
"Development container metadata".
"""

from __future__ import annotations

import re

_NAMES = re.compile(
    r"(?:tsconfig|jsconfig)(?:\.[\w.-]+)?\.json|\.?devcontainer\.json|\.eslintrc\.json|\.swcrc|\.?babelrc(?:\.json)?"
    r"|language-configuration\.json|.+\.jsonc|.+\.code-workspace"
)
_FOLDERS = frozenset([".vscode", ".devcontainer"])
_COMMENT = r"//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/"
_PART = re.compile(rf'"(?:[^"\\\n]|\\.)*"|{_COMMENT}|,(?=\s*(?:(?:{_COMMENT})\s*)*[\]}}])', re.DOTALL)


def allowed(path: str) -> bool:
    """Return whether the consumer of a file accepts comments and trailing commas."""
    *folders, name = path.split("/")
    return bool(_NAMES.fullmatch(name) or _FOLDERS.intersection(folders))


def without(text: str) -> str:
    """Return the text with blanks in place of comments and trailing commas, line by line as before."""
    return _PART.sub(lambda part: part[0] if part[0][0] == '"' else re.sub(r"[^\n]", " ", part[0]), text)
