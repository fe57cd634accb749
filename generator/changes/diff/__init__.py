"""What differs between two sets of files, or of values: by line, and by meaning.

By meaning, YAML is compared by key, HCL by block and argument, a Dockerfile by instruction, so that order, comments
and formatting do not count. Other languages are compared by line.
"""

from generator.changes.diff.files import FileChange, Files, compare_files
from generator.changes.diff.lines import LineDiff, line_diff
from generator.changes.diff.structure import Change, changes, counterpart, deepest, path_text
from generator.changes.diff.values import ValueChange, compare_values

__all__ = [
    "Change",
    "FileChange",
    "Files",
    "LineDiff",
    "ValueChange",
    "changes",
    "compare_files",
    "compare_values",
    "counterpart",
    "deepest",
    "line_diff",
    "path_text",
]
