"""Doubling a hostile message multiplies the CPU time by at most 2.5."""

from collections.abc import Callable

import pytest

from tests.growth import growth_of
from tests.unit.message.raw_mail import RECEIVED
from triage.message.parse import Gateway, parse

GATEWAY = Gateway(frozenset({"mx.school.example"}))
FROM = b"From: anna@parent.example\n"
END = b"\n\nhello\n"
HTML = FROM + b"Content-Type: text/html\n\n"
ALTERNATIVE = FROM + b"Content-Type: multipart/alternative; boundary=b\n\n"
BASE64 = b"Content-Transfer-Encoding: base64\n\n"
FLOWED = FROM + b"Content-Type: text/plain; format=flowed; delsp=yes\n\n"
MIXED = FROM + b"Content-Type: multipart/mixed; boundary=b\n\n"


def header(name: str, repeated: bytes, count: int) -> tuple[Callable[[int], bytes], int]:
    return lambda n: b"X: y\n" + name.encode() + b": " + repeated * n + END, count


def text(repeated: bytes, count: int) -> tuple[Callable[[int], bytes], int]:
    return lambda n: FROM + b"\n" + repeated * n + b"x", count


def html(repeated: bytes, count: int, before: bytes = b"") -> tuple[Callable[[int], bytes], int]:
    return lambda n: HTML + before + repeated * n + b"x", count


def encoded(charset: bytes, repeated: bytes, count: int) -> tuple[Callable[[int], bytes], int]:
    return lambda n: FROM + b"Content-Type: text/plain; charset=" + charset + b"\n\n" + repeated * n, count


def multiparts(count: int) -> bytes:
    return b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (i, i) for i in range(count)
    )


