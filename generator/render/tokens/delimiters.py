"""Delimiters of templates: a template full of braces of another program may have others than `{{ }}`.

Jinja and everything after it see standard delimiters: those of the template are replaced by them, and the braces of
other programs by private characters, each by as many characters as before. So every position stays what it is.
"""

from __future__ import annotations

STANDARD = "{{ }}"
DELIMITERS = (STANDARD, "[[ ]]", "<< >>", "(( ))", "@[ ]@")
OPEN, CLOSE = "\ue001", "\ue004"  # braces that do not belong to Jinja

_SHOWN = str.maketrans({OPEN: "{", CLOSE: "}"})


def show_braces(text: str) -> str:
    """Return a text with the braces that `hide_others` hides."""
    return text.translate(_SHOWN)


def hide_others(source: str, delimiters: str) -> str:
    """Return a template with standard delimiters, in which braces of other programs are private characters."""
    if delimiters == STANDARD:
        # The braces of GitHub's ${{ and the shell's ${#; in ${{{, the last two belong to Jinja.
        source = source.replace("${{{", f"${OPEN}{{{{").replace("${{", f"${OPEN}{OPEN}")
        return source.replace("${#", f"${OPEN}#")
    from generator.render.tokens.conversion import Conversion  # few projects need it

    return "".join(Conversion(source, delimiters).parts())
