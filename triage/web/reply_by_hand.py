"""A reply by hand: a link that opens the mail program with a kind text, for a person to read over and send.

The link holds the address and the subject of the message, which no address of this site may. It is none of
them: a browser hands it to the mail program and sends it to no server of ours, so that it comes into no log
and no referrer; where mail is read in the browser, it goes to the school's own mail provider, which holds the
message already. What was written in the message never stands in it, and no pupil's name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from triage.domain.by_hand import staff_known
from triage.domain.model import MACHINES, Flag, Topic
from triage.domain.proof import Proof
from triage.domain.school import School
from triage.domain.visibility import Viewer, is_closely_kept, keeps_records
from triage.store.cases import Letter

LONGEST_SUBJECT = 150
_SAFE = "@"
_MACHINES = frozenset(kind.value for kind in MACHINES)

BY_A_MACHINE = "No reply is offered: a machine or a mailing list wrote this."
MAY_BE_FORGED = (
    "No reply is offered: the sender's domain says that it did not send this. Ring the number on record."
)
CLOSELY_KEPT = (
    "No reply is offered: agree first with the safeguarding lead, or whoever deals with it, who answers."
)
FOR_LEADS = "No suggested text for a safeguarding matter. Ring, or write yourself."
NO_ADDRESS = "No reply is offered: the message has no address to answer."

_TEXT = """\
Hello,

Thank you for your message. I have read it.

This is best talked about, so that we understand one another. When may we ring you, or would you rather \
come in and see us? If telephoning is hard for you, tell us: Relay UK (18001 before the number), an \
interpreter or a visit are all possible.

The school office: {office} ({hours})

With kind regards
{signed}
"""


@dataclass(frozen=True, slots=True)
class ReplyByHand:
    """Where to begin a reply, or why there is none: one of the two is empty."""

    link: str = ""
    refused: str = ""


def reply_by_hand(letter: Letter, seen: Sequence[Flag], school: School, who: Viewer) -> ReplyByHand:
    """Return the link that begins a reply of ``who`` to a letter, or why none is offered.

    ``seen`` are the flags that the viewer may see: to refuse for another would tell that there is one.
    """
    refused = _refusal(letter, seen, who)
    if refused:
        return ReplyByHand(refused=refused)
    fields = {"subject": _subject(letter, school), "body": _body(school, who)}
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in fields.items())
    return ReplyByHand(link=f"mailto:{quote(letter.sender, safe=_SAFE)}?{query}")  # RFC 6068


def _refusal(letter: Letter, seen: Sequence[Flag], who: Viewer) -> str:
    if letter.sender_kind in _MACHINES:
        return BY_A_MACHINE
    if letter.proof is Proof.FAILED:
        return MAY_BE_FORGED
    if any(_keeps_silent(flag, letter.sender) for flag in seen):
        return FOR_LEADS if keeps_records(who) else CLOSELY_KEPT
    return "" if letter.sender.count("@") == 1 else NO_ADDRESS


def _keeps_silent(flag: Flag, sender: str) -> bool:
    """Tell whether a flag says that nobody answers on their own: of safeguarding, or about the sender."""
    about_sender = flag.about is not None and flag.about.lower() == sender.lower()
    return about_sender or is_closely_kept(flag) or Topic.SAFEGUARDING in flag.joined


def _subject(letter: Letter, school: School) -> str:
    """Return the subject of an answer; an abusive message's own words are not repeated."""
    subject = " ".join(letter.subject.split())
    if letter.folded or not subject:
        return f"Re: your message to {school.name}"
    return (subject if subject.lower().startswith("re:") else f"Re: {subject}")[:LONGEST_SUBJECT]


def _body(school: School, who: Viewer) -> str:
    line = school.telephone
    name = staff_known(school).get(who.address, "")
    signed = f"{name}\n{school.name}" if name and "@" not in name else school.name
    text = _TEXT.format(office=line.office, hours=line.office_hours, signed=signed)
    return text.replace("\n", "\r\n")  # RFC 6068, section 5: a line break is %0D%0A
