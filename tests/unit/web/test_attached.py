"""What was attached, in words: what it is and not what it says it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.domain.model import Attachment
from triage.web.attached import told


def kind(name: str, content_type: str = "application/octet-stream") -> str:
    return told(Attachment(name, content_type, 1)).kind


def warning(name: str, content_type: str = "application/octet-stream") -> str:
    return told(Attachment(name, content_type, 1)).warning


@pytest.mark.parametrize(
    ("name", "content_type", "expected"),
    [
        ("trip.pdf", "application/pdf", "a PDF"),
        ("trip.PDF", "application/octet-stream", "a PDF"),
        ("IMG_1.heic", "image/heic", "a picture"),
        ("scan", "image/png", "a picture"),
        ("note.docx", "application/octet-stream", "a Word document"),
        ("marks.xlsm", "application/octet-stream", "a document that can hold a program"),
        ("run.exe", "application/octet-stream", "a program"),
        ("trip.pdf", "application/x-msdownload", "a program"),
        ("files.zip", "application/zip", "an archive: what is in it cannot be told"),
        ("pay.html", "text/html", "a web page: it can pass for a page to sign in"),
        ("", "message/rfc822", "an email"),
        ("x.qqq", "application/x-strange", "a file of an unknown kind"),
    ],
)
def test_the_kind_is_told_in_plain_words(name, content_type, expected):
    assert kind(name, content_type) == expected


def test_a_name_that_turns_is_shown_as_it_is_with_its_true_ending():
    shown = told(Attachment("invoice\u202efdp.exe", "application/pdf", 10))
    assert shown.name == "invoice[U+202E]fdp.exe"
    assert shown.kind == "a program"
    assert "It ends in .exe." in shown.warning


@pytest.mark.parametrize("name", ["trip.pdf.exe", "trip.pdf      .scr", "photo.jpg.js", "list.xlsx.html"])
def test_a_name_like_a_documents_before_another_ending_is_warned_of(name):
    assert "named like a document" in warning(name)


@pytest.mark.parametrize(
    "name", ["trip.pdf", "my.holiday.jpg", "marks.csv", "report.v2.docx", "a.pdf.pdf", "list.csv.zip.pdf"]
)
def test_an_ordinary_name_is_not_warned_of(name):
    assert warning(name) == ""


def test_a_program_is_not_to_be_opened_in_the_inbox_either():
    assert warning("run.exe") == "Do not open it in the inbox either."


def test_a_program_under_another_name_is_told():
    assert "sent as a program" in warning("trip.pdf", "application/x-msdownload")


def test_what_has_no_name_is_said_to_have_none():
    assert told(Attachment("", "application/pdf", 1)).name == "without a name"


@pytest.mark.parametrize(
    ("number", "size"),
    [(0, ""), (1, "1 bytes"), (1023, "1023 bytes"), (2048, "2 KB"), (3 * 1024 * 1024, "3.0 MB")],
)
def test_the_size_is_told_where_it_is_known(number, size):
    assert told(Attachment("a.pdf", "application/pdf", number)).size == size


@given(st.text(max_size=60), st.text(max_size=30), st.integers(-1, 2**40))
def test_any_attachment_can_be_told(name, content_type, size):
    shown = told(Attachment(name, content_type, size))
    assert shown.name
    assert shown.kind
    assert "\n" not in shown.name + shown.warning
