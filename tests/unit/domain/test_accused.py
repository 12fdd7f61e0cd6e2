"""Whom a message is about: the acts, the names in every form, the posts, and who is no member of staff."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import PEOPLE, TEACHER, a_delivery, a_message, a_school, an_identity
from tests.unit.domain.test_routes import HEAD, LEAD, OPEN, POLICY
from triage.domain.accused import Accused, accused
from triage.domain.matter import Matter
from triage.domain.model import Classification, Evidence, History, Topic
from triage.domain.school import Person, Role

DEPUTY, VANE, MARSH = "safe2@oakfield.example", "year8@oakfield.example", "year7@oakfield.example"
LLEWELLYN = Person("p.llewellyn@oakfield.example", Role.SAFEGUARDING_LEAD, "Mr P. Llewellyn")
OSBORNE = Person("r.osborne@oakfield.example", Role.HEAD_OF_YEAR, "Mr R. Osborne", years=(7,))
DEMO = a_school(people=(PEOPLE[0], LLEWELLYN, OSBORNE))


def about(
    text, topic=Topic.SAFEGUARDING, *, school=None, delivery=None, identity=None, sender="Sara Pole", at=()
):
    evidence = tuple(Evidence(topic, text[start:end], start, end) for start, end in at)
    matter = Matter(
        message=a_message(sender_name=sender),
        identity=identity or an_identity(),
        classification=Classification(text, {topic: 0.9}, evidence),
        delivery=delivery or a_delivery(),
        school=school or a_school(),
        policy=POLICY,
        history=History(),
        opening=OPEN,
        roster_loaded=True,
    )
    return accused(topic, matter)


def addresses(text, topic=Topic.SAFEGUARDING, **given):
    return [one.address for one in about(text, topic, **given)]


class TestActs:
    @pytest.mark.parametrize(
        "act",
        [
            *("raped her", "kissed her", "kept asking for naked photos", "made him sit on his lap"),
            *("stroked her hair", "choked him", "punched him", "undressed her", "exposed himself"),
            *("strangled him", "groped her", "sent her nudes", "filmed her in the changing room", "bit him"),
            *("locked him in a cupboard", "frightened him", "touched her", "threw a chair at him"),
        ],
    )
    def test_what_a_teacher_has_done_to_a_child_is_about_the_teacher(self, act):
        assert addresses(f"Mr Hale {act}.") == [TEACHER]

    def test_a_teacher_who_is_only_mentioned_is_not_accused(self):
        assert addresses("Mr Hale teaches her maths. She wants to die.") == []

    def test_a_teacher_who_was_told_is_not_accused(self):
        assert addresses("She told Mr Hale that her uncle hit her.") == []

    def test_a_teacher_who_was_told_to_stop_is_accused(self):
        assert addresses("We told Mr Hale to stop touching her.") == [TEACHER]

    def test_the_owner_of_another_watched_mailbox_is_known_by_name(self):
        school = a_school(owners=(("Ms A. Mensah", "a.mensah@oakfield.example"),))
        found = addresses("sir miss mensah grabbed renees hair", school=school)
        assert found == ["a.mensah@oakfield.example"]

    def test_a_lunchtime_lady_is_of_the_staff(self):
        assert about("The dinner lady drags the little ones by their hoods.") == (Accused(None),)

    def test_a_head_who_shall_ring_back_is_not_accused(self):
        assert about("An allegation: he was beaten at home. Please have the headteacher ring me.") == ()


class TestTheSafeguardingLeads:
    """Whoever would read the flag is kept from it by a name alone, without any word for an act."""

    @pytest.mark.parametrize(
        "text",
        [
            "Ms Okoro and my daughter are together after school.",
            "Ms. D. Okoro makes her want to die.",
            "My daughter wants to die, I told Ms Okoro.",
            "She is so afraid when Dora Okoro comes in.",
            "ms okoro knows why she cuts herself",
            "Mrs Okorro is the reason.",
        ],
    )
    def test_a_lead_who_is_named_near_it_is_concerned(self, text):
        assert addresses(text) == [LEAD]

    @pytest.mark.parametrize(
        "text",
        [
            "Please get this to Ms Okoro now. She is afraid to go home, her uncle hit her.",
            "For the attention of Ms Okoro: he was beaten at home.",
            "For the attention of the safeguarding lead: he was beaten at home.",
        ],
    )
    def test_a_lead_to_whom_it_shall_be_given_reads_it(self, text):
        assert addresses(text) == []

    def test_a_deputy_who_is_named_near_it_is_concerned(self):
        assert addresses("Mr Finch is the reason that she wants to die.") == [DEPUTY]

    @pytest.mark.parametrize(
        "greeting", ["Dear Ms Okoro,", "Hi Ms Okoro", "Good morning Ms D. Okoro,", "Dear Dora Okoro,"]
    )
    def test_a_lead_who_is_greeted_is_not(self, greeting):
        assert addresses(f"Worried\n{greeting}\n\nShe wants to die.") == []

    def test_a_greeting_without_a_comma_hides_nothing_after_the_name(self):
        assert addresses("Dear Sir\nHello Mr Hale you hit my son.") == [TEACHER]

    @pytest.mark.parametrize(
        "post",
        ["The safeguarding lead", "your safeguarding man", "The DSL", "your designated safeguarding lead"],
    )
    def test_the_post_stands_for_whoever_holds_it(self, post):
        assert addresses(f"{post} touched my son.") == [LEAD]

    def test_the_deputys_post_stands_for_the_deputy(self):
        assert addresses("The deputy safeguarding lead touched my son.") == [DEPUTY]

    def test_a_lead_who_is_asked_for_by_post_may_read_it(self):
        assert addresses("Please pass this on to the safeguarding lead: her uncle hit her.") == []

    def test_an_unnamed_deputy_head_may_be_any_of_the_leads(self):
        assert addresses("The deputy head kissed my daughter.") == [LEAD, DEPUTY]

    def test_a_post_that_nobody_holds_on_record_is_still_told(self):
        people = tuple(one for one in PEOPLE if one.role is not Role.SAFEGUARDING_LEAD)
        found = about("The safeguarding lead hit him.", school=a_school(people=people))
        assert found == (Accused(None, frozenset({Role.SAFEGUARDING_LEAD})),)

    def test_in_a_leads_mailbox_you_is_the_lead(self):
        delivery = a_delivery(mailbox=LEAD, owner_name="Ms D. Okoro")
        assert addresses("You ignored us, and now she wants to die.", delivery=delivery) == [LEAD]


class TestNames:
    @pytest.mark.parametrize(
        ("text", "address"),
        [
            ("Richard Osborne humiliated Callum.", OSBORNE.address),
            ("richard osborne humiliated callum", OSBORNE.address),
            ("the deputy head, Rob Osborne, humiliated him", OSBORNE.address),
            ("Bob Osborne laughed at him", OSBORNE.address),
            ("Osborne is a bully.", OSBORNE.address),
            ("And then Osborne lied to us.", OSBORNE.address),
            ("OSBORNE LIED TO US", OSBORNE.address),
            ("Mr Osbourne was rude", OSBORNE.address),
            ("Mr Ozborne was rude", OSBORNE.address),
            ("Mr. R Osborne's attitude", OSBORNE.address),
            ("Mr Llewelyn was rude", LLEWELLYN.address),
            ("Mr Lewellyn was rude", LLEWELLYN.address),
            ("Mrs Llewellyn was rude", LLEWELLYN.address),
        ],
    )
    def test_a_complaint_finds_the_person_in_any_form_of_the_name(self, text, address):
        assert addresses(text, Topic.COMPLAINT, school=DEMO) == [address]

    @pytest.mark.parametrize(
        "text",
        [
            "Paul Llewellyn, your safeguarding man, touched my son.",
            "Paul Llewelyn touched my son.",
            "Llewellyn touched my son.",
            "Mr Llewelyn touched my son.",
        ],
    )
    def test_safeguarding_finds_the_lead_in_any_form_of_the_name(self, text):
        assert addresses(text, school=DEMO) == [LLEWELLYN.address]

    @pytest.mark.parametrize(
        "text",
        [
            "Callum Osborne hit Jake.",
            "My complaint: Callum Osborne calls Jake names.",
            "The bus stops at Osborne Road, and it is late.",
        ],
    )
    def test_a_pupil_or_a_place_of_that_name_is_nobody_of_the_staff(self, text):
        assert addresses(text, Topic.COMPLAINT, school=DEMO) == []

    def test_the_pupil_of_a_family_with_the_leads_name_is_not_the_lead(self):
        assert addresses("Jake Llewellyn wants to die.", school=DEMO) == []

    def test_a_mother_who_signs_with_a_name_like_a_teachers_accuses_nobody(self):
        text = "The bus was late, please put it right.\nRachel Osborne"
        assert addresses(text, Topic.COMPLAINT, school=DEMO, sender="Rachel Osborne") == []

    def test_a_word_that_is_a_name_too_is_not_one_in_small_letters(self):
        assert addresses("They hit him in the marsh behind the field.") == []

    def test_a_double_name_counts_by_either_half(self):
        school = a_school(people=(Person("a@oakfield.example", Role.HEAD_OF_YEAR, "Ms A. Reid-Kaye"),))
        assert addresses("Ms Kaye was rude", Topic.COMPLAINT, school=school) == ["a@oakfield.example"]

    def test_accents_and_apostrophes_make_no_difference(self):
        school = a_school(people=(Person("a@oakfield.example", Role.HEAD_OF_YEAR, "Mr S. O'Héalaí"),))
        assert addresses("Mr O’Healai was rude", Topic.COMPLAINT, school=school) == ["a@oakfield.example"]

    def test_an_office_has_no_name(self):
        delivery = a_delivery(mailbox="office@oakfield.example", owner_name="the school office")
        assert addresses("The school office was closed.", Topic.COMPLAINT, delivery=delivery) == []

    def test_you_in_the_offices_mailbox_is_somebody_of_the_staff(self):
        delivery = a_delivery(mailbox="office@oakfield.example", owner_name="the school office")
        assert addresses("You ignored us.", Topic.COMPLAINT, delivery=delivery) == [None]


class TestPosts:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("The head lied to us.", [HEAD]),
            ("The headteacher lied to us.", [HEAD]),
            ("The deputy head lied to us.", [None]),
            ("The deputy head teacher lied to us.", [None]),
            ("The head of year lied to us.", [VANE]),
            ("The head of Year 7 lied to us.", [MARSH]),
            ("The head of science lied to us.", []),
            ("He was hit on the head with a ball.", []),
            ("A blow to the head, and nobody rang.", []),
        ],
    )
    def test_a_post_means_whoever_holds_it(self, text, expected):
        assert addresses(text, Topic.COMPLAINT) == expected

    def test_without_a_year_the_head_of_year_is_somebody_of_the_staff(self):
        unknown = an_identity(years=())
        assert addresses("The head of year was rude", Topic.COMPLAINT, identity=unknown) == [None]

    def test_a_blow_to_the_head_accuses_no_headteacher_of_harm(self):
        assert addresses("His uncle hit him on the head.") == []


class TestWhoIsNotOfTheSchool:
    @pytest.mark.parametrize(
        "text",
        [
            "Mrs Bell next door hit my son.",
            "Our neighbour Mr Bell touched her.",
            "His uncle, Mr Bell, hit him.",
            "Dr Shah at the surgery saw the bruises.",
            "She will miss school, her uncle hit her.",
        ],
    )
    def test_a_titled_neighbour_is_not_staff(self, text):
        assert about(text) == ()

    @pytest.mark.parametrize("text", ["Mr Bell hit my son.", "Miss Shah grabbed her.", "mr bell slapped him"])
    def test_a_titled_stranger_is_somebody_of_the_staff(self, text):
        assert about(text) == (Accused(None),)

    def test_a_mother_who_speaks_of_herself_is_not_staff(self):
        assert about("This is Mrs Pole. Her uncle hit her.") == ()


def test_only_words_near_the_evidence_count():
    text = "He hit her." + " It is long." * 40 + " Mr Finch was kind."
    assert addresses(text, at=((3, 6),)) == []


def test_a_name_beside_any_of_several_places_counts():
    text = "He hit her." + " It is long." * 40 + " He cut her. Mr Finch knows."
    assert addresses(text, at=((3, 6), (len(text) - 24, len(text) - 20))) == [DEPUTY]


WORDS = st.sampled_from(
    [
        "Dear ",
        "Mr ",
        "mr. ",
        "Okoro",
        "okoro ",
        "told ",
        "the head ",
        "hit ",
        "you ",
        "deputy ",
        "\n",
        ",",
        "İ",
        "ß",
        "’",
    ]
)


@given(st.lists(WORDS | st.text(max_size=5)).map("".join), st.integers(0, 50), st.sampled_from(Topic))
def test_no_text_and_no_place_of_evidence_raises(text, start, topic):
    for one in about(text, topic, at=((start, start + 3),)):
        assert one.address is None or one.address == one.address.lower()
