"""How fast oetgen is, beside its peers. `python benchmarks/run.py --help` says what it can do."""
