"""What becomes of one message: the reply, the labels and why, in the fixed order of decisions."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import (
    LONDON,
    PARENT,
    a_delivery,
    a_guardian,
    a_message,
    a_pupil,
    a_roster,
    a_school,
    an_identity,
)
from tests.wording_samples import reply_facts_of
from triage.domain.asked import is_policy
from triage.domain.decide import SOMETHING_TO_SAY, decide, reply_identity
from triage.domain.hours import Opening, opening
from triage.domain.identify import identify
from triage.domain.may_reply import may_reply
from triage.domain.model import (
    Classification,
    Gate,
    History,
    Outcome,
    Route,
    SenderKind,
    Severity,
    Topic,
    Trouble,
    Verdict,
)
from triage.domain.policy import parse_policy
from triage.message.wording import Wording

ROOT = Path(__file__).parents[3]
WORDING = Wording(ROOT / "templates")
TEXT = (ROOT / "policy.toml").read_text("utf-8")
POLICY = parse_policy(TEXT, WORDING.parts)
SCHOOL = a_school()
OPEN = opening(datetime(2026, 10, 14, 10, 30, tzinfo=LONDON), SCHOOL.calendar)
CLOSED = opening(datetime(2026, 10, 14, 21, 40, tzinfo=LONDON), SCHOOL.calendar)
NOTICE = ("greeting", "out-of-hours", "help")

STRANGER = an_identity(sender=SenderKind.PARENT, pupils=(), years=(), guardian=None, on_roster=False)
PLAINLY_A_PARENT = "My son is ill today and will not be in school. I am his mother."
SCORES = st.dictionaries(st.sampled_from(Topic), st.floats(0, 1))
CLASSIFICATIONS = st.builds(
    Classification,
    st.just("words"),
    SCORES,
    immediate=st.booleans(),
    phrase_floor=st.booleans(),
    uncertain=st.sampled_from([None, "close to the line"]),
)
KINDS = st.sampled_from(SenderKind)


def saying(*topics, text="words", **given):
    return Classification(text=text, scores=dict.fromkeys(topics, 0.9), **given)


def a_decision(
    *topics,
    message=None,
    identity=None,
    classification=None,
    delivery=None,
    policy=POLICY,
    history=None,
    school=SCHOOL,
    at=OPEN,
    roster_loaded=True,
    gates=(),
):
    return decide(
        message or a_message(),
        identity or an_identity(),
        classification or saying(*topics),
        delivery or a_delivery(),
        school=school,
        policy=policy,
        history=history or History(),
        opening=at,
        roster_loaded=roster_loaded,
        gates=gates,
    )


def parts(*topics, **given):
    return a_decision(*topics, **given).reply.parts


def said(*topics, **given):
    return parts(*topics, **given)[1:-1]


def troubles(decision):
    return [flag.topic for flag in decision.flags if isinstance(flag.topic, Trouble)]


class TestTheOrderOfDecisions:
    def test_a1_a_gate_that_hits_withholds_the_reply_and_is_named(self):
        gates = (Gate("resync", hit=False, why="new"), Gate("suppressed", hit=True, why="came back"))
        reply = a_decision(Topic.ABSENCE, gates=gates).reply
        assert (reply.send, reply.withheld) == (False, "suppressed")

    def test_what_would_be_said_is_kept_when_it_is_withheld(self):
        assert said(Topic.ABSENCE, gates=(Gate("resync", hit=True, why="old"),)) == ("absence",)

    def test_a1_every_gate_hit_or_missed_is_recorded_in_order(self):
        gates = (Gate("one", hit=False, why="x"), Gate("two", hit=True, why="y"))
        assert a_decision(Topic.ABSENCE, gates=gates).gates[:2] == gates

    def test_a1_a_reply_that_goes_out_has_only_gates_that_missed(self):
        decision = a_decision(Topic.ABSENCE)
        assert decision.reply.send
        assert not any(gate.hit for gate in decision.gates if not is_policy(gate))

    def test_a_message_without_a_reply_says_why(self):
        gate = next(gate for gate in a_decision().gates if not is_policy(gate))
        why = "it is about nothing for which the policy has a reply"
        assert gate == Gate(SOMETHING_TO_SAY, hit=True, why=why)

    def test_the_decision_holds_the_hash_of_its_policy(self):
        assert a_decision().policy_hash == POLICY.hash

    def test_only_topics_at_or_over_their_threshold_hold(self):
        scores = {Topic.ABSENCE: 0.5, Topic.MEDICAL: 0.49}
        decision = a_decision(classification=Classification("words", scores))
        assert decision.topics == {Topic.ABSENCE: 0.5}

    def test_a_sensitive_issue_under_discussion_is_no_longer_opened_by_email(self):
        history = History(under_discussion=frozenset({Topic.SENSITIVE_ISSUE}))
        assert a_decision(Topic.SENSITIVE_ISSUE, history=history).topics == {}


class TestTheReply:
    def test_a_topic_that_is_found_but_not_certain_is_flagged_and_not_answered(self):
        guess = a_decision(classification=Classification("words", {Topic.COMPLAINT: 0.55}))
        assert [flag.topic for flag in guess.flags] == [Topic.COMPLAINT]
        assert guess.reply.parts == ()

    def test_a_topic_is_answered_from_six_in_ten(self):
        assert said(classification=Classification("words", {Topic.COMPLAINT: 0.6})) == ("private",)

    def test_where_a_guess_is_not_answered_the_decision_says_so(self):
        decision = a_decision(classification=Classification("words", {Topic.ABSENCE: 0.55}))
        gate = next(gate for gate in decision.gates if not is_policy(gate))
        assert gate.why == "what it may be about is not certain enough to be answered"

    def test_a_threshold_that_the_school_has_set_holds_for_the_reply_too(self):
        rules = {**POLICY.rules, Topic.ABSENCE: replace(POLICY.rules[Topic.ABSENCE], threshold=0.4)}
        guess = Classification("words", {Topic.ABSENCE: 0.45})
        assert said(classification=guess, policy=replace(POLICY, rules=rules)) == ("absence",)

    def test_a_classifier_that_counts_later_answers_no_earlier(self):
        late = Classification("words", {Topic.ABSENCE: 0.7}, thresholds={Topic.ABSENCE: 0.8})
        assert parts(classification=late) == ()

    def test_routine_mail_in_hours_gets_no_reply(self):
        assert parts() == ()

    def test_routine_mail_out_of_hours_gets_the_plain_notice(self):
        assert parts(at=CLOSED) == NOTICE

    def test_v6_several_topics_get_one_reply(self):
        topics = (Topic.ABSENCE, Topic.BEHAVIOUR, Topic.URGENT)
        assert said(*topics, at=CLOSED) == ("urgent", "out-of-hours", "absence", "please-phone")

    def test_a10_the_reply_goes_to_the_sender_alone(self):
        assert a_decision(Topic.ABSENCE).reply.to == PARENT

    @pytest.mark.parametrize(
        "topic",
        ["medical", "confidential", "sensitive-issue", "contentious", "complaint", "other-pupil"],
    )
    def test_a20_delicate_matters_cannot_be_told_apart_by_their_reply(self, topic):
        assert said(Topic(topic)) == ("private",)

    @pytest.mark.parametrize("kind", ["staff", "pupil", "automatic", "bulk"])
    @pytest.mark.parametrize("at", [OPEN, CLOSED], ids=["open", "closed"])
    def test_a7_staff_pupils_machines_and_lists_get_nothing(self, kind, at):
        identity = an_identity(sender=SenderKind(kind))
        assert parts(Topic.ABSENCE, identity=identity, at=at) == ()

    def test_another_sender_gets_nothing_in_hours(self):
        other = an_identity(sender=SenderKind.OTHER)
        assert parts(Topic.ABSENCE, identity=other) == ()

    def test_another_sender_gets_at_most_the_plain_notice(self):
        other = an_identity(sender=SenderKind.OTHER)
        assert parts(Topic.ABSENCE, Topic.MEDICAL, identity=other, at=CLOSED) == NOTICE

    @pytest.mark.parametrize("at", [OPEN, CLOSED], ids=["open", "closed"])
    def test_t2_nothing_is_said_to_a_sender_who_failed_dmarc(self, at):
        assert parts(Topic.ABSENCE, message=a_message(dmarc=Verdict.FAIL), at=at) == ()

    def test_a_guardian_who_may_write_is_not_asked_to_ring(self):
        assert parts(Topic.BEHAVIOUR, Topic.MEDICAL, identity=an_identity(may_write=True)) == ()

    def test_t2_an_adjustment_is_not_shown_to_a_sender_who_is_not_verified(self):
        message = a_message(text=PLAINLY_A_PARENT, dmarc=Verdict.NONE)
        assert said(Topic.BEHAVIOUR, message=message, identity=an_identity(may_write=True)) == (
            "please-phone",
        )

    def test_mail_to_a_private_address_is_asked_over_to_the_schools(self):
        delivery = a_delivery(private_addresses=("rob.hale@private.example",))
        message = a_message(to=("Rob.Hale@private.example",))
        assert said(message=message, delivery=delivery) == ("private-account",)

    def test_mail_that_came_through_a_private_address_is_told_by_its_way(self):
        delivery = a_delivery(private_addresses=("rob.hale@private.example",))
        message = a_message(headers={"X-Forwarded-For": "rob.hale@private.example r.hale@oakfield.example"})
        assert Outcome.PRIVATE_ACCOUNT in a_decision(message=message, delivery=delivery).outcomes

    @pytest.mark.parametrize(
        "words",
        [
            *("Her aunt will collect Jake at 2", "please pick him up", "fetching her"),
            *("Kian's nan is getting him today, not me", "after school takes him my brother Piotr"),
            *("tell summer not 2 get on the bus", "my sister will walk up and get her at quarter past 3"),
            *("She is to wait inside reception until ten past four", "please do not let Toby go out to him"),
        ],
    )
    def test_who_collects_a_child_is_answered_by_the_collection_part(self, words):
        assert said(classification=saying(Topic.URGENT, text=words)) == ("collection",)

    def test_an_urgent_message_about_something_else_is_no_change_of_collection(self):
        assert said(classification=saying(Topic.URGENT, text="He forgot his inhaler")) == ("urgent",)

    def test_a_call_that_is_asked_for_is_no_change_of_collection(self):
        words = "Toby's gone without his inhaler! Can someone get him to ring me"
        assert said(classification=saying(Topic.URGENT, text=words)) == ("urgent",)

    def test_an_earring_that_is_taken_out_is_no_change_of_collection(self):
        words = "Miss grabbed her hair today because she would not take her earring out."
        assert "collection" not in said(classification=saying(Topic.URGENT, text=words))

    def test_money_that_is_collected_for_later_is_no_change_of_collection(self):
        decision = a_decision(classification=saying(Topic.ABSENCE, text="we collect stamps"))
        assert Outcome.COLLECTION_CHANGE not in decision.outcomes


class TestTheMissingName:
    UNNAMED = an_identity(pupils=(), years=(), named_in=None)
    THANKS = a_message(text="Thank you for a lovely concert last night.")

    def test_a_verified_parent_is_asked_which_child_it_is_about(self):
        assert said(Topic.ABSENCE, identity=self.UNNAMED) == ("absence", "missing-child-name")

    def test_two_children_and_neither_named_is_a_name_missing(self):
        several = replace(self.UNNAMED, several=("P002", "P003"))
        assert "missing-child-name" in said(Topic.ABSENCE, identity=several)

    def test_a_child_who_is_known_is_not_asked_for(self):
        assert "missing-child-name" not in said(Topic.ABSENCE)

    def test_a_thank_you_is_never_asked_for_a_name(self):
        assert parts(identity=self.UNNAMED, message=self.THANKS) == ()

    def test_a_thank_you_out_of_hours_is_never_asked_for_a_name(self):
        assert parts(identity=self.UNNAMED, message=self.THANKS, at=CLOSED) == NOTICE

    def test_the_name_is_missing_from_a_thank_you_all_the_same(self):
        decision = a_decision(identity=self.UNNAMED, message=self.THANKS)
        assert Outcome.MISSING_CHILD_NAME in decision.outcomes

    @pytest.mark.parametrize(
        "words", ["Is it handed in?", "Kindly confirm the fee.", "what time can we come"]
    )
    def test_a_question_about_no_topic_is_asked_for_the_name(self, words):
        assert said(identity=self.UNNAMED, message=a_message(text=words)) == ("missing-child-name",)

    @pytest.mark.parametrize("topic", ["advertising", "chain-or-joke", "copyright"])
    def test_what_nobody_acts_on_needs_no_name(self, topic):
        assert parts(Topic(topic), identity=self.UNNAMED) == ()

    def test_without_a_roster_nobody_is_asked(self):
        assert said(Topic.ABSENCE, identity=self.UNNAMED, roster_loaded=False) == ("absence",)

    @pytest.mark.parametrize("dmarc", [Verdict.NONE, Verdict.UNKNOWN])
    def test_t2_a_sender_without_dmarc_is_not_asked(self, dmarc):
        message = a_message(text=PLAINLY_A_PARENT, dmarc=dmarc)
        assert said(Topic.ABSENCE, identity=self.UNNAMED, message=message) == ("absence",)

    def test_t2_a_sender_off_the_roster_is_not_asked(self):
        message = a_message(text=PLAINLY_A_PARENT, sender="new@home.example")
        assert said(Topic.ABSENCE, identity=STRANGER, message=message) == ("absence",)

    def test_an_answer_to_our_question_is_not_asked_again(self):
        history = History(answers_our_reply=7)
        assert said(Topic.ABSENCE, identity=self.UNNAMED, history=history) == ("absence",)


class TestTheSafeguardingFloor:
    def test_safeguarding_in_hours_gets_no_reply(self):
        assert parts(Topic.SAFEGUARDING, Topic.ABSENCE, Topic.MEDICAL) == ()

    def test_safeguarding_out_of_hours_gets_exactly_what_any_message_gets(self):
        assert parts(Topic.SAFEGUARDING, Topic.ABSENCE, at=CLOSED) == parts(at=CLOSED)

    def test_a_private_address_or_a_missing_name_adds_nothing_to_the_notice(self):
        message = a_message(to=("rob@private.example",))
        delivery = a_delivery(private_addresses=("rob@private.example",))
        unnamed = an_identity(pupils=())
        given = {"message": message, "delivery": delivery, "identity": unnamed, "at": CLOSED}
        assert parts(Topic.SAFEGUARDING, Topic.URGENT, **given) == NOTICE

    def test_the_safeguarding_lead_may_choose_silence(self):
        silent = parse_policy(TEXT.replace("silence = false", "silence = true"), WORDING.parts)
        assert parts(Topic.SAFEGUARDING, at=CLOSED, policy=silent) == ()

    @pytest.mark.parametrize("at", [OPEN, CLOSED], ids=["open", "closed"])
    def test_an_open_safeguarding_flag_withholds_all_but_the_notice(self, at):
        history = History(open_safeguarding=True)
        expected = NOTICE if at is CLOSED else ()
        assert parts(Topic.ABSENCE, Topic.MEDICAL, history=history, at=at) == expected

    def test_the_fixed_phrases_are_enough_without_any_score(self):
        decision = a_decision(classification=Classification("words", phrase_floor=True))
        assert [flag.topic for flag in decision.flags] == [Topic.SAFEGUARDING]

    def test_a_plausible_safeguarding_matter_is_answered_as_a_certain_one(self):
        unsure = Classification("words", {Topic.SAFEGUARDING: 0.35, Topic.ABSENCE: 0.9}, uncertain="unsure")
        assert parts(classification=unsure) == ()

    @pytest.mark.parametrize("kind", list(SenderKind))
    def test_every_kind_of_sender_is_flagged(self, kind):
        decision = a_decision(Topic.SAFEGUARDING, identity=an_identity(sender=kind))
        assert Route.SAFEGUARDING_LEAD in {flag.route for flag in decision.flags}

    def test_there_is_no_label_on_a_safeguarding_message(self):
        assert a_decision(Topic.SAFEGUARDING, Topic.ABSENCE, Topic.URGENT).labels == ()

    @given(CLASSIFICATIONS, st.sampled_from([OPEN, CLOSED]), st.booleans(), KINDS)
    def test_no_message_of_safeguarding_is_ever_answered_on_its_topic(self, found, at, may_write, kind):
        classification = replace(found, phrase_floor=True)
        identity = an_identity(may_write=may_write, sender=kind)
        assert parts(classification=classification, identity=identity, at=at) in {(), NOTICE}

    @given(st.data())
    def test_no_policy_takes_the_floor_away(self, data):
        rules = dict(POLICY.rules)
        for key, rule in rules.items():
            threshold = data.draw(st.floats(0, 1))
            reply = data.draw(st.sampled_from([None, *sorted(WORDING.parts - {"greeting", "help"})]))
            rules[key] = replace(rule, threshold=threshold, reply=rule.reply and reply)
        order = data.draw(st.permutations(list(rules)))
        policy = replace(POLICY, rules={key: rules[key] for key in order})
        decision = a_decision(Topic.SAFEGUARDING, *data.draw(SCORES), policy=policy)
        assert decision.reply.parts == ()
        assert Topic.SAFEGUARDING in {flag.topic for flag in decision.flags}


class TestLabels:
    def test_labels_are_the_policys_in_its_order_and_once_each(self):
        topics = (Topic.BEHAVIOUR, Topic.ACADEMIC_PROGRESS, Topic.ABSENCE)
        assert a_decision(*topics).labels == ("absence", "please-phone")

    def test_there_is_no_label_on_an_allegation_about_staff(self):
        words = "I want to complain about Mr Hale."
        assert a_decision(classification=saying(Topic.COMPLAINT, text=words)).labels == ()


class TestTroubles:
    def test_a_message_cut_short_is_flagged_as_too_large(self):
        assert troubles(a_decision(message=a_message(truncated=True))) == [Trouble.TOO_LARGE]

    def test_a_message_whose_text_was_lost_is_flagged_as_unreadable(self):
        message = a_message(text="", own_text="", defects=("the body could not be decoded",))
        assert troubles(a_decision(message=message)) == [Trouble.UNREADABLE]

    def test_a_defect_beside_readable_text_needs_nobody(self):
        assert troubles(a_decision(message=a_message(defects=("the Date cannot be read",)))) == []

    def test_an_empty_message_without_a_defect_needs_nobody(self):
        assert troubles(a_decision(message=a_message(text="", own_text=""))) == []

    def test_a19_a_reply_with_no_sure_way_back_is_flagged_for_a_parent(self):
        message = a_message(return_path="bounce@elsewhere.example")
        gates = may_reply(message, an_identity(), a_delivery(), SCHOOL, History())
        decision = a_decision(Topic.ABSENCE, message=message, gates=gates)
        assert (decision.reply.withheld, troubles(decision)) == ("return-path", [Trouble.RETURN_PATH])

    @pytest.mark.parametrize("name", ["answers-our-reply", "answers-automatic"])
    def test_of_an_answer_to_our_reply_no_reply_was_due(self, name):
        gates = (Gate(name, hit=True, why="it does"), Gate("return-path", hit=True, why="differs"))
        assert troubles(a_decision(Topic.ABSENCE, gates=gates)) == []

    def test_a19_routine_mail_with_another_return_path_needs_nobody(self):
        gates = (Gate("return-path", hit=True, why="differs"),)
        assert troubles(a_decision(gates=gates)) == []

    @pytest.mark.parametrize("kind", ["automatic", "bulk"])
    def test_machine_mail_is_neither_answered_nor_flagged(self, kind):
        headers = {"Auto-Submitted": "auto-replied", "List-Id": "<parents.lists.example>"}
        message = a_message(truncated=True, return_path=None, headers=headers, dmarc=Verdict.NONE)
        gates = (Gate("return-path", hit=True, why="differs"),)
        identity = an_identity(sender=SenderKind(kind))
        decision = a_decision(
            *(set(Topic) - {Topic.SAFEGUARDING}), message=message, identity=identity, gates=gates
        )
        assert (decision.flags, decision.reply.parts) == ((), ())

    def test_a_flag_never_holds_a_word_of_the_message(self):
        marker = "zyxwv"
        decision = a_decision(
            message=a_message(text=marker, subject=marker),
            classification=saying(*Topic, text=f"{marker} Mr Hale hit him {marker}"),
        )
        assert marker not in repr(decision)


class TestRepliesTellNothing:
    """A20 and T2: who is not verified gets a reply whose bytes do not depend on the roster."""

    ROSTERS = (
        a_roster(pupils=(), guardians=()),
        a_roster(),
        a_roster(guardians=(a_guardian(may_write=True, interpreter="Polish"),)),
        a_roster(guardians=(a_guardian(pupils=("P002", "P003")),)),
        a_roster(guardians=(a_guardian(address="else@home.example"),)),
    )
    TEXTS = (
        PLAINLY_A_PARENT,
        "Jake is ill today.",
        "Jake Pole will not be in, and neither will Amira Haddad.",
        "Which page is it?",
        "Please find our invoice attached.",
        "Hello sir, I am in your class and cannot find my homework. Jake Pole",
    )

    PUPILS_ADDRESS = a_roster(pupils=(a_pupil(address=PARENT),), guardians=())

    @staticmethod
    def body(message, roster, classification, at):
        identity = identify(message, roster, SCHOOL)
        decision = a_decision(
            message=message,
            identity=identity,
            classification=classification,
            at=at,
            roster_loaded=bool(roster),
        )
        return decision.reply.parts and WORDING.reply(decision.reply.parts, reply_facts_of(at, school=SCHOOL))

    @given(
        CLASSIFICATIONS,
        st.sampled_from(TEXTS),
        st.sampled_from([OPEN, CLOSED]),
        st.sampled_from([Verdict.NONE, Verdict.UNKNOWN, Verdict.FAIL]),
    )
    def test_t2_an_unauthenticated_sender_gets_the_same_bytes_whatever_the_roster(
        self, found, text, at, dmarc
    ):
        message = a_message(text=text, dmarc=dmarc)
        assert len({self.body(message, roster, found, at) for roster in self.ROSTERS}) == 1

    @given(CLASSIFICATIONS, st.sampled_from(TEXTS), st.sampled_from([OPEN, CLOSED]))
    def test_a20_a_sender_off_every_roster_gets_the_same_bytes_whatever_the_roster(self, found, text, at):
        message = a_message(text=text, sender="new@home.example", dmarc=Verdict.PASS)
        assert len({self.body(message, roster, found, at) for roster in self.ROSTERS}) == 1

    @given(CLASSIFICATIONS, st.sampled_from(TEXTS), st.sampled_from([OPEN, CLOSED]), st.sampled_from(Verdict))
    def test_a_pupil_is_never_answered_whatever_the_address_and_its_proof(self, found, text, at, dmarc):
        message = a_message(text=text, dmarc=dmarc)
        assert self.body(message, self.PUPILS_ADDRESS, found, at) == ()

    def test_the_gate_of_a_pupil_hits_for_an_address_on_the_roster(self):
        message = a_message(text=PLAINLY_A_PARENT)
        identity = identify(message, self.PUPILS_ADDRESS, SCHOOL)
        who = reply_identity(message, identity, SCHOOL)
        gates = may_reply(message, who, a_delivery(), SCHOOL, History())
        assert "sender-pupil" in {gate.name for gate in gates if gate.hit}

    def test_a_verified_guardian_is_who_the_roster_says(self):
        message = a_message()
        identity = identify(message, a_roster(), SCHOOL)
        assert reply_identity(message, identity, SCHOOL) is identity

    @given(st.sets(st.sampled_from(Topic)), st.sampled_from([OPEN, CLOSED]))
    def test_a16_no_word_of_the_message_is_in_the_reply(self, topics, at):
        message = a_message(
            text="zyxwv Jake", subject="zyxwv", sender_name="zyxwv", message_id="<zyxwv@home.example>"
        )
        classification = saying(*topics, text="zyxwv Jake")
        body = self.body(message, a_roster(), classification, at)
        assert not body or ("zyxwv" not in body and "Jake" not in body)


def test_two_decisions_on_the_same_message_are_the_same():
    assert a_decision(Topic.ABSENCE, Topic.URGENT) == a_decision(Topic.ABSENCE, Topic.URGENT)


def test_an_immediate_danger_is_an_immediate_flag():
    decision = a_decision(classification=saying(Topic.SAFEGUARDING, immediate=True))
    assert [flag.severity for flag in decision.flags] == [Severity.IMMEDIATE]


def test_that_only_the_owner_of_the_mailbox_is_out_is_told_to_nobody():
    """Design: no staff leave. The outcome stands, for the record and the digest; the reply is silent."""
    owner_out = Opening(open=False, why="outside the owner's hours", next=None, words="", owner_out=True)
    decision = a_decision(at=owner_out)
    assert Outcome.OUT_OF_HOURS in decision.outcomes
    assert decision.reply.parts == ()
