"""Made-up messages, schools and rosters for tests: keyword arguments only, each with a sensible default.

The school is Oakfield (oakfield.example, pupils.oakfield.example), the received time a Wednesday in term,
the sender Sara Pole, mother of Jake Pole (8B, id P001). Everything here is invented.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from hashlib import sha256
from zoneinfo import ZoneInfo

from triage.domain.model import Address, Attachment, Delivery, Identity, Message, SenderKind, Verdict
from triage.domain.roster import Guardian, Pupil, Roster
from triage.domain.school import Calendar, Person, Role, School, Span, Telephone, Term

LONDON = ZoneInfo("Europe/London")
IN_SCHOOL_HOURS = datetime(2026, 10, 14, 10, 30, tzinfo=LONDON)
AFTER_SCHOOL = datetime(2026, 10, 14, 21, 40, tzinfo=LONDON)

PARENT = "sara.pole@home.example"
TEACHER = "r.hale@oakfield.example"
GUARDIAN = Guardian("G001", "Sara Pole", PARENT, ("P001",))

TERMS = (
    Term(date(2026, 9, 2), date(2026, 10, 23)),
    Term(date(2026, 11, 2), date(2026, 12, 18)),
    Term(date(2027, 1, 5), date(2027, 2, 12)),
    Term(date(2027, 2, 22), date(2027, 3, 25)),
    Term(date(2027, 4, 13), date(2027, 5, 28)),
    Term(date(2027, 6, 7), date(2027, 7, 21)),
)
WEEK = dict.fromkeys(range(5), (Span(time(8), time(17)),))
BANK_HOLIDAYS = {
    date(2026, 12, 25): "Christmas Day",
    date(2026, 12, 26): "Boxing Day",
    date(2026, 12, 28): "Boxing Day (observed)",
    date(2027, 1, 1): "New Year's Day",
    date(2027, 3, 26): "Good Friday",
    date(2027, 3, 29): "Easter Monday",
    date(2027, 5, 3): "May Day",
    date(2027, 5, 31): "Spring Bank Holiday",
}
PEOPLE = (
    Person("head@oakfield.example", Role.HEADTEACHER, "Mrs A. Quill"),
    Person("chair@governors.oakfield.example", Role.CHAIR_OF_GOVERNORS, "Mr T. Lund"),
    Person("safe@oakfield.example", Role.SAFEGUARDING_LEAD, "Ms D. Okoro"),
    Person("safe2@oakfield.example", Role.DEPUTY_SAFEGUARDING_LEAD, "Mr P. Finch"),
    Person("year7@oakfield.example", Role.HEAD_OF_YEAR, "Mr B. Marsh", years=(7,)),
    Person("year8@oakfield.example", Role.HEAD_OF_YEAR, "Mrs C. Vane", years=(8,)),
    Person("line@oakfield.example", Role.LINE_MANAGER, "Ms E. Roe", manages=(TEACHER,)),
    Person("office@oakfield.example", Role.OFFICE, "The office"),
    Person("data@oakfield.example", Role.DATA_PROTECTION_OFFICER, "Mr H. Lyle"),
    Person("admin@oakfield.example", Role.ADMINISTRATOR, "Mr I. Stone"),
)


def an_address(address: str | Address, name: str = "") -> Address:
    """An Address from its text; an Address stays what it is."""
    return address if isinstance(address, Address) else Address(name, address)


def _addresses(given: Iterable[str | Address]) -> tuple[Address, ...]:
    return tuple(an_address(one) for one in ([given] if isinstance(given, str) else given))


def _headers(given: Mapping[str, str | tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {name.lower(): (value,) if isinstance(value, str) else value for name, value in given.items()}


def a_message(
    *,
    text: str = "Dear Mr Hale, could you tell me which page the reading is on? Thank you, Sara",
    own_text: str | None = None,
    subject: str = "Reading homework",
    sender: str | Address = PARENT,
    sender_name: str = "Sara Pole",
    from_addresses: Iterable[str | Address] | None = None,
    return_path: str | None = "(sender)",
    reply_to: Iterable[str | Address] = (),
    to: Iterable[str | Address] = (TEACHER,),
    cc: Iterable[str | Address] = (),
    bcc: Iterable[str | Address] = (),
    resent_to: Iterable[str | Address] = (),
    received: datetime = IN_SCHOOL_HOURS,
    date: datetime | None = None,
    message_id: str | None = "<one@home.example>",
    in_reply_to: tuple[str, ...] = (),
    references: tuple[str, ...] = (),
    attachments: tuple[Attachment, ...] = (),
    headers: Mapping[str, str | tuple[str, ...]] | None = None,
    content_type: str = "text/plain",
    dmarc: Verdict = Verdict.PASS,
    size: int = 2_000,
    truncated: bool = False,
    defects: tuple[str, ...] = (),
) -> Message:
    """A message as the parser would give it. ``return_path`` is the sender's address unless given.

    ``headers`` are further ones, by any case of their names, over those that the fields imply.
    """
    sent_from = an_address(sender, sender_name)
    path = sent_from.address if return_path == "(sender)" else return_path
    implied = {
        "from": (f"{sent_from.name} <{sent_from.address}>",),
        "to": tuple(one.address for one in _addresses(to)),
        "subject": (subject,),
        "content-type": (content_type,),
    }
    if path is not None:
        implied["return-path"] = (f"<{path}>",)
    if message_id:
        implied["message-id"] = (message_id,)
    return Message(
        message_id=message_id,
        content_hash=sha256(f"{message_id}{subject}{text}".encode(errors="replace")).hexdigest(),
        received=received,
        date=date or received.astimezone(UTC),
        return_path=path,
        sender=sent_from,
        from_addresses=(sent_from,) if from_addresses is None else _addresses(from_addresses),
        reply_to=_addresses(reply_to),
        to=_addresses(to),
        cc=_addresses(cc),
        bcc=_addresses(bcc),
        resent_to=_addresses(resent_to),
        subject=subject,
        text=text,
        own_text=text if own_text is None else own_text,
        attachments=attachments,
        in_reply_to=in_reply_to,
        references=references,
        headers={**implied, **_headers(headers or {})},
        content_type=content_type,
        dmarc=dmarc,
        size=size,
        truncated=truncated,
        defects=defects,
    )


def a_calendar(
    *,
    zone: ZoneInfo = LONDON,
    week: Mapping[int, tuple[Span, ...]] = WEEK,
    terms: tuple[Term, ...] = TERMS,
    inset_days: Iterable[date] = (),
    closures: Iterable[date] = (),
    bank_holidays: Mapping[date, str] | None = BANK_HOLIDAYS,
) -> Calendar:
    """Open 8:00 to 17:00 from Monday to Friday in the terms of 2026/27."""
    return Calendar(zone, week, terms, frozenset(inset_days), frozenset(closures), bank_holidays)


def a_school(
    *,
    name: str = "Oakfield School",
    domains: Iterable[str] = ("oakfield.example", "pupils.oakfield.example"),
    pupil_domains: Iterable[str] = ("pupils.oakfield.example",),
    calendar: Calendar | None = None,
    people: tuple[Person, ...] = PEOPLE,
    on_call: str | None = "safe@oakfield.example",
    owners: tuple[tuple[str, str], ...] = (),
) -> School:
    """Oakfield School with one person for each role."""
    return School(
        name=name,
        domains=frozenset(domains),
        pupil_domains=frozenset(pupil_domains),
        telephone=Telephone("01632 960100", "8:00 to 17:00", "01632 960101", "08:30", "01632 960102"),
        calendar=calendar or a_calendar(),
        people=people,
        on_call=on_call,
        owners=owners,
    )


def a_pupil(
    *,
    id: str = "P001",  # noqa: A002 - the roster's own word
    given: str = "Jake",
    family: str = "Pole",
    known_as: str = "",
    year: int = 8,
    form: str = "8B",
    address: str = "",
) -> Pupil:
    """Jake Pole of 8B, unless told otherwise."""
    return Pupil(id, given, family, known_as, year, form, address)


def a_guardian(
    *,
    id: str = "G001",  # noqa: A002 - the roster's own word
    name: str = "Sara Pole",
    address: str = PARENT,
    pupils: tuple[str, ...] = ("P001",),
    may_write: bool = False,
    interpreter: str | None = None,
) -> Guardian:
    """Jake's mother, unless told otherwise."""
    return Guardian(id, name, address, pupils, may_write, interpreter)


