"""The nouns of one message's way: what was read, who wrote, what it is about, what is decided.

All values are frozen; all times are aware; all text is ``str``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from triage.domain.school import Span

_T = TypeVar("_T")


class SenderKind(StrEnum):
    """Who wrote the message, by the table "Who sent it" of the topics."""

    PARENT = "parent"
    PUPIL = "pupil"
    STAFF = "staff"
    AUTOMATIC = "automatic"
    BULK = "bulk"
    OTHER = "other"


MACHINES = frozenset({SenderKind.AUTOMATIC, SenderKind.BULK})
"""The kinds of sender that are no persons."""


class Topic(StrEnum):
    """What a message can be about. A message with none is routine."""

    ABSENCE = "absence"
    ACADEMIC_PROGRESS = "academic-progress"
    LEARNING_EXPECTATIONS = "learning-expectations"
    BEHAVIOUR = "behaviour"
    MEDICAL = "medical"
    CONFIDENTIAL = "confidential"
    URGENT = "urgent"
    OTHER_PUPIL = "other-pupil"
    OTHER_PUPIL_PERSONAL = "other-pupil-personal"
    SENSITIVE_ISSUE = "sensitive-issue"
    CONTENTIOUS = "contentious"
    REPUTATION = "reputation"
    ACCOUNT_ACCESS = "account-access"
    OFFENSIVE = "offensive"
    INDECENT = "indecent"
    DISRUPTION = "disruption"
    COPYRIGHT = "copyright"
    CHAIN_OR_JOKE = "chain-or-joke"
    ADVERTISING = "advertising"
    SAFEGUARDING = "safeguarding"
    COMPLAINT = "complaint"
    DATA_REQUEST = "data-request"


class Trouble(StrEnum):
    """Why a message needs a person although no topic says so."""

    UNREADABLE = "could-not-be-read"
    TOO_LARGE = "too-large"
    RETURN_PATH = "return-path-differs"
    REPLY_UNSURE = "reply-unsure"
    REPLY_FAILED = "reply-failed"
    NOTICE_FAILED = "notice-failed"
    RAISED = "raised-by-a-teacher"


class Outcome(StrEnum):
    """What is found out beside the topics."""

    OUT_OF_HOURS = "out-of-hours"
    MISSING_CHILD_NAME = "missing-child-name"
    ABOUT_STAFF = "about-staff"
    COLLECTION_CHANGE = "collection-change"
    PRIVATE_ACCOUNT = "private-account"
    UNCERTAIN = "uncertain"


class Severity(StrEnum):
    """How soon a flag must be looked at; ordered by ``rank`` (0 first)."""

    IMMEDIATE = "immediate"
    HIGH = "high"
    REVIEW = "review"

    @property
    def rank(self) -> int:
        """0 for the most pressing."""
        return list(Severity).index(self)


class Route(StrEnum):
    """To whom a flag goes. A message about a person never goes to that person."""

    HEAD_OF_YEAR = "head-of-year"
    SAFEGUARDING_LEAD = "safeguarding-lead"
    LINE_MANAGER = "line-manager"
    HEADTEACHER = "headteacher"
    CHAIR_OF_GOVERNORS = "chair-of-governors"
    OFFICE = "office"
    DATA_PROTECTION_OFFICER = "data-protection-officer"
    ADMINISTRATOR = "administrator"


class Verdict(StrEnum):
    """What the school's own gateway says of the sender's authentication."""

    PASS = "pass"  # noqa: S105 - a DMARC result, not a password
    FAIL = "fail"
    NONE = "none"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox of a header: ``name`` decoded, ``address`` stripped with its domain in lower case."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """What stands after the last @, "" if nothing does."""
        return self.address.rpartition("@")[2] if "@" in self.address else ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """An attachment by name and type; its content is never kept. ``size`` is in bytes, decoded."""

    filename: str
    content_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Returned:
    """What a delivery report tells of a message that came back (RFC 3464).

    ``ids`` are the Message-IDs by which the report names it, ``marks`` the values of our own mark in it.
    ``failed`` is true when nobody got it and nobody will, ``refused`` when beside that its address takes no
    mail: by a permanent failure that is not about us.
    """

    ids: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    failed: bool = False
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it was read. What could not be read is named in ``defects``, and its field is empty.

    ``return_path`` is None when the header is missing and "" for the null sender.
    ``headers`` maps lower-case names to every value in order, unfolded and undecoded.
    ``text`` is all readable text, ``own_text`` what the sender wrote now (no quotation, no signature).
    ``truncated`` is true when only the first part of a message over the size cap was fetched.
    ``html`` is the letter as HTML, "" where it has none, and ``html_cut`` tells that its end is missing.
    ``returned`` is what a delivery report tells of the message that came back, None for any other message.
    """

    message_id: str | None
    content_hash: str
    received: datetime
    date: datetime | None
    return_path: str | None
    sender: Address
    from_addresses: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    bcc: tuple[Address, ...]
    resent_to: tuple[Address, ...]
    subject: str
    text: str
    own_text: str
    attachments: tuple[Attachment, ...]
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    headers: Mapping[str, tuple[str, ...]]
    content_type: str
    dmarc: Verdict
    size: int
    truncated: bool = False
    defects: tuple[str, ...] = ()
    html: str = field(default="", repr=False)
    html_cut: bool = False
    returned: Returned | None = None
    _kept: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def once(self, work: "Callable[[Message], _T]") -> _T:
        """Return what a function makes of this message, which is worked out at the first call alone.

        The function must read nothing but the message. What it made lives as long as the message does.
        """
        if work not in self._kept:
            self._kept[work] = work(self)
        made: _T = self._kept[work]
        return made

    def header(self, name: str) -> str | None:
        """Return the first value of a header by its lower-case name, None when it is missing."""
        values = self.headers.get(name, ())
        return values[0] if values else None

    @property
    def classified_text(self) -> str:
        """What a classifier reads: the subject, a line break and the own text."""
        return f"{self.subject}\n{self.own_text}"

    @property
    def recipients(self) -> frozenset[str]:
        """Every address that the headers name as a recipient, in lower case."""
        named = (*self.to, *self.cc, *self.bcc, *self.resent_to)
        return frozenset(address.address.lower() for address in named)


