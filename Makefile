# Everything a newcomer or CI does. `make help` lists it.
PYTHON ?= python3
BIN := .venv/bin
LOCKS := requirements/bootstrap.txt requirements/dev.txt pyproject.toml sdk/pyproject.toml
STAMP := .venv/.installed-$(shell cat $(LOCKS) | cksum | cut -d' ' -f1)
export PYTHONDONTWRITEBYTECODE :=  # dozens of processes start in a test run: what is compiled once is kept

.PHONY: help setup run test nightly lint types arch bench lock ci parts
help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(STAMP) ## make .venv with everything locked by hash

$(STAMP): $(LOCKS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: PYTHON=/path/to/python3.12 make setup"; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "Python cannot make a virtual environment. On Debian: apt install python3-venv"; exit 1; }
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e . -e sdk
	@rm -f .venv/.installed-*; touch $@

run: setup ## rehearse a whole rollout, live on http://127.0.0.1:8400, in about 90 seconds
	$(BIN)/companyos up --rehearse unified-approvals

parts:
	@scripts/find-test-parts

test: setup parts ## every test but the nightly ones
	$(BIN)/pytest -n 2 --dist worksteal --durations 15 -m "not slow"

nightly: setup parts ## all tests, with the slow ones
	$(BIN)/pytest -n 2 --dist worksteal

lint: setup ## ruff, formatting, migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup ## mypy --strict
	$(BIN)/mypy

arch: setup ## the walls between rooms
	$(BIN)/lint-imports

bench: setup ## make bench ONLY=name prints a table beside its peers
	$(BIN)/python -m bench $(ONLY)

lock: setup ## compile requirements/*.txt anew
	$(BIN)/uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' requirements/bootstrap.in -o requirements/bootstrap.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' requirements/dev.in -o requirements/dev.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' -c requirements/dev.txt requirements/run.in -o requirements/run.txt
	$(BIN)/uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' bench/peers-evaluate.in -o bench/peers-evaluate.txt

ci: lint types arch test ## exactly what CI runs
