"""Write files from memory to disk: only those that changed, only those that oetgen owns, all or none of them.

`docs/writing.md` describes the guarantees and how they are kept.
"""

from generator.writer.apply import apply
from generator.writer.lock import locked, reading
from generator.writer.manifest import MANIFEST, Manifest, Owned, digest, load, parsed, read_manifest
from generator.writer.paths import below, check_folder
from generator.writer.plan import Plan, plan
from generator.writer.state import File, State, Status, unfinished, untracked

__all__ = [
    "MANIFEST",
    "File",
    "Manifest",
    "Owned",
    "Plan",
    "State",
    "Status",
    "apply",
    "below",
    "check_folder",
    "digest",
    "load",
    "locked",
    "parsed",
    "plan",
    "read_manifest",
    "reading",
    "unfinished",
    "untracked",
]
