"""A teacher's morning, end to end: mail by LMTP, the digest at the sink, and back into the inbox."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest

from tests.acceptance.school import CLOSED, OTHER_PARENT, a_mail, now
from triage.bootstrap import Service
from triage.duties.mornings import mornings
from triage.store.own_links import Verb, follow, read_link

LINK = re.compile(r"http://127\.0\.0\.1:0/digest/([\w-]+)/([\w-]+)")
HARM = "Jake has hurt himself."


@pytest.fixture
def school(start_worded):
    """A school of two mailboxes that is polled at noon, far from any midnight."""
    started = start_worded(count=2)
    at(started, noon())
    return started


def noon() -> datetime:
    return now().astimezone(UTC).replace(hour=12, minute=0)


def at(school, moment) -> Service:
    """Let the school's clock stand at a moment."""
    context = replace(school.service.context, clock=lambda: moment)
    school.service = Service(context, school.service.settings)
    return school.service


def morning(school, days: int = 1) -> None:
    """Begin another day: do the duties of its morning, twice, and send what they ask for."""
    service = at(school, noon().replace(hour=8) + timedelta(days=days))
    mornings(service.context)
    mornings(service.context)
    service.sweep()


def digests(school) -> list:
    sent = [message_from_bytes(one.raw, policy=policy.default) for one in school.sink.accepted]
    return [mail for mail in sent if str(mail["Subject"]).startswith("Your mail: ")]


def text_of(mail) -> str:
    return mail.get_body(("plain",)).get_content()


def test_each_teacher_finds_one_mail_about_what_came(school):
    school.deliver(a_mail("Which page is the reading on?", to=school.address()))
    school.deliver(a_mail("Thank you for the trip!", to=school.address(), sender=OTHER_PARENT))
    school.poll()
    morning(school)
    (digest,) = digests(school)
    assert digest["To"] == school.address()
    assert digest["Subject"] == "Your mail: 2 came, 2 need you"
    assert digest["Auto-Submitted"] == "auto-generated"  # A14
    assert [part.get_content_type() for part in digest.iter_parts()] == ["text/plain", "text/html"]
    assert "Sara Pole, about Jake Pole, 8B" in text_of(digest)
    assert "Tom Early" in text_of(digest)


def test_an_absence_is_with_the_office_already(school):
    school.deliver(a_mail(to=school.address()))
    school.poll()
    morning(school)
    (digest,) = digests(school)
    assert digest["Subject"] == "Your mail: 1 came, 0 need you"
    assert "absence, with the office" in text_of(digest)


def test_no_word_of_any_message_is_in_it(school):
    school.deliver(a_mail("A xylophone was lost.", to=school.address(), subject="The xylophone of Jake"))
    school.poll()
    morning(school)
    assert "xylophone" not in digests(school)[0].as_string().lower()


def test_a_disclosure_is_a_line_like_any_other(school):
    school.deliver(a_mail(HARM, to=school.address(0)), user=0)
    school.deliver(a_mail("Which page is it?", to=school.address(1)), user=1)
    school.poll()
    assert ("safeguarding", "safeguarding-lead", 8) in school.flags()
    morning(school)
    one, other = (LINK.sub("LINK", text_of(digest)) for digest in digests(school))
    assert one == other


def test_where_nothing_came_there_is_none(school):
    morning(school)
    assert digests(school) == []


def test_what_was_told_once_is_not_told_again(school):
    school.deliver(a_mail(to=school.address()))
    school.poll()
    morning(school)
    morning(school, days=2)
    assert len(digests(school)) == 1


def test_a_morning_that_was_missed_is_made_up_for_by_the_next(school):
    school.deliver(a_mail(to=school.address()))
    school.poll()
    at(school, noon() + timedelta(days=1))
    school.deliver(a_mail(to=school.address(), message_id="<second@home.example>"))
    school.poll()
    morning(school, days=2)
    assert digests(school)[0]["Subject"].startswith("Your mail: 1 came")


def test_on_a_day_off_there_is_none(start_school):
    school = start_school(hours=CLOSED)
    at(school, noon())
    school.deliver(a_mail(to=school.address()))
    school.poll()
    morning(school)
    assert digests(school) == []


def test_a_school_can_do_without(start_school):
    school = start_school(environ={"TRIAGE_DIGEST__ENABLED": "false"})
    at(school, noon())
    school.deliver(a_mail(to=school.address()))
    school.poll()
    morning(school)
    assert digests(school) == []


def test_our_digest_in_the_inbox_that_is_read_is_known_answered_by_nothing_and_not_counted(school):
    school.deliver(a_mail("Which page is it?", to=school.address()))
    school.poll()
    morning(school)
    (received,) = [one for one in school.sink.accepted if b"Subject: Your mail: " in one.raw]
    replies, flags = len(school.replies), school.flags()
    school.deliver(received.raw, mail_from=school.address())
    school.poll()
    assert (len(school.replies), school.flags()) == (replies, flags)
    assert school.states()["decided"] == 2
    morning(school, days=2)
    assert len(digests(school)) == 1


def test_its_links_do_what_they_say_on_behalf_of_the_mailboxs_owner(school):
    school.deliver(a_mail("Which page is it?", to=school.address()))
    school.poll()
    morning(school)
    found = dict(LINK.findall(text_of(digests(school)[0]).replace("\n", "")))
    assert set(found) == {"not-right", "raise"}
    with school.service.database.write() as conn:
        link = read_link(conn, Verb.RAISE, found["raise"], school.service.context.clock())
        follow(conn, link, now())
    assert school.flags() == [("raised-by-a-teacher", "head-of-year", 8)]


def test_a_line_that_is_with_a_colleague_has_the_links_of_any_other_line(school):
    school.deliver(a_mail("Jake is being bullied on the bus. Sara Pole", to=school.address()))
    school.poll()
    assert "head-of-year" in {route for _, route, _ in school.flags()}
    morning(school)
    text = text_of(digests(school)[0])
    assert "WITH A COLLEAGUE ALREADY (1)" in text
    assert {verb for verb, _ in LINK.findall(text.replace("\n", ""))} == {"not-right", "raise"}


def test_one_that_could_not_be_sent_all_day_is_not_sent_any_more(school):
    school.deliver(a_mail(to=school.address()))
    school.poll()
    service = at(school, noon().replace(hour=8) + timedelta(days=1))
    mornings(service.context)
    at(school, noon().replace(hour=20) + timedelta(days=1)).sweep()
    assert digests(school) == []
