"""What staff have sent is known by its ids: whoever answers it opens nothing, and no inbox waits for it."""

import json
import logging
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

import triage.sent
from tests.acceptance.school import OTHER_PARENT, PARENT, a_mail, now
from tests.servers.imap_host import PASSWORD
from tests.servers.scripted_imap import LOGIN, SOUND, ScriptedImap
from triage.bootstrap import Service
from triage.mail.imap import MailboxSession, connect
from triage.store.sent import sent_folder
from triage.store.tables import sent_ids

LETTER = "<DB7PR01MB4242@DB7PR01MB4242.eurprd01.prod.outlook.example>"
"""As the providers of schools name letters: nothing in it shows the school."""

MATTER = "Jake is being bullied by some of the boys in his form, and he is very unhappy."
OPENED = ("sensitive-issue", "head-of-year", 8)


def a_letter(message_id=LETTER, more=b"") -> bytes:
    """A letter as a mail program files it among what was sent."""
    head = f"From: r.hale@oakfield.example\r\nTo: {PARENT}\r\nSubject: Jake\r\nMessage-ID: {message_id}\r\n"
    return head.encode() + more + b"\r\nHow is Jake?\r\n"


@pytest.fixture
def school(worded):
    """A school whose classifier finds a sensitive issue where the matter of these tests is told."""
    return worded


@pytest.fixture
def send(dovecot):
    """File a letter among what a mailbox of a school has sent."""

    def _send(school, message_id=LETTER, *, user=0, at=None, more=b"") -> int:
        raw = a_letter(message_id, more)
        return dovecot.append(school.users[user], raw, at, folder="Sent")

    return _send


def answer(school, message_id=LETTER, *, user=0, header="In-Reply-To", **more) -> None:
    """Deliver an answer of Jake's mother's."""
    mail = a_mail(MATTER, to=school.address(user), headers={header: message_id}, **more)
    school.deliver(mail, user=user, mail_from=more.get("sender", PARENT))


def kept(school) -> int:
    """How many Message-IDs are kept."""
    with school.service.database.read() as conn:
        return conn.execute(select(func.count()).select_from(sent_ids)).scalar_one()


def folder_of(school, user=0):
    with school.service.database.read() as conn:
        return sent_folder(conn, school.address(user))


# who answers staff


def test_an_answer_to_what_was_sent_does_not_open_a_sensitive_issue(school, send):
    send(school)
    answer(school)
    school.poll()
    assert (school.states(), school.flags(), school.replies) == ({"decided": 1}, [], [])


def test_the_same_message_that_answers_nothing_opens_it(school, send):
    send(school)
    answer(school, "<other@outlook.example>")
    school.poll()
    assert school.flags() == [OPENED]


def test_a_letter_further_back_in_the_thread_is_known_too(school, send):
    send(school)
    answer(school, f"{LETTER} <between@home.example>", header="References")
    school.poll()
    assert school.flags() == []


def test_an_answer_to_what_a_colleague_has_sent_is_known_in_every_mailbox(start_worded, send):
    school = start_worded(count=2)
    send(school, user=1)
    school.poll()
    answer(school, user=0)
    school.poll()
    assert school.flags() == []


def test_an_answer_that_came_before_the_next_visit_is_known(school, send):
    """Sent mail is read before the inbox: both are new at this visit."""
    school.poll()
    send(school)
    answer(school)
    school.poll()
    assert school.flags() == []


# what only looks like an answer


def test_a_guardian_who_answers_a_letter_that_was_never_seen_is_believed(school):
    school.poll()
    answer(school, "<letter@oakfield.example>")
    school.poll()
    assert school.flags() == []


def test_a_made_up_answer_to_the_school_buys_a_stranger_nothing(school):
    school.poll()
    answer(school, "<made-up@oakfield.example>", sender="gran@home.example", dmarc="none")
    school.poll()
    assert [topic for topic, _, _ in school.flags()] == ["sensitive-issue"]


def test_while_sent_mail_is_not_read_the_schools_domain_is_sign_enough(start_worded, dovecot):
    user = dovecot.new_user()
    mailbox = {"address": dovecot.address(user), "name": "Mr R. Hale", "username": user, "password": PASSWORD}
    school = start_worded(environ={"TRIAGE_MAILBOXES": json.dumps([mailbox | {"sent": "none"}])})
    school.users = [user]
    answer(school, "<letter@oakfield.example>", sender="gran@home.example", dmarc="none")
    school.poll()
    assert (school.flags(), folder_of(school)) == ([], None)


@pytest.mark.parametrize(
    "copy", [b"", b"Auto-Submitted: auto-replied\r\n"], ids=["by its id", "under another id"]
)
def test_a_copy_of_our_own_reply_among_what_was_sent_is_no_letter(school, send, copy):
    """Microsoft 365 files what is sent over SMTP among the sent items, and may name it anew."""
    school.deliver(a_mail(to=school.address()))
    school.poll()
    ours = school.replies[0].message["Message-ID"]
    send(school, ours if not copy else LETTER, more=copy)
    answer(school, ours if not copy else LETTER, sender=OTHER_PARENT, subject="Jake Pole")
    school.poll()
    assert "sensitive-issue" in [topic for topic, _, _ in school.flags()]


