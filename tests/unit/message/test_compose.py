"""Outgoing mail as bytes: what RFC 3834 asks of a personal responder, and what no argument can break."""

import re
from dataclasses import replace
from datetime import datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import IN_SCHOOL_HOURS, LONDON
from triage.message.compose import (
    OWN_MARK,
    ComposeError,
    Envelope,
    compose_notice,
    compose_reply,
    flowed,
    plain,
    reply_from,
    reply_subject,
)

ENVELOPE = Envelope(
    from_name="Oakfield School, automatic reply for Mr R. Hale",
    from_address="r.hale@oakfield.example",
    to="sara.pole@home.example",
    message_id="<7f3a9c@oakfield.example>",
    date=IN_SCHOOL_HOURS,
    in_reply_to="<one@home.example>",
    references=("<zero@home.example>",),
)
SUBJECT = "Auto: your message to Oakfield School"
ANY_TEXT = st.text(st.characters(codec=None), max_size=400)
COMPOSERS = (compose_reply, compose_notice)


def read(raw):
    return message_from_bytes(raw, policy=policy.default)


def reply(body="Hello", subject=SUBJECT, **changed):
    return compose_reply(replace(ENVELOPE, **changed), subject, body)


def unflowed(mail):
    """The text as a reader of format=flowed shows it (RFC 3676)."""
    shown, joined = [], False
    for line in mail.get_content().replace("\r\n", "\n").removesuffix("\n").split("\n"):
        words = line.removeprefix(" ")
        shown = [*shown[:-1], shown[-1] + words] if joined else [*shown, words]
        joined = words.endswith(" ")
    return "\n".join(shown)


def names(raw):
    return [line.partition(b":")[0] for line in raw.split(b"\r\n\r\n")[0].split(b"\r\n") if line[:1] != b" "]


def test_a8_from_is_the_school_answering_for_the_owner_at_the_mailbox():
    sender = read(reply())["From"].addresses[0]
    assert (sender.display_name, sender.addr_spec) == (
        "Oakfield School, automatic reply for Mr R. Hale",
        "r.hale@oakfield.example",
    )


def test_a8_the_senders_name_is_made_of_school_and_owner():
    made = reply_from("Oakfield School", "Mr R. Hale")
    assert made == "Oakfield School, automatic reply for Mr R. Hale"


def test_a9_there_is_no_reply_to():
    assert read(reply())["Reply-To"] is None


def test_a10_there_is_one_recipient():
    mail = read(reply())
    assert [one.addr_spec for one in mail["To"].addresses] == ["sara.pole@home.example"]
    assert mail["Cc"] is None
    assert mail["Bcc"] is None


def test_a11_date_is_the_time_of_writing_with_its_zone():
    assert read(reply())["Date"].datetime == IN_SCHOOL_HOURS


def test_a11_a_naive_time_is_refused():
    with pytest.raises(ComposeError, match="time zone"):
        reply(date=datetime(2026, 10, 14, 10, 30))  # noqa: DTZ001 - the mistake under test


def test_a12_the_subject_is_one_and_the_same_for_every_reply():
    assert read(reply(subject=reply_subject("Oakfield School")))["Subject"] == SUBJECT


def test_a12_the_lines_of_a_long_japanese_subject_hold_whole_encoded_words():
    raw = reply(subject="Auto: " + "長い題名" * 30)
    lines = raw[raw.index(b"Subject: ") : raw.index(b"Date: ")].decode().splitlines()
    assert all(len(line) <= 76 for line in lines)
    assert all(re.fullmatch(r"(Subject:)? =\?utf-8\?[bq]\?[^?]+\?=", line) for line in lines)
    assert read(raw)["Subject"] == "Auto: " + "長い題名" * 30


def test_a13_the_reply_is_threaded_by_in_reply_to_and_references():
    mail = read(reply())
    assert mail["In-Reply-To"] == "<one@home.example>"
    assert mail["References"] == "<zero@home.example> <one@home.example>"


def test_a13_a_message_without_an_id_is_answered_without_a_thread():
    mail = read(reply(in_reply_to=None))
    assert mail["In-Reply-To"] is None
    assert mail["References"] is None


def test_a13_of_a_long_chain_the_first_and_the_last_few_are_kept():
    mail = read(reply(references=tuple(f"<{number}@list.example>" for number in range(500))))
    kept = mail["References"].split()
    assert (len(kept), kept[0], kept[-1]) == (10, "<0@list.example>", "<one@home.example>")


def test_a13_a_long_id_stays_whole():
    long = f"<{'a' * 180}@prod.outlook.example>"
    assert f"In-Reply-To: {long}" in reply(in_reply_to=long).decode().replace("\r\n ", " ").replace(
        ":  ", ": "
    )


@pytest.mark.parametrize(
    "hostile",
    [
        "<a@b.example>\r\nBcc: victim@home.example",
        "<a@b.example>\n",
        "<a @b.example>",
        "<ä@b.example>",
        "not an id",
        "",
        "<" + "a" * 5_000 + "@b.example>",
        "<a@b.example> <c@d.example>",
    ],
)
def test_a13_a_hostile_id_is_left_out(hostile):
    mail = read(reply(in_reply_to=hostile, references=("<zero@home.example>",)))
    assert mail["In-Reply-To"] is None
    assert mail["References"] is None


def test_a13_a_hostile_reference_is_left_out_and_the_others_stay():
    mail = read(reply(references=("<zero@home.example>", "x\r\nBcc: v@home.example")))
    assert mail["References"] == "<zero@home.example> <one@home.example>"


def test_a14_a_reply_is_auto_replied():
    assert read(reply())["Auto-Submitted"] == "auto-replied"


