"""What Jinja's filters, methods and tests take and give back.

A filter is listed only with kinds that make it fail: `8000 | upper` works, so it is no mistake.
"""

from __future__ import annotations

from generator.typecheck.kinds import BOOLEAN, LIST, MAP, NULL, NUMBER, STRING

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
    "reverse": {NUMBER, BOOLEAN, MAP, NULL},
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

MAP_METHODS = frozenset({"items", "keys", "values", "get", "copy"})
LIST_METHODS = frozenset({"index", "count", "copy"})
STRING_METHODS = frozenset(name for name in dir(str) if not name.startswith("_"))

LOOP = {
    **dict.fromkeys(("index", "index0", "revindex", "revindex0", "length", "depth", "depth0"), NUMBER),
    **dict.fromkeys(("first", "last"), BOOLEAN),
}
