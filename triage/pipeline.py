"""The way of one message, top to bottom: the two functions that every worker calls.

``poll_mailbox`` reads what is new in one mailbox and decides it; ``perform_action`` carries out one row of
the outbox. Either may be killed at any line: the rows of the database are the truth, and the next call
goes on from them.
"""

import logging
from collections import deque
from contextlib import ExitStack, suppress
from datetime import datetime, timedelta

from sqlalchemy import Connection

from triage import outage
from triage.batch import Batch
from triage.context import Context, Mailbox, Sender, UnknownMailboxError
from triage.domain.hours import opening
from triage.domain.replies import OUT_OF_HOURS
from triage.mail.errors import asked_wait, defect, is_throttled
from triage.mail.imap import MailboxSession, MailError
from triage.mail.smtp import Answer
from triage.message.compose import ComposeError
from triage.message.returned import NO_SUCH_MAILBOX
from triage.message.wording import WordingError
from triage.outage import is_unreachable, name_of_mailbox
from triage.outgoing import alarm, notice_bytes, notice_words, reply_bytes
from triage.senders import mailbox_of, sender_in, sender_of
from triage.sent import read_sent
from triage.store import outbox
from triage.store.errors import StoreError
from triage.store.flags import is_any_closely_kept
from triage.store.outbox import Action, Claimed, NewAction, NotDue, Withheld
from triage.visit import Poll, Visit, backoff, begin_visit

log = logging.getLogger(__name__)

BATCH = 50
TOKENS = 10
"""So many tokens a look uses up at most: a server that ends every sign-in is not one to go on with."""

ATTEMPTS = 12
NOTICE_ATTEMPTS = 300
NEVER_LOST = frozenset({"notify", "alert"})
"""What tells people: it is tried for days, whatever the answer is."""

TURN = timedelta(seconds=15)
"""How long what had no turn at its submission server waits for the next."""

NO_MAIL_THERE = frozenset({550, 551, 553})
"""What a server without status codes answers to RCPT for a recipient that it has not got (RFC 5321 4.2.3)."""


def poll_mailbox(ctx: Context, mailbox: Mailbox) -> Poll:
    """Read what is new in one mailbox, decide it and write it down; one worker at a time, by a lease.

    Trouble with the server is noted and comes back as ``Poll.error``; it is tried again at the next look.
    So is a defect of ours, which would else be seen by nobody. Raises StoreError when the database cannot be
    used.
    """
    poll = Poll(mailbox.address)
    visit = begin_visit(ctx, mailbox, poll)
    if visit is None:
        return poll
    try:
        finished = _read(visit)
    except MailError as error:
        if error.tried:
            log.warning(
                "mailbox %s: %s trouble, failure %s", visit.row.id, error.kind, visit.row.failures + 1
            )
        _note_failure(visit, error)
    except StoreError:
        raise
    except Exception as error:  # noqa: BLE001 - one mailbox that cannot be read must be told of
        # The type alone: an exception's text may hold what a parent wrote.
        log.error("mailbox %s: %s", visit.row.id, type(error).__name__)  # noqa: TRY400
        _note_failure(visit, defect(error, f"{mailbox.address}, {mailbox.folder}"))
    else:
        if finished:
            _note_success(visit)
    finally:
        visit.leave()
    return poll


def perform_action(ctx: Context, action_id: int) -> str:
    """Carry out one row of the outbox and return what became of it.

    "sent", "failed", "unsure", "withheld", "retry" (it is called again later), "unreachable" (likewise, and
    so would every other be), "no-turn" (likewise, while its account sends as much as it may), "lost" (another
    has settled it), or "not-due": there is nothing to do, or somebody else is doing it. Raises StoreError
    when the database cannot be used.
    """
    claimed = _claim(ctx, action_id)
    if isinstance(claimed, NotDue):
        return "not-due"
    if isinstance(claimed, Withheld):
        return "withheld"
    if claimed.action.kind == "label":
        return _settle(ctx, claimed, _label(ctx, claimed), None)
    if claimed.action.kind == "alert":
        return _settle(ctx, claimed, _alert(ctx, claimed), None)
    return _send(ctx, claimed)


