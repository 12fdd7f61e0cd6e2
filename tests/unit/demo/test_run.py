"""The demo as a whole, played once: the real service over the demo's mail, and what it says of it."""

import io
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from triage.bootstrap import open_record
from triage.demo.outcome import read_outcome
from triage.demo.run import run_demo
from triage.init import InitError
from triage.settings import load_settings

README = Path(__file__).resolve().parents[3] / "README.md"


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo") / "school"
    threads = threading.active_count()
    console = Console(file=io.StringIO())
    code = run_demo(console, folder, once=True)
    database = open_record(load_settings(folder / "settings.toml", {}))
    outcome = read_outcome(database)
    database.close()
    return SimpleNamespace(
        code=code,
        text=console.file.getvalue(),
        outcome=outcome,
        threads=threading.active_count() - threads,
        folder=folder,
    )


def line_of(played, address, subject=""):
    (line,) = [line for line in played.outcome.messages if line.sender == address and subject in line.subject]
    return line


def flags_of(played, case):
    return {(flag.topic, flag.severity, flag.route) for flag in played.outcome.flags if flag.case == case}


def test_it_ends_well_and_leaves_no_thread(played):
    assert (played.code, played.threads) == (0, 0)


def test_every_message_came_to_rest(demo, played):
    copies = sum(len(message.mailboxes) for message in demo.messages)
    assert played.outcome.states == {"decided": copies}
    assert len(played.outcome.messages) == len(demo.messages)


def test_every_reply_was_sent_or_withheld(played):
    assert set(played.outcome.replies) == {"sent", "withheld"}


def test_one_message_in_three_inboxes_has_one_line_and_one_reply(played):
    line = line_of(played, "elise.laurent@courriel.example")
    assert len(line.inboxes) == 3
    assert "absence" in line.said


def test_an_out_of_office_is_neither_answered_nor_flagged(played):
    line = line_of(played, "hugh.crane@worksite.example")
    assert (line.kind, line.said, flags_of(played, line.case)) == ("automatic", (), set())


def test_an_old_message_is_decided_and_not_answered(played):
    line = line_of(played, "beata.kowalczyk@poczta.example")
    assert (line.topics, line.said, line.unsaid) == (("absence",), (), "withheld: late")


def test_of_two_messages_of_one_parent_on_one_day_one_is_answered(played):
    lines = [line for line in played.outcome.messages if line.sender == "sara.pole@postbox.example"]
    assert sorted(bool(line.said) for line in lines) == [False, True]


def test_a_safeguarding_message_gets_no_topic_reply_and_is_flagged(played):
    line = next(line for line in played.outcome.messages if line.subject == "Felix")
    assert line.said == ()
    assert ("safeguarding", "review", "safeguarding-lead") in flags_of(played, line.case)


def test_present_danger_at_night_pages_and_gets_the_plain_notice_alone(played):
    line = line_of(played, "nia.prosser@gwebost.example")
    assert set(line.said) == {"greeting", "out-of-hours", "help"}
    assert ("safeguarding", "immediate", "safeguarding-lead") in flags_of(played, line.case)
    assert played.outcome.notices["sent"] >= 1


def test_an_open_safeguarding_flag_leaves_only_the_plain_notice(played):
    line = line_of(played, "nicola.best@postbox.example", "mock exam")
    assert set(line.said) == {"greeting", "out-of-hours", "help"}


def test_a_return_path_that_differs_gets_no_reply_and_a_flag(played):
    line = line_of(played, "tracey.dale@brightnet.example")
    assert line.said == ()
    assert "return-path-differs" in {topic for topic, _, _ in flags_of(played, line.case)}


def test_t2_mail_that_fails_dmarc_gets_no_reply(played):
    assert line_of(played, "sally.hartnell@postbox.example").unsaid == "dmarc-fail"


def test_the_answer_to_our_question_joins_its_case_and_is_not_answered(played):
    lines = [line for line in played.outcome.messages if line.sender == "jo.early@postbox.example"]
    assert len(lines) == 2
    assert len({line.case for line in lines}) == 1
    assert [bool(line.said) for line in lines] == [True, False]


def test_a_message_over_the_cap_is_flagged(played):
    line = line_of(played, "lakshmi.n@homemail.example")
    assert "too-large" in {topic for topic, _, _ in flags_of(played, line.case)}


def test_it_ends_on_a_school_morning_with_absences_and_a_change_of_collection(played):
    ends = max(line.received for line in played.outcome.messages)
    last = [line for line in played.outcome.messages if line.received.date() == ends.date()]
    topics = [topic for line in last for topic, _, route in flags_of(played, line.case) if route == "office"]
    assert sorted(topics) == ["absence", "absence", "absence", "absence", "urgent"]


def test_the_tables_tell_of_messages_flags_and_totals(played):
    for words in (
        "What became of each message",
        "Flags for people",
        "The one reply to it",
        "mails at the sink",
    ):
        assert words in played.text


def test_a_folder_in_use_is_refused(played):
    with pytest.raises(InitError, match="it is not empty"):
        run_demo(Console(file=io.StringIO()), played.folder, once=True)


def test_three_topics_at_twenty_to_ten_before_half_term_get_one_reply_of_all(demo, played):
    line = line_of(played, demo.example.address)
    assert f"{line.received.astimezone(demo.example.received.tzinfo):%A %H:%M}" == "Friday 21:40"
    assert len(demo.example.topics) == 3
    assert demo.example.topics <= set(line.topics)
    assert {"greeting", "out-of-hours", "absence", "please-phone", "help"} == set(line.said)


def test_the_readme_shows_the_message_and_the_reply_that_the_demo_prints(played):
    printed = [line.strip("│ ").rstrip() for line in played.text.splitlines() if line.startswith("│")]
    for block in _blocks("## One reply, whole"):
        start = printed.index(block[0])
        rest = [line for line in printed[start:] if not line.startswith(OF_THIS_RUN)]
        assert block == rest[: len(block)]


OF_THIS_RUN = ("Message-ID:", "X-School-Triage:")
"""Headers that hang on the demo's key, which is new each time."""


def _blocks(heading: str) -> list[list[str]]:
    """Return the lines of each block of text below a heading of the readme."""
    section = README.read_text(encoding="utf-8").partition(f"\n{heading}\n")[2].partition("\n## ")[0]
    blocks = section.split("```")[1::2]
    assert len(blocks) == 2
    return [block.removeprefix("text").strip().splitlines() for block in blocks]
