"""All that can be read in a message is in its text: other versions of it, and attached text."""

import base64

import pytest

from tests.unit.message.raw_mail import multipart, parsed, part
from triage.domain.model import Attachment
from triage.message.attached import LONGEST, MOST

HURT = "I am being hurt at home."
HTML = f"<p>{HURT}</p>"


def attached(body: str, kind: str = "text/plain", name: str = "note", *headers: str) -> str:
    return part(body, kind, f'Content-Disposition: attachment; filename="{name}"', *headers)


def with_attached(*notes: str):
    return multipart(part("see"), *notes)


def test_what_only_the_html_says_is_in_the_text():
    message = multipart(part("hello"), part(HTML, "text/html"), kind="alternative")
    assert message.text == f"hello\n\n{HURT}"


def test_what_only_the_html_says_is_not_in_the_own_text():
    message = multipart(part("hello"), part(HTML, "text/html"), kind="alternative")
    assert message.own_text == "hello"


def test_what_only_the_plain_text_says_is_in_the_text_wherever_it_stands():
    message = multipart(part("<p>hello</p>", "text/html"), part(HURT), kind="alternative")
    assert (message.text, message.own_text) == (f"{HURT}\n\nhello", HURT)


@pytest.mark.parametrize(
    ("plain", "html"),
    [
        ("I am being\r\nhurt at home.", HTML),
        ("I am *being* hurt at home.", "<p>I am <b>being</b> hurt at home.</p>"),
        ("> I am being hurt\r\n> at home.", f"<blockquote type=cite>{HURT}</blockquote>"),
        ("- hurt\r\n- home", "<ul><li>hurt</li><li>home</li></ul>"),
        ("HURT | HOME", "<table><tr><td>Hurt</td><td>Home</td></tr></table>"),
    ],
    ids=["line ends", "emphasis", "quotation", "list", "table"],
)
def test_what_two_versions_say_alike_is_said_once(plain, html):
    message = multipart(part(plain), part(html, "text/html"), kind="alternative")
    assert message.text == plain.replace("\r\n", "\n")


def test_of_many_versions_each_is_said_once():
    versions = [
        part(HTML, "text/html"),
        part("hello"),
        part(HTML, "text/html"),
        part("<b>hello</b>", "text/html"),
    ]
    assert multipart(*versions, kind="alternative").text == f"hello\n\n{HURT}"


def test_a_version_of_a_type_that_is_not_known_is_read():
    message = multipart(part("hello"), part(HTML, "text/x-amp-html"), kind="alternative")
    assert message.text == f"hello\n\n{HURT}"


def test_a_note_attached_to_a_version_is_read():
    related = part(
        f"--c\r\nContent-Type: text/html\r\n\r\nhello\r\n--c\r\n{attached(HURT)}\r\n--c--",
        'multipart/related; boundary="c"',
    )
    assert multipart(part("hello"), related, kind="alternative").text == f"hello\n\n{HURT}"


def test_a_message_attached_to_another_version_is_read():
    message = multipart(
        part("hello"), part(f"Subject: x\r\n\r\n{HURT}", "message/rfc822"), kind="alternative"
    )
    assert message.text == f"hello\n\n{HURT}"


@pytest.mark.parametrize(
    ("kind", "name", "body"),
    [
        ("text/plain", "note.txt", HURT),
        ("text/html", "note.html", HTML),
        ("text/csv", "note.csv", HURT),
        ("text/x-new", "", HURT),
        ("text/calendar", "note.ics", f"SUMMARY:{HURT}"),
        ("application/ics", "note.ics", f"SUMMARY:{HURT}"),
        ("application/octet-stream", "NOTE.TXT", HURT),
        ("application/octet-stream", "note.htm", HTML),
        ("application/octet-stream", "note.ics", "SUMMARY:I am being hu\r\n rt at home."),
    ],
)
def test_an_attached_text_is_read_and_stays_an_attachment(kind, name, body):
    message = with_attached(attached(body, kind, name))
    assert HURT in message.text
    assert message.attachments == (Attachment(name, kind, len(body.replace("\r", ""))),)


def test_an_attached_text_is_not_the_own_text():
    assert with_attached(attached(HURT)).own_text == "see"


def test_an_attached_text_is_decoded():
    encoded = base64.b64encode("Zoë is hurt".encode("utf-16")).decode()
    note = attached(encoded, "text/plain; charset=utf-16", "note", "Content-Transfer-Encoding: base64")
    assert with_attached(note).text == "see\n\nZoë is hurt"


def test_a_text_attached_to_an_attached_message_is_read():
    inner = f"Content-Type: text/plain\r\nContent-Disposition: attachment\r\n\r\n{HURT}"
    assert with_attached(part(inner, "message/rfc822")).text == f"see\n\n{HURT}"


def test_what_is_no_text_is_not_read():
    assert with_attached(attached(HURT, "application/pdf", "a.txt")).text == "see"


def test_a_line_that_a_calendar_has_cut_in_a_word_is_joined_again():
    note = attached("BEGIN:VCALENDAR\r\nDESCRIPTION:I am being hu\r\n rt\\nat home\\, daily", "text/calendar")
    assert with_attached(note).text.endswith("DESCRIPTION:I am being hurt\nat home, daily")


def test_of_a_long_attached_text_the_beginning_is_read_and_the_rest_is_a_defect():
    message = with_attached(attached("x" * LONGEST + HURT))
    assert message.text == "see\n\n" + "x" * LONGEST
    assert "an attached text is too long: only its beginning was read" in message.defects


def test_an_attached_text_of_just_the_longest_length_is_read_whole():
    assert with_attached(attached("x" * LONGEST)).defects == ()


def test_of_many_attached_texts_so_much_is_read_and_the_rest_is_a_defect():
    message = with_attached(*[attached("x" * LONGEST)] * (MOST // LONGEST), attached(HURT))
    assert HURT not in message.text
    assert "an attached text is too long: only its beginning was read" in message.defects


def test_attached_texts_are_counted_across_attached_messages():
    inner = f"Content-Type: text/csv\r\n\r\n{'x' * LONGEST}"
    message = with_attached(*[part(inner, "message/rfc822")] * (MOST // LONGEST), attached(HURT))
    assert HURT not in message.text


def test_a_letter_is_read_whole_though_it_is_longer_than_an_attached_text_may_be():
    message = parsed(body="x" * (LONGEST + 1))
    assert (message.text, message.truncated) == ("x" * (LONGEST + 1), False)