def _note_failure(visit: Visit, error: MailError) -> None:
    """Write down that a poll failed, and with it that the mailbox is out of order."""
    name, refused = name_of_mailbox(visit.row.id), error.kind == "login"
    with visit.ending() as conn:
        visit.fail(conn, error)
        outage.failed(visit.ctx, conn, name, visit.row.last_success_at, refused=refused)


def _note_success(visit: Visit) -> None:
    """Write down that a poll came to its end, and with it that the mailbox is in order: both or neither."""
    with visit.ending() as conn:
        visit.succeed(conn)
        outage.works(visit.ctx, conn, name_of_mailbox(visit.row.id))


def _read(visit: Visit) -> bool:
    """Read what the owner has sent, then what is new; trouble with the former costs a connection at most."""
    ctx, mailbox = visit.ctx, visit.mailbox
    with ctx.connect(mailbox) as session:
        trouble = read_sent(ctx, mailbox, session)
        if trouble:
            log.warning("mailbox %s: what was sent cannot be read now, %s trouble", visit.row.id, trouble)
        uids = _new_uids(visit, session) if session.serves else None
        if uids is not None:
            return _read_on(visit, session, uids)
    with ctx.connect(mailbox) as session:
        return _read_on(visit, session, visit.new_uids(session))


def _new_uids(visit: Visit, session: MailboxSession) -> list[int] | None:
    """Return what is new; None where the connection was kept and is lost, or its folder open no more."""
    try:
        return visit.new_uids(session)
    except MailError as error:
        if session.was_kept and not (session.serves and is_throttled(error)):
            return None
        raise


def _read_on(visit: Visit, session: MailboxSession, uids: list[int]) -> bool:
    """Handle what is new; where a server ends a sign-in meanwhile, sign in again and go on where that was."""
    tokens_left = TOKENS
    with ExitStack() as opened:
        while True:
            try:
                return _read_new(visit, session, uids)
            except MailError as error:
                tokens_left -= 1
                session = _signed_in_again(visit, session, error, opened, last=tokens_left == 0)
            visit.meet_again()
            uids = visit.new_uids(session)


def _signed_in_again(
    visit: Visit, session: MailboxSession, error: MailError, opened: ExitStack, *, last: bool
) -> MailboxSession:
    """Return a session by another token, and count no attempt; raise the error where no token was at fault.

    It was if it does not serve any more: another was needed, or none can be had.
    """
    if session.signed_in_by is None or is_throttled(error) or last:
        raise error
    session.drop()
    try:
        again = opened.enter_context(visit.ctx.connect(visit.mailbox))
    except MailError as refused:
        if refused.kind == "login" or not refused.tried:
            visit.spare()
        raise
    if again.signed_in_by == session.signed_in_by:
        raise error
    visit.spare()
    return again


def _read_new(visit: Visit, session: MailboxSession, uids: list[int]) -> bool:
    """Handle what is new, in batches. False: broken off, because the lease is lost or we are to stop."""
    visit.poll.seen = visit.poll.handled + len(uids)
    for start in range(0, len(uids), BATCH):
        groups = deque(visit.groups(uids[start : start + BATCH]))
        while groups:
            begun = None if visit.ctx.stopping() else visit.begin(groups.popleft())
            if begun is None:
                return False
            groups.extend([uid] for uid in _read_group(visit, session, begun))
    return True


