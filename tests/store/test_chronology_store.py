"""What a chronology is made of, as it is read from the record."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.store.builders import NOW
from tests.web.families import DEPUTY, JAKE, LEAD, YEAR_8, receive, site
from tests.web.site import CONTENTIOUS, DISCLOSURE
from triage.domain.visibility import viewer
from triage.store import audit, chronology
from triage.store.chronology import Look, read_chronology
from triage.store.workflow import Change, mark_wrong

__all__ = ["site"]


def read(site, who=LEAD, pupil=JAKE):
    with site.database.read() as conn:
        return read_chronology(conn, viewer(site.school, who), pupil)


def note(site, object_: str, minutes: int = 0, actor: str = YEAR_8) -> None:
    at = NOW + timedelta(minutes=minutes)
    with site.database.write() as conn:
        audit.append(conn, site.database.keyring, at, actor, "words viewed", object_=object_)


def test_nothing_is_none(site):
    assert read(site) is None


def test_a_message_that_raised_no_flag_is_not_in_it(site):
    receive(site)
    kept = receive(site, CONTENTIOUS)
    assert [record.view.id for record in read(site).cases] == [kept]


def test_a_guess_off_the_record_leaves_no_event_and_the_correction_stays(site):
    receive(site, CONTENTIOUS, DISCLOSURE)
    with site.database.write() as conn:
        mark_wrong(conn, Change(1, 0, YEAR_8, NOW), "contentious")
    (record,) = read(site).cases
    assert list(record.events) == [2]
    assert [(one.topic, one.verdict) for one in record.corrections] == [("contentious", "not there")]


def test_who_may_not_read_a_text_has_no_chronology_of_it(site):
    receive(site, CONTENTIOUS, DISCLOSURE)
    assert read(site, YEAR_8) is None


@pytest.mark.parametrize("at_once", [1, 2, 1000])
def test_looks_come_in_order_however_many_are_read_at_once(site, monkeypatch, at_once):
    monkeypatch.setattr(chronology, "AT_ONCE", at_once)
    case = receive(site, DISCLOSURE)
    for minutes, object_ in enumerate(
        [f"case {case}", f"cases 7 {case} 9", f"pupil {JAKE}", f"cases {case}"]
    ):
        note(site, object_, minutes)
    looks = read(site).looks
    assert [look.at for look in looks] == [NOW + timedelta(minutes=minutes) for minutes in range(4)]
    assert [look.cases for look in looks] == [(case,), (case,), (), (case,)]


def test_looks_at_what_is_hidden_from_the_reader_are_not_told(site):
    shown = receive(site, CONTENTIOUS)
    hidden = receive(site, replace(DISCLOSURE, about=LEAD))
    note(site, f"cases {shown} {hidden}", actor=DEPUTY)
    note(site, f"case {hidden}", 1, actor=DEPUTY)
    assert read(site).looks == (Look(NOW, DEPUTY, "words viewed", (shown,)),)
    assert [look.cases for look in read(site, DEPUTY).looks] == [(shown, hidden), (hidden,)]
