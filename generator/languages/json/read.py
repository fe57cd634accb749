"""JSON to nodes, by the reader of YAML, of which JSON is a part."""

from generator.languages.yaml.read import read

__all__ = ["read"]
