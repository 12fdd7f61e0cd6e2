"""What is logged while something goes on that is longer than one test."""

import logging
from typing import Self


class Lines(logging.Handler):
    """Keeps what is logged while it is entered: of the program everything, of others from INFO on."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[logging.LogRecord] = []
        self._levels: dict[str, int] = {}

    def emit(self, record: logging.LogRecord) -> None:
        self.kept.append(record)

    def __enter__(self) -> Self:
        for name, level in (("", logging.INFO), ("triage", logging.DEBUG)):
            self._levels[name] = logging.getLogger(name).level
            logging.getLogger(name).setLevel(level)
        logging.getLogger().addHandler(self)
        return self

    def __exit__(self, *_) -> None:
        logging.getLogger().removeHandler(self)
        for name, level in self._levels.items():
            logging.getLogger(name).setLevel(level)
