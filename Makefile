# make run    shows the service at work in a made-up school
# make test   lint, types, layers and every test, against real servers
# make soak   10,000 messages at once; 5,000 with a fault every second: about an hour
# make fuzz   broken mail by chance for ten minutes, or as many as minutes= says
#
# make left-out   reads every hand of corpus/ with models that were taught without it (about an hour)
# make model      teaches the classifier anew and writes triage/classify/artefact/ (needs left-out)
# make reweigh    weighs the classifier's readers anew, without teaching them again (needs left-out)
# make evaluate   the figures of the messages left out, and the report build/evaluation.html
# make own-text   what a writer wrote, told apart from quotations, beside three libraries
# make bench      the classifier beside simpler ones, on the same messages; what the queue costs with 100,000 flags,
#                 and what intake costs against Dovecot
.PHONY: own-text env run test compiled soak fuzz lint servers wheel clean left-out model reweigh evaluate bench

bin := .venv/bin

# What Python has compiled is kept, whatever the environment says: each process of the tests, and each program
# that they start, would compile all that it imports again, which takes it longer than all else at its start.
export PYTHONDONTWRITEBYTECODE :=

run: env
	@$(bin)/triage demo

env: .venv/.complete

.venv/.complete: pyproject.toml uv.lock scripts/make-env
	@scripts/make-env

test: env servers
	@$(MAKE) --no-print-directory --jobs 2 lint compiled
	@$(bin)/pytest --numprocesses $$(( $$(nproc) + 1 )) --maxprocesses 4 --dist loadfile --no-loadscope-reorder

# Each process of the tests would compile all of them for itself, and more than half of the time in which it
# gathers them is that. So it is done once, while mypy leaves a core idle; what is wrong the tests tell themselves.
compiled: env
	-@$(bin)/pytest --collect-only --quiet --quiet >/dev/null

soak: env servers
	@$(bin)/pytest -s tests/soak

minutes := 10

fuzz: env
	@$(bin)/python -m tests.fuzz $(minutes) $(seed)

servers:
	@scripts/get-servers

lint: env
	@$(bin)/ruff check
	@$(bin)/ruff format --check
	@$(bin)/mypy
	@$(bin)/lint-imports

train := build/training/bin/python

build/training/.complete: training/requirements.txt uv.lock scripts/make-training | env
	@scripts/make-training

left-out: build/left_out.npz

taught_by := $(patsubst %,training/%.py,base graph learn left_out lessons linear network prepare write)

build/left_out.npz: build/training/.complete $(wildcard corpus/*.jsonl) $(taught_by)
	@$(train) training/left_out.py corpus build

build/figures.json: build/left_out.npz training/scores.py training/weigh.py
	@$(train) training/scores.py corpus build
	@$(bin)/triage evaluate corpus --scores build/left_out.jsonl --format json >$@.part
	@mv $@.part $@

model: build/figures.json
	@$(train) training/make.py corpus build triage/classify/artefact

reweigh: build/figures.json
	@$(train) training/reweigh.py corpus build triage/classify/artefact

evaluate: build/figures.json
	@$(bin)/triage evaluate corpus --scores build/left_out.jsonl --html build/evaluation.html

bench: build/left_out.npz
	@$(train) bench/classifiers.py corpus build
	@$(bin)/python bench/costs.py corpus
	@$(bin)/python -m bench.queue
	@$(bin)/python -m bench.intake corpus
	@$(MAKE) --no-print-directory own-text

own-text: env
	@$(bin)/uv run --quiet --no-sync --with-requirements bench/own_text.txt python -m bench.own_text

wheel: env
	@$(bin)/uv build --wheel

clean:
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
