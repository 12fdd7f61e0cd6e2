"""A teacher's page: what came of their own mail and never what they may not know, the pause, "not right?"."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.factories import PARENT, TEACHER, a_message
from tests.store.builders import NOW, a_mailbox, a_reply, an_intake, claim, send, take_in
from tests.web.site import ABSENCE, CONTENTIOUS, DISCLOSURE, SECRET, Site
from tests.web.test_flag_forms import policy
from triage.domain.model import Flag, Reply, Route, Severity, Topic
from triage.domain.policy import FlagRule
from triage.domain.switched import SwitchedOn
from triage.store import audit, intake, mailboxes, own_mail
from triage.store.intake import Recorded
from triage.store.switched import switch_on
from triage.store.tables import corrections, flags
from triage.store.workflow import Change, mark_wrong, pass_to_lead, resolve

OTHER, YEAR_8 = "year7@oakfield.example", "year8@oakfield.example"
LEAD, CHAIR = "safe@oakfield.example", "chair@governors.oakfield.example"
FRAME = ("greeting", "help")
COMPLAINT = Flag(Topic.COMPLAINT, Severity.REVIEW, Route.HEAD_OF_YEAR, year=8, why="to be put right")
ABOUT_TEACHER = Flag(Topic.CONTENTIOUS, Severity.HIGH, Route.HEADTEACHER, about=TEACHER, why="x")
ABOUT_OTHER = replace(ABOUT_TEACHER, about=OTHER, topic=Topic.COMPLAINT)
TO_HEAD = Flag(Topic.REPUTATION, Severity.REVIEW, Route.HEADTEACHER, why="x")
UP_FRONT = Flag(Topic.CONTENTIOUS, Severity.REVIEW, Route.HEAD_OF_YEAR, year=8, joined=(Topic.COMPLAINT,))


@pytest.fixture
def site(site) -> Site:
    """A site with the policy that comes with the program."""
    site.rules = policy().rules.get
    return site


def take(
    site: Site,
    *raised: Flag,
    topics: Sequence[Topic] = (),
    parts: Sequence[str] = (),
    ago: timedelta = timedelta(hours=1),
    address: str = TEACHER,
    uid: int | None = None,
) -> Recorded:
    """Record a message in a teacher's mailbox, and the reply with these parts if there are any."""
    uid = uid or next(site._uids)
    with site.database.write() as conn:
        mailbox = a_mailbox(conn, address)
    said = (FRAME[0], *parts, FRAME[1]) if parts else ()
    received = NOW - ago
    message = a_message(message_id=f"<{uid}@home.example>", received=received, text=SECRET, subject=SECRET)
    actions = [a_reply(mailbox, parts=said)] if said else []
    found = an_intake(mailbox, uid, message=message, flags=raised, actions=actions, now=received)
    decided = replace(found.decision, topics=dict.fromkeys(topics, 0.9), reply=Reply(PARENT, said))
    return take_in(site.database, replace(found, decision=decided))


def own(site: Site, who: str = TEACHER, path: str = "/own") -> str:
    """Open one's own page."""
    answer = site.open(who).get(path)
    assert answer.status_code == 200
    return answer.text


def lines(page: str) -> list[str]:
    """Return the lines of the page as they read, without when each came."""
    listed = re.search(r'<ul class="own">(.*)</ul>\s*(?:<nav|</section>)', page, re.DOTALL)
    if listed is None:
        return []
    rows = re.split(r"<p>\w{3} \d+ \w{3} \d{4}, \d\d:\d\d</p>", listed[1])[1:]
    return [" ".join(re.sub(r"<[^>]*>", " ", row.partition("<p><a")[0]).split()) for row in rows]


def noted(site: Site, what: str) -> list[tuple[str, str, str]]:
    with site.database.read() as conn:
        return [(one.actor, one.action, one.object) for one in audit.lines(conn) if what in one.action]


