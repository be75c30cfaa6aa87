# `make` explains the targets. Only relative paths: the checkout may stand anywhere.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)
PY := .venv/bin/python
PIP := $(PY) -m pip --disable-pip-version-check
ARGS ?=

# Tests start hundreds of Pythons; where compiled modules are not kept, each compiles all of them anew.
unexport PYTHONDONTWRITEBYTECODE

# Tests wait for sockets, disks and processes half of their time: two workers a core keep it busy.
WORKERS ?= $(shell $(PY) -c 'import os; print(2 * (os.cpu_count() or 1))' 2>/dev/null || echo auto)
PYTEST = $(PY) -m pytest -n $(WORKERS) --dist worksteal

# An environment remembers where it was made; a checkout that was moved needs a new installation.
$(shell [ "$$(cat .venv/.place 2>/dev/null)" = "$$PWD" ] || rm -f .venv/.run .venv/.dev)

.DEFAULT_GOAL := help
.PHONY: help run once demo test pytest unit pythons lint format bench lock lowest build sbom clean

help: ## explain the targets
	@echo 'aggregator: many feeds in, one feed worth subscribing to out'
	@echo
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-14s %s\n", $$1, $$2}'
	@echo
	@echo '  `make run ARGS="--config my.toml"` passes arguments to the command.'

run: .venv/.run config/aggregator.toml ## start the daemon with config/aggregator.toml, on SQLite
	$(PY) -m aggregator $(ARGS) run

once: .venv/.run config/aggregator.toml ## poll due feeds once, process and publish everything, print a summary
	$(PY) -m aggregator $(ARGS) once

demo: .venv/.run ## run a demonstration that needs no network
	$(PY) -m aggregator demo $(ARGS)

test: .venv/.dev ## run the linters and all tests
	@$(MAKE) --no-print-directory -j 2 lint pytest

pytest: .venv/.dev
	$(PYTEST) $(ARGS)

unit: .venv/.dev ## run the unit tests only
	$(PYTEST) tests/unit $(ARGS)

pythons: .venv/.dev ## try the other Pythons that are installed here
	@WORKERS="$(WORKERS)" .ci/pythons $(ARGS)

lint: .venv/.dev ## check style, types and the direction of imports
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'

format: .venv/.dev ## format the code
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

bench: .venv/.dev ## measure: prints ratios against baselines of the same run
	$(PY) -m bench $(ARGS)

lock: .venv/.dev ## resolve the dependencies anew into requirements/
	$(PY) -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate $(ARGS) \
		pyproject.toml requirements/build.in -o requirements/run.txt
	$(PY) -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate $(ARGS) \
		-c requirements/run.txt pyproject.toml requirements/build.in --group dev -o requirements/dev.txt
	$(PY) -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate $(ARGS) \
		-c requirements/run.txt requirements/build.in -o requirements/build.txt
	$(PY) -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate $(ARGS) \
		-c requirements/run.txt requirements/expressions.in -o requirements/expressions.txt
	$(PY) -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate $(ARGS) \
		-c requirements/run.txt requirements/workers.in -o requirements/workers.txt
	$(PY) -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate $(ARGS) \
		-c requirements/run.txt requirements/notify.in -o requirements/notify.txt
	$(PY) -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate $(ARGS) \
		-c requirements/run.txt requirements/metrics.in -o requirements/metrics.txt
	$(PY) -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate $(ARGS) \
		-c requirements/run.txt requirements/traces.in -o requirements/traces.txt
	$(PY) -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate $(ARGS) \
		requirements/sbom.in -o requirements/sbom.txt

lowest: .venv/.dev ## run the tests with the oldest dependencies that pyproject.toml allows
	rm -rf .venv-lowest
	$(PYTHON) -m venv .venv-lowest
	$(PY) -m uv pip install -q --python .venv-lowest --resolution lowest-direct -e . --group dev
	.venv-lowest/bin/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

