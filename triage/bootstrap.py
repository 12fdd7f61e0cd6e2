"""The one place that builds the parts and hands them on."""

import os
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from sqlalchemy.engine import make_url

from triage.classify.artefact import Artefact, load, shipped
from triage.classify.golden import check_golden
from triage.context import Answering, Context, Mailbox, Reading
from triage.domain.hours import bank_holidays
from triage.domain.language import Languages
from triage.domain.model import Delivery
from triage.domain.policy import Policy, parse_policy
from triage.domain.roster import Roster
from triage.domain.school import Calendar, Person, School, Telephone, Term
from triage.live import LiveLanguages, LivePolicy, LiveRoster
from triage.mail import imap, smtp
from triage.mail.answer import Answer
from triage.mail.idle import Idle
from triage.mail.imap import Login, MailboxSession, MailError
from triage.message.digest_words import DigestWords
from triage.message.parse import Gateway
from triage.message.wording import HELP_LINES, Particulars, Wording, WordingError
from triage.offline.desk import Desk
from triage.offline.inbox import Inbox
from triage.offline.preview import Stationery
from triage.pipeline import perform_action, poll_mailbox
from triage.roster_source import read_roster
from triage.second_channel import channel_of
from triage.settings import Settings, SettingsError
from triage.settings.servers import MailboxTable
from triage.store.db import Database, current_revision, head_revision, open_database
from triage.store.errors import StoreError
from triage.store.keys import Keyring
from triage.store.outbox import Action, Caps
from triage.store.roster import load_roster
from triage.visit import Poll
from triage.workers.embedded import EmbeddedWorker
from triage.workers.rounds import round_of_mailbox, sweep

HOLIDAY_YEARS = range(2020, 2050)  # known beforehand, so that no clock is asked; terms may be left out


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

    def sweep(self) -> int:
        """Carry out what is due and was left lying; returns how many. Raises StoreError."""
        return sweep(self.context)

    def worker(self) -> EmbeddedWorker:
        """Return the worker of this process, not yet started."""
        return EmbeddedWorker(self.context, timedelta(seconds=self.settings.imap.poll_seconds))

    def close(self) -> None:
        """Close the database."""
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
        gateway=_gateway(settings),
        deliveries=deliveries,
        cap_bytes=cap,
    )


def desk_in(service: Service) -> Desk:
    """Return a desk that judges as a built service does, with its policy, roster and classifier."""
    ctx = service.context
    deliveries = tuple(dict.fromkeys(mailbox.delivery for mailbox in ctx.mailboxes))
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


def deliveries_of(settings: Settings) -> tuple[Delivery, ...]:
    """Return whose the inboxes are, one at least. Raises SettingsError where there is none."""
    if not settings.mailboxes:
        raise SettingsError("there is no mailbox whose mail is judged: add [[mailboxes]]")
    return tuple(_delivery(mailbox) for mailbox in settings.mailboxes)


def roster_on_record(settings: Settings) -> Roster:
    """Return the roster that was imported, an empty one where there is no record yet.

    Raises KeyringError, StoreError.
    """
    url = make_url(settings.database.url.get_secret_value())
    # Opening a SQLite file would make it.
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
        return Roster()
    database = open_record(settings)
    try:
        with database.read() as conn:
            return load_roster(conn)
    finally:
        database.close()


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


def inbox_of(settings: Settings, address: str) -> Inbox:
    """Return a mailbox of the settings, to be read and no more. Raises LookupError when there is none."""
    found = [mailbox for mailbox in settings.mailboxes if mailbox.address.lower() == address.strip().lower()]
    if not found:
        raise LookupError(f"the settings name no mailbox {address}")
    (mailbox,) = found
    cap = settings.imap.max_message_bytes
    return Inbox(_delivery(mailbox), mailbox.folders, cap, lambda: _connect(settings, mailbox))


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
    logins = {mailbox.address: mailbox for mailbox in settings.mailboxes}
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
        gateway=_gateway(settings),
        reading=_reading(settings),
        answering=_answering(settings, wording.parts),
        domain=settings.school.domains[0],
        mailboxes=_mailboxes(settings),
        connect=lambda mailbox: _connect(settings, logins[mailbox.address]),
        listen=(lambda mailbox: _listen(settings, logins[mailbox.address], mailbox.folder))
        if settings.imap.push
        else None,
        deliver=_deliver(settings),
        label=lambda mailbox, action: _label(settings, logins[mailbox.address], mailbox, action),
        alerts=channel_of(settings.alerts),
        digest_words=DigestWords(settings.templates_folder),
        digests=_digests(settings),
    )


def school_of(settings: Settings) -> School:
    """Return the school that the settings describe."""
    lines = settings.school.telephone
    return School(
        name=settings.school.name,
        domains=frozenset(settings.school.domains),
        pupil_domains=frozenset(settings.school.pupil_domains),
        telephone=Telephone(
            lines.office, lines.office_hours, lines.absence, lines.absence_by, lines.emergency
        ),
        calendar=_calendar(settings),
        people=tuple(
            Person(person.address, person.role, person.name, person.years, person.manages)
            for person in settings.people
        ),
        on_call=settings.safeguarding.on_call if "@" in settings.safeguarding.on_call else None,
        owners=tuple((mailbox.name, mailbox.address) for mailbox in settings.mailboxes),
    )