class TestWhatCameOfIt:
    def test_nothing_yet_is_said(self, site):
        with site.database.write() as conn:
            a_mailbox(conn)
        assert "Nothing has come in these four weeks." in own(site)

    def test_whose_mailbox_is_not_watched_finds_that_said(self, site):
        take(site)
        assert "No mailbox is watched under your address" in own(site, OTHER)

    def test_whoever_is_no_member_of_staff_has_no_such_page(self, site):
        assert site.open(CHAIR).get("/own").status_code == 404

    def test_a_message_tells_when_it_came_and_no_word_of_it(self, site):
        take(site, ABSENCE)
        page = own(site)
        assert "Wed 14 Oct 2026, 09:30" in page
        assert SECRET not in page
        assert PARENT not in page

    def test_the_newest_stands_first(self, site):
        take(site, ABSENCE, ago=timedelta(days=2))
        take(site, CONTENTIOUS, ago=timedelta(days=1))
        assert [line.split()[0] for line in lines(own(site))] == ["Contentious", "Absence"]

    def test_what_is_older_than_four_weeks_is_gone(self, site):
        take(site, ABSENCE, ago=timedelta(days=29))
        assert lines(own(site)) == []

    def test_what_came_to_somebody_else_is_not_there(self, site):
        take(site, ABSENCE, address=OTHER)
        take(site, CONTENTIOUS)
        assert len(lines(own(site))) == 1
        assert lines(own(site, OTHER))[0].startswith("Absence")

    def test_a_flag_tells_with_whom_it_is(self, site):
        take(site, CONTENTIOUS)
        assert lines(own(site)) == [
            "Contentious No automatic reply. Contentious: with the head of year, open"
        ]

    @pytest.mark.parametrize(
        ("reason", "said"),
        [
            ("dealt with by telephone", "dealt with by telephone on"),
            ("dealt with in person", "dealt with in person on"),
            ("not what it seemed", "closed on"),
            ("already under discussion", "closed on"),
        ],
    )
    def test_a_closed_flag_tells_when_and_whether_somebody_has_talked(self, site, reason, said):
        take(site, CONTENTIOUS)
        with site.database.write() as conn:
            resolve(conn, Change(1, 0, YEAR_8, NOW), reason, "a note")
        (line,) = lines(own(site))
        assert line.endswith(f"with the head of year, {said} Wed 14 Oct 2026, 10:30")

    def test_everyday_topics_are_named_without_a_flag(self, site):
        take(site, topics=[Topic.BEHAVIOUR, Topic.ACADEMIC_PROGRESS])
        assert lines(own(site)) == ["Academic progress, behaviour No automatic reply."]

    def test_a_message_that_nobody_could_read_is_there_with_its_flag(self, site):
        with site.database.write() as conn:
            mailbox, place = a_mailbox(conn), (77, 5)
            intake.begin_attempts(conn, mailbox, place[0], [place[1]], NOW)
            intake.quarantine(conn, site.database.keyring, mailbox, *place, reason="no text", now=NOW)
        assert lines(own(site)) == [
            "No topic named No automatic reply. Could not be read: with the head of year, open"
        ]

    def test_a_long_list_has_pages(self, site, monkeypatch):
        monkeypatch.setattr(own_mail, "PAGE", 2)
        for _ in range(3):
            take(site)
        assert "Page 1 of 2" in own(site)
        assert len(lines(own(site, path="/own?page=2"))) == 1
        assert "There is nothing further back." in own(site, path="/own?page=3")


class TestTheReply:
    @pytest.mark.parametrize(
        ("parts", "said"),
        [
            (["please-phone"], "asked to ring or to come in"),
            (["private"], "asked to ring or to come in"),
            (["absence", "private"], "asked to ring or to come in"),
            (["collection"], "told to ring at once, because an email may be read too late"),
            (["out-of-hours"], "told that the school is closed"),
            (["missing-child-name"], "asked which child it is about"),
            (["private-account"], "asked to write to your school address"),
            (["the-schools-own"], "answered"),
            (
                ["please-phone", "out-of-hours"],
                "asked to ring or to come in, and told that the school is closed",
            ),
        ],
    )
    def test_what_the_sender_was_told_is_put_in_words(self, site, parts, said):
        (action,) = take(site, parts=parts).action_ids
        send(site.database, action)
        assert lines(own(site)) == [f"No topic named The sender was {said}."]

    def test_one_that_waits_is_on_its_way(self, site):
        take(site, parts=["absence"])
        assert lines(own(site)) == ["No topic named An automatic reply is on its way."]

    def test_one_that_the_pause_withheld_says_so(self, site):
        (action,) = take(site, parts=["absence"]).action_ids
        site.open(TEACHER).post("/own/pause")
        claim(site.database, action)
        assert lines(own(site)) == ["No topic named No automatic reply: your mailbox was paused."]

    def test_one_that_is_not_switched_on_yet_says_so(self, site):
        (action,) = take(site, parts=["absence"]).action_ids
        with site.database.write() as conn:
            switch_on(conn, SwitchedOn(parts=frozenset({"urgent"})), "a first step", TEACHER, NOW)
        assert claim(site.database, action).reason == "not-switched-on"
        said = "No automatic reply: none is switched on yet for this year or for what it would say."
        assert lines(own(site)) == [f"No topic named {said}"]

    def test_why_another_was_withheld_is_not_told(self, site):
        """That a safeguarding flag withheld it would tell that there is one."""
        withheld = take(site, parts=["absence"]).action_ids[0]
        take(site, DISCLOSURE)
        assert claim(site.database, withheld).reason == "safeguarding"
        assert lines(own(site)) == ["No topic named No automatic reply."] * 2


