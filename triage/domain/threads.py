"""Whether a message answers something that a member of staff has written.

Stored ids come first: only its recipients know the Message-ID of a letter, so an answer to one that was sent
is certain. Without such a hit there are two signs, and a stranger can write both: an In-Reply-To at a domain
of the school, and a quotation under a staff address. docs/decisions/0008 says when they are believed.
"""

import re

from triage.domain.model import History, Message
from triage.domain.school import School

_WROTE = re.compile(r"(?m)^.{0,200}?([\w.+'-]{1,64}@[\w.-]{1,253}).{0,80}wrote:\s*$", re.IGNORECASE)
_FROM = re.compile(r"(?m)^[>*\s]{0,8}From:.{0,200}?([\w.+'-]{1,64}@[\w.-]{1,253})", re.IGNORECASE)
_OUR_REPLY = "auto:"


def answers_staff(message: Message, school: School, history: History, *, verified: bool) -> bool:
    """Tell whether a message answers staff: by a stored id, an id of the school's, or by whom it quotes.

    An answer to an automatic reply of ours is none: no person has said anything in it. ``verified`` tells
    whether a guardian is known to have written it.
    """
    if history.answers_sent:
        return True
    if _answers_a_machine_of_ours(message, history):
        return False
    # While sent mail is read, an unknown id that looks like the school's is most likely no person's letter. A
    # guardian may still answer a colleague whose mailbox is not read; of anybody else it proves nothing.
    believed = verified or history.answers_sent is None
    return (believed and _names_an_id_of_the_school(message, school)) or _quotes_staff(message, school)


def _answers_a_machine_of_ours(message: Message, history: History) -> bool:
    known = history.answers_automatic or history.answers_our_reply is not None
    return known or _OUR_REPLY in message.subject.lower()


def _names_an_id_of_the_school(message: Message, school: School) -> bool:
    return any(school.is_staff_address(one.strip("<>")) for one in message.in_reply_to)


def _quotes_staff(message: Message, school: School) -> bool:
    quoted = message.text if message.text != message.own_text else ""
    found = (*_WROTE.findall(quoted), *_FROM.findall(quoted))
    return any(school.is_staff_address(address) for address in found)
