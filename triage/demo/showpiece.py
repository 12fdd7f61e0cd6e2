"""The demo's showpiece: one message and the one reply to it, whole."""

from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from textwrap import fill

from rich.panel import Panel
from rich.text import Text

from triage.demo.messages import DemoMessage
from triage.demo.servers import Sink

WIDTH = 84
"""Of both panels: a reply's lines are 72 letters wide."""


def showpiece(message: DemoMessage, sink: Sink) -> Iterator[Panel]:
    """Yield a message as it was written and its reply as it went over the wire; nothing if it got none."""
    reply = _reply_to(message, sink)
    if reply is None:
        return
    asked = f"From: {message.author}\nSubject: {message.subject}\n\n{_wrapped(message.text)}"
    yield _panel(f"The message, {message.received:%A %-d %B %Y, %H:%M}", asked)
    head = "\n".join(f"{name}: {value}" for name, value in reply.items())
    body = reply.get_body(("plain",))
    yield _panel("The one reply to it, whole", f"{head}\n\n{'' if body is None else body.get_content()}")


def _reply_to(message: DemoMessage, sink: Sink) -> EmailMessage | None:
    letters = (message_from_bytes(sent.raw, policy=default) for sent in sink.received)
    return next((letter for letter in letters if letter["In-Reply-To"] == message.message_id), None)


def _wrapped(text: str) -> str:
    return "\n".join(fill(line, WIDTH - 4) for line in text.strip().splitlines())


def _panel(title: str, text: str) -> Panel:
    return Panel(Text(text.strip()), title=title, title_align="left", width=WIDTH)
