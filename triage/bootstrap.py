"""The one place that builds the parts and hands them on."""

import os
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from sqlalchemy.engine import make_url

from triage.classify.artefact import Artefact, load, shipped
from triage.classify.golden import check_golden
from triage.context import Context, Mailbox
from triage.domain.language import Languages
from triage.domain.policy import Policy, parse_policy
from triage.domain.roster import Roster
from triage.domain.school import School
from triage.duties.calls import escalate
from triage.duties.mornings import mornings
from triage.from_settings import (
    answering_of,
    deliveries_of,
    delivery_of,
    digests_of,
    gateway_of,
    keeping_of,
    limits_of,
    mailboxes_of,
    particulars_of,
    reading_of,
    relays_of,
    school_of,
)
from triage.live import LiveLanguages, LivePolicy, LiveRoster
from triage.logins import Logins
from triage.mail.imap import MailboxSession
from triage.mail.keeper import Keeper
from triage.message.digest_words import DigestWords
from triage.message.wording import Wording, WordingError
from triage.offline.desk import Desk
from triage.offline.inbox import Inbox
from triage.offline.preview import Stationery
from triage.pipeline import perform_action, poll_mailbox
from triage.reach import connect, deliver_by, label, listen
from triage.roster_source import read_roster
from triage.second_channel import channel_of
from triage.settings import Settings
from triage.store.db import Database, current_revision, head_revision, open_database
from triage.store.errors import StoreError
from triage.store.keys import Keyring
from triage.store.roster import load_roster
from triage.tokens import TokenKeeper
from triage.visit import Poll
from triage.workers.embedded import EmbeddedWorker
from triage.workers.rounds import look_for_trouble, round_of_mailbox, sweep


@dataclass(frozen=True, slots=True)
class Service:
    """A built service: what a worker, a command and the demo call."""

    context: Context
    settings: Settings

    @property
    def database(self) -> Database:
        """The record."""
        return self.context.database

    @property
    def school(self) -> School:
        """The school that is served."""
        return self.context.school

    @property
    def mailboxes(self) -> tuple[Mailbox, ...]:
        """Every watched folder."""
        return self.context.mailboxes

    def poll(self, mailbox: Mailbox) -> Poll:
        """Poll one mailbox. Raises StoreError."""
        return poll_mailbox(self.context, mailbox)

    def perform(self, action_id: int) -> str:
        """Carry out one action; returns what became of it. Raises StoreError."""
        return perform_action(self.context, action_id)

    def round(self, mailbox: Mailbox) -> Poll:
        """Poll one mailbox and carry out at once what follows. Raises StoreError."""
        return round_of_mailbox(self.context, mailbox)

    def keep_up(self) -> None:
        """Ask for what is due by the clock: calls, reminders, the morning's mails. Raises StoreError."""
        escalate(self.context)
        mornings(self.context)

    def sweep(self) -> int:
        """Look for trouble, and carry out what was left lying; returns how many. Raises StoreError."""
        look_for_trouble(self.context)
        return sweep(self.context)

    def worker(self) -> EmbeddedWorker:
        """Return the worker of this process, not yet started."""
        return EmbeddedWorker(self.context, timedelta(seconds=self.settings.imap.poll_seconds))

    def close(self) -> None:
        """Hang up at the mail servers and close the database."""
        self.context.hang_up()
        self.database.close()


def build(settings: Settings, clock: Callable[[], datetime]) -> Service:
    """Build a service from settings; ``clock`` gives the aware time of now.

    Raises KeyringError, StoreError (also when the tables are not at the newest revision), WordingError,
    PolicyError, OSError.
    """
    database = open_record(settings)
    try:
        return Service(_context(settings, clock, database), settings)
    except BaseException:
        database.close()
        raise


def desk_of(settings: Settings, roster: Path | Roster | None) -> Desk:
    """Return a desk that judges messages from files; without a roster, or the file of one, it knows no pupil.

    Raises WordingError, PolicyError, RosterError, SettingsError, ArtefactError, OSError.
    """
    wording = wording_of(settings)
    policy = LivePolicy(settings.policy_file, wording.parts, trained(), settings.school.timezone)
    found = read_roster(roster) if isinstance(roster, Path) else roster or Roster()
    deliveries = deliveries_of(settings)
    cap = settings.imap.max_message_bytes
    # Without the record nobody knows what is approved: a desk tells what a message would be answered in.
    languages = Languages(settings.replies.language, frozenset({*wording.languages, *wording.packs}))
    return Desk(
        school=school_of(settings),
        policy=policy,
        roster=lambda: found,
        languages=lambda: languages,
        classify=policy.classify,
        gateway=gateway_of(settings),
        deliveries=deliveries,
        cap_bytes=cap,
    )


