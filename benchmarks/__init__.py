"""Benchmarks of oetgen and similar tools. `python benchmarks/run.py --help` lists the options."""
