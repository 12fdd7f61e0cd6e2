"""The shipped demo, read once."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import triage.demo
from triage.demo.messages import Demo, read_demo

SHIPPED = Path(triage.demo.__file__).with_name("messages.toml")


@pytest.fixture(scope="session")
def demo() -> Demo:
    return read_demo(SHIPPED.read_text(encoding="utf-8"), ZoneInfo("Europe/London"))
