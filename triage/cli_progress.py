"""How far a long reading is: a bar on a terminal's standard error, and nothing elsewhere but what is said."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from triage.console import printable

NO_TASK = TaskID(0)


@dataclass(slots=True)
class Reading:
    """A reading under way. Without a terminal there is no bar."""

    _bar: Progress | None = None
    _task: TaskID = NO_TASK
    _total: int = 0

    def found(self, number: int) -> None:
        """Note that so many more messages are there to be read."""
        self._total += number
        if self._bar is not None:
            self._bar.update(self._task, total=self._total)

    def one(self) -> None:
        """Note that one more was read."""
        if self._bar is not None:
            self._bar.advance(self._task)

    def tell(self, where: str, words: str) -> None:
        """Write a line above the bar, or on standard error."""
        line = printable(f"{where}: {words}")
        if self._bar is None:
            click.echo(line, err=True)
        else:
            self._bar.console.print(line, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def reading() -> Iterator[Reading]:
    """Show how far a reading is, as long as this lasts."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield Reading()
        return
    columns = (TextColumn("Reading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        yield Reading(bar, bar.add_task("", total=None))