# how it is read


def test_i2_what_was_sent_is_left_as_it_was(school, send, dovecot):
    uid = send(school)
    before = dovecot.flags(school.users[0], uid, folder="Sent")
    school.poll()
    assert kept(school) == 1
    assert dovecot.flags(school.users[0], uid, folder="Sent") == before == frozenset()


def test_no_message_id_is_kept_as_text(school, send, database_url):
    send(school)
    school.poll()
    with school.service.database.read() as conn:
        (found,) = conn.execute(select(sent_ids.c.id_hash)).scalars()
    assert re.fullmatch("[0-9a-f]{64}", found)
    if database_url.startswith("sqlite"):
        files = [*Path(database_url.removeprefix("sqlite:///")).parent.glob("triage.db*")]
        assert files
        assert not any(b"DB7PR01MB4242" in file.read_bytes() for file in files)


def test_each_letter_is_read_once(school, send):
    send(school)
    school.poll()
    send(school, "<two@outlook.example>")
    school.poll()
    assert (kept(school), folder_of(school).high_water) == (2, 2)


def test_the_first_look_goes_back_a_month_and_no_further(start_worded, dovecot, send):
    school = start_worded()
    for days, message_id in ((40, "<old@outlook.example>"), (20, "<new@outlook.example>")):
        send(school, message_id, at=now() - timedelta(days=days))
    _forget(school)
    school.poll()
    assert kept(school) == 1


def test_after_a_changed_uidvalidity_old_and_new_letters_are_known(school, send, dovecot):
    send(school)
    school.poll()
    before = folder_of(school).uidvalidity
    with dovecot.session(school.users[0]) as imap:
        imap.delete("Sent")
        imap.create("Sent")
    send(school, "<two@outlook.example>")
    school.poll()
    assert folder_of(school).uidvalidity != before
    assert kept(school) == 2


def test_a_folder_that_counts_from_a_lower_number_is_read_again(school, send):
    """As after the server was restored: its UIDVALIDITY may stay."""
    send(school)
    school.poll()
    with school.service.database.write() as conn:
        folder = replace(folder_of(school), high_water=500)
        triage.sent.sent.save_sent_folder(conn, school.address(), folder)
    send(school, "<two@outlook.example>")
    school.poll()
    assert (kept(school), folder_of(school).high_water) == (2, 2)


def test_more_letters_than_one_visit_reads_are_read_at_the_next_ones(school, send, dovecot, monkeypatch):
    monkeypatch.setattr("triage.sent.AT_ONCE", 3)
    monkeypatch.setattr("triage.sent.BATCH", 2)
    raws = [a_letter(f"<{number}@outlook.example>") for number in range(7)]
    dovecot.append_all(school.users[0], raws, folder="Sent")
    counts = [(school.poll(), kept(school), folder_of(school).read_at is not None)[1:] for _ in range(3)]
    assert [count for count, _ in counts] == [3, 6, 7]


def test_letters_of_long_ago_are_forgotten(school, send):
    send(school, at=now() - timedelta(days=20))
    school.poll()
    send(school, "<two@outlook.example>")
    later = school.with_clock_ahead(triage.sent.KEPT - timedelta(days=10))
    later.poll(later.mailboxes[0])
    assert kept(school) == 1


def test_that_nothing_new_was_sent_is_written_down_only_now_and_then(school, send):
    school.poll()
    before = folder_of(school)
    school.poll()
    assert folder_of(school) == before
    later = school.with_clock_ahead(2 * triage.sent.NOTED)
    later.poll(later.mailboxes[0])
    assert folder_of(school).read_at > before.read_at


# which folder


def test_the_folder_of_the_settings_is_read_instead_of_the_one_that_is_found(start_worded, dovecot):
    user = dovecot.new_user()
    with dovecot.session(user) as imap:
        imap.create("Letters")
    dovecot.append(user, a_letter(), folder="Letters")
    mailbox = {"address": dovecot.address(user), "name": "Mr R. Hale", "username": user, "password": PASSWORD}
    school = start_worded(environ={"TRIAGE_MAILBOXES": json.dumps([mailbox | {"sent": "Letters"}])})
    school.users = [user]
    assert (folder_of(school).folder, kept(school)) == ("Letters", 1)


def test_when_the_settings_name_another_folder_it_is_read_from_its_start(school, send, dovecot):
    send(school)
    school.poll()
    with dovecot.session(school.users[0]) as imap:
        imap.create("Letters")
    dovecot.append(school.users[0], a_letter("<two@outlook.example>"), folder="Letters")
    (mailbox,) = school.service.mailboxes
    school.service.poll(replace(mailbox, sent="Letters"))
    assert (folder_of(school).folder, folder_of(school).setting, kept(school)) == ("Letters", "Letters", 2)


