PYTHON ?= python3
PYTEST_FLAGS ?=
MINUTES ?= 5
TARGETS ?=
BIN := .venv/bin

.PHONY: help demo test test-fast test-long lint docs template bench mutants fuzz sbom bundle clean

help:  ## what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

demo: $(BIN)/ogi  ## fill, check, export and merge sample reports into demo/
	$(BIN)/ogi demo demo/

test:  ## install what the tests need (LibreOffice, Gnumeric …) and run them
	@PYTHON="$(PYTHON)" tools/setup-tests.sh
	$(BIN)/python -m pytest -n auto --dist loadscope --no-loadscope-reorder $(PYTEST_FLAGS)

test-fast: $(BIN)/pytest  ## the tests of single modules: no office program, nothing to install but Python packages
	$(BIN)/python -m pytest -n auto --dist worksteal -m "not office and not slow and not long" tests/unit $(PYTEST_FLAGS)

test-long:  ## the tests that take too long for every commit: whole sizes, many repetitions
	@PYTHON="$(PYTHON)" tools/setup-tests.sh
	$(BIN)/python -m pytest -n auto --dist loadscope -m long --timeout 3600 $(PYTEST_FLAGS)

lint: $(BIN)/ruff  ## style, types, and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(BIN)/ruff  ## write the generated pages and pictures of docs/
	$(BIN)/python -m tools.docs --pictures
	$(BIN)/python -m tests.module_tests

template: $(BIN)/ruff  ## write the workbook templates, macro workbooks and add-ins into templates/
	$(BIN)/python -m workbook.excel.template templates/
	$(BIN)/python -m xlplugin.building templates/

bench: $(BIN)/ruff  ## measure start-up, what a click on 校验 costs, and merging beside other ways to do it
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/plugin.py
	$(BIN)/python -m pip install --quiet --group bench
	$(BIN)/python -m benchmarks.merge

mutants: $(BIN)/ruff  ## change the code of MODULES="numbers reading/labels …" in small ways; do its tests notice?
	$(BIN)/python -m pip install --quiet --group mutation
	$(BIN)/python -m tests.robustness.mutants $(MODULES)

fuzz: $(BIN)/ruff  ## try altered files of every kind against what must hold (MINUTES=5 each, TARGETS="numbers texts")
	$(BIN)/python -m pip install --quiet --group fuzz || echo "no atheris for this Python: by chance, not by coverage"
	$(BIN)/python -m tests.robustness.fuzz --minutes $(MINUTES) $(TARGETS)

sbom: $(BIN)/ruff  ## resolve the dependencies anew: locks/, sbom/ and docs/licences.md
	$(BIN)/python -m pip install --quiet --group release
	$(BIN)/python -m tools.sbom
	$(BIN)/python -m tools.docs

bundle: $(BIN)/ruff  ## make the offline Windows bundle in dist/
	$(BIN)/python -m tools.bundle

clean:  ## remove what was made, except .venv and .tools
	rm -rf demo build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -not -path './.venv/*' -not -path './.tools/*' -prune -exec rm -rf {} +

# The runtime alone; `make test` adds the rest to the same .venv.
$(BIN)/ogi:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .

# The runtime and the Python packages that tests need; no office program.
$(BIN)/pytest: $(BIN)/ogi
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group test

$(BIN)/ruff:
	@PYTHON="$(PYTHON)" tools/setup-tests.sh
