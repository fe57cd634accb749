"""What differs between two sets of files, or of values: by line, and by meaning.

By meaning, YAML is compared by key, HCL by block and argument, a Dockerfile by instruction, so that neither order nor
comments nor formatting count. Other languages are compared by line.
"""

from generator.changes.diff.files import FileChange, Files, compare_files
from generator.changes.diff.lines import LineDiff, line_diff
from generator.changes.diff.node import Leaf, Map, Node, Seq
from generator.changes.diff.structure import Change, changes, deepest, path_text
from generator.changes.diff.values import ValueChange, compare_values

__all__ = [
    "Change",
    "FileChange",
    "Files",
    "Leaf",
    "LineDiff",
    "Map",
    "Node",
    "Seq",
    "ValueChange",
    "changes",
    "compare_files",
    "compare_values",
    "deepest",
    "line_diff",
    "path_text",
]
