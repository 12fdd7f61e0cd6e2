"""Whether a message answers something that a member of staff has written."""

import re

from triage.domain.model import Message
from triage.domain.school import School

_WROTE = re.compile(r"(?m)^.{0,200}?([\w.+'-]{1,64}@[\w.-]{1,253}).{0,80}wrote:\s*$", re.IGNORECASE)
_FROM = re.compile(r"(?m)^[>*\s]{0,8}From:.{0,200}?([\w.+'-]{1,64}@[\w.-]{1,253})", re.IGNORECASE)
_OUR_REPLY = "auto:"


def answers_staff(message: Message, school: School) -> bool:
    """Tell whether a message answers staff: by its In-Reply-To at a school domain, or by whom it quotes.

    An answer to an automatic reply of ours is none: no person has said anything in it.
    """
    if _OUR_REPLY in message.subject.lower():
        return False
    if any(_is_staff_id(one, school) for one in message.in_reply_to):
        return True
    quoted = message.text if message.text != message.own_text else ""
    found = (*_WROTE.findall(quoted), *_FROM.findall(quoted))
    return any(school.is_staff_address(address) for address in found)


def _is_staff_id(message_id: str, school: School) -> bool:
    return school.is_staff_address(message_id.strip("<>"))
