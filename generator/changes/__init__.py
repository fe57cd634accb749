"""What a render would change, how environments differ, and what applying a change would do."""

from generator.changes.environments import Comparison, compare_environments
from generator.changes.hand_edits import differences, explain_edits
from generator.changes.plan import (
    HazardFinding,
    Inherited,
    Review,
    committed_edits,
    committed_files,
    explained,
    files_on_disk,
    hazards_alone,
    inherited,
    review,
    systems,
)

__all__ = [
    "Comparison",
    "HazardFinding",
    "Inherited",
    "Review",
    "committed_edits",
    "committed_files",
    "compare_environments",
    "differences",
    "explain_edits",
    "explained",
    "files_on_disk",
    "hazards_alone",
    "inherited",
    "review",
    "systems",
]
