"""Braces of other template languages, such as Go, Prometheus and Handlebars, which a template writes as they are."""

from __future__ import annotations

import re

_EXPRESSION = re.compile(r"(?<!\$)\{\{.*?\}\}+|(?<!\$)\{\{.*$")
# How an expression begins that no template of Jinja has.
_FOREIGN = re.compile(
    r"\{\{(?:\{|[#/>^!&]|[-~]?\s*(?:"
    r"[$.]|/\*|not\s+[.$]"
    r"|(?:range|if|else|end|with|define|block|template|break|continue)\b"
    r"|\(?(?!not\b)\w+\s+(?:[$.\"'`(\d]|\w+\s+[$.])"
    r"|[^}|]*\|\s*\w+\s+(?!(?:if|else|and|or|is|in|not)\b)[\w\"'.$]))"
)
_BETWEEN = re.compile(r"\{% endraw %\}([^{}]*)\{% raw %\}")


def raw_hint(line: str, column: int) -> str:
    """Return the hint for an error at a column of a line, where its expression is of another template language."""
    every = list(_EXPRESSION.finditer(line))
    here = [found for found in every if found.start() < column <= found.end()]
    for found in here or every:
        if _FOREIGN.match(found[0]):
            written = _BETWEEN.sub(r"\1", _EXPRESSION.sub(_raw, line)).strip()
            if found[0].endswith("}}"):
                return f"if these braces are for another program, write {written}"
            return "if these braces are for another program, put {% raw %} before them and {% endraw %} after them"
    return ""


def _raw(expression: re.Match[str]) -> str:
    return f"{{% raw %}}{expression[0]}{{% endraw %}}" if _FOREIGN.match(expression[0]) else expression[0]
