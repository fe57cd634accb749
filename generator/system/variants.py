"""Which files are variants of each other, as `k8s/dev/` and `k8s/prod/` are: both define an object of one name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from generator.system.kubernetes import Key, Object


class Variants:
    """The parts of each folder that define the same objects, so that no user applies both."""

    def __init__(self, objects: Iterable[Object]) -> None:
        paths: dict[Key, set[str]] = defaultdict(set)
        for each in objects:
            if each.name and each.kind != "Namespace":  # which is often repeated in each part of one system
                paths[each.key].add(each.root or each.path)
        self._keys: dict[tuple[str, str], set[Key]] = defaultdict(set)
        for key, several in paths.items():
            for path in several if len(several) > 1 else ():
                for place in _places(path):
                    self._keys[place].add(key)

    def apart(self, path: str, other: str) -> bool:
        """Return whether two files belong to two variants."""
        for here, there in zip(_places(path), _places(other), strict=False):
            if here != there:
                return not self._keys.get(here, set()).isdisjoint(self._keys.get(there, set()))
        return False


def _places(path: str) -> Iterator[tuple[str, str]]:
    """Yield each folder on the way to a file, with the name of its part that leads there."""
    folder = ""
    for part in path.split("/"):
        yield folder, part
        folder = f"{folder}/{part}"
