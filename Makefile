# Each target creates the virtual environment that it needs; later runs reuse it.

ENV ?= prod
PYTHON ?= python3
BIN = .venv/bin

.PHONY: render test check bench clean

render: .venv/render
	$(BIN)/oetgen render $(ENV)

check: .venv/render
	$(BIN)/oetgen check

test: .venv/test
	PYTHONDONTWRITEBYTECODE= $(BIN)/pytest --numprocesses auto --dist worksteal

bench: .venv/render
	$(BIN)/python benchmarks/run.py

clean:
	rm -rf .venv

# Stamp files: a target installs again only when the project files change. Without the warning of setuptools about every
# editable installation, which is ten lines. pip does not compile what is editable, and where PYTHONDONTWRITEBYTECODE is set,
# as in many containers, Python would compile it at every start: `plan` would take four times as long.
.venv/render: setup.cfg pyproject.toml | .venv/bin/python
	PYTHONWARNINGS=ignore $(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@$(BIN)/python -m compileall -q generator
	@touch $@

.venv/test: setup.cfg pyproject.toml | .venv/bin/python
	PYTHONWARNINGS=ignore $(BIN)/pip install --quiet --disable-pip-version-check --editable '.[test]'
	@$(BIN)/python -m compileall -q generator
	@touch $@ .venv/render

# With a current pip, whose launchers start faster than those of the pip that comes with Python 3.11.
.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "oetgen needs Python 3.11 or newer: make PYTHON=python3.11")'
	$(PYTHON) -m venv --upgrade-deps .venv