def test_a14_a_notice_is_auto_generated_and_answers_nothing():
    mail = read(compose_notice(ENVELOPE, SUBJECT, "Hello"))
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["In-Reply-To"] is None


@pytest.mark.parametrize("compose", COMPOSERS)
@pytest.mark.parametrize(("name", "value"), [("Precedence", "bulk"), ("X-Auto-Response-Suppress", "All")])
def test_a15_other_responders_are_told_to_keep_quiet(compose, name, value):
    assert read(compose(ENVELOPE, SUBJECT, "Hello"))[name] == value


@pytest.mark.parametrize("compose", COMPOSERS)
def test_our_own_mark_is_in_all_we_send(compose):
    assert read(compose(ENVELOPE, SUBJECT, "Hello"))[OWN_MARK] == "7f3a9c"


def test_a16_the_body_is_plain_flowed_utf8_without_attachments():
    mail = read(reply())
    assert mail.get_content_type() == "text/plain"
    assert mail["Content-Type"].params == {"charset": "utf-8", "format": "flowed"}
    assert mail["Content-Transfer-Encoding"] == "quoted-printable"


def test_v5_ascii_headers_are_not_encoded():
    assert b"=?" not in reply()


def test_v5_an_empty_subject_has_a_default():
    assert read(reply(subject=" \r\n"))["Subject"] == "Auto: your message"


def test_e1_a_name_beyond_ascii_is_encoded_and_comes_back():
    name = reply_from("Ysgol Llŷn, “Derwen”", "Mrs Siân Ŵyn-Brontë")
    header = message_from_bytes(reply(from_name=name))["From"]
    assert str(make_header(decode_header(header))) == f"{name} <r.hale@oakfield.example>"


def test_a_long_name_with_commas_and_quotes_stays_one_address():
    name = reply_from(
        'St. Anne\'s "Oak" School of the Holy Name (Upper), Oakfield by the Water', "Mr R. Hale"
    )
    addresses = read(reply(from_name=name))["From"].addresses
    assert [one.addr_spec for one in addresses] == ["r.hale@oakfield.example"]
    assert addresses[0].display_name == name


@pytest.mark.parametrize("field", ["from_address", "to"])
@pytest.mark.parametrize(
    "address",
    ["a@b.example\r\nBcc: v@x.example", "a@b.example, c@d.example", "", "a", "é@b.example", "<a@b.example>"],
)
def test_e3_an_address_that_is_not_one_plain_address_is_refused(field, address):
    with pytest.raises(ComposeError, match="one plain address is needed"):
        reply(**{field: address})


@pytest.mark.parametrize("message_id", ["", "abc", "<a@b.example>\r\nBcc: v@x.example", "<ä@b.example>"])
def test_our_own_id_must_be_a_plain_id(message_id):
    with pytest.raises(ComposeError, match="Message-ID"):
        reply(message_id=message_id)


def test_a_refusal_never_repeats_what_was_refused():
    with pytest.raises(ComposeError) as caught:
        reply(to="sara pole@home.example")
    assert "pole" not in str(caught.value)


def test_a_line_of_a_list_stays_a_line():
    assert unflowed(read(reply("Help:\n\n- 999\n- 116 123"))) == "Help:\n\n- 999\n- 116 123"


@pytest.mark.parametrize("before", range(55, 80))
def test_a_telephone_number_is_not_broken_between_its_groups(before):
    """On a screen that does not join lines a number in two halves cannot be tapped."""
    text = f"{'x' * before} 01632 960 001 is the office. {'word ' * 20}"
    assert "01632 960 001" in flowed(text)


def test_a_long_paragraph_is_flowed_and_comes_back_whole():
    text = "Some things are easier to talk through than to write about. " * 8
    assert unflowed(read(reply(text))) == text.strip()


@pytest.mark.parametrize("line", ["From here on", "> quoted", " indented", "- a dash", "-- "])
def test_a_line_that_mail_takes_for_something_else_comes_back(line):
    assert unflowed(read(reply(f"x\n{line}\ny"))) == f"x\n{line.rstrip()}\ny"


@given(ANY_TEXT)
def test_any_body_comes_back_through_the_standard_parser(body):
    assert unflowed(read(reply(body))) == plain(body)


@given(ANY_TEXT, ANY_TEXT)
def test_any_name_and_subject_leave_the_headers_as_they_are(name, subject):
    raw = reply(from_name=name, subject=subject)
    assert names(raw) == names(reply())
    assert [one.addr_spec for one in read(raw)["From"].addresses] == ["r.hale@oakfield.example"]


@given(st.none() | ANY_TEXT, st.lists(ANY_TEXT, max_size=5))
def test_any_ids_add_no_header_but_the_two_of_the_thread(in_reply_to, references):
    raw = reply(in_reply_to=in_reply_to, references=tuple(references))
    assert set(names(raw)) <= set(names(reply()))


@given(ANY_TEXT, ANY_TEXT, st.text(st.characters(codec="ascii"), max_size=2_000))
def test_every_line_ends_in_crlf_and_is_short_and_ascii(name, subject, body):
    raw = reply(from_name=name, subject=subject, body=body)
    lines = raw.split(b"\r\n")
    assert raw.isascii()
    assert all(b"\n" not in line and b"\r" not in line for line in lines)
    assert max(len(line) for line in lines if not line.startswith((b"In-", b"Ref"))) <= 78


def test_the_bytes_are_the_same_for_the_same_envelope():
    moved = ENVELOPE.date.astimezone(LONDON)
    assert reply("Hello", date=moved) == reply("Hello")
