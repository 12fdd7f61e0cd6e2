"""The templates of a school: refused at start when wrong, rendered from the school's facts alone."""

import json
import shutil
from pathlib import Path

import pytest

from tests.wording_samples import HALF_TERM, reply_facts_of
from triage.message.wording import FACTS, Wording, WordingError

TEMPLATES = Path(__file__).parents[3] / "templates"


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(TEMPLATES, tmp_path / "templates")
    return tmp_path / "templates"


@pytest.fixture(scope="module")
def wording():
    return Wording(TEMPLATES)


def write(folder, part, text):
    (folder / "replies" / "en" / f"{part}.txt").write_text(text, "utf-8")


def test_the_shipped_templates_are_the_ones_the_policy_speaks_of(wording):
    assert wording.parts == {
        *("greeting", "absence", "please-phone", "private", "urgent", "collection", "other-pupils"),
        *("out-of-hours", "missing-child-name", "private-account", "help"),
    }


def test_the_facts_handed_in_are_those_that_templates_may_use_and_words_of_other_languages():
    made_in_a_reply = {"told", "talking"}
    assert set(reply_facts_of()) == {*FACTS} - made_in_a_reply | {"other_words"}


@pytest.mark.parametrize("language", ["en", "cy", "ar"])
def test_the_facts_say_the_same_after_their_time_in_the_outbox(wording, language):
    facts = reply_facts_of(HALF_TERM, answer_within="two days", welsh={"answer_within": "dau ddiwrnod"})
    parts = ("greeting", "out-of-hours", "absence", "private", "help")
    kept = json.loads(json.dumps(facts))
    assert wording.reply(parts, kept, language=language) == wording.reply(parts, facts, language=language)


def test_a_reply_without_its_help_part_is_refused(wording):
    with pytest.raises(WordingError, match="ends with the help lines"):
        wording.reply(("greeting", "absence"), reply_facts_of())


def test_a_reply_without_its_greeting_is_refused(wording):
    with pytest.raises(WordingError, match="begins with the greeting"):
        wording.reply(("absence", "help"), reply_facts_of())


def test_a_reply_is_refused_when_no_help_lines_are_set(wording):
    with pytest.raises(WordingError, match="No help lines are set"):
        wording.reply(("greeting", "absence", "help"), reply_facts_of(help_lines={}))


def test_an_unknown_part_is_refused_by_name(wording):
    with pytest.raises(WordingError, match="no reply template 'homework'"):
        wording.reply(("greeting", "homework", "help"), reply_facts_of())


def test_a_missing_fact_is_an_error_and_never_an_empty_space(wording):
    facts = {name: value for name, value in reply_facts_of().items() if name != "absence"}
    with pytest.raises(WordingError, match=r"replies/en/absence\.txt, line [0-9]+: cannot be rendered"):
        wording.reply(("greeting", "absence", "help"), facts)


def test_a_help_part_that_leaves_the_numbers_out_is_refused_at_load(folder):
    write(folder, "help", "Help is there at any hour.")
    with pytest.raises(WordingError, match=r"replies/en/help\.txt must show every number"):
        Wording(folder)


def test_a_help_part_that_shows_only_the_first_number_is_refused_at_load(folder):
    write(folder, "help", "Help: {{ help_lines.emergency }}")
    with pytest.raises(WordingError, match=r"replies/en/help\.txt must show every number"):
        Wording(folder)


def test_a_help_part_that_shows_the_numbers_only_when_open_is_refused_at_load(folder):
    write(folder, "help", "Help: {% if not closed %}{{ help_lines.values() | join(', ') }}{% endif %}")
    with pytest.raises(WordingError, match=r"replies/en/help\.txt must show every number"):
        Wording(folder)


@pytest.mark.parametrize("part", ["greeting", "ways", "help"])
def test_a_folder_without_a_part_that_every_reply_has_is_refused(folder, part):
    (folder / "replies" / "en" / f"{part}.txt").unlink()
    with pytest.raises(WordingError, match=f"replies/en/{part}.txt is missing"):
        Wording(folder)


@pytest.mark.parametrize("name", ["immediate", "high", "breaker"])
def test_a_folder_without_a_notice_is_refused(folder, name):
    (folder / "notify" / f"{name}.txt").unlink()
    with pytest.raises(WordingError, match=f"notify/{name}.txt is missing"):
        Wording(folder)


def test_a_template_with_an_unknown_fact_is_refused_even_where_it_is_not_reached(folder):
    write(folder, "absence", "Ring {{ absence }}.\n{% if absence_by == 'never' %}{{ pupil }}{% endif %}")
    with pytest.raises(WordingError, match=r"absence\.txt, line 2: uses 'pupil'; it may use school, owner"):
        Wording(folder)


