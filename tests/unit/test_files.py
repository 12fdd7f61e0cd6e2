"""Messages from files: which are read, in which order, and how much of each."""

import io
import mailbox
import sys

import pytest

from triage.offline.files import Source, read_messages

PLENTY = 1_000_000
ONE = b"Subject: one\n\nOne.\n"
TWO = b"Subject: two\n\nTwo.\nFrom here on it is ours.\n"


def read(*paths, cap=PLENTY) -> list[Source]:
    return list(read_messages([str(path) for path in paths], cap))


def stdin(monkeypatch, raw: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))


@pytest.fixture
def mbox(tmp_path):
    """An mbox as Python writes one."""
    box = mailbox.mbox(tmp_path / "all.mbox")
    for raw in (ONE, TWO, b"Subject: three\n\n\n\n"):
        box.add(raw)
    box.close()
    return tmp_path / "all.mbox"


# folders


def test_a_folder_is_read_in_the_order_of_its_names_however_deep(tmp_path):
    for name in ("b.eml", "a/z.eml", "a/b/c.eml", "c.mbox", "a.eml", "notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(ONE)
    found = [source.path.removeprefix(f"{tmp_path}/") for source in read(tmp_path)]
    assert found == ["a/b/c.eml", "a/z.eml", "a.eml", "b.eml", "c.mbox"]


def test_an_empty_folder_holds_nothing(tmp_path):
    assert read(tmp_path) == []


def test_a_folder_that_leads_back_to_itself_ends(tmp_path):
    (tmp_path / "again").symlink_to(tmp_path)
    (tmp_path / "a.eml").write_bytes(ONE)
    assert len(read(tmp_path)) == 1


def test_a_file_that_is_named_is_read_whatever_it_is_called(tmp_path):
    (tmp_path / "letter").write_bytes(ONE)
    assert read(tmp_path / "letter") == [Source(str(tmp_path / "letter"), ONE)]


def test_a_file_that_cannot_be_read_is_said_and_the_rest_go_on(tmp_path):
    (tmp_path / "b.eml").write_bytes(ONE)
    missing, there = read(tmp_path / "a.eml", tmp_path / "b.eml")
    assert (missing.raw, missing.error) == (None, "No such file or directory")
    assert there.raw == ONE


# mbox


def test_an_mbox_is_cut_as_python_cuts_it(mbox):
    box = mailbox.mbox(mbox)
    theirs = [box.get_bytes(key) for key in box.iterkeys()]
    box.close()
    assert [source.raw for source in read(mbox)] == theirs


def test_a_line_that_was_escaped_begins_no_message(mbox):
    assert [source.path for source in read(mbox)] == [f"{mbox}:{number}" for number in (1, 2, 3)]


def test_an_mbox_with_the_line_ends_of_the_wire_is_cut_alike(tmp_path):
    file = tmp_path / "wire.mbox"
    file.write_bytes(b"From x\r\nSubject: a\r\n\r\nA.\r\n\r\nFrom y\r\nSubject: b\r\n\r\nB.\r\n")
    assert [source.raw for source in read(file)] == [
        b"Subject: a\r\n\r\nA.\r\n",
        b"Subject: b\r\n\r\nB.\r\n",
    ]


def test_an_mbox_on_standard_input_is_read_message_by_message(mbox, monkeypatch):
    stdin(monkeypatch, mbox.read_bytes())
    assert [source.path for source in read("-")] == ["-:1", "-:2", "-:3"]


def test_a_message_on_standard_input_is_one(monkeypatch):
    stdin(monkeypatch, TWO)
    assert read("-") == [Source("-", TWO)]


@pytest.mark.parametrize("raw", [b"From x\n", b"From x", b"From "])
def test_an_mbox_that_ends_too_soon_holds_one_empty_message(tmp_path, raw):
    (tmp_path / "short.mbox").write_bytes(raw)
    assert [source.raw for source in read(tmp_path / "short.mbox")] == [b""]


def test_a_line_without_an_end_begins_no_message_in_its_middle(tmp_path):
    long = b"x" * 65_536 + b"From the middle\n"
    (tmp_path / "long.mbox").write_bytes(b"From x\n" + ONE + long)
    assert [source.raw for source in read(tmp_path / "long.mbox")] == [ONE + long]


# how much


@pytest.mark.parametrize("over", [0, 1])
def test_of_a_text_over_the_cap_the_beginning_is_read(tmp_path, over):
    (tmp_path / "a.eml").write_bytes(b"Subject: one\r\n\r\n" + b"x" * (100 + over))
    (source,) = read(tmp_path / "a.eml", cap=100)
    assert (source.raw, source.truncated) == (b"Subject: one\r\n\r\n" + b"x" * 100, bool(over))


def test_of_a_text_over_the_cap_in_an_mbox_the_beginning_is_read(tmp_path):
    file = tmp_path / "all.mbox"
    file.write_bytes(b"From x\n" + ONE + b"x" * 500 + b"\n\nFrom y\n" + ONE)
    first, second = read(file, cap=100)
    assert (first.raw[-100:], first.truncated) == (b"One.\r\n" + b"x" * 94, True)
    assert (second.raw, second.truncated) == (ONE, False)
