"""10,000 messages from 10,000 senders into ten mailboxes: ``make soak``."""

import shutil
import sys
import time
from collections import Counter

import pytest

from tests.acceptance.school import RunningSchool
from tests.flood import answered_once, flood, released, told, without_reply
from tests.servers.hook import Hook

MESSAGES, MAILBOXES = 10_000, 10
CALM = 200
"""So many messages beforehand, to compare with: what one costs while nothing is withheld."""

ROOMY = {"TRIAGE_REPLIES__CAPS__MAILBOX_PER_HOUR": "1000"}
"""So that it is the school's cap that is met, 300 an hour, and not first that of one mailbox."""


@pytest.fixture
def start(dovecot, sink, sqlite_template, key_file, tmp_path):
    """Start schools of ten mailboxes, each on a new SQLite database, and close them at the end."""
    schools: list[RunningSchool] = []

    def _start(name: str, **environ: str) -> RunningSchool:
        folder = tmp_path / name
        folder.mkdir()
        shutil.copyfile(sqlite_template, folder / "triage.db")
        url = f"sqlite:///{folder}/triage.db"
        environ = ROOMY | environ
        schools.append(RunningSchool(dovecot, sink, url, key_file, folder, count=MAILBOXES, environ=environ))
        return schools[-1]

    yield _start
    for school in schools:
        school.service.close()


@pytest.mark.timeout(7200)
def test_2_5_a_flood_of_ten_thousand(start, hook: Hook):
    calm = _seconds(start("calm"), CALM)
    school = start("flood", TRIAGE_ALERTS__URLS=hook.url)
    seconds = _seconds(school, MESSAGES)
    cap = school.service.settings.replies.caps.school_per_hour
    sent = len(school.replies) - CALM
    released(school)
    each = seconds / MESSAGES / (calm / CALM)
    sys.stdout.write(
        f"\n{school.states()} messages; replies {school.tally()}; alerts {len(hook.taken)}\n"
        f"a message of the flood costs {each:.2f} times one on a calm day\n"
    )
    assert school.states() == {"decided": MESSAGES}
    assert Counter(school.withheld()) == {None: MESSAGES}
    assert without_reply(school) == []
    assert (sent, school.tally()) == (cap, {"sent": cap, "withheld": MESSAGES - cap})
    assert len(school.replies) - CALM == cap
    assert answered_once(school, after=CALM)
    assert len(hook.taken) == 1
    assert told(school) == ["it@oakfield.example"]


def _seconds(school: RunningSchool, number: int) -> float:
    """Return how long a flood takes from its first delivery until all is at rest."""
    begun = time.perf_counter()
    flood(school, number)
    return time.perf_counter() - begun