def _read_group(visit: Visit, session: MailboxSession, begun: list[int]) -> list[int]:
    """Fetch and handle some messages, and return those that must be read alone.

    An attempt that failed through no fault of theirs does not count. A server that refuses some and gives
    others has trouble with one of these, though it says that it has with all: that one holds up no other.
    """
    met: set[int] = set()
    try:
        _fetch(visit, session, begun, met)
    except MailError as error:
        left = [uid for uid in begun if uid not in met]
        if _is_the_servers(session, left, error):
            if error.kind != "broken":
                visit.excuse(begun)
            raise
        log.warning("mailbox %s: refused are %s, and others are not", visit.row.id, left)
        if len(begun) == 1:
            return []
        visit.give_back(left)
        return left
    except StoreError:
        with suppress(StoreError):
            visit.give_back(begun)
        raise
    visit.write_off(session, [uid for uid in begun if uid not in met])
    return []


def _fetch(visit: Visit, session: MailboxSession, begun: list[int], met: set[int]) -> None:
    """Fetch and handle some messages; ``met`` are those that came, also where the rest does not."""
    batch = Batch(visit)
    try:
        for fetched in session.fetch(begun, visit.ctx.reading.cap_bytes):
            met.add(fetched.uid)
            batch.add(fetched)
            if not fetched.followed:
                batch.finish()
    finally:
        batch.finish()


def _is_the_servers(session: MailboxSession, left: list[int], error: MailError) -> bool:
    """Tell trouble of the server from that with a message: by whether another is given, if one may ask."""
    if error.kind != "refused" or not left or not session.serves or asked_wait(error):
        return True
    return not session.gives_another(than=left[0] if len(left) == 1 else None)


def _claim(ctx: Context, action_id: int) -> Claimed | Withheld | NotDue:
    rules, now = ctx.answering, ctx.clock()
    with ctx.database.write() as conn:
        claimed = outbox.claim(
            conn,
            ctx.database.keyring,
            action_id,
            ctx.holder,
            domain=ctx.domain,
            now=now,
            seconds=rules.claim.total_seconds(),
            caps=rules.caps,
            live=rules.live,
            school=ctx.school,
            windows=rules.windows,
            stale=_stale(ctx, now),
        )
        for told in _alarms(ctx, claimed, now):
            outbox.add_action(conn, ctx.database.keyring, None, told, now)
    return claimed


def _stale(ctx: Context, now: datetime) -> frozenset[str]:
    """Return the parts that are not right now: once the school is open nothing says that it is closed."""
    return frozenset({OUT_OF_HOURS} if opening(now, ctx.school.calendar).school_open else ())


def _alarms(ctx: Context, claimed: Claimed | Withheld | NotDue, now: datetime) -> tuple[NewAction, ...]:
    """Return what tells that there were too many replies; a cap that does not stop all tells once a day."""
    if not isinstance(claimed, Withheld):
        return ()
    if claimed.tripped:
        log.critical("ALL REPLIES ARE STOPPED: the school's cap an hour was met; see triage status")
        return alarm(ctx, "breaker", now)
    if claimed.reason in {"cap-domain", "cap-mailbox", "cap-strangers"}:
        return alarm(ctx, "too-many", ctx.today())
    return ()


def _send(ctx: Context, claimed: Claimed) -> str:
    write = reply_bytes if claimed.action.kind == "reply" else notice_bytes
    try:
        sender = sender_of(ctx, claimed.action)
        raw = write(ctx, sender.address, claimed)
    except (UnknownMailboxError, WordingError, ComposeError) as error:
        return _settle(ctx, claimed, Answer("rejected", None, str(error), "message"), None)
    recipient = claimed.action.recipient or ""
    answer = ctx.deliver(sender, recipient, raw, lambda: _confirm(ctx, claimed))
    return _settle(ctx, claimed, answer, raw, sender)


def _confirm(ctx: Context, claimed: Claimed) -> bool:
    """Ask the database, right before DATA, whether the claim still holds: we may have been frozen."""
    with ctx.database.write() as conn:
        seconds = ctx.answering.data.total_seconds()
        return outbox.confirm(conn, claimed.action.id, claimed.token, seconds=seconds)


