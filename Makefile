# Grants on Trust: what make can do here. Needs Python 3.11 or newer, git and make.
.DEFAULT_GOAL := help
.PHONY: help setup demo test soak bench wheel lock reference languages clean

BIN := .venv/bin

help: ## Says what each target does
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-15s %s\n", $$1, $$2 }'

setup: ## Makes .venv, installs what is pinned, compiles the page kit
	@PYTHON="$(PYTHON)" sh workshop/setup.sh

demo: setup ## Starts the demonstration charity on http://127.0.0.1:8000
	@exec $(BIN)/grants demo $(ARGS)

test: setup ## Runs every check: format, lint, types, contracts, tests on both databases and in a browser
	@exec $(BIN)/python workshop/check.py $(ARGS)

soak: setup ## Runs the long checks of money and prints their figures (hours; ARGS="-k storms" for a part)
	@exec $(BIN)/python workshop/soak.py $(ARGS)

bench: setup ## Measures how fast everything is, on both databases (some minutes)
	@exec $(BIN)/python -m benchmarks $(ARGS)

wheel: setup ## Builds the core's and the plugins' wheels into dist/
	@sh workshop/wheel.sh

lock: setup ## Pins every package again, with hashes, from requirements*.in
	@sh workshop/lock.sh

reference: setup ## Writes plugins/REFERENCE.md from what the code says of its public names
	@$(BIN)/python workshop/reference.py

languages: setup ## Brings the catalogues of what recipients read up to date, and says what is missing
	@$(BIN)/python workshop/languages.py update

clean: ## Removes what was built, but not .venv nor var
	rm -rf build dist grants/static/dist *.egg-info plugins/*/build plugins/*/*.egg-info
	rm -f .venv/stamps/page-kit .venv/stamps/ours
