"""Which topics a teacher may be told of although they see no flag of the message."""

from triage.domain.everyday import everyday
from triage.domain.model import Route, Severity, Topic
from triage.domain.policy import FlagRule, Rule

FLAG = FlagRule(Route.HEAD_OF_YEAR, Severity.REVIEW)


def named(*rules: Rule) -> set[Topic]:
    return set(everyday({rule.key: rule for rule in rules}.get))


def test_a_topic_of_which_the_policy_tells_nobody_is_named():
    assert named(Rule(Topic.BEHAVIOUR, "x", reply="please-phone")) == {Topic.BEHAVIOUR}


def test_one_that_brings_a_flag_is_not():
    assert named(Rule(Topic.BEHAVIOUR, "x", flag=FLAG), Rule(Topic.COPYRIGHT, "x")) == {Topic.COPYRIGHT}


def test_nor_one_that_shares_its_reply_with_such_a_topic():
    private = Rule(Topic.CONTENTIOUS, "x", reply="private", flag=FLAG)
    assert named(private, Rule(Topic.MEDICAL, "x", reply="private")) == set()


def test_a_complaint_is_not_even_where_the_policy_tells_nobody_of_it_nor_what_is_answered_like_it():
    assert named(Rule(Topic.COMPLAINT, "x", reply="r"), Rule(Topic.MEDICAL, "x", reply="r")) == set()


def test_without_a_policy_none_is():
    assert named() == set()
