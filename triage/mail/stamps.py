"""Reading a stamp: the few header fields by which an answer to a sent message is known."""

import re
from datetime import datetime
from email.parser import BytesHeaderParser

from triage.domain.header_values import keyword
from triage.mail.mailbox import Stamp
from triage.message.compose import OWN_MARK
from triage.message.headers import fields, message_id

FIELDS = f"MESSAGE-ID AUTO-SUBMITTED {OWN_MARK.upper()}"
"""What is asked of the server: nothing that says to whom, or what."""

_MARK = re.compile(r"[0-9a-f]{8,64}")


def stamp(uid: int, internaldate: datetime | None, header: bytes) -> Stamp:
    """Read a stamp from the header fields that came; raises nothing of its own."""
    found = fields(BytesHeaderParser().parsebytes(header))
    ids = [value for name, value in found if name == "message-id"]
    submitted = [value for name, value in found if name == "auto-submitted"]
    marks = [value.strip() for name, value in found if name == OWN_MARK.lower()]
    return Stamp(
        uid=uid,
        message_id=(message_id(ids[0]) or "") if ids else "",
        internaldate=internaldate,
        automatic=any(keyword(value) not in {"", "no"} for value in submitted),
        mark=next(filter(_MARK.fullmatch, marks), ""),
    )
