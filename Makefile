# make run    sets everything up in a fresh environment and runs the main example
# make test   sets up and runs the tests
# Needs Python >= 3.11, a C compiler and make; nothing else.
PYTHON ?= python3
VENV   ?= .venv
PY      = $(VENV)/bin/python
OUT    ?= out
STAMP   = $(VENV)/.ready
SOURCES = pyproject.toml setup.py $(shell find ext src -name '*.py' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.h' -o -name '*.json' -o -name '*.csv' -o -name '*.j2' -o -name '*.js' -o -name '*.css')

.PHONY: run test setup lint clean
run: setup
	$(VENV)/bin/deadlight run examples/shenzhou20/case.toml --out $(OUT)/shenzhou20

test: setup
	$(PY) -m pytest -q

setup: $(STAMP)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "deadlight needs Python 3.11 or newer, found %d.%d; say make PYTHON=/path/to/python3.11" % sys.version_info[:2])'
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --upgrade pip

$(STAMP): $(VENV)/bin/python $(SOURCES)
	$(PY) -m pip install --quiet '.[test]'
	@touch $(STAMP)

lint: setup
	$(PY) -m pip install --quiet '.[dev]'
	$(PY) -m ruff check . && $(PY) -m mypy

clean:
	rm -rf $(VENV) build dist $(OUT) src/deadlight.egg-info
