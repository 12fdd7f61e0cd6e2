# make run    shows the service at work in a made-up school
# make test   lint, types, layers and every test, against real servers
.PHONY: env run test lint servers wheel clean

bin := .venv/bin

run: env
	@$(bin)/triage demo

env: .venv/.complete

.venv/.complete: pyproject.toml uv.lock scripts/make-env
	@scripts/make-env

test: env servers lint
	@$(bin)/pytest

servers:
	@scripts/get-servers

lint: env
	@$(bin)/ruff check
	@$(bin)/ruff format --check
	@$(bin)/mypy
	@$(bin)/lint-imports

wheel: env
	@$(bin)/uv build --wheel

clean:
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
