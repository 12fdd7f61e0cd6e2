"""Names of the record and instants, as people say them."""

import pytest

from triage.domain.model import Route, Severity, Topic, Trouble
from triage.domain.school import Role
from triage.web.errors import words_of
from triage.web.render import words

NAMES = sorted({name.value for kind in (Topic, Trouble, Route, Severity, Role) for name in kind})


@pytest.mark.parametrize("name", NAMES)
def test_every_name_of_the_record_reads_as_words(name):
    said = words(name)
    assert said[0].isupper()
    assert not set(said) & set("-_")


@pytest.mark.parametrize(
    ("line", "sentence"), [("it is full", "It is full."), ("is it?", "Is it?"), ("", ".")]
)
def test_a_line_of_an_error_becomes_a_sentence(line, sentence):
    assert words_of(line) == sentence
