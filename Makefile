# Everything starts here: `make run` needs Python 3.11+ and make, nothing else.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
SHOP ?= demo_shop
export PRECISION_HOME ?= $(CURDIR)/data
export PYTHONPATH := $(CURDIR)
export PYTHONDONTWRITEBYTECODE :=
# compiled once, beside the packages and not among the sources
export PYTHONPYCACHEPREFIX ?= $(CURDIR)/$(VENV)/bytecode

$(VENV)/.uv: requirements/installer.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if (3, 11) <= v < (3, 14) else f"Python 3.11, 3.12 or 3.13 is needed, this is {v.major}.{v.minor}; set PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip install -q --require-hashes -r requirements/installer.txt
	@touch $@

$(VENV)/.runtime: $(VENV)/.uv requirements/runtime.txt
	$(VENV)/bin/uv pip install -q --python $(PY) --require-hashes -r requirements/runtime.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements/dev.txt
	$(VENV)/bin/uv pip install -q --python $(PY) --require-hashes -r requirements/dev.txt
	@touch $@

.PHONY: run
run: $(VENV)/.runtime ## raw files to published marts: SHOP=demo_shop|complete_journey|online_retail|jdata|taobao|olist|files, or your own; RAW=folder AS_OF=YYYY-MM-DD
	@./precision run --shop $(SHOP) $(if $(RAW),--raw $(RAW)) $(if $(AS_OF),--as-of $(AS_OF))

.PHONY: test
# three processes, also on two cores: many tests wait for a server; a file stays in one, its fixtures are made once
test: $(VENV)/.dev ## every test, dbt's included
	$(PY) -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

.PHONY: reliability
reliability: $(VENV)/.dev ## the tests of faults and attacks alone; writes docs/reliability.md
	$(PY) -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m fault --reliability $(PYTEST_ARGS) tests/faults tests/security

.PHONY: lint
lint: $(VENV)/.dev ## ruff on Python, sqlfluff on SQL, no secret in a file
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/sqlfluff lint dbt_project/models dbt_project/analyses --processes 2
	git ls-files -z -- . ':!requirements/*.txt' ':!tests/fixtures/fuzz' | xargs -0 $(VENV)/bin/detect-secrets-hook --no-verify --exclude-secrets '$(NO_SECRETS)'

# Not searched: hashes of locked packages, and what fuzzing found (no YAML reader survives it).
# What tests plant where a secret would be, and three wrong passwords that a service must refuse
NO_SECRETS := canary|^(admin|airflow|redis)$$

.PHONY: audit
audit: $(VENV)/.dev ## are vulnerabilities of the locked packages known? exit code 1 yes, 3 nobody could be asked
	$(PY) .ci/audit.py

.PHONY: sbom
sbom: $(VENV)/.dev ## what the cluster's image installs, as CycloneDX: names, versions, hashes
	@mkdir -p "$(PRECISION_HOME)"
	$(PY) -W ignore -m cyclonedx_py requirements requirements/cluster.txt --pyproject pyproject.toml --mc-type application --output-reproducible --of JSON -o "$(PRECISION_HOME)/sbom.json"
	@echo "$(PRECISION_HOME)/sbom.json"

.PHONY: airflow
airflow: $(VENV)/.runtime ## scheduler, UI and dashboard on http://127.0.0.1:8080, behind a login
	@./precision airflow

.PHONY: dashboard
dashboard: $(VENV)/.runtime ## the dashboard alone, same address and login
	@./precision dashboard

.PHONY: doctor
doctor: $(VENV)/.runtime ## is everything in order, and if not, how to mend it
	@./precision doctor

.PHONY: docs
docs: $(VENV)/.runtime ## dbt docs of SHOP as one page: tables, columns, lineage from source to KPI
	@./precision docs --shop $(SHOP)

.PHONY: site
site: $(VENV)/.dev ## the documentation as a site, opened from its folder
	@NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs build --strict --quiet --site-dir "$(PRECISION_HOME)/site"
	@echo "Open in a browser: $(PRECISION_HOME)/site/index.html"

.PHONY: bench
bench: $(VENV)/.dev ## speed, memory and quality figures
	$(PY) -m benchmarks

.PHONY: lock
lock: $(VENV)/.uv ## resolve the dependencies anew
	cd requirements && ../$(VENV)/bin/uv pip compile -q --universal --generate-hashes --no-header --python-version 3.11 installer.in -o installer.txt
	$(VENV)/bin/uv pip compile -q --universal --generate-hashes --no-header --python-version 3.11 pyproject.toml -o requirements/runtime.txt
	$(VENV)/bin/uv pip compile -q --universal --generate-hashes --no-header --python-version 3.11 pyproject.toml --extra cluster -c requirements/runtime.txt -o requirements/cluster.txt
	$(VENV)/bin/uv pip compile -q --universal --generate-hashes --no-header --python-version 3.11 pyproject.toml --extra cluster --extra dev --extra spark -c requirements/cluster.txt -o requirements/dev.txt

.PHONY: help
help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'
	@echo "  ./precision --help  backfill, sources, explain, sql, versions, rollback, activate, …"
