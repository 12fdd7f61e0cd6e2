from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.message.raw_mail import RECEIVED, multipart, parsed, part, raw
from triage.domain.model import Address, Attachment, Verdict
from triage.message.parse import Gateway, parse


def test_the_senders_name_and_address_are_read():
    assert parsed().sender == Address("Anna Reed", "anna@parent.example")


def test_the_domain_is_in_lower_case_and_the_local_part_is_kept():
    assert parsed(sender="Anna.R@PARENT.Example").sender.address == "Anna.R@parent.example"


def test_a_name_in_a_comment_is_a_name():
    assert parsed(sender="anna@parent.example (Anna Reed)").sender.name == "Anna Reed"


def test_a_comma_in_a_quoted_name_does_not_end_the_address():
    assert parsed(sender='"Reed, Anna" <anna@parent.example>').sender == Address(
        "Reed, Anna", "anna@parent.example"
    )


def test_e1_an_encoded_name_is_decoded():
    assert parsed(sender="=?utf-8?q?Zo=C3=AB_Reed?= <zoe@parent.example>").sender.name == "Zoë Reed"


def test_e1_an_encoded_name_in_a_quoted_string_is_decoded_as_clients_send_it():
    assert parsed(sender='"=?utf-8?q?Zo=C3=AB?=" <zoe@parent.example>').sender.name == "Zoë"


def test_e1_an_encoded_word_is_not_decoded_in_an_address():
    assert (
        parsed(sender="=?utf-8?q?anna=40parent.example?=").sender.address
        == "=?utf-8?q?anna=40parent.example?="
    )


def test_every_from_address_is_kept():
    message = parsed(sender="a@one.example, b@two.example")
    assert [each.address for each in message.from_addresses] == ["a@one.example", "b@two.example"]


def test_an_address_in_the_display_name_is_not_the_sender():
    assert parsed(sender='"anna@parent.example" <x@evil.example>').sender.address == "x@evil.example"


@pytest.mark.parametrize("sender", ["anna@parent.example)x@evil.example", "a@b@parent.example", "<<<"])
def test_an_address_that_can_be_read_in_two_ways_is_not_guessed_at(sender):
    message = parsed(sender=sender)
    assert (message.sender.address, "no From address" in message.defects) == ("", True)


def test_a_missing_from_is_a_defect():
    assert "no From address" in parsed(sender=None).defects


def test_a_group_names_its_members_and_an_empty_one_nobody():
    message = parsed("To: Class 8B: a@one.example, b@two.example;", "Cc: undisclosed-recipients:;")
    assert [each.address for each in (*message.to, *message.cc)] == ["a@one.example", "b@two.example"]


def test_an_unreadable_recipient_is_a_defect_and_the_others_are_read():
    message = parsed("To: a@one.example, b@@two.example")
    assert [each.address for each in message.to] == ["a@one.example"]
    assert "an address in To cannot be read" in message.defects


def test_a4_resent_recipients_of_all_three_headers_are_read():
    message = parsed("Resent-To: a@one.example", "Resent-Cc: b@two.example", "Resent-Bcc: c@three.example")
    assert message.recipients == {"a@one.example", "b@two.example", "c@three.example"}


def test_a5_a_missing_return_path_is_none():
    assert parsed().return_path is None


@pytest.mark.parametrize("path", ["<>", "< >", ""])
def test_a5_a_null_return_path_is_the_empty_string(path):
    assert parsed(f"Return-Path: {path}").return_path == ""


def test_a19_the_topmost_return_path_counts():
    message = parsed("Return-Path: <anna@Parent.example>", "Return-Path: <x@evil.example>")
    assert message.return_path == "anna@parent.example"


def test_a_return_path_that_cannot_be_read_is_a_defect_and_not_null():
    message = parsed("Return-Path: <a@b@c>")
    assert (message.return_path, "the Return-Path cannot be read" in message.defects) == (None, True)


@pytest.mark.parametrize(
    ("header", "subject"),
    [
        ("=?utf-8?b?SmFrZSwgOEI=?=", "Jake, 8B"),
        ("=?iso-8859-1?Q?Zo=EB?= in 8B", "Zoë in 8B"),
        ("=?utf-8?q?Zo=C3?= =?utf-8?q?=AB?=", "Zoë"),
        ("=?UTF-8*en?q?Jake?=", "Jake"),
        ("=?utf-8?q?Re=3A?=\r\n =?utf-8?q?_Jake?=", "Re: Jake"),
        ("Jake\r\n\tin 8B", "Jake in 8B"),
        ("=?x-none?q?Jake?=", "Jake"),
        ("=?utf-8?b?!?= Jake", "=?utf-8?b?!?= Jake"),
        ("Zoë", "Zoë"),
        ("", ""),
    ],
)
def test_e1_a_subject_is_decoded(header, subject):
    assert parsed(f"Subject: {header}").subject == subject


