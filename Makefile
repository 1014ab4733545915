# Everything starts here: `make serve` for a server, `make check` for all that CI checks.
# Runs under GNU make 3.81 and any POSIX shell, so on Linux and macOS as they come.

PYTHON ?= python3
UV     ?= uv
ARGS   ?=

VENV := .venv
BIN  := $(VENV)/bin
PIP  := $(BIN)/python -m pip --quiet --disable-pip-version-check

SYSTEM_TOOLS := apache2 caddy curl kamailio kubectl nginx node npm pgbouncer php sipp systemd-analyze wrk
APACHE_MODULE := /usr/lib/apache2/modules/mod_auth_openidc.so
# Which module of Kamailio is in which package.
KAMAILIO_MODULES := extra/jansson sqlite/db_sqlite utils/http_client
# Debian's names of what it names otherwise. apache2-bin is Apache without its service: nothing is started.
PACKAGES := s/\bapache2\b/apache2-bin/; s/\bnode\b/nodejs/; s/\bphp\b/php-cli/; s/\bsipp\b/sip-tester/; \
	s/\bkubectl\b/kubernetes-client/; s/\bsystemd-analyze\b/systemd/
NODE_MODULES := tests/interop/node_modules
PROXIED := tests --ignore tests/faults
# What goes from page to page and from client to server; how pages look does not depend on who serves them.
WALKS := tests/clients tests/interop $(addprefix tests/browser/test_,$(addsuffix .py,console_walk selection_walk consent device pages owned))
GENERATOR := $(VENV)/generator
PEERS := $(VENV)/peers
PEERS_MODULES := bench/peers/node_modules
FRONTEND := frontend/node_modules

# Each process would rewrite the assertions of all tests and of their plug-ins, where Python is told to keep no bytecode.
KEPT := PYTHONDONTWRITEBYTECODE=

.DELETE_ON_ERROR:
.PHONY: help serve install test check lint bench bench-large bench-peers system interop proxied faults compiled docs words assets container format requirements clean

help: ## what there is to make
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

serve: $(VENV)/.run scopekeeper.toml ## install, load the sample on the first run, and serve on http://127.0.0.1:8000
	@exec $(BIN)/scopekeeper serve $(ARGS)

install: $(VENV)/.run ## .venv, with what running needs

test: compiled ## every test, except those of interop and faults
	@$(BIN)/python -m tests.browser.find_chromium
	$(KEPT) $(BIN)/python -m pytest tests --ignore tests/interop --ignore tests/faults \
		--numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS)

check: lint ## formatting, lint, types, import directions, then every test
	@$(MAKE) test

lint: $(VENV)/.test ## formatting, lint, types, import directions
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

bench: $(VENV)/.test ## the benchmarks, with the floor in the same run
	$(BIN)/python -m bench $(ARGS)
	$(BIN)/python -m bench.console

bench-large: $(VENV)/.test ## ten million tokens, ten million calls, lists and console with 100 000 applications, 5 000 scopes
	$(BIN)/python -m bench.lists
	$(BIN)/python -m bench.tokens
	$(BIN)/python -m bench.size
	$(BIN)/python -m bench.calls --calls 10000000
	$(BIN)/python -m bench.console
	@$(BIN)/python -m tests.browser.find_chromium
	$(BIN)/python -m bench.scopes

bench-peers: $(VENV)/.test ## other people's servers beside ours in one run; one that cannot be installed is left out
	-@$(MAKE) --no-print-directory $(PEERS)/.installed
	-@$(MAKE) --no-print-directory $(PEERS_MODULES)/.package-lock.json
	-@$(GLEWLWYD)
	$(BIN)/python -m bench --peers $(ARGS)

# Debian's package would make a database and start a service: it is told to make none, and has nothing to start with.
GLEWLWYD = if ! command -v glewlwyd >/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "glewlwyd glewlwyd/config_type select No configuration" | debconf-set-selections && \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
			apt-get install -y -qq --no-install-recommends glewlwyd dbconfig-no-thanks; \
	fi

interop: compiled $(GENERATOR)/.installed $(NODE_MODULES)/.package-lock.json $(FRONTEND)/.package-lock.json ## tests with other people's clients and tools
	$(BIN)/python -m pytest tests/interop $(ARGS)
	@$(MAKE) proxied PROXIED="$(WALKS)"

proxied: compiled $(GENERATOR)/.installed $(NODE_MODULES)/.package-lock.json $(FRONTEND)/.package-lock.json ## every test that speaks to a server, with two of them on PostgreSQL behind nginx
	@$(BIN)/python -m tests.browser.find_chromium
	$(BIN)/python -m pytest $(PROXIED) \
		--behind-a-proxy --numprocesses auto --maxprocesses 4 --dist loadfile $(ARGS)

faults: compiled ## tests that kill, starve and corrupt
	$(BIN)/python -m pytest tests/faults --numprocesses auto --maxprocesses 2 --dist loadfile $(ARGS)

