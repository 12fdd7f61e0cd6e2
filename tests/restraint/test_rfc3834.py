"""A1 to A20: what RFC 3834 asks of a personal responder, each through the running service."""

import json
import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from pathlib import Path

import pytest

from tests.acceptance.school import ABSENCE, OTHER_PARENT, PARENT, ROSTER, a_mail, now
from tests.restraint.running import (
    ABOUT_HEALTH,
    MY_SON,
    Clocked,
    answered,
    gates_kept,
    generated,
    letter,
    words_of,
    write,
)
from tests.servers.imap_host import PASSWORD
from tests.wording_samples import OPEN, reply_facts_of
from triage.domain.decide import SOMETHING_TO_SAY
from triage.domain.policy import parse_policy
from triage.message.wording import FACTS, Wording
from triage.message.wording_lint import lint
from triage.resources import resource

ROOT = Path(__file__).parents[2]
HARM = "Jake says he wants to kill himself tonight and he has taken tablets. Please help."
ALONE = {"TRIAGE_REPLIES__CAPS__SCHOOL_PER_HOUR": "1"}


def put(school, raw: bytes) -> None:
    """Put a message into the mailbox as it stands, with the Return-Path that it has or has not."""
    school.dovecot.append(school.users[0], raw, now())


def sent_parts(school):
    """The reply as the newer parser of the standard library reads it."""
    return message_from_bytes(school.replies[-1].raw, policy=policy.default)


# A1: never blindly


def test_a1_a_reply_that_went_out_was_asked_of_every_gate_and_passed(worded):
    write(worded, 1)
    worded.poll()
    (gates,) = gates_kept(worded)
    asked = {gate["name"] for gate in gates}
    assert {"auto-submitted", "null-return-path", "list-headers", "dmarc-fail", "not-addressed"} <= asked
    before = [gate["name"] for gate in gates].index(SOMETHING_TO_SAY)
    assert [gate["name"] for gate in gates[:before] if gate["hit"]] == []
    assert all(gate["why"] for gate in gates)


def test_a1_a_reply_that_was_withheld_names_the_gate(worded):
    write(worded, 1, Precedence="bulk")
    worded.poll()
    (gates,) = gates_kept(worded)
    assert worded.replies == []
    assert "precedence" in [gate["name"] for gate in gates if gate["hit"]]


# A2: the header that says it


def test_a2_whatever_is_submitted_by_a_machine_is_not_answered(worded):
    values = ("auto-replied (vacation)", "auto-generated; x=y", "auto-notified; owner-email=a@b.example")
    for number, value in enumerate((*values, "AUTO-REPLIED", "(no) auto-replied", "auto-juggled")):
        write(worded, number, Auto_Submitted=value)
    worded.poll()
    assert (worded.states(), worded.replies) == ({"decided": 6}, [])


def test_a2_no_means_no_whatever_its_case_comment_or_parameter(worded):
    people = [
        write(worded, n, Auto_Submitted=value) for n, value in enumerate(("No", "no (human)", "no; x=y"))
    ]
    worded.poll()
    assert answered(worded) == people


# A3: not more than once in several days


@pytest.mark.parametrize(
    ("apart", "replies"), [(timedelta(days=6, hours=23), 1), (timedelta(days=7, hours=1), 2)], ids=str
)
def test_a3_a_second_reply_to_the_same_sender_waits_for_seven_days(worded, apart, replies):
    clock = Clocked(worded, now() - timedelta(days=20))
    clock.arrive(ABOUT_HEALTH)
    clock.time += apart
    clock.arrive(ABOUT_HEALTH)
    assert len(worded.replies) == replies


def test_a3_it_is_the_sender_who_counts_and_not_the_mailbox(start_worded):
    school = start_worded(count=2)
    for user in range(2):
        school.deliver(a_mail(ABOUT_HEALTH, to=school.address(user)), user=user)
    school.poll()
    assert answered(school) == [PARENT]