def test_a_subject_in_raw_latin_1_is_read():
    assert parse(b"Subject: Zo\xeb\n\n", RECEIVED).subject == "Zoë"


def test_an_encoded_line_break_does_not_reach_the_subject():
    assert (
        parsed("Subject: =?utf-8?q?Jake=0D=0ABcc=3A_x=40evil.example?=").subject == "Jake Bcc: x@evil.example"
    )


def test_an_encoded_line_break_does_not_reach_a_name():
    assert parsed(sender="=?utf-8?q?A=0D=0AB?= <anna@parent.example>").sender.name == "A B"


def test_a_date_is_read_in_utc():
    message = parsed("Date: Mon, 5 Oct 2026 10:12:00 +0100")
    assert message.date == datetime(2026, 10, 5, 9, 12, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["-0000", "BST", ""])
def test_a_date_without_a_known_zone_counts_as_utc(zone):
    assert parsed(f"Date: Mon, 5 Oct 2026 10:12:00 {zone}").date.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "date", ["yesterday", "Mon, 5 Oct 99999 10:12:00 +0100", "Fri, 31 Dec 9999 23:59:00 -1200"]
)
def test_a_date_that_is_none_is_a_defect(date):
    message = parsed(f"Date: {date}")
    assert (message.date, "the Date cannot be read" in message.defects) == (None, True)


def test_the_received_time_is_the_one_handed_in():
    assert parsed("Date: Mon, 5 Oct 2020 10:12:00 +0100").received == RECEIVED


def test_ids_and_references_are_read_in_order():
    message = parsed(
        "Message-ID: <3@x.example>",
        "In-Reply-To: <2@x.example>",
        "References: <1@x.example>\r\n <2@x.example>",
    )
    assert message.message_id == "<3@x.example>"
    assert (message.in_reply_to, message.references) == (
        ("<2@x.example>",),
        ("<1@x.example>", "<2@x.example>"),
    )


def test_headers_keep_every_value_in_order_unfolded_and_undecoded():
    message = parsed("X-Note: one", "x-note: =?utf-8?q?two?=\r\n three")
    assert message.headers["x-note"] == ("one", "=?utf-8?q?two?= three")


def test_plain_text_is_decoded():
    message = parsed(
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: base64",
        body="Wm/DqyBpcyBpbGwu",
    )
    assert message.text == "Zoë is ill."


def test_text_that_calls_itself_latin_1_has_its_apostrophes():
    raw_mail = b"Content-Type: text/plain; charset=iso-8859-1\n\nShe can\x92t come."
    assert parse(raw_mail, RECEIVED).text == "She can’t come."


def test_an_unknown_character_set_is_named_and_the_text_is_read():
    message = parsed("Content-Type: text/plain; charset=x-klingon")
    assert (message.text, message.defects) == ("Jake is ill today.", ("unknown character set 'x-klingon'",))


@pytest.mark.parametrize("charset", ["idna", "punycode", "unicode_escape", "undefined", "hex", "rot13"])
def test_a_codec_that_is_no_character_set_of_mail_is_refused(charset):
    assert parsed(f"Content-Type: text/plain; charset={charset}").defects == (
        f"unknown character set {charset!r}",
    )


def test_bytes_that_do_not_fit_their_character_set_are_a_defect():
    message = parse(b"From: a@b.example\nContent-Type: text/plain; charset=shift_jis\n\nill \xff\n", RECEIVED)
    assert message.defects == ("bytes that are not of the character set shift_jis",)


def test_html_alone_is_read_as_text():
    message = parsed("Content-Type: text/html", body="<p>Jake is <b>ill</b></p><p>Anna</p>")
    assert message.text == "Jake is ill\n\nAnna"


def test_of_alternatives_the_plain_text_counts():
    assert multipart(part("<p>html</p>", "text/html"), part("plain"), kind="alternative").own_text == "plain"


def test_a_blank_plain_text_gives_way_to_html():
    assert multipart(part(" \r\n"), part("<p>html</p>", "text/html"), kind="alternative").text == "html"


def test_every_readable_part_of_a_mixed_message_counts():
    message = multipart(part("<p>one</p>", "text/html"), part("x", "image/png"), part("two"))
    assert message.text == "one\n\ntwo"


def test_an_attachment_is_known_by_name_type_and_size_only():
    image = part(
        "AAAA",
        "image/png",
        "Content-Transfer-Encoding: base64",
        'Content-Disposition: attachment; filename="a.png"',
    )
    message = multipart(part("see"), image)
    assert message.attachments == (Attachment("a.png", "image/png", 3),)


@pytest.mark.parametrize(
    "parameters",
    [
        "filename*=utf-8''Zo%C3%AB.pdf",
        "filename*0*=utf-8''Zo%C3%AB; filename*1=.pdf",
        'filename="=?utf-8?q?Zo=C3=AB.pdf?="',
    ],
)
def test_e2_an_attachments_name_is_decoded(parameters):
    message = multipart(part("x", "application/pdf", f"Content-Disposition: attachment; {parameters}"))
    assert message.attachments[0].filename == "Zoë.pdf"


