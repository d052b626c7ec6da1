# Copyright (c) 2026, The rackspace.identity maintainers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# A thin face: tests/tools/ does the work. Paths stay relative or quoted, so the clone may have spaces in its path.
# Pass options of pytest on with ARGS, as in: make unit ARGS="-k totp -x"

SHELL := /bin/sh
.DEFAULT_GOAL := help

# The folder of this file, also for "make -f elsewhere/Makefile" ($(dir) and $(lastword) break at spaces).
ROOT := $(shell d=$$(dirname "$$(printf '%s' '$(MAKEFILE_LIST)' | sed 's/^ //')") && cd "$$d" && pwd)
C := $(ROOT)/.cache
PYTHON := "$(C)/venv/bin/python"
RUN := cd "$(ROOT)" && $(PYTHON) tests/tools/run.py
CHECK := cd "$(ROOT)" && $(PYTHON) tests/tools/check.py

PARTS := unit tools-test emulator-test integration sanity-short molecule-short lint format-check typecheck docs build licenses

# What make test leaves out, with five times as much generated input.
THOROUGH := thorough explore units-short molecule-rest

.PHONY: help setup programs demo test $(PARTS) $(THOROUGH) sanity molecule units faults kills load mutants bench pictures matrix format clean

help: ## list the targets
	@sed -n 's/^\([a-z][a-z -]*\):.*## /\1\t/p' "$(ROOT)/Makefile" | while IFS="$$(printf '\t')" read -r name text; do \
	  printf '  %-15s %s\n' "$$name" "$$text"; done

setup: ## set up the tools in .cache/ (every other target does it by itself)
	@sh "$(ROOT)/tests/tools/setup.sh"

programs: setup ## the few programs from outside Python that tests use: Debian packages where root, a package of npm
	@cd "$(ROOT)" && $(PYTHON) tests/tools/programs.py

demo: setup ## enroll accounts on the emulator, and prove it
	@$(RUN) python tests/demo

test: programs ## every check, ending with how many tests ran; CI runs it, and thorough
	@$(CHECK) $(PARTS)

unit: setup ## unit tests by pytest
	@$(CHECK) $@ -- $(ARGS)
tools-test: setup ## the tests of what counts the tests
	@$(CHECK) $@ -- $(ARGS)
emulator-test: setup ## the emulator's own tests
	@$(CHECK) $@ -- $(ARGS)
integration: programs ## real ansible-playbook runs against the emulator: those that tell most
	@$(CHECK) $@ -- $(ARGS)
thorough: programs ## what test leaves out: rarer cases, samples of long tables, the other scenarios
	@$(CHECK) $(THOROUGH)
sanity: programs ## ansible-test sanity, without an ignore file
	@$(CHECK) $@
sanity-short: programs ## sanity, with pylint over the plugins alone, as in test
	@$(CHECK) $@
molecule-short: programs ## the scenarios that test plays
	@$(CHECK) $@
molecule-rest: programs ## the scenarios that thorough plays
	@$(CHECK) $@
units: setup ## ansible-test units: the unit tests once more, as Ansible's own tooling runs them
	@$(CHECK) $@
units-short: setup ## that ansible-test units can import them, as in thorough
	@$(CHECK) $@
explore: setup ## the tests of bad input with five times as many examples
	@$(CHECK) $@ -- $(ARGS)
molecule: programs ## the scenarios of extensions/molecule (ARGS: some of them by name)
	@$(CHECK) $@ -- $(ARGS)
lint: setup ## ansible-lint, profile production, and the words that we use
	@$(CHECK) $@
format-check: setup ## ruff: rules and format
	@$(CHECK) $@
typecheck: setup ## mypy, strict
	@$(CHECK) $@
docs: setup ## antsibull-docs over the documentation of plugins, roles and guides
	@$(CHECK) $@
build: setup ## build the tarball from a clean copy, and install it
	@$(CHECK) $@
licenses: setup ## reuse lint
	@$(CHECK) $@

faults: programs ## meet each request of each job with each fault, in real runs
	@export WHOLE_TABLES=1; $(RUN) pytest -q -n 2 -m thorough tests/integration/test_role_faults.py $(ARGS)
kills: programs ## kill each job at every moment, and start two runs at once 20 times, with every store
	@export WHOLE_TABLES=1; $(RUN) pytest -q -n 3 -m thorough tests/integration/test_role_kills.py tests/integration/test_role_at_once.py $(ARGS)

load: setup ## enroll 300 accounts while requests meet faults, until all are settled (LOAD_ACCOUNTS: so many)
	@$(RUN) pytest -q tests/integration/load.py $(ARGS)

mutants: setup ## change the code in many small ways, and see which no unit test notices (ARGS: --sample 10 module_utils/otp/secret.py)
	@$(RUN) python -m pip install --quiet --disable-pip-version-check -r tests/requirements-mutants.txt
	@$(RUN) python tests/tools/mutants.py $(ARGS)

bench: setup ## the benchmarks
	@$(RUN) python tests/bench
pictures: setup ## draw the runs that README and guides show
	@$(RUN) python tests/tools/pictures.py
matrix: setup ## unit tests, sanity and marked integration tests with the other ansible-cores, where there is a Python for them
	@cd "$(ROOT)" && $(PYTHON) tests/tools/matrix.py

format: setup ## let ruff format the Python and fix what it can
	@$(RUN) ruff check --fix . && $(RUN) ruff format .

clean: ## remove everything that the targets made
	@cd "$(ROOT)" && rm -rf .cache collections tests/output .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find "$(ROOT)" -name __pycache__ -prune -exec rm -rf {} +
