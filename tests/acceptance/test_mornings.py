"""The mails of the morning at a real server: when the day begins, or as soon as the service runs again."""

from datetime import datetime, time, timedelta

import pytest

from tests.acceptance.school import CLOSED, a_mail, comes_true, now
from tests.factories import LONDON
from triage.duties.mornings import mornings
from triage.workers.embedded import EmbeddedWorker

LEAD, DEPUTY = "p.llewellyn@oakfield.example", "s.kowalska@oakfield.example"
YEAR_8 = "t.nakamura@oakfield.example"
WORRYING = "He was bullied again. Jake Pole 8B"


def said(school, to: str) -> list[str]:
    """The words of the mails of the morning that somebody got, each on one line."""
    got = [one.message for one in school.sink.accepted if one.recipient == to]
    own = [one for one in got if one["Auto-Submitted"] == "auto-generated" and "morning" in _text(one)]
    return [_text(one) for one in own]


def _text(message) -> str:
    return " ".join(message.get_payload(decode=True).decode().split())


@pytest.fixture
def run():
    """Start workers that are stopped at the end, whatever happens."""
    workers = []

    def start(school) -> EmbeddedWorker:
        workers.append(EmbeddedWorker(school.service.context, timedelta(hours=1)))
        workers[-1].start()
        return workers[-1]

    yield start
    for worker in workers:
        worker.stop()


def test_a_morning_that_passed_while_nothing_ran_is_made_up_for_at_the_start_and_once(worded, run):
    run(worded)
    assert comes_true(lambda: len(said(worded, LEAD)) == len(said(worded, DEPUTY)) == 1)
    mornings(worded.service.context)
    worded.service.sweep()
    assert len(said(worded, LEAD)) == 1
    assert "none raised a safeguarding flag" in said(worded, LEAD)[0]


def test_whoever_has_something_to_see_to_is_told_how_much_and_nothing_of_what(worded):
    worded.deliver(a_mail(WORRYING, to=worded.address()))
    worded.poll()
    mornings(worded.service.context)
    worded.service.sweep()
    (told,) = said(worded, YEAR_8)
    assert "Your queue at Oakfield School this morning: 1 open," in told
    for hidden in ("bullied", "Jake", "Pole", "sensitive"):
        assert hidden not in told


def test_a_closed_school_writes_to_nobody(start_worded):
    school = start_worded(hours=CLOSED)
    school.deliver(a_mail(WORRYING, to=school.address()))
    school.poll()
    mornings(school.service.context)
    school.service.sweep()
    assert said(school, LEAD) == said(school, YEAR_8) == []


def test_each_start_of_a_working_day_has_its_hour_in_the_schools_zone(start_worded, run):
    school = start_worded(hours="08:30-16:00", environ={"TRIAGE_HOURS__WEDNESDAY": "09:15-12:00"})
    jobs = [job for job in run(school)._scheduler.get_jobs() if "cron" in str(job.trigger)]
    midnight = datetime.combine(now().date(), time(), LONDON)
    times = {job.trigger.get_next_fire_time(None, midnight).strftime("%H:%M %Z") for job in jobs}
    assert times == {f"{clock} {midnight:%Z}" for clock in ("08:30", "09:15")}


@pytest.mark.parametrize("day", ["2027-03-28", "2026-10-25"], ids=["clocks go forward", "clocks go back"])
def test_23_the_hour_is_by_the_wall_clock_on_both_sides_of_a_change_of_clocks(start_worded, run, day):
    school = start_worded(hours="08:00-16:00")
    (job,) = [job for job in run(school)._scheduler.get_jobs() if "cron" in str(job.trigger)]
    sunday = datetime.fromisoformat(day).replace(tzinfo=LONDON)
    at = job.trigger.get_next_fire_time(None, sunday - timedelta(days=1))
    fired = [at, at := job.trigger.get_next_fire_time(at, at), job.trigger.get_next_fire_time(at, at)]
    assert [one.hour for one in fired] == [8, 8, 8]
    assert [one.date().day for one in fired] == [(sunday + timedelta(days=n)).day for n in (-1, 0, 1)]
