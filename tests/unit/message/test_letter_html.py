"""The HTML of a letter is kept as it was sent, to be looked at later: no more of it than is needed."""

from tests.unit.message.raw_mail import RECEIVED, multipart, parsed, part, raw
from triage.message.parse import LONGEST_HTML, parse

PAGE = '<p style="color: red">Jake is <b>ill</b></p>'
HTML = "Content-Type: text/html; charset=utf-8"


def test_a_letter_in_html_alone_is_kept_as_it_was_sent():
    message = parsed(HTML, body=PAGE)
    assert (message.html, message.html_cut) == (PAGE, False)


def test_a_plain_letter_has_no_html():
    assert parsed().html == ""


def test_of_two_versions_the_html_is_kept_beside_the_plain_text():
    message = multipart(part("Jake is ill"), part(PAGE, "text/html"), kind="alternative")
    assert (message.text.strip(), message.html.strip()) == ("Jake is ill", PAGE)


def test_html_that_is_attached_is_not_the_letters():
    attached = part(PAGE, "text/html", 'Content-Disposition: attachment; filename="form.html"')
    assert multipart(part("see the form"), attached).html == ""


def test_the_html_of_a_forwarded_message_is_not_the_letters():
    forwarded = part(f"From: x@home.example\r\n{HTML}\r\n\r\n{PAGE}", "message/rfc822")
    assert multipart(part("see below"), forwarded).html == ""


def test_the_parts_of_a_letter_are_kept_in_their_order():
    message = multipart(part("<p>one</p>", "text/html"), part("<p>two</p>", "text/html"))
    assert message.html.index("one") < message.html.index("two")


def test_html_is_kept_up_to_its_bound_and_the_cut_is_known():
    message = parsed(HTML, body="<p>" + "x" * LONGEST_HTML)
    assert (len(message.html), message.html_cut) == (LONGEST_HTML, True)


def test_html_of_a_message_that_was_not_fetched_whole_is_cut():
    assert parse(raw(HTML, body=PAGE), RECEIVED, truncated=True).html_cut


def test_a_plain_message_that_was_not_fetched_whole_has_no_html_that_is_cut():
    assert not parse(raw(), RECEIVED, truncated=True).html_cut