def _gateway(settings: Settings) -> Gateway:
    return Gateway(frozenset(settings.school.authserv_ids), settings.school.authserv)


def _calendar(settings: Settings) -> Calendar:
    terms = tuple(Term(term.first, term.last) for term in settings.terms)
    school = settings.school
    return Calendar(
        zone=school.timezone,
        week=settings.hours.week(),
        terms=terms,
        inset_days=frozenset(settings.calendar.inset_days),
        closures=frozenset(settings.calendar.closures),
        bank_holidays=bank_holidays(school.country, school.subdivision, HOLIDAY_YEARS),
    )


def _reading(settings: Settings) -> Reading:
    imap_table = settings.imap
    return Reading(imap_table.max_message_bytes, imap_table.attempts, imap_table.first_contact_days)


def _answering(settings: Settings, parts: frozenset[str]) -> Answering:
    replies, caps = settings.replies, settings.replies.caps
    window = timedelta(days=replies.window_days)
    return Answering(
        live=replies.mode == "live",
        not_after=timedelta(minutes=replies.not_after_minutes),
        caps=Caps(caps.sender_per_day, caps.domain_per_hour, caps.mailbox_per_hour, caps.school_per_hour),
        windows=dict.fromkeys(parts, window) | dict.fromkeys(replies.daily_parts, timedelta(days=1)),
        particulars=particulars_of(settings),
        where=settings.web.where,
        null_sender=settings.smtp.envelope_from == "null",
        label=settings.labels.enabled,
    )


def particulars_of(settings: Settings) -> Particulars:
    """Return what the school's replies say beside its telephone lines."""
    replies = settings.replies
    return Particulars(
        help_lines={name: getattr(replies.help_lines, name) for name in HELP_LINES},
        absence_by_email=replies.absence_by_email,
        answer_within=replies.answer_within,
        other_words={"cy": {name: words for name, words in replies.welsh.model_dump().items() if words}},
    )


def _mailboxes(settings: Settings) -> tuple[Mailbox, ...]:
    return tuple(
        Mailbox(_delivery(mailbox), folder, mailbox.sent_folder())
        for mailbox in settings.mailboxes
        for folder in mailbox.folders
    )


def _digests(settings: Settings) -> frozenset[str]:
    """Return the mailboxes whose owners have a digest in the morning."""
    wanted = (mailbox.address for mailbox in settings.mailboxes if mailbox.digest)
    return frozenset(wanted) if settings.digest.enabled else frozenset()


def _delivery(mailbox: MailboxTable) -> Delivery:
    return Delivery(
        mailbox=mailbox.address,
        owner_name=mailbox.name,
        private_addresses=frozenset(mailbox.private_addresses),
        aliases=frozenset(mailbox.aliases),
        hours=mailbox.own_week(),
    )


def _connect(settings: Settings, mailbox: MailboxTable) -> MailboxSession:
    return imap.connect(settings.imap.server(), _login(mailbox))


def _listen(settings: Settings, login: MailboxTable, folder: str) -> Idle:
    """Open a folder to wait for news of it. Raises MailError, NoIdleError."""
    session = _connect(settings, login)
    try:
        session.select(folder)
        return session.idle()
    except BaseException:
        session.close()
        raise


def _login(mailbox: MailboxTable) -> Login:
    """Return who reads; a password file that went away is trouble of this mailbox alone."""
    try:
        return mailbox.login()
    except SettingsError as error:
        raise MailError("login", str(error)) from error


def _deliver(settings: Settings) -> Callable[[str, str, bytes, Callable[[], bool]], Answer]:
    def deliver(envelope_from: str, recipient: str, raw: bytes, before_data: Callable[[], bool]) -> Answer:
        try:
            server = settings.smtp.server()
        except SettingsError as error:
            return Answer("retry", None, str(error), "login")
        return smtp.deliver(server, envelope_from, recipient, raw, before_data)

    return deliver


def _label(settings: Settings, login: MailboxTable, mailbox: Mailbox, action: Action) -> bool:
    marks = settings.labels
    return imap.add_labels(
        settings.imap.server(),
        _login(login),
        mailbox.folder,
        uidvalidity=action.uidvalidity or 0,
        uid=action.uid or 0,
        message_id=action.in_reply_to,
        labels=[f"{marks.prefix}-{label}" for label in action.labels] if marks.marks == "keywords" else [],
        gmail=[f"{marks.prefix}/{label}" for label in action.labels] if marks.marks == "gmail" else [],
        move_to=next((marks.folders[label] for label in action.labels if label in marks.folders), None),
    )


def _holder() -> str:
    """Name this process for leases and claims: a restarted one is another."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