def test_a_folder_that_was_renamed_is_found_again(school, send, dovecot):
    send(school)
    school.poll()
    with dovecot.session(school.users[0]) as imap:
        imap.rename("Sent", "Sent Items")
    answer(school, "<other@outlook.example>")
    school.poll()
    assert school.states() == {"decided": 1}
    later = school.with_clock_ahead(triage.sent.PUT_OFF)
    later.poll(later.mailboxes[0])
    assert folder_of(school).folder in {"Sent", "Sent Items"}  # this server makes Sent anew
    assert folder_of(school).read_at is not None


# nothing of it costs a message of the inbox


EXAMINED = SOUND["EXAMINE"].replace(b"UIDNEXT 4", b"UIDNEXT 10")
LISTED = rb'* LIST (\Sent) "/" "Sent"' + b"\r\nTAG OK done\r\n"
DATE = '"05-Oct-2026 15:02:00 +0000"'


def _inbox_of(raw: bytes, *, listed=LISTED, sent=EXAMINED) -> ScriptedImap:
    """A server with one message in the inbox and a folder of sent mail that says what a test wants."""

    def fetch(line):
        size, body = f"RFC822.SIZE {len(raw)}", f"BODY[] {{{len(raw)}}}\r\n"
        first = f"* 1 FETCH (UID 9 INTERNALDATE {DATE} {size if b'RFC822.SIZE' in line else body}".encode()
        return first + (b"" if b"RFC822.SIZE" in line else raw) + b")\r\nTAG OK done\r\n"

    return ScriptedImap(
        LIST=listed,
        EXAMINE=lambda line: EXAMINED if b"INBOX" in line else sent,
        SEARCH=b"* SEARCH 9\r\nTAG OK done\r\n",
        FETCH=fetch,
    )


@pytest.mark.parametrize(
    "trouble",
    [
        {"sent": b""},
        {"sent": None},
        {"sent": b"TAG NO [UNAVAILABLE] not now\r\n"},
        {"sent": b"* nonsense (((\r\nTAG OK done\r\n"},
        {"listed": b""},
        {"listed": None},
        {"listed": b"TAG BAD what\r\n"},
    ],
    ids=["silent", "hangs up", "refused", "nonsense", "no list", "hangs up at the list", "refused list"],
)
def test_whatever_is_wrong_with_sent_mail_the_inbox_is_read_in_the_same_visit(school, monkeypatch, trouble):
    monkeypatch.setattr("triage.sent.COMMAND_SECONDS", 0.3)
    _forget(school)
    with _inbox_of(a_mail(to=school.address()), **trouble) as server:
        context = replace(school.service.context, connect=lambda _: connect(server.imap(timeout=30), LOGIN))
        service = Service(_meeting_from_the_start(context), school.service.settings)
        poll = service.poll(service.mailboxes[0])
    assert (poll.error, poll.decided) == (None, 1)


def test_sent_mail_that_cannot_be_read_is_left_alone_for_a_while(school, monkeypatch):
    asked = []
    monkeypatch.setattr("triage.sent.COMMAND_SECONDS", 0.3)
    monkeypatch.setattr(MailboxSession, "sent_folder", lambda *_: asked.append(1) or 1 / 0)
    _forget(school)
    school.poll()
    school.poll()
    assert len(asked) == 1
    later = school.with_clock_ahead(triage.sent.PUT_OFF)
    later.poll(later.mailboxes[0])
    assert len(asked) == 2


def test_a_defect_of_ours_costs_nothing_and_names_nobody(school, monkeypatch, caplog):
    monkeypatch.setattr(MailboxSession, "sent_folder", lambda *_: 1 / 0)
    _forget(school)
    school.deliver(a_mail(to=school.address()))
    with caplog.at_level(logging.WARNING):
        (poll,) = school.poll()
    assert poll.decided == 1
    assert "ZeroDivisionError" in caplog.text
    assert school.users[0] not in caplog.text


def test_without_a_folder_of_sent_mail_it_is_looked_for_only_now_and_then(school, monkeypatch):
    asked = []
    monkeypatch.setattr(MailboxSession, "sent_folder", lambda *_: asked.append(1))
    _forget(school)
    for _ in range(3):
        school.poll()
    later = school.with_clock_ahead(triage.sent.LOOK_AGAIN)
    later.poll(later.mailboxes[0])
    assert len(asked) == 2


def test_what_was_put_off_by_a_clock_far_ahead_is_read_all_the_same(school, send):
    send(school)
    with school.service.database.write() as conn:
        folder = replace(folder_of(school), next_attempt_at=datetime(2099, 1, 1, tzinfo=UTC))
        triage.sent.sent.save_sent_folder(conn, school.address(), folder)
    school.poll()
    assert kept(school) == 1


def _forget(school) -> None:
    """As if the mailbox's sent mail had never been looked for."""
    with school.service.database.write() as conn:
        triage.sent.sent.save_sent_folder(conn, school.address(), triage.sent.SentFolder())


def _meeting_from_the_start(context):
    return replace(context, reading=replace(context.reading, first_contact_days=30))