class Named(StrEnum):
    """Whose name stands in a text: the pupil's of the message, another pupil's, or a member of staff's."""

    PUPIL = "pupil"
    OTHER_PUPIL = "other-pupil"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Name:
    """A name in the subject, a line break and the own text, from offset ``start`` (in) to ``end`` (out)."""

    whose: Named
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Identity:
    """Who wrote and about whom. ``why`` says in words how each was told.

    ``pupils`` are roster ids; ``years`` the years of those pupils, or the one the message names.
    ``several`` holds the candidates when two or more pupils fit and none can be told.
    ``on_roster`` is true when the sender's address is a guardian's; it is not proof of who wrote.
    ``pupil_address`` is true when the roster gives the sender's address to a pupil and to no guardian.
    ``names`` are the names in the subject and the own text, in order, so that no name decides a topic.
    """

    sender: SenderKind
    pupils: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    named_in: str | None = None  # "subject", "text", "address"
    several: tuple[str, ...] = ()
    guardian: str | None = None
    on_roster: bool = False
    may_write: bool = False
    interpreter: str | None = None
    why: tuple[str, ...] = ()
    pupil_address: bool = False
    names: tuple[Name, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The words that show a topic: offsets ``start`` (in) and ``end`` (out) into the classified text."""

    topic: Topic
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Classification:
    """What the classifier found in ``text`` (the subject, a line break, the own text).

    ``scores`` are 0 to 1, only topics above 0. ``immediate`` marks explicit, present danger.
    ``phrase_floor`` is true when the fixed safeguarding phrases hit; no policy can undo that. ``explicit`` is
    true when one of them tells harm plainly, which no other reader can undo.
    ``thresholds`` are the scores from which each topic counts where a policy says nothing else.
    """

    text: str
    scores: Mapping[Topic, float] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    immediate: bool = False
    phrase_floor: bool = False
    explicit: bool = False
    uncertain: str | None = None
    thresholds: Mapping[Topic, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Gate:
    """One rule that was asked, whether it hit, and why in words. Hits *and* misses are kept."""

    name: str
    hit: bool
    why: str


@dataclass(frozen=True, slots=True)
class Flag:
    """A message that needs a person: what for, how soon, who. ``year`` is None when unknown.

    ``about`` is the address of the member of staff whom an allegation concerns, else None. ``joined`` are
    further topics for which it stands, because one person gets one flag for a message.
    """

    topic: Topic | Trouble
    severity: Severity
    route: Route
    year: int | None = None
    about: str | None = None
    deadline: datetime | None = None
    why: str = ""
    joined: tuple[Topic, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """The one reply to a message: to whom, made of which parts, or the gate that withheld it.

    ``parts`` is what would be said; nothing is sent when ``withheld`` names a gate or ``parts`` is empty.
    """

    to: str | None
    parts: tuple[str, ...] = ()
    withheld: str | None = None

    @property
    def send(self) -> bool:
        """Whether a reply is due."""
        return self.to is not None and bool(self.parts) and self.withheld is None


@dataclass(frozen=True, slots=True)
class Decision:
    """What the school does about a message, and why. ``topics`` are those at or over their threshold."""

    topics: Mapping[Topic, float]
    outcomes: tuple[Outcome, ...]
    reply: Reply
    flags: tuple[Flag, ...]
    labels: tuple[str, ...]
    gates: tuple[Gate, ...]
    policy_hash: str


@dataclass(frozen=True, slots=True)
class History:
    """What the record already holds that bears on a message; read before the decision, handed in.

    ``answers_our_reply`` is the case whose reply this message answers (exact Message-ID, same sender),
    ``case_pupils`` are that case's; ``our_subject`` and ``our_words`` are those of the mail that it answers.
    ``answers_sent`` tells whether it answers a letter that staff have sent, by Message-ID; None while what
    the mailbox's owner has sent is not read. ``answers_automatic`` is true when it answers mail of ours.
    ``open_safeguarding`` is true while a safeguarding flag is open on the sender or a pupil.
    ``under_discussion`` are those topics that are opened once on which school and family are in touch.
    ``resync`` marks mail met on first contact, after a restore or a changed UIDVALIDITY: never answered.
    """

    answers_our_reply: int | None = None
    case_pupils: tuple[str, ...] = ()
    our_subject: str = field(default="", repr=False)
    our_words: str = field(default="", repr=False)
    answers_sent: bool | None = None
    answers_automatic: bool = False
    open_safeguarding: bool = False
    under_discussion: frozenset[Topic] = frozenset()
    suppressed: str | None = None
    is_our_own: bool = False
    resync: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where a message lay: the mailbox's address, whose it is, and that person's other addresses.

    ``aliases`` are further school addresses of the mailbox, ``private_addresses`` those that are not.
    ``hours`` are the owner's own by the day of the week, 0 for Monday; None where the school's count.
    ``junk`` is true of what lay in the folder of junk mail.
    """

    mailbox: str
    owner_name: str
    private_addresses: frozenset[str] = frozenset()
    aliases: frozenset[str] = frozenset()
    hours: Mapping[int, tuple[Span, ...]] | None = field(default=None, hash=False)
    junk: bool = False
