"""Notices that did not arrive: whoever looks after the service is told by another way than mail."""

from datetime import timedelta

from triage.context import Context
from triage.outgoing import alerts
from triage.store.notices import last_undelivered
from triage.store.outbox import add_action

LATELY = timedelta(days=1)


def tell_of_undelivered(ctx: Context) -> None:
    """Ask for an alert of the notices that have lately failed or come back; one a day. Raises StoreError.

    It is told at any hour: what was to call somebody did not.
    """
    now = ctx.clock()
    with ctx.database.read() as conn:
        last = last_undelivered(conn, now - LATELY)
    if last is None:
        return
    day = last.astimezone(ctx.school.calendar.zone).date()
    with ctx.database.write() as conn:
        for new in alerts(ctx, "service", "undelivered", f"undelivered:{day}"):
            add_action(conn, ctx.database.keyring, None, new, now)