# A4: our own address must be among the recipients


@pytest.fixture
def with_alias(start_worded, dovecot):
    """A school whose one mailbox has an alias."""
    user = dovecot.new_user()
    mailbox = {"address": dovecot.address(user), "name": "Mr R. Hale", "username": user}
    mailbox |= {"password": PASSWORD, "aliases": ["tutor.8b@oakfield.example"]}
    school = start_worded(environ={"TRIAGE_MAILBOXES": json.dumps([mailbox])})
    school.users = [user]
    return school


def test_a4_a_mailbox_answers_where_it_is_named_as_recipient_in_any_header(with_alias):
    ours = with_alias.address()
    named = (
        {"To": ours.upper()},
        {"Cc": ours},
        {"Bcc": ours},
        {"Resent-To": ours},
        {"To": "Tutor.8B@oakfield.example"},
    )
    for number, headers in enumerate(named):
        sender = f"parent{number}@home.example"
        with_alias.deliver(letter(headers, sender=sender, return_path=None), mail_from=sender)
    with_alias.poll()
    assert answered(with_alias) == [f"parent{number}@home.example" for number in range(5)]


def test_a4_a_mailbox_that_no_header_names_does_not_answer(with_alias):
    for number, headers in enumerate(({}, {"To": "parents@lists.example"}, {"To": "year8@oakfield.example"})):
        sender = f"parent{number}@home.example"
        with_alias.deliver(letter(headers, sender=sender, return_path=None), mail_from=sender)
    with_alias.poll()
    assert with_alias.withheld() == ["not-addressed"] * 3
    assert with_alias.replies == []


# A5: the null Return-Path


def test_a5_a_null_or_missing_return_path_is_never_answered(worded):
    to = {"To": worded.address()}
    worded.deliver(letter(to, return_path=None), mail_from="")
    for path in (b"Return-Path: <>\r\n", b"Return-Path: < >\r\n", b""):
        put(worded, path + letter(to, return_path=None))
    worded.poll()
    assert (worded.states(), worded.replies) == ({"decided": 4}, [])


# A6: addresses of programs and of mailing lists


def test_a6_addresses_of_programs_and_lists_are_never_answered(worded):
    robots = (
        "owner-parents",
        "parents-request",
        "parents-owner",
        "MAILER-DAEMON",
        "mailer-daemon",
        "listserv",
    )
    for local in robots:
        sender = f"{local}@lists.example"
        worded.deliver(a_mail(MY_SON, to=worded.address(), sender=sender), mail_from=sender)
    worded.poll()
    assert (worded.states(), worded.replies) == ({"decided": len(robots)}, [])


def test_a6_a_postmaster_may_be_a_person(worded):
    sender = "postmaster@home.example"
    worded.deliver(a_mail(MY_SON, to=worded.address(), sender=sender), mail_from=sender)
    worded.poll()
    assert answered(worded) == [sender]


# A7: bulk mail


def test_a7_precedence_and_list_headers_in_any_case_are_not_answered(worded):
    marks = (
        *(("PRECEDENCE", "Bulk"), ("precedence", "list"), ("Precedence", "JUNK (yes)")),
        *(
            ("List-Id", "<p.lists.example>"),
            ("LIST-UNSUBSCRIBE", "<mailto:u@l.example>"),
            ("list-post", "NO"),
        ),
        *(("List-Help", "<mailto:h@l.example>"), ("List-Archive", "<https://l.example>")),
    )
    for number, (name, value) in enumerate(marks):
        write(worded, number, **{name: value})
    worded.poll()
    assert (worded.states(), worded.replies) == ({"decided": len(marks)}, [])


# A8 to A16: the reply itself