def desk_in(service: Service) -> Desk:
    """Return a desk that judges as a built service does, with its policy, roster and classifier."""
    ctx = service.context
    deliveries = tuple(dict.fromkeys(replace(mailbox.delivery, junk=False) for mailbox in ctx.mailboxes))
    return Desk(
        school=ctx.school,
        policy=ctx.policy,
        roster=ctx.roster,
        languages=ctx.languages,
        classify=ctx.classify,
        gateway=ctx.gateway,
        deliveries=deliveries,
        cap_bytes=ctx.reading.cap_bytes,
    )


def roster_on_record(settings: Settings) -> Roster:
    """Return the roster that was imported, an empty one where there is no record yet.

    Raises KeyringError, StoreError.
    """
    if not may_be_on_record(settings):
        return Roster()
    database = open_record(settings)
    try:
        with database.read() as conn:
            return load_roster(conn)
    finally:
        database.close()


def may_be_on_record(settings: Settings) -> bool:
    """Tell whether there may be a record: not while the file that would hold it is missing."""
    url = make_url(settings.database.url.get_secret_value())
    # Opening a SQLite file would make it.
    return url.get_backend_name() != "sqlite" or Path(str(url.database)).exists()


@cache
def trained() -> Artefact:
    """Return the classifier's trained files, read and checked once. Raises ArtefactError."""
    artefact = load(shipped())
    check_golden(artefact)
    return artefact


def wording_of(settings: Settings) -> Wording:
    """Return the words of the school's replies. Raises WordingError, also without its first language."""
    wording, first = Wording(settings.templates_folder), settings.replies.language
    if first not in wording.languages:
        raise WordingError(
            f"replies.language is {first!r}, and replies/{first} has not every part of replies/en"
        )
    return wording


def stationery_of(settings: Settings) -> Stationery:
    """Return what the school's replies are written with. Raises WordingError."""
    wording = wording_of(settings)
    return Stationery(school_of(settings), wording, particulars_of(settings), settings.replies.language)


def inbox_of(settings: Settings, address: str, clock: Callable[[], datetime]) -> Inbox:
    """Return a mailbox of the settings, to be read and no more. Raises LookupError when there is none.

    The record is opened only where the mailbox is signed in to by a token, for the moment in which it is.
    """
    found = [mailbox for mailbox in settings.mailboxes if mailbox.address.lower() == address.strip().lower()]
    if not found:
        raise LookupError(f"the settings name no mailbox {address}")
    (mailbox,) = found

    def opened() -> MailboxSession:
        if (mailbox.auth or settings.imap.auth) == "password":
            return connect(settings, mailbox)
        database = open_record(settings)
        try:
            return connect(settings, mailbox, give=TokenKeeper(database, clock).of)
        finally:
            database.close()

    return Inbox(delivery_of(mailbox), mailbox.folders, settings.imap.max_message_bytes, opened)


def policy_of(settings: Settings) -> Policy:
    """Return the policy of the school as it stands. Raises PolicyError, WordingError, OSError."""
    wording = wording_of(settings)
    return parse_policy(settings.policy_file.read_text(encoding="utf-8"), wording.parts)


def open_record(settings: Settings) -> Database:
    """Open the database with its key file. Raises KeyringError, StoreError."""
    keyring = Keyring.load(settings.database.key_file)
    database = open_database(settings.database.url.get_secret_value(), keyring)
    found, head = current_revision(database), head_revision()
    if found != head:
        database.close()
        raise StoreError(
            "schema", f"the database is at revision {found}, this version needs {head}: triage upgrade"
        )
    return database


def _context(settings: Settings, clock: Callable[[], datetime], database: Database) -> Context:
    wording = wording_of(settings)
    policy = LivePolicy(settings.policy_file, wording.parts, trained(), settings.school.timezone)
    tables = {mailbox.address: mailbox for mailbox in settings.mailboxes}
    logins = Logins(database, clock, limits_of(settings))
    relays = relays_of(settings)
    give = TokenKeeper(database, clock).of
    keeper = Keeper[str](
        lambda address: connect(settings, tables[address], logins, give), keeping_of(settings)
    )
    return Context(
        holder=_holder(),
        clock=clock,
        database=database,
        school=school_of(settings),
        policy=policy,
        roster=LiveRoster(database),
        languages=LiveLanguages(database, wording, settings.replies.language),
        classify=policy.classify,
        wording=wording,
        gateway=gateway_of(settings),
        reading=reading_of(settings),
        answering=answering_of(settings, wording.parts),
        domain=settings.school.domains[0],
        mailboxes=mailboxes_of(settings),
        connect=lambda mailbox: keeper.connect(mailbox.address),
        hang_up=keeper.close,
        listen=(lambda mailbox: listen(settings, tables[mailbox.address], mailbox.folder, logins, give))
        if settings.imap.push
        else None,
        deliver=deliver_by(settings, relays, give),
        relays=relays,
        label=lambda mailbox, action: label(
            settings, tables[mailbox.address], mailbox, action, logins=logins, give=give
        ),
        alerts=channel_of(settings.alerts),
        digest_words=DigestWords(settings.templates_folder),
        digests=digests_of(settings),
    )


def _holder() -> str:
    """Name this process for leases and claims: a restarted one is another."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
