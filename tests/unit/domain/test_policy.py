"""The school's policy file: what it may say, and that whatever it may not is refused by table and key."""

import re
from hashlib import sha256
from pathlib import Path

import pytest

from triage.domain.model import Outcome, Route, Severity, Topic
from triage.domain.policy import OUTCOMES, FlagRule, Period, PolicyError, parse_policy
from triage.domain.rights import Right

SHIPPED = (Path(__file__).parents[3] / "policy.toml").read_text("utf-8")
TEMPLATES = frozenset(path.stem for path in Path(__file__).parents[3].glob("templates/replies/en/*.txt"))


def parse(text=SHIPPED):
    return parse_policy(text, TEMPLATES)


def with_line(table, line, *, instead_of=None):
    """The shipped policy with a line more in one table; ``instead_of`` names the key whose line goes."""
    head, body = SHIPPED.split(f"\n[{table}]\n", 1)
    body, *rest = re.split(r"(?=\n\[)", body, maxsplit=1)
    if instead_of:
        body = re.sub(rf"(?m)^{instead_of} = .*\n?", "", body)
    return f"{head}\n[{table}]\n{line}\n{body}{''.join(rest)}"


def refused(text):
    with pytest.raises(PolicyError) as caught:
        parse(text)
    return caught.value


def place(error):
    return error.table, error.key


def test_the_shipped_policy_has_a_table_for_every_topic_and_outcome():
    assert set(parse().rules) == {*Topic, *OUTCOMES}


def test_the_order_of_the_file_is_the_order_of_precedence():
    policy = parse()
    assert policy.rank(Topic.SAFEGUARDING) == 0
    assert policy.rank(Topic.URGENT) < policy.rank(Outcome.OUT_OF_HOURS) < policy.rank(Topic.ABSENCE)


def test_every_rule_says_which_clause_it_serves():
    assert all(len(rule.clause) > 20 for rule in parse().rules.values())


def test_the_hash_is_that_of_the_text():
    assert parse().hash == sha256(SHIPPED.encode()).hexdigest()


def test_a_comment_changes_the_hash():
    assert parse(SHIPPED + "\n# a note\n").hash != parse().hash


@pytest.mark.parametrize("topic", ["medical", "confidential", "sensitive-issue", "contentious", "complaint"])
def test_a20_delicate_topics_share_the_neutral_part(topic):
    assert parse().rules[Topic(topic)].reply == "private"


@pytest.mark.parametrize("topic", ["other-pupil", "other-pupil-personal"])
def test_a20_a_message_about_another_child_is_answered_like_any_delicate_one(topic):
    assert parse().rules[Topic(topic)].reply == "private"


@pytest.mark.parametrize("topic", ["academic-progress", "learning-expectations", "behaviour"])
def test_what_is_best_talked_about_shares_please_phone_and_makes_no_flag(topic):
    rule = parse().rules[Topic(topic)]
    assert (rule.reply, rule.flag) == ("please-phone", None)


@pytest.mark.parametrize(
    "topic", ["medical", "other-pupil", "copyright", "chain-or-joke", "advertising", "account-access"]
)
def test_everyday_topics_spend_nothing_of_the_budget_of_flags(topic):
    assert parse().rules[Topic(topic)].flag is None


def test_an_absence_reaches_the_offices_list():
    assert parse().rules[Topic.ABSENCE].flag == FlagRule(Route.OFFICE, Severity.REVIEW)


def test_a_data_request_goes_to_the_data_protection_officer_for_one_month():
    rule = parse().rules[Topic.DATA_REQUEST]
    assert rule.flag.route is Route.DATA_PROTECTION_OFFICER
    assert rule.deadline == Period(1, "months")


def test_each_other_right_to_information_has_the_time_that_the_law_gives():
    assert parse().rules[Topic.DATA_REQUEST].deadlines == {
        Right.FREEDOM_OF_INFORMATION: Period(20, "school days"),
        Right.DATA_COMPLAINT: Period(30, "days"),
    }


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('deadlines = { homework = "1 day" }', "deadlines.homework"),
        ('deadlines = { freedom-of-information = "soon" }', "deadlines.freedom-of-information"),
        ("deadlines = { freedom-of-information = 20 }", "deadlines.freedom-of-information"),
        ('deadlines = "20 school days"', "deadlines"),
    ],
)
def test_a_time_for_no_right_or_of_no_length_is_refused(line, key):
    assert place(refused(with_line("data-request", line, instead_of="deadlines"))) == ("data-request", key)


