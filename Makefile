# Every target sets up what it needs by itself, once. Stamps in .venv say what is done.
#
#   make extract FILE=samples/scan.pdf   one document's tables as JSON (OUT=DIR FORMAT=html,xlsx for files)
#   make serve                           the HTTP service on 127.0.0.1:8300 (docs/service.md)
#   make test                            ruff, mypy, import contracts, pytest
#   make test-postgres                   the service's tests on throw-away PostgreSQL and Redis servers of Debian's packages
#   make api-check [EXAMPLES=200]        schemathesis against the OpenAPI document, more than make test asks
#   make bench [REFEREE=DIR] [SEEDS="1 2"] accuracy, speed and memory on generated forms (minutes to hours)
#   make bench-pairs [SEEDS=…] [COUNT=…]  cell_f1 of every pair of damages (a stamped photo, a sideways fax …)
#   make speed                           seconds a page against the default PaddleOCR pipeline
#   make speed-levels [FOLDER=DIR]       seconds and processor seconds a page of good and hard pages, by level
#   make load                             500 uploads while the models are busy; short documents beside a long one
#   make soak [PAGES=2000]                whether the service's memory grows over many pages (an hour)
#   make calibrate [DOCUMENTS=80 PROCESSES=1]  fit models/confidence.json on generated documents (hours; resumes)
#   make reliability [FOLDER=DIR SOURCE="what they are"]  docs/reliability.md: how far confidences can be trusted
#   make repairs [FOLDER=DIR DOCUMENTS=12]  wrong numbers that sums mend, and printed errors they turn back (hours; resumes)
#   make image-check                      the Dockerfile's steps where no container engine runs (minutes)
#   make samples                         build samples/ anew (needs chromium, poppler-utils, CJK fonts)
#   make schema                          docs/result.schema.json from extractor/result.py
#   make lock                            requirements*.lock from pyproject.toml
#   make clean                           remove .venv and caches; weights stay in GEZI_MODELS_DIR

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
UV_VERSION := 0.13.9
MODELS := $(or $(GEZI_MODELS_DIR),$(HOME)/.cache/gezi/models)

.DEFAULT_GOAL := help
.PHONY: help extract serve test test-postgres api-check lint bench bench-pairs speed speed-levels calibrate reliability repairs load soak image-check samples schema lock clean
.DELETE_ON_ERROR:

help:
	@sed -n 's/^#   //p' Makefile

# ---- the virtual environment ------------------------------------------------------------------------------

$(VENV)/.made:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is not installed. On Debian 12: apt-get install python3.11 python3.11-venv (or set PYTHON=, 3.11 or later)" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed; $(PYTHON) is older. Set PYTHON=…" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make virtual environments. On Debian 12: apt-get install python3.11-venv" >&2; exit 1; }
	@echo "making $(VENV) (once) …" >&2
	@$(PYTHON) -m venv $(VENV)
	@touch $@

# --no-deps: the lock names everything, and one cv2 only may be installed (the headless build stands in for
# opencv-python and opencv-contrib-python, which need libGL).
$(VENV)/.runtime: requirements.lock pyproject.toml | $(VENV)/.made
	@echo "installing the locked packages (once, about 1.2 GB) …" >&2
	@$(PIP) install --no-deps --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	@echo "installing the tools for tests (once) …" >&2
	@$(PIP) install --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

# This stamp lies with the weights, which all checkouts share. Weights that are there are only checked.
$(MODELS)/.fetched: models/manifest.toml | $(VENV)/.runtime
	@echo "fetching the model weights (once, checked by hash) …" >&2
	@$(BIN)/gezi models fetch >&2
	@touch "$@"

# ---- what a user runs -------------------------------------------------------------------------------------

