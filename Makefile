# make lab     set up and open the series     make test      set up and run the tests
# make help    all targets
BIN = .venv/bin
OPTIONS =
NOTEBOOKS = $(wildcard notebooks/*.ipynb notebooks/going_deeper/*.ipynb notebooks/solutions/*.ipynb)
PYTEST = python -m pytest -n 2 --dist loadfile --no-loadscope-reorder
# In the order given, the longest files first: the notebooks.
TESTS = --nbval notebooks/ tests/ augcheck/tests/

# What make check-NAME and make test-NAME run, where it isn't tests/slow/check_NAME.py or all tests.
CHECK_solutions = --nbval notebooks/going_deeper notebooks/solutions tests/test_data.py
CHECK_browser = --dist worksteal tests/slow/check_browser.py
CHECK_book = --dist worksteal tests/slow/check_book.py
CHECK_links = -n 0 tests/slow/check_links.py
CHECK_faults = --dist worksteal tests/slow/check_faults.py
CHECK_checkup = -n 0 -s $(addprefix tests/slow/check_,checkup.py torch.py fuzz.py)
CHECK_waits = -n 0 tests/test_symptoms.py -k GPU
# pytest drops a file that is named beside its folder.
TEST_colab = $(TESTS) -o python_files="test_*.py check_colab.py"
TEST_backends = tests/slow/check_backends.py --nbval notebooks/going_deeper/in_pytorch.ipynb
PYTHON_colab = python3.13 python3
PYTHON_oldest = python3.11

.PHONY: help lab test test-all lint sync execute links one-file trainer class slides questions book session
.PRECIOUS: .venv-%/ready

help:
	@sed -n 's/^## //p' Makefile

## make lab         create .venv, open JupyterLab on notebook 01 (OPTIONS="--no-browser" and the like)
lab: .venv/ready
	$(BIN)/jupyter lab --ServerApp.root_dir="$(CURDIR)" \
		--LabApp.default_url=/lab/tree/notebooks/01_static_versus_live.ipynb $(OPTIONS)

## make test        create .venv, run all notebooks and the fast tests
test: .venv/tests
	$(BIN)/$(PYTEST) $(TESTS)

## make test-NAME   the same with other versions: newest, oldest (needs Python 3.11), colab; or the code to copy on
##                  TensorFlow, JAX and PyTorch, and lesson 01 in PyTorch: backends
test-%: .venv-%/ready
	.venv-$*/bin/$(PYTEST) -rs $(or $(TEST_$*),$(TESTS))

## make check-NAME  a longer check: solutions (and companions), lab (and the
##                  set-up), migration (what that page says of the old arguments), faults (lessons notice live made static),
##                  waits (what the symptom page says of slow input, by the clock), checkup (fresh images, DataLoaders,
##                  backbones, drawn pipelines),
##                  one-file (each lesson alone, on Colab's versions), links (of the front page in each place);
##                  in Chromium, if there is one: browser (widgets), book, slides, trainer
check-%: .venv/tests
	$(if $(filter browser book slides trainer,$*),-$(BIN)/python -m pip install --quiet playwright)
	$(BIN)/$(PYTEST) -rs $(or $(CHECK_$*),tests/slow/check_$*.py)
check-solutions check-checkup: .venv/solar-cells
check-book check-links: book
check-slides: slides
check-checkup: .venv-backends/ready
check-trainer: trainer
# The lessons in one file, on Colab's versions.
check-one-file: .venv-colab/ready
	.venv-colab/bin/$(PYTEST) -rs tests/slow/check_one_file.py
check-waits: export CHECK_WAITS = 1

## make test-all    all of these, and lint (hours)
test-all: lint test $(addprefix check-,solutions lab links migration faults waits checkup one-file browser book slides trainer) \
	$(addprefix test-,backends newest colab oldest)

## make lint        ruff over everything (`ruff format` mends its first complaint), mypy over what is typed
lint: .venv/ready
	$(BIN)/python -m pip install --quiet -r tests/requirements-lint.txt
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy helpers augcheck/src tools

## make sync        bring notebooks and text twins in step, the newer one wins
sync: .venv/ready
	$(BIN)/jupytext --quiet --sync $(patsubst notebooks/%.ipynb,notebooks/scripts/%.py,$(NOTEBOOKS))

## make execute     run notebooks and store their outputs (NOTEBOOKS="notebooks/01_static_versus_live.ipynb")
execute: sync
	$(BIN)/python tools/execute.py $(NOTEBOOKS)

## make links       write first cells and badges (REPO=owner/name REFERENCE=branch-or-tag, kept in repository.txt)
links: sync
	$(BIN)/python tools/links.py $(if $(REPO),--repo $(REPO)) $(if $(REFERENCE),--reference $(REFERENCE))

## make session     all that a lecturer takes along in one file, build/session.zip: what the next five make, as PDF
##                  where there is Chromium or Chrome
session: one-file trainer class slides questions
	$(BIN)/python tools/session.py

## make one-file    each lesson as a notebook that needs nothing beside it, for Colab or a hub, in build/one-file
one-file: .venv/ready
	$(BIN)/python tools/one_file.py

## make trainer     the page that trains in a browser as one file to send, build/trainer.html
trainer: .venv/ready
	$(BIN)/python tools/trainer.py

## make class       what students get, build/class.zip: lessons 01 to 07 without outputs, and a check of the set-up
class: .venv/ready
	$(BIN)/python tools/class_folder.py

## make slides      the session's deck and sheets to print, in build/slides (npm fetches reveal.js once)
slides: .venv/ready
	-test -d build/npm/node_modules/reveal.js || ! command -v npm > /dev/null || \
		npm install --silent --no-save --prefix build/npm reveal.js@5.2.1
	$(BIN)/python tools/slides.py

## make questions   quick questions and misconceptions for Moodle, in build/questions.gift
questions: .venv/ready
	$(BIN)/python tools/gift.py

## make book        the site in build/book, from the stored outputs and tables; executes no notebook
book: .venv/ready
	$(BIN)/python -m pip install --quiet -r docs/requirements.txt
	rm -rf build/book
	$(BIN)/python -m sphinx -W --keep-going -q -c docs . build/book

.venv/ready: requirements.txt constraints.txt
	sh tools/setup.sh .venv -c constraints.txt

# What only the tests need, and then what only the companion on solar cells needs.
.venv/tests: tests/requirements.txt .venv/ready
	$(BIN)/python -m pip install --quiet -r $< -c constraints.txt
	touch $@

.venv/solar-cells: requirements-solar-cells.txt .venv/ready
	$(BIN)/python -m pip install --quiet -r $< -c constraints.txt
	touch $@

.venv-%/ready: requirements.txt tests/requirements.txt
	PYTHON="$${PYTHON:-$(PYTHON_$*)}" sh tools/setup.sh .venv-$* -r tests/requirements.txt \
		$(addprefix -c ,$(wildcard tests/constraints-$*.txt)) \
		$(addprefix -r ,$(wildcard tests/requirements-$*.txt))
