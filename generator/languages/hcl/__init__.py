"""HCL, the language of Terraform and OpenTofu."""

from __future__ import annotations


def recognise(path: str, text: str) -> bool:
    """Return whether the file ends as HCL files do."""
    return path.endswith((".tf", ".tfvars", ".hcl", ".tofu"))


def comment(text: str) -> str:
    """Return `text` as a comment line."""
    return f"# {text}\n"
