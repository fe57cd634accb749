"""Run only the libraries' part of a first render: `floor.py PROJECT` compiles its templates and checks its schema.

No template is executed, no value is read and no file is written. It is the lower limit for any program that
compiles these templates with Jinja2 and checks this schema with jsonschema.
"""

import json
import sys
from pathlib import Path

import click
import jinja2
import jsonschema
import yaml

USED = (click, yaml)
_OWN_FILTERS = "yaml flow json hcl required".split()


def main() -> None:
    """Compile the templates of a project and check its schema."""
    root = Path(sys.argv[1])
    environment = jinja2.Environment(trim_blocks=True, lstrip_blocks=True, autoescape=True)
    environment.filters |= dict.fromkeys(_OWN_FILTERS, str)
    for path in sorted((root / "templates").rglob("*.j2")):
        text = path.read_text("utf-8").replace("${{{", "$ {{").replace("${{", "$ { ").replace("${#", "$ { #")
        environment.compile(text, path.name, str(path))
    jsonschema.Draft202012Validator.check_schema(json.loads((root / "environments/schema.json").read_bytes()))


if __name__ == "__main__":
    main()
