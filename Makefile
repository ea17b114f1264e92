# make lab     set up and open the series     make test      set up and run the tests
# make help    all targets
BIN = .venv/bin
OPTIONS =
NOTEBOOKS = $(wildcard notebooks/*.ipynb notebooks/going_deeper/*.ipynb notebooks/solutions/*.ipynb)
PYTEST = python -m pytest -n 2 --dist loadfile --no-loadscope-reorder
# In the order given, the longest files first: the notebooks.
TESTS = --nbval notebooks/ notebooks/going_deeper/results.ipynb tests/
CHECKS = --nbval notebooks/solutions notebooks/going_deeper $(wildcard tests/slow/check_*.py)
ARITHMETICS = TF_ENABLE_ONEDNN_OPTS=1 ONEDNN_MAX_CPU_ISA=AVX2 ONEDNN_MAX_CPU_ISA=AVX512_CORE TF_ENABLE_ONEDNN_OPTS=0
PYTHON_colab = python3.13 python3
PYTHON_oldest = python3.11

.PHONY: help lab test test-augcheck check check-arithmetics lint execute links one-file book
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

## make check          what takes longer: solutions, companions, planted faults, the book and widgets in Chromium
check: .venv/tests book one-file
	$(BIN)/python -m pip install --quiet playwright
	$(BIN)/$(PYTEST) -rs $(CHECKS)

## make check-arithmetics  make test as other processors compute: four times oneDNN, on one thread and on two
check-arithmetics: .venv/tests
	@for threads in 1 2; do for arithmetic in $(ARITHMETICS); do \
		echo "== $$arithmetic, $$threads thread(s)"; \
		env $$arithmetic TF_NUM_INTRAOP_THREADS=$$threads $(BIN)/$(PYTEST) -q $(TESTS) || exit 1; \
	done; done

## make lint           ruff over everything (`ruff format` mends its first complaint), mypy over what is typed
lint: .venv/ready
	$(BIN)/python -m pip install --quiet -r tests/requirements-lint.txt
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

## make execute        run notebooks and store their outputs (NOTEBOOKS="notebooks/01_static_versus_live.ipynb")
execute: .venv/ready
	$(BIN)/jupytext --quiet --sync $(NOTEBOOKS)
	$(BIN)/python tools/execute.py $(NOTEBOOKS)

## make links          write first cells and badges (REPO=owner/name REFERENCE=branch-or-tag, kept in repository.txt)
links: .venv/ready
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
