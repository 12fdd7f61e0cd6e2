"""The corpus as the program meets it: a line is a message with its labels, and a wrong line is named."""

import json

import pytest

from tests.factories import PARENT, TEACHER, a_roster, a_school
from triage.domain.model import SenderKind, Topic
from triage.evaluate.corpus import CorpusError, examples, hands
from triage.message.parse import Gateway

GATEWAY = Gateway(frozenset({"mx.oakfield.example"}))
THREAD = {"from": TEACHER, "text": "How is he today?"}


def a_row(**changed):
    """A line of the corpus as its author wrote it: Sara Pole about Jake's cough."""
    return {
        "id": "x-1",
        "received": "2026-10-14T21:40:00+01:00",
        "to": TEACHER,
        "from_name": "Sara Pole",
        "from_addr": PARENT,
        "subject": "Jake Pole 8B",
        "text": "He has a cough and stays at home.",
        "html": None,
        "headers": {},
        "attachments": [],
        "thread": None,
        "sender": "parent",
        "topics": ["absence", "medical"],
        "child": ["P001"],
        "named_in": "subject",
        "evidence": {"absence": ["stays at home"], "medical": ["He has a cough"]},
        "near_miss_of": [],
        "note": "",
        **changed,
    }


@pytest.fixture
def read(tmp_path):
    """Write lines into the file of a hand and read them."""

    def _read(*lines: object):
        written = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
        (tmp_path / "phones.jsonl").write_text("".join(f"{line}\n" for line in written), encoding="utf-8")
        return list(examples([tmp_path / "phones.jsonl"], a_school(), a_roster(), GATEWAY))

    return _read


@pytest.fixture
def one(read):
    """Write one line with these changes and read it."""
    return lambda **changed: read(a_row(**changed))[0]


# a message


def test_a_line_is_a_message_as_the_program_reads_it(one):
    message = one().message
    assert (message.subject, message.own_text) == ("Jake Pole 8B", "He has a cough and stays at home.")
    assert (message.defects, message.message_id) == ((), "<x-1@home.example>")


def test_who_wrote_about_whom_is_told_by_the_program(one):
    identity = one().identity
    assert (identity.sender, identity.pupils) == (SenderKind.PARENT, ("P001",))


def test_it_came_when_the_line_says(one):
    assert one().received.isoformat() == "2026-10-14T21:40:00+01:00"


@pytest.mark.parametrize(
    "text", ["Caf\u00e9\u2026", "one\u2028two", "one\u0085two", "a\nb\n\nc", "x" * 2_000]
)
def test_any_text_of_a_line_is_read(one, text):
    assert "".join(one(text=text).message.own_text.split()) == "".join(text.split())


def test_the_message_that_it_answers_is_quoted_and_not_its_own_text(one):
    message = one(thread=THREAD).message
    assert "How is he today?" in message.text
    assert "How is he today?" not in message.own_text


@pytest.mark.parametrize(("thread", "answers"), [(THREAD, True), (None, False)], ids=["a thread", "none"])
def test_it_answers_staff_where_there_is_a_thread(one, thread, answers):
    assert one(thread=thread).answers_staff is answers


def test_what_is_attached_is_read_by_name(one):
    attached = [{"filename": "note.pdf", "content_type": "application/pdf"}]
    assert [each.filename for each in one(attachments=attached).message.attachments] == ["note.pdf"]


# its labels


def test_the_hand_is_the_name_of_the_file(one):
    assert one().hand == "phones"


def test_topics_and_the_words_that_show_them_are_kept(one):
    example = one()
    assert example.topics == {Topic.ABSENCE, Topic.MEDICAL}
    assert example.evidence[Topic.MEDICAL] == ("He has a cough",)


@pytest.mark.parametrize(("note", "immediate"), [("immediate: told plainly", True), ("not immediate", False)])
def test_a_present_danger_is_told_by_its_note(one, note, immediate):
    assert one(note=note).immediate is immediate


@pytest.mark.parametrize(
    ("topics", "near", "routine"), [([], [], True), (["medical"], [], False), ([], ["medical"], False)]
)
def test_a_message_is_routine_without_a_topic_and_without_a_near_miss(one, topics, near, routine):
    assert one(topics=topics, near_miss_of=near, evidence={}).is_routine is routine


# the file


def test_messages_come_in_the_order_of_the_lines(read):
    assert [one.id for one in read(a_row(), a_row(id="x-2"), a_row(id="x-0"))] == ["x-1", "x-2", "x-0"]


@pytest.mark.parametrize(
    "line",
    ["", "{", "[]", "7", '"x"', "{}", a_row(topics=["measles"]), a_row(received="today"), a_row(note=None)],
    ids=["empty", "cut", "list", "number", "text", "no keys", "topic", "date", "note"],
)
def test_a_line_that_is_no_message_is_named_by_file_and_line(read, line):
    with pytest.raises(CorpusError, match=r"phones\.jsonl, line 2: "):
        read(a_row(), line)


def test_a_file_that_is_no_text_is_named(tmp_path):
    (tmp_path / "phones.jsonl").write_bytes(b"\xff\xfe")
    with pytest.raises(CorpusError, match=r"phones\.jsonl"):
        list(examples([tmp_path / "phones.jsonl"], a_school(), a_roster(), GATEWAY))


def test_hands_are_the_files_of_messages_in_order(tmp_path):
    for name in ("plain.jsonl", "angry.jsonl", "roster.csv", "settings.toml"):
        (tmp_path / name).touch()
    (tmp_path / "contrast").mkdir()
    assert [file.stem for file in hands(tmp_path)] == ["angry", "plain"]