class TestWhatIsKept:
    @pytest.mark.parametrize(
        "hidden",
        [DISCLOSURE, COMPLAINT, ABOUT_TEACHER, ABOUT_OTHER, TO_HEAD],
        ids=["safeguarding", "complaint", "about themselves", "about a colleague", "for the headteacher"],
    )
    @pytest.mark.parametrize(
        ("topics", "parts"),
        [
            ([], []),
            ([Topic.BEHAVIOUR], ["please-phone"]),
            ([Topic.CONTENTIOUS, Topic.REPUTATION, Topic.ABSENCE], ["private"]),
            ([Topic.MEDICAL], []),
        ],
        ids=["routine", "everyday", "delicate", "not answered"],
    )
    def test_a_message_with_a_hidden_flag_looks_exactly_like_one_without(self, site, hidden, topics, parts):
        take(site, topics=topics, parts=parts, uid=1)
        (without,) = lines(own(site))
        take(site, hidden, topics=[*topics, hidden.topic], parts=parts, uid=2)
        assert lines(own(site)) == [without, without]

    def test_a_topic_that_usually_brings_a_flag_is_not_named_without_it(self, site):
        """Beside a safeguarding flag the head of year gets none: the name alone would tell why."""
        take(site, DISCLOSURE, topics=[Topic.SAFEGUARDING, Topic.CONTENTIOUS])
        assert lines(own(site)) == ["No topic named No automatic reply."]

    def test_nor_is_one_for_which_the_schools_own_policy_raises_a_flag(self, site):
        own_rule = replace(site.rules(Topic.BEHAVIOUR), flag=FlagRule(Route.HEAD_OF_YEAR, Severity.REVIEW))
        site.rules = {**policy().rules, Topic.BEHAVIOUR: own_rule}.get
        take(site, DISCLOSURE, topics=[Topic.BEHAVIOUR, Topic.COPYRIGHT])
        assert lines(own(site)) == ["Copyright No automatic reply."]

    def test_what_is_about_the_teacher_hides_every_flag_of_the_message(self, site):
        take(site, CONTENTIOUS, ABOUT_TEACHER, topics=[Topic.CONTENTIOUS])
        assert lines(own(site)) == ["No topic named No automatic reply."]

    def test_what_else_a_flag_stands_for_is_not_named_if_it_is_hidden(self, site):
        take(site, UP_FRONT)
        assert lines(own(site)) == [
            "Contentious No automatic reply. Contentious: with the head of year, open"
        ]

    def test_that_a_flag_was_passed_to_the_safeguarding_lead_reads_like_any_other_end(self, site):
        take(site, CONTENTIOUS)
        with site.database.write() as conn:
            pass_to_lead(conn, Change(1, 0, YEAR_8, NOW), DISCLOSURE, "he sounds unsafe")
        (line,) = lines(own(site))
        assert line.endswith("Contentious: with the head of year, closed on Wed 14 Oct 2026, 10:30")

    def test_a_guess_that_was_wrong_is_gone(self, site):
        take(site, CONTENTIOUS, topics=[Topic.CONTENTIOUS])
        with site.database.write() as conn:
            mark_wrong(conn, Change(1, 0, YEAR_8, NOW), Topic.CONTENTIOUS)
        assert lines(own(site)) == ["No topic named No automatic reply."]

    def test_a_lead_finds_no_more_of_their_own_mail_here_than_any_teacher(self, site):
        take(site, DISCLOSURE, topics=[Topic.SAFEGUARDING], address=LEAD)
        assert lines(own(site, LEAD)) == ["No topic named No automatic reply."]


