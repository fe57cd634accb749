"""HTML pages and parts of pages.

Source: html.spec.whatwg.org, "The HTML syntax", sections 13.1 and 13.2.
"""

from __future__ import annotations

import re

_PAGE = re.compile(r"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL)


def recognise(path: str, text: str) -> bool:
    """Return whether the file ends as pages do, or has no ending and begins as one."""
    name = path.rpartition("/")[2].lower()
    return name.endswith((".html", ".htm")) or ("." not in name and bool(_PAGE.match(text)))


def comment(text: str) -> str:
    """Return `text` as a comment line."""
    return f"<!-- {text.replace('--', '- -')} -->\n"
