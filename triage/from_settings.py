"""What the settings say, as the values that the parts are built with. Nothing is opened or reached here."""

from dataclasses import replace
from datetime import timedelta

from triage.context import Answering, Mailbox, Reading
from triage.domain.hours import bank_holidays
from triage.domain.model import Delivery
from triage.domain.school import Calendar, Person, School, Telephone, Term
from triage.mail.budget import PASSING, Limits
from triage.mail.keeper import Keeping
from triage.mail.relays import SCHOOL, Relay, Relays
from triage.message.parse import Gateway
from triage.message.wording import HELP_LINES, Particulars
from triage.settings import Settings, SettingsError
from triage.settings.servers import MailboxTable, SmtpTable
from triage.store.outbox import Caps

HOLIDAY_YEARS = range(2020, 2050)  # known beforehand, so that no clock is asked; terms may be left out


def deliveries_of(settings: Settings) -> tuple[Delivery, ...]:
    """Return whose the inboxes are, one at least. Raises SettingsError where there is none."""
    if not settings.mailboxes:
        raise SettingsError("there is no mailbox whose mail is judged: add [[mailboxes]]")
    return tuple(delivery_of(mailbox) for mailbox in settings.mailboxes)


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


def gateway_of(settings: Settings) -> Gateway:
    """Return whose Authentication-Results are believed."""
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


def reading_of(settings: Settings) -> Reading:
    """Return how mail is read."""
    imap_table = settings.imap
    every = timedelta(seconds=imap_table.poll_seconds)
    return Reading(
        imap_table.max_message_bytes,
        imap_table.attempts,
        imap_table.first_contact_days,
        every,
        sent_names=imap_table.names_of_sent(),
    )


def limits_of(settings: Settings) -> Limits:
    """Return how much the server of the inboxes is asked for."""
    table = settings.imap
    return Limits(table.connections, table.connections_per_mailbox, table.logins_per_second)


def keeping_of(settings: Settings) -> Keeping:
    """Return how many connections are kept: those that neither listening nor looks have to have.

    None is where the next look comes later than one may be kept.
    """
    table, usual = settings.imap, Keeping()
    listened = sum(len(mailbox.watched) for mailbox in settings.mailboxes) if table.push else 0
    room = table.connections - PASSING - listened if table.poll_seconds < usual.longest else 0
    return replace(usual, connections=max(0, min(usual.connections, room)))


def answering_of(settings: Settings, parts: frozenset[str]) -> Answering:
    """Return how replies leave; ``parts`` are all that there are."""
    replies, caps = settings.replies, settings.replies.caps
    window = timedelta(days=replies.window_days)
    return Answering(
        live=replies.mode == "live",
        not_after=timedelta(minutes=replies.not_after_minutes),
        caps=Caps(caps.sender_per_day, caps.domain_per_hour, caps.mailbox_per_hour, caps.school_per_hour),
        windows=dict.fromkeys(parts, window) | dict.fromkeys(replies.daily_parts, timedelta(days=1)),
        particulars=particulars_of(settings),
        where=settings.web.where,
        account=settings.smtp.username,
        label=settings.labels.enabled,
    )


def relays_of(settings: Settings) -> Relays:
    """Return which submission server takes whose mail."""
    others = {
        sender: _relay(f"{SCHOOL} {table.name}", table)
        for table in settings.relays
        for sender in table.senders
    }
    return Relays(_relay(SCHOOL, settings.smtp), others)


def _relay(name: str, table: SmtpTable) -> Relay:
    return Relay(name, table.envelope_from == "null", table.login_as == "mailbox")


def particulars_of(settings: Settings) -> Particulars:
    """Return what the school's replies say beside its telephone lines."""
    replies = settings.replies
    return Particulars(
        help_lines={name: getattr(replies.help_lines, name) for name in HELP_LINES},
        absence_by_email=replies.absence_by_email,
        answer_within=replies.answer_within,
        other_words={"cy": {name: words for name, words in replies.welsh.model_dump().items() if words}},
    )


def mailboxes_of(settings: Settings) -> tuple[Mailbox, ...]:
    """Return every watched folder."""
    return tuple(
        Mailbox(delivery_of(mailbox, junk=folder == mailbox.junk), folder, mailbox.sent_folder())
        for mailbox in settings.mailboxes
        for folder in mailbox.watched
    )


def digests_of(settings: Settings) -> frozenset[str]:
    """Return the mailboxes whose owners have a digest in the morning."""
    wanted = (mailbox.address for mailbox in settings.mailboxes if mailbox.digest)
    return frozenset(wanted) if settings.digest.enabled else frozenset()


def delivery_of(mailbox: MailboxTable, *, junk: bool = False) -> Delivery:
    """Return whose a mailbox is, and under which addresses; ``junk`` tells of its folder of junk mail."""
    return Delivery(
        mailbox=mailbox.address,
        owner_name=mailbox.name,
        private_addresses=frozenset(mailbox.private_addresses),
        aliases=frozenset(mailbox.aliases),
        hours=mailbox.own_week(),
        junk=junk,
    )
