"""What the users of comparable programs suffered (rows 14 to 25 and what stands below them)."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.acceptance.school import CLOSED, OTHER_PARENT, PARENT, a_mail, now
from tests.acceptance.test_faults import Troubled, poll_often, troubled
from tests.restraint.running import MY_SON, Clocked, answered, letter, words_of, write
from tests.servers.imap_host import PASSWORD
from triage.bootstrap import Service
from triage.mail.imap import MailError
from triage.message.wording import Wording, WordingError
from triage.store.outbox import NewAction, add_action
from triage.store.watched import Reading, watched
from triage.visit import TOGETHER

LONDON = ZoneInfo("Europe/London")
SHUT = "The school is closed"
WEEK = {"TRIAGE_HOURS__SATURDAY": "", "TRIAGE_HOURS__SUNDAY": ""}
AUTUMN = [{"first": "2024-09-03", "last": "2024-10-25"}, {"first": "2024-11-04", "last": "2024-12-20"}]
THANKS = "Thank you for a lovely concert. Sara Pole"


# 14 to 17: large mail, bad mail


class Counting(Troubled):
    """A session that writes down which messages were fetched whole."""

    def __init__(self, session, fetched: list[int]) -> None:
        super().__init__(session, fetched.extend)


def test_peer_14_only_the_bodies_of_new_messages_are_fetched(worded):
    fetched: list[int] = []
    context = worded.service.context
    counting = replace(context, connect=lambda mailbox: Counting(context.connect(mailbox), fetched))
    service = Service(counting, worded.service.settings)
    for number in range(3):
        write(worded, number)
        service.poll(service.mailboxes[0])
        service.poll(service.mailboxes[0])
    assert fetched == [1, 2, 3]


def test_peer_15_a_message_that_kills_the_reader_is_tried_so_often_and_then_set_aside(worded):
    write(worded, 1)
    killed = replace(worded.service.context, classify=_killed)
    for _ in range(TOGETHER + killed.reading.attempts):
        with pytest.raises(KeyboardInterrupt):
            Service(killed, worded.service.settings).poll(worded.service.mailboxes[0])
    write(worded, 2)
    worded.poll()
    assert worded.states() == {"quarantined": 1, "decided": 1}
    assert ("could-not-be-read", "head-of-year", None) in worded.flags()


def test_peer_15_one_that_breaks_the_connection_takes_no_other_with_it(worded):
    def breaks(uids):
        if 1 in uids:
            raise MailError("broken", "the connection is lost")

    for number in range(4):
        write(worded, number)
    poll_often(troubled(worded, breaks), 8)
    assert worded.states() == {"quarantined": 1, "decided": 3}


def test_peer_16_one_bad_message_does_not_hold_up_the_next(worded):
    write(worded, 1)
    broken = replace(worded.service.context, classify=_broken)
    Service(broken, worded.service.settings).poll(worded.service.mailboxes[0])
    second = write(worded, 2)
    worded.poll()
    assert worded.states() == {"quarantined": 1, "decided": 1}
    assert answered(worded) == [second]


def test_peer_17_a_letter_with_very_many_attachments_is_decided_by_its_words(worded):
    boundary = b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b0"\r\n\r\n'
    picture = b"--b0\r\nContent-Type: image/jpeg\r\n\r\n" + b"x" * 200 + b"\r\n"
    words = b"--b0\r\nContent-Type: text/plain\r\n\r\n" + MY_SON.encode() + b"\r\n"
    head = f"From: {PARENT}\r\nTo: {worded.address()}\r\nSubject: Pictures\r\n".encode()
    worded.deliver(head + boundary + words + picture * 2_000 + b"--b0--\r\n")
    worded.poll()
    assert answered(worded) == [PARENT]


def test_peer_17_of_a_huge_message_the_beginning_is_read_and_a_person_is_told(start_worded):
    school = start_worded(environ={"TRIAGE_IMAP__MAX_MESSAGE_BYTES": "65536"})
    write(school, 1, text=MY_SON + " x" * 100_000)
    school.poll()
    assert {"too-large", "absence"} <= {topic for topic, _, _ in school.flags()}


def _killed(_message, _identity, *, answers_staff):
    raise KeyboardInterrupt


def _broken(_message, _identity, *, answers_staff):
    raise ValueError("a defect")


# 18 to 21: logins, threads, and mail that is put back


def test_peer_18_a_login_that_is_refused_is_told_at_the_first_failure(start_worded, dovecot):
    user = dovecot.new_user()
    mailbox = {"address": dovecot.address(user), "name": "Mr R. Hale", "username": user, "password": "wrong"}
    school = start_worded(environ={"TRIAGE_MAILBOXES": json.dumps([mailbox])})
    with school.service.database.read() as conn:
        (told,) = watched(conn, [dovecot.address(user)], now())
    assert (told.reading, told.failures) == (Reading.FAILING, 1)
    assert "check the username and the password" in told.last_error


def test_peer_19_a_session_that_dies_in_the_middle_is_taken_up_where_it_ended(start_worded):
    worded = start_worded(environ={"TRIAGE_REPLIES__NOT_AFTER_MINUTES": "600"})
    write(worded, 1)
    worded.poll()
    lost = iter([MailError("broken", "the session is dead")])

    def dies(_uids):
        for error in lost:
            raise error

    for number in (2, 3):
        write(worded, number)
    poll_often(troubled(worded, dies), 2)
    worded.with_clock_ahead(timedelta(hours=2)).sweep()
    assert worded.states() == {"decided": 3}
    assert answered(worded) == [f"parent{number}@home{number}.example" for number in (1, 2, 3)]


def test_peer_20_an_answer_joins_a_case_by_our_exact_id_and_from_the_same_sender_alone(worded):
    worded.deliver(a_mail(to=worded.address()))
    worded.poll()
    ours = worded.replies[0].message["Message-ID"]
    guessed = "<1@oakfield.example>"
    for sender, message_id in ((OTHER_PARENT, ours), (PARENT, guessed), (PARENT, ours)):
        raw = a_mail("Ella, 10A", to=worded.address(), sender=sender, headers={"In-Reply-To": message_id})
        worded.deliver(raw, mail_from=sender)
    worded.poll()
    assert [why == "answers-our-reply" for why in worded.withheld()] == [False, False, False, True]


def test_peer_20_our_ids_cannot_be_guessed(start_worded):
    school = start_worded()
    for number in range(20):
        write(school, number)
    school.poll()
    ids = [reply.message["Message-ID"].partition("@")[0] for reply in school.replies]
    assert len(set(ids)) == 20
    assert all(len(one) == 41 and set(one[1:]) <= set("0123456789abcdef") for one in ids)


def test_peer_21_a_message_that_is_taken_out_and_put_back_is_not_answered_again(worded, dovecot):
    raw = letter({"To": worded.address(), "Message-ID": "<one@home.example>"})
    for _ in range(2):
        dovecot.append(worded.users[0], raw, now())
        worded.poll()
        dovecot.expunge(worded.users[0], len(worded.withheld()))
    assert worded.states() == {"decided": 2}
    assert (len(worded.replies), len(worded.flags())) == (1, 1)


# 22 and 23: the calendar


@pytest.fixture
def in_term(start_worded):
    """Open 8:00 to 17:00 on weekdays of two terms with a half-term between, and one INSET day."""
    environ = {
        "TRIAGE_TERMS": json.dumps(AUTUMN),
        "TRIAGE_CALENDAR__INSET_DAYS": '["2024-11-04"]',
        **WEEK,
    }
    return start_worded(hours="08:00-17:00", environ=environ)


def at(*when: int) -> datetime:
    """A moment by the school's clock."""
    return datetime(*when, tzinfo=LONDON)


