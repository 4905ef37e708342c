# make demo: a morning of the sandbox city.  make test: every test.  Both make the environment themselves.
.DEFAULT_GOAL := demo
.PHONY: demo test check fix lock start clean

PYTHON ?= python3.11
ifeq (, $(shell command -v $(PYTHON)))
PYTHON := python3
endif
BIN := .venv/bin
# byte code halves every start of Airflow and dbt
unexport PYTHONDONTWRITEBYTECODE
export DO_NOT_TRACK := 1

define install
	test -x $(BIN)/uv || ($(PYTHON) -m venv .venv && $(BIN)/python -m pip install --quiet --require-hashes -r requirements-install.lock)
	$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes --compile-bytecode requirements-install.lock $(1)
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
endef

.venv/run: requirements-install.lock requirements.lock pyproject.toml
	$(call install,requirements.lock)
	touch $@

.venv/dev: requirements-install.lock requirements-dev.lock pyproject.toml
	$(call install,requirements-dev.lock)
	touch $@ .venv/run

demo: .venv/run
	@$(BIN)/civiclake demo

test: .venv/dev
	$(BIN)/python -m pytest

check: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/sqlfmt --check --quiet dbt_project/models dbt_project/macros dbt_project/tests
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/python -m cities.schema --check
	$(BIN)/python -m contracts.generate --check
	$(BIN)/python -m reports.metrics.generate --check
	$(BIN)/python -m civiclake.generate --check
	$(BIN)/docker-compose -f docker-compose.yml --env-file docker.env.example config --quiet

fix: .venv/dev
	$(BIN)/ruff check --fix .
	$(BIN)/sqlfmt --quiet dbt_project/models dbt_project/macros dbt_project/tests
	$(BIN)/python -m cities.schema
	$(BIN)/python -m contracts.generate
	$(BIN)/python -m reports.metrics.generate
	$(BIN)/python -m civiclake.generate

lock: .venv/dev
	$(BIN)/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml -o requirements.lock
	for extra in dev production; do $(BIN)/uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra $$extra -c requirements.lock pyproject.toml -o requirements-$$extra.lock; done

start: .venv/run
	$(BIN)/civiclake start

clean:
	rm -rf .venv .civiclake dbt_project/target dbt_project/logs
