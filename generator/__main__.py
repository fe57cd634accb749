"""`python -m generator` does what `oetgen` does."""

from generator.cli import main

main()
