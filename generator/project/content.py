"""The content of a file as text, whatever it is."""

from __future__ import annotations

from generator.project.cache import digest

BOM = b"\xef\xbb\xbf"


def is_binary(data: bytes) -> bool:
    """Return whether a file is not text: it holds a null byte, or is not UTF-8."""
    if b"\0" in data:
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return True
    return False


def text_of(data: bytes) -> str:
    """Return a file as text with LF and without a byte-order mark; of a binary file, one line that describes it."""
    if is_binary(data):
        return f"a binary file of {len(data):,} bytes, {digest(data)[:16]}\n"
    return data.removeprefix(BOM).decode().replace("\r\n", "\n")
