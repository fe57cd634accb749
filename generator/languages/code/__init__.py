"""Programs in languages whose grammar is not known here: Ruby, Groovy, PowerShell and the like."""

from __future__ import annotations

import re

from generator.languages import python, shell

_ENDINGS = tuple(
    ".bat .cmd .go .gradle .groovy .java .jsx .kt .kts .lua .php .pl .ps1 .psm1 .rb .rs .scala .tcl .tsx .vcl"
    " .awk .jq .fish .csh .bicep .rego .cue .jsonnet .libsonnet .star .bzl".split()
)
_INTERPRETER = r"#![ \t]*(?:\S*/)?(?:env[ \t]+(?:-\S+[ \t]+)*)?(?:\S*/)?[\w.+-]+(?=\s|$)"


def recognise(path: str, text: str) -> bool:
    """Return whether the file ends as programs do, or its first line names an interpreter that is no shell."""
    name = path.rpartition("/")[2]
    if name.endswith(_ENDINGS) or name in (
        "Jenkinsfile",
        "Vagrantfile",
        "Rakefile",
        "Gemfile",
        "Tiltfile",
        "Fastfile",
        "BUILD",
        "WORKSPACE",
    ):
        return True
    is_known = shell.recognise(path, text) or python.recognise(path, text)
    return text.startswith("#!") and bool(re.match(_INTERPRETER, text)) and not is_known
