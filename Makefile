# `make demo` plays the main job and leaves the site running; `make test` passes the tests.
SHELL := /bin/sh
.SHELLFLAGS := -eu -c
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)
WORKERS ?= 4
HISTORIES ?= 1000
SEED := $(or $(SEED),$(shell date +%s))
# Otherwise every process of every run compiles all modules, and pytest rewrites all assertions.
unexport PYTHONDONTWRITEBYTECODE
# Stops the embedded PostgreSQL again if the command started it.
WITH_DATABASE := $(BIN)/python -m stocksprout.postgres

.PHONY: help demo test test-slow explore bench check checks lock format clean

help:
	@echo "make demo    play the main job, leave the site running (ONCE=1: play, check, exit)"
	@echo "make test    run the tests"
	@echo "make test-slow  restarts, kills, long tables, hundreds of random histories (half an hour)"
	@echo "make explore  random histories nobody has seen (HISTORIES=1000 SEED=…)"
	@echo "make bench   measure it beside the bare limits of this machine"
	@echo "make check   linters, types, layers, migrations, deploy settings, state diagrams"
	@echo "make format  let ruff format the code"
	@echo "make lock    pin the requirements anew (UPGRADE=1: at their newest versions)"

# One environment for all; made anew when the lock changes.
$(VENV)/made: requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "StockSprout needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)."; \
		echo "Name another one, for example: make $(or $(firstword $(MAKECMDGOALS)),demo) PYTHON=python3.12"; \
		exit 1; \
	} >&2
	@echo "Installing the locked requirements into $(VENV) (once, a minute or so) …"
	@if [ -n "$(UV)" ]; then \
		$(UV) venv --quiet --allow-existing --python "$$(command -v $(PYTHON))" $(VENV); \
		$(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements-dev.txt; \
	else \
		$(PYTHON) -m venv $(VENV); \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check \
			--require-hashes -r requirements-dev.txt; \
	fi
	@touch $@

demo: $(VENV)/made
	@exec $(WITH_DATABASE) $(BIN)/python -m demo $(if $(ONCE),--once)

test: $(VENV)/made
	@exec $(WITH_DATABASE) $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not slow" $(ARGS)

test-slow: $(VENV)/made
	@exec $(WITH_DATABASE) $(BIN)/python -m pytest -n 2 --dist worksteal -m slow $(ARGS)

# The other targets play the same histories in every run: a change is judged by itself.
explore: $(VENV)/made
	@echo "SEED=$(SEED)"
	@MACHINE_EXAMPLES=$(HISTORIES) exec $(WITH_DATABASE) $(BIN)/python -m pytest \
		tests/money/test_machine.py --hypothesis-seed=$(SEED) $(ARGS)

bench: $(VENV)/made
	@exec $(WITH_DATABASE) $(BIN)/python -m bench

check: $(VENV)/made
	@exec $(WITH_DATABASE) $(MAKE) --no-print-directory checks

checks:
	@$(BIN)/python -m ruff format --check --quiet .
	@$(BIN)/python -m ruff check --quiet .
	@$(BIN)/python -m djlint --lint --quiet templates
	@$(BIN)/python -m mypy .
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python manage.py makemigrations --check --dry-run
	@$(BIN)/python manage.py states | diff -u docs/states.md -
	@texts=$$(mktemp -d) && trap 'rm -rf "$$texts"' EXIT; \
	cp -R accounts/data/agreements/. "$$texts"; \
	find "$$texts" -name '*.txt' -exec sed -i.bak 's/^status: placeholder$$/status: final/' {} +; \
	env -i PATH="$$PATH" HOME="$$HOME" STOCKSPROUT_ENV=production AGREEMENTS_FOLDER="$$texts" \
		SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(64))') \
		FERNET_KEY=for-this-check-only BLIND_INDEX_KEY=for-this-check-only \
		DATABASE_URL=postgresql://check@localhost/check EMAIL_URL=smtp://localhost:25 \
		SITE_URL=https://check.internal SUPPORT_EMAIL=help@check.internal \
		DEFAULT_FROM_EMAIL=hello@check.internal \
		DRIVEWEALTH_BASE_URL=https://bo-api.drivewealth.net DRIVEWEALTH_ENV=production \
		DRIVEWEALTH_CLIENT_ID=check DRIVEWEALTH_CLIENT_SECRET=check DRIVEWEALTH_APP_KEY=check \
		$(BIN)/python manage.py check --deploy --fail-level WARNING

# The extras stay in the lock: without them pip older than 24.1 reads `coverage[toml]` as unpinned.
COMPILE := $(BIN)/uv pip compile --quiet --no-strip-extras --universal --python-version 3.11 \
	--generate-hashes --no-header $(if $(UPGRADE),--upgrade)

lock: $(VENV)/made
	@$(COMPILE) --output-file requirements.txt requirements.in
	@$(COMPILE) --constraint requirements.txt --output-file requirements-dev.txt requirements-dev.in

format: $(VENV)/made
	@$(BIN)/python -m ruff format --quiet .
	@$(BIN)/python -m ruff check --quiet --fix .

clean:
	rm -rf .venv var .mypy_cache .ruff_cache .pytest_cache