# The time in archives is that of the release, wherever and whenever they are made: equal bytes.
RELEASED = $(shell $(PYTHON) -c 'import datetime as d, re; print(int(d.datetime.fromisoformat(re.search( \
	r"^\#\# [\d.]+ - ([\d-]+)", open("CHANGELOG.md", encoding="utf-8").read(), re.M)[1] + "T00:00:00+00:00").timestamp()))')
VERSION = $(shell sed -n 's/^__version__ = "\(.*\)"/\1/p' aggregator/__init__.py)
build sbom: export SOURCE_DATE_EPOCH ?= $(RELEASED)

build: .venv-build/.build ## build the wheel and the source archive into dist/, the same bytes each time
	.venv-build/bin/python -m hatchling build

sbom: .venv-build/.sbom ## list what the program consists of in dist/, as CycloneDX
	@mkdir -p dist
	@sed 's/^dynamic = \["version"\]/version = "$(VERSION)"/' pyproject.toml > .venv-build/pyproject.toml
	@awk '/^[A-Za-z0-9]/ { twice = NR != FNR && $$1 in seen; if (NR == FNR) seen[$$1] } !twice' \
		requirements/run.txt requirements/expressions.txt > .venv-build/all.txt
	.venv-build/sbom/bin/python -W ignore -m cyclonedx_py requirements --output-reproducible \
		--pyproject .venv-build/pyproject.toml -o dist/aggregator-$(VERSION).cdx.json .venv-build/all.txt

clean: ## remove the environment and everything made; data/ stays
	rm -rf .venv .venv-* dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# Yours from here on, and ignored by git: a dozen well-known feeds to begin with.
config/aggregator.toml:
	@cp config/aggregator.example.toml $@
	@echo 'wrote $@: the example, with a dozen feeds to replace with yours'

.venv/.made:
	@[ -n "$(PYTHON)" ] || { echo 'aggregator needs Python 3.11 or newer; none was found. Give one: make PYTHON=/path/to/python3' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo 'this Python cannot make environments; on Debian and Ubuntu: apt install python3-venv' >&2; exit 1; }
	@echo 'making an environment for Python in .venv/'
	@$(PYTHON) -m venv --clear .venv
	@touch $@

# What builds, apart from what runs: no package of the program is needed for it.
.venv-build/.build: requirements/build.txt
	@[ -n "$(PYTHON)" ] || { echo 'building needs Python 3.11 or newer: make PYTHON=/path/to/python3' >&2; exit 1; }
	@echo "installing $$(grep -c == requirements/build.txt) packages that build"
	@$(PYTHON) -m venv --clear .venv-build
	@.venv-build/bin/python -m pip --disable-pip-version-check install -q --require-hashes -r requirements/build.txt
	@touch $@

.venv-build/.sbom: .venv-build/.build requirements/sbom.txt
	@echo "installing $$(grep -c == requirements/sbom.txt) packages that list packages"
	@$(PYTHON) -m venv --clear .venv-build/sbom
	@.venv-build/sbom/bin/python -m pip --disable-pip-version-check install -q --require-hashes -r requirements/sbom.txt
	@touch $@

.venv/.run: .venv/.made requirements/run.txt requirements/expressions.txt requirements/notify.txt requirements/metrics.txt pyproject.toml
	@echo "installing $$(grep -c == requirements/run.txt) packages that the program needs: a minute or two, once"
	@$(PIP) install -q --require-hashes -r requirements/run.txt
	@$(PIP) install -q --require-hashes -r requirements/notify.txt -r requirements/metrics.txt
	@$(PIP) install -q --require-hashes -r requirements/expressions.txt || echo 'expressions are not to be had for this platform: all else works without'
	@$(PIP) install -q --no-deps --no-build-isolation -e .
	@printf '%s' "$$PWD" > .venv/.place
	@touch $@

.venv/.dev: .venv/.run requirements/dev.txt
	@echo "installing $$(grep -c == requirements/dev.txt) packages that tests and linters need: a minute or two, once"
	@$(PIP) install -q --require-hashes -r requirements/dev.txt
	@touch $@
