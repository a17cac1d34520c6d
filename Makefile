# Response Desk. `make` alone prints this help.
# Settings by environment: PORT, CRISIS_HOME (where the desk keeps its data), CRISIS_DATABASE, CRISIS_DATA (for eval and bench).
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8620
CRISIS_HOME ?= var
export PORT CRISIS_HOME
CASE ?= tanker_oil_2024-07
DATA ?= $(CRISIS_DATA)

.DEFAULT_GOAL := help
.PHONY: help setup run test check bench eval fit fit-plan fit-checks tiers drill replay messages lock clean

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

# The guard in the script matters: reader processes are spawned and import the script again.
# Packages are pinned and hashed; no file names a registry: pip's and uv's own settings decide where they come from.
define install
	@test -x $(BIN)/python || $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (PYTHON=python3.12 make ...)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "venv is missing: on Debian and Ubuntu, apt install python3-venv"; exit 1; }
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --require-hashes -r requirements/uv.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r $(1) || $(BIN)/python -m pip install --quiet --require-hashes -r $(1)
	@$(BIN)/python -c 'import pathlib, sysconfig; pathlib.Path(sysconfig.get_paths()["purelib"], "response-desk.pth").write_text(str(pathlib.Path.cwd()))'
	@printf '#!%s\nfrom crisis.cli import main\n\nif __name__ == "__main__":\n    main()\n' "$(CURDIR)/$(BIN)/python" > $(BIN)/crisis && chmod +x $(BIN)/crisis
endef

$(VENV)/run.ready: requirements/run.txt requirements/uv.txt Makefile
	$(call install,requirements/run.txt)
	@touch $@

$(VENV)/dev.ready: requirements/dev.txt requirements/uv.txt Makefile
	$(call install,requirements/dev.txt)
	@touch $@ $(VENV)/run.ready

$(VENV)/bench.ready: requirements/bench.txt $(VENV)/dev.ready
	$(call install,requirements/bench.txt)
	@touch $@

setup: $(VENV)/run.ready ## all the set-up, nothing started; quick when already done
	@$(BIN)/crisis check

run: $(VENV)/run.ready ## open the desk (the sample drill until your own organisation is set up)
	@$(BIN)/crisis serve

test: check ## everything: rules of the house, tests on SQLite and PostgreSQL, a real browser, the wheel
	$(BIN)/python -m pytest -n 2 --dist loadgroup

check: $(VENV)/dev.ready ## ruff, mypy, import directions, content
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache > $(VENV)/imports.txt || { cat $(VENV)/imports.txt; exit 1; }
	$(BIN)/crisis check

eval: $(VENV)/dev.ready ## quality on development data (CRISIS_DATA=folder)
	$(BIN)/python -m tests.eval $(ARGS)

bench: $(VENV)/bench.ready ## speed beside the peers (CRISIS_DATA=folder)
	$(BIN)/python -m tests.bench $(ARGS)

fit: $(VENV)/bench.ready ## fit the classifier's weights on development cases (CRISIS_DATA=folder)
	PYTHONPATH=. $(BIN)/python tests/eval/fit.py

fit-plan: $(VENV)/bench.ready ## what labelled cases add to the points of the audiences (CRISIS_DATA=folder; ARGS=--write keeps it)
	PYTHONPATH=. $(BIN)/python tests/eval/fit_plan.py $(ARGS)

fit-checks: $(VENV)/bench.ready ## what a text reads like, learnt from our labelled statements (ARGS=--write keeps it; 6 to 12 min, 7 GB of memory)
	$(BIN)/python -m tests.eval.likeness $(ARGS)

tiers: $(VENV)/dev.ready ## how far each forbidden wording is believed, by the labelled texts (ARGS=--write sets it)
	$(BIN)/python -m tests.eval.tiers $(ARGS)

drill: $(VENV)/run.ready ## play the sample drill to the release, without a browser
	@$(BIN)/crisis drill

replay: $(VENV)/run.ready ## serve a recorded crisis as feeds and act on it (CASE=name DATA=folder)
	@$(BIN)/crisis replay $(DATA)/replays/$(CASE).jsonl.gz --orgs $(DATA)/replays/orgs.json

messages: $(VENV)/dev.ready ## bring the Chinese catalogue up to date
	$(BIN)/python tools/messages.py

lock: $(VENV)/dev.ready ## pin and hash the requirements anew
	PATH="$(CURDIR)/$(BIN):$$PATH" sh tools/lock.sh

clean: ## remove the environment and caches, never your data
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
