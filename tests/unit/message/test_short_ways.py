"""Where most mail is read in a shorter way, it is read as in the long one."""

from hypothesis import example, given
from hypothesis import strategies as st

from triage.domain import header_values
from triage.message.addresses import read_addresses
from triage.message.characters import clean_line, clean_text
from triage.message.comments import tokens, without_comments

PIECES = ["a", "B1", ".", "-", "+", " ", "@", "home.example", "<", ">", '"J. Po"', '""', "'", "(c)", ","]
WRITTEN = st.lists(st.sampled_from(PIECES), max_size=9).map("".join)
FIELDS = st.text(alphabet='ab ();,<"\\', max_size=20)
LETTERS = st.text(alphabet=st.characters() | st.sampled_from("\r\n\t\v\x00\x85\u2028\ud800"))


@given(WRITTEN)
@example("j.pole@home.example")
@example("Jo Pole <j.pole@Home.example>")
@example('"A  b" <a@h.example>')
@example("a.@h.example")
def test_an_address_is_the_same_with_a_comment_behind_it(value):
    assert read_addresses([value]) == read_addresses([f"{value}()"])


@given(FIELDS)
def test_comments_are_left_out_one_by_one(value):
    kept = "".join(token.text for token in tokens(value) if token.kind in {"text", "special"})
    assert without_comments(value) == kept


@given(FIELDS)
def test_a_value_with_a_comment_beside_it_says_the_same(value):
    assert header_values.without_comments(f"(){value}") == header_values.without_comments(value)


@given(LETTERS)
def test_clean_text_is_clean_beside_a_sign_that_is_not(text):
    assert clean_text(f"\x00{text}") == clean_text(text)
    assert clean_line(f"\x00{text}") == clean_line(text)
