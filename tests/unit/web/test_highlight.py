"""Evidence marked in a text: nothing of the text is lost, added or moved."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from triage.domain.model import Evidence, Topic
from triage.domain.proof import Proof
from triage.store.cases import Letter
from triage.web.highlight import Piece, marked, pieces

WHEN = datetime(2026, 10, 14, 9, 30, tzinfo=UTC)
SPANS = st.lists(
    st.builds(Evidence, st.sampled_from(Topic), st.just(""), st.integers(-5, 60), st.integers(-5, 60)),
    max_size=8,
)


def joined(found):
    return "".join(piece.text for piece in found)


def shown(topic, start, end):
    return Evidence(topic, "", start, end)


@given(st.text(max_size=50), SPANS)
def test_the_pieces_joined_are_the_text(text, evidence):
    assert joined(pieces(text, evidence)) == text


@given(st.text(max_size=50), SPANS, st.data())
def test_the_pieces_of_a_stretch_joined_are_the_stretch(text, evidence, data):
    first = data.draw(st.integers(0, len(text)))
    last = data.draw(st.integers(first, len(text)))
    assert joined(pieces(text, evidence, first, last)) == text[first:last]


@given(st.text(min_size=1, max_size=50), SPANS)
def test_each_character_is_marked_with_exactly_the_topics_that_cover_it(text, evidence):
    cover = [{e.topic.value for e in evidence if e.start <= at < e.end} for at in range(len(text))]
    assert [set(piece.topics) for piece in pieces(text, evidence) for _ in piece.text] == cover


@given(st.text(max_size=30), st.text(max_size=50), SPANS)
def test_subject_and_body_of_a_letter_joined_are_what_was_classified(subject, own, evidence):
    classified = f"{subject}\n{own}"
    letter = Letter(
        WHEN, "", "parent", Proof.VERIFIED, subject, classified, text=own, evidence=tuple(evidence)
    )
    found = marked(letter)
    assert joined(found.subject) + "\n" + joined(found.body) == classified


def test_overlapping_evidence_is_cut_where_one_begins_and_the_other_ends():
    found = pieces("abcdef", [shown(Topic.ABSENCE, 0, 4), shown(Topic.URGENT, 2, 6)])
    assert found == [
        Piece("ab", ("absence",)),
        Piece("cd", ("absence", "urgent")),
        Piece("ef", ("urgent",)),
    ]


def test_evidence_over_the_line_between_subject_and_body_marks_both():
    evidence = (shown(Topic.ABSENCE, 0, 9),)
    found = marked(
        Letter(WHEN, "", "parent", Proof.VERIFIED, "Jake", "Jake\nis ill", text="is ill", evidence=evidence)
    )
    assert (found.subject, found.body[0]) == ([Piece("Jake", ("absence",))], Piece("is i", ("absence",)))


def test_a_text_without_evidence_is_one_piece():
    assert pieces("all quiet", []) == [Piece("all quiet")]


def test_text_that_was_not_classified_is_kept_to_be_unfolded():
    letter = Letter(
        WHEN, "", "parent", Proof.VERIFIED, "Jake", "Jake\nis ill", text="is ill\n> get well", evidence=()
    )
    assert marked(letter).rest == "is ill\n> get well"


def test_text_that_was_classified_is_not_told_twice():
    letter = Letter(WHEN, "", "parent", Proof.VERIFIED, "Jake", "Jake\nis ill", text="is ill\n", evidence=())
    assert marked(letter).rest == ""
