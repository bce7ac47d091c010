# AIMS from a checkout. Needs Python 3.11 or newer, make and git; `make help` lists the targets.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
UV     := $(shell command -v uv 2>/dev/null)

PACKAGES := aims_core aims_compliance aims_discovery aims_incidents aims_monitoring aims_reporting aims_risk
# One pytest process more than there are cores, as tests wait for disks and for other programs (a fifth of the
# time on two cores); whoever is done early takes over from the others.
WORKERS := $(shell $(PYTHON) -c 'import os; \
  cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1); \
  print(len(cores) + 1)' 2>/dev/null)
SHARED := -n $(or $(WORKERS),auto) --dist worksteal
# Those that are programs; the others are what they share.
BENCHMARKS := $(sort $(shell grep -l '^if __name__' benchmarks/*.py))
MANIFESTS := pyproject.toml requirements-dev.txt requirements-tools.txt $(wildcard plugins/*/pyproject.toml)

# Tests and demo start hundreds of programs; where this is set, each compiles anew all that it imports.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo lab test unit lint docs bench nightly lock clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY)  ## install everything into .venv (the other targets do this by themselves)

# The stamp is older than a manifest that changed, so an edited dependency is installed by itself.
$(READY): $(MANIFESTS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "AIMS needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1 || echo missing)." >&2; \
	  echo "Install a newer one, or name it: make PYTHON=python3.12 ..." >&2; exit 1; }
ifeq ($(UV),)
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV) || { \
	  echo "Python cannot create a virtual environment here; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@echo "Installing into $(VENV) (a few minutes the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
else
	@test -x $(BIN)/python || $(PYTHON) -m venv --without-pip $(VENV)
	@echo "Installing into $(VENV) with uv ..."
	@$(UV) pip install --quiet --python $(BIN)/python -r requirements-dev.txt
endif
	@touch $@

demo: $(READY)  ## the whole life of an AI system on a real inventory, into demo/
	@$(BIN)/aims demo demo

lab: $(READY)  ## open JupyterLab with the workbench over demo/
	@test -f demo/aims.toml || $(BIN)/aims demo demo
	@$(BIN)/aims --workspace demo lab

test: lint  ## everything that must hold: lint, types, layers, all tests (packaging, notebooks, browser)
	$(BIN)/python -m pytest $(SHARED)

unit: $(READY)  ## only the fast tests
	$(BIN)/python -m pytest $(SHARED) -m "not slow"

lint: $(READY)  ## style, format, types and the import contract
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --num-workers auto $(addprefix -p ,$(PACKAGES))
	$(BIN)/lint-imports

docs: $(READY)  ## build the documentation into site/, strictly and without network
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

bench: $(READY)  ## every benchmark in its small form: figures, and which goals they keep or miss
	@missed=; for each in $(BENCHMARKS); do echo "== $$each"; \
	  $(BIN)/python $$each --quick || missed="$$missed $$each"; done; \
	  test -z "$$missed" || { echo "a goal was missed, or it failed, in:$$missed" >&2; exit 1; }

nightly: lint docs  ## everything, with fresh random examples for the property tests
	AIMS_NIGHTLY=1 $(BIN)/python -m pytest $(SHARED) --hypothesis-profile=default --ignore=tests/faults
	$(BIN)/python benchmarks/faults.py
	$(BIN)/python benchmarks/engine_tests.py
	$(MAKE) bench BENCHMARKS="$(filter-out benchmarks/faults.py benchmarks/engine_tests.py,$(BENCHMARKS))"

# One declared dependency a line, of the core and of every plugin.
DECLARED := import glob, tomllib; \
  projects = [tomllib.load(open(p, "rb"))["project"] for p in ["pyproject.toml", *glob.glob("plugins/*/pyproject.toml")]]; \
  print(*sorted({d for p in projects for d in [*p["dependencies"], *sum(p.get("optional-dependencies", {}).values(), [])] if not d.startswith("aims-")}), sep=chr(10))

lock:  ## lock every version into uv.lock against a wheelhouse, then install with: uv sync --frozen --all-packages --all-extras --no-index --find-links wheelhouse
	mkdir -p wheelhouse
	$(PYTHON) -c '$(DECLARED)' > wheelhouse/declared.txt
	$(PYTHON) -m pip download --quiet --dest wheelhouse -r wheelhouse/declared.txt -r requirements-tools.txt hatchling editables
	uv lock --no-index --find-links wheelhouse

clean:  ## remove what make made: .venv, demo, site, dist, caches
	rm -rf $(VENV) demo site dist wheelhouse .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
