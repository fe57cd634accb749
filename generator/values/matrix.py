"""Environments by a matrix in the values: one for each entry of a map or list, such as a region or a tenant.

`matrix: {region: regions}` in `oetgen.yaml` makes of `prod`, whose `regions` has two entries, the environments
`prod-eu-west-1` and `prod-us-east-1`. Each has the name of its entry as the value `region`; the values of an entry
that is a map override those of the environment.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from generator.findings import Finding, FindingError, error
from generator.project.cache import NO_CACHE, Cache
from generator.project.folder import Project, Variant
from generator.project.names import environment_problems
from generator.values.layers import Values, load_values, value_at
from generator.values.settings import Each, load_settings


def with_matrix(project: Project, cache: Cache = NO_CACHE) -> Project:
    """Return a project that knows its environments by a matrix. Raises FindingError for names that cannot be."""
    matrix = load_settings(project, cache).matrix
    if not matrix:
        return project
    variants: dict[str, Variant] = {}
    findings: list[Finding] = []
    names = project.environment_names()
    for name in names:
        values, found = load_values(project, name)
        for keys in () if found else _combinations(values, matrix):
            suffix = "-".join(str(key) for _, _, key, _ in keys)
            variant = Variant(name, tuple((word, (*path, at)) for word, path, _, at in keys))
            made = f"{name}-{suffix}"
            others = [*variants, *(each for each in names if each != name)]
            reason = environment_problems([made]).get(made, "")
            if made in others:
                reason = f"there is another environment {made}"
            if reason:
                span = values.at((*keys[-1][1], keys[-1][3]))
                message = f"this entry of the matrix would make the environment {made!r}: {reason}"
                findings.append(error("values/matrix", message, span, hint="rename the entry"))
            variants[made] = variant
    if findings:
        raise FindingError(*findings)
    return replace(project, variants=variants)


_Choice = tuple[
    str, tuple[str, ...], Any, Any
]  # a word, the path of its map or list, a name, and a key or index


def _combinations(values: Values, matrix: Mapping[str, Each]) -> Iterator[Sequence[_Choice]]:
    """Yield the entries of each environment by the matrix; nothing when no map or list has entries."""
    choices: list[list[_Choice]] = []
    for word, each in matrix.items():
        entries = value_at(values.data, each.path)
        if isinstance(entries, dict) and entries:
            choices.append([(word, each.path, key, key) for key in entries])
        elif isinstance(entries, list) and entries:
            choices.append([(word, each.path, item, index) for index, item in enumerate(entries)])
    if choices:
        yield from itertools.product(*choices)
