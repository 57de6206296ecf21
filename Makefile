# make PYTHON=python3.11 TORCH_INDEX_URL=https://download.pytorch.org/whl/cpu demo ARGS="--scenes 2"
# The Python that .venv was made with stays the one, once it is there.
PYTHON ?= $(if $(wildcard .venv/setup.json),.venv/bin/python,python3)
# An index to prefer for torch. PyPI's own build for Linux brings CUDA along, 3 GB more.
TORCH_INDEX_URL ?=
ARGS ?=
# Tests of single files run side by side; those of whole systems, which have deadlines, do not.
TEST_WORKERS ?= 2
export TORCH_INDEX_URL

run := $(PYTHON) -m tools.in_venv

.DEFAULT_GOAL := help
.PHONY: help venv demo up lint test test-slow clean distclean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

venv:  ## makes .venv, with everything installed; at once where nothing has changed
	@$(PYTHON) -m tools.make_venv

demo: venv  ## shows scenes to perception in each language and prints the scores
	@$(run) culture-perception demo $(ARGS)

up: venv  ## starts the simulation and the nodes, until Ctrl-C
	@$(run) culture-perception up sim $(ARGS)

lint: venv  ## ruff and mypy
	$(run) ruff check .
	$(run) ruff format --check .
	$(run) mypy

test: lint  ## lint and every test but the slow ones
	OMP_NUM_THREADS=1 $(run) pytest -n $(TEST_WORKERS) --dist loadfile --ignore=test/live
	OMP_NUM_THREADS=1 $(run) pytest test/live

test-slow: venv  ## the tests that take minutes
	OMP_NUM_THREADS=1 $(run) pytest -m slow $(ARGS)

clean:  ## removes what builds and tests leave behind; runs/ (trainings, pictures) stays
	rm -rf build install log .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info

distclean: clean  ## clean, and .venv too
	rm -rf .venv
