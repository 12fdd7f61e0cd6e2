"""A look into a mailbox where nothing is new, over a connection that is kept, with few and many messages."""

import os
import pwd
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from bench.school import a_school
from tests.acceptance.school import RunningSchool
from triage.context import Mailbox
from triage.store.mailboxes import forget_contact, list_mailboxes

SIZES = (100, 10_000, 200_000)
ROUNDS = 200
OLD = 1_700_000_000
"""When all of it came: so long ago that meeting it takes none of it."""

RAW = b"From: parent@home.example\nSubject: PE kit\n\nIt is lost.\n"


def report(corpus: Path) -> None:
    """Print the median milliseconds of each, and what opening and searching the folders takes beside it."""
    with a_school(corpus, len(SIZES)) as school:
        for user, size in zip(school.users, SIZES, strict=True):
            _fill(school, user, size)
        with school.service.database.write() as conn:
            forget_contact(conn)
        for mailbox in school.service.mailboxes:
            _look(school, mailbox)
        print(f"a look where nothing is new, median of {ROUNDS}, in ms")
        print(
            "  {:28} {:>9} {:>9} {:>9}  the last beside the first".format("messages in the mailbox", *SIZES)
        )
        _line("the look", _medians(school, lambda mailbox: _look(school, mailbox)), "to be 0.8 to 1.2")
        _line("the same without the record", _medians(school, lambda mailbox: _ask(school, mailbox)))
        _line("to open and search instead", _medians(school, lambda mailbox: _open(school, mailbox)))


def _line(name: str, taken: Sequence[float], more: str = "") -> None:
    shown = " ".join(f"{each * 1000:9.3f}" for each in taken)
    print(f"  {name:28} {shown}  {taken[-1] / taken[0]:.2f}  {more}")


def _medians(school: RunningSchool, work: Callable[[Mailbox], None]) -> list[float]:
    """Return the median of each mailbox, looked at in turn, so that a busy moment meets all of them."""
    times: list[list[float]] = [[] for _ in SIZES]
    for _ in range(ROUNDS):
        for mailbox, met in zip(school.service.mailboxes, times, strict=True):
            begun = time.perf_counter()
            work(mailbox)
            met.append(time.perf_counter() - begun)
    return [median(met) for met in times]


def _look(school: RunningSchool, mailbox: Mailbox) -> None:
    poll = school.service.poll(mailbox)
    if poll.error or poll.seen:
        raise RuntimeError(f"it was to find nothing new: {poll}")


def _ask(school: RunningSchool, mailbox: Mailbox) -> None:
    with school.service.context.connect(mailbox) as session, school.service.database.read() as conn:
        row = next(one for one in list_mailboxes(conn) if one.address == mailbox.address)
        session.standing("Sent")
        if not session.goes_on_in(mailbox.folder, row.uidvalidity, row.high_water):
            session.select(mailbox.folder)
        session.uids_above(row.high_water)


def _open(school: RunningSchool, mailbox: Mailbox) -> None:
    with school.service.context.connect(mailbox) as session:
        session.select("Sent")
        selected = session.select(mailbox.folder)
        session.uids_above(selected.uidnext - 1)


def _fill(school: RunningSchool, user: str, size: int) -> None:
    """Lay messages into a Maildir as a delivery does, and give them to the user whom Dovecot works as."""
    folder = school.dovecot.folder / "mail" / user / "Maildir" / "cur"
    owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    for number in range(size):
        path = folder / f"{OLD + number}.M{number}P1.bench,S={len(RAW)}:2,S"
        path.write_bytes(RAW)
        os.utime(path, (OLD, OLD))
        if owner is not None:
            os.chown(path, owner.pw_uid, owner.pw_gid)
