"""V1 to V8: what RFC 5230 and 6131 ask of a vacation answer, as far as a school's replies are one."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from tests.acceptance.school import ABSENCE, CLOSED, PARENT, a_mail, now
from tests.restraint.running import ABOUT_HEALTH, Clocked, answered, letter, reasons, words_of, write
from triage.context import Answering
from triage.domain.policy import PolicyError, parse_policy
from triage.resources import resource
from triage.settings import SettingsError, load_settings
from triage.store import restraint
from triage.store.actions import add_action, read_action
from triage.store.outbox import NewAction

THANKS = "Thank you for a lovely concert. Sara Pole"
DAY = timedelta(days=1)
PRIVATE, ABSENT, SHUT = "in person or by telephone", "01632 960 002", "The school is closed"


def answering(start_school, **environ: str) -> Answering:
    """How the service answers under an environment."""
    return start_school(environ=environ).service.context.answering


def window(start_school, days: str) -> timedelta:
    """For how long a part stays said, as the service holds it."""
    return answering(start_school, TRIAGE_REPLIES__WINDOW_DAYS=days).windows["private"]


@pytest.mark.parametrize(
    ("said", "days"), [("-3", 1), ("0", 1), ("1", 1), ("30", 30), ("31", 30), ("365", 30)]
)
def test_v1_a_window_outside_of_one_to_thirty_days_is_clamped_and_not_refused(said, days):
    settings = load_settings(None, {"TRIAGE_SETTINGS": str(SHIPPED), "TRIAGE_REPLIES__WINDOW_DAYS": said})
    assert settings.replies.window_days == days


SHIPPED = resource("settings.toml")


def test_v1_the_window_is_seven_days_where_nothing_is_said_and_is_what_the_service_goes_by(start_school):
    text = SHIPPED.read_text("utf-8")
    assert "window_days = 7" in text
    assert type(load_settings(SHIPPED, {}).replies).model_fields["window_days"].default == 7
    assert window(start_school, "30") == timedelta(days=30)


def test_v1_a_school_that_has_set_two_days_says_the_same_again_after_two(start_worded):
    school = start_worded(environ={"TRIAGE_REPLIES__WINDOW_DAYS": "2"})
    clock = Clocked(school, now() - timedelta(days=9))
    for hours in (0, 47, 2):
        clock.later(hours=hours)
        clock.arrive(ABOUT_HEALTH)
    assert reasons(school) == [None, "already-answered", None]


def test_v2_out_of_hours_and_then_an_absence_are_both_answered(start_worded):
    school = start_worded(hours=CLOSED)
    for text in (THANKS, ABSENCE):
        school.deliver(a_mail(text, to=school.address()))
        school.poll()
    first, second = map(words_of, school.replies)
    assert (SHUT in first, ABSENT in first) == (True, False)
    assert (SHUT in second, ABSENT in second) == (False, True)


def test_v3_another_subject_and_another_hour_make_no_other_reply(start_worded):
    """The ledger knows a part by its name; the opening that is filled in to it changes from day to day."""
    school = start_worded(hours="08:00-08:30")
    clock = Clocked(school, now().replace(hour=20) - timedelta(days=9))
    for day in range(3):
        clock.arrive(THANKS, Subject=f"Day {day}")
        clock.later(days=1)
    assert SHUT in words_of(school.replies[0])
    assert reasons(school) == [None, "already-answered", "already-answered"]


def test_v4_a_thousand_and_one_senders_are_all_remembered(worded):
    first, last, unknown = (f"parent{number}@home{number}.example" for number in (0, 1000, 1001))
    with worded.service.database.write() as conn:
        for number in range(1001):
            _was_told(conn, worded, f"parent{number}@home{number}.example")
    for number in (0, 1000, 1001):
        write(worded, number)
    worded.poll()
    assert answered(worded) == [unknown]
    assert len({first, last, unknown}) == 3
    assert reasons(worded)[-3:] == ["already-answered", "already-answered", None]


def _was_told(conn, school, sender: str) -> None:
    """Enter into the ledger that a sender was told about absences a moment ago."""
    new = NewAction("reply", sender, None, sender, ("greeting", "absence", "help"), not_before=now() + DAY)
    action = read_action(conn, add_action(conn, school.service.database.keyring, None, new, now()))
    restraint.enter(conn, action, action.parts, now())


def test_v5_a_plain_name_is_not_encoded_and_a_message_without_a_subject_is_answered_under_ours(worded):
    worded.deliver(letter({"To": worded.address()}, return_path=None), mail_from=PARENT)
    worded.poll()
    head = worded.replies[0].raw.partition(b"\r\n\r\n")[0]
    assert b"Subject: Auto: your message to Oakfield School" in head
    assert b"=?" not in head


def test_v5_a_name_beyond_ascii_is_encoded(start_worded):
    school = start_worded(environ={"TRIAGE_SCHOOL__NAME": "Ysgol y Tŵr"})
    write(school, 1)
    school.poll()
    head = school.replies[0].raw.partition(b"\r\n\r\n")[0]
    assert head.isascii()
    assert b"=?utf-8?" in head


def test_v6_a_message_of_several_topics_has_one_reply_of_several_parts(worded):
    worded.deliver(a_mail(f"{ABSENCE} He has been sick.", to=worded.address()))
    worded.poll()
    (reply,) = worded.replies
    assert (ABSENT in words_of(reply), PRIVATE in words_of(reply)) == (True, True)


SHORTER = {
    "half a day": {"TRIAGE_REPLIES__WINDOW_DAYS": "0.5"},
    "hours": {"TRIAGE_REPLIES__WINDOW_HOURS": "1"},
    "seconds": {"TRIAGE_REPLIES__WINDOW_SECONDS": "1"},
}


@pytest.mark.parametrize("environ", SHORTER.values(), ids=SHORTER)
def test_v7_nothing_below_a_day_can_be_set_by_anybody(environ: Mapping[str, str]):
    """RFC 6131 asks for an administrator's permission; there is none to give."""
    with pytest.raises(SettingsError):
        load_settings(None, {"TRIAGE_SETTINGS": str(SHIPPED), **environ})


def test_v7_a_daily_part_is_said_once_a_day_and_no_part_more_often(start_school):
    windows = answering(start_school, TRIAGE_REPLIES__WINDOW_DAYS="0").windows
    assert set(windows.values()) == {DAY}


def test_v8_a_policy_cannot_reject_a_message():
    text = resource("policy.toml").read_text("utf-8")
    parts = {path.stem for path in (resource("templates") / "replies" / "en").glob("*.txt")}
    assert parse_policy(text, parts)
    with pytest.raises(PolicyError, match=r"\[offensive\], reject"):
        parse_policy(text.replace("[offensive]\n", "[offensive]\nreject = true\n"), parts)


def test_v8_what_is_not_answered_is_not_refused_either(worded):
    """Whatever is written, nothing but a reply goes to its sender: no report, no refusal."""
    write(worded, 1, Precedence="bulk")
    worded.deliver(a_mail(to=worded.address(), dmarc="fail"))
    worded.poll()
    assert (worded.states(), worded.sink.received) == ({"decided": 2}, [])
