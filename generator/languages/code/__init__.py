"""Programs in languages whose grammar is not known here: Python, JavaScript, PowerShell and the like."""

from __future__ import annotations

import re

from generator.languages import shell

_ENDINGS = tuple(
    ".bat .cjs .cmd .go .groovy .java .js .jsx .kt .lua .mjs .php .pl .ps1 .psm1 .py .rb .rs .scala .sql .tcl .tsx"
    " .awk .jq .fish .csh .bicep .rego .cue .jsonnet .libsonnet .star .bzl".split()
)
_INTERPRETER = r"#![ \t]*(?:\S*/)?(?:env[ \t]+(?:-\S+[ \t]+)*)?(?:\S*/)?[\w.+-]+(?=\s|$)"


def recognise(path: str, text: str) -> bool:
    """Return whether the file ends as programs do, or its first line names an interpreter that is no shell."""
    name = path.rpartition("/")[2]
    if name.endswith(_ENDINGS) or name in ("Jenkinsfile", "Vagrantfile", "Rakefile", "Gemfile", "Tiltfile"):
        return True
    return text.startswith("#!") and bool(re.match(_INTERPRETER, text)) and not shell.recognise(path, text)
