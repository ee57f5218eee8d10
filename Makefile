PYTHON := .venv/bin/python
OFFSCREEN := QT_QPA_PLATFORM=offscreen

.PHONY: help setup run test lint bench screenshots wheel

help:
	@echo "make run          open the app on a starter with real data; sets everything up first"
	@echo "make test         lint, types, import rules and all tests, off screen; sets everything up first"
	@echo "make setup        only the set-up: system libraries, .venv, pinned packages"
	@echo "make lint         ruff, mypy and the import rules"
	@echo "make bench        measure speed against plain PyTorch and a bare window; prints ratios"
	@echo "make screenshots  draw every pane into docs/screenshots"
	@echo "make wheel        build the wheel into dist"

setup:
	@.ci/setup

run: setup
	@$(PYTHON) -m workbench --starter digits

lint: setup
	@$(PYTHON) -m ruff check --quiet
	@$(PYTHON) -m ruff format --check --quiet
	@$(PYTHON) -m mypy --no-error-summary
	@$(PYTHON) -c "from importlinter.cli import lint_imports_command; lint_imports_command()" --no-logo

# Two processes with one thread each use two cores better than one after the other with two threads.
test: lint
	@OMP_NUM_THREADS=1 $(OFFSCREEN) $(PYTHON) -m pytest -n 2 --dist loadfile

bench: setup
	@$(OFFSCREEN) $(PYTHON) -m tests.benchmarks

screenshots: setup
	@WORKBENCH_STORY=docs/screenshots $(OFFSCREEN) $(PYTHON) -m pytest -q tests/journeys/test_project_story.py
	@$(OFFSCREEN) $(PYTHON) -m tests.screenshots

wheel: setup
	@$(PYTHON) -m build --wheel --no-isolation
