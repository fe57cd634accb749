"""What Jinja's filters, methods and tests take and give back.

A filter is listed only with kinds that make it fail: `8000 | upper` works, so it is no mistake.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any

from jinja2.filters import FILTERS as JINJA_FILTERS
from jinja2.tests import TESTS

from generator.render.filters import FILTERS, NAMES
from generator.render.typecheck.kinds import BOOLEAN, LIST, MAP, NULL, NUMBER, STRING

# Filters that fail on the kinds behind them.
FAIL_ON = {
    "abs": {STRING, MAP, LIST, NULL},
    "batch": {NUMBER, BOOLEAN, NULL},
    "dictsort": {STRING, NUMBER, BOOLEAN, LIST, NULL},
    "first": {NUMBER, BOOLEAN, NULL},
    "groupby": {STRING, NUMBER, BOOLEAN, NULL},
    "items": {STRING, NUMBER, BOOLEAN, LIST, NULL},
    "join": {NUMBER, BOOLEAN, NULL},
    "last": {NUMBER, BOOLEAN, NULL},
    "length": {NUMBER, BOOLEAN, NULL},
    "count": {NUMBER, BOOLEAN, NULL},
    "list": {NUMBER, BOOLEAN, NULL},
    "map": {NUMBER, BOOLEAN, NULL},
    "max": {NUMBER, BOOLEAN, NULL},
    "min": {NUMBER, BOOLEAN, NULL},
    "reject": {NUMBER, BOOLEAN, NULL},
    "rejectattr": {NUMBER, BOOLEAN, NULL},
    "reverse": {NUMBER, BOOLEAN, NULL},
    "round": {STRING, MAP, LIST, NULL},
    "select": {NUMBER, BOOLEAN, NULL},
    "selectattr": {NUMBER, BOOLEAN, NULL},
    "sort": {NUMBER, BOOLEAN, NULL},
    "sum": {STRING, NUMBER, BOOLEAN, NULL},
    "unique": {NUMBER, BOOLEAN, NULL},
}

# What a filter gives back, where that does not depend on what it is given.
GIVES = {
    "abs": NUMBER,
    "capitalize": STRING,
    "count": NUMBER,
    "float": NUMBER,
    "format": STRING,
    "indent": STRING,
    "int": NUMBER,
    "join": STRING,
    "length": NUMBER,
    "lower": STRING,
    "replace": STRING,
    "round": NUMBER,
    "string": STRING,
    "trim": STRING,
    "upper": STRING,
}

# Filters that give back the same list, or a part of it, or in another order.
KEEP_ITEMS = frozenset({"list", "sort", "unique", "reverse", "select", "reject", "selectattr", "rejectattr"})
# Filters that pick one item.
PICK_ITEM = frozenset({"first", "last", "max", "min"})
# Filters that write a whole list or map.
WRITERS = frozenset({"yaml", "flow", "json", "hcl"})
# Filters whose first argument, or `attribute=`, names a key of each item.
BY_ATTRIBUTE = frozenset({"selectattr", "rejectattr", "groupby"})
BY_KEYWORD = frozenset({"map", "sort", "unique", "sum", "min", "max"})
# The only filters that may be used on text that a template made: they move it and do not look into it.
ON_TEXT = frozenset({"indent", "trim"})
# Tests that say of a missing value that it is not so, and fail on none.
TAKE_MISSING = frozenset(
    "defined undefined none string mapping number integer float boolean true false sameas callable sequence".split()
)
# Tests that hold only for a value that is there.
IMPLY_THERE = frozenset("defined string mapping number integer float boolean true false sequence".split())


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a filter or test takes besides the value: how many arguments at least and at most, and their names.

    `most` and `names` are None where there is no limit.
    """

    least: int
    most: int | None
    names: frozenset[str] | None

    def fits(self, count: int) -> bool:
        """Say whether it can be given so many arguments."""
        return self.least <= count and (self.most is None or count <= self.most)

    def names_any(self, name: str) -> bool:
        """Say whether it has an argument of that name."""
        return self.names is None or name in self.names

    def describe(self) -> str:
        """Say in words how many it takes."""
        if self.most is None:
            return f"at least {self.least}"
        return str(self.least) if self.least == self.most else f"{self.least} to {self.most}"


def _arguments(function: Any) -> Arguments:
    """Return what a function takes besides the value and what Jinja itself gives it."""
    try:
        found = list(inspect.signature(function).parameters.values())
    except ValueError:  # of a function that is written in C
        return Arguments(0, None, None)
    own = [each for each in found if each.name not in ("context", "eval_ctx", "environment", "env")][1:]
    plain = [each for each in own if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]
    least = sum(each.default is each.empty for each in plain)
    is_open = any(each.kind is each.VAR_POSITIONAL for each in own)
    takes_any = any(each.kind is each.VAR_KEYWORD for each in own)
    names = None if takes_any else frozenset(each.name for each in plain)
    return Arguments(least, None if is_open else len(plain), names)


FILTER_ARGUMENTS = {name: _arguments(FILTERS.get(name) or JINJA_FILTERS[name]) for name in NAMES}
TEST_ARGUMENTS = {name: _arguments(function) for name, function in TESTS.items()}

MAP_METHODS = frozenset({"items", "keys", "values", "get", "copy"})
LIST_METHODS = frozenset({"index", "count", "copy"})
STRING_METHODS = frozenset(name for name in dir(str) if not name.startswith("_"))

LOOP = {
    **dict.fromkeys(("index", "index0", "revindex", "revindex0", "length", "depth", "depth0"), NUMBER),
    **dict.fromkeys(("first", "last"), BOOLEAN),
}