GROWING = {
    "addresses": (
        lambda n: FROM + b"To: " + b",\n ".join(b"P <p%d@x.example>" % i for i in range(n)) + END,
        3_000,
    ),
    "commas": header("From", b",", 50_000),
    "angles": header("From", b"<", 100_000),
    "quotation marks": header("From", b'"', 100_000),
    "backslashes": header("From", b"\\", 200_000),
    "comments": (lambda n: b"From: " + b"(" * n + b")" * n + b"a@b.example" + END, 100_000),
    "open comments": header("From", b"(", 200_000),
    "addresses without commas": header("To", b"a@b ", 100_000),
    "return path": header("Return-Path", b"<", 100_000),
    "header lines": (lambda n: FROM + b"X-A: b\n" * n + END, 15_000),
    "header names": (lambda n: FROM + b"".join(b"X-%d: b\n" % i for i in range(n)) + END, 10_000),
    "folded lines": (lambda n: FROM + b"X-A: b\n" + b" c\n" * n + END, 60_000),
    "long subject": header("Subject", b"x", 2_000_000),
    "blank subject": header("Subject", b" ", 2_000_000),
    "encoded words": header("Subject", b"=?utf-8?q?a?= ", 30_000),
    "half encoded words": header("Subject", b"=?a?q?", 200_000),
    "bad encoded words": header("Subject", b"=?x?q?a?= =?y?b?!?=", 8_000),
    "date": header("Date", b"1 ", 300_000),
    "references": header("References", b"<a@b> <", 30_000),
    "half references": header("References", b"<", 1_000_000),
    "authentication results": header("Authentication-Results", b"mx.school.example;dmarc ;(", 20_000),
    "received": (lambda n: b"Received: by  mx ; by by\n" * n + FROM + END, 8_000),
    "nested parts": (lambda n: FROM + multiparts(n) + b"\nhello\n", 3_000),
    "attached messages": (lambda n: FROM + b"Content-Type: message/rfc822\n\n" * n, 15_000),
    "parts": (lambda n: MIXED + b"--b\n\nhello\n" * n, 8_000),
    "lines in 60 levels": (lambda n: FROM + multiparts(60) + b"\n" + b"a\n" * n, 8_000),
    "status fields": (lambda n: FROM + b"Content-Type: message/delivery-status\n\n" + b"A: b\n\n" * n, 5_000),
    "semicolons": header("Content-Type", b";", 500_000),
    "parameters": (
        lambda n: MIXED + (b"--b\nContent-Type: text/plain" + b';a="' * 400 + b"\n\nx\n") * n,
        200,
    ),
    "boundary with blanks": (lambda n: MIXED + b"--b\n\n--b" + b" " * n + b"x", 1_000_000),
    "base64": (lambda n: FROM + b"Content-Transfer-Encoding: base64\n\n" + b"=a=b=!\n" * n, 100_000),
    "encoded messages": (
        lambda n: MIXED + (b"--b\nContent-Type: message/rfc822\n" + BASE64 + b"QTogYgoKYwo=\n") * n,
        300,
    ),
    "an encoded message": (
        lambda n: FROM + b"Content-Type: message/rfc822\n" + BASE64 + b"QTogYgoK\n" * n,
        60_000,
    ),
    "transfer encoding": header("Content-Transfer-Encoding", b"base6 quoted-", 100_000),
    "quoted-printable": (
        lambda n: FROM + b"Content-Transfer-Encoding: quoted-printable\n\n" + b"=F=\n" * n,
        40_000,
    ),
    "uuencode": (
        lambda n: FROM + b"Content-Transfer-Encoding: uuencode\n\nbegin 644 x\n" + b"M~~\n" * n,
        15_000,
    ),
    "utf-7": encoded(b"utf-7", b"+2AA-", 300_000),
    "iso-2022-jp": encoded(b"iso-2022-jp", b"\x1b$B\xff\xff", 200_000),
    "gb18030": encoded(b"gb18030", b"\xff\xfe\x81", 300_000),
    "empty lines": text(b"\n", 60_000),
    "carriage returns": text(b"\r", 60_000),
    "quotation depth in one line": text(b">", 1_000_000),
    "spaced quotation depth": text(b"> ", 2_000_000),
    "quotation depth over lines": (
        lambda n: FROM + b"\n" + b"".join(b">" * (i % 500) + b"a\n" for i in range(n)),
        8_000,
    ),
    "quoted lines": text(b"> a\n", 15_000),
    "underscores": text(b"_", 3_000_000),
    "lines of underscores": text(b"_" * 40 + b"\n", 5_000),
    "blanks": text(b" ", 200_000),
    "lines of blanks": text(b" \n", 25_000),
    "hyphens": text(b"-", 3_000_000),
    "attributions": text(b"On 1 a wrote\n", 4_000),
    "header blocks": text(b"From: a\n", 4_000),
    "disclaimers": text(b"This email received this ", 40_000),
    "signature marks": text(b"--\na\n", 3_000),
    "sentences below marks": text(b"--\nHe is at home with a cold.\n", 1_500),
    "hyphens around words": text(b"-- a b --\n", 3_000),
    "attributions with addresses": text(b"On 1 at 10:12 A <a@b.example> wrote:\n> a\n", 1_500),
    "halves of addresses": text(b"On 1 at 10:12 <a@b wrote: ", 20_000),
    "see below": text(b"see below ", 60_000),
    "versions": (
        lambda n: ALTERNATIVE + b"".join(b"--b\nContent-Type: text/html\n\n%d\n" % i for i in range(n)),
        400,
    ),
    "long versions": (
        lambda n: ALTERNATIVE + b"--b\n\n" + b"a " * n + b"\n--b\n\n" + b"a " * n + b"b",
        300_000,
    ),
    "attached texts": (lambda n: MIXED + (b"--b\nContent-Type: text/csv\n\n" + b"a," * 500 + b"\n") * n, 300),
    "calendar folds": (lambda n: MIXED + b"--b\nContent-Type: text/calendar\n\n" + b"a\\n\n " * n, 10_000),
    "flowed lines": (lambda n: FLOWED + b"a \n" * n, 60_000),
    "flowed depths": (lambda n: FLOWED + b"".join(b">" * (i % 500) + b"a \n" for i in range(n)), 8_000),
    "results of DMARC": header(
        "Authentication-Results", b"mx.school.example;dmarc=pass header.from=a ;", 10_000
    ),
    "HTML depth": html(b"<div>", 40_000),
    "HTML paragraphs": html(b"<p>a", 15_000),
    "HTML cells": html(b"<tr><td>a<td>b", 8_000, b"<table><tr><td>" + b"w" * 10_000),
    "HTML lists": html(b"<li>a", 15_000, b"<ul>" * 90),
    "HTML quotations": html(b"<blockquote type=cite>a</blockquote>", 5_000),
    "HTML containers": html(b"<div class=gmail_attr>a</div><div id=Signature>b</div>", 1_000),
    "HTML open tags": html(b"<a ", 100_000),
    "HTML signs": html(b"<", 300_000),
    "HTML attributes": html(b"x='>' ", 100_000, b"<a "),
    "HTML entities": html(b"&#x41;&lt", 50_000),
    "HTML size": html(b"word <b>x</b> ", 100_000),
}


def growth_of_message(name: str) -> float:
    make, count = GROWING[name]
    once, twice = make(count), make(2 * count)
    return growth_of(lambda: parse(once, RECEIVED, GATEWAY), lambda: parse(twice, RECEIVED, GATEWAY))


@pytest.mark.parametrize("name", GROWING)
def test_twice_the_message_takes_at_most_two_and_a_half_times_the_time(young_process, name):
    assert young_process.submit(growth_of_message, name).result() <= 2.5
