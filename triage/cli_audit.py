"""``triage audit``: whether the record of who saw what is whole, and what it says of one case."""

import os
from contextlib import AbstractContextManager
from pathlib import Path

import click

from triage.cli_options import LARGEST_ID, clock, style_option
from triage.console import Output, Section
from triage.record import Record, account, opened
from triage.settings import load_settings
from triage.store import audit
from triage.store.audit import Chain
from triage.store.audit_search import of_case

SHOWN = 16
SHORTEST = 12
"""How many hex digits of a link are shown, and how many must be given to find it again."""

WHAT_TO_DO = (
    "keep the database as it is, compare it with the backups, and tell the data protection officer; if every "
    "line seems wrong, look whether the key file is the one that the database was made with"
)


@click.group("audit")
def audit_group() -> None:
    """Verify the record of who saw what, or read it of one case."""


@audit_group.command()
@click.option(
    "--kept",
    default="",
    metavar="LINK",
    help="A newest link that was written down earlier, by its beginning: it must still be there.",
)
@click.pass_obj
def verify(path: Path | None, kept: str) -> None:
    """Walk the whole audit and tell whether its chain holds.

    Exits with 1 if a line was changed, put in or taken out. Whoever has the database and the key file can
    forge all of it: write the newest link down elsewhere, and give it with --kept another time.
    """
    kept = kept.strip().rstrip("\u2026.").lower()
    if kept and (len(kept) < SHORTEST or not set(kept) <= set("0123456789abcdef")):
        raise click.BadParameter(
            f"a link is at least {SHORTEST} digits of 0 to 9 and a to f", param_hint="--kept"
        )
    with _record(path) as record, record.database.read() as conn:
        chain = audit.walk(conn, record.database.keyring, kept)
    fault = _fault(chain)
    if fault is not None:
        raise click.ClickException(f"{fault}; {WHAT_TO_DO}")
    click.echo(_whole(chain))


@audit_group.command()
@click.argument("case", type=click.IntRange(1, LARGEST_ID))
@style_option
@click.pass_obj
def seen(path: Path | None, case: int, style: str) -> None:
    """Say who saw a case or did something with its flags, and when.

    There are only ids. The look is itself a line of the audit.
    """
    with _record(path) as record:
        with record.database.write() as conn:
            audit.append(
                conn, record.database.keyring, record.clock(), account(), "audit viewed", object_="audit"
            )
        with record.database.read() as conn:
            rows = [
                {"at": line.at, "who": line.actor, "did": line.action, "what": line.object}
                for line in of_case(conn, case)
            ]
        output = Output(style, record.settings.school.timezone, record.clock())
        output.show(Section("seen", f"Case {case}", rows, f"nobody has seen case {case}"))


def _fault(chain: Chain) -> str | None:
    """Return what is wrong with the audit, None when nothing is."""
    if chain.broken is not None:
        before = "the line before it does" if chain.lines == 1 else f"the {chain.lines} lines before it do"
        fit = f" ({before})" if chain.lines else ""
        return f"line {chain.broken} does not fit{fit}: it was changed or put in, or one before it taken out"
    if not chain.met:
        return "the chain holds, but the link that was kept is not in it: the audit was made anew"
    return None


def _whole(chain: Chain) -> str:
    if not chain.lines:
        return "0 lines, the chain holds"
    lines = "line" if chain.lines == 1 else "lines"
    return f"{chain.lines} {lines}, the chain holds (newest link {chain.newest[:SHOWN]}\u2026)"


def _record(path: Path | None) -> AbstractContextManager[Record]:
    return opened(load_settings(path, os.environ), clock)
