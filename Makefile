# `make help` lists what there is. Needs Python 3.11 or newer, and make; all else comes into .venv by the lock files.

SHELL := /bin/sh
.DEFAULT_GOAL := help
PY := .venv/bin/python
TESTS ?= tests
# Tests wait for files and other processes, too: half as many again as there are cores.
WORKERS = $$($(PY) -c 'import os; n = os.cpu_count() or 1; print(min(8, n + n // 2))')
# Of tests/registry, what tells one server from another no better than the rest does: it is run once, by `make test`.
ANY_SERVER = deciding decision_file decisions_property differences embedded every_source guards guards_amendments postgres_programs \
	withdrawal_preview withdrawing_property

# PYTHON=… chooses one; otherwise the first that is new enough.
FIND_PYTHON = for python in "$$PYTHON" python3 python3.13 python3.12 python3.11; do \
	if [ -n "$$python" ] && "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then break; fi; \
	python=; \
	done; \
	if [ -z "$$python" ]; then \
	echo "make: Python 3.11 or newer is needed and was not found (python3 is $$(python3 -V 2>&1)). Install it, or name it: make PYTHON=/path/to/python3" >&2; \
	exit 1; fi
QUIETLY = quietly() { out=$$("$$@" 2>&1) || { printf '%s\n' "$$out"; echo "make: failed: $$*" >&2; exit 1; }; }

export PYTHON

.PHONY: help run test test-server test-deep check format bench clean lock venv venv-dev

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

run: venv ## a whole server on this machine, with the sample circulars published; Ctrl-C stops it
	@: "$${MAXA_ONE_PERSON:=1}" "$${MAXA_LOG_FORMAT:=console}" "$${MAXA_HOST:=127.0.0.1}"; \
	case "$$MAXA_HOST" in \
	127.*|localhost|::1) : "$${MAXA_ACCESS:=open}"; \
	echo "make: for trying out: one person imports and approves (MAXA_ONE_PERSON=$$MAXA_ONE_PERSON), access is $$MAXA_ACCESS (MAXA_ACCESS) on $$MAXA_HOST.";; \
	*) : "$${MAXA_ACCESS:=token}"; \
	echo "make: one person imports and approves (MAXA_ONE_PERSON=$$MAXA_ONE_PERSON); others can reach $$MAXA_HOST, so access is $$MAXA_ACCESS (MAXA_ACCESS).";; \
	esac; \
	export MAXA_ONE_PERSON MAXA_LOG_FORMAT MAXA_HOST MAXA_ACCESS; \
	exec $(PY) -m maxa.cli run --demo

test: check ## checks, then all tests on a real PostgreSQL (TESTS=tests/registry for some)
	@$(PY) -m pytest -q -n $(WORKERS) -m "not deep" $(TESTS)

test-server: venv-dev ## the registry's tests that lean on the server, on the one that MAXA_TEST_DATABASE_URL names
	@: "$${MAXA_TEST_DATABASE_URL:?names no server}"; \
	$(PY) -m pytest -n $(WORKERS) -m "not deep" tests/registry $(ANY_SERVER:%=--ignore=tests/registry/test_%.py)

test-deep: venv-dev ## all tests, with the kill, fuzz and load runs at full counts (long)
	@$(PY) -m pytest -q -n $(WORKERS) --hypothesis-profile fresh $(TESTS)

check: venv-dev ## style, types, and who may import whom
	@$(QUIETLY); \
	quietly $(PY) -m ruff check .; \
	quietly $(PY) -m ruff format --check .; \
	quietly $(PY) -m mypy; \
	quietly $(PY) -c 'import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())'; \
	echo "make: style, types and import rules are in order"

format: venv-dev ## put the code into the one style
	@$(PY) -m ruff check --fix --quiet . ; $(PY) -m ruff format --quiet .

bench: venv-dev ## the figures of docs/benchmarks.md, measured on this machine
	@$(PY) -m benchmarks

clean: ## remove all that make made; data (var/, MAXA_HOME) stay
	@rm -rf .venv .venv-lock *.egg-info build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .bench
	@find . -name __pycache__ -type d -not -path './var/*' -prune -exec rm -rf {} +

lock: ## write the lock files anew from pyproject.toml (by uv, in an environment of its own)
	@$(FIND_PYTHON); \
	[ -x .venv-lock/bin/uv ] || { "$$python" -m venv .venv-lock && .venv-lock/bin/python -m pip --quiet install uv; }; \
	lock=".venv-lock/bin/uv --quiet pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header pyproject.toml --upgrade"; \
	$$lock --group build -o requirements.lock && $$lock --group build --group dev -o requirements-dev.lock

venv: ## the virtual environment alone, for units that call .venv/bin
	@$(FIND_PYTHON); "$$python" .ci/venv.py run

venv-dev:
	@$(FIND_PYTHON); "$$python" .ci/venv.py dev
