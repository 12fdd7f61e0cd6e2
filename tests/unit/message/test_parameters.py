"""A broken parameter of a content header costs itself: never the message, a part or another parameter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.message.parameters import parameter


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("attachment; filename=note.pdf", "note.pdf"),
        ("attachment; FileName = note.pdf ", "note.pdf"),
        ('attachment; filename="a; b.pdf"', "a; b.pdf"),
        (r'attachment; filename="a \"b\".pdf"', 'a "b".pdf'),
        (r'attachment; filename="C:\notes\a.pdf"', r"C:\notes\a.pdf"),
        ('attachment; filename="note.pdf', '"note.pdf'),
        ("filename=note.pdf", "note.pdf"),
        ("attachment; filename*=utf-8'en'Zo%C3%AB.pdf", "Zoë.pdf"),
        ("attachment; filename*=\"utf-8''Zo%C3%AB.pdf\"", "Zoë.pdf"),
        ("attachment; filename*=iso-8859-1''Zo%EB.pdf", "Zoë.pdf"),
        ("attachment; filename*0*=utf-8''Zo%C3; filename*1*=%AB; filename*2=.pdf", "Zoë.pdf"),
        ("attachment; filename*1=b.pdf; filename*0=a", "ab.pdf"),
        ("attachment; filename*10=c; filename*9=b; filename*0=a", "abc"),
        ("attachment; filename*=utf-8''other.pdf; filename=note.pdf", "note.pdf"),
        ("attachment; filename*=Zo%C3%AB.pdf", "Zoë.pdf"),
        ("attachment; name=note.pdf", ""),
        ("attachment", ""),
        ("", ""),
    ],
)
def test_a_parameter_is_read(value, name):
    assert parameter(value, "filename") == name


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("filename*=utf-7''a+2AA-.pdf", "a\ufffd.pdf"),
        ("filename*=utf-8''%ED%A0%80.pdf", "í\xa0€.pdf"),
        ("filename*=unicode_escape''%5Cud800", r"\ud800"),
        ("filename*=idna''note.pdf", "note.pdf"),
        ("filename*=rot13''note.pdf", "note.pdf"),
        ("filename*=undefined''note.pdf", "note.pdf"),
        ("filename*=utf-8''a%0D%0AFrom:b%00.pdf", "a  From:b.pdf"),
        ("filename*=a; filename*0=b", "a"),
        ("filename*0=a; filename*0=b; filename*1=c", "ac"),
        ("filename*99999999999=a", ""),
        ("filename*" + "9" * 5000 + "=a", ""),
        ("filename*999999999=a", "a"),
        ("filename**=a; filename*1*2=b; =c; ;;", ""),
    ],
)
def test_a_broken_parameter_is_one_line_that_can_be_kept(value, name):
    assert parameter(value, "filename") == name


@pytest.mark.parametrize(
    "broken",
    ["name*=a; name*0=b", "name*=utf-7''+2AA-", "name*=idna''%80", 'x="', "name*" + "9" * 5000 + "=a"],
)
def test_a_broken_parameter_costs_no_other(broken):
    assert parameter(f"text/plain; charset=big5; {broken}", "charset") == "big5"


@given(st.text("filename*0189=;'\"\\% abutf-78", max_size=60))
def test_any_field_is_read(value):
    parameter(value, "filename").encode()