def a_roster(
    *,
    pupils: Iterable[Pupil] | None = None,
    guardians: Iterable[Guardian] | None = None,
) -> Roster:
    """Jake Pole (8B), his mother, and a few other families, unless given."""
    known = (
        a_pupil(),
        a_pupil(id="P002", given="Amira", family="Haddad", year=7, form="7A"),
        a_pupil(id="P003", given="Zoë", family="Haddad", year=9, form="9C"),
        a_pupil(id="P004", given="Jake", family="Brand", year=8, form="8A"),
        a_pupil(id="P005", given="William", family="Frost", known_as="Will", year=10, form="10D"),
        a_pupil(id="P006", given="Siân", family="O'Connor-Reid", year=7, form="7B"),
    )
    families = (
        a_guardian(),
        a_guardian(id="G002", name="Leila Haddad", address="leila@haddad.example", pupils=("P002", "P003")),
        a_guardian(id="G003", name="Tom Brand", address="tom@brand.example", pupils=("P004",)),
        a_guardian(id="G004", name="Nia O'Connor", address="nia@reid.example", pupils=("P006",)),
    )
    return Roster(known if pupils is None else pupils, families if guardians is None else guardians)


def an_identity(
    *,
    sender: SenderKind = SenderKind.PARENT,
    pupils: tuple[str, ...] = ("P001",),
    years: tuple[int, ...] = (8,),
    named_in: str | None = "subject",
    several: tuple[str, ...] = (),
    guardian: str | None = "G001",
    on_roster: bool = True,
    may_write: bool = False,
    interpreter: str | None = None,
    why: tuple[str, ...] = (),
) -> Identity:
    """Jake's mother writing about Jake, unless told otherwise."""
    return Identity(
        sender, pupils, years, named_in, several, guardian, on_roster, may_write, interpreter, why
    )


def a_delivery(
    *,
    mailbox: str = TEACHER,
    owner_name: str = "Mr R. Hale",
    private_addresses: Iterable[str] = (),
    aliases: Iterable[str] = (),
) -> Delivery:
    """Mr Hale's school mailbox."""
    return Delivery(mailbox, owner_name, frozenset(private_addresses), frozenset(aliases))
