"""What a command says when something is wrong: one line on standard error, and an exit code.

Wrong settings exit with 2, everything else with 1. A line never holds what a parent wrote: of an error that
nobody foresaw only its sort and its place in the program are told, because its text may hold anything.
"""

import os
import traceback
from pathlib import Path
from typing import Any

import click

from triage.classify.artefact import ArtefactError
from triage.console import printable
from triage.domain.policy import PolicyError
from triage.domain.roster_file import RosterError
from triage.evaluate.corpus import CorpusError
from triage.init import InitError
from triage.mail.imap import MailError
from triage.message.wording import WordingError
from triage.record import NotShownError
from triage.settings import SettingsError
from triage.store.errors import StoreError
from triage.store.keys import KeyringError

EXPECTED = (
    ArtefactError,
    CorpusError,
    InitError,
    KeyringError,
    MailError,
    NotShownError,
    PolicyError,
    RosterError,
    StoreError,
    WordingError,
)
PACKAGE = Path(__file__).parent


class SettingsTrouble(click.ClickException):
    """The settings cannot be used."""

    exit_code = 2


class Commands(click.Group):
    """A group of commands that ends every trouble in one line."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's own signature
        """Run a command. Raises click's exceptions only, which it shows without a traceback."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except SettingsError as error:
            raise SettingsTrouble(printable(error)) from error
        except EXPECTED as error:
            raise click.ClickException(printable(error)) from error
        except OSError as error:
            raise click.ClickException(printable(_of_the_system(error))) from error
        except Exception as error:
            raise click.ClickException(_unforeseen(error)) from error


def _of_the_system(error: OSError) -> str:
    if error.filename is None or error.strerror is None:
        return str(error)
    return f"{os.fsdecode(error.filename)}: {error.strerror}"


def _unforeseen(error: Exception) -> str:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_ours(frame)]
    last = frames[-1]
    where = f"{Path(last.filename).relative_to(PACKAGE.parent)}, line {last.lineno}"
    return f"this is a mistake in the program, please report it: {type(error).__name__} at {where}"


def _is_ours(frame: traceback.FrameSummary) -> bool:
    return PACKAGE in Path(frame.filename).parents
