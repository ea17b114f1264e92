# make lab     set up and open the series     make test      set up and run the tests
# make help    all targets
BIN = .venv/bin
OPTIONS =
NOTEBOOKS = $(wildcard notebooks/*.ipynb notebooks/going_deeper/*.ipynb notebooks/solutions/*.ipynb)
ON_REQUEST = $(wildcard notebooks/going_deeper) notebooks/solutions
# In the order given, the longest files first: the notebooks.
TESTS = -n 2 --dist loadfile --no-loadscope-reorder --nbval notebooks/ tests/ augcheck/tests/

.PHONY: help lab test test-all test-newest test-oldest test-colab check-solutions check-results check-lab check-browser \
	check-rows check-keras check-checkup check-backends book check-book monday class slides questions check-slides lint check-faults sync \
	execute results tables bench links clean

help:
	@sed -n 's/^## //p' Makefile

## make lab         create .venv, open JupyterLab on notebook 00 (OPTIONS="--no-browser" and the like)
lab: .venv/ready
	$(BIN)/jupyter lab --ServerApp.root_dir="$(CURDIR)" \
		--LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb $(OPTIONS)

## make test        create .venv, run all notebooks and the fast tests
test: .venv/ready
	$(BIN)/python -m pytest $(TESTS)

## make test-all    everything below that checks something (hours)
test-all: lint check-solutions check-results check-lab check-browser check-rows check-keras check-checkup check-book check-slides \
	check-backends check-faults test-newest test-colab test-oldest

## make check-NAME  a longer check: solutions (and companions), results (the program behind the tables), lab, browser,
##                  rows (stored rows again, also by hand), faults (that lessons notice), keras, checkup, backends,
##                  book, slides
# Worked solutions and companions, whose outputs are compared.
check-solutions: .venv/ready
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --nbval $(ON_REQUEST)

# The program behind the stored tables.
check-results: .venv/ready
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder tests/results

# Starts `make lab` in a copy, saves a notebook, looks for its text twin; the set-up; the workflow links.
check-lab: .venv/ready
	$(BIN)/python -m pytest -o python_files="check_*.py" tests/slow/check_lab.py tests/slow/check_setup.py

# Moves the explorers' controls in JupyterLab in Chromium, if there is one (screenshots/).
check-browser: .venv/ready
	-$(BIN)/python -m pip install --quiet playwright
	$(BIN)/python -m pytest -n 2 --dist worksteal -rs -o python_files="check_*.py" tests/slow/check_browser.py

# Twenty random rows of the registered questions, run again by run.run and by hand; DATA names the folder of photographs.
check-rows: .venv/ready
	$(BIN)/python -m pytest -s -o python_files="check_*.py" tests/slow/check_rows.py

## make book        the site in build/book, from the stored outputs and tables; executes no notebook
book: .venv/ready
	$(BIN)/python -m pip install --quiet -r docs/requirements.txt
	rm -rf build/book
	$(BIN)/python -m sphinx -W --keep-going -q -c docs . build/book

# What the migration page says of Keras, in the installed version.
check-keras: .venv/ready
	$(BIN)/python -m pytest -o python_files="check_*.py" tests/slow/check_keras.py

# Reads the book in Chromium, if there is one: search, accessibility (screenshots/).
check-book: book
	-$(BIN)/python -m pip install --quiet playwright
	$(BIN)/python -m pytest -n 2 -rs -o python_files="check_*.py" tests/slow/check_book.py tests/slow/check_page.py

## make monday      what a lecturer prepares the first session with: the next two and the book
monday: class slides book
	@echo "Open build/slides/index.html and build/book/docs/explorer.html; send build/class.zip."

## make class       what students get, build/class.zip: the lessons without outputs, and a check of the set-up
class: .venv/ready
	$(BIN)/python tools/class_folder.py

## make slides      a deck for each session and sheets to print, in build/slides (npm fetches reveal.js once)
slides: .venv/ready build/npm/node_modules/reveal.js
	$(BIN)/python tools/slides.py

## make questions   quick questions and misconceptions for Moodle, in build/questions.gift
questions: .venv/ready
	$(BIN)/python tools/gift.py

build/npm/node_modules/reveal.js:
	npm install --silent --no-save --prefix build/npm reveal.js@5.2.1

# Reads the slides in Chromium at 16:9, if there is one (screenshots/).
check-slides: slides
	-$(BIN)/python -m pip install --quiet playwright
	$(BIN)/python -m pytest -rs -o python_files="check_*.py" tests/slow/check_slides.py

# The check-up on images that no threshold was chosen with, real DataLoaders, six backbones, its bounds, and 2,500 drawn
# pipelines.
check-checkup: .venv/ready
	$(BIN)/python -m pytest -s -rs -o python_files="check_*.py" tests/slow/check_checkup.py tests/slow/check_torch.py \
		tests/slow/check_backbones.py tests/slow/check_memory.py tests/slow/check_fuzz.py

# The code to copy on TensorFlow, JAX and PyTorch.
check-backends: .venv-backends/ready
	.venv-backends/bin/python -m pytest -rs -o python_files="check_*.py" tests/slow/check_backends.py

## make test-NAME   make test with other versions: newest, oldest (needs Python 3.11), colab
test-colab: .venv-colab/ready
	.venv-colab/bin/python -m pytest -n 2 --dist loadfile --nbval notebooks/
	.venv-colab/bin/python -m pytest -n 2 --dist loadfile tests/ augcheck/tests/
	.venv-colab/bin/python -m pytest -o python_files="check_*.py" tests/slow/check_colab.py

test-newest: .venv-newest/ready
	.venv-newest/bin/python -m pytest $(TESTS)

test-oldest: .venv-oldest/ready
	.venv-oldest/bin/python -m pytest $(TESTS)

## make lint        ruff over everything, mypy over what is typed
lint: .venv/ready
	$(BIN)/python -m pip install --quiet -r tests/requirements-lint.txt
	$(BIN)/ruff check .
	$(BIN)/mypy helpers augcheck/src experiments tools

# Makes live static in a copy: the lessons that show the difference must notice.
check-faults: .venv/ready
	$(BIN)/python -m pytest -n 2 --dist worksteal -o python_files="check_*.py" tests/slow/check_faults.py

## make sync        bring notebooks and text twins in step, the newer one wins
sync: .venv/ready
	$(BIN)/jupytext --quiet --sync $(patsubst notebooks/%.ipynb,notebooks/scripts/%.py,$(NOTEBOOKS))

## make execute     run notebooks and store their outputs (NOTEBOOKS="notebooks/00_start_here.ipynb")
execute: .venv/ready sync
	$(BIN)/python tools/execute.py $(NOTEBOOKS)

## make results     compute what the table of a registered question lacks (hours, resumable; OPTIONS="advice --data FOLDER")
results: .venv/ready
	$(BIN)/python -m experiments.compute $(OPTIONS)

## make tables      the tables in pages and those that lessons read, from the stored ones
tables: .venv/ready
	$(BIN)/python -m experiments.tables

## make bench       the step of fit without augmentation, with RandomAffine, Keras's layers and ImageDataGenerator
bench: .venv/ready
	CUDA_VISIBLE_DEVICES= TF_NUM_INTRAOP_THREADS=1 TF_NUM_INTEROP_THREADS=1 OMP_NUM_THREADS=1 PYTHONPATH=. \
		taskset -c 0 $(BIN)/python tests/benchmarks/step_time.py

## make links       write first cells and badges (REPO=owner/name REFERENCE=branch-or-tag, kept in repository.txt)
links: .venv/ready sync
	$(BIN)/python tools/links.py $(if $(REPO),--repo $(REPO)) $(if $(REFERENCE),--reference $(REFERENCE))

## make clean       remove the environments, the book and the screenshots
clean:
	rm -rf .venv .venv-newest .venv-colab .venv-oldest .venv-backends build screenshots

.venv/ready: requirements.txt constraints.txt
	sh tools/setup.sh .venv constraints.txt

.venv-newest/ready: requirements.txt
	sh tools/setup.sh .venv-newest

.venv-colab/ready: requirements.txt tests/constraints-colab.txt
	PYTHON="$${PYTHON:-python3.13 python3}" sh tools/setup.sh .venv-colab tests/constraints-colab.txt

.venv-oldest/ready: requirements.txt tests/constraints-oldest.txt
	PYTHON=python3.11 sh tools/setup.sh .venv-oldest tests/constraints-oldest.txt

.venv-backends/ready: requirements.txt tests/requirements-backends.txt
	sh tools/setup.sh .venv-backends "" tests/requirements-backends.txt
