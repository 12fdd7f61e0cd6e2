"""Folders beside the inbox: those that rules fill, and that of junk mail."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.acceptance.school import PARENT, RunningSchool, a_mail, now
from tests.acceptance.test_answers import BULLIED
from tests.servers.imap_host import PASSWORD
from triage.check.servers import check_mailbox
from triage.domain.visibility import viewer
from triage.store.own_mail import came_between, read_own_mail
from triage.store.tables import flags

PARENTS, JUNK = "Parents", "Junk"
HARM = "Jake says he wants to kill himself tonight and he has taken tablets. Please help."
STRANGER = "somebody@elsewhere.example"


def start_with_folders(start, dovecot) -> RunningSchool:
    """Start a school of one mailbox with a folder that a rule fills, and one of junk mail."""
    user = dovecot.new_user()
    with dovecot.session(user) as imap:
        for folder in (PARENTS, JUNK):
            imap.create(folder)
    box = {"address": dovecot.address(user), "name": "Mr R. Hale", "username": user, "password": PASSWORD}
    box |= {"folders": ["INBOX", PARENTS], "junk": JUNK}
    school = start(environ={"TRIAGE_MAILBOXES": json.dumps([box])})
    school.users = [user]
    return school


@pytest.fixture
def school(start_worded, dovecot) -> RunningSchool:
    """A school whose classifier finds what its few words say."""
    return start_with_folders(start_worded, dovecot)


@pytest.fixture
def trained(start_school, dovecot) -> RunningSchool:
    """A school with the classifier that is shipped."""
    return start_with_folders(start_school, dovecot)


def file(school, folder, **mail) -> None:
    """Have a rule of the server's put a message into a folder."""
    raw = a_mail(to=school.address(), **mail)
    path = mail.get("sender", PARENT)
    school.dovecot.append(school.users[0], f"Return-Path: <{path}>\r\n".encode() + raw, folder=folder)


def move(school, source, target) -> None:
    """Move all messages of a folder to another, as its owner does."""
    with school.dovecot.session(school.users[0], source) as imap:
        imap.copy("1:*", target)
        imap.store("1:*", "+FLAGS", "(\\Deleted)")
        imap.expunge()


def test_what_a_rule_puts_into_a_folder_is_decided_and_answered(school):
    file(school, PARENTS)
    school.poll()
    assert (school.states(), len(school.replies)) == ({"decided": 1}, 1)


@pytest.mark.parametrize("target", [PARENTS, JUNK])
def test_what_is_moved_from_one_folder_to_another_is_decided_once(school, target):
    file(school, "INBOX", text=BULLIED)
    school.poll()
    move(school, "INBOX", target)
    school.poll()
    assert school.states() == {"decided": 1, "known": 1}
    assert (len(school.flags()), len(school.replies)) == (1, 1)


def test_another_message_in_another_folder_is_another_message(school):
    file(school, "INBOX")
    school.poll()
    file(school, PARENTS)
    school.poll()
    assert school.states() == {"decided": 2}


def test_without_a_message_id_the_same_words_in_another_folder_are_another_message(school):
    lines = a_mail("Help me.", to=school.address()).splitlines(keepends=True)
    bare = b"".join(line for line in lines if not line.lower().startswith(b"message-id"))
    for folder in ("INBOX", PARENTS):
        school.dovecot.append(school.users[0], f"Return-Path: <{PARENT}>\r\n".encode() + bare, folder=folder)
        school.poll()
    assert school.states() == {"decided": 2}


def test_the_same_message_to_two_mailboxes_is_still_decided_in_each(start_worded):
    school = start_worded(count=2)
    for user in range(2):
        school.deliver(a_mail(to=school.address(), message_id="<1@home.example>"), user=user)
    school.poll()
    assert school.states() == {"decided": 2}


def test_also_spam_in_junk_a_known_guardian_is_heard_and_not_answered(school):
    file(school, JUNK, text=BULLIED)
    school.poll()
    assert school.flags() == [("sensitive-issue", "head-of-year", 8)]
    assert (school.withheld(), school.replies) == (["junk"], [])


@pytest.mark.parametrize("doubt", [{"dmarc": "none"}, {"dmarc": "fail"}, {"sender": STRANGER}])
def test_also_spam_in_junk_nobody_else_raises_a_flag(school, doubt):
    file(school, JUNK, text=BULLIED, **doubt)
    school.poll()
    assert (school.states(), school.flags(), school.replies) == ({"decided": 1}, [], [])


@pytest.mark.parametrize(
    ("folder", "sender", "severities"),
    [
        (JUNK, STRANGER, ["review"]),
        (JUNK, PARENT, ["immediate", "high"]),
        ("INBOX", STRANGER, ["immediate", "high"]),
    ],
)
def test_a_sign_of_harm_in_junk_is_flagged_whoever_wrote_it_and_calls_nobody_for_a_stranger(
    trained, folder, sender, severities
):
    file(trained, folder, text=HARM, sender=sender)
    trained.poll()
    with trained.service.database.read() as conn:
        found = list(conn.execute(select(flags.c.severity).order_by(flags.c.id)).scalars())
    assert found == severities
    notices = [one for one in trained.sink.accepted if one.message["Auto-Submitted"] == "auto-generated"]
    assert bool(notices) is ("immediate" in severities)


def test_of_junk_its_owners_page_and_digest_tell_what_a_known_guardian_has_written(school):
    file(school, JUNK, text=BULLIED, sender=STRANGER)
    file(school, JUNK, text=BULLIED)
    school.poll()
    owner = viewer(school.service.school, school.address())
    with school.service.database.read() as conn:
        page = read_own_mail(conn, owner, now() - timedelta(days=1), ())
        told = came_between(conn, owner, now() - timedelta(days=1), now() + timedelta(minutes=1), ())
    assert school.states() == {"decided": 2}
    assert (page.number, [message.id for message in page.messages]) == (1, [message.id for message in told])


def test_what_its_owner_takes_out_of_junk_is_read_as_new_mail(school):
    file(school, JUNK)
    school.poll()
    move(school, JUNK, "INBOX")
    school.poll()
    assert (school.states(), school.withheld()) == ({"decided": 2}, ["junk", None])
    assert [reply.recipient for reply in school.replies] == [PARENT]


def test_check_names_a_folder_of_junk_mail_that_is_not_read(school, google):
    user = google.new_user()
    settings = school.service.settings
    table = settings.mailboxes[0].model_copy(update={"username": user, "junk": "", "folders": ("INBOX",)})
    there = settings.imap.model_copy(update={"port": google.imap_port})
    clock = school.service.context.clock
    lines = check_mailbox(settings.model_copy(update={"imap": there}), table, clock)
    assert [line.words for line in lines if line.name.startswith("junk")] == [
        "[Gmail]/Spam is not read; mailboxes.junk has it read and never answered"
    ]
