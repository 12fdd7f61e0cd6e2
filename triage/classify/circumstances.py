"""What bears on a message's meaning and is not in its words, put into words for the model."""

from datetime import tzinfo
from typing import Final

from triage.domain.model import Identity, Message

_HALF: Final = 30
_NAMES: Final = 60
"""Characters of the attachments' names."""


def circumstances(message: Message, identity: Identity, *, answers_staff: bool, zone: tzinfo) -> str:
    """Return who writes, whether it answers staff, when it came (to the half-hour) and what is attached.

    Whether something is urgent hangs on the hour and on the day of the week.
    """
    came = message.received.astimezone(zone)
    half = "30" if came.minute >= _HALF else "00"
    answer = "answer . " if answers_staff else ""
    attached = " ".join(attachment.filename for attachment in message.attachments)[:_NAMES]
    return f"{identity.sender.value} . {answer}{came:%A} {came.hour} {half} . {attached}"
