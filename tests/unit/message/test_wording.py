"""The words that the school sends: refused at start when wrong, rendered from the school's facts alone."""

import shutil
from pathlib import Path

import pytest

from tests.factories import a_school
from triage.message.wording import FACTS, Wording, WordingError, reply_facts

TEMPLATES = Path(__file__).parents[3] / "templates"
LINES = ("In an emergency: 999", "Samaritans, at any hour: 116 123")
DELICATE = (
    *(
        "medical",
        "health",
        "doctor",
        "sensitive",
        "contentious",
        "complaint",
        "confidential",
        "family",
        "emotion",
    ),
    *("behaviour", "safeguarding", "absen", "progress", "bully", "other pupil", "another child", "police"),
)
TELEPHONING = ("please-phone", "private", "other-pupils")


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(TEMPLATES, tmp_path / "templates")
    return tmp_path / "templates"


@pytest.fixture(scope="module")
def wording():
    return Wording(TEMPLATES)


def facts(*, closed=False, opening="", lines=LINES, school=None):
    return reply_facts(school or a_school(), "Mr R. Hale", closed=closed, opening=opening, help_lines=lines)


def write(folder, part, text):
    (folder / "replies" / "en" / f"{part}.txt").write_text(text, "utf-8")


def body(wording, *parts, **given):
    return wording.reply(("greeting", *parts, "help"), facts(**given))


def test_the_shipped_templates_are_the_ones_the_policy_speaks_of(wording):
    assert wording.parts == {
        *("greeting", "absence", "please-phone", "private", "urgent", "collection", "other-pupils"),
        *("out-of-hours", "missing-child-name", "private-account", "help"),
    }


def test_every_reply_begins_by_saying_that_the_message_has_arrived(wording):
    assert body(wording, "absence").splitlines()[0] == "Your message has arrived."


def test_no_reply_claims_to_know_that_nobody_has_read_the_message(wording):
    assert "Your message may not have been read by a person yet." in body(wording, "absence")


def test_every_reply_ends_with_the_help_lines_whatever_its_parts(wording):
    for part in wording.parts - {"greeting", "help"}:
        assert body(wording, part).splitlines()[-2:] == [f"- {line}" for line in LINES]


def test_the_facts_handed_in_are_exactly_the_facts_that_templates_may_use():
    assert set(facts()) == set(FACTS)


def test_a_paragraph_is_one_line_so_that_any_screen_can_flow_it(wording):
    assert [len(text.splitlines()) for text in body(wording, "private").split("\n\n")[:-2]] == [1, 1, 1]


@pytest.mark.parametrize("owner", ["Mr R. Hale", "the school office"])
def test_a_meeting_is_offered_in_words_that_fit_a_person_and_an_office(wording, owner):
    text = wording.reply(("greeting", "please-phone", "help"), {**facts(), "owner": owner})
    assert "to ask there for a meeting with a member of staff." in text
    assert f"for {owner}." in text


@pytest.mark.parametrize("part", TELEPHONING)
@pytest.mark.parametrize("offer", ["meeting", "Relay UK", "interpreter"])
def test_whoever_is_asked_to_ring_is_also_offered_other_ways(wording, part, offer):
    assert offer in body(wording, part)


def test_the_urgent_part_begins_with_what_to_do_and_the_offices_number(wording):
    text = body(wording, "urgent").split("\n\n")[2]
    assert text.startswith("If something cannot wait, please ring the office now on 01632 960100.")


def test_the_urgent_part_gives_the_emergency_number_when_the_office_is_closed(wording):
    assert "please ring 01632 960102" in body(wording, "urgent", closed=True).split("\n\n")[2]


def test_the_collection_part_says_that_nobody_acts_on_the_email(wording):
    assert "We do not act on an e-mail about who collects a child" in body(wording, "collection")


def test_the_absence_part_gives_the_line_and_the_time(wording):
    assert "01632 960101, by 08:30 on the day" in body(wording, "absence")


def test_the_out_of_hours_notice_says_when_the_school_opens(wording):
    text = body(wording, "out-of-hours", closed=True, opening="8:00 on Monday 2 November, after half-term")
    assert "opens again at 8:00 on Monday 2 November, after half-term." in text


def test_the_out_of_hours_notice_names_no_day_when_none_is_known(wording):
    assert "opens again" not in body(wording, "out-of-hours", closed=True)


@pytest.mark.parametrize(("on_call", "says"), [(None, True), ("none", True), ("a@oakfield.example", False)])
def test_the_out_of_hours_notice_says_when_nobody_watches(wording, on_call, says):
    text = body(wording, "out-of-hours", closed=True, school=a_school(on_call=on_call))
    assert ("Nobody watches this mailbox" in text) is says


@pytest.mark.parametrize("part", ["private", "out-of-hours", "greeting", "help"])
def test_a20_a_neutral_part_names_no_topic(wording, part):
    text = body(wording, *({part} - {"greeting", "help"})).lower().split("if anybody is in danger")[0]
    assert not [word for word in DELICATE if word in text]


@pytest.mark.parametrize(
    "scolding", ["must not", "inappropriate", "please do not", "not allowed", "should not"]
)
def test_no_part_scolds(wording, scolding):
    assert scolding not in body(wording, *sorted(wording.parts - {"greeting", "help"})).lower()