def test_only_a_data_request_has_a_time_for_each_right():
    text = with_line("complaint", 'deadlines = { subject-access = "1 month" }')
    assert place(refused(text)) == ("complaint", "deadlines")


@pytest.mark.parametrize("key", ["out-of-hours", "missing-child-name", "private-account"])
def test_a_flag_that_no_topic_could_carry_is_refused_and_not_ignored(key):
    text = with_line(key, 'flag = { route = "head-of-year", severity = "review" }')
    assert place(refused(text)) == (key, "flag")


def test_a_schools_own_phrases_are_handed_on_by_topic():
    policy = parse(with_line("absence", 'phrases = ["breakfast club", "late bus"]'))
    assert policy.extra_phrases == {Topic.ABSENCE: ("breakfast club", "late bus")}


def test_a_threshold_left_out_is_the_classifiers_own():
    assert parse().rules[Topic.MEDICAL].threshold is None


@pytest.mark.parametrize("value", ["0", "1", "0.85"])
def test_a_threshold_may_be_anything_from_0_to_1(value):
    assert parse(with_line("medical", f"threshold = {value}")).rules[Topic.MEDICAL].threshold == float(value)


@pytest.mark.parametrize("value", ["-0.1", "1.01", "nan", "inf", "true", '"0.5"', "[0.5]"])
def test_a_threshold_outside_0_to_1_is_refused(value):
    error = refused(with_line("medical", f"threshold = {value}"))
    assert place(error) == ("medical", "threshold")


@pytest.mark.parametrize(
    ("words", "period"),
    [
        ("5 working days", Period(5, "working days")),
        ("20 school days", Period(20, "school days")),
        ("20 days", Period(20, "days")),
        ("2 weeks", Period(2, "weeks")),
        ("1 month", Period(1, "months")),
    ],
)
def test_a_deadline_is_a_count_and_a_unit(words, period):
    text = with_line("complaint", f'deadline = "{words}"', instead_of="deadline")
    assert parse(text).rules[Topic.COMPLAINT].deadline == period


@pytest.mark.parametrize("words", ['"soon"', '"0 days"', '"-1 days"', '"1 year"', "5", '"10000 days"'])
def test_a_deadline_that_is_no_period_is_refused(words):
    text = with_line("complaint", f"deadline = {words}", instead_of="deadline")
    assert place(refused(text)) == ("complaint", "deadline")


def test_a_deadline_without_a_flag_is_refused():
    assert place(refused(with_line("medical", 'deadline = "1 month"'))) == ("medical", "deadline")


@pytest.mark.parametrize("key", [*Topic, *OUTCOMES])
def test_a_missing_table_is_refused_by_name(key):
    text = re.sub(rf"(?ms)^\[{key}\]\n.*?(?=^\[|\Z)", "", SHIPPED)
    error = refused(text)
    assert place(error) == (key, None)
    assert "is missing" in str(error)


@pytest.mark.parametrize("table", ["homework", "uncertain", "routine"])
def test_an_unknown_table_is_refused_with_its_line(table):
    error = refused(f'{SHIPPED}\n[{table}]\nclause = "x"\n')
    assert (place(error), error.line) == ((table, None), SHIPPED.count("\n") + 2)


@pytest.mark.parametrize("key", ["replies", "pattern", "Reply", "when"])
def test_an_unknown_key_is_refused_with_its_line(key):
    text = with_line("absence", f'{key} = "x"')
    error = refused(text)
    assert place(error) == ("absence", key)
    assert text.splitlines()[error.line - 1].startswith(key)


@pytest.mark.parametrize("key", ["threshold = 0.5", 'phrases = ["x"]', 'deadline = "1 day"'])
def test_an_outcome_has_no_key_that_only_a_topic_can_have(key):
    assert place(refused(with_line("private-account", key))) == ("private-account", key.split()[0])


def test_an_unknown_template_is_refused_and_the_known_ones_named():
    error = refused(with_line("absence", 'reply = "absense"', instead_of="reply"))
    assert place(error) == ("absence", "reply")
    assert "there is no template 'absense'; there are absence, collection" in str(error)


@pytest.mark.parametrize("part", ["greeting", "help"])
def test_the_parts_of_every_reply_are_not_a_topics(part):
    error = refused(with_line("absence", f'reply = "{part}"', instead_of="reply"))
    assert place(error) == ("absence", "reply")


