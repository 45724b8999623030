# Two commands: `make book` and `make test`. Each makes .venv itself when it is missing or when
# pyproject.toml or constraints.txt changed. Needs Python 3.11 to 3.13, make and bash, nothing else.
# With GPU=1 all happens in .venv-gpu, with the GPU builds of both frameworks.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help book test test-all execute clean .venv

PYTHON ?= python3
VENV := .venv$(if $(GPU),-gpu)
BIN := $(VENV)/bin
MADE := $(VENV)/.made
NB ?= $(sort $(wildcard book/*/*.ipynb))

# Plain "torch" on Linux brings gigabytes of CUDA: take the CPU build, or the one that
# TORCH_BACKEND names. uv reads no setting of pip's, so a local folder of wheels is passed on.
TORCH_BACKEND ?= $(if $(GPU),auto,cpu)
TORCH_FROM = $(if $(and $(PIP_FIND_LINKS),$(filter cpu,$(TORCH_BACKEND))),--find-links "$(PIP_FIND_LINKS)",--torch-backend $(TORCH_BACKEND))
# On Linux x86 the CPU build is half the size of the other.
TENSORFLOW_CPU := "tensorflow-cpu; sys_platform == 'linux' and platform_machine == 'x86_64'" \
                  "tensorflow; sys_platform != 'linux' or platform_machine != 'x86_64'"
TENSORFLOW := $(if $(GPU),"tensorflow[and-cuda]",$(TENSORFLOW_CPU))

NBVAL := $(BIN)/pytest --nbval-current-env -n 2 --dist loadfile -p no:cacheprovider
MNIST := $(if $(AEBOOK_DATA),$(wildcard $(AEBOOK_DATA)/mnist))

help:  ## say what can be made
	@awk -F ':.*## ' '/^[.a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

book: $(MADE)  ## build the site from the stored outputs, from scratch, every warning an error
	rm -rf _build
	$(BIN)/jupyter-book build . -W -n --keep-going -q
	@echo "Open _build/html/index.html in a browser."

test: export AEBOOK_OFFLINE := 1
test: book  ## verify everything: the site, the package, and every notebook's stored outputs
	@echo "MNIST: $(if $(MNIST),strict,absent (set AEBOOK_DATA; its checks are skipped and named below))"
	$(BIN)/pytest -n 2
ifneq ($(MNIST),)
	@echo "Notebooks on MNIST, every $(if $(GPU),claim held: a GPU rounds differently,output compared)"
	$(NBVAL) --nbval$(if $(GPU),-lax) book
endif
	@echo "Notebooks on the stand-in digits, no data and no network: every cell runs, every claim judged there holds"
	env -u AEBOOK_DATA $(NBVAL) --nbval-lax book

OLD := _build/scikit-learn-1.6.1
# For benchmarks/first_use.py: how to install either framework.
INSTALL_torch = $(TORCH_FROM) torch
INSTALL_tensorflow = $(TENSORFLOW)

test-all: test  ## also what needs further environments: scikit-learn 1.6.1, and a clean one for each framework
	$(PYTHON) -m venv --clear $(OLD)
	VIRTUAL_ENV=$(OLD) $(BIN)/uv pip install $(TORCH_FROM) --constraint <(grep -v ^scikit-learn== constraints.txt) \
		--editable ".[test]" scikit-learn==1.6.1 torch $(TENSORFLOW)
	$(OLD)/bin/pytest -n 2 tests/test_estimators.py tests/test_estimators_checks.py tests/test_estimators_files.py
	$(foreach framework,torch tensorflow,$(BIN)/python benchmarks/first_use.py $(INSTALL_$(framework)) &&) true

execute: $(MADE)  ## run the notebooks and store their outputs; one of them: make execute NB=book/part/chapter.ipynb
	$(BIN)/python tools/execute.py $(NB)

clean:  ## remove what make made
	rm -rf _build .venv .venv-gpu .pytest_cache .ruff_cache

.venv: $(MADE)  ## make the environment alone

$(MADE): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt uv
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install $(TORCH_FROM) --constraint constraints.txt \
		--editable ".[book,test]" torch $(TENSORFLOW)
	touch $@
