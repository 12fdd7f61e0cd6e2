"""``triage check --mailbox``: a mailbox tried from end to end, and nothing left behind."""

import json

import pytest

from tests.acceptance.school import a_mail
from tests.servers.imap_host import PASSWORD
from triage.check import trial

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # none is used

GATEWAY = b"Authentication-Results: mx.oakfield.example; dkim=pass header.d=oakfield.example; dmarc=pass\r\n"


@pytest.fixture
def on_its_way(school):
    """Let each message that the sink takes come into the mailbox, as the school's gateway would bring it."""

    def bring(_seconds, stamp=GATEWAY) -> None:
        for one in school.sink.accepted:
            school.dovecot.deliver(school.users[0], stamp + one.raw, mail_from=one.mail_from.strip("<>"))
        school.sink.received.clear()

    return bring


def attempt(school, wait, address=None, **environ):
    """Try the school's mailbox; return the lines by their names."""
    given = None, {**school.variables(), **environ}, _now(school), address or school.address()
    return {line.name: line for line in trial(*given, wait)}


def _now(school):
    return school.service.context.clock()


def subjects(school, folder="INBOX") -> list[bytes]:
    with school.service.context.connect(school.service.mailboxes[0]) as session:
        session.select(folder)
        return [one.raw for one in session.fetch(session.uids_above(0), 100_000)]


def test_each_step_is_told_in_turn_and_the_message_is_gone_again(school, on_its_way):
    lines = attempt(school, on_its_way)
    assert list(lines) == ["sign in", "read", "send", "arrive", "return-path", "dmarc", "clean up"]
    assert {line.ok for line in lines.values()} == {"ok"}
    assert subjects(school) == []


def test_what_lies_there_already_and_what_comes_meanwhile_is_left_alone(school, on_its_way):
    school.deliver(a_mail(to=school.address()))

    def meanwhile(seconds) -> None:
        school.deliver(a_mail(to=school.address(), subject="another"))
        on_its_way(seconds)

    attempt(school, meanwhile)
    assert len(subjects(school)) == 2


def test_the_message_is_labelled_where_labels_are_on(school, on_its_way):
    assert attempt(school, on_its_way, TRIAGE_LABELS__ENABLED="true")["label"].words == "marked, by keywords"


def test_a_copy_that_the_server_has_filed_among_sent_mail_is_taken_away_too(school, on_its_way):
    def with_a_copy(seconds) -> None:
        for one in school.sink.accepted:
            school.dovecot.append(school.users[0], one.raw, folder="Sent")
        on_its_way(seconds)

    lines = attempt(school, with_a_copy)
    assert (lines["arrive"].words, subjects(school, "Sent")) == ("in INBOX", [])


def test_a_message_that_is_refused_is_told_and_waited_for_by_nobody(school):
    school.sink.behave(answers={"DOT": "554 5.7.1 no"})
    lines = attempt(school, pytest.fail)
    assert (list(lines)[-1], lines["send"].ok) == ("send", "fail")


def test_a_message_that_does_not_come_is_told(school):
    lines = attempt(school, lambda _seconds: None)
    assert (list(lines)[-1], lines["arrive"].ok) == ("arrive", "fail")


def test_a_login_that_is_refused_is_the_only_line(school):
    [box] = json.loads(school.variables()["TRIAGE_MAILBOXES"])
    lines = attempt(school, pytest.fail, TRIAGE_MAILBOXES=json.dumps([box | {"password": "marker"}]))
    assert [(name, line.ok) for name, line in lines.items()] == [("sign in", "fail")]
    assert "marker" not in lines["sign in"].words


def test_a_mailbox_that_the_settings_do_not_name_is_not_tried(school):
    assert attempt(school, pytest.fail, "nobody@oakfield.example")["mailbox"].ok == "fail"


def test_the_service_beside_it_answers_nothing(school, on_its_way):
    def meanwhile(seconds) -> None:
        on_its_way(seconds)
        school.poll()

    attempt(school, meanwhile)
    assert (school.replies, school.flags()) == ([], [])


@pytest.mark.parametrize(("provider", "marks"), [("microsoft", "none"), ("google", "gmail")])
def test_mailboxes_as_the_large_providers_have_them_are_tried_and_left_as_they_were(
    request, school, provider, marks
):
    host = request.getfixturevalue(provider)
    user = host.new_user()
    school.sink.behave(**host.submission())
    box = {"address": host.address(user), "name": "x", "username": user, "password": PASSWORD}
    settings = {
        "TRIAGE_MAILBOXES": json.dumps([box]),
        "TRIAGE_IMAP__PORT": str(host.imap_port),
        "TRIAGE_SMTP__ENVELOPE_FROM": "mailbox",
        "TRIAGE_LABELS__ENABLED": "true",
        "TRIAGE_LABELS__MARKS": marks,
    }

    def bring(_seconds) -> None:
        for one in school.sink.accepted:
            host.deliver(user, one.raw)
        school.sink.received.clear()

    lines = attempt(school, bring, host.address(user), **settings)
    assert {name: line.ok for name, line in lines.items()} == dict.fromkeys(
        ("sign in", "read", "send", "arrive", "label", "return-path", "clean up"), "ok"
    ) | {"dmarc": "warn"}
