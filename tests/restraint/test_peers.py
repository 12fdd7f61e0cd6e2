"""What the users of comparable programs suffered (rows 1 to 13): loops, bounces, and mail met twice."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.acceptance.school import ABSENCE, PARENT, a_mail, now
from tests.acceptance.test_faults import poll_often, troubled
from tests.fixed_words import by_words
from tests.labelled.labelled import load
from tests.restraint.bounces import DAEMON, a_bounce
from tests.restraint.running import (
    ABOUT_HEALTH,
    MY_SON,
    answered,
    generated,
    letter,
    reasons,
    sender_kinds,
    write,
)
from triage.bootstrap import Service
from triage.context import Retrying
from triage.mail.imap import MailError
from triage.store import intake, switches
from triage.store.tables import flag_events, flags
from triage.store.watched import Reading, watched

HARM = "Jake says he wants to kill himself tonight and he has taken tablets. Please help."
AWAY = "I am out of the office until Monday 2 November and do not read my email."


def caps(**lower: int) -> dict[str, str]:
    """The environment of a school with lower caps."""
    return {f"TRIAGE_REPLIES__CAPS__{name.upper()}": str(number) for name, number in lower.items()}


def deliver(school, sender: str, *, text: str = MY_SON, **how) -> None:
    """Deliver a letter by its own sender."""
    school.deliver(a_mail(text, to=school.address(), sender=sender, **how), mail_from=sender)


def every_flag(school) -> list[tuple]:
    """Every flag with all that is kept of it, and every event of every flag."""
    with school.service.database.read() as conn:
        rows = [tuple(row) for row in conn.execute(select(flags).order_by(flags.c.id))]
        return rows + [tuple(row) for row in conn.execute(select(flag_events).order_by(flag_events.c.id))]


# 1 and 2: loops


def test_peer_01_no_form_of_no_reply_is_answered(worded):
    forms = (
        "no-reply",
        "NoReply",
        "no_reply+17",
        "do-not-reply",
        "donotreply",
        "nicht-antworten",
        "peidiwch-ag-ateb",
    )
    for local in forms:
        deliver(worded, f"{local}@shop.example")
    worded.poll()
    assert (worded.states(), worded.replies) == ({"decided": len(forms)}, [])


def test_peer_01_a_subject_that_has_grown_by_answers_stops_the_loop(worded):
    grown = (
        "Auto: Auto: your message",
        "Auto: Re: Auto: Re: hello",
        "Re: Auto: Re: Auto: x",
        "Re: AW: Re: SV: hello",
    )
    for number, subject in enumerate(grown):
        deliver(worded, f"parent{number}@home.example", subject=subject)
    worded.poll()
    assert (worded.states(), worded.replies) == ({"decided": len(grown)}, [])


def test_peer_01_a_sender_has_so_many_replies_a_day_whatever_it_writes_about(start_worded):
    school = start_worded(environ=caps(sender_per_day=1))
    for text in (ABSENCE, ABOUT_HEALTH):
        deliver(school, PARENT, text=text)
        school.poll()
    assert reasons(school) == [None, "cap-sender"]


def test_peer_02_a_sender_that_changes_a_byte_of_its_address_meets_the_cap_of_its_domain(start_worded):
    school = start_worded(environ=caps(domain_per_hour=3))
    for number in range(6):
        deliver(school, f"loop{number}@home.example")
    school.poll()
    assert reasons(school) == [None] * 3 + ["cap-domain"] * 3


@pytest.mark.parametrize(
    ("cap", "held"),
    [("mailbox_per_hour", ["cap-mailbox"] * 3), ("school_per_hour", ["cap-school", "stopped", "stopped"])],
)
def test_peer_02_one_that_changes_its_domain_too_meets_the_cap_of_mailbox_and_school(start_worded, cap, held):
    school = start_worded(environ=caps(**{cap: 3}))
    for number in range(6):
        write(school, number)
    school.poll()
    assert reasons(school) == [None] * 3 + held
    assert school.states() == {"decided": 6}


# 3 to 5: bounces


def test_peer_03_a_bounce_and_the_bounce_of_a_bounce_are_the_end(start_worded):
    school = start_worded(environ={"TRIAGE_SMTP__ENVELOPE_FROM": "mailbox"})
    deliver(school, PARENT)
    school.poll()
    report = a_bounce(school.replies[0], to=school.address())
    for mail_from in ("", DAEMON):
        school.deliver(report, mail_from=mail_from)
        school.poll()
    deliver(school, PARENT, text=ABOUT_HEALTH)
    school.poll()
    assert (len(school.sink.received), school.withheld()[-1]) == (1, "suppressed")


def test_peer_03_an_address_that_is_refused_when_it_is_given_is_not_written_to_again(worded):
    worded.sink.behave(answers={"RCPT": "550 5.1.1 no such user"})
    deliver(worded, PARENT)
    worded.poll()
    worded.sink.behave()
    deliver(worded, PARENT, text=ABOUT_HEALTH)
    worded.poll()
    assert (worded.sink.steps, worded.withheld()[-1]) == ([], "suppressed")


CODES = ("5.7.129", "5.1.1", "4.4.7", "5.4.14", "2.0.0", "9.9.9", "unheard of", "")


def test_peer_04_a_bounce_is_never_answered_whatever_its_code_or_none(worded):
    write(worded, 1)
    worded.poll()
    for number, status in enumerate(CODES):
        report = a_bounce(worded.replies[0], to=worded.address(), status=status)
        worded.deliver(report, mail_from="" if number % 2 else DAEMON)
    worded.poll()
    assert worded.states() == {"decided": 1 + len(CODES)}
    assert len(worded.sink.received) == 1


def test_peer_05_a_notice_that_comes_back_makes_no_other_notice_and_no_reply(school):
    deliver(school, PARENT, text=HARM)
    school.poll()
    (notice,) = generated(school)
    for _ in range(4):
        school.deliver(a_bounce(notice, to=school.address()), mail_from="")
        school.poll()
    assert generated(school) == [notice]
    assert school.replies == []


def test_peer_05_our_own_notice_in_a_watched_mailbox_is_no_trigger(school):
    deliver(school, PARENT, text=HARM)
    school.poll()
    told, kept = generated(school), every_flag(school)
    school.deliver(told[0].raw, mail_from=school.address())
    school.poll()
    assert (generated(school), school.replies, every_flag(school)) == (told, [], kept)


def test_peer_05_meeting_the_schools_cap_stops_every_reply_and_alarms_once(start_worded):
    school = start_worded(environ=caps(school_per_hour=1))
    for number in range(4):
        write(school, number)
    school.poll()
    assert len(school.replies) == 1
    assert [one.recipient for one in generated(school)] == ["it@oakfield.example"]
    with school.service.database.read() as conn:
        assert switches.replies_stopped(conn).by == "breaker"


# 6 to 8: automatic mail and people's mail that looks like it


def test_peer_06_what_a_person_wrote_is_queued_though_its_program_asks_for_silence(worded):
    deliver(worded, PARENT, headers={"X-Auto-Response-Suppress": "All"})
    worded.poll()
    assert (worded.replies, sender_kinds(worded)) == ([], ["parent"])
    assert worded.flags() == [("absence", "office", 8)]


def test_peer_06_a_sign_of_harm_is_queued_even_where_a_machine_says_that_it_wrote(school):
    deliver(school, PARENT, text=HARM, headers={"Auto-Submitted": "auto-generated"})
    school.poll()
    assert (school.replies, sender_kinds(school)) == ([], ["automatic"])
    assert "safeguarding" in [topic for topic, _, _ in school.flags()]


def test_peer_07_absence_notes_without_any_marker_are_not_answered(school):
    unmarked = [one for one in load("machines-1") if one.note.startswith("out-of-office, English, no marker")]
    assert len(unmarked) >= 10
    for number, one in enumerate(unmarked):
        sender = f"parent{number}@home{number}.example"
        deliver(school, sender, text=one.message.text, subject=one.message.subject)
    school.poll()
    assert (school.states(), school.replies) == ({"decided": len(unmarked)}, [])


def test_peer_07_one_that_nothing_gives_away_is_answered_once_and_is_asked_for_silence(worded):
    for _ in range(3):
        deliver(worded, PARENT, text=ABOUT_HEALTH)
        worded.poll()
    (reply,) = worded.replies
    assert reply.message["X-Auto-Response-Suppress"] == "All"


@pytest.mark.parametrize(
    "how",
    [
        {"headers": {"Auto-Submitted": "auto-replied"}},
        {"headers": {"X-Autoreply": "yes"}},
        {"subject": "Automatic reply: your message to Oakfield School"},
    ],
    ids=["marked", "by another mark", "by its subject"],
)
def test_peer_08_an_automatic_answer_to_our_reply_changes_nothing_about_a_flag(worded, how):
    """Not even the year: whoever is away does not say which child a message was about."""
    worry = "Dear school, my son is being bullied. His mum"
    deliver(worded, "parent1@home.example", text=worry, subject="A worry")
    worded.poll()
    assert worded.flags() == [("sensitive-issue", "head-of-year", None)]
    before = every_flag(worded)
    answers = {"In-Reply-To": worded.replies[0].message["Message-ID"], **how.get("headers", {})}
    text = f"{AWAY} Ella Early, Year 10, has my number."
    deliver(worded, "parent1@home.example", text=text, **{**how, "headers": answers})
    worded.poll()
    assert sender_kinds(worded)[-1] == "automatic"
    assert (len(worded.replies), every_flag(worded)) == (1, before)


# 9: our own mail


def test_peer_09_our_own_reply_is_known_by_its_mark_and_by_its_id(worded):
    deliver(worded, PARENT)
    worded.poll()
    raw = worded.replies[0].raw
    for head in (b"X-School-Triage:", b"Message-ID:"):
        worded.deliver(raw.replace(head, b"X-Nothing:").replace(b"auto-replied", b"no"), mail_from=PARENT)
    worded.poll()
    assert (worded.states(), len(worded.replies)) == ({"decided": 3}, 1)
    assert len(worded.flags()) == 1


def test_peer_09_mail_of_the_mailbox_itself_and_of_staff_is_not_answered(start_worded):
    school = start_worded(count=2)
    for sender in (school.address(), school.address(1), "head@oakfield.example", "r.x@oakfield.example"):
        deliver(school, sender)
    school.poll()
    assert (school.states(), school.replies) == ({"decided": 4}, [])


# 10 to 13: what is new, what was skipped, and what was met before


def test_peer_10_mail_that_was_read_elsewhere_is_handled_all_the_same(worded, dovecot):
    deliver(worded, PARENT)
    with dovecot.session(worded.users[0], "INBOX") as imap:
        imap.store("1", "+FLAGS", "\\Seen")
    worded.poll()
    assert answered(worded) == [PARENT]


def test_peer_11_every_message_that_was_seen_is_decided_set_aside_or_gone(worded, dovecot):
    for number in range(4):
        write(worded, number)
    broken = replace(worded.service.context, classify=_broken_by("My son 2"))
    dovecot.expunge(worded.users[0], 4)
    (mailbox,) = worded.service.mailboxes
    poll = Service(broken, worded.service.settings).poll(mailbox)
    with worded.service.database.read() as conn:
        counted = intake.counts(conn, 1)
    assert (poll.seen, poll.handled, poll.left) == (3, 3, 0)
    assert (counted.seen, counted.decided, counted.quarantined, counted.unfinished) == (3, 2, 1, 0)
    assert ("could-not-be-read", "head-of-year", None) in worded.flags()


def test_peer_11_a_message_that_stays_a_gap_becomes_a_flag(worded):
    def breaks(_uids):
        raise MailError("broken", "the connection is lost")

    write(worded, 1)
    poll_often(troubled(worded, breaks), 8)
    assert worded.states() == {"quarantined": 1}
    assert worded.flags() == [("could-not-be-read", "head-of-year", None)]


def _broken_by(subject: str):
    def classify(message, _identity, *, answers_staff):
        if message.subject == subject:
            raise ValueError("a defect")
        return by_words()(message, _identity, answers_staff=answers_staff)

    return classify


def test_peer_12_after_an_outage_reading_goes_on_by_itself(worded):
    outage = iter([MailError("unreachable", "the server is down")] * 3)

    def connect(mailbox):
        for error in outage:
            raise error
        return worded.service.context.connect(mailbox)

    service = Service(replace(worded.service.context, connect=connect), worded.service.settings)
    write(worded, 1)
    statuses = []
    for number in range(5):
        ahead = replace(service.context, clock=lambda number=number: now() + number * 2 * Retrying().longest)
        statuses.append(Service(ahead, service.settings).poll(service.mailboxes[0]).status)
    assert statuses == ["failed"] * 3 + ["polled"] * 2
    assert worded.states() == {"decided": 1}


def test_peer_12_a_mailbox_that_fails_is_not_hammered_and_stands_first_on_the_service_page(worded):
    def connect(_mailbox):
        raise MailError("unreachable", "the server is down")

    service = Service(replace(worded.service.context, connect=connect), worded.service.settings)
    (mailbox,) = service.mailboxes
    assert [service.poll(mailbox).status for _ in range(3)] == ["failed", "backing-off", "backing-off"]
    assert reading(worded, now()) is Reading.FAILING


def test_peer_12_a_mailbox_whose_last_success_is_hours_ago_is_told(worded):
    assert reading(worded, now()) is Reading.READ
    assert reading(worded, now() + timedelta(hours=3)) is Reading.LATE


def reading(school, moment) -> Reading:
    """How the one mailbox of a school is said to be read at a moment."""
    with school.service.database.read() as conn:
        return watched(conn, [school.address()], moment)[0].reading


def test_peer_13_after_a_changed_uidvalidity_nothing_is_decided_or_answered_again(worded, dovecot):
    deliver(worded, PARENT)
    worded.poll()
    dovecot.renumber(worded.users[0])
    worded.poll()
    assert worded.states() == {"decided": 1, "known": 1}
    assert len(worded.replies) == 1


def test_peer_13_mail_met_first_in_a_resync_is_flagged_and_never_answered(worded, dovecot):
    deliver(worded, PARENT)
    dovecot.renumber(worded.users[0])
    worded.poll()
    assert (worded.flags(), worded.replies) == ([("absence", "office", 8)], [])


def test_peer_13_a_message_without_an_id_is_known_again_by_its_content(worded, dovecot):
    worded.deliver(letter({"To": worded.address()}, return_path=None), mail_from=PARENT)
    worded.poll()
    dovecot.renumber(worded.users[0])
    worded.poll()
    assert worded.states() == {"decided": 1, "known": 1}
