"""What is encoded is decoded, however its encoding is named, an attached message too."""

from base64 import b64encode, encodebytes
from quopri import encodestring

import pytest

from tests.unit.message.raw_mail import RECEIVED
from triage.message.parse import parse


@pytest.mark.parametrize(
    "encoding", ["base64; foo", "base64.", "BASE64 (yes)", '"base64"', "\n base64\n ;", "x-base64", "=base64"]
)
def test_a_transfer_encoding_is_known_whatever_stands_around_its_name(encoding):
    head = f"From: a@parent.example\nContent-Transfer-Encoding: {encoding}\n\n".encode()
    assert parse(head + b64encode(b"he is hurt"), RECEIVED).text == "he is hurt"


def test_quoted_printable_with_a_full_stop_behind_it_is_decoded():
    raw = b"From: a@parent.example\nContent-Transfer-Encoding: quoted-printable.\n\nhe is h=75rt\n"
    assert parse(raw, RECEIVED).text == "he is hurt"


FORWARDED = b"""\
From: gran@home.example
Subject: =?utf-8?q?a?=
Content-Type: multipart/mixed; boundary="=_c"

--=_c
Content-Type: text/plain

he is hurt
--=_c
Content-Type: application/pdf; name="letter.pdf"

x
--=_c--
"""


def enclosing(content: bytes, encoding: bytes) -> bytes:
    return b"Content-Type: message/rfc822\nContent-Transfer-Encoding: " + encoding + b"\n\n" + content


@pytest.mark.parametrize(
    ("encode", "encoding"), [(encodebytes, b"base64"), (encodestring, b"quoted-printable")]
)
def test_a_message_that_is_attached_encoded_is_read(encode, encoding):
    message = parse(b"From: a@parent.example\n" + enclosing(encode(FORWARDED), encoding), RECEIVED)
    assert message.own_text == "he is hurt"
    assert [each.filename for each in message.attachments] == ["", "letter.pdf"]


def test_an_encoded_message_in_an_encoded_message_is_read():
    inner = enclosing(encodebytes(FORWARDED), b"base64")
    outer = enclosing(encodebytes(b"Subject: b\n" + inner), b"base64")
    assert parse(b"From: a@parent.example\n" + outer, RECEIVED).text == "he is hurt"


def test_encoded_messages_within_each_other_without_end_are_a_value():
    raw = FORWARDED
    for _ in range(20):
        raw = b"From: a@parent.example\n" + enclosing(encodebytes(raw), b"base64")
    message = parse(raw, RECEIVED)
    assert not any("could not be read" in defect for defect in message.defects)


def test_an_attached_message_that_says_it_is_encoded_and_is_not_is_a_value():
    raw = b"Subject: a\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nF: \x80\n\n\xff"
    message = parse(raw, RECEIVED)
    assert not any("could not be read" in defect for defect in message.defects)
