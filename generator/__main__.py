"""`python -m generator` does what `oetgen` does."""

import os
import sys

# Python puts the current folder first; a project there could replace any module that is imported from now on.
if not sys.flags.safe_path and sys.path and sys.path[0] in ("", os.getcwd()):
    del sys.path[0]

from generator.cli import main

main()