# Tests begin many processes. Where Python is told to keep no bytecode, each of them would compile all of it.
compiled: $(VENV)/.test
	@$(BIN)/python -m compileall -q src tests

docs: $(VENV)/.run ## write the generated reference anew
	$(BIN)/python -m docs.generate

words: $(VENV)/.test ## gather the words of the pages, and compile their translations
	$(BIN)/python docs/translate.py

assets: $(FRONTEND)/.package-lock.json ## build the console's scripts anew (needs Node)
	@node frontend/build.mjs

container: ## the image, by podman or docker; ARGS="--build-arg BASE=…" for another base
	@builder=$$(command -v podman || command -v docker) || { echo "make container: needs podman or docker" >&2; exit 1; }; \
	export BUILDAH_FORMAT=docker; exec $$builder build --file deploy/container/Containerfile --tag scopekeeper $(ARGS) .

format: $(VENV)/.test ## format, and mend what can be mended by itself
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

system: ## the tools of the system that benchmarks and tests need
	@PATH="$$PATH:/usr/sbin"; \
	missing=$$(for tool in $(SYSTEM_TOOLS); do command -v $$tool >/dev/null || echo $$tool; done; \
		test -e $(APACHE_MODULE) || echo libapache2-mod-auth-openidc; \
		for module in $(KAMAILIO_MODULES); do \
			ls /usr/lib/*/kamailio/modules/$${module#*/}.so >/dev/null 2>&1 || echo kamailio-$${module%/*}-modules; \
		done); \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		command -v kamailio >/dev/null || { $(MASKED); }; \
		apt-get update -qq && apt-get install -y -qq --no-install-recommends $$(echo $$missing | sed "$(PACKAGES)"); \
	else \
		echo "make system: not root on a Debian, so please install:" $$missing >&2; exit 1; \
	fi

# Debian's Kamailio would be started as a service that listens everywhere. Tests start one of their own, on loopback.
MASKED = mkdir -p /etc/systemd/system && test -e /etc/systemd/system/kamailio.service || \
	ln -sf /dev/null /etc/systemd/system/kamailio.service

requirements: ## pin the dependencies anew, with their hashes
	@command -v $(UV) >/dev/null || { echo "make requirements: needs uv, see https://docs.astral.sh/uv/" >&2; exit 1; }
	$(COMPILE) --group build pyproject.toml -o requirements/run.txt
	$(COMPILE) --group build --group test pyproject.toml -c requirements/run.txt -o requirements/test.txt
	$(COMPILE) --group generator -o requirements/generator.txt
	$(COMPILE) --group peers -o requirements/peers.txt

COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command "make requirements" $(ARGS)

clean: ## remove all that was made here, except scopekeeper.toml and data/
	rm -rf $(VENV) $(NODE_MODULES) $(FRONTEND) $(PEERS_MODULES) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .schemathesis
	find src tests docs -type d -name __pycache__ -prune -exec rm -rf {} +

# The stamps lie in .venv, so that whoever removes it removes them too.

$(VENV)/.run: requirements/run.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "Scopekeeper needs Python 3.11 or later: name one with make PYTHON=…" >&2; exit 1; }
	@$(BIN)/python -c '' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV)
	$(PIP) install --require-hashes -r requirements/run.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.run requirements/test.txt
	$(PIP) install --require-hashes -r requirements/test.txt
	@touch $@

# What makes clients of OpenAPI documents wants other versions than we test with, so it has an environment of its own.
$(GENERATOR)/.installed: requirements/generator.txt $(VENV)/.run
	@$(PYTHON) -m venv --clear $(GENERATOR)
	$(GENERATOR)/bin/python -m pip --quiet --disable-pip-version-check install --require-hashes -r requirements/generator.txt
	@touch $@

# Nor are other people's servers to hold ours back.
$(PEERS)/.installed: requirements/peers.txt $(VENV)/.run
	@$(PYTHON) -m venv --clear $(PEERS)
	$(PEERS)/bin/python -m pip --quiet --disable-pip-version-check install --require-hashes -r requirements/peers.txt
	@touch $@

# npm writes these files itself, last of all.
$(NODE_MODULES)/.package-lock.json: tests/interop/package-lock.json tests/interop/package.json
	$(call npm_ci,tests/interop)

$(FRONTEND)/.package-lock.json: frontend/package-lock.json frontend/package.json
	$(call npm_ci,frontend)

$(PEERS_MODULES)/.package-lock.json: bench/peers/package-lock.json bench/peers/package.json
	$(call npm_ci,bench/peers)

define npm_ci
	@{ command -v npm && node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)'; } >/dev/null 2>&1 || \
		{ echo "make $(MAKECMDGOALS): needs npm and Node 20 or later (make system installs the system's)" >&2; exit 1; }
	@cd $(1) && npm ci --loglevel=error
endef

# Written once: the command line in the checkout then reaches the same database as the server.
scopekeeper.toml: | $(VENV)/.run
	@printf 'data = "./data"\n' > $@
	@$(BIN)/scopekeeper sample
