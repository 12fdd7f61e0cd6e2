import encodings
import os
import string
import sysconfig
from dataclasses import fields as fields_of
from encodings.aliases import aliases
from pathlib import Path
from pkgutil import iter_modules

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.message.raw_mail import RECEIVED
from triage.domain.model import Message, Verdict
from triage.message.parse import Gateway, parse

FROM = b"From: Anna Reed <anna@parent.example>\n"
GATEWAY = Gateway(frozenset({"mx.school.example"}))


def strings(value):
    """Every string within a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from strings(each)
    elif isinstance(value, dict):
        for each in value.items():
            yield from strings(each)
    elif hasattr(value, "__dataclass_fields__"):
        for each in fields_of(value):
            yield from strings(getattr(value, each.name))


def read(raw: bytes) -> Message:
    """Parse, and check what holds for every message: no last net, and every field can be stored."""
    message = parse(raw, RECEIVED, GATEWAY)
    assert not any("could not be read" in defect for defect in message.defects), message.defects
    for text in strings(message):
        text.encode("utf-8")
        assert "\0" not in text
    lines = [each for each in strings(message) if each not in {message.text, message.own_text, message.html}]
    assert not [line for line in lines if "\n" in line or "\r" in line]
    return message


@pytest.fixture(scope="module")
def cpythons_mail() -> list[bytes]:
    """The messages that CPython tests its email package with, part of the standard library's tests."""
    folder = Path(sysconfig.get_path("stdlib"), "test", "test_email", "data")
    mails = [path.read_bytes() for path in sorted(folder.glob("*.txt"))]
    if not mails:
        missing = (
            f"{folder} has no messages: install the standard library's tests (Debian: libpython3-testsuite)"
        )
        pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)
    return mails


def test_cpythons_own_test_mail_is_read(cpythons_mail):
    for mail in cpythons_mail:
        read(mail)


