"""The record as the commands open it: to look, to count, to throw a switch, with a line in the audit."""

import os
import pwd
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from triage import views
from triage.bootstrap import open_record, policy_of
from triage.console import Section
from triage.domain.policy import PolicyError
from triage.domain.roster import Roster
from triage.domain.school import Role
from triage.domain.visibility import Access, Viewer, viewer
from triage.from_settings import school_of
from triage.mail.oauth import Grant, Token
from triage.message.wording import WordingError
from triage.recorded import recorded
from triage.settings import Settings
from triage.status import Watched, status_sections
from triage.store import audit, mailboxes, refused, restraint, switches
from triage.store.cases import CaseView, read_case
from triage.store.db import Database
from triage.store.refused import Account
from triage.store.roster import replace_roster
from triage.store.switches import Switch
from triage.tokens import TokenKeeper

ADMINISTRATOR = Viewer("", frozenset({Role.ADMINISTRATOR}))


class NotShownError(Exception):
    """What was asked for is not there, or not for this person; the text is one line for people."""


@dataclass(frozen=True, slots=True)
class Record:
    """A school's record without the rest of the service.

    It opens whatever state policy and wording are in: replies can be stopped although a file is broken.
    Whoever looks at it without an address of the school sees counts, ids and states.
    """

    settings: Settings
    database: Database
    clock: Callable[[], datetime]

    def flags(self, address: str | None, state: str) -> Section:
        """Return the flags that an address may see, with a line in the audit; without one, their numbers.

        Raises NotShownError, StoreError.
        """
        if address is None:
            with self.database.read() as conn:
                return views.flag_totals(conn)
        who = self._viewer(address)
        with self.database.write() as conn:
            self._note(conn, "flags listed", "flags", who)
            return views.flags_of(conn, who, state)

    def case(self, case_id: int, address: str | None, *, every_rule: bool) -> list[Section]:
        """Return a case as far as an address may see it, with a line in the audit.

        Raises NotShownError, StoreError.
        """
        view = self._seen(case_id, address)
        with self.database.read() as conn:
            return views.case_sections(conn, view, every_rule=every_rule)

    def explained(self, case_id: int, address: str | None) -> list[str]:
        """Return a case in words as far as an address may see it, with a line in the audit.

        Raises NotShownError, StoreError.
        """
        view = self._seen(case_id, address)
        zone = self.settings.school.timezone
        return list(recorded(view, zone, _policy_hash(self.settings), named=address is not None))

    def status(self) -> list[Section]:
        """Return how the service stands, in ids and numbers. Raises StoreError."""
        places = [(box.address, folder) for box in self.settings.mailboxes for folder in box.watched]
        watched = Watched(places, timedelta(seconds=self.settings.imap.poll_seconds))
        live = self.settings.replies.mode == "live"
        with self.database.read() as conn:
            return status_sections(conn, watched, self.clock(), live=live)

    def roster(self) -> list[Section]:
        """Return the roster in numbers. Raises StoreError."""
        with self.database.read() as conn:
            return views.roster_sections(conn)

    def stop_replies(self, reason: str) -> Switch | None:
        """Stop every reply, and return the stop that holds: an earlier one stays. Raises StoreError."""
        with self.database.write() as conn:
            if switches.stop_replies(conn, reason, account(), self.clock()):
                self._note(conn, "replies stopped", "switch")
            return switches.replies_stopped(conn)

    def start_replies(self) -> bool:
        """Let replies go out again; False when they were not stopped. Raises StoreError."""
        with self.database.write() as conn:
            changed = switches.start_replies(conn, account(), self.clock())
            if changed:
                self._note(conn, "replies started", "switch")
            return changed

    def write_again(self, address: str) -> bool:
        """Let replies go to an address again; False where they were not withheld. Raises StoreError."""
        with self.database.write() as conn:
            changed = restraint.write_again(conn, self.database.keyring, address)
            if changed:
                self._note(conn, "address written to again", "correspondent")
            return changed

    def log_in(self, grant: Grant, token: Token, account: Account) -> None:
        """Keep what a login for a mailbox gave; it waits for nothing that was before. Raises StoreError."""
        with self.database.write() as conn:
            self._note(conn, "mailbox logged in to", "mailbox")
            refused.forget(conn, account)
        TokenKeeper(self.database, self.clock).log_in(grant, token)

    def resync(self) -> int:
        """Make every mailbox be met anew; returns how many. Raises StoreError."""
        with self.database.write() as conn:
            self._note(conn, "mailboxes resynced", "mailboxes")
            return mailboxes.forget_contact(conn)

    def replace_roster(self, roster: Roster, source: str, *, force: bool = False) -> bool:
        """Replace the roster; False when it was the same already. Raises StoreError, RosterError."""
        with self.database.write() as conn:
            self._note(conn, "roster imported", "roster")
            return replace_roster(conn, self.database.keyring, roster, source, self.clock(), force=force)

    def _seen(self, case_id: int, address: str | None) -> CaseView:
        """Return a case as far as an address may see it. Raises NotShownError."""
        if address is None:
            with self.database.read() as conn:
                view = _in_states(read_case(conn, ADMINISTRATOR, case_id))
        else:
            who = self._viewer(address)
            with self.database.write() as conn:
                view = read_case(conn, who, case_id)
                self._note(conn, _looked(view), f"case {case_id}", who)
        if view is None:
            beside = "" if address is None else ", or none that this person may see"
            raise NotShownError(f"there is no case {case_id}{beside}")
        return view

    def _viewer(self, address: str) -> Viewer:
        """Return whom an address stands for. Raises NotShownError when the settings do not know it."""
        who = viewer(school_of(self.settings), address)
        people = {person.address.lower() for person in self.settings.people}
        mailboxes = {mailbox.address.lower() for mailbox in self.settings.mailboxes}
        if who.address not in people | mailboxes:
            raise NotShownError(f"--as {who.address}: the settings name no such person or mailbox")
        if not who.roles:
            raise NotShownError(f"--as {who.address}: this address has no role, so it may see nothing")
        return who

    def _note(self, conn: Connection, action: str, object_: str, who: Viewer | None = None) -> None:
        """Write into the audit which account did what, and in whose place."""
        actor = f"{account()} as {who.address}" if who else account()
        audit.append(conn, self.database.keyring, self.clock(), actor, action, object_=object_)


@contextmanager
def opened(settings: Settings, clock: Callable[[], datetime]) -> Iterator[Record]:
    """Open the record that the settings name, and close it. Raises KeyringError, StoreError."""
    database = open_record(settings)
    try:
        yield Record(settings, database, clock)
    finally:
        database.close()


def account() -> str:
    """Name the account that runs the command; environment variables could claim any."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"user {os.getuid()}"


def _in_states(view: CaseView | None) -> CaseView | None:
    """Leave ids and states: nobody was named, so what waits for the administrator stays closed too."""
    return None if view is None else replace(view, flags=())


def _policy_hash(settings: Settings) -> str | None:
    """Return the hash of the policy that holds today; the record is shown although a file is broken."""
    try:
        return policy_of(settings).hash
    except (PolicyError, WordingError, OSError, UnicodeDecodeError):
        return None


def _looked(view: CaseView | None) -> str:
    """Say what a look at a case came to, as the audit calls it."""
    if view is None:
        return "case refused"
    return "case viewed" if view.access is Access.NONE else "text viewed"
