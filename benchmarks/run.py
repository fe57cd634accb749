"""Compare the speed of oetgen with similar tools: `python benchmarks/run.py --help`."""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).parents[1])
    from benchmarks.main import main

    sys.exit(main())
