# make run    sets everything up in a fresh environment and runs the main example
# make test   sets up and runs the tests, on CORES cores, each test on one thread (make test CORES=8)
# make LOCK=requirements/ci.txt ...   takes the pinned versions of that file, where they can be had
# Needs Python >= 3.11, a C compiler and make; nothing else.
PYTHON ?= python3
VENV   ?= .venv
PY      = $(VENV)/bin/python
OUT    ?= out
CORES  ?= 2
LOCK   ?=
ONE_THREAD = DEADLIGHT_THREADS=1 OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
STAMP   = $(VENV)/.ready
SOURCES = pyproject.toml setup.py $(shell find ext src -name '*.py' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.h' -o -name '*.json' -o -name '*.csv' -o -name '*.j2' -o -name '*.js' -o -name '*.css')

.PHONY: run test setup lock lint clean
run: setup
	$(VENV)/bin/deadlight run examples/shenzhou20/case.toml --out $(OUT)/shenzhou20

test: setup
	$(ONE_THREAD) $(PY) -m pytest -q -n $(CORES) --dist worksteal --durations=25

setup: $(STAMP)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "deadlight needs Python 3.11 or newer, found %d.%d; say make PYTHON=/path/to/python3.11" % sys.version_info[:2])'
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --upgrade pip

$(STAMP): $(VENV)/bin/python $(SOURCES)
ifneq ($(LOCK),)
	$(PY) -m pip install --quiet --require-hashes -r $(LOCK) && $(PY) -m pip install --quiet --no-build-isolation --no-deps . || \
	  { echo "make: the versions of $(LOCK) cannot be had here; the newest are taken" >&2; $(PY) -m pip install --quiet '.[test]'; }
else
	$(PY) -m pip install --quiet '.[test]'
endif
	@touch $(STAMP)

# The pinned versions again, from what pyproject.toml asks for.
lock: setup
	$(PY) requirements/lock.py

lint: setup
	$(PY) -m pip install --quiet '.[dev]'
	$(PY) -m ruff check . && $(PY) -m mypy && PATH="$(VENV)/bin:$$PATH" cython-lint ext

clean:
	rm -rf $(VENV) build dist $(OUT) src/deadlight.egg-info
