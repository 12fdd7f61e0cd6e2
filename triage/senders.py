"""From which address something goes out: what cannot be delivered, and what is answered, comes back to it.

A reply speaks for the mailbox that was written to. A notice speaks for the school: the mailbox from which it
is kept, or that of somebody whom its case is about, must never get it back.
"""

from collections.abc import Iterator

from sqlalchemy import Connection

from triage.context import Context, Mailbox, Sender
from triage.domain.calling import LEADS, kept_from, with_role
from triage.domain.school import Role
from triage.store import mailboxes, notices
from triage.store.digest import DIGEST
from triage.store.outbox import Action

_ROLES = (frozenset({Role.OFFICE}), frozenset({Role.HEADTEACHER}), LEADS, frozenset({Role.ADMINISTRATOR}))
"""Whose mailbox speaks for the school, the first choice first."""


def sender_of(ctx: Context, action: Action) -> Sender:
    """Return from whom a reply or a notice goes out, as the settings and the record stand now.

    Raises UnknownMailboxError, StoreError.
    """
    if action.kind == "reply":
        mailbox = mailbox_of(ctx, action)
        null = ctx.relays.of(mailbox.address).null_sender
        return Sender(mailbox.address, "" if null else mailbox.address)
    if action.parts == (DIGEST,):
        return _of_a_digest(ctx, action.recipient or "")
    with ctx.database.read() as conn:
        address = _for_the_school(ctx, conn, action)
    # A notice must arrive even where the null sender is refused, and its bounce is no trigger (RFC 3834).
    return Sender(address, address)


def _of_a_digest(ctx: Context, own: str) -> Sender:
    """Return the sender of a digest: it shows the office, but comes back to its reader, who owns that mail.

    It shows its reader alone where the office's server takes no other envelope sender than the office.
    """
    shown = next(_watched(ctx, Role.OFFICE), own)
    relay = ctx.relays.of(shown)
    theirs = relay == ctx.relays.of(own) and not relay.own_login
    return Sender(shown if theirs else own, own)


def mailbox_of(ctx: Context, action: Action) -> Mailbox:
    """Return the mailbox that a reply or a label is of. Raises UnknownMailboxError."""
    with ctx.database.read() as conn:
        row = mailboxes.read_mailbox(conn, action.mailbox_id or 0)
    return ctx.mailbox(row.address, row.folder)


def _for_the_school(ctx: Context, conn: Connection, action: Action) -> str:
    """Return the address of the first choice whom the notice's cases are not about.

    Where nobody of those is watched: the account of the submission server, a mailbox in which the message
    did not lie, any of somebody not concerned, and at last the first, because a notice must go out.
    """
    told = notices.told_of(conn, action)
    left_out = kept_from(ctx.school, told.flags)
    free = [address for address in _choices(ctx, told.mailboxes) if address.lower() not in left_out]
    return free[0] if free else ctx.mailboxes[0].address


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
