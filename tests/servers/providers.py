r"""The mailboxes of Microsoft 365 and of Google Workspace, simulated: what each does otherwise than the rest.

Each is a Dovecot configured so, behind a proxy that rewrites what Dovecot cannot be configured to say.

Microsoft 365:
- Dovecot: what it offers is what Exchange Online lists after login, without SPECIAL-USE and CONDSTORE
  (capabilities as in github.com/mscdex/node-imap/issues/689 and github.com/jstedfast/MailKit/issues/1282);
  the folder of sent mail has a localised name.
- Proxy: PERMANENTFLAGS without \*, and with $MDNSent (github.com/RainLoop/rainloop-webmail/issues/686,
  github.com/svarshavchik/courier/issues/26); a keyword that is stored all the same is agreed to and not kept;
  folders have no attribute of SPECIAL-USE, as in older mailboxes (newer ones have some: MailKit
  issue 1282).
- Sink (a scripted server): at most three connections (learn.microsoft.com/exchange/troubleshoot/send-emails/
  smtp-submission-improvements), no null sender (5.7.60: github.com/jstedfast/MimeKit/issues/647), Message-IDs
  of its own, and copies in the folder of sent mail of whoever sends (techcommunity.microsoft.com, Exchange
  team blog, 20 April 2018). What is beyond 30 messages a minute it delays without a word: not simulated.

Google Workspace (developers.google.com/gmail/imap/imap-extensions):
- Dovecot: what it offers, the folders below [Gmail] with localised names and their attributes.
- Proxy: labels by X-GM-LABELS, which Dovecot keeps as keywords that it never shows.
- Sink: copies in the folder of sent mail; Message-IDs stay.
"""

import itertools
import re
from collections.abc import Mapping
from contextlib import ExitStack
from email.utils import parseaddr
from types import MappingProxyType
from typing import Self

from imapclient import imap_utf7

from tests.servers.dovecot import Dovecot
from tests.servers.imap_host import ImapHost
from tests.servers.rewriting import Rewriting
from tests.servers.sink import Received

MICROSOFT_OFFERS = (
    "IMAP4 IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR UIDPLUS MOVE ID UNSELECT CLIENTACCESSRULES "
    "CLIENTNETWORKPRESENCELOCATION BACKENDAUTHENTICATE CHILDREN IDLE NAMESPACE LITERAL+"
)
GOOGLE_OFFERS = (
    "IMAP4rev1 UNSELECT IDLE NAMESPACE QUOTA ID XLIST CHILDREN X-GM-EXT-1 UIDPLUS ENABLE MOVE CONDSTORE "
    "ESEARCH UTF8=ACCEPT LIST-EXTENDED LIST-STATUS LITERAL- SPECIAL-USE APPENDLIMIT=35651584"
)

_MESSAGE_ID = re.compile(rb"^Message-ID: \S+", re.MULTILINE | re.IGNORECASE)
_STORES_KEYWORD = re.compile(rb"(\S+) (?:UID )?STORE \S+ [+-]?FLAGS(?:\.SILENT)? \(?[^\\()\s]", re.IGNORECASE)
_SHOWN_FLAGS = re.compile(rb"(\* FLAGS|\[PERMANENTFLAGS) \([^)]*\)", re.IGNORECASE)
_SPECIAL_USE = re.compile(rb" ?\\(?:All|Archive|Drafts|Flagged|Junk|Sent|Trash)\b", re.IGNORECASE)
_STORES_LABELS = re.compile(rb"([+-])X-GM-LABELS(\.SILENT)? \((.*)\)\r\n$", re.IGNORECASE)
_LABEL = re.compile(rb'"((?:[^"\\]|\\.)*)"|([^\s"()]+)')
_KEPT_LABEL = re.compile(rb" ?gm-label-(\d+)")