def test_a_reply_without_its_help_part_is_refused(wording):
    with pytest.raises(WordingError, match="ends with the help lines"):
        wording.reply(("greeting", "absence"), facts())


def test_a_reply_without_its_greeting_is_refused(wording):
    with pytest.raises(WordingError, match="begins with the greeting"):
        wording.reply(("absence", "help"), facts())


def test_a_reply_is_refused_when_no_help_lines_are_set(wording):
    with pytest.raises(WordingError, match="No help lines are set"):
        body(wording, "absence", lines=())


def test_an_unknown_part_is_refused_by_name(wording):
    with pytest.raises(WordingError, match="no reply template 'homework'"):
        body(wording, "homework")


def test_a_missing_fact_is_an_error_and_never_an_empty_space(wording):
    with pytest.raises(WordingError, match="'absence' cannot be rendered"):
        wording.reply(("greeting", "absence", "help"), {**facts(), "absence": _undefined()})


def _undefined():
    from jinja2 import StrictUndefined  # noqa: PLC0415 - only this test needs it

    return StrictUndefined(name="absence")


def test_a_help_part_that_leaves_the_lines_out_is_refused_at_load(folder):
    write(folder, "help", "Help is there at any hour.")
    with pytest.raises(WordingError, match="'help' must show every line"):
        Wording(folder)


def test_a_help_part_that_shows_only_the_first_line_is_refused_at_load(folder):
    write(folder, "help", "Help: {{ help_lines[0] }}")
    with pytest.raises(WordingError, match="'help' must show every line"):
        Wording(folder)


def test_a_help_part_that_shows_the_lines_only_when_open_is_refused_at_load(folder):
    write(folder, "help", "Help: {% if not closed %}{{ help_lines | join(', ') }}{% endif %}")
    with pytest.raises(WordingError, match="'help' must show every line"):
        Wording(folder)


@pytest.mark.parametrize("part", ["greeting", "help"])
def test_a_folder_without_a_part_that_every_reply_has_is_refused(folder, part):
    (folder / "replies" / "en" / f"{part}.txt").unlink()
    with pytest.raises(WordingError, match=f"'{part}' is missing"):
        Wording(folder)


@pytest.mark.parametrize("name", ["immediate", "high", "breaker"])
def test_a_folder_without_a_notice_is_refused(folder, name):
    (folder / "notify" / f"{name}.txt").unlink()
    with pytest.raises(WordingError, match=f"'{name}' is missing"):
        Wording(folder)


def test_a_template_with_an_unknown_fact_is_refused_even_where_it_is_not_reached(folder):
    write(folder, "absence", "Ring {{ absence }}.{% if absence_by == 'never' %}{{ pupil }}{% endif %}")
    with pytest.raises(WordingError, match="'absence' uses 'pupil'; it may use school, owner, office"):
        Wording(folder)


def test_a_template_that_jinja_cannot_read_is_refused_with_its_line(folder):
    write(folder, "absence", "One\n{% if absence %}")
    with pytest.raises(WordingError, match="'absence', line 2"):
        Wording(folder)


def test_an_empty_template_is_refused(folder):
    write(folder, "absence", "{# to be written #}\n")
    with pytest.raises(WordingError, match="'absence' is empty"):
        Wording(folder)


def test_a_template_that_is_empty_only_in_the_holidays_is_refused(folder):
    write(folder, "out-of-hours", "{% if opening %}Closed until {{ opening }}.{% endif %}")
    with pytest.raises(WordingError, match="'out-of-hours' is empty"):
        Wording(folder)


def test_a_template_cannot_climb_out_of_the_sandbox(folder):
    write(folder, "absence", "{{ ''.__class__.__mro__ }}")
    with pytest.raises(WordingError, match="'absence' cannot be rendered"):
        Wording(folder)


def test_a_template_that_is_not_utf8_is_refused(folder):
    (folder / "replies" / "en" / "absence.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(WordingError, match="cannot be read"):
        Wording(folder)


def test_a_school_may_add_a_part_of_its_own(folder):
    write(folder, "breakfast-club", "Ring {{ office }}.")
    assert "breakfast-club" in Wording(folder).parts


@pytest.mark.parametrize("name", ["immediate", "high", "breaker"])
def test_a_notice_holds_the_case_and_where_to_look(wording, name):
    text = wording.notice(
        name, {"school": "Oakfield School", "case": 4711, "where": "https://triage.example/4711"}
    )
    assert "case 4711" in text
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
        wording.notice(n, dict.fromkeys(("school", "case", "where"), "x")) for n in ("immediate", "high")
    ]
    assert all(word not in text.lower() for text in notices)


def test_a_notice_template_cannot_name_more_than_the_case(folder):
    (folder / "notify" / "high.txt").write_text("{{ subject }}")
    with pytest.raises(WordingError, match="'high' uses 'subject'; it may use school, case, where"):
        Wording(folder)


def test_an_unknown_notice_is_refused_by_name(wording):
    with pytest.raises(WordingError, match="no notice template 'low'"):
        wording.notice("low", {})
