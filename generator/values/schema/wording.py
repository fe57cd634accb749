"""Words for values and for what rules expect of them, and hints that lead from one to the other."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from generator.findings.suggest import alternatives as others
from generator.findings.suggest import listed, nearest

TYPES = {
    "object": "a map",
    "array": "a list",
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}
_OF_SIZE = ("minItems", "maxItems", "items", "unevaluatedItems", "contains", "minProperties", "maxProperties")
_UNIT = re.compile(
    r"\b(milliseconds|seconds|minutes|hours|days|bytes|KiB|MiB|GiB|percent|millicores)\b", re.IGNORECASE
)
_MAX_RESPELLED = 80  # characters
_WORDS_FOR_TRUE = ("true", "yes", "on", "1")
_WORDS_FOR_FALSE = ("false", "no", "off", "0")

_SHAPES = {
    "object": 'write a map: "key: value" lines, indented',
    "array": "write a list: [one, two]",
    "boolean": "write true or false",
    "string": "write text, quoted if it looks like something else",
}

Fits = Callable[[Any], bool]


def display(value: Any) -> str:
    """Return a value for a message: a scalar as JSON, shortened when long, anything else in words."""
    if isinstance(value, dict | list):
        empty = "" if value else "n empty"
        return f"a{empty} {'map' if isinstance(value, dict) else 'list'}"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}…"


def amount(number: Any, noun: str) -> str:
    """Return `1 item`, `2 items`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def types(wanted: str | list[str]) -> str:
    """Return the types of a rule in words."""
    names = [wanted] if isinstance(wanted, str) else wanted
    return " or ".join(TYPES[name] for name in names)


def alternatives(value: Any, choices: list[Any]) -> str:
    """Return the values that a rule allows, the nearest to `value` first."""
    texts = {display(choice): choice for choice in choices}
    if isinstance(value, int | float) and all(isinstance(choice, int | float) for choice in choices):
        return listed(sorted(texts, key=lambda text: (abs(texts[text] - value), texts[text])))
    return others(display(value), texts)


def expectation(rule: dict[str, Any], keyword: str, value: Any) -> str:
    """Return what the keyword of a rule expects of `value`."""
    wanted = rule[keyword]
    if keyword == "enum":
        return ("one of " if len(wanted) > 1 else "") + alternatives(value, wanted)
    texts: dict[str, Callable[[], str]] = {
        "type": lambda: types(wanted),
        "const": lambda: display(wanted),
        "pattern": lambda: _form(rule, wanted),
        "minimum": lambda: f"at least {wanted}",
        "maximum": lambda: f"at most {wanted}",
        "exclusiveMinimum": lambda: f"more than {wanted}",
        "exclusiveMaximum": lambda: f"less than {wanted}",
        "multipleOf": lambda: f"a multiple of {wanted}",
        "minLength": lambda: f"at least {amount(wanted, 'character')}",
        "maxLength": lambda: f"at most {amount(wanted, 'character')}",
        "minItems": lambda: f"at least {amount(wanted, 'item')}",
        "maxItems": lambda: f"at most {amount(wanted, 'item')}",
        "minProperties": lambda: f"at least {amount(wanted, 'key')}",
        "maxProperties": lambda: f"at most {amount(wanted, 'key')}",
    }
    return texts.get(keyword, lambda: _of_parts(rule, keyword))()


def _form(rule: dict[str, Any], pattern: str) -> str:
    """Return which text a pattern allows: the description of the schema when the pattern excludes something."""
    description = str(rule.get("description", ""))
    if "(?!" in pattern and description:
        return description[:1].lower() + description[1:].rstrip(".")
    return f"text of the form {pattern}"


def _of_parts(rule: dict[str, Any], keyword: str) -> str:
    """Return what a keyword expects that contains another schema."""
    if keyword == "not" and rule["not"] == {}:
        return "no value here"
    if keyword == "not":
        return f"anything but {summary(rule['not'])}"
    if keyword == "contains":
        least, most = rule.get("minContains", 1), rule.get("maxContains")
        bounds = f"at least {amount(least, 'item')}" + (f" and at most {most}" if most else "")
        return f"{bounds} being {summary(rule[keyword])}"
    if keyword in ("items", "unevaluatedItems"):
        return f"at most {amount(len(rule.get('prefixItems', [])), 'item')}"
    return f"a value that meets {keyword}"


def size(keyword: str, value: Any) -> str:
    """Return a value for a message, with its size where the rule limits that."""
    if keyword in ("minLength", "maxLength"):
        return f"{display(value)} ({amount(len(value), 'character')})"
    if keyword in _OF_SIZE and value:
        return f"{display(value)} of {amount(len(value), 'item' if isinstance(value, list) else 'key')}"
    return display(value)


def summary(rule: Any) -> str:
    """Return in few words which values a whole schema allows."""
    if not isinstance(rule, dict):
        return "anything" if rule else "nothing"
    if rule.get("title"):
        return str(rule["title"])
    for keyword in ("const", "enum", "pattern"):
        if keyword in rule:
            return expectation(rule, keyword, None)
    required = rule.get("required", [])
    if required and rule.get("type", "object") == "object":
        return f"a map with {listed(required)}"
    if rule.get("description"):
        first = re.split(r"\.(?:\s|$)", rule["description"])[0]
        return first[:1].lower() + first[1:]
    return types(rule["type"]) if "type" in rule else "something else"


