# One way in for everybody: `make help` lists it.
PYTHON ?= python3
PORT ?= 8000
# Processes that the tests run in: auto is one for each core.
JOBS ?= auto
# no: the book for a class, without the solutions of the exercises.
SOLUTIONS ?= yes
# yes: lecture decks as PDFs, too (needs Chromium).
PDF ?= no
VENV := .venv
BIN := $(VENV)/bin
# Stands for "all that requirements.txt names is installed"; while it is newer than these files, nothing is
# installed again, and no network is needed. The others stand for requirements/lab.txt, pdf.txt and tests.txt.
INSTALLED := $(VENV)/.installed
LAB := $(INSTALLED)-lab
PRINTING := $(INSTALLED)-pdf
TESTS := $(INSTALLED)-tests
BUILD = SOLUTIONS=$(SOLUTIONS) $(BIN)/python -m publishing.build
# A container often says that Python shall keep nothing that it compiled; each notebook and each test would then
# compile PyTorch and SymPy again, six seconds every time.
unexport PYTHONDONTWRITEBYTECODE
# Status 1: the book is there, and something in it stands in red.
ANYWAY = || test $$? -eq 1

# Said before minutes are spent on what is printed in the end.
CHROMIUM_FIRST = @$(BIN)/python -m publishing.chromium

.PHONY: help book slides pdf epub sheet zip class serve quick test lab bench clean distclean

help: ## show this list
	@awk -F':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile
	@echo "  Another Python: make book PYTHON=python3.12 (once; the versions 3.11 to 3.14 serve)."

$(INSTALLED): requirements.txt constraints.txt pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "There is no Python by the name of $(PYTHON): install Python 3.11," \
	  "3.12, 3.13 or 3.14, or name yours: make book PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' || \
	  { echo "This book needs Python 3.11, 3.12, 3.13 or 3.14, and this is $$($(PYTHON) --version 2>&1):" \
	  "name another: make book PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) publishing/installing.py $(VENV) requirements.txt
	@touch $@

$(INSTALLED)-%: $(INSTALLED) requirements/lab.txt requirements/pdf.txt requirements/tests.txt
	@$(BIN)/python publishing/installing.py $(VENV) requirements/$*.txt
	@touch $@

book: $(INSTALLED) ## execute the notebooks where needed and build the book (SOLUTIONS=no leaves the solutions out)
	@$(BUILD)

slides: $(INSTALLED) $(if $(filter yes,$(PDF)),$(PRINTING)) ## the lecture decks alone, which make book brings, too (PDF=yes prints them as well)
ifeq ($(PDF),yes)
	$(CHROMIUM_FIRST)
endif
	@$(BUILD) --slides
ifeq ($(PDF),yes)
	@$(BIN)/python -m publishing.decks _build/html/slides _build/slides
	@echo "The decks as PDFs: $(CURDIR)/_build/slides"
endif

pdf: $(PRINTING) ## the whole book as a PDF, with still pictures (needs Chromium; SOLUTIONS=no here, too)
	$(CHROMIUM_FIRST)
	@$(BUILD) $(ANYWAY)
	@echo "Printing some 450 pages, which takes a minute …"
	@$(BIN)/python -m publishing.pdf _build/html _build/lossbook.pdf
	@echo "The book as a PDF: $(CURDIR)/_build/lossbook.pdf"

epub: $(INSTALLED) ## the whole book for e-readers, with still pictures (SOLUTIONS=no here, too)
	@$(BUILD) $(ANYWAY)
	@$(BIN)/python -m publishing.epub _build/html _build/lossbook.epub
	@echo "The book for e-readers: $(CURDIR)/_build/lossbook.epub"

sheet: $(PRINTING) ## the cheat sheet of all losses, two pages A4, as a PDF (needs Chromium)
	$(CHROMIUM_FIRST)
	@$(BUILD) $(ANYWAY)
	@$(BIN)/python -m publishing.sheet _build/html/chapters/sheet.html _build/sheet.pdf
	@echo "The cheat sheet: $(CURDIR)/_build/sheet.pdf"

zip: $(INSTALLED) ## the book as one file, to be read offline
	@$(BUILD) $(ANYWAY)
	@$(BIN)/python -m publishing.zipping _build/html _build/lossbook.zip

class: override SOLUTIONS = no
class: $(INSTALLED) ## what a class is handed: students' book and notebooks without solutions, teachers' solutions, a course for nbgrader
	@$(BUILD) --output _build/class-build --cache _build/.jupyter_cache $(ANYWAY)
	@$(BIN)/python -m publishing.handouts _build/class-build/html chapters _build/class
	@echo "For a class: $(CURDIR)/_build/class/lossbook-students.zip; beside it lossbook-teachers.zip and lossbook-nbgrader.zip"

serve: $(INSTALLED) ## build the book and serve it on this machine only (PORT=8000)
	@$(BIN)/python -m publishing.serving --free --port $(PORT)
	@$(BUILD) $(ANYWAY)
	@$(BIN)/python -m publishing.serving _build/html --port $(PORT)

quick: $(TESTS) ## linter, types, and the tests that need no book, no browser and no training: two minutes
	$(BIN)/ruff check .
	$(BIN)/mypy
	LOSSBOOK_STRICT=1 $(BIN)/python -m pytest -n $(JOBS) --dist worksteal --quick

test: $(TESTS) ## linter, types, all tests, the book with warnings as errors, its pages in a browser
	$(BIN)/ruff check .
	$(BIN)/mypy
	LOSSBOOK_STRICT=1 $(BIN)/python -m pytest -n $(JOBS) --dist worksteal

lab: $(LAB) ## work on copies of the chapters in JupyterLab, in the folder notebooks
	@$(BIN)/python -m publishing.workbooks notebooks
	@cd notebooks && ../$(BIN)/jupyter lab

bench: $(TESTS) book ## measure the live figures, and the losses beside other libraries
	$(BIN)/python -m benchmarks

clean: ## remove what was built; outputs are executed again next time
	rm -rf _build .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks

distclean: clean ## remove the virtual environment as well
	rm -rf $(VENV) lossbook.egg-info
