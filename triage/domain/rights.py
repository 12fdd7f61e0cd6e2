"""Which information right a message uses: each has a time of its own in law.

A copy of somebody's own records, or their erasure or correction: one calendar month (UK GDPR, article 12).
Freedom of information: 20 school days (the 2010 regulations on the time for schools). A complaint about
data protection: acknowledged within 30 days (Data Protection Act 2018, section 164A). The policy states them.
"""

import re
from enum import StrEnum


class Right(StrEnum):
    """A right to information, or about it."""

    SUBJECT_ACCESS = "subject-access"
    FREEDOM_OF_INFORMATION = "freedom-of-information"
    DATA_COMPLAINT = "data-protection-complaint"


_FREEDOM = re.compile(r"\bfreedom of information\b|\bfoia?\b|\benvironmental information\b")
_OWN = re.compile(
    r"\bsubject access\b|\bd?sars?\b|\bpersonal (?:data|information)\b|\bgdpr\b"
    r"|\b(?:about|on|held on) (?:me|us|my|our|him|her)\b|\bmy (?:\w+ )?(?:\w+s )?(?:data|file|records?)\b"
)
_PROTECTION = re.compile(
    r"\bdata protection\b|\bgdpr\b|\bpersonal (?:data|information)\b|\binformation commissioner\b|\bico\b"
)
_COMPLAINS = re.compile(r"\bcomplain(?:t|ts|s|ed|ing)?\b")


def rights_used(text: str) -> tuple[Right, ...]:
    """Return the rights that a message about one names; a copy of one's records when it names none."""
    words = text.lower().replace("'", "").replace("\u2019", "")
    freedom, protection = _FREEDOM.search(words), _PROTECTION.search(words)
    complains = protection is not None and _COMPLAINS.search(words) is not None
    found = {
        Right.SUBJECT_ACCESS: _OWN.search(words) is not None or not (freedom or complains),
        Right.FREEDOM_OF_INFORMATION: freedom is not None,
        Right.DATA_COMPLAINT: complains,
    }
    return tuple(right for right, holds in found.items() if holds)
