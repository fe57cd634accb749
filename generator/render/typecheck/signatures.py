"""The values and arguments that Jinja's filters, methods and tests accept, and the kinds that they return.

A filter is listed only with kinds that make it fail: `8000 | upper` works, so it is not reported.
"""

from __future__ import annotations

import inspect
from functools import cache
from typing import Any

from jinja2.filters import FILTERS as JINJA_FILTERS
from jinja2.tests import TESTS

from generator.findings.record import record
from generator.render.filters import FILTERS
from generator.render.typecheck.value_type import BOOLEAN, LIST, MAP, NULL, NUMBER, STRING, WRITTEN

# Filters, each with the kinds on which it fails.
FAIL_ON = {
    **dict.fromkeys(
        "batch count first join last length list map max min reject rejectattr reverse select selectattr sort"
        " unique".split(),
        frozenset({NUMBER, BOOLEAN, NULL}),
    ),
    **dict.fromkeys(("abs", "round"), frozenset({STRING, MAP, LIST, NULL})),
    "line": frozenset({MAP, LIST, NULL}),
    **dict.fromkeys(("dictsort", "items"), frozenset({STRING, NUMBER, BOOLEAN, LIST, NULL})),
    **dict.fromkeys(("groupby", "sum"), frozenset({STRING, NUMBER, BOOLEAN, NULL})),
}
# The kind that a filter returns, where that does not depend on its argument.
RETURNS = {
    **dict.fromkeys("abs count float int length round".split(), NUMBER),
    **dict.fromkeys("capitalize format indent join lower replace string trim upper".split(), STRING),
    **dict.fromkeys(("yaml", "flow", "json", "hcl", "line"), WRITTEN),
}
# Filters that return the same list, or a part of it, or in another order.
KEEP_ITEMS = frozenset({"list", "sort", "unique", "reverse", "select", "reject", "selectattr", "rejectattr"})
# Filters that return one item.
PICK_ITEM = frozenset({"first", "last", "max", "min"})
# Filters whose first argument, or `attribute=`, names a key of each item.
BY_ATTRIBUTE = frozenset({"selectattr", "rejectattr", "groupby"})
BY_KEYWORD = frozenset({"map", "sort", "unique", "sum", "min", "max"})
# Tests that are false for a missing value, and fail on none.
TAKE_MISSING = frozenset(
    "defined undefined none string mapping number integer float boolean true false sameas callable sequence".split()
)
# Tests that are true only for a value that exists.
IMPLY_EXISTS = frozenset("defined string mapping number integer float boolean true false sequence".split())


@record
class Arguments:
    """The arguments of a filter or test besides the value: their least and greatest number, and their names.

    `most` and `names` are None where there is no limit.
    """

    least: int
    most: int | None
    names: frozenset[str] | None

    def fits(self, count: int) -> bool:
        """Return whether that number of arguments is allowed."""
        return self.least <= count and (self.most is None or count <= self.most)

    def names_any(self, name: str) -> bool:
        """Return whether there is an argument with that name."""
        return self.names is None or name in self.names

    def describe(self) -> str:
        """Return the number of arguments in words."""
        if self.most is None:
            return f"at least {self.least}"
        return str(self.least) if self.least == self.most else f"{self.least} to {self.most}"


def _arguments(function: Any) -> Arguments:
    """Return the arguments of a function besides the value and those that Jinja itself passes."""
    try:
        every = list(inspect.signature(function).parameters.values())
    except ValueError:  # for a function that is written in C
        return Arguments(0, None, None)
    own = [each for each in every if each.name not in ("context", "eval_ctx", "environment", "env")][1:]

    plain = [each for each in own if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)]
    least = sum(each.default is each.empty for each in plain)
    is_open = any(each.kind is each.VAR_POSITIONAL for each in own)
    takes_any = any(each.kind is each.VAR_KEYWORD for each in own)
    names = None if takes_any else frozenset(each.name for each in plain)
    return Arguments(least, None if is_open else len(plain), names)


@cache  # the signatures of all filters and tests would be 0.01 of a first render
def filter_arguments(name: str) -> Arguments:
    """Return the arguments of a filter."""
    return _arguments(FILTERS.get(name) or JINJA_FILTERS[name])


@cache
def test_arguments(name: str) -> Arguments:
    """Return the arguments of a test."""
    return _arguments(TESTS[name])


MAP_METHODS = frozenset({"items", "keys", "values", "get", "copy"})
LIST_METHODS = frozenset({"index", "count", "copy"})
STRING_METHODS = frozenset(name for name in dir(str) if not name.startswith("_"))

LOOP = {
    **dict.fromkeys(("index", "index0", "revindex", "revindex0", "length", "depth", "depth0"), NUMBER),
    **dict.fromkeys(("first", "last"), BOOLEAN),
}