extract: $(MODELS)/.fetched
	@test -n "$(FILE)" || { echo "Which document? make extract FILE=samples/scan.pdf" >&2; exit 2; }
	@$(BIN)/gezi extract $(if $(OUT),--out "$(OUT)") $(if $(FORMAT),--format "$(FORMAT)") $(if $(PAGES),--pages "$(PAGES)") -- "$(FILE)"

serve: $(MODELS)/.fetched
	@exec $(BIN)/gezi serve

# Two processes, as the tests that kill and wait take half of the time. Not --dist loadfile: it runs tests of one name
# once, and schemathesis names all operations alike.
test: lint $(MODELS)/.fetched
	$(BIN)/python -m pytest -n 2 --dist worksteal

# What does not touch the database or the queue ran in `make test` already; so did the fault suite.
test-postgres: $(VENV)/.dev
	tests/with-servers $(BIN)/python -m pytest tests/api tests/workers \
	    $(foreach name,archives pool serve settings stores targets,--ignore=tests/workers/test_$(name).py) --ignore=tests/api/test_openapi.py

api-check: $(VENV)/.dev
	GEZI_TEST_EXAMPLES=$(or $(EXAMPLES),200) $(BIN)/python -m pytest tests/api/test_openapi.py

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev $(MODELS)/.fetched
	$(BIN)/python -m bench $(if $(REFEREE),--referee "$(REFEREE)") $(if $(SEEDS),--seeds "$(SEEDS)") $(BENCH_ARGS)

bench-pairs: $(VENV)/.dev $(MODELS)/.fetched
	$(BIN)/python -m bench --levels pairs --work build/bench-pairs --count $(or $(COUNT),4) $(if $(SEEDS),--seeds "$(SEEDS)")

speed: $(VENV)/.dev $(MODELS)/.fetched
	$(BIN)/python -m bench.speed

speed-levels: $(VENV)/.dev $(MODELS)/.fetched
	$(BIN)/python -m bench.levelspeed $(if $(FOLDER),--folder "$(FOLDER)")

load: $(VENV)/.dev $(MODELS)/.fetched
	$(BIN)/python -m bench.load

soak: $(VENV)/.dev $(MODELS)/.fetched
	$(BIN)/python -m bench.soak --pages $(or $(PAGES),2000)

calibrate: $(VENV)/.dev $(MODELS)/.fetched
	$(BIN)/python -m bench.calibrate $(if $(DOCUMENTS),--documents $(DOCUMENTS)) $(if $(PROCESSES),--processes $(PROCESSES)) $(CALIBRATE_ARGS)

reliability: $(VENV)/.dev $(MODELS)/.fetched
	$(BIN)/python -m bench.reliability $(if $(FOLDER),--folder "$(FOLDER)") $(if $(SOURCE),--source "$(SOURCE)") $(if $(DOCUMENTS),--documents $(DOCUMENTS)) $(if $(PROCESSES),--processes $(PROCESSES)) $(RELIABILITY_ARGS)

repairs: $(VENV)/.dev $(MODELS)/.fetched
	$(BIN)/python -m bench.repairs $(if $(FOLDER),--folder "$(FOLDER)") $(if $(DOCUMENTS),--documents $(DOCUMENTS)) $(if $(PROCESSES),--processes $(PROCESSES)) $(REPAIRS_ARGS)

image-check:
	@$(PYTHON) -m tools.image_check

samples: $(VENV)/.dev
	$(BIN)/python -m samples.build

schema: $(VENV)/.runtime
	$(BIN)/python -m gezi.schema > docs/result.schema.json

# The overrides in pyproject.toml ([tool.uv]) switch the other OpenCV builds off. No index address is written.
lock: $(VENV)/.made
	@test -x build/uv/bin/uv || { $(PYTHON) -m venv build/uv && build/uv/bin/pip --quiet install uv==$(UV_VERSION); }
	build/uv/bin/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header \
	    --output-file requirements.lock pyproject.toml
	build/uv/bin/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header \
	    --extra dev --output-file requirements-dev.lock pyproject.toml

clean:
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
