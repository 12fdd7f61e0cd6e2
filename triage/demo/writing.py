"""The bytes of a demo message as its author's mail program writes them."""

from collections.abc import Mapping
from email.message import EmailMessage
from email.policy import SMTP

from triage.demo.hostile import MAKERS
from triage.demo.messages import DemoMessage


def write(message: DemoMessage, replies: Mapping[str, str]) -> bytes:
    """Return a message as its author sends it, with CRLF line ends and no header of any gateway.

    ``replies`` maps the id of a demo message to the Message-ID of the reply it got. Raises KeyError for
    an answer to a reply that was never sent.
    """
    started = _started(message)
    if message.answers is not None:
        started["In-Reply-To"] = started["References"] = replies[message.answers]
    if message.hostile is not None:
        return MAKERS[message.hostile](started, message.text)
    if not message.html:
        started.set_content(message.text)
    elif not message.text:
        started.set_content(message.html, subtype="html")
    else:
        started.set_content(message.text)
        started.add_alternative(message.html, subtype="html")
        started.set_boundary("alternative")
    return started.as_bytes()


def _started(message: DemoMessage) -> EmailMessage:
    started = EmailMessage(policy=SMTP)
    started["From"] = message.author
    started["To"] = message.to
    started["Subject"] = message.subject
    started["Date"] = message.received
    started["Message-ID"] = message.message_id
    for name, value in message.headers.items():
        started[name] = value
    return started