def test_cpythons_own_test_mail_is_read_when_it_is_cut_anywhere(cpythons_mail):
    for mail in cpythons_mail:
        for end in range(0, len(mail), max(1, len(mail) // 20)):
            read(mail[:end])


def test_cpythons_own_test_mail_is_read_when_two_are_spliced(cpythons_mail):
    for first, second in zip(cpythons_mail, cpythons_mail[7:] + cpythons_mail[:7], strict=True):
        read(first[: len(first) // 2] + second[len(second) // 3 :])
        read(first.replace(b"\n\n", b"\n" + second.partition(b"\n\n")[0] + b"\n\n", 1))


CHARSETS = [
    "utf-8",
    "us-ascii",
    "utf-16",
    "utf-7",
    "iso-2022-jp",
    "big5",
    "hz",
    "x-none",
    "idna",
    "hex",
    "\udc80",
    "",
    "\0",
]
TYPES = [
    "text/plain",
    "text/html",
    "multipart/mixed",
    "multipart/alternative",
    "multipart/digest",
    "multipart/report",
]
TYPES += [
    "message/rfc822",
    "message/delivery-status",
    "message/partial",
    "image/png",
    "text",
    "/",
    "multipart/",
]
PARAMETERS = [
    "boundary=b",
    'boundary="b',
    "boundary*=a; boundary*0=b",
    "boundary*=idna''b",
    "boundary*99=b",
    "name*=x'y",
]
PARAMETERS += [
    "name*0*=utf-8\0''a",
    "filename*1=b; filename*=utf-7''+2AA-",
    ";;;",
    '"',
    "charset*=a'b'c",
    "name=" + "a" * 3000,
]
ENCODINGS = ["base64", "quoted-printable", "x-uuencode", "8bit", "binary", "?", ""]
NAMES = [
    "From",
    "To",
    "Cc",
    "Subject",
    "Date",
    "Return-Path",
    "Message-ID",
    "References",
    "In-Reply-To",
    "Received",
]
NAMES += ["Authentication-Results", "Content-Disposition", "X y", "", "Resent-To", "Reply-To"]
BROKEN = [
    "=?utf-8?q?=0D=0A?=",
    "=?utf-7?b?K0FBQS0=?=",
    "=?",
    "((((",
    "<a@b",
    '"',
    "<>",
    "\r",
    "\n ",
    "\0",
    "mx.school.example;",
]
BROKEN += [
    "anna@parent.example",
    "dmarc=pass",
    "Mon, 5 Oct 2026 99:99:99 +9999",
    "\udcff",
    "a:b;",
    "<<>>",
    "=?x?b?====?=",
]


def encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


values = st.lists(st.one_of(st.sampled_from(BROKEN).map(encoded), st.binary(max_size=12)), max_size=5).map(
    b" ".join
)
headers = st.builds(lambda name, value: encoded(name) + b": " + value, st.sampled_from(NAMES), values)
content = st.builds(
    lambda kind, charset, parameter, encoding: encoded(
        f"Content-Type: {kind}; charset={charset}; {parameter}\r\nContent-Transfer-Encoding: {encoding}"
    ),
    st.sampled_from(TYPES),
    st.sampled_from(CHARSETS),
    st.sampled_from(PARAMETERS),
    st.sampled_from(ENCODINGS),
)
leaves = st.one_of(
    st.binary(max_size=60),
    st.text(string.printable, max_size=60).map(encoded),
    st.sampled_from(
        [b"<p>a<blockquote type=cite>", b"begin 644 x\n#~~~", b"=\n=Z=FF", b"> > a\n-- \nb", b"2ADY"]
    ),
)


def entity(fields: list[bytes], body: bytes) -> bytes:
    return b"\r\n".join([*fields, b"", body])


def entities(children):
    body = st.lists(children, max_size=4).map(
        lambda each: b"--b\r\n" + b"\r\n--b\r\n".join(each) + b"\r\n--b--"
    )
    fields = st.tuples(content, st.lists(headers, max_size=3)).map(lambda pair: [pair[0], *pair[1]])
    return st.builds(entity, fields, st.one_of(body, children))


broken_mail = st.builds(
    entity, st.lists(headers, max_size=6), st.recursive(leaves, entities, max_leaves=12)
).map(lambda mail: mail.replace(b"\r\n\r\n", b"\r\n", 1))


@settings(max_examples=300)
@given(broken_mail)
def test_broken_mail_is_a_value(mail):
    assert read(mail).size == len(mail)


@settings(max_examples=150)
@given(st.binary(max_size=400))
def test_any_bytes_are_a_value(mail):
    assert read(mail).size == len(mail)


EVERY_CODEC = sorted({*aliases, *(module.name for module in iter_modules(encodings.__path__))})
codecs = st.one_of(
    st.sampled_from(["utf-7", "utf-16", "unicode_escape", "idna", "x-none", ""]),
    st.sampled_from(EVERY_CODEC),
)
said = st.one_of(
    st.binary(max_size=12),
    st.sampled_from(
        [b"+2AA-", b"%5Cud800", b"%ED%A0%80", b"%00%D8", b"%0D%0A", b'"', b"%", b"note.pdf", b"'"]
    ),
)
stars = st.sampled_from([b"*", b"*0*", b"", b"*0", b"*1*", b"*99999999999", b"*99999999999*", b"**"])
extended = st.builds(
    lambda name, star, codec, value: name + star + b"=" + codec.encode() + b"''" + value.replace(b"\n", b""),
    st.sampled_from([b"filename", b"name", b"charset", b"boundary", b"format", b"x"]),
    stars,
    codecs,
    said,
)
plain = st.builds(lambda star, codec: b"charset" + star + b'="' + codec.encode() + b'"', stars, codecs)
parameters = st.lists(st.one_of(extended, plain), min_size=1, max_size=4).map(b"; ".join)
LETTER = b"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\naGUgaXMgaHVydA==\n"


def beside_the_letter(*fields: bytes) -> bytes:
    """A letter, and behind it a part with these fields."""
    attached = b"\n".join([b"--b", *fields, b"", b"x", b"--b--", b""])
    return FROM + b"Subject: Jake\nContent-Type: multipart/mixed; boundary=b\n\n--b\n" + LETTER + attached


@settings(max_examples=400)
@given(
    st.sampled_from(["application/pdf", "text/plain", "text/html", "message/rfc822", "text/calendar"]),
    parameters,
)
def test_no_parameter_of_another_part_costs_the_letter(kind, parameter):
    message = read(
        beside_the_letter(
            b"Content-Type: " + kind.encode() + b"; " + parameter,
            b"Content-Disposition: attachment; " + parameter,
        )
    )
    assert (message.sender.address, message.subject) == ("anna@parent.example", "Jake")
    assert message.own_text.startswith("he is hurt")


@pytest.mark.parametrize("value", ["+2AA-", "%5Cud800", "%5Cq", "%00%D8", "%ED%A0%80"])
def test_no_codec_of_another_parts_name_costs_the_letter(value):
    for codec in EVERY_CODEC:
        named = f"*={codec}''{value}".encode()
        message = read(
            beside_the_letter(
                b"Content-Type: application/pdf; name" + named,
                b"Content-Disposition: attachment; filename" + named,
            )
        )
        assert message.own_text == "he is hurt", codec


@pytest.mark.parametrize(
    "field",
    [
        b"Content-Disposition: attachment; name*=utf-7''+2AA-",
        b"Content-Disposition: attachment; filename*=utf-7''+2AA-",
        b"Content-Disposition: attachment; filename*=unicode_escape''%5Cud800",
        b"Content-Disposition: attachment; filename*=unicode_escape''%5Cq",
        b"Content-Disposition: attachment; filename*=a; filename*0=b",
        b"Content-Type: application/pdf; name*=utf-7''+2AA-",
        b"Content-Type: application/pdf; name*=idna''%80",
        b'Content-Type: \xff/\xfe; name="\xed\xa0\x80"',
    ],
)
def test_an_attachments_broken_name_costs_the_name_only(field):
    message = read(beside_the_letter(field))
    assert (message.sender.address, message.own_text[:10]) == ("anna@parent.example", "he is hurt")


def test_a_broken_name_costs_no_character_set_beside_it():
    letter = b"Content-Type: text/plain; charset=iso-8859-2; name*=a; name*0=b\n\nPawe\xb3\n"
    assert read(FROM + letter).text == "Paweł"


def test_a_name_in_plain_utf_8_is_read():
    message = read(beside_the_letter('Content-Disposition: attachment; filename="Zoë.pdf"'.encode()))
    assert message.attachments[0].filename == "Zoë.pdf"


@pytest.mark.parametrize(
    "parameters",
    [
        b"boundary*=idna''%80",
        b"boundary*=unicode_escape''%5Cq",
        b"boundary*=utf-7''+2AA-",
        b"boundary*=a; boundary*0=c",
        b"boundary*99=c",
        b"boundary=c; name*=a; name*0=c",
        b"boundary*" + b"9" * 1900 + b"=c",
    ],
)
def test_a_broken_boundary_costs_its_own_group_only(parameters):
    message = read(beside_the_letter(b"Content-Type: multipart/mixed; " + parameters))
    assert message.own_text.startswith("he is hurt")


@pytest.mark.parametrize(
    "parameters",
    [
        b"boundary=b; name*=x; name*0=y",
        b"boundary=b; charset*=idna''%80",
        b'name*99999999999=x;\n boundary="b"',
        b"boundary*=us-ascii'en'b",
        b"boundary*0=b; boundary*1*=",
        b"boundary*0=b; boundary*0=c",
        b"boundary*=idna''b",
    ],
)
def test_a_group_whose_boundary_can_be_read_is_read(parameters):
    mail = FROM + b"Content-Type: multipart/mixed; " + parameters + b"\n\n--b\n" + LETTER + b"--b--\n"
    assert read(mail).own_text == "he is hurt"


@pytest.mark.parametrize("boundary", ["a b", "a;b", 'a"b', "a\\b", "(a'b)+_,-./:=?"])
def test_a_group_keeps_its_boundary_beside_a_parameter_in_two_ways(boundary):
    quoted = boundary.replace("\\", "\\\\").replace('"', '\\"')
    kind = f'Content-Type: multipart/mixed; boundary="{quoted}"; x*=a; x*0=b\n\n--{boundary}\n'
    assert read(FROM + kind.encode() + LETTER).own_text == "he is hurt"


def test_a_report_stays_a_report_beside_a_parameter_in_two_ways():
    kind = b"Content-Type: multipart/report; report-type=delivery-status; boundary=b; x*=a; x*0=b\n\n--b\n"
    assert 'report-type="delivery-status"' in read(FROM + kind + LETTER).header("content-type")


def nested(count: int, before: bytes = b"") -> bytes:
    kind = b"Content-Type: " + before + b"multipart/mixed; "
    levels = (kind + b'boundary="b%d"\n\n--b%d\n' % (i, i) for i in range(count))
    return FROM + b"".join(levels) + b"\nhe is hurt\n"


HOSTILE = {
    "nothing": b"",
    "no headers": b"\nhe is hurt",
    "20,000 addresses": FROM
    + b"To: "
    + b", ".join(b"<p%d@x.example>" % i for i in range(20_000))
    + b"\n\nhe is hurt",
    "50,000 header lines": FROM + b"X-A: b\n" * 50_000 + b"\nhe is hurt",
    "2 MB subject": FROM + b"Subject: " + b"x" * 2_000_000 + b"\n\nhe is hurt",
    "5,000 nested comments": b"From: " + b"(" * 5_000 + b")" * 5_000 + b"anna@parent.example\n\nhe is hurt",
    "3,000 nested multiparts": nested(3_000),
    "3,000 groups behind a control character": nested(3_000, b"\x1c"),
    "a broken group behind a control character": FROM
    + b"Content-Type: \x1fmultipart/mixed; boundary*=b; boundary*0=c\n\nhe is hurt",
    "300 attached messages": FROM + b"Content-Type: message/rfc822\n\n" * 300 + b"he is hurt",
    "NUL bytes": FROM + b"Subject: a\0b\n\nhe is\0 hurt",
    "bare CR": FROM.replace(b"\n", b"\r") + b"Subject: a\r\rhe is hurt\r",
    "bad base64": FROM + b"Content-Transfer-Encoding: base64\n\n=a=!?\n",
    "long content type": FROM + b"Content-Type: text/plain" + b";" * 100_000 + b"\n\nhe is hurt",
    "boundary in two ways": FROM + b"Content-Type: multipart/mixed; boundary*=a; boundary*0=b\n\nhe is hurt",
    "boundary in no character set": FROM + b"Content-Type: multipart/mixed; boundary*=idna''x\n\nhe is hurt",
    "a character set that raises": FROM + b"Content-Type: text/plain; charset=idna\n\nhe is hurt \x80",
    "a character set in two ways": FROM
    + b"Content-Type: text/plain; charset*1=b; charset*=a\n\nhe is hurt \x80",
    "an unknown character set": FROM + b"Content-Type: text/plain; charset=x\n\nhe is hurt",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_mail_is_a_value(name):
    assert read(HOSTILE[name]).size == len(HOSTILE[name])


@pytest.mark.parametrize(
    "name", [name for name in HOSTILE if b"he is hurt" in HOSTILE[name] and "NUL" not in name]
)
def test_the_words_in_hostile_mail_are_read(name):
    assert "he is hurt" in read(HOSTILE[name]).text


@pytest.mark.parametrize(
    ("name", "defect"),
    [
        ("nothing", "no headers"),
        ("2 MB subject", "the subject is too long"),
        ("3,000 nested multiparts", "more than 60 groups of parts"),
        ("300 attached messages", "more than 60 groups of parts"),
        ("NUL bytes", "NUL bytes"),
        ("bad base64", "broken base64"),
        ("long content type", "a content header is too long"),
        ("3,000 groups behind a control character", "more than 60 groups of parts"),
        ("boundary in two ways", "several parts are announced, but none begins"),
        ("boundary in no character set", "several parts are announced, but none begins"),
        ("an unknown character set", "unknown character set 'x'"),
    ],
)
def test_what_is_wrong_is_named(name, defect):
    assert defect in read(HOSTILE[name]).defects


def test_every_one_of_20_000_addresses_is_read():
    assert len(read(HOSTILE["20,000 addresses"]).to) == 20_000


def test_an_address_behind_5_000_comments_is_read():
    assert read(HOSTILE["5,000 nested comments"]).sender.address == "anna@parent.example"


def test_parts_beyond_the_cap_are_a_defect():
    parts = b"--b\n\nhello\n" * 2_000
    assert (
        "more than 1000 parts"
        in read(FROM + b"Content-Type: multipart/mixed; boundary=b\n\n" + parts).defects
    )


class Unheard(bytes):
    """Bytes that fail in a way no message can: nothing is known that a message does to reach the last net."""

    __slots__ = ()

    def replace(self, *_):
        raise RuntimeError


def test_the_last_net_names_its_defect_and_believes_nobody():
    message = parse(Unheard(FROM), RECEIVED, GATEWAY)
    assert message.defects == ("could not be read (RuntimeError)",)
    assert (message.sender.address, message.return_path, message.dmarc) == ("", None, Verdict.UNKNOWN)