def test_an_attached_message_counts_as_text_and_its_attachments_are_listed():
    inner = "Subject: old\r\nContent-Type: application/pdf\r\n\r\nx"
    plain = "Subject: old\r\n\r\nHe was hurt."
    message = multipart(part("see"), part(plain, "message/rfc822"), part(inner, "message/rfc822"))
    assert message.text == "see\n\nHe was hurt."
    assert [each.content_type for each in message.attachments] == [
        "message/rfc822",
        "message/rfc822",
        "application/pdf",
    ]


def test_an_attached_message_is_part_of_the_own_text():
    assert (
        "He was hurt."
        in multipart(part("see"), part("Subject: old\r\n\r\nHe was hurt.", "message/rfc822")).own_text
    )


def test_d1_the_message_that_a_bounce_carries_is_not_the_own_text():
    message = multipart(
        part("failed"), part("Subject: ours\r\n\r\nDear Anna", "message/rfc822"), kind="report"
    )
    assert (message.own_text, message.content_type) == ("failed", "multipart/report")


def test_what_answers_nothing_quotes_nothing():
    message = parsed("Subject: Ella", body="She must not eat:\n> nuts\n> sesame\nThank you.")
    assert message.own_text == "She must not eat:\nnuts\nsesame\nThank you."


@pytest.mark.parametrize(
    "header", ["In-Reply-To: <1@x.example>", "References: <1@x.example>", "Subject: Re: Ella"]
)
def test_what_an_answer_quotes_is_not_its_own(header):
    assert parsed(header, body="She is ill.\n\n> Where is she?").own_text == "She is ill."


def test_an_empty_answer_does_not_speak_with_the_quoted_words():
    message = parsed(
        "Subject: Re: Jake",
        "In-Reply-To: <1@x.example>",
        body="On 5 Oct 2026, Mr Hale wrote:\n> Where is he?",
    )
    assert message.own_text == ""


def test_t1_without_a_gateway_nobody_is_believed():
    assert parsed("Authentication-Results: mx.school.example; dmarc=pass").dmarc is Verdict.UNKNOWN


def test_t1_the_schools_own_gateway_is_believed():
    gateway = Gateway(frozenset({"mx.school.example"}))
    assert (
        parsed("Authentication-Results: mx.school.example; dmarc=pass", gateway=gateway).dmarc is Verdict.PASS
    )


TRACED = "Message-ID: <1@x.example>", "Date: Mon, 5 Oct 2026 10:12:00 +0100", "Subject: Jake"


@pytest.mark.parametrize(
    "other",
    [
        raw("Delivered-To: b@school.example", "Received: by x", "X-Spam: 1", "Return-Path: <>", *TRACED),
        raw(*reversed(TRACED)),
        raw("Message-Id:\r\n <1@x.example>", *TRACED[1:]),
        raw(*TRACED).replace(b"\r\n", b"\n"),
    ],
    ids=["trace headers", "order", "folding", "line ends"],
)
def test_the_same_message_in_another_mailbox_has_the_same_hash(other):
    assert parse(other, RECEIVED).content_hash == parse(raw(*TRACED), RECEIVED).content_hash


@pytest.mark.parametrize(
    "other",
    [
        raw(*TRACED, body="Jake is well."),
        raw(*TRACED[:2], "Subject: Joe"),
        raw(*TRACED, sender="x@evil.example"),
    ],
    ids=["body", "subject", "sender"],
)
def test_another_message_has_another_hash(other):
    assert parse(other, RECEIVED).content_hash != parse(raw(*TRACED), RECEIVED).content_hash


def test_a_message_cut_at_the_size_cap_hashes_alike_whatever_its_trace():
    long = raw(*TRACED, body="x" * 200_000)
    cuts = [parse(mail[:100_000], RECEIVED, truncated=True) for mail in (long, b"Received: by y\r\n" + long)]
    assert cuts[0].content_hash == cuts[1].content_hash


def test_the_size_is_that_of_the_bytes():
    assert parse(raw(), RECEIVED).size == len(raw())


def test_a_folded_transfer_encoding_is_still_decoded():
    raw = (
        b"From: a@home.example\r\nContent-Type: text/plain; charset=utf-8\r\n"
        b"Content-Transfer-Encoding:\r\n\tquoted-printable\r\n\r\nZo=C3=AB\r\n"
    )
    message = parse(raw, datetime(2026, 10, 14, 10, 30, tzinfo=UTC))
    assert (message.text.strip(), message.defects) == ("Zo\u00eb", ())


def test_of_a_text_as_long_as_a_novel_the_beginning_is_read_and_it_is_told():
    message = parsed(body="he is hurt " * 100_000)
    assert (len(message.text), len(message.own_text), message.truncated) == (500_000, 500_000, True)
