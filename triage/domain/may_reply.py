"""May this message be answered at all? The one guard, asked before every reply (RFC 3834; A1).

Every gate is asked in a fixed order and returned, hit or missed, with why; a hit blocks the reply.
The first hit names the reason best. The gate "return-path" (A19) asks for a person to look where a reply was
due to a parent. An ``other`` sender hits no gate of kind: what it gets at most is for ``decide`` to say.
"""

import re

from triage.domain import machine
from triage.domain.model import Delivery, Gate, History, Identity, Message, SenderKind, Verdict
from triage.domain.return_path import bare_address
from triage.domain.school import School

_ADDRESS = re.compile(r"[^\s@<>\"\x00-\x1f\x7f]+@[^\s@<>\"\x00-\x1f\x7f]+")
_LONGEST_ADDRESS = 254
JUNK = "junk"
"""The gate of junk mail."""
ANSWERS_US = "answers-our-reply"
"""The gate of a message that answers a reply of ours."""
ANSWERS_OURS = frozenset({ANSWERS_US, "answers-automatic"})
"""The gates of what answers any mail of ours: no reply to it was ever due."""
_KINDS = {
    SenderKind.STAFF: "a colleague",
    SenderKind.PUPIL: "a pupil",
    SenderKind.AUTOMATIC: "a machine",
    SenderKind.BULK: "a mailing list",
}


def may_reply(
    message: Message, identity: Identity, delivery: Delivery, school: School, history: History
) -> tuple[Gate, ...]:
    """Ask every gate, in order; a hit blocks. Source: RFC 3834; A1, A4 to A7, A10, A19, T2."""
    return (
        _gate("our-own-mail", history.is_our_own, "we sent it ourselves", "not sent by us"),
        _gate(JUNK, delivery.junk, "it lay in the folder of junk mail", "it did not lie among junk mail"),
        _gate("resync", history.resync, "met while catching up, never answered", "new mail"),
        *machine.signs(message),
        *(_kind_gate(kind, identity) for kind in _KINDS),
        _answers_our_reply(history),
        _answers_automatic(history),
        _suppressed(history),
        _no_sender(message),
        _several_senders(message),
        _self_addressed(message, delivery),
        _school_address(message, school),
        _dmarc(message),
        _return_path(message, delivery),
        _not_addressed(message, delivery),
    )


def _gate(name: str, hit: bool, why: str, miss: str) -> Gate:
    return Gate(name, hit=hit, why=why if hit else miss)


def _kind_gate(kind: SenderKind, identity: Identity) -> Gate:
    """Design.md "Replies": staff, pupils, machines and lists get nothing."""
    named = _KINDS[kind]
    return _gate(
        f"sender-{kind}", identity.sender is kind, f"the sender is {named}", f"the sender is not {named}"
    )


def _answers_our_reply(history: History) -> Gate:
    """Design.md "One case": an answer to our reply joins its case and is not answered."""
    hit = history.answers_our_reply is not None
    return _gate(ANSWERS_US, hit, "it answers our reply", "it answers no reply of ours")


def _answers_automatic(history: History) -> Gate:
    """Peers #2: who answers mail of ours under whatever address has heard from us, and is not answered."""
    hit = history.answers_automatic
    return _gate("answers-automatic", hit, "it answers automatic mail of ours", "it answers none of our mail")


def _suppressed(history: History) -> Gate:
    """#3: an address whose mail came back, or that a person took off, is not written to."""
    why = history.suppressed or "the address is not written to"
    return _gate("suppressed", history.suppressed is not None, why, "the address is not suppressed")


def _no_sender(message: Message) -> Gate:
    """A19: without a readable From there is nobody to compare with the Return-Path, or to answer."""
    address = message.sender.address
    unreadable = len(address) > _LONGEST_ADDRESS or _ADDRESS.fullmatch(address) is None
    return _gate("no-sender", unreadable, "no readable From address", "From is readable")


def _several_senders(message: Message) -> Gate:
    """A10: a reply goes to one person only."""
    several = len({one.address.lower() for one in message.from_addresses}) > 1
    return _gate("several-senders", several, "From names several addresses", "From names one address")


def _self_addressed(message: Message, delivery: Delivery) -> Gate:
    """#9: mail from one of the mailbox's own addresses is never answered."""
    own = _own_addresses(delivery)
    senders = {message.sender.address.lower(), bare_address(message.return_path or "")}
    return _gate("self-addressed", bool(senders & own), "it comes from the mailbox itself", "not from itself")


def _school_address(message: Message, school: School) -> Gate:
    """#9: whoever writes as the school's own domain is no parent to be answered, proven or not."""
    own = school.is_staff_address(message.sender.address) or school.is_pupil_address(message.sender.address)
    return _gate("school-address", own, "From is an address of the school", "From is not the school's")


def _dmarc(message: Message) -> Gate:
    """T2: no reply to what failed DMARC; none or unknown may have the generic reply."""
    failed = message.dmarc is Verdict.FAIL
    return _gate(
        "dmarc-fail",
        failed,
        "DMARC failed: From may be forged",
        f"the sender's domain does not disown it (DMARC: {message.dmarc})",
    )


def _return_path(message: Message, delivery: Delivery) -> Gate:
    """A19: the Return-Path must be there and be the From address, with SRS, BATV and Gmail's mark undone.

    A null one misses here: the gate "null-return-path" has it, and a bounce is nothing to look at.
    """
    if message.return_path is None:
        return Gate("return-path", hit=True, why="there is no Return-Path")
    path = bare_address(message.return_path)
    if not path:
        return Gate("return-path", hit=False, why="the Return-Path is null")
    if path in _own_addresses(delivery):
        return Gate("return-path", hit=True, why="forwarding by the mailbox's owner hides the Return-Path")
    differs = path != bare_address(message.sender.address)
    return _gate("return-path", differs, "the Return-Path is not the From address", "the Return-Path is From")


def _not_addressed(message: Message, delivery: Delivery) -> Gate:
    """A4: one of the mailbox's addresses must stand in To, Cc, Bcc or Resent- (RFC 3834 section 2)."""
    addressed = bool(message.recipients & _own_addresses(delivery))
    return _gate("not-addressed", not addressed, "the mailbox is not among the recipients", "addressed to it")


def _own_addresses(delivery: Delivery) -> frozenset[str]:
    named = {delivery.mailbox, *delivery.aliases, *delivery.private_addresses}
    return frozenset(address.lower() for address in named)