ENDS = [
    (at(2024, 10, 25, 16, 59, 59), False),
    (at(2024, 10, 25, 17, 0, 0), True),
    (at(2024, 10, 30, 10, 0, 0), True),
    (at(2024, 11, 4, 10, 0, 0), True),
    (at(2024, 11, 5, 7, 59, 59), True),
    (at(2024, 11, 5, 8, 0, 0), False),
]
"""Of 2024, because Dovecot takes no date that is still to come."""


def closed_at(school, moments) -> list[bool]:
    """Whether the notice that the school is closed goes out to a letter at each moment."""
    told = []
    for number, moment in enumerate(moments):
        before = len(school.replies)
        Clocked(school, moment).arrive(THANKS, sender=f"parent{number}@home.example")
        told.append(any(SHUT in words_of(reply) for reply in school.replies[before:]))
    return told


def test_peer_22_the_notice_that_the_school_is_closed_begins_and_ends_with_the_second(in_term):
    assert closed_at(in_term, [moment for moment, _ in ENDS]) == [shut for _, shut in ENDS]


def test_peer_22_the_notice_names_the_day_after_half_term_and_the_inset_day(in_term):
    Clocked(in_term, at(2024, 10, 26, 12)).arrive(THANKS)
    assert "Tuesday 5 November" in words_of(in_term.replies[0])


