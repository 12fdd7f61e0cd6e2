"""Which information right a message uses."""

import pytest

from triage.domain.rights import Right, rights_used

ACCESS, FREEDOM, COMPLAINT = Right.SUBJECT_ACCESS, Right.FREEDOM_OF_INFORMATION, Right.DATA_COMPLAINT


@pytest.mark.parametrize(
    ("text", "rights"),
    [
        ("Please send me everything that you hold.", (ACCESS,)),
        ("A subject access request for my son's records.", (ACCESS,)),
        ("Please delete my daughter's file.", (ACCESS,)),
        ("Under the Freedom of Information Act 2000: the cost of supply staff.", (FREEDOM,)),
        ("An FOI request about exclusions", (FREEDOM,)),
        ("FOIA: the minutes of the governors", (FREEDOM,)),
        ("A request under the Environmental Information Regulations", (FREEDOM,)),
        ("I complain about a breach of data protection.", (COMPLAINT,)),
        ("My complaint will go to the Information Commissioner.", (COMPLAINT,)),
        ("FOI for the cost, and all personal data on him", (ACCESS, FREEDOM)),
        ("A complaint under the GDPR: you lost my data.", (ACCESS, COMPLAINT)),
    ],
)
def test_a_request_is_told_by_the_right_that_it_names(text, rights):
    assert rights_used(text) == rights


def test_a_plain_complaint_beside_a_request_is_no_complaint_about_data_protection():
    assert rights_used("I complain about the bus. Please send me his records.") == (ACCESS,)


@pytest.mark.parametrize("text", ["", "words", "\u2019" * 10])
def test_every_request_uses_some_right(text):
    assert rights_used(text) == (ACCESS,)