class TestPause:
    def test_a_pause_holds_for_every_folder_of_ones_own_and_no_other(self, site):
        with site.database.write() as conn:
            for address, folder in ((TEACHER, "INBOX"), (TEACHER, "Parents"), (OTHER, "INBOX")):
                a_mailbox(conn, address, folder)
        assert site.open(TEACHER).post("/own/pause").headers["location"] == "/own"
        assert paused(site) == [True, True, False]
        assert noted(site, "paused") == [
            (TEACHER, "mailbox paused", "mailbox 1"),
            (TEACHER, "mailbox paused", "mailbox 2"),
        ]

    def test_it_tells_since_when_and_by_whom(self, site):
        take(site)
        site.open(TEACHER).post("/own/pause")
        page = own(site)
        assert "No automatic replies for your mailbox" in page
        assert f"paused since Wed 14 Oct 2026, 10:30 by <bdi>{TEACHER}</bdi>" in page

    def test_it_can_be_ended(self, site):
        take(site)
        browser = site.open(TEACHER)
        browser.post("/own/pause")
        browser.post("/own/unpause")
        assert paused(site) == [False]
        assert "Pause my mailbox" in own(site)
        assert noted(site, "unpaused") == [(TEACHER, "mailbox unpaused", "mailbox 1")]

    def test_to_pause_again_changes_nothing(self, site):
        take(site)
        site.open(TEACHER).post("/own/pause")
        site.clock = lambda: NOW + timedelta(minutes=5)
        site.open(TEACHER).post("/own/pause")
        assert "paused since Wed 14 Oct 2026, 10:30" in own(site)
        assert len(noted(site, "paused")) == 1

    def test_a_folder_that_is_watched_since_then_can_be_paused_too(self, site):
        take(site)
        browser = site.open(TEACHER)
        browser.post("/own/pause")
        with site.database.write() as conn:
            a_mailbox(conn, TEACHER, "Parents")
        page = browser.get("/own").text
        assert "Let replies go out again" in page
        assert "Pause my mailbox" in page


def paused(site: Site) -> list[bool]:
    with site.database.read() as conn:
        return [box.paused_at is not None for box in mailboxes.list_mailboxes(conn)]


class TestNotRight:
    def test_what_is_not_there_is_kept_and_closes_nothing(self, site):
        take(site, ABSENCE)
        sent = say(site, not_about="absence")
        assert sent.headers["location"] == "/own/messages/1"
        assert kept(site) == [(1, "absence", "teacher: not there", TEACHER)]
        assert noted(site, "correction") == [(TEACHER, "correction kept", "case 1")]
        with site.database.read() as conn:
            assert conn.execute(flags.select()).mappings().one()["state"] == "open"

    def test_what_is_missing_is_kept_and_raises_nothing(self, site):
        take(site)
        say(site, about="medical")
        assert kept(site) == [(1, "medical", "teacher: missed", TEACHER)]
        with site.database.read() as conn:
            assert conn.execute(flags.select()).first() is None

    def test_the_page_says_that_no_flag_changes_and_what_was_said(self, site):
        take(site, ABSENCE)
        say(site, not_about="absence", about="medical")
        page = own(site, path="/own/messages/1")
        assert "It changes no flag by itself" in page
        assert "It is not about absence (Wed 14 Oct 2026, 10:30)" in page
        assert "It is about medical (Wed 14 Oct 2026, 10:30)" in page

    def test_the_same_is_kept_once(self, site):
        take(site, ABSENCE)
        say(site, not_about="absence")
        say(site, not_about="absence")
        assert len(kept(site)) == 1
        assert len(noted(site, "correction")) == 1

    def test_a_sign_of_harm_is_not_left_to_a_form(self, site):
        take(site)
        page = own(site, path="/own/messages/1")
        assert "ring the safeguarding lead now" in page
        assert 'value="safeguarding"' not in page
        assert say(site, about="safeguarding").status_code == 400

    @pytest.mark.parametrize("topic", ["absence", "safeguarding", "nonsense"])
    def test_of_a_topic_that_is_not_shown_nothing_can_be_learned(self, site, topic):
        take(site, DISCLOSURE, topics=[Topic.SAFEGUARDING])
        refused = say(site, not_about=topic)
        assert refused.status_code == 400
        assert kept(site) == []

    def test_an_empty_form_is_told(self, site):
        take(site, ABSENCE)
        assert "Choose a topic. Nothing was kept." in say(site).text

    def test_the_message_of_another_is_like_one_that_is_not_there(self, site):
        take(site, ABSENCE)
        browser = site.open(OTHER)
        assert browser.get("/own/messages/1").text == browser.get("/own/messages/999").text
        assert browser.get("/own/messages/1").status_code == 404
        assert say(site, who=OTHER, not_about="absence").status_code == 404
        assert kept(site) == []

    def test_what_a_head_of_year_corrected_is_not_shown_as_the_teachers(self, site):
        take(site, ABSENCE)
        with site.database.write() as conn:
            mark_wrong(conn, Change(1, 0, YEAR_8, NOW), "absence")
        assert "What you have said" not in own(site, path="/own/messages/1")


def say(site: Site, who: str = TEACHER, **said: str):
    """Send the form of the first message."""
    return site.open(who).post("/own/messages/1/not-right", data=said)


def kept(site: Site) -> list[tuple[int, str, str, str]]:
    with site.database.read() as conn:
        rows = conn.execute(corrections.select().order_by(corrections.c.id)).mappings()
        return [(row["case_id"], row["topic"], row["verdict"], row["actor"]) for row in rows]
