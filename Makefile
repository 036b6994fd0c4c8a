# The few commands of the template; `make` alone lists them.

PYTHON ?= python3
VENV := .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
TOOLS := $(BIN)/python tests/toolchain.py

# for `make new`: the folder to scaffold in, and answers such as ANSWERS="plugin_kind=processor plugin_name=mask"
OUT ?= ..
ANSWERS ?=
# for `make test` and `make fast`: what else to tell pytest
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help new test fast lint format bench docs picture clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

new: $(VENV)/new ## scaffold a plugin repository: [OUT=folder] [ANSWERS="key=value ..."]
	@test -t 0 && asks= || asks=--no-input; $(BIN)/cookiecutter . --output-dir "$(OUT)" $$asks $(ANSWERS)

test: $(VENV)/test lint ## run the whole suite: [ARGS="-k register"]
	$(TOOLS) $(BIN)/python -m pytest -n auto $(ARGS)

fast: $(VENV)/test ## run the suite without its slow tier
	$(TOOLS) $(BIN)/python -m pytest -n auto -m "not slow" $(ARGS)

lint: $(VENV)/test ## check format and rules of the Python code
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .

format: $(VENV)/test ## format the Python code
	$(BIN)/ruff format --quiet .
	$(BIN)/ruff check --quiet --fix .

bench: $(VENV)/test ## measure scaffolding and registering: [ARGS="--rounds 5"]
	$(BIN)/python benchmarks/run.py $(ARGS)

docs: $(VENV)/test ## build the documentation site into site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet

picture: $(VENV)/test ## make the README's picture anew, from a real run: LOONGCOLLECTOR_HOME=checkout
	$(BIN)/python tools/picture.py

clean: ## remove what the commands above leave
	rm -rf $(VENV) .tools build site

$(VENV)/new: requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/test: tests/requirements.txt docs/requirements.txt $(VENV)/new
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	@touch $@
