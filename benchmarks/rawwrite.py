"""Write the bytes of many files, staged and then moved into place: `rawwrite.py BYTES FOLDER`.

This is the lower limit for any program that replaces files safely.
"""

import marshal
import os
import sys


def main() -> None:
    """Write the content of BYTES, a map from path to content, below FOLDER."""
    source, top = sys.argv[1:]
    with open(source, "rb") as stream:
        files = marshal.load(stream)
    for folder in sorted({os.path.dirname(f"{top}/{path}") for path in files}):
        os.makedirs(folder, exist_ok=True)
    for path, data in files.items():
        staged = f"{top}/{path}.new"
        descriptor = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        os.write(descriptor, data)
        os.close(descriptor)
    for path in files:
        os.replace(f"{top}/{path}.new", f"{top}/{path}")


if __name__ == "__main__":
    main()
