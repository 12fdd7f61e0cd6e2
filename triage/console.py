"""Output for people and for pipes: tables on a terminal, plain lines in a pipe, or JSON."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

import click
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

Row = Mapping[str, object]

STYLES = ("auto", "table", "lines", "json")
"""How output can be asked for; "auto" is a table on a terminal, and lines anywhere else."""

LOUD = {"immediate": "bold red", "high": "yellow", "stopped": "bold red", "failing": "bold red"}


@dataclass(frozen=True, slots=True)
class Section:
    """Rows of one kind, all with the same keys. No key is "kind": that is what JSON calls the rows.

    ``title`` stands above them on a terminal, ``empty`` in their place when there are none. ``upright`` rows
    are shown key by key below one another, without empty ones, and keep the lines of their texts.
    """

    kind: str
    title: str
    rows: Sequence[Row]
    empty: str = ""
    upright: bool = False


class Output:
    """Where a command writes. ``style`` is one of STYLES; times are shown in ``zone``, ``now`` is aware."""

    def __init__(self, style: str, zone: ZoneInfo, now: datetime) -> None:
        self._style = style if style != "auto" else "table" if sys.stdout.isatty() else "lines"
        self._zone = zone
        self._year = now.astimezone(zone).year
        self._console = Console(highlight=False, markup=False, emoji=False)

    def show(self, *sections: Section) -> None:
        """Write sections one after the other; in lines and JSON each row is one line."""
        write = {"json": self._json, "lines": self._lines, "table": self._tables}[self._style]
        for section in sections:
            write(section)

    def hint(self, words: str) -> None:
        """Tell a person at a terminal how to go on; a pipe does not read it."""
        if self._style == "table":
            self._console.print(words, style="dim")

    def _json(self, section: Section) -> None:
        for row in section.rows:
            # Escaped to ASCII: no character of a sender's can steer a terminal or break an encoding.
            click.echo(json.dumps({"kind": section.kind, **row}, default=self._as_json))

    def _lines(self, section: Section) -> None:
        for row in section.rows:
            cells = (f"{key}={self._in_line(value)}" for key, value in row.items())
            click.echo("\t".join((section.kind, *cells)))

    def _tables(self, section: Section) -> None:
        if not section.rows:
            if section.empty:
                self._console.print(f"{section.empty}\n")
            return
        self._console.print(section.title, style="bold")
        shown = map(self._upright, section.rows) if section.upright else [self._table(section.rows)]
        for table in shown:
            self._console.print(table)
            self._console.print()

    def _table(self, rows: Sequence[Row]) -> Table:
        table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
        for key in rows[0]:
            values = [row[key] for row in rows if row[key] is not None]
            numbers = bool(values) and all(isinstance(value, int) for value in values)
            # Only words may be broken to make room: half a date is read wrongly.
            words = any(isinstance(value, str) for value in values)
            table.add_column(
                _words(key), overflow="fold", justify="right" if numbers else "left", no_wrap=not words
            )
        for row in rows:
            table.add_row(*(self._cell(value) for value in row.values()))
        return table

    def _upright(self, row: Row) -> Table:
        table = Table.grid(padding=(0, 2))
        table.add_column(style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        for key, value in row.items():
            if value not in (None, "", [], ()):
                table.add_row(f"  {_words(key)}", self._cell(value))
        return table

    def _cell(self, value: object) -> Text:
        text = self._for_people(value)
        return Text(text, style=LOUD.get(text, ""))

    def _for_people(self, value: object) -> str:
        match value:
            case datetime():
                return self._moment(value)
            case StrEnum():
                return _words(value)
            case list() | tuple():
                return "\n".join(self._for_people(one) for one in value) or "-"
            case str():
                return "\n".join(printable(line) for line in value.splitlines()) or "-"
            case _:
                return _plain(value)

    def _moment(self, value: datetime) -> str:
        local = value.astimezone(self._zone)
        year = "" if local.year == self._year else f" {local.year}"
        return f"{local:%a} {local.day} {local:%b}{year} {local:%H:%M}"

    def _in_line(self, value: object) -> str:
        match value:
            case datetime():
                return value.astimezone(self._zone).isoformat(timespec="minutes")
            case list() | tuple():
                return ", ".join(self._in_line(one) for one in value) or "-"
            case _:
                return _plain(value)

    def _as_json(self, value: object) -> str:
        return value.astimezone(self._zone).isoformat() if isinstance(value, datetime) else str(value)


def printable(value: object) -> str:
    """Return a value as one line that cannot steer a terminal, whatever a sender or a server wrote."""
    return "".join(char if char.isprintable() else " " for char in str(value)).strip()


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "-" if value is None else printable(value) or "-"


def _words(name: str) -> str:
    return name.replace("_", " ").replace("-", " ")