def test_a8_the_name_and_address_of_from_are_those_of_the_settings(start_worded, dovecot):
    user = dovecot.new_user()
    mailbox = {
        "address": dovecot.address(user),
        "name": "Ms A. Mensah",
        "username": user,
        "password": PASSWORD,
    }
    environ = {"TRIAGE_MAILBOXES": json.dumps([mailbox]), "TRIAGE_SCHOOL__NAME": "Elm Hill School"}
    school = start_worded(environ=environ)
    school.users = [user]
    write(school, 1)
    school.poll()
    (sender,) = sent_parts(school)["From"].addresses
    assert sender.display_name == "Elm Hill School, automatic reply for Ms A. Mensah"
    assert sender.addr_spec == dovecot.address(user)


def test_a9_no_reply_to_is_set(worded):
    write(worded, 1)
    worded.poll()
    assert sent_parts(worded)["Reply-To"] is None


def test_a10_a_letter_to_many_has_one_reply_with_one_recipient(start_worded):
    school = start_worded(count=3)
    everybody = ", ".join(
        [*(school.address(user) for user in range(3)), "head@oakfield.example", OTHER_PARENT]
    )
    raw = a_mail(to=everybody)
    for user in range(3):
        school.deliver(raw, user=user)
    school.poll()
    assert school.sink.steps.count("RCPT") == 1
    assert [one.addr_spec for one in sent_parts(school)["To"].addresses] == [PARENT]


def test_a10_a_letter_from_several_addresses_has_none(worded):
    raw = letter({"To": worded.address()}, sender=f"{PARENT}, {OTHER_PARENT}", return_path=None)
    worded.deliver(raw, mail_from=PARENT)
    worded.poll()
    assert worded.withheld() == ["several-senders"]
    assert worded.sink.steps.count("RCPT") == 0


def test_a11_the_date_is_the_time_of_writing(worded):
    clock = Clocked(worded, datetime(2024, 10, 16, 9, 30, 17, tzinfo=UTC))
    clock.arrive(date=clock.time - timedelta(days=3))
    assert sent_parts(worded)["Date"].datetime == clock.time


def test_a12_the_subject_is_one_whatever_a_long_japanese_one_says(worded):
    raw = letter({"To": worded.address(), "Subject": "長い題名" * 40}, return_path=None)
    worded.deliver(raw, mail_from=PARENT)
    worded.poll()
    assert sent_parts(worded)["Subject"] == "Auto: your message to Oakfield School"


def test_a12_a_school_with_a_long_japanese_name_has_whole_encoded_words_on_short_lines(start_worded):
    name = "樫の木原中学校" * 6
    school = start_worded(environ={"TRIAGE_SCHOOL__NAME": name})
    write(school, 1)
    school.poll()
    head = school.replies[0].raw.partition(b"\r\n\r\n")[0].decode("ascii")
    lines = re.search(r"^Subject: .*\r\n(?:[ \t].*\r\n)*", head, re.MULTILINE)[0].rstrip().split("\r\n")
    words = [word for line in lines for word in line.split() if word.startswith("=?")]
    assert max(map(len, lines)) <= 76
    assert len(words) > 1
    assert "".join(str(make_header(decode_header(word))) for word in words) == f"Auto: your message to {name}"


def test_a12_the_word_auto_alone_makes_nobody_a_machine(worded):
    raw = letter(
        {"To": worded.address(), "Subject": "Auto: your message to Oakfield School"}, return_path=None
    )
    worded.deliver(raw, mail_from=PARENT)
    worded.poll()
    assert answered(worded) == [PARENT]


@pytest.mark.parametrize(
    ("headers", "thread"),
    [
        ({}, (None, None)),
        ({"Message-ID": "<one@home.example>"}, ("<one@home.example>", "<one@home.example>")),
        (
            {"Message-ID": "<two@home.example>", "References": "<zero@home.example> <one@home.example>"},
            ("<two@home.example>", "<zero@home.example> <one@home.example> <two@home.example>"),
        ),
        (
            {"Message-ID": f"<{'x' * 200}@home.example>"},
            (f"<{'x' * 200}@home.example>", f"<{'x' * 200}@home.example>"),
        ),
    ],
    ids=["none", "one", "a thread", "a long one"],
)
def test_a13_the_reply_is_threaded_where_there_is_an_id(worded, headers, thread):
    worded.deliver(letter({"To": worded.address(), **headers}, return_path=None), mail_from=PARENT)
    worded.poll()
    reply = worded.replies[0].message
    unfolded = tuple(
        value and " ".join(value.split()) for value in (reply["In-Reply-To"], reply["References"])
    )
    assert unfolded == thread


