# Two commands matter: `make run` and `make test`. A fresh machine needs git, make and Python 3.11 or newer.

SHELL := /bin/bash
.DELETE_ON_ERROR:
.SUFFIXES:

VENV := .venv
BIN := $(VENV)/bin
LOCKED := $(VENV)/.locked
STAMP := $(VENV)/.installed
PLUGINS := $(wildcard plugins/*/pyproject.toml)

# The newest Python that is here; `make PYTHON=/path/to/python3.12 test` names another.
PYTHON ?= $(shell for name in python3.14 python3.13 python3.12 python3.11 python3 python; do \
	found=$$(command -v $$name) && $$found -c 'import ensurepip, ssl, sqlite3, sys; sys.exit(sys.version_info < (3, 11))' \
	2>/dev/null && echo $$found && break; done)

WORKERS ?= 2
TESTS ?= tests $(wildcard plugins)
ARGS ?=
# What `make run` pays over: the sandbox, or iso8583 for a network in a box of its own.
NETWORK ?= sandbox
NETWORK_PORT ?= 8583

.PHONY: help install run test check lint types layers spelling dependencies docs format bench lock changelog clean

help: ## say what there is
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "payments-core needs Python 3.11 or newer (set PYTHON=...)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# Everything that is installed comes from the lock and is checked against its hashes.
$(LOCKED): requirements.lock | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

# Our own distributions are installed in place, again when what they declare has changed.
$(STAMP): $(LOCKED) pyproject.toml $(PLUGINS)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation \
		-e . $(patsubst %/pyproject.toml,-e %,$(PLUGINS))
	@$(BIN)/python -m compileall -q src $(VENV)/lib >/dev/null || true # a server that starts again is back sooner
	@touch $@

install: $(STAMP) ## make the virtual environment, from requirements.lock alone

run: $(STAMP) ## start the reference server with a demo account (NETWORK=iso8583: on a network in a box)
ifeq ($(NETWORK),iso8583)
	@trap 'kill $$(jobs -p) 2>/dev/null; wait' EXIT; trap 'exit 130' INT TERM; \
	$(BIN)/payments simulate network --port $(NETWORK_PORT) & \
	PAYMENTS_NETWORK=iso8583 PAYMENTS_ISO8583_HOSTS=127.0.0.1:$(NETWORK_PORT) $(BIN)/payments serve --demo $(ARGS) & \
	wait -n
else
	@exec $(BIN)/payments serve --demo $(ARGS)
endif

test: $(STAMP) ## run the tests (TESTS=tests/payments WORKERS=0 ARGS="-k capture" narrow it down)
	$(BIN)/python -m pytest -n $(WORKERS) $(TESTS) $(ARGS)

check: lint types layers spelling dependencies docs ## format, lint, types, layers, spelling, dependencies, docs

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(STAMP)
	$(BIN)/mypy src tests typing_tests conftest.py $(wildcard plugins examples benchmarks)

layers: $(STAMP)
	$(BIN)/lint-imports --cache-dir .cache/import-linter

spelling: $(STAMP)
	git ls-files -z | xargs -0 $(BIN)/codespell

dependencies: $(STAMP)
	$(BIN)/deptry src

docs: $(STAMP) ## build the documentation into site/
	$(BIN)/zensical build --clean --strict

format: $(STAMP) ## let ruff format the code and mend what it can; write the index of errors
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/python -m payments_web.error_index docs/errors.md

bench: $(STAMP) ## print the speed as ratios against yardsticks of the same run
	$(BIN)/python -m benchmarks $(ARGS)

lock: $(STAMP) ## resolve the dependencies anew (UPGRADE=--upgrade takes the newest)
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --all-extras \
		--no-emit-index-url --no-emit-find-links --no-header $(UPGRADE) -o requirements.lock pyproject.toml

changelog: $(STAMP) ## show what the next release will say
	$(BIN)/towncrier build --draft --version next

clean: ## remove the virtual environment and everything that was built
	rm -rf $(VENV) build dist site .cache .coverage htmlcov .hypothesis .benchmarks
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find . -name '*.egg-info' -type d -prune -exec rm -rf {} +
