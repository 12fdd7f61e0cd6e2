"""To whom flags go: the budget, the years, and never to the person concerned."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import (
    IN_SCHOOL_HOURS,
    LONDON,
    PEOPLE,
    TEACHER,
    a_delivery,
    a_message,
    a_school,
    an_identity,
)
from triage.domain.decide import decide
from triage.domain.hours import opening
from triage.domain.model import Classification, Evidence, History, Outcome, Route, Severity, Topic
from triage.domain.policy import parse_policy
from triage.domain.school import Role
from triage.domain.visibility import Access, may_see_flag, text_access, viewer

ROOT = Path(__file__).parents[3]
PARTS = frozenset(path.stem for path in (ROOT / "templates/replies/en").glob("*.txt"))
TEXT = (ROOT / "policy.toml").read_text("utf-8")
POLICY = parse_policy(TEXT, PARTS)
SCHOOL = a_school()
OPEN = opening(IN_SCHOOL_HOURS, SCHOOL.calendar)
HEAD = "head@oakfield.example"
LEAD = "safe@oakfield.example"
ACCUSING = st.lists(
    st.sampled_from(
        [
            "I complain about the headteacher.",
            "Mrs Quill shouted at him.",
            "Ms Okoro did nothing and pushed her.",
            "The safeguarding lead ignored us and hit him.",
            "Mr Hale grabbed his arm.",
            "You humiliated her.",
            "A teacher touched her.",
            "Mrs Vane hit him.",
        ]
    ),
    max_size=4,
).map(" ".join)


def decision(
    *topics,
    text="words",
    identity=None,
    school=SCHOOL,
    policy=POLICY,
    delivery=None,
    received=IN_SCHOOL_HOURS,
    **given,
):
    return decide(
        a_message(received=received),
        identity or an_identity(),
        Classification(text=text, scores=given.pop("scores", dict.fromkeys(topics, 0.9)), **given),
        delivery or a_delivery(),
        school=school,
        policy=policy,
        history=History(),
        opening=OPEN,
        roster_loaded=True,
        gates=(),
    )


def flags(*topics, **given):
    return decision(*topics, **given).flags


def routed(*topics, **given):
    return [(flag.route, flag.about) for flag in flags(*topics, **given)]


@pytest.mark.parametrize(
    "topic",
    [
        *("academic-progress", "learning-expectations", "behaviour", "medical", "other-pupil"),
        *("copyright", "chain-or-joke", "advertising", "account-access"),
    ],
)
def test_everyday_mail_makes_no_flag(topic):
    assert flags(Topic(topic)) == ()


def test_routine_mail_makes_no_flag():
    assert flags() == ()


def test_an_absence_is_on_the_offices_list():
    (flag,) = flags(Topic.ABSENCE)
    assert (flag.topic, flag.route, flag.severity, flag.year) == (
        Topic.ABSENCE,
        Route.OFFICE,
        Severity.REVIEW,
        8,
    )


def test_an_absence_stays_on_the_list_beside_an_urgent_flag():
    made = [(flag.topic, flag.severity) for flag in flags(Topic.ABSENCE, Topic.URGENT)]
    assert made == [(Topic.URGENT, Severity.HIGH), (Topic.ABSENCE, Severity.REVIEW)]


def test_a_change_of_collection_is_one_urgent_flag():
    assert [flag.topic for flag in flags(Topic.URGENT, text="Gran will pick her up")] == [Topic.URGENT]


def test_a_head_of_year_gets_one_flag_for_one_message_and_all_its_topics_in_words():
    (flag,) = flags(Topic.SENSITIVE_ISSUE, Topic.CONFIDENTIAL, Topic.CONTENTIOUS)
    assert flag.topic is Topic.SENSITIVE_ISSUE
    assert all(topic in flag.why for topic in ("sensitive-issue", "confidential", "contentious"))
    assert flag.joined == (Topic.CONFIDENTIAL, Topic.CONTENTIOUS)


def test_a_flag_of_one_topic_stands_for_no_other():
    (flag,) = flags(Topic.SENSITIVE_ISSUE)
    assert flag.joined == ()


def test_each_childs_head_of_year_gets_a_flag():
    made = flags(Topic.SENSITIVE_ISSUE, identity=an_identity(years=(7, 9)))
    assert [flag.year for flag in made] == [7, 9]


def test_two_children_of_one_year_make_one_flag():
    assert len(flags(Topic.SENSITIVE_ISSUE, identity=an_identity(years=(7, 7)))) == 1


def test_an_unknown_year_is_none():
    assert [flag.year for flag in flags(Topic.SENSITIVE_ISSUE, identity=an_identity(years=()))] == [None]


def test_offensive_mail_goes_to_the_line_manager():
    assert routed(Topic.OFFENSIVE) == [(Route.LINE_MANAGER, None)]


def test_offensive_mail_to_somebody_without_a_line_manager_goes_to_the_headteacher():
    delivery = a_delivery(mailbox="m.lark@oakfield.example")
    assert routed(Topic.OFFENSIVE, delivery=delivery) == [(Route.HEADTEACHER, None)]


def test_a_data_request_is_due_in_one_calendar_month():
    (flag,) = flags(Topic.DATA_REQUEST)
    assert flag.route is Route.DATA_PROTECTION_OFFICER
    assert flag.deadline == datetime(2026, 11, 16, 23, 59, tzinfo=LONDON)  # the 14th is a Saturday


@pytest.mark.parametrize(
    ("text", "month", "day"),
    [
        ("A copy of my son's records, please.", 11, 16),
        ("Under the Freedom of Information Act: what did the bus cost?", 11, 18),  # half-term lies between
        ("I complain about a breach of data protection.", 11, 13),
        ("FOI: the cost of the bus; and a copy of my personal data.", 11, 16),  # the earlier of two
    ],
)
def test_each_right_to_information_has_its_own_time(text, month, day):
    (flag,) = flags(Topic.DATA_REQUEST, text=text)
    assert flag.deadline == datetime(2026, month, day, 23, 59, tzinfo=LONDON)


def test_a_data_request_says_which_right_it_uses():
    (flag,) = flags(Topic.DATA_REQUEST, text="a freedom of information request")
    assert flag.why.endswith("(freedom-of-information)")


def test_a_merged_flag_has_the_earliest_deadline():
    text = TEXT.replace(
        'reply = "private"\nflag = { route = "head-of-year", severity = "review" }\n\n[confidential]',
        'flag = { route = "head-of-year", severity = "review" }\ndeadline = "2 days"\n\n[confidential]',
    )
    (flag,) = flags(Topic.COMPLAINT, Topic.SENSITIVE_ISSUE, policy=parse_policy(text, PARTS))
    assert flag.deadline == datetime(2026, 10, 16, 23, 59, tzinfo=LONDON)


def test_uncertain_alone_is_no_flag():
    assert flags(scores={Topic.ABSENCE: 0.4, Topic.MEDICAL: 0.45}, uncertain="close to the line") == ()


@pytest.mark.parametrize(
    ("topic", "route"), [("safeguarding", Route.SAFEGUARDING_LEAD), ("complaint", Route.HEAD_OF_YEAR)]
)
def test_a_plausible_allegation_is_a_flag_to_review(topic, route):
    (flag,) = flags(scores={Topic(topic): 0.35}, uncertain="close to the line")
    assert (flag.route, flag.severity) == (route, Severity.REVIEW)
    assert "plausible, not certain (close to the line)" in flag.why


def test_a_low_score_without_doubt_is_no_flag():
    assert flags(scores={Topic.SAFEGUARDING: 0.35}) == ()


def test_safeguarding_is_for_the_lead_and_keeps_the_head_of_year_out():
    assert routed(Topic.SAFEGUARDING, Topic.SENSITIVE_ISSUE, Topic.COMPLAINT, Topic.OFFENSIVE) == [
        (Route.SAFEGUARDING_LEAD, None)
    ]


def test_safeguarding_leaves_the_child_on_the_absence_list():
    assert (Route.OFFICE, None) in routed(Topic.SAFEGUARDING, Topic.ABSENCE)


def test_safeguarding_is_as_pressing_as_the_collection_of_the_same_message():
    made = flags(Topic.SAFEGUARDING, Topic.URGENT, text="Do not let him collect her today.")
    assert {flag.route: flag.severity for flag in made} == {
        Route.SAFEGUARDING_LEAD: Severity.HIGH,
        Route.OFFICE: Severity.HIGH,
    }


def test_a_complaint_about_staff_is_as_pressing_as_the_change_of_collection_that_it_closes_to_the_office():
    made = flags(Topic.COMPLAINT, Topic.URGENT, text="Mr Hale shouted at her. Gran will pick her up at 2.")
    assert {flag.route: flag.severity for flag in made} == {
        Route.HEADTEACHER: Severity.HIGH,
        Route.OFFICE: Severity.HIGH,
    }
    office = viewer(SCHOOL, "office@oakfield.example")
    assert text_access(office, made) is Access.NONE
    assert text_access(viewer(SCHOOL, HEAD), made) is Access.FULL


def test_a_complaint_about_staff_that_asks_for_nothing_else_waits_for_the_morning():
    assert [flag.severity for flag in flags(Topic.COMPLAINT, text="Mr Hale shouted at her.")] == [
        Severity.REVIEW
    ]


def test_a_complaint_that_the_office_can_read_beside_is_not_pressed():
    made = flags(
        Topic.COMPLAINT, Topic.URGENT, text="I complain about the lunch. Gran will pick her up at 2."
    )
    assert {flag.route: flag.severity for flag in made} == {
        Route.HEAD_OF_YEAR: Severity.REVIEW,
        Route.OFFICE: Severity.HIGH,
    }


def test_what_staff_are_said_to_have_done_to_a_child_is_nothing_for_the_office():
    made = flags(Topic.SAFEGUARDING, Topic.URGENT, text="Mr Hale hit Jake, come at once.")
    assert {flag.route for flag in made} == {Route.SAFEGUARDING_LEAD, Route.HEADTEACHER}
    assert {flag.severity for flag in made} == {Severity.HIGH}


def test_how_a_child_gets_home_is_told_to_the_office_whoever_is_accused():
    made = flags(Topic.SAFEGUARDING, Topic.URGENT, text="Mr Hale hit Jake. Gran will pick him up at 2.")
    assert Route.OFFICE in {flag.route for flag in made}


def test_safeguarding_is_as_pressing_as_a_flag_that_it_closes():
    (flag,) = flags(Topic.SAFEGUARDING, Topic.INDECENT)
    assert (flag.route, flag.severity) == (Route.SAFEGUARDING_LEAD, Severity.HIGH)


def test_nothing_beside_it_makes_safeguarding_immediate():
    made = flags(*Topic, text="She must be collected now.")
    assert Severity.IMMEDIATE not in {flag.severity for flag in made}


ROUTES = {
    "absence": Route.OFFICE,
    "urgent": Route.OFFICE,
    **dict.fromkeys(("complaint", "sensitive-issue", "confidential", "contentious"), Route.HEAD_OF_YEAR),
    "safeguarding": Route.SAFEGUARDING_LEAD,
    "data-request": Route.DATA_PROTECTION_OFFICER,
    **dict.fromkeys(("indecent", "offensive"), Route.LINE_MANAGER),
    "reputation": Route.HEADTEACHER,
    "disruption": Route.ADMINISTRATOR,
}


@pytest.mark.parametrize("topic", list(Topic))
def test_each_topic_alone_goes_where_the_shipped_policy_says(topic):
    assert [flag.route for flag in flags(topic)] == ([ROUTES[topic]] if topic in ROUTES else [])


class TestAboutStaff:
    """The outcome ``about-staff``: who it is decides the route, never that person."""

    @pytest.mark.parametrize("text", ["The coach to the museum was late.", "The lunches are cold."])
    def test_a_complaint_about_nobody_goes_to_the_head_of_year(self, text):
        assert routed(Topic.COMPLAINT, text=text) == [(Route.HEAD_OF_YEAR, None)]

    @pytest.mark.parametrize(
        "text",
        ["I complain about Mr Hale.", "Mr. R. Hale was rude.", "The way you spoke to her!", "mr hale again"],
    )
    def test_about_the_owner_of_the_mailbox_it_goes_to_the_headteacher(self, text):
        assert routed(Topic.COMPLAINT, text=text) == [(Route.HEADTEACHER, TEACHER)]

    def test_a_salutation_accuses_nobody(self):
        text = "A complaint\nDear Mr Hale,\n\nThe bus was late again, please look into it.\nThank you"
        assert routed(Topic.COMPLAINT, text=text) == [(Route.HEAD_OF_YEAR, None)]

    def test_a_head_of_year_by_name_is_known_by_address(self):
        assert routed(Topic.COMPLAINT, text="I complain about Mrs Vane.") == [
            (Route.HEADTEACHER, "year8@oakfield.example")
        ]

    @pytest.mark.parametrize(
        "text", ["her maths teacher is unfair", "Mr Nobody-Known shouts", "your staff were rude"]
    )
    def test_somebody_of_the_staff_is_about_staff_without_an_address(self, text):
        assert routed(Topic.COMPLAINT, text=text) == [(Route.HEADTEACHER, None)]

    @pytest.mark.parametrize(
        "text", ["I complain about the headteacher.", "Mrs Quill lied to us.", "the head would not see me"]
    )
    def test_about_the_headteacher_it_goes_to_the_chair(self, text):
        assert routed(Topic.COMPLAINT, text=text) == [(Route.CHAIR_OF_GOVERNORS, HEAD)]

    def test_the_head_of_year_is_not_the_head(self):
        assert routed(Topic.COMPLAINT, text="I complain about the head of year.") == [
            (Route.HEADTEACHER, "year8@oakfield.example")
        ]

    def test_about_the_safeguarding_lead_it_goes_to_the_headteacher(self):
        assert routed(Topic.COMPLAINT, text="Ms Okoro did nothing.") == [(Route.HEADTEACHER, LEAD)]

    def test_in_the_headteachers_own_mailbox_you_is_the_headteacher(self):
        delivery = a_delivery(mailbox=HEAD, owner_name="Mrs A. Quill")
        assert routed(Topic.COMPLAINT, text="You ignored us.", delivery=delivery) == [
            (Route.CHAIR_OF_GOVERNORS, HEAD)
        ]

    def test_safeguarding_about_staff_goes_to_the_lead_and_the_headteacher(self):
        made = routed(Topic.SAFEGUARDING, text="Mr Hale grabbed him by the neck.")
        assert made == [(Route.SAFEGUARDING_LEAD, TEACHER), (Route.HEADTEACHER, TEACHER)]

    def test_safeguarding_told_to_a_teacher_is_not_about_the_teacher(self):
        made = routed(Topic.SAFEGUARDING, text="She told her teacher that she wants to die.")
        assert made == [(Route.SAFEGUARDING_LEAD, None)]

    def test_safeguarding_about_the_lead_does_not_go_to_the_lead(self):
        made = routed(Topic.SAFEGUARDING, text="Ms Okoro slapped him.")
        assert made == [(Route.HEADTEACHER, LEAD)]

    @pytest.mark.parametrize(
        "text",
        [
            "Ms Okoro raped her.",
            "Ms Okoro and naked photos.",
            "I told Ms Okoro.",
            "The safeguarding lead kissed her.",
        ],
    )
    def test_safeguarding_that_names_the_lead_is_for_the_headteacher_alone(self, text):
        assert routed(Topic.SAFEGUARDING, text=text) == [(Route.HEADTEACHER, LEAD)]

    def test_safeguarding_that_names_a_deputy_is_kept_from_the_deputy(self):
        deputy = "safe2@oakfield.example"
        made = routed(Topic.SAFEGUARDING, text="Mr Finch took pictures of him.")
        assert made == [(Route.SAFEGUARDING_LEAD, deputy), (Route.HEADTEACHER, deputy)]

    def test_safeguarding_about_the_head_goes_to_the_lead_and_the_chair(self):
        made = routed(Topic.SAFEGUARDING, text="Mrs Quill slapped him.")
        assert made == [(Route.SAFEGUARDING_LEAD, HEAD), (Route.CHAIR_OF_GOVERNORS, HEAD)]

    def test_immediate_danger_is_immediate_on_every_route(self):
        made = flags(Topic.SAFEGUARDING, text="Mr Hale is hurting him now.", immediate=True)
        assert {flag.severity for flag in made} == {Severity.IMMEDIATE}

    def test_the_policy_may_make_an_allegation_more_pressing(self):
        text = TEXT.replace(
            '{ route = "headteacher", severity = "review" }  # fixed route',
            '{ route = "headteacher", severity = "high" }  # fixed route',
        )
        (flag,) = flags(Topic.COMPLAINT, text="about Mr Hale", policy=parse_policy(text, PARTS))
        assert flag.severity is Severity.HIGH

    def test_two_people_make_a_flag_each(self):
        made = routed(Topic.COMPLAINT, text="Mr Hale and Mrs Vane were rude.")
        assert made == [(Route.HEADTEACHER, TEACHER), (Route.HEADTEACHER, "year8@oakfield.example")]

    def test_with_the_head_among_several_all_goes_to_the_chair(self):
        made = routed(Topic.COMPLAINT, Topic.REPUTATION, text="Mr Hale and the headteacher lied.")
        assert {route for route, _ in made} == {Route.CHAIR_OF_GOVERNORS}

    def test_only_words_near_the_complaint_name_somebody(self):
        text = "I complain about the bus." + " It is long." * 40 + " Mr Hale was kind."
        evidence = (Evidence(Topic.COMPLAINT, "complain", 2, 10),)
        assert routed(Topic.COMPLAINT, text=text, evidence=evidence) == [(Route.HEAD_OF_YEAR, None)]

    def test_a_school_without_a_headteacher_on_record_still_sends_it_to_the_chair(self):
        school = a_school(people=tuple(one for one in PEOPLE if one.role is not Role.HEADTEACHER))
        made = routed(Topic.COMPLAINT, text="about the headteacher", school=school)
        assert made == [(Route.CHAIR_OF_GOVERNORS, None)]

    def test_an_allegation_is_an_outcome(self):
        assert Outcome.ABOUT_STAFF in decision(Topic.COMPLAINT, text="about Mr Hale").outcomes

    @given(ACCUSING, st.sets(st.sampled_from(Topic)), st.booleans())
    def test_no_flag_goes_to_or_is_seen_by_the_person_concerned(self, text, topics, immediate):
        made = flags(*topics, Topic.COMPLAINT, text=text, immediate=immediate)
        for accused in {flag.about for flag in made if flag.about}:
            who = viewer(SCHOOL, accused)
            assert not any(may_see_flag(who, flag, frozenset({TEACHER}), made) for flag in made)
            assert text_access(who, made, frozenset({TEACHER})) == "none"

    @given(ACCUSING, st.sets(st.sampled_from(Topic)))
    def test_somebody_on_record_can_read_every_allegation(self, text, topics):
        made = flags(*topics, Topic.COMPLAINT, text=text)
        readers = [p for p in PEOPLE if text_access(viewer(SCHOOL, p.address), made) == "full"]
        assert readers


class TestAboutWhoeverWouldReadIt:
    """A topic that is no allegation goes one step up when it is about the holder of its route."""

    VANE = "year8@oakfield.example"

    @pytest.mark.parametrize(
        ("topic", "text"),
        [
            ("contentious", "Mrs Vane, you have no idea."),
            ("contentious", "I told Mrs Vane exactly what I think of her."),
            ("contentious", "The head of year is against us."),
            ("sensitive-issue", "My son is bullied by Mrs Vane."),
            ("sensitive-issue", "Mrs Vane humiliated him in front of the class."),
            ("sensitive-issue", "Carol Vane humiliated him in front of the class."),
        ],
    )
    def test_it_is_kept_from_the_head_of_year(self, topic, text):
        assert routed(Topic(topic), text=text) == [(Route.HEADTEACHER, self.VANE)]

    @pytest.mark.parametrize(
        "text", ["I spoke to Mrs Vane about the bullying.", "Mrs Vane knows that her gran died."]
    )
    def test_who_was_only_told_still_reads_it(self, text):
        assert routed(Topic.SENSITIVE_ISSUE, text=text) == [(Route.HEAD_OF_YEAR, None)]

    def test_the_head_of_another_year_does_not_move_it(self):
        assert routed(Topic.CONTENTIOUS, text="Mr Marsh is useless.") == [(Route.HEAD_OF_YEAR, None)]

    def test_with_an_unknown_year_any_head_of_year_moves_it(self):
        made = routed(Topic.CONTENTIOUS, text="Mr Marsh is useless.", identity=an_identity(years=()))
        assert made == [(Route.HEADTEACHER, "year7@oakfield.example")]

    def test_in_the_head_of_years_own_mailbox_you_is_the_head_of_year(self):
        delivery = a_delivery(mailbox=self.VANE, owner_name="Mrs C. Vane")
        made = routed(Topic.CONTENTIOUS, text="You humiliated her.", delivery=delivery)
        assert made == [(Route.HEADTEACHER, self.VANE)]

    def test_an_insult_to_the_line_manager_goes_to_the_headteacher(self):
        made = routed(Topic.OFFENSIVE, text="Ms Roe is an idiot.")
        assert made == [(Route.HEADTEACHER, "line@oakfield.example")]

    def test_harm_to_the_headteachers_name_goes_to_the_chair(self):
        assert routed(Topic.REPUTATION, text="Mrs Quill belongs in the papers.") == [
            (Route.CHAIR_OF_GOVERNORS, HEAD)
        ]

    def test_what_lies_beside_it_on_the_same_route_moves_too(self):
        made = routed(Topic.CONTENTIOUS, Topic.CONFIDENTIAL, text="Mrs Vane is useless.")
        assert made == [(Route.HEADTEACHER, self.VANE)]

    def test_each_child_of_two_years_keeps_its_own_route(self):
        made = routed(Topic.CONTENTIOUS, text="Mrs Vane is useless.", identity=an_identity(years=(8, 7)))
        assert made == [(Route.HEADTEACHER, self.VANE), (Route.HEAD_OF_YEAR, None)]

    def test_a_request_for_data_does_not_go_to_the_officer_whom_it_accuses(self):
        made = routed(Topic.DATA_REQUEST, Topic.COMPLAINT, text="Mr Lyle refused. I complain.")
        assert set(made) == {(Route.HEADTEACHER, "data@oakfield.example")}

    def test_the_absence_list_stays_with_the_office(self):
        text = "The office was rude, you ignored us."
        delivery = a_delivery(mailbox="office@oakfield.example", owner_name="The office")
        assert (Route.OFFICE, None) in routed(Topic.ABSENCE, Topic.CONTENTIOUS, text=text, delivery=delivery)

    def test_an_allegation_about_the_head_and_the_chair_goes_to_the_leads(self):
        made = routed(Topic.COMPLAINT, text="Mrs Quill and Mr Lund lied to us.")
        assert {route for route, _ in made} == {Route.SAFEGUARDING_LEAD}

    def test_a_lead_who_is_head_too_reads_nothing_about_himself(self):
        people = (*PEOPLE, replace(PEOPLE[0], role=Role.SAFEGUARDING_LEAD))
        made = routed(Topic.SAFEGUARDING, text="Mrs Quill hit him.", school=a_school(people=people))
        assert made == [(Route.CHAIR_OF_GOVERNORS, HEAD)]


def test_a_route_to_the_lead_is_turned_away_when_the_lead_is_concerned():
    text = TEXT.replace(
        'flag = { route = "line-manager", severity = "review" }',
        'flag = { route = "safeguarding-lead", severity = "review" }',
    )
    made = routed(
        Topic.OFFENSIVE, Topic.COMPLAINT, text="Ms Okoro did nothing", policy=parse_policy(text, PARTS)
    )
    assert Route.SAFEGUARDING_LEAD not in {route for route, _ in made}


def test_a_flag_says_which_clause_it_serves():
    (flag,) = flags(Topic.CONFIDENTIAL)
    assert flag.why == f"confidential 0.90: {POLICY.rules[Topic.CONFIDENTIAL].clause}"


def test_the_policys_order_decides_which_topic_stands_first():
    rules = dict(POLICY.rules)
    first = {Topic.CONFIDENTIAL: rules.pop(Topic.CONFIDENTIAL)}
    policy = replace(POLICY, rules={**first, **rules})
    (flag,) = flags(Topic.COMPLAINT, Topic.CONFIDENTIAL, policy=policy)
    assert flag.topic is Topic.CONFIDENTIAL
