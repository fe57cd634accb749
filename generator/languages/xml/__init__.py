"""XML files.

Source: w3.org, "Extensible Markup Language (XML) 1.0", sections 2.2 to 2.8 and 3.3.3.
"""

from __future__ import annotations

_ENDINGS = (
    ".xml .xsd .xsl .xslt .svg .plist .wsdl .pom .csproj .fsproj .vbproj .props .targets .nuspec .resx .config .xhtml"
    " .rss .atom .kml .jnlp .storyboard .xib"
)


def recognise(path: str, text: str) -> bool:
    """Return whether the file ends as XML files do; a `.config` has to begin with an element."""
    if path.endswith(".config"):
        return text.lstrip().startswith("<")
    return path.endswith(tuple(_ENDINGS.split())) or text.startswith("<?xml ")


def comment(text: str) -> str:
    """Return `text` as a comment line."""
    return f"<!-- {text.replace('--', '- -')} -->\n"