@pytest.mark.parametrize(
    ("flag", "key"),
    [
        ('{ route = "head", severity = "review" }', "flag.route"),
        ('{ route = "head-of-year", severity = "soon" }', "flag.severity"),
        ('{ severity = "review" }', "flag.route"),
        ('{ route = "head-of-year" }', "flag.severity"),
        ('{ route = "head-of-year", severity = "review", year = 7 }', "flag.year"),
        ('"head-of-year"', "flag"),
    ],
)
def test_a_flag_needs_a_known_route_and_severity(flag, key):
    assert place(refused(with_line("medical", f"flag = {flag}"))) == ("medical", key)


def test_a_topic_reply_on_safeguarding_is_refused():
    text = with_line("safeguarding", 'reply = "private"')
    error = refused(text)
    assert place(error) == ("safeguarding", "reply")
    assert text.splitlines()[error.line - 1] == 'reply = "private"'


def test_a_label_on_a_complaint_is_refused_because_it_may_be_about_the_mailboxs_owner():
    assert place(refused(with_line("complaint", 'label = "complaint"'))) == ("complaint", "label")


def test_a_safeguarding_label_is_refused():
    assert place(refused(with_line("safeguarding", 'label = "safe"'))) == ("safeguarding", "label")


@pytest.mark.parametrize("flag", ["", 'flag = { route = "head-of-year", severity = "review" }'])
def test_the_safeguarding_flag_cannot_be_dropped_or_sent_elsewhere(flag):
    text = with_line("safeguarding", flag, instead_of="flag")
    assert place(refused(text)) == ("safeguarding", "flag")


def test_the_safeguarding_threshold_cannot_be_raised():
    text = with_line("safeguarding", "threshold = 0.51", instead_of="threshold")
    assert place(refused(text)) == ("safeguarding", "threshold")


def test_the_safeguarding_threshold_may_be_lowered():
    text = with_line("safeguarding", "threshold = 0.2", instead_of="threshold")
    assert parse(text).rules[Topic.SAFEGUARDING].threshold == 0.2


def test_silence_is_for_safeguarding_alone():
    assert place(refused(with_line("medical", "silence = true"))) == ("medical", "silence")


def test_silence_is_true_or_false():
    text = with_line("safeguarding", 'silence = "yes"', instead_of="silence")
    assert place(refused(text)) == ("safeguarding", "silence")


def test_no_other_topic_can_be_immediate():
    text = with_line("medical", 'flag = { route = "head-of-year", severity = "immediate" }')
    assert place(refused(text)) == ("medical", "flag.severity")


@pytest.mark.parametrize("key", ["medical", "complaint", "data-request", "private-account"])
def test_the_office_gets_no_flag_that_it_may_not_see(key):
    text = with_line(key, 'flag = { route = "office", severity = "review" }', instead_of="flag")
    assert place(refused(text)) == (key, "flag.route")


@pytest.mark.parametrize("flag", ["", 'flag = { route = "line-manager", severity = "review" }'])
def test_what_is_alleged_about_staff_goes_to_the_headteacher_only(flag):
    text = with_line("about-staff", flag, instead_of="flag")
    assert place(refused(text)) == ("about-staff", "flag")


def test_a_rule_without_its_clause_is_refused():
    assert place(refused(with_line("medical", "", instead_of="clause"))) == ("medical", "clause")


@pytest.mark.parametrize(
    "line", ["phrases = 'one'", "phrases = [1]", 'phrases = [""]', 'label = ""', "reply = 7"]
)
def test_a_value_of_the_wrong_kind_is_refused(line):
    key = line.split()[0]
    assert place(refused(with_line("urgent", line, instead_of=key))) == ("urgent", key)


def test_a_value_where_a_table_belongs_is_refused():
    text = 'medical = "private"\n' + re.sub(r"(?ms)^\[medical\]\n.*?(?=^\[)", "", SHIPPED)
    assert place(refused(text)) == ("medical", None)


def test_text_that_is_not_toml_is_refused_with_its_line():
    assert "line 2" in str(refused("[absence]\nclause = \n"))


def test_an_error_reads_as_a_sentence_with_file_line_table_and_key():
    text = '[absence]\nclause = "x"\nreply = "absense"\n'
    assert str(refused(text)).startswith("policy.toml: line 3, [absence], reply: there is no template")
