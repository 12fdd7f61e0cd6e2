"""A matter that is under discussion is not raised again, and a new one always is."""

import pytest
from sqlalchemy import select

from tests.acceptance.school import a_mail, now
from tests.store.builders import close_flag
from triage.domain.resolutions import Resolution
from triage.store.tables import decisions

MATTER = "Jake is being bullied by some of the boys in his form, and he is very unhappy."
AGAIN = "Jake is still being bullied by those boys, every day on the bus."
OPENED = ("sensitive-issue", "head-of-year", 8)


@pytest.fixture
def write(worded):
    """Deliver a message of Jake's mother's, and poll."""

    def _write(text, **more) -> None:
        worded.deliver(a_mail(text, to=worded.address(), **more))
        worded.poll()

    return _write


@pytest.fixture
def close(worded):
    """Close the first flag for a reason."""

    def _close(reason: Resolution) -> None:
        with worded.service.database.write() as conn:
            close_flag(conn, 1, reason, now=now())

    return _close


def test_a_second_message_on_a_matter_that_waits_raises_no_second_flag(worded, write):
    write(MATTER)
    write(AGAIN)
    assert (worded.states(), worded.flags()) == ({"decided": 2}, [OPENED])


def test_a_second_message_on_a_matter_that_was_talked_about_raises_none(worded, write, close):
    write(MATTER)
    close(Resolution.BY_TELEPHONE)
    write(AGAIN)
    assert worded.flags() == [OPENED]


def test_a_matter_about_which_nobody_has_talked_is_raised_again(worded, write, close):
    write(MATTER)
    close(Resolution.NOTHING_TO_DO)
    write(AGAIN)
    assert worded.flags() == [OPENED, OPENED]


def test_safeguarding_is_always_raised(worded, write):
    write(MATTER)
    write("Jake is still being bullied, and has hurt himself.")
    assert "safeguarding" in [topic for topic, _, _ in worded.flags()]


def test_the_copies_of_a_message_in_two_mailboxes_are_decided_alike(start_worded):
    school = start_worded(count=2)
    mail = a_mail(MATTER, to=f"{school.address(0)}, {school.address(1)}", message_id="<one@home.example>")
    for user in (0, 1):
        school.deliver(mail, user=user)
    school.poll()
    with school.service.database.read() as conn:
        first, second = conn.execute(select(decisions.c.topics)).scalars()
    assert (first, school.flags()) == (second, [OPENED])
