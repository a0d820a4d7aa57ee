# The two commands are `make demo` and `make test`. `make help` lists the rest.
# Each builds what it needs first, from python3 (3.11 or later, with venv and pip), make and git alone.

SHELL := /bin/sh
.DEFAULT_GOAL := help

PYTHON ?= python3
# Files of tests run beside each other, the tests of one in its order (some share a machine that they change); more than
# 8 at once would start more database servers than it saves time.
PYTEST_ARGS ?= -n auto --maxprocesses 8 --dist loadfile --no-loadscope-reorder
# What lies in a user's own site-packages must not fill a gap in ours.
export PYTHONNOUSERSITE := 1
BIN := .venv/bin

RUNTIME := .venv/.made-runtime
DEV := .venv/.made-dev
CODE := inboxd rules store transcribe
UV_COMPILE := uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header
UV_ALL := pyproject.toml --extra postgres --group build

# PYTHON is named to `install` only where somebody named it: make's own default may be one that the daemon cannot use.
INSTALL := PYTHON="$(if $(filter environment command,$(firstword $(origin PYTHON))),$(PYTHON))" PREFIX="$(PREFIX)" DESTDIR="$(DESTDIR)" \
	tools/install

.PHONY: help install uninstall venv venv-dev demo test check static lint typecheck layers prism bench-speech corpus docs docs-check format lock clean

help: ## show this list
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(RUNTIME) ## watch a mail and a voicemail become tickets (under a minute once installed)
	@$(BIN)/python -m tools.demo

test: $(DEV) ## run every test; says at the end which ones need a server that is missing here
	@$(BIN)/pytest $(PYTEST_ARGS)

install: ## as root: install inboxd on this machine, or upgrade it (docs/install.md; DESTDIR=, PREFIX=, PYTHON=)
	@$(INSTALL) install

uninstall: ## as root: remove it again; configuration and store stay
	@$(INSTALL) uninstall

check: static test ## the gate: everything a change must pass
static: lint typecheck layers docs-check ## the gate without the tests

venv: $(RUNTIME) ## build .venv with inboxd in it
venv-dev: $(DEV) ## build .venv with what the tests need, too

$(RUNTIME): requirements/runtime.txt requirements/build.txt pyproject.toml tools/venv
	@PYTHON="$(PYTHON)" tools/venv runtime

$(DEV): requirements/dev.txt requirements/runtime.txt requirements/build.txt pyproject.toml tools/venv
	@PYTHON="$(PYTHON)" tools/venv dev

lint: $(DEV) ## style: ruff's rules and its formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

typecheck: $(DEV) ## types: mypy, strict
	$(BIN)/mypy

layers: $(DEV) ## walls: which room may import which (.importlinter)
	$(BIN)/lint-imports

docs-check: $(DEV) ## documents: links, names, generated pages
	$(BIN)/pytest -q tests/docs

prism: $(DEV) ## the phone provider's API, held to its own description by npm's prism-cli (INBOXD_SHARED=FOLDER; npm)
	@test -f "$(INBOXD_SHARED)/twilio_api_v2010.json" || { echo "INBOXD_SHARED must name a folder with twilio_api_v2010.json in it" >&2; exit 2; }
	@mkdir -p build/prism && cp tests/prism/package.json tests/prism/package-lock.json build/prism/
	@npm ci --prefix build/prism --ignore-scripts --no-audit --no-fund --silent
	@$(BIN)/python -m tests.prism build/prism/node_modules/.bin/prism

corpus: $(DEV) ## score `inboxd parse` by suite (INBOXD_SHARED=FOLDER holds corpus/; CORPUS_ARGS="--details 5")
	@test -f "$(INBOXD_SHARED)/corpus/score.py" || { echo "INBOXD_SHARED must name a folder with corpus/score.py in it" >&2; exit 2; }
	@$(BIN)/python "$(INBOXD_SHARED)/corpus/score.py" --set "$(INBOXD_SHARED)/corpus" \
		--batch '$(BIN)/inboxd parse --json {paths}' $(CORPUS_ARGS)

bench-speech: $(DEV) ## how well recordings are heard, and at what cost (INBOXD_SHARED=FOLDER holds speech/; BENCH_ARGS=…)
	@$(BIN)/python -m tests.bench.bench_speech $(BENCH_ARGS)

docs: $(DEV) ## write the generated pages anew (commands, configuration)
	$(BIN)/python -m inboxd.cli.reference
	$(BIN)/python -m inboxd.cli.configuration_reference

format: $(DEV) ## put the code in shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: ## write requirements/*.txt anew from pyproject.toml (needs uv; add UPGRADE=1 for the newest of everything)
	$(UV_COMPILE) $(if $(UPGRADE),--upgrade) $(UV_ALL) --output-file requirements/runtime.txt
	$(UV_COMPILE) $(if $(UPGRADE),--upgrade) $(UV_ALL) --group dev --output-file requirements/dev.txt
	$(UV_COMPILE) $(if $(UPGRADE),--upgrade) --group build --constraint requirements/runtime.txt \
		--output-file requirements/build.txt

clean: ## remove .venv and every cache
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build dist
	find $(CODE) tests tools -name __pycache__ -type d -prune -exec rm -rf {} +
