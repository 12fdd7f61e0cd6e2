"""What a mailbox's owner has sent: its Message-IDs are kept as hashes, so that an answer is known as one.

It is read at each visit, before the inbox: so a parent who answers within the minute is known too. Nothing of
it may cost a message of the inbox. So it is bounded in time and number, and whatever goes wrong puts it off.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from triage.context import Context, Mailbox
from triage.mail.batches import chunks
from triage.mail.imap import MailboxSession, MailError, Selected, Stamp, Standing
from triage.store import sent
from triage.store.errors import StoreError
from triage.store.sent import SentFolder

FIRST_DAYS = timedelta(days=30)
"""How far back the first look goes: few answers come later, and those mostly name a letter in between too."""

AT_ONCE = 1000  # Message-IDs a visit
BATCH = 200  # Message-IDs a transaction
COMMAND_SECONDS = 10.0
LONGEST = timedelta(seconds=10)  # for all batches of a visit
KEPT = timedelta(days=400)
NOTED = timedelta(minutes=10)  # so often it is written down that nothing new was sent
PUT_OFF = timedelta(minutes=15)
LOOK_AGAIN = timedelta(hours=6)  # for a folder, where there was none


def read_sent(ctx: Context, mailbox: Mailbox, session: MailboxSession) -> str | None:
    """Keep the Message-IDs of what a mailbox's owner has sent since the last visit. Raises StoreError only.

    The folder is opened by EXAMINE, and of its messages three header fields are fetched; a copy of our own
    mail tells under which Message-ID the provider has sent it. Afterwards the session may have another folder
    open, or, when ``session.serves`` is False, be of no more use. Returns the sort of trouble that has put it
    off, None when there was none.
    """
    known = _known(ctx, mailbox)
    if known is None or _waits(known, ctx.clock()):
        return None
    try:
        with session.within(COMMAND_SECONDS):
            _read(ctx, mailbox, session, known)
    except MailError as error:
        # A folder that was renamed is looked for again; one that did not answer is still the right one.
        _put_off(ctx, mailbox, renamed=error.kind == "refused")
        return error.kind
    except StoreError:
        raise
    except Exception as error:  # noqa: BLE001 - a defect of ours must not cost a message of the inbox
        _put_off(ctx, mailbox, renamed=False)
        return type(error).__name__
    return None


def _known(ctx: Context, mailbox: Mailbox) -> SentFolder | None:
    """Return how far sent mail is read, from the start when the settings name another folder; None: never."""
    if mailbox.sent is None:
        return None
    with ctx.database.read() as conn:
        found = sent.sent_folder(conn, mailbox.address)
    if found is None or found.setting != mailbox.sent:
        return SentFolder(setting=mailbox.sent)
    return found


def _waits(known: SentFolder, now: datetime) -> bool:
    """Whether it was put off. A moment too far ahead was written by a wrong clock."""
    due = known.next_attempt_at
    return due is not None and now < due <= now + LOOK_AGAIN


def _read(ctx: Context, mailbox: Mailbox, session: MailboxSession, known: SentFolder) -> None:
    folder = known.folder or known.setting or session.sent_folder(ctx.reading.sent_names)
    now = ctx.clock()
    if folder is None:
        _save(ctx, mailbox, replace(known, next_attempt_at=now + LOOK_AGAIN))
        return
    met = replace(known, folder=folder, next_attempt_at=None)
    if _is_all_read(session, folder, known):
        _keep_new(ctx, mailbox, session, met, all_uids=[])
        return
    selected = session.select(folder)
    if _is_new(selected, known):
        met = replace(met, uidvalidity=selected.uidvalidity, high_water=_start(session, selected, now))
    _keep_new(ctx, mailbox, session, met, all_uids=_above(session, selected, met))


def _is_all_read(session: MailboxSession, folder: str, known: SentFolder) -> bool:
    """Tell by the folder's numbers alone that nothing was sent since; a new connection opens the folder."""
    if not session.was_kept or known.uidvalidity is None:
        return False
    return session.standing(folder) == Standing(known.uidvalidity, known.high_water + 1)


def _is_new(selected: Selected, known: SentFolder) -> bool:
    """Tell whether the folder's numbers mean nothing: never met, numbered anew, or restored from a backup."""
    return selected.uidvalidity != known.uidvalidity or selected.went_back(known.high_water)


def _start(session: MailboxSession, selected: Selected, now: datetime) -> int:
    return min(session.uids_since((now - FIRST_DAYS).date()), default=selected.uidnext) - 1


def _above(session: MailboxSession, selected: Selected, met: SentFolder) -> list[int]:
    return session.uids_above(met.high_water) if selected.uidnext > met.high_water + 1 else []


def _keep_new(
    ctx: Context, mailbox: Mailbox, session: MailboxSession, met: SentFolder, *, all_uids: list[int]
) -> None:
    """Keep what is new, batch by batch, as long as there is time; the rest is for the next visit."""
    last, started = met, ctx.clock()
    for uids in chunks(all_uids[:AT_ONCE], BATCH):
        if ctx.stopping() or ctx.clock() - started > LONGEST:
            break
        last = replace(last, high_water=uids[-1])
        _write(ctx, mailbox, last, list(session.stamps(uids)))
    done = not all_uids or last.high_water == all_uids[-1]
    if done and (all_uids or met.read_at is None or started - met.read_at > NOTED):
        _save(ctx, mailbox, replace(last, read_at=started))


def _write(ctx: Context, mailbox: Mailbox, folder: SentFolder, stamps: list[Stamp]) -> None:
    """Write one batch and how far it goes, and forget what is old, in one transaction."""
    now = ctx.clock()
    letters = {one.message_id: one.internaldate or now for one in stamps if _is_letter(one)}
    renamed = {f"<{one.mark}@{ctx.domain}>": one.message_id for one in stamps if one.mark and one.message_id}
    with ctx.database.write() as conn:
        sent.add_sent(conn, letters)
        sent.name_anew(conn, renamed)
        sent.save_sent_folder(conn, mailbox.address, folder)
        sent.forget_sent(conn, now - KEPT)


def _is_letter(stamp: Stamp) -> bool:
    """Tell whether a person sent it: some servers file copies of automatic replies, ours too."""
    return stamp.message_id.startswith("<") and not stamp.automatic and not stamp.mark


def _put_off(ctx: Context, mailbox: Mailbox, *, renamed: bool) -> None:
    known = _known(ctx, mailbox) or SentFolder()  # with what was written before the trouble
    folder = None if renamed else known.folder
    _save(ctx, mailbox, replace(known, folder=folder, next_attempt_at=ctx.clock() + PUT_OFF))


def _save(ctx: Context, mailbox: Mailbox, folder: SentFolder) -> None:
    with ctx.database.write() as conn:
        sent.save_sent_folder(conn, mailbox.address, folder)