def hints(rule: dict[str, Any], keyword: str, value: Any, description: str, fits: Fits) -> str:
    """Return how to fix `value`: the right spelling, the unit, the range, an example.

    `description` is that of the value, `fits` returns whether a value would be valid.
    """
    spelled = _spelling(rule, keyword, value, fits)
    unit = _unit(keyword, description)
    if spelled and not unit:
        return spelled
    found = [spelled or _way(rule, keyword, value), unit]
    examples = rule.get("examples", [])
    found += [f"for example {display(example)}" for example in examples[:1]]
    return "; ".join(filter(None, found))


def _spelling(rule: dict[str, Any], keyword: str, value: Any, fits: Fits) -> str:
    """Return the hint how to write the same value correctly, where that is certain."""
    if keyword == "enum" and isinstance(value, str):
        return nearest(value, [choice for choice in rule["enum"] if isinstance(choice, str)])
    if keyword in ("type", "oneOf", "anyOf"):
        return next((way for way, other in _retyped(value) if fits(other)), "")
    if keyword == "pattern" and value.isprintable() and len(value) <= _MAX_RESPELLED:
        right = next((other for other in _respelled(value) if other != value and fits(other)), "")
        return f'did you mean "{right}"?' if right else ""
    return ""


def _way(rule: dict[str, Any], keyword: str, value: Any) -> str:
    """Return the hint that follows from the rule alone."""
    wanted: Any = rule.get(keyword)
    if keyword in ("type", "minimum", "maximum") and "minimum" in rule and "maximum" in rule:
        return f"write a number from {rule['minimum']} to {rule['maximum']}"
    ways: dict[str, Callable[[], str]] = {
        "type": lambda: _SHAPES.get(str(wanted), ""),
        "const": lambda: (
            "remove the key to disable it; in an overlay, null removes it"
            if wanted is True and value is False
            else f"write {display(wanted)}"
        ),
        "enum": lambda: _nearest_number(value, wanted),
        "not": lambda: "remove it" if wanted == {} else "write another value",
        "minimum": lambda: f"write {wanted} or more",
        "maximum": lambda: f"write {wanted} or less",
        "exclusiveMinimum": lambda: f"write more than {wanted}",
        "exclusiveMaximum": lambda: f"write less than {wanted}",
        "multipleOf": lambda: f"write {wanted * (value // wanted)} or {wanted * (value // wanted + 1)}",
        "minLength": lambda: f"write {amount(wanted - len(value), 'more character')}",
        "maxLength": lambda: f"shorten it by {amount(len(value) - wanted, 'character')}",
        "minItems": lambda: f"add {amount(wanted - len(value), 'item')}",
        "maxItems": lambda: f"remove {amount(len(value) - wanted, 'item')}",
        "minProperties": lambda: f"add {amount(wanted - len(value), 'key')}",
        "maxProperties": lambda: f"remove {amount(len(value) - wanted, 'key')}",
        "contains": lambda: "add such an item" if rule.get("minContains", 1) else "remove such items",
        "items": lambda: "remove the last ones",
        "unevaluatedItems": lambda: "remove the last ones",
    }
    return ways.get(keyword, lambda: "")()


def _nearest_number(value: Any, choices: list[Any]) -> str:
    numbers = [choice for choice in choices if isinstance(choice, int | float)]
    if not numbers or not isinstance(value, int | float):
        return ""
    return f"the nearest is {min(numbers, key=lambda number: (abs(number - value), number))}"


def _retyped(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the same value in other types, each with how to write it."""
    if isinstance(value, bool):
        yield f'quote it: "{str(value).lower()}"', str(value).lower()
    elif isinstance(value, int | float):
        if value == int(value):
            yield f"write {int(value)}", int(value)
        yield f'quote it: "{value}"', str(value)
    elif isinstance(value, str):
        if re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]+)?", value):
            number = float(value) if "." in value else int(value)
            yield f"write {number} without quotes", number
        for words, intended in ((_WORDS_FOR_TRUE, True), (_WORDS_FOR_FALSE, False)):
            if value.lower() in words:
                yield f"write {str(intended).lower()} without quotes", intended
    if not isinstance(value, list):
        shape = display(value) if not isinstance(value, dict) else "…"
        yield f"write a list: [{shape}]", [value]
    elif len(value) == 1:
        yield "write the one item without the list around it", value[0]


def _respelled(text: str) -> Iterator[str]:
    """Yield likely spellings of the intended text."""
    yield text.strip()
    for other in (text.strip().lower(), text.strip().upper()):
        yield other
        yield re.sub(r"[\s_]+", "-", other)  # keeps dots, as host names do
        for sign in ("-", "_", ""):
            yield re.sub(r"[\s._-]+", sign, other).strip(sign or None)
    yield f"/{text}"
    yield text.strip("/.")


def _unit(keyword: str, description: str) -> str:
    found = _UNIT.search(description)
    if not found or keyword not in ("type", "minimum", "maximum", "enum", "pattern"):
        return ""
    return f"the unit is {found[0] if found[0].endswith('iB') else found[0].lower()}"
