"""A flood costs replies up to a cap and one alarm; ``make soak`` does the same with 10,000 messages."""

import pytest

from tests.flood import answered_once, flood, released, told
from triage.store.switches import replies_stopped

MANY = 200
CAP = 20
ADMINISTRATOR = "it@oakfield.example"


@pytest.fixture
def flooded(start_worded, hook):
    """Start a school of so many mailboxes, with the hook as its second channel, and flood it."""

    def start(count: int, **caps: str):
        caps = {f"TRIAGE_REPLIES__CAPS__{name.upper()}_PER_HOUR": value for name, value in caps.items()}
        school = start_worded(count=count, environ={"TRIAGE_ALERTS__URLS": hook.url, **caps})
        flood(school, MANY)
        return school

    return start


def test_2_5_a_flood_from_many_senders_stops_all_replies_is_told_once_and_leaves_nothing_stale(flooded, hook):
    school = flooded(3, school=str(CAP))
    assert school.states() == {"decided": MANY}
    assert school.tally() == {"sent": CAP, "withheld": MANY - CAP}
    assert answered_once(school)
    assert len(school.flags()) >= MANY
    released(school)
    with school.service.database.read() as conn:
        assert replies_stopped(conn) is None
    assert len(school.replies) == CAP
    (alert,) = hook.taken
    assert "have been stopped" in alert
    assert told(school) == [ADMINISTRATOR]


def test_2_a_flood_into_one_mailbox_stops_at_the_mailboxs_cap_is_told_once_and_leaves_nothing_stale(
    flooded, hook
):
    school = flooded(1, mailbox=str(CAP))
    assert school.states() == {"decided": MANY}
    assert school.tally() == {"sent": CAP, "withheld": MANY - CAP}
    released(school)
    assert len(school.replies) == CAP
    (alert,) = hook.taken
    assert "More automatic replies were due" in alert
    assert told(school) == [ADMINISTRATOR]