def test_a_template_that_jinja_cannot_read_is_refused_with_its_line(folder):
    write(folder, "absence", "One\n{% if absence %}")
    with pytest.raises(WordingError, match=r"replies/en/absence\.txt, line 2"):
        Wording(folder)


def test_an_empty_template_is_refused(folder):
    write(folder, "absence", "{# to be written #}\n")
    with pytest.raises(WordingError, match=r"replies/en/absence\.txt is empty"):
        Wording(folder)


def test_a_template_that_is_empty_only_in_the_holidays_is_refused(folder):
    write(folder, "out-of-hours", "{% if opening %}Closed until {{ opening }}.{% endif %}")
    with pytest.raises(WordingError, match=r"replies/en/out-of-hours\.txt is empty"):
        Wording(folder)


def test_a_template_cannot_climb_out_of_the_sandbox(folder):
    write(folder, "absence", "{{ ''.__class__.__mro__ }}")
    with pytest.raises(WordingError, match=r"replies/en/absence\.txt, line [0-9]+: cannot be rendered"):
        Wording(folder)


def test_a_template_that_is_not_utf8_is_refused(folder):
    (folder / "replies" / "en" / "absence.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(WordingError, match="cannot be read"):
        Wording(folder)


def test_a_school_may_add_a_part_of_its_own(folder):
    write(folder, "breakfast-club", "Ring {{ office }}.")
    assert "breakfast-club" in Wording(folder).parts


@pytest.mark.parametrize("name", ["immediate", "escalated", "high", "taken", "deadline", "breaker"])
def test_a_notice_holds_the_case_and_where_to_look(wording, name):
    text = wording.notice(
        name, {"school": "Oakfield School", "case": 4711, "where": "https://triage.example/4711"}
    )
    assert "case 4711" in text.lower()
    assert "https://triage.example/4711" in text


def test_a_notice_without_a_case_speaks_of_none(wording):
    text = wording.notice(
        "breaker", {"school": "Oakfield School", "case": "", "where": "https://triage.example/"}
    )
    assert "Messages are still read and flagged.\n" in text
    assert "case" not in text


@pytest.mark.parametrize("word", ["safeguarding", "pupil", "child", "parent", "harm"])
def test_a_notice_tells_nothing_of_what_happened(wording, word):
    notices = [
        wording.notice(name, dict.fromkeys(("school", "case", "where"), "x") | more)
        for name in ("immediate", "escalated", "high", "taken", "deadline", "morning")
        for more in ({}, {"number": 3, "late": True}, {"above": True})
    ]
    assert all(word not in text.lower() for text in notices)


def test_a_notice_template_cannot_name_more_than_the_case(folder):
    (folder / "notify" / "high.txt").write_text("{{ subject }}")
    with pytest.raises(WordingError, match=r"notify/high\.txt, line 1: uses 'subject'; it may use school"):
        Wording(folder)


def test_an_unknown_notice_is_refused_by_name(wording):
    with pytest.raises(WordingError, match="no notice template 'low'"):
        wording.notice("low", {})


NIGHT = {"school": "Oakfield School", "since": "17:00 on Tuesday 13 October", "open": 3, "new": 1, "today": 0}


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (
            {"messages": 0, "raised": 0},
            "no messages came to Oakfield School; none raised a safeguarding flag.",
        ),
        ({"messages": 1, "raised": 1}, "1 message came to Oakfield School; 1 raised a safeguarding flag."),
        ({"messages": 43, "raised": 0}, "Since 17:00 on Tuesday 13 October, 43 messages came"),
        ({"waiting": 2}, "Safeguarding cases that wait for somebody to take them: 2."),
        ({"waiting": 0}, "No safeguarding case waits for somebody to take it."),
        ({"unread": 1}, "Inboxes that are not being read now: 1. What lies there is not counted;"),
    ],
)
def test_the_leads_mail_of_the_morning_says_what_came_and_what_waits(wording, facts, said):
    assert said in wording.notice("quiet", NIGHT | facts)


def test_where_every_inbox_is_read_none_is_spoken_of(wording):
    assert "nboxes" not in wording.notice("quiet", NIGHT | {"unread": 0})


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (
            {"late": False, "above": False},
            "Case 7 at Oakfield School must be dealt with by Friday 16 October.",
        ),
        ({"late": True, "above": False}, "Please see to it today."),
        ({"late": True, "above": True}, "You are told because you are next in line."),
    ],
)
def test_a_reminder_says_what_it_is_for(wording, facts, said):
    given = {"school": "Oakfield School", "case": 7, "due": "Friday 16 October"} | facts
    assert said in wording.notice("deadline", given)


def test_several_cases_are_one_notice_that_says_how_many(wording):
    assert "5 cases at Oakfield School need you today." in wording.notice(
        "high", {"school": "Oakfield School", "number": 5}
    )
