"""INI files: sections, and lines with a key and a value.

Their consumers differ in quotes, comments after a value, `%` and `$`, so a value may hold none of these.
Sources: docs.python.org, "configparser"; spec.editorconfig.org; php.net, "parse_ini_file"; dev.mysql.com, "Using
Option Files".
"""

from __future__ import annotations

_NAMES = frozenset(
    ".editorconfig .gitconfig .gitmodules .npmrc .yarnrc .flake8 .pylintrc pylintrc .coveragerc .isort.cfg .pypirc"
    " .bumpversion.cfg .my.cnf pip.conf supervisord.conf pgbouncer.ini".split()
)
_ENDINGS = (".ini", ".cfg", ".cnf", ".desktop", ".repo")


def recognise(path: str, text: str) -> bool:
    """Return whether the file has a usual name of INI files; haproxy.cfg has a language of its own."""
    name = path.rpartition("/")[2]
    return name in _NAMES or (name.endswith(_ENDINGS) and name != "haproxy.cfg")


def comment(text: str) -> str:
    """Return `text` as a comment line."""
    return f"# {text}\n"
