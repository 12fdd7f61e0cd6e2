"""What is due in the morning: a list of duties, each of which writes what is due by now and no more.

``mornings`` may be called at any minute by any worker, as often as it likes: a duty asks the calendar whose
working day has begun, and the outbox keeps each notice once by its key, which holds the date.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from triage.context import Context
from triage.duties.digests import teachers_digests
from triage.duties.reminders import deadlines, monthly_test, queues
from triage.store.errors import StoreError

log = logging.getLogger(__name__)

Duty = Callable[[Context, datetime], None]
"""Writes into the outbox what is due by a moment and was not written yet. Raises StoreError."""

DUTIES: Sequence[Duty] = (queues, deadlines, monthly_test, teachers_digests)


def mornings(ctx: Context, duties: Sequence[Duty] = DUTIES) -> None:
    """Do every duty of the morning in turn; a defect in one holds up no other. Raises StoreError."""
    now = ctx.clock()
    for duty in duties:
        if ctx.stopping():
            return
        try:
            duty(ctx, now)
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - the type alone: its text may hold what a parent wrote
            log.error("a morning duty failed: %s", type(error).__name__)  # noqa: TRY400
