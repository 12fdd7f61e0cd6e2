"""From which address something goes out: what cannot be delivered, and what is answered, comes back to it.

A reply speaks for the mailbox that was written to. A notice speaks for the school: the mailbox from which it
is kept, or that of somebody whom its case is about, must never get it back.
"""

from collections.abc import Iterator

from sqlalchemy import Connection

from triage.context import Context, Mailbox, Sender
from triage.domain.calling import LEADS, kept_from, with_role
from triage.domain.school import Role
from triage.mail.relays import AS, Relay
from triage.store import mailboxes, notices, outages
from triage.store.addresses import address_hash
from triage.store.digest import DIGEST
from triage.store.outbox import Action

_MORNING = {("morning",), ("quiet",)}
"""What has time: at its first try it goes out by the first choice, and so tells when that works again."""

_IN_TURN = 4
"""How many of the first choices are tried in turn where none can send."""

_ROLES = (frozenset({Role.OFFICE}), frozenset({Role.HEADTEACHER}), LEADS, frozenset({Role.ADMINISTRATOR}))
"""Whose mailbox speaks for the school, the first choice first."""


def sender_of(ctx: Context, action: Action) -> Sender:
    """Return from whom a reply or a notice goes out, as the settings and the record stand now.

    Raises UnknownMailboxError, StoreError.
    """
    with ctx.database.read() as conn:
        return sender_in(ctx, conn, action)


def sender_in(ctx: Context, conn: Connection, action: Action) -> Sender:
    """Return the same as a transaction sees it. Raises UnknownMailboxError."""
    if action.kind == "reply":
        row = mailboxes.read_mailbox(conn, action.mailbox_id or 0)
        mailbox = ctx.mailbox(row.address, row.folder)
        null = ctx.relays.of(mailbox.address).null_sender
        return Sender(mailbox.address, "" if null else mailbox.address)
    if action.parts == (DIGEST,):
        return _of_a_digest(ctx, action.recipient or "")
    address = _for_the_school(ctx, conn, action)
    # A notice must arrive even where the null sender is refused, and its bounce is no trigger (RFC 3834).
    return Sender(address, address, urgent=action.parts not in _MORNING)


def _of_a_digest(ctx: Context, own: str) -> Sender:
    """Return the sender of a digest: it shows the office, but comes back to its reader, who owns that mail.

    It shows its reader alone where the office's server takes no other envelope sender than the office.
    """
    shown = next(_watched(ctx, Role.OFFICE), own)
    relay = ctx.relays.of(shown)
    theirs = relay == ctx.relays.of(own) and not relay.own_login
    return Sender(shown if theirs else own, own)


def ways(ctx: Context, address: str) -> tuple[str, ...]:
    """Return the names under which what an address's mail needs may be out of order.

    That is its submission server, and its login there where that is its own.
    """
    relay = ctx.relays.of(address)
    return (relay.name, _own_way(ctx, relay, address)) if relay.own_login else (relay.name,)


def _own_way(ctx: Context, relay: Relay, address: str) -> str:
    return f"{relay.name}{AS}{address_hash(ctx.database.keyring, address)}"


def mailbox_of(ctx: Context, action: Action) -> Mailbox:
    """Return the mailbox that a reply or a label is of. Raises UnknownMailboxError."""
    with ctx.database.read() as conn:
        row = mailboxes.read_mailbox(conn, action.mailbox_id or 0)
    return ctx.mailbox(row.address, row.folder)


def _for_the_school(ctx: Context, conn: Connection, action: Action) -> str:
    """Return the address of the first choice whom the notice's cases are not about, and who can send now.

    Who cannot is passed over while another can, so that nobody who is called waits for one login.
    Where nobody of those is watched: the account of the submission server, a mailbox in which the message
    did not lie, any of somebody not concerned, and at last the first, because a notice must go out.
    """
    told = notices.told_of(conn, action)
    left_out = kept_from(ctx.school, told.flags)
    free = [address for address in _choices(ctx, told.mailboxes) if address.lower() not in left_out]
    if not free:
        return ctx.mailboxes[0].address
    tries = action.attempts + (action.state == "pending")
    if action.parts in _MORNING and tries <= 1:
        return free[0]
    choices, out = list(dict.fromkeys(free)), {each.name for each in outages.current(conn)}
    can_send = (address for address in choices if out.isdisjoint(ways(ctx, address)))
    # Where none can, as far as is known, they are tried in turn: nobody else finds out that one can again.
    return next(can_send, choices[(tries - 1) % min(len(choices), _IN_TURN)])


def _choices(ctx: Context, lay: frozenset[str]) -> Iterator[str]:
    for roles in _ROLES:
        yield from _watched(ctx, *roles)
    account = ctx.answering.account
    if "@" in account and ctx.relays.of(account) == ctx.relays.school:
        yield account
    every = [mailbox.address for mailbox in ctx.mailboxes]
    yield from (address for address in every if address.lower() not in lay)
    yield from every


def _watched(ctx: Context, *roles: Role) -> Iterator[str]:
    """Yield who has one of some roles and a mailbox that is watched: for them the server sends."""
    return (to for to in with_role(ctx.school, frozenset(roles)) if ctx.school.watches(to))
