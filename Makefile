# Two commands: `make demo` makes the environment and tells the story; `make test` runs every check.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: demo test lint types check clean

demo: $(VENV)/.installed
	$(BIN)/decidua story --out build/story

test: lint types check

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev
	$(BIN)/mypy

check: $(VENV)/.installed-dev
	$(BIN)/python -m pytest --numprocesses 2

# The package is installed in place, so that only new dependencies ask for another installation.
$(VENV)/.installed: locks/run.txt pyproject.toml | $(VENV)/bin/python
	$(PIP) install --quiet --require-hashes -r locks/run.txt
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	touch $@

# The store of readers' comments builds a C library; without a compiler its tests are left out.
$(VENV)/.installed-dev: locks/dev.txt locks/comments.txt $(VENV)/.installed
	$(PIP) install --quiet --require-hashes -r locks/dev.txt
	$(PIP) install --quiet --require-hashes -r locks/comments.txt || ! command -v cc
	touch $@

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

clean:
	rm -rf build $(VENV)
