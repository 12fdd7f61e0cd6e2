"""What a server says of a message's parts may be anything."""

from hypothesis import given
from hypothesis import strategies as st

from triage.mail.by_parts import plan

WORDS = [b"text", b"plain", b"message", b"rfc822", b"mixed", b"boundary", b"b", b"base64", b"attachment", b""]
atoms = st.one_of(st.none(), st.integers(0, 10**20), st.sampled_from(WORDS), st.binary(max_size=4))
structures = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.lists(inner, max_size=10).map(tuple),
        st.tuples(st.lists(inner, max_size=3), st.sampled_from(WORDS), st.just((b"boundary", b"b"))),
        st.tuples(
            *(st.sampled_from(WORDS) for _ in range(2)),
            *(inner for _ in range(3)),
            st.none(),
            st.integers(0, 99),
        ),
    ),
    max_leaves=40,
)


@given(structures, st.integers(1, 1_000))
def test_any_picture_of_a_message_is_a_plan_within_its_bounds_or_none(structure, cap):
    made = plan(structure, cap)
    if made is None:
        return
    asked = [item for items in made.commands() for item in items]
    bodies = [item for item in asked if "MIME" not in item and "HEADER" not in item]
    assert sum(int(item.rpartition(".")[2][:-1]) for item in bodies) <= cap
    assert made.assembled({}) is None


def test_a_header_that_goes_on_is_told():
    made = plan((b"image", b"png", None, None, None, b"base64", 10), 1_000)
    assert made.assembled({"HEADER": b"X-A: b\r\n" * 200_000}) is not None
    assert made.truncated
