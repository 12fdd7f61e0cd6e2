"""Loops with real counterparts: whatever answers us, however mangled on its way, gets one reply at most."""

import json
import shutil
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

import pytest

from tests.acceptance.post import (
    MARKS,
    THREAD,
    Letter,
    Post,
    as_it_is,
    in_turn,
    renames,
    strips,
    writes_sender,
)
from tests.acceptance.school import RunningSchool, now
from tests.restraint.bounces import a_bounce
from tests.servers.dovecot import Dovecot
from tests.servers.imap_host import PASSWORD
from tests.servers.sink import Sink

ROUNDS = 8
FIRST = "first@home.example"
ABSENCE = "Dear school, my son won't be in school today, he is sick. His mum"
RELAYS = {
    "untouched": as_it_is,
    "no marks": strips(*MARKS),
    "no thread": strips(*THREAD),
    "named sender": writes_sender,
    "no marks, named sender": in_turn(strips(*MARKS), writes_sender),
    "no marks, no thread, named sender": in_turn(strips(*MARKS, *THREAD), writes_sender),
    "all, and a person's From and Subject": in_turn(strips(*MARKS, *THREAD), writes_sender, renames),
}
every_relay = pytest.mark.parametrize("relay", RELAYS.values(), ids=RELAYS)


class OtherSchool(RunningSchool):
    """Another school, of a domain of its own, at the same Dovecot."""

    domain = "elmbridge.example"

    def address(self, user: int = 0) -> str:
        return f"{self.users[user]}@{self.domain}"

    def variables(self) -> dict[str, str]:
        mailbox = {
            "address": self.address(),
            "name": "Ms A. Elm",
            "username": self.users[0],
            "password": PASSWORD,
        }
        own = {
            "TRIAGE_MAILBOXES": json.dumps([mailbox]),
            "TRIAGE_SCHOOL__NAME": "Elmbridge School",
            "TRIAGE_SCHOOL__DOMAINS": json.dumps([self.domain]),
        }
        return super().variables() | own


@pytest.fixture
def other_sink():
    """The sink of whoever is not the school under test."""
    with Sink() as server:
        yield server


@pytest.fixture
def other_school(dovecot, other_sink, sqlite_template, key_file, tmp_path):
    """A second instance of this service, of another school."""
    folder = tmp_path / "other"
    folder.mkdir()
    shutil.copyfile(sqlite_template, folder / "triage.db")
    url = f"sqlite:///{folder}/triage.db"
    other = OtherSchool(dovecot, other_sink, url, key_file, folder)
    yield other
    other.service.close()


def a_letter(sender: str, to: str, text: str = ABSENCE, **headers: str) -> Letter:
    """A letter as a person writes it."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, "Jake Pole 8B"
    mail["Date"] = format_datetime(now())
    mail["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return Letter(sender, to, mail.as_bytes())


def replies_to(sink: Sink, address: str) -> int:
    """How many replies of the service went to an address."""
    marked = (one for one in sink.accepted if one.message["Auto-Submitted"] == "auto-replied")
    return sum(one.recipient == address for one in marked)


# two instances of this service


@every_relay
def test_two_instances_that_answer_each_other_send_one_reply_at_most(worded, other_school, dovecot, relay):
    users = {school.address(): (dovecot, school.users[0]) for school in (worded, other_school)}
    there, back = Post(other_school.sink, users, relay), Post(worded.sink, users, relay)
    there.bring(a_letter(other_school.address(), worded.address()))
    for _ in range(ROUNDS):
        worded.poll()
        back.run()
        other_school.poll()
        there.run()
    assert replies_to(worded.sink, other_school.address()) == 1
    assert replies_to(other_school.sink, worded.address()) <= 1
    assert other_school.states() == {"decided": len(back.carried)}
    assert back.carried


@every_relay
def test_two_instances_that_both_begin_send_one_reply_each_at_most(worded, other_school, dovecot, relay):
    users = {school.address(): (dovecot, school.users[0]) for school in (worded, other_school)}
    there, back = Post(other_school.sink, users, relay), Post(worded.sink, users, relay)
    there.bring(a_letter(other_school.address(), worded.address()))
    there.bring(a_letter(worded.address(), other_school.address()))
    for _ in range(ROUNDS):
        worded.poll()
        other_school.poll()
        back.run()
        there.run()
    assert replies_to(worded.sink, other_school.address()) <= 1
    assert replies_to(other_school.sink, worded.address()) <= 1


# a vacation script of Pigeonhole

VACATION = """require ["vacation", "vacation-seconds"];
vacation :seconds 0 :subject "Out of office" "I am away. Jake won't be in school today, he is sick.";
"""
"""Answers every message, however soon; with words that would be answered if a person wrote them."""

AWAY = "jo.away@home.example"
THEIR_RELAYS = {
    "untouched": as_it_is,
    "no marks": strips(*MARKS),
    "no marks, no thread": strips(*MARKS, *THREAD),
    "no marks, no thread, named sender": in_turn(strips(*MARKS, *THREAD), writes_sender),
}


@pytest.fixture
def parents(worded, dovecot, other_sink):
    """The mailboxes, with a parent's provider whose script answers all that comes, through ``other_sink``."""
    with Dovecot(sieve=VACATION, submission_port=other_sink.port) as provider:
        yield {AWAY: (provider, "jo.away"), worded.address(): (dovecot, worded.users[0])}


