"""A message changed only in its headers' order, case or folding is decided alike, from the bytes on."""

import random
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.labelled.labelled import GATEWAY, MACHINES, load, the_roster, the_school
from triage.domain.decide import reply_identity
from triage.domain.identify import identify
from triage.domain.may_reply import may_reply
from triage.domain.model import History
from triage.message.parse import Gateway, parse

SOME = [one for name in (*MACHINES, "humans", "parents") for one in load(name)[::23]]
# Which of these stands topmost is what they say: a gateway adds its own above what it was given.
TRACE = {b"received", b"authentication-results", b"return-path", b"delivered-to"}


def asked(one, raw):
    message, school = parse(raw, one.received, Gateway(frozenset({GATEWAY}))), the_school()
    identity = identify(message, the_roster(), school)
    who = reply_identity(message, identity, school)
    return identity, may_reply(message, who, one.delivery, school, History())


def fields_of(raw):
    head, line_end, body = re.match(rb"(.*?)(\r?\n)\r?\n(.*)", raw, re.DOTALL).groups()
    return re.split(rb"\r?\n(?![ \t])", head), line_end, body


def name_of(field):
    return field.partition(b":")[0].lower()


def shuffled(fields, seed):
    """Return the fields in another order; those of the way here, and those of one name, keep theirs."""
    moved = [field for field in fields if name_of(field) not in TRACE]
    names = sorted({name_of(field) for field in moved})
    random.Random(seed).shuffle(names)
    trace = [field for field in fields if name_of(field) in TRACE]
    return [*trace, *(field for name in names for field in moved if name_of(field) == name)]


def recased(field, upper):
    name, colon, value = field.partition(b":")
    return (name.upper() if upper else name.lower()) + colon + value


def refolded(field, line_end, fold):
    """Return a field folded before its value."""
    name, colon, value = field.partition(b":")
    return name + colon + line_end + b"\t" + value.lstrip() if fold and value.strip() else field


@settings(max_examples=60)
@given(st.sampled_from(SOME), st.integers(0, 10_000), st.booleans(), st.booleans())
def test_the_order_case_and_folding_of_headers_change_no_gate(one, seed, upper, fold):
    fields, line_end, body = fields_of(one.raw)
    changed = [refolded(recased(field, upper), line_end, fold) for field in shuffled(fields, seed)]
    raw = line_end.join(changed) + line_end * 2 + body
    identity, gates = asked(one, one.raw)
    again, same = asked(one, raw)
    assert (again.sender, again.pupils) == (identity.sender, identity.pupils)
    assert [(gate.name, gate.hit) for gate in same] == [(gate.name, gate.hit) for gate in gates]