def test_a13_of_many_references_the_first_and_the_last_few_are_kept(worded):
    chain = [f"<{number}@home.example>" for number in range(60)]
    headers = {"To": worded.address(), "Message-ID": "<last@home.example>", "References": " ".join(chain)}
    worded.deliver(letter(headers, return_path=None), mail_from=PARENT)
    worded.poll()
    kept = worded.replies[0].message["References"].split()
    assert (kept[0], kept[-2:], len(kept)) == (chain[0], [chain[-1], "<last@home.example>"], 10)


def test_a14_replies_are_auto_replied_and_notices_and_alarms_auto_generated(start_school):
    school = start_school(environ=ALONE)
    first, _ = write(school, 1), write(school, 2)  # the second meets the school's cap: an alarm
    school.deliver(a_mail(HARM, to=school.address()))  # a notice
    school.poll()
    kinds = {one.recipient: one.message["Auto-Submitted"] for one in school.sink.accepted}
    assert kinds.pop(first) == "auto-replied"
    assert kinds == dict.fromkeys(("it@oakfield.example", "s.kowalska@oakfield.example"), "auto-generated")


def test_a14_no_notice_answers_anything(school):
    school.deliver(a_mail(HARM, to=school.address()))
    school.poll()
    (notice,) = generated(school)
    assert (notice.message["In-Reply-To"], notice.message["References"]) == (None, None)


def test_a15_precedence_says_bulk_in_all_that_goes_out(start_worded):
    school = start_worded(environ=ALONE)
    write(school, 1)
    write(school, 2)
    school.poll()
    assert {one.message["Precedence"] for one in school.sink.accepted} == {"bulk"}
    assert len(school.sink.accepted) == 2


def test_a16_a_reply_is_brief_plain_text_without_a_word_of_the_message(worded):
    mail = message_from_bytes(a_mail(f"{ABSENCE}\nxylophone", to=worded.address()), policy=policy.SMTP)
    mail.replace_header("Subject", "xylophone Jake Pole 8B")
    mail.add_attachment(b"xylophone", maintype="application", subtype="pdf", filename="xylophone.pdf")
    worded.deliver(mail.as_bytes())
    worded.poll()
    reply = sent_parts(worded)
    assert (reply.get_content_type(), reply.is_multipart()) == ("text/plain", False)
    assert "xylophone" not in worded.replies[0].raw.decode().lower()
    assert len(worded.replies[0].raw) < 4_000


# A17 to A19: the envelope


def test_a17_a_reply_leaves_by_the_null_sender(worded):
    write(worded, 1)
    worded.poll()
    assert [reply.mail_from for reply in worded.replies] == ["<>"]


def test_a17_by_a_setting_it_leaves_by_the_mailbox_and_what_comes_back_is_not_answered(start_worded):
    school = start_worded(environ={"TRIAGE_SMTP__ENVELOPE_FROM": "mailbox"})
    write(school, 1)
    school.poll()
    assert [reply.mail_from for reply in school.replies] == [school.address()]
    school.deliver(school.replies[0].raw, mail_from="")
    school.poll()
    assert len(school.replies) == 1


@pytest.mark.parametrize(("dsn", "options"), [(True, ("NOTIFY=NEVER",)), (False, ())])
def test_a18_no_report_of_delivery_is_asked_for_where_the_server_knows_how(worded, dsn, options):
    worded.sink.behave(dsn=dsn)
    write(worded, 1)
    worded.poll()
    assert [reply.rcpt_options for reply in worded.replies] == [options]


