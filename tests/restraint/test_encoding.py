"""E1 to E3: encoded words, parameters that are continued, and addresses beyond ASCII."""

import re

import pytest

from tests.acceptance.school import now
from tests.restraint.running import letter, write
from tests.unit.message.raw_mail import multipart, parsed, part
from triage.mail.smtp import deliver

ENCODED = re.compile(rb"=\?[^?\s]+\?[bqBQ]\?[^?\s]*\?=")
JOERG = "jörg@post.example"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("=?utf-8?B?SsO2cmc=?=", "Jörg"),
        ("=?UTF-8?Q?J=C3=B6rg_M=C3=BCller?=", "Jörg Müller"),
        ("=?iso-8859-1?q?J=F6rg?= <", "Jörg <"),
        ("=?utf-8?B?SsO2?= =?utf-8?B?cmc=?=", "Jörg"),
        ("=?utf-8?B?SsM=?= =?utf-8?B?tnJn?=", "Jörg"),
        ("=?utf-8*en?Q?J=C3=B6rg?= on Monday", "Jörg on Monday"),
        ("=?utf-8?B?broken", "=?utf-8?B?broken"),
    ],
    ids=["base64", "quoted", "Latin", "two words", "a letter cut in two", "with a language", "broken"],
)
def test_e1_both_forms_of_encoded_words_are_read(written, read):
    assert parsed(f"Subject: {written}").subject == read


def test_e1_what_goes_out_has_short_words_and_none_within_an_address_or_quotes(start_worded):
    school = start_worded(environ={"TRIAGE_SCHOOL__NAME": "Ysgol Gynradd y Tŵr, Llanfair-pwllgwyngyll " * 2})
    write(school, 1)
    school.poll()
    head = school.replies[0].raw.partition(b"\r\n\r\n")[0]
    words = ENCODED.findall(head)
    assert len(words) > 2
    assert max(map(len, words)) <= 75
    assert all(ENCODED.search(inside) is None for inside in re.findall(rb'<[^>]*>|"[^"]*"', head))


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ("filename*=utf-8''J%C3%B6rg.pdf", "Jörg.pdf"),
        ('filename*0="part one "; filename*1=and two.pdf', "part one and two.pdf"),
        ("filename*0*=utf-8''J%C3%B6; filename*1*=rg; filename*2=.pdf", "Jörg.pdf"),
        ("filename*1=two.pdf; filename*0=one-", "one-two.pdf"),
    ],
    ids=["character set", "continued", "both", "out of order"],
)
def test_e2_continued_and_encoded_parameters_are_read(disposition, name):
    attached = part("x", "application/pdf", f"Content-Disposition: attachment; {disposition}")
    assert [one.filename for one in multipart(part("Hello"), attached).attachments] == [name]


def test_e2_a_boundary_that_is_continued_holds_the_parts_together():
    kind = 'Content-Type: multipart/mixed; boundary*0="left-"; boundary*1="right"'
    body = "--left-right\r\n\r\nJake is ill.\r\n--left-right--\r\n"
    assert parsed(kind, body=body).text == "Jake is ill."


@pytest.mark.parametrize("offered", [False, True])
def test_e3_a_letter_from_an_address_beyond_ascii_is_held_and_flagged(worded, offered):
    worded.sink.behave(smtputf8=offered)
    raw = letter({"To": worded.address()}, sender=None, return_path=None)
    named = f"Return-Path: <{JOERG}>\r\nFrom: {JOERG}\r\n".encode()
    worded.dovecot.append(worded.users[0], named + raw, now())
    worded.poll()
    assert (worded.sink.received, worded.tally()) == ([], {"failed": 1})
    assert ("reply-failed", "administrator", None) in worded.flags()


def test_e3_no_such_address_is_given_to_a_server_that_does_not_offer_it(sink):
    sink.behave(smtputf8=False)
    answer = deliver(sink.smtp(), "", JOERG, b"Subject: Hello\r\n\r\nHello\r\n", lambda: True)
    assert (answer.kind, answer.step) == ("rejected", "smtputf8")
    assert sink.steps == []