class Provider(ImapHost):
    """A Dovecot behind a proxy. ``sent_folder`` is what it calls the folder of sent mail."""

    offers: str
    sent_folder: str
    special: Mapping[str, str]

    def __init__(self) -> None:
        super().__init__()
        self._dovecot = Dovecot(offers=self.offers, special=self.special)
        self._running = ExitStack()

    def __enter__(self) -> Self:
        self._running.enter_context(self._dovecot)
        proxy = Rewriting(self._dovecot.imap_port, command=self._command, answer=self._answer)
        self.imap_port = self._running.enter_context(proxy).port
        return self

    def __exit__(self, *_) -> None:
        self._running.close()

    def deliver(self, user: str, raw: bytes, mail_from: str = "parent@home.example") -> None:
        """Deliver by LMTP, as the provider's own gateway does."""
        self._dovecot.deliver(user, raw, mail_from)

    def submission(self) -> dict[str, object]:
        """Return how a sink behaves as the provider's server for what these mailboxes send."""
        return {"files": self._file}

    def _file(self, sent: Received) -> None:
        """Keep a copy of what a mailbox has sent in its folder of sent mail."""
        unfolded = " ".join(sent.message["From"].split())
        user = parseaddr(unfolded)[1].partition("@")[0]
        self.append(user, sent.raw, folder=self.sent_folder)

    def _command(self, line: bytes) -> bytes:
        return line

    def _answer(self, line: bytes) -> bytes:
        return line


class Microsoft(Provider):
    """Microsoft 365, in German."""

    _ids = itertools.count(1)
    name = "microsoft"
    keeps_keywords = False
    offers = MICROSOFT_OFFERS
    sent_folder = "Gesendete Elemente"
    special = MappingProxyType({sent_folder: r"\Sent", "Junk-E-Mail": r"\Junk"})

    def submission(self) -> dict[str, object]:
        """Return how a sink behaves as Microsoft's: see above."""
        refused = "550 5.7.60 SMTP; Client does not have permissions to send as this sender"
        return super().submission() | {
            "connections": 3,
            "answers": {"NULL": refused},
            "rewrites": lambda raw: _MESSAGE_ID.sub(b"Message-ID: " + self._new_id(), raw, count=1),
        }

    def _new_id(self) -> bytes:
        return b"<DB7PR01MB%04d@DB7PR01MB4242.eurprd01.prod.outlook.example>" % next(self._ids)

    def _command(self, line: bytes) -> bytes:
        """Agree to a keyword and keep none."""
        found = _STORES_KEYWORD.match(line)
        return found[1] + b" NOOP\r\n" if found else line

    def _answer(self, line: bytes) -> bytes:
        if line.startswith((b"* LIST", b"* LSUB", b"* XLIST")):
            return _SPECIAL_USE.sub(b"", line)
        return _SHOWN_FLAGS.sub(rb"\1 (\\Seen \\Answered \\Flagged \\Deleted \\Draft $MDNSent)", line)


class Google(Provider):
    """Google Workspace, in French."""

    name = "google"
    offers = GOOGLE_OFFERS
    sent_folder = "[Gmail]/Messages envoyés"
    special = MappingProxyType(
        {
            sent_folder: r"\Sent",
            "[Gmail]/Tous les messages": r"\All",
            "[Gmail]/Spam": r"\Junk",
            "[Gmail]/Corbeille": r"\Trash",
        }
    )

    def __init__(self) -> None:
        super().__init__()
        self._labels: list[bytes] = []

    def labels(self, user: str, uid: int) -> frozenset[str]:
        """Return the labels of a message, as its owner sees them."""
        kept = (_KEPT_LABEL.fullmatch(flag.encode()) for flag in self._dovecot.flags(user, uid))
        return frozenset(imap_utf7.decode(self._labels[int(found[1])]) for found in kept if found)

    def _command(self, line: bytes) -> bytes:
        return _STORES_LABELS.sub(self._as_keywords, line)

    def _answer(self, line: bytes) -> bytes:
        return _KEPT_LABEL.sub(b"", line)

    def _as_keywords(self, found: re.Match[bytes]) -> bytes:
        """Return what Dovecot is told instead: of each label its number, because keywords are short."""
        names = [quoted or plain for quoted, plain in _LABEL.findall(found[3])]
        self._labels += [name for name in names if name not in self._labels]
        words = b" ".join(b"gm-label-%d" % self._labels.index(name) for name in names)
        return found[1] + b"FLAGS" + (found[2] or b"") + b" (" + words + b")\r\n"
