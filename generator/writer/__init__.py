"""Files in memory to files on disk: only what changed, only what is ours, all or nothing.

`docs/writing.md` says what holds when, and how; this package is a module for each part of it.
"""

from generator.writer.apply import apply
from generator.writer.lock import locked, reading
from generator.writer.manifest import MANIFEST, Owned, digest, read_manifest, synced
from generator.writer.paths import below
from generator.writer.plan import Plan, plan
from generator.writer.state import File, State, Status, unfinished, untracked

__all__ = [
    "MANIFEST",
    "File",
    "Owned",
    "Plan",
    "State",
    "Status",
    "apply",
    "below",
    "digest",
    "locked",
    "plan",
    "read_manifest",
    "reading",
    "synced",
    "unfinished",
    "untracked",
]