@pytest.mark.parametrize("back", THEIR_RELAYS.values(), ids=THEIR_RELAYS)
def test_a_vacation_script_of_pigeonhole_gets_one_reply(worded, parents, other_sink, back):
    """Our reply comes to it with a sender and without a mark, so that it answers; its answer is mangled."""
    there = Post(worded.sink, parents, in_turn(strips(*MARKS), writes_sender))
    here = Post(other_sink, parents, back)
    here.bring(a_letter(AWAY, worded.address()))
    for _ in range(ROUNDS):
        worded.poll()
        there.run()
        here.run()
    assert replies_to(worded.sink, AWAY) == 1
    assert len(here.carried) == 2, "the parent's letter, and what the script answered"
    assert worded.states() == {"decided": 2}


def test_a_vacation_script_of_pigeonhole_leaves_our_reply_alone_as_it_is(worded, parents, other_sink):
    """With the null sender and the marks that it goes out with, their software does not answer it at all."""
    there, here = Post(worded.sink, parents), Post(other_sink, parents)
    here.bring(a_letter(AWAY, worded.address()))
    worded.poll()
    there.run()
    assert (len(there.carried), here.run()) == (1, 0)


# a counterpart that answers every message from a new address

ADDRESSES = {
    "of one domain": lambda number: f"parent.{number}@home.example",
    "of domains of their own": lambda number: f"parent@home{number}.example",
}


@pytest.fixture
def start_post(start_worded, dovecot):
    """Start a school with some caps that has one letter of a parent; and the post that reaches it."""

    def start(**caps: str):
        environ = {f"TRIAGE_REPLIES__CAPS__{name.upper()}_PER_HOUR": value for name, value in caps.items()}
        school = start_worded(environ=environ)
        post = Post(school.sink, {school.address(): (dovecot, school.users[0])})
        post.bring(a_letter(FIRST, school.address()))
        return school, post

    return start


def answer_all(school, post: Post, new_address, *, thread: bool) -> None:
    """Let each reply that went out be answered at once from an address that nobody has seen."""
    answered = 0
    for number in range(ROUNDS):
        school.poll()
        new = school.replies[answered:]
        answered += len(new)
        for reply in new:
            ours = reply.message["Message-ID"]
            named = {"In_Reply_To": ours, "References": ours} if thread else {}
            post.bring(a_letter(new_address(number), school.address(), **named))


@pytest.mark.parametrize("new_address", ADDRESSES.values(), ids=ADDRESSES)
def test_2_an_answer_to_our_message_id_from_a_new_address_is_never_answered(start_post, new_address):
    school, post = start_post()
    answer_all(school, post, new_address, thread=True)
    assert [one.recipient for one in school.replies] == [FIRST]
    assert school.states() == {"decided": 2}


@pytest.mark.parametrize(
    ("cap", "addresses"),
    [
        ("domain", "of one domain"),
        ("mailbox", "of domains of their own"),
        ("school", "of domains of their own"),
    ],
)
def test_2_a_counterpart_that_hides_the_thread_too_is_stopped_by_a_cap(start_post, cap, addresses):
    school, post = start_post(**{cap: "3"})
    answer_all(school, post, ADDRESSES[addresses], thread=False)
    assert len(school.replies) == 3
    assert len({one.recipient for one in school.replies}) == 3


# hosts that bounce although asked not to


def write_again(school, post: Post) -> None:
    """Let the parent write of something else, on which nothing was said yet."""
    post.bring(a_letter(FIRST, school.address(), "Jake has been sick in the night. His mum"))
    school.poll()


def test_an_address_refused_at_rcpt_gets_nothing_more(start_post):
    school, post = start_post()
    school.sink.behave(answers={"RCPT": "550 5.1.1 no such user"})
    school.poll()
    school.sink.behave()
    write_again(school, post)
    assert school.replies == []
    assert school.withheld() == [None, "suppressed"]


@pytest.mark.parametrize("relay", [as_it_is, strips("Auto-Submitted")], ids=["as it is", "without its mark"])
def test_3_an_address_whose_report_comes_although_none_was_asked_for_gets_nothing_more(start_post, relay):
    school, post = start_post()
    school.poll()
    (reply,) = school.replies
    for _ in range(ROUNDS):
        post.bring(relay(Letter("", school.address(), a_bounce(reply, to=school.address()))))
        school.poll()
    write_again(school, post)
    assert len(school.replies) == 1
    assert school.withheld()[-1] == "suppressed"