CHANGES = [
    (datetime(2024, 10, 26, 6, 59, 59, tzinfo=UTC), True),
    (datetime(2024, 10, 26, 7, 0, 0, tzinfo=UTC), False),
    (datetime(2024, 10, 27, 7, 59, 59, tzinfo=UTC), True),
    (datetime(2024, 10, 27, 8, 0, 0, tzinfo=UTC), False),
    (datetime(2024, 3, 30, 7, 59, 59, tzinfo=UTC), True),
    (datetime(2024, 3, 30, 8, 0, 0, tzinfo=UTC), False),
    (datetime(2024, 3, 31, 6, 59, 59, tzinfo=UTC), True),
    (datetime(2024, 3, 31, 7, 0, 0, tzinfo=UTC), False),
]


def test_peer_23_the_school_opens_by_its_own_clock_on_both_sundays_of_the_change(start_worded):
    school = start_worded(hours="08:00-17:00")
    assert closed_at(school, [moment for moment, _ in CHANGES]) == [shut for _, shut in CHANGES]


def test_peer_23_hours_over_midnight_are_taken_and_kept(start_worded):
    school = start_worded(hours="20:00-06:00")
    moments = [at(2024, 10, 16, hour) for hour in (19, 20, 23)] + [at(2024, 10, 17, hour) for hour in (5, 6)]
    assert closed_at(school, moments) == [True, False, False, False, True]


# 24: what is stored is what is sent


def test_peer_24_a_reply_whose_words_lack_a_value_is_not_sent_and_is_told(worded):
    worded.deliver(a_mail(to=worded.address()))
    (mailbox,) = worded.service.mailboxes
    worded.service.poll(mailbox)
    bare = NewAction("reply", "bare", 1, "tom@home.example", ("greeting", "absence", "help"))
    database = worded.service.database
    with database.write() as conn:
        add_action(conn, database.keyring, None, bare, now())
    worded.service.sweep()
    assert answered(worded) == [PARENT]
    assert worded.tally() == {"sent": 1, "failed": 1}


def test_peer_24_empty_words_are_refused_at_the_start_and_never_sent(worded):
    (worded.folder / "templates" / "replies" / "en" / "absence.txt").write_text("  \n")
    with pytest.raises(WordingError, match=r"absence.* is empty"):
        Wording(worded.folder / "templates")


# what stands below the table


SPAM = (
    ("X-Spam-Flag", "YES"),
    ("X-Spam-Status", "Yes, score=12.4 required=5.0"),
    ("X-MS-Exchange-Organization-SCL", "9"),
    ("X-Forefront-Antispam-Report", "CIP:192.0.2.1;CTRY:GB;SCL:5;SFV:SPM;DIR:INB;"),
)


def test_also_spam_what_the_schools_filter_calls_spam_is_not_answered_and_still_read(worded):
    for number, (name, value) in enumerate(SPAM):
        write(worded, number, **{name: value})
    worded.poll()
    assert (worded.withheld(), worded.replies) == (["spam-mark"] * len(SPAM), [])
    assert worded.flags() == [("absence", "office", None)] * len(SPAM)


@pytest.mark.parametrize(
    "written", ["Thu, 1 Jan 1970 00:00:00 +0000", "Wed, 14 Oct 2099 10:00:00 +0100", "soon"]
)
def test_also_date_hours_go_by_the_time_of_arrival_whatever_the_date_says(start_worded, written):
    school = start_worded(hours="08:00-17:00")
    clock = Clocked(school, at(2024, 10, 16, 21, 40))
    clock.arrive(THANKS, Date=written)
    assert SHUT in words_of(school.replies[0])


def test_also_date_a_missing_one_holds_nothing_up(start_worded):
    school = start_worded(hours=CLOSED)
    school.deliver(letter({"To": school.address()}, text=THANKS, return_path=None))
    school.poll()
    assert SHUT in words_of(school.replies[0])


def test_also_first_contact_the_first_sight_of_a_full_mailbox_answers_nobody(start_worded, dovecot):
    user = dovecot.new_user()
    raws = [letter({"To": dovecot.address(user), "Message-ID": f"<{n}@home.example>"}) for n in range(30)]
    dovecot.append_all(user, raws, now())
    mailbox = {"address": dovecot.address(user), "name": "Mr R. Hale", "username": user, "password": PASSWORD}
    environ = {"TRIAGE_MAILBOXES": json.dumps([mailbox]), "TRIAGE_IMAP__FIRST_CONTACT_DAYS": "90"}
    school = start_worded(environ=environ)
    assert (school.states(), school.withheld()) == ({"decided": 30}, ["resync"] * 30)
    assert school.replies == []
