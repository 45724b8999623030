# Two commands: `make book` and `make test`. Each makes .venv itself when it is missing or when
# pyproject.toml or constraints.txt changed. Needs Python 3.11 to 3.13, make and bash, nothing else.
# With GPU=1 all happens in .venv-gpu, with the GPU builds of both frameworks.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help book test test-all execute figures colab pdf dist clean .venv

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
	@awk -F ':.*## ' '/^[.a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

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

# What Colab has today: its notebooks must run with that. One chapter of each part there, all of them elsewhere.
COLAB := $(subst ;,==2.20.0;,$(TENSORFLOW)) keras==3.13.2 numpy==2.1.3 scikit-learn==1.6.1 matplotlib==3.10.0
SAMPLE := background/rise structure/convolutional variants/variational training/optimizers math/sparsity practice/reuse
# $(call in_colab,environment,options of the installation,notebooks): run those notebooks in a new environment
define in_colab
$(PYTHON) -m venv --clear _build/$(1)
VIRTUAL_ENV=_build/$(1) $(BIN)/uv pip install $(TORCH_FROM) --editable ".[test]" sympy $(2)
env -u AEBOOK_DATA AEBOOK_OFFLINE=1 _build/$(1)/bin/pytest --nbval-lax --nbval-current-env -n 2 --dist loadfile -p no:cacheprovider $(3)
endef

test-all: test colab  ## also what needs further environments: old and Colab's versions, each framework alone
	$(PYTHON) -m venv --clear $(OLD)
	VIRTUAL_ENV=$(OLD) $(BIN)/uv pip install $(TORCH_FROM) --constraint <(grep -v ^scikit-learn== constraints.txt) \
		--editable ".[test]" scikit-learn==1.6.1 torch $(TENSORFLOW)
	$(OLD)/bin/pytest -n 2 tests/test_estimators.py tests/test_estimators_checks.py tests/test_estimators_files.py
	$(foreach framework,torch tensorflow,$(BIN)/python benchmarks/first_use.py $(INSTALL_$(framework)) &&) true
	$(call in_colab,only-torch,--constraint constraints.txt $(INSTALL_torch),_build/colab/torch)
	$(call in_colab,only-tensorflow,--constraint constraints.txt $(INSTALL_tensorflow),_build/colab/tensorflow)
	$(call in_colab,as-colab,--constraint <(grep ^torch== constraints.txt) torch $(COLAB),$(foreach name,$(SAMPLE),_build/colab/*/book/$(name).ipynb))

execute: $(MADE)  ## run the notebooks and store their outputs; one of them: make execute NB=book/part/chapter.ipynb
	$(BIN)/python tools/execute.py $(NB)

figures: $(MADE)  ## train what the interactive figures show, and write their files into book/figures (needs AEBOOK_DATA)
	$(BIN)/python tools/figure_weights.py

colab: $(MADE)  ## write the notebooks for Colab, one framework each, into _build/colab
	$(BIN)/python tools/colab.py _build/colab

pdf: book  ## print the site as one PDF into _build/pdf; needs an installed Chromium
	$(BIN)/python tools/pdf.py

dist: $(MADE)  ## build the package, a wheel and a source archive, into dist
	rm -rf dist
	$(BIN)/python -m hatchling build -d dist

clean:  ## remove what make made
	rm -rf _build dist .venv .venv-gpu .pytest_cache .ruff_cache

.venv: $(MADE)  ## make the environment alone

$(MADE): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt uv
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install $(TORCH_FROM) --constraint constraints.txt \
		--editable ".[book,test]" torch $(TENSORFLOW)
	touch $@