def _settle(
    ctx: Context, claimed: Claimed, answer: Answer, raw: bytes | None, sender: Sender | None = None
) -> str:
    action, now = claimed.action, ctx.clock()
    if answer.step == "turn":
        return _let_wait(ctx, claimed, answer)
    with ctx.database.write() as conn:
        ours = outbox.settle(
            conn,
            action.id,
            claimed.token,
            kind="retry" if action.kind in NEVER_LOST and answer.kind == "rejected" else answer.kind,
            now=now,
            code=answer.code,
            text=answer.text,
            raw=raw,
            next_attempt_at=now + backoff(action.attempts, ctx.retrying) if _goes_on(action) else None,
            recipient_refused=_is_about_the_recipient(answer),
        )
        if sender is not None:
            outage.note_smtp(ctx, conn, sender, answer)
            if ours and is_unreachable(answer) and _goes_another_way(ctx, conn, action, sender):
                outbox.hurry(conn, action.id, now)
    if answer.kind != "sent" or not ours:
        log.warning("action %s: %s at %s (%s)", action.id, answer.kind, answer.step, answer.code)
    if not ours:
        return "lost"
    if is_unreachable(answer):
        return "unreachable"
    return {"rejected": "failed", "abandoned": "retry"}.get(answer.kind, answer.kind)


def _let_wait(ctx: Context, claimed: Claimed, answer: Answer) -> str:
    """Put an action back that had no turn: a short while, and no attempt is counted."""
    now, action = ctx.clock(), claimed.action
    with ctx.database.write() as conn:
        ours = outbox.settle(
            conn,
            action.id,
            claimed.token,
            kind="abandoned",
            now=now,
            text=answer.text,
            next_attempt_at=now + TURN,
        )
        if ours:
            outbox.uncount(conn, action.id)
    return "no-turn" if ours else "lost"


def _goes_another_way(ctx: Context, conn: Connection, action: Action, sender: Sender) -> bool:
    """Tell whether somebody else can send a notice whose sender cannot."""
    return action.kind == "notify" and sender_in(ctx, conn, action).address != sender.address


def _is_about_the_recipient(answer: Answer) -> bool:
    """Tell whether the server refused the address: by the status code if it gave one, else by its answer."""
    if answer.step != "rcpt":
        return False
    return answer.code in NO_MAIL_THERE if answer.status is None else answer.status in NO_SUCH_MAILBOX


def _goes_on(action: Action) -> bool:
    """Whether what did not succeed is tried again: what tells people for days, all else for hours."""
    return action.attempts < (NOTICE_ATTEMPTS if action.kind in NEVER_LOST else ATTEMPTS)


def _alert(ctx: Context, claimed: Claimed) -> Answer:
    action = claimed.action
    try:
        words = notice_words(ctx, action)
    except WordingError as error:
        return Answer("rejected", None, str(error), "message")
    if not _confirm(ctx, claimed):
        return Answer("abandoned", None, "the claim had run out", "data")
    return ctx.alerts.send(action.recipient or "", action.subject, words)


def _label(ctx: Context, claimed: Claimed) -> Answer:
    if _is_kept_close(ctx, claimed.action):
        return Answer("rejected", None, "it is not for labels", "message")
    try:
        kept = ctx.label(mailbox_of(ctx, claimed.action), claimed.action)
    except UnknownMailboxError as error:
        return Answer("rejected", None, str(error), "message")
    except MailError as error:
        return Answer("retry", None, error.words, "message")
    if kept:
        return Answer("sent", None, "", "message")
    return Answer("rejected", None, "the message is gone, or the server does not do that", "message")


def _is_kept_close(ctx: Context, action: Action) -> bool:
    """Tell whether a person has found meanwhile what no label may show."""
    with ctx.database.read() as conn:
        return action.case_id is not None and is_any_closely_kept(conn, action.case_id)