ELSEWHERE = {"Reply-To": "reply@else.example", "Sender": "sender@else.example"}


def test_a19_a_reply_goes_to_the_return_path_and_never_to_reply_to_or_sender(worded):
    worded.deliver(letter({"To": worded.address(), **ELSEWHERE}, return_path=None), mail_from=PARENT)
    worded.poll()
    assert answered(worded) == [PARENT]


@pytest.mark.parametrize(
    "path", [b"Return-Path: <path@else.example>\r\n", b""], ids=["all differ", "missing"]
)
def test_a19_where_the_return_path_is_not_the_from_address_a_person_looks_and_nobody_is_answered(
    worded, path
):
    put(worded, path + letter({"To": worded.address(), **ELSEWHERE}, return_path=None))
    worded.poll()
    assert worded.replies == []
    assert "return-path-differs" in [topic for topic, _, _ in worded.flags()]


def test_a19_what_forwarders_and_taggers_put_around_the_return_path_is_undone(worded):
    paths = (
        "SRS0=Hx3y=TT=home.example=sara.pole@forward.example",
        "prvs=0123abcdef=tom.early@home.example",
    )
    for path, sender in zip(paths, (PARENT, OTHER_PARENT), strict=True):
        worded.deliver(letter({"To": worded.address()}, sender=sender, return_path=None), mail_from=path)
    worded.poll()
    assert answered(worded) == [PARENT, OTHER_PARENT]


# A20: nothing that the sender does not know


TEMPLATES = sorted((resource("templates") / "replies").glob("*/*.txt"))
NUMBER_OR_ADDRESS = re.compile(r"\bmobile\b|@|\d{6,}|\b07\d", re.IGNORECASE)
ABOUT_A_PERSON = frozenset(
    {"pupil", "child", "guardian", "parent", "sender", "mobile", "leave", "subject", "text", "topic"}
)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a20_no_template_holds_a_mobile_a_number_or_an_address_of_its_own(template):
    assert NUMBER_OR_ADDRESS.findall(template.read_text("utf-8")) == []


def test_a20_a_school_that_writes_a_mobile_number_or_an_address_into_its_words_is_told(worded):
    folder = worded.folder / "templates"
    words = "Please ring Mr Hale on 07700 900123.\nOr write to r.hale@home.example.\n"
    (folder / "replies" / "en" / "private.txt").write_text(words, "utf-8")
    wording = Wording(folder)
    policy = parse_policy(resource("policy.toml").read_text("utf-8"), wording.parts)
    faults = [str(fault) for fault in lint(wording, policy, [reply_facts_of(OPEN)]).faults]
    told = [fault for fault in faults if fault.startswith("replies/en/private.txt")]
    assert ["no person's own" in fault or "the address" in fault for fault in told] == [True, True]


@pytest.mark.parametrize("name", ["settings.toml", "docs/settings.md"])
def test_a20_whoever_edits_the_words_is_told_that_anybody_may_get_them(name):
    assert "whoever writes gets them, and may pass them on" in (ROOT / name).read_text("utf-8")


def test_a20_no_fact_of_a_reply_is_about_the_sender_a_pupil_or_what_was_written():
    assert [fact for fact in FACTS if ABOUT_A_PERSON & set(fact.split("_"))] == []


def test_a20_a_reply_holds_nothing_of_the_roster(worded):
    worded.deliver(a_mail(to=worded.address()))
    worded.deliver(a_mail(ABOUT_HEALTH, to=worded.address()))
    worded.poll()
    told = " ".join(words_of(reply) for reply in worded.replies)
    known = {name for pupil in ROSTER.pupils.values() for name in (pupil.given, pupil.family, pupil.form)}
    known |= {guardian.name for guardian in ROSTER.guardians}
    assert len(worded.replies) == 2
    assert [name for name in known if name in told] == []
