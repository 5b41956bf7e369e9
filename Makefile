# Each target sets up .venv by itself. Choose another interpreter with PYTHON=...; pass flags to
# pip with PIP_FLAGS=..., for example an index that holds a CPU build of torch (see README). The
# suite runs in JOBS=... processes. `make docs` has an environment of its own, .venv-docs.
PYTHON ?= python3
PIP_FLAGS ?=
JOBS ?= 2
BIN := .venv/bin
READY := .venv/.ready
DOCS_READY := .venv-docs/.ready

.PHONY: demo test lint bench docs clean

demo: $(READY)
	$(BIN)/python -m sklearn_mi report --losses ce,pc_softmax --plot demo.png

test: $(READY)
	OMP_NUM_THREADS=1 MPLBACKEND=Agg $(BIN)/python -m pytest -n $(JOBS) --dist worksteal

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

bench: $(READY)
	$(BIN)/python benchmarks/fit.py

docs: $(DOCS_READY)
	OMP_NUM_THREADS=1 MPLBACKEND=Agg .venv-docs/bin/python -m sphinx -W --keep-going -n -d docs/_build/doctrees \
		docs docs/_build/html
	.venv-docs/bin/python docs/check.py docs/_build/html

$(READY): setup.cfg pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install $(PIP_FLAGS) -c constraints.txt -e ".[plot,parquet,test]"
	touch $(READY)

$(DOCS_READY): setup.cfg pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv-docs
	.venv-docs/bin/python -m pip install $(PIP_FLAGS) -c constraints.txt -e ".[docs]"
	touch $(DOCS_READY)

clean:
	rm -rf .venv .venv-docs build dist *.egg-info .pytest_cache .ruff_cache
	rm -rf docs/_build docs/auto_examples docs/generated
