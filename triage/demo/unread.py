"""An inbox of pymap's that stores mail without reading it.

pymap parses each message as it is stored, part within part, and gives up the connection on one that is
nested too deeply or has a header it cannot read. A real server keeps such mail, and the demo delivers
some. Nothing that is asked of the demo's server needs a parsed message.
"""

from dataclasses import replace

from pymap.backend.dict.mailbox import MailboxData, MailboxSet, Message
from pymap.mime import MessageBody, MessageContent, MessageHeader
from pymap.parsing.message import AppendMessage


def unread_mailboxes() -> MailboxSet:
    """Return the folders of one user, of which the inbox takes any message whatever."""
    mailboxes = MailboxSet()
    caches = mailboxes._content_cache, mailboxes._thread_cache  # noqa: SLF001 - pymap offers no way to choose the inbox
    mailboxes._inbox = UnreadInbox(*caches)  # noqa: SLF001 - the same
    return mailboxes


class UnreadInbox(MailboxData):
    """The inbox: pymap stores an empty message, which then gets the bytes that were sent."""

    async def append(self, append_msg: AppendMessage, *, recent: bool = False) -> Message:
        """Store any bytes; the answer is the stored message, as pymap wants it."""
        message = await super().append(replace(append_msg, literal=b"\r\n"), recent=recent)
        message._content = _unread(append_msg.literal)  # noqa: SLF001 - pymap reads it from there
        return message


def _unread(raw: bytes) -> MessageContent:
    """Split head from body and look no further: to pymap it is one plain text."""
    head, body = MessageContent._split_lines(raw, MessageContent._find_lines(raw))  # noqa: SLF001 - its only public parser reads all
    header = MessageHeader._parse(raw, memoryview(raw), head)  # noqa: SLF001 - the same
    return MessageContent(raw, header, MessageBody(raw, body, MessageBody.empty().content_type, []))
