"""Which parts a reply has, and in which order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.domain.replies import (
    GREETING,
    HELP,
    PACK,
    PHONING,
    SUBSUMED,
    WAYS,
    every_reply,
    framed,
    needed_parts,
    pack_parts,
    reply_parts,
)

PARTS = st.lists(
    st.sampled_from(["out-of-hours", "missing-child-name", "private-account", *SUBSUMED, *PHONING])
)


def parts(*wanted, may_write=False):
    return reply_parts(wanted, may_write=may_write)


def test_nothing_to_say_is_no_reply():
    assert parts() == ()


def test_v6_several_topics_make_one_reply_in_the_order_given():
    assert parts("urgent", "out-of-hours", "absence") == (
        "greeting",
        "urgent",
        "out-of-hours",
        "absence",
        "help",
    )


def test_a_part_is_said_once():
    assert parts("private", "private", "absence", "private") == ("greeting", "private", "absence", "help")


def test_the_greeting_and_the_help_lines_are_no_parts_of_a_topic():
    assert parts("greeting", "help") == ()


def test_a_neutral_part_makes_please_phone_needless():
    assert parts("please-phone", "private") == ("greeting", "private", "help")


def test_the_collection_part_makes_the_urgent_one_needless():
    assert parts("collection", "urgent") == ("greeting", "collection", "help")


def test_a_guardian_who_may_write_is_not_asked_to_ring():
    assert parts("absence", "please-phone", "private", "other-pupils", may_write=True) == ()


def test_a_guardian_who_may_write_still_learns_that_an_email_is_not_acted_on():
    assert parts("collection", "private", may_write=True) == ("greeting", "collection", "help")


@given(PARTS, st.booleans())
def test_every_reply_begins_with_the_greeting_and_ends_with_the_help_lines(wanted, may_write):
    made = reply_parts(wanted, may_write=may_write)
    assert made == () or (made[0], made[-1]) == (GREETING, HELP)


@given(PARTS, st.booleans())
def test_no_part_is_repeated_or_invented(wanted, may_write):
    made = reply_parts(wanted, may_write=may_write)
    assert len(set(made)) == len(made)
    assert set(made) <= {GREETING, HELP, *wanted}


@given(PARTS, st.booleans())
def test_ways_are_said_at_most_once_and_right_before_the_help_lines(wanted, may_write):
    made = reply_parts(wanted, may_write=may_write)
    if made:
        assert tuple(part for part in framed(made) if part != WAYS) == made
        assert framed(made).count(WAYS) == 0 or framed(made).index(WAYS) == len(framed(made)) - 2


@pytest.mark.parametrize(
    "part", ["absence", "please-phone", "private", "urgent", "collection", "out-of-hours"]
)
def test_a_part_that_gives_a_number_brings_the_ways(part):
    assert WAYS in framed((GREETING, part, HELP))


@pytest.mark.parametrize("part", ["missing-child-name", "private-account"])
def test_a_part_without_a_number_brings_none(part):
    assert WAYS not in framed((GREETING, part, HELP))


def test_a_pack_says_please_ring_once_for_all_that_it_lacks():
    assert pack_parts((GREETING, "absence", "out-of-hours", "private", HELP), PACK) == (
        *(GREETING, "please-phone", "out-of-hours", HELP),
    )


@pytest.mark.parametrize("part", ["collection", "urgent"])
def test_a_pack_says_ring_now_for_what_an_email_does_not_settle(part):
    assert pack_parts((GREETING, part, HELP), PACK) == (GREETING, "ring-now", HELP)


def test_beside_ring_now_a_pack_leaves_please_ring_out():
    assert pack_parts((GREETING, "private", "urgent", HELP), PACK) == (GREETING, "ring-now", HELP)


def test_a_language_that_says_both_itself_needs_no_ring_now():
    assert "ring-now" in needed_parts({"urgent"})
    assert "ring-now" not in needed_parts({"urgent", "collection"})


@given(PARTS)
def test_a_pack_leaves_nothing_unsaid(wanted):
    made = reply_parts(wanted, may_write=False)
    own = pack_parts(made, PACK)
    assert set(own) <= PACK
    assert len(own) > 2 or made == ()


def test_a_policy_can_make_a_reply_of_any_of_its_parts_in_their_order():
    made = every_reply(["urgent", "absence", "private"], is_open=True)
    assert {parts[1:-1] for parts in made} == {
        *(("urgent",), ("absence",), ("private",)),
        *(("urgent", "absence"), ("urgent", "private"), ("absence", "private")),
        ("urgent", "absence", "private"),
    }


def test_no_reply_speaks_of_closing_while_the_school_is_open():
    assert every_reply(["out-of-hours", "absence"], is_open=True) == {(GREETING, "absence", HELP)}


def test_a_part_that_another_makes_needless_is_in_no_reply_beside_it():
    made = every_reply(["collection", "urgent"], is_open=False)
    assert {parts[1:-1] for parts in made} == {("collection",), ("urgent",)}
