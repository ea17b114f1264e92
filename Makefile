# make lab     set up and open the series     make test      set up and run the tests
# make help    all targets
BIN = .venv/bin
OPTIONS =
NOTEBOOKS = $(wildcard notebooks/*.ipynb notebooks/*/*.ipynb)
PYTEST = python -m pytest -n 2 --dist loadfile --no-loadscope-reorder
# In the order given, the longest files first: the notebooks.
TESTS = --nbval notebooks/ notebooks/going_deeper/results.ipynb tests/
CHECKS = --nbval notebooks/solutions notebooks/going_deeper $(wildcard tests/slow/check_*.py)
PYTHON_colab = python3.13 python3
PYTHON_oldest = python3.11

.PHONY: help lab test test-augcheck check lint sync execute links one-file book
.PRECIOUS: .venv-%/ready

help:
	@sed -n 's/^## //p' Makefile

## make lab            create .venv, open JupyterLab on lesson 01 (OPTIONS="--no-browser" and the like)
lab: .venv/ready
	$(BIN)/jupyter lab --ServerApp.root_dir="$(CURDIR)" \
		--LabApp.default_url=/lab/tree/notebooks/01_static_versus_live.ipynb $(OPTIONS)

## make test           create .venv, run the lessons and the tests
test: .venv/tests
	$(BIN)/$(PYTEST) $(TESTS)

## make test-augcheck  the tests of the check-up, in an environment of its own
test-augcheck:
	sh tools/setup.sh .venv-augcheck -c constraints.txt
	.venv-augcheck/bin/python -m pip install --quiet -c constraints.txt -e ./augcheck
	cd augcheck && ../.venv-augcheck/bin/python -m pytest

## make test-NAME      the tests with other versions: newest, oldest (Python 3.11), colab
test-%: .venv-%/ready
	.venv-$*/bin/$(PYTEST) -rs $(TESTS)

## make check          what takes longer: solutions, companions, the book and widgets in Chromium
check: .venv/tests book one-file
	$(BIN)/python -m pip install --quiet playwright
	$(BIN)/$(PYTEST) -rs $(CHECKS)

## make lint           ruff over everything (`ruff format` mends its first complaint), mypy over what is typed
lint: .venv/ready
	$(BIN)/python -m pip install --quiet -r tests/requirements-lint.txt
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

## make sync           bring notebooks and text twins in step, the newer one wins
sync: .venv/ready
	$(BIN)/jupytext --quiet --sync $(patsubst notebooks/%.ipynb,notebooks/scripts/%.py,$(NOTEBOOKS))

## make execute        run notebooks and store their outputs (NOTEBOOKS="notebooks/01_static_versus_live.ipynb")
execute: sync
	$(BIN)/python tools/execute.py $(NOTEBOOKS)

## make links          write first cells and badges (REPO=owner/name REFERENCE=branch-or-tag, kept in repository.txt)
links: sync
	$(BIN)/python tools/links.py $(if $(REPO),--repo $(REPO)) $(if $(REFERENCE),--reference $(REFERENCE))

## make one-file       each lesson as a notebook that needs nothing beside it, for Colab or a hub, in build/one-file
one-file: .venv/ready
	$(BIN)/python tools/one_file.py

## make book           the site in build/book, from the stored outputs; executes no notebook
book: .venv/ready
	$(BIN)/python -m pip install --quiet -r docs/requirements.txt
	rm -rf build/book
	$(BIN)/python -m sphinx -W --keep-going -q -c docs . build/book

.venv/ready: requirements.txt constraints.txt
	sh tools/setup.sh .venv -c constraints.txt

# What only the tests need.
.venv/tests: tests/requirements.txt .venv/ready
	$(BIN)/python -m pip install --quiet -r $< -c constraints.txt
	touch $@

.venv-%/ready: requirements.txt tests/requirements.txt
	PYTHON="$${PYTHON:-$(PYTHON_$*)}" sh tools/setup.sh .venv-$* -r tests/requirements.txt \
		$(addprefix -c ,$(wildcard tests/constraints-$*.txt)) \
		$(addprefix -r ,$(wildcard tests/requirements-$*.txt))
