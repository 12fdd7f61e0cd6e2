"""The options that several commands share, and the clock that they hand on."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click

from triage.console import STYLES

LARGEST_ID = 2**31 - 1

Decorator = Callable[[Callable[..., None]], Callable[..., None]]

style_option: Decorator = click.option(
    "--format",
    "style",
    type=click.Choice(STYLES),
    default="auto",
    show_default=True,
    help="auto is a table on a terminal and lines in a pipe; json is one object a line.",
)
as_option: Decorator = click.option(
    "--as",
    "address",
    metavar="ADDRESS",
    help="Show what this person may see. Each such look is in the audit.",
)
settings_option: Decorator = click.option(
    "--settings", "own", type=click.Path(path_type=Path), help="The settings file, also before the command."
)
roster_option: Decorator = click.option(
    "--roster", type=click.Path(path_type=Path, exists=True), help="A roster file; without it there is none."
)
paths_argument: Decorator = click.argument("paths", nargs=-1, required=True)


def clock() -> datetime:
    """Return the moment it is."""
    return datetime.now(UTC)
