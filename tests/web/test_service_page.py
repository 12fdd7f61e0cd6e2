"""The administrator's page: what needs somebody and what to do, in ids and states."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from tests.factories import PARENT, TEACHER, a_message, a_roster
from tests.store.builders import (
    MINUTE,
    NOW,
    UIDVALIDITY,
    a_mailbox,
    a_notice,
    a_reply,
    an_intake,
    claim,
    claimed,
    confirm,
    put,
    read,
    settle,
    take_in,
)
from tests.web.site import CONTENTIOUS, DISCLOSURE, SECRET, SUBJECT
from triage.domain.model import Flag, Route, Severity, Topic
from triage.store import accounts, intake, mailboxes, workflow
from triage.store.actions import add_action
from triage.store.flagging import raise_flag
from triage.store.roster import replace_roster
from triage.store.switches import stop_replies
from triage.store.tables import actions
from triage.store.tables import audit as audit_table
from triage.store.workflow import Change
from triage.web.service_page import REASONS, one_line

ADMIN, HEAD, LEAD = "admin@oakfield.example", "head@oakfield.example", "safe@oakfield.example"
OTHER = "m.osei@oakfield.example"


@pytest.fixture
def site(site):
    """A school whose settings name two mailboxes, with a roster of today."""
    site.school = replace(site.school, owners=(("Mr R. Hale", TEACHER), ("Ms M. Osei", OTHER)))
    with site.database.write() as conn:
        replace_roster(conn, site.database.keyring, a_roster(), "roster.csv", NOW)
        for address in (TEACHER, OTHER):
            mailboxes.record_success(conn, a_mailbox(conn, address), NOW)
    return site


def shown(site, path: str = "/service") -> str:
    return site.open(ADMIN).get(path).text


def section(page: str, heading: str) -> str:
    """What stands under a heading, "" where there is no such heading."""
    found = re.search(rf'<section[^>]* aria-labelledby="{heading}".*?</section>', page, re.DOTALL)
    return found[0] if found else ""


def words(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def unsure(site) -> int:
    """A reply of which nobody knows whether it arrived, in the other mailbox."""
    with site.database.write() as conn:
        box = a_mailbox(conn, OTHER)
    action = put(site.database, a_reply(box))
    mine = claimed(site.database, action)
    assert confirm(site.database, mine)
    assert settle(site.database, mine, "unsure", text=f"250 {PARENT} {SECRET}")
    return action


class TestWhoMayOpenIt:
    def test_it_is_the_administrators(self, site):
        assert site.open(ADMIN).get("/service").status_code == 200

    @pytest.mark.parametrize("who", [HEAD, LEAD, "office@oakfield.example", TEACHER])
    def test_for_others_there_is_no_such_page(self, site, who):
        assert site.open(who).get("/service").status_code == 404


def settled(site, **values: object) -> None:
    """A reply on record of which this came."""
    action = put(site.database, a_reply(None))
    with site.database.write() as conn:
        conn.execute(update(actions).where(actions.c.id == action).values(**values))


class TestHowItStands:
    def now(self, site) -> str:
        return words(re.findall(r'<dl class="facts now">.*?</dl>', shown(site), re.DOTALL)[0])

    def test_while_all_is_well_it_says_that_replies_go_out_and_how_many_have(self, site):
        settled(site, state="sent", said_at=NOW - MINUTE)
        site.own = replace(site.own, replies_an_hour=300)
        told = self.now(site)
        assert "Replies Going out. 1 of at most 300 sent in the last hour. Stop them" in told
        assert "Breaker Ready: it has stopped nothing, and stops every reply at 300 in an hour." in told
        assert "Flags for you None open." in told

    def test_what_was_sent_longer_ago_is_not_counted(self, site):
        settled(site, state="sent", said_at=NOW - 61 * MINUTE)
        assert "Going out. 0 sent in the last hour." in self.now(site)

    def test_replies_that_are_only_rehearsed_are_called_so(self, site):
        settled(site, state="withheld", reason="rehearsal")
        assert "Replies Only rehearsed" in self.now(site)

    @pytest.mark.parametrize(
        ("by", "breaker"), [("breaker", "It has stopped the replies since"), (HEAD, "Ready: it has stopped")]
    )
    def test_a_stop_is_told_with_whether_it_was_the_breaker(self, site, by, breaker):
        with site.database.write() as conn:
            stop_replies(conn, "a storm of mail", by, NOW)
        assert "Replies Stopped. 0 sent in the last hour. Start them again" in self.now(site)
        assert f"Breaker {breaker}" in self.now(site)

    def test_flags_that_are_for_the_administrator_are_counted(self, site):
        site.messages(*2 * [Flag(Topic.ADVERTISING, Severity.REVIEW, Route.ADMINISTRATOR, why="x")])
        site.messages(CONTENTIOUS)
        assert "Flags for you 2 open" in self.now(site)


class TestWhatNeedsSomebody:
    def test_where_nothing_does_the_page_says_so(self, site):
        assert "<h1>Service: nothing needs you now</h1>" in shown(site)

    def test_an_unsure_reply_is_told_with_what_to_do(self, site):
        action = unsure(site)
        page = shown(site)
        assert "<h1>Service: one thing to see to</h1>" in page
        told = words(section(page, "unsure"))
        assert f"Action {action} Case 1 Since Wed 14 Oct 2026, 10:30" in told
        assert "may or may not have taken it" in told
        assert "Nothing is sent again by itself" in told

    def test_an_unsure_reply_can_be_looked_for_in_the_servers_log(self, site):
        action = read(site.database, unsure(site))
        assert action.message_id.strip("<>") in words(section(shown(site), "unsure"))

    def test_a_refused_reply_is_told_with_the_number_of_the_answer(self, site):
        action = put(site.database, a_reply(None))
        settle(site.database, claimed(site.database, action), "rejected", code=550, text=f"no {PARENT} here")
        page = shown(site)
        assert "Server's answer 550" in words(section(page, "failed"))
        assert PARENT not in page

    def test_a_stuck_reply_is_told(self, site):
        put(site.database, a_reply(None))
        site.clock = lambda: NOW + 20 * MINUTE
        assert "Due since Wed 14 Oct 2026, 10:30" in words(section(shown(site), "stuck"))

    def test_what_is_tried_again_by_itself_is_no_thing_to_see_to(self, site):
        mine = claimed(site.database, put(site.database, a_reply(None)))
        settle(site.database, mine, "retry", code=451, next_attempt_at=NOW + 5 * MINUTE)
        page = shown(site)
        assert "nothing needs you now" in page
        assert "Server's answer 451" in words(section(page, "trying"))

    def test_a_notice_to_staff_that_was_refused_is_told_with_whom_to_ring(self, site):
        action = put(site.database, a_notice())
        settle(site.database, claimed(site.database, action), "rejected", code=550)
        told = words(section(shown(site), "notices-failed"))
        assert f"Action {action}" in told
        assert "by telephone" in told
        assert LEAD not in told

    def test_withheld_replies_are_counted_by_reason_in_words(self, site):
        for _ in range(2):
            claim(site.database, put(site.database, a_reply(None)), live=False)
        told = words(section(shown(site), "withheld"))
        assert told.endswith(f"{REASONS['rehearsal'].capitalize()} 2")

    def test_what_an_address_that_takes_no_mail_would_have_been_told_is_counted_with_them(self, site):
        with site.database.write() as conn:
            box = a_mailbox(conn)
        for uid, parts in ((1, ("greeting", "absence", "help")), (2, ())):
            taken = an_intake(box, uid, message=a_message(message_id=f"<{uid}@home.example>"))
            reply = replace(taken.decision.reply, parts=parts, withheld="suppressed")
            take_in(site.database, replace(taken, decision=replace(taken.decision, reply=reply)))
        told = words(section(shown(site), "withheld"))
        assert told.endswith(f"{REASONS['suppressed'].capitalize()} 1")

    def test_a_message_that_was_set_aside_is_told_by_where_it_lies(self, site):
        keyring = site.database.keyring
        with site.database.write() as conn:
            box = a_mailbox(conn)
            intake.begin_attempts(conn, box, UIDVALIDITY, [4711], NOW)
            intake.quarantine(conn, keyring, box, UIDVALIDITY, 4711, reason="unreadable", now=NOW)
        told = words(section(shown(site), "set-aside"))
        assert f"{TEACHER} INBOX UID 4711 First seen Wed 14 Oct 2026, 10:30 Tried once Case 1" in told

    def test_what_there_is_to_see_to_is_told_above_and_leads_to_its_place(self, site):
        unsure(site)
        site.clock = lambda: NOW + timedelta(days=40)
        page = shown(site)
        places = re.findall(r'<a href="#([\w-]+)">([^<]*)<', page)
        assert places == [
            ("unsure", "1 unsure"),
            ("mailboxes-in-trouble", "2 mailboxes not read"),
            ("record", "the roster"),
        ]
        assert all(f'id="{place}"' in page for place, _ in places)

    def test_a_long_list_says_how_many_more_there_are(self, site, monkeypatch):
        monkeypatch.setattr("triage.store.health.LISTED", 1)
        for _ in range(3):
            put(site.database, a_reply(None))
        site.clock = lambda: NOW + 20 * MINUTE
        assert words(section(shown(site), "stuck")).endswith("and 2 more")

    def test_stopped_replies_are_told_with_who_and_why_and_where_to_start_them(self, site):
        with site.database.write() as conn:
            stop_replies(conn, "a storm of mail", HEAD, NOW)
        page = shown(site)
        assert re.search(
            rf"stopped</strong> since Wed 14 Oct 2026, 10:30 by <bdi>{HEAD}</bdi>: a storm", page
        )
        assert '<a href="/replies">To the replies</a>' in page

    def test_the_breaker_is_told_with_what_to_look_for(self, site):
        with site.database.write() as conn:
            stop_replies(conn, "the school's cap was met", "breaker", NOW)
        assert "by the breaker" in shown(site)
        assert "Look for a loop" in shown(site)


class TestMailboxes:
    def test_each_is_told_with_when_it_was_last_read(self, site):
        told = words(section(shown(site), "mailboxes"))
        assert f"{TEACHER} INBOX Being read Last read Wed 14 Oct 2026, 10:30" in told

    def test_what_fails_stands_apart_with_the_servers_words(self, site):
        with site.database.write() as conn:
            box = mailboxes.ensure_mailbox(conn, TEACHER, "INBOX")
            for _ in range(2):
                mailboxes.record_failure(conn, box.id, "login refused\x1b[2J\u202e <b>", NOW + MINUTE)
        page = section(shown(site), "mailboxes-in-trouble")
        assert f"{TEACHER} INBOX Failing" in words(page)
        assert OTHER not in page
        assert "Failed 2 times in a row Next try Wed 14 Oct 2026, 10:31" in words(page)
        assert "<bdi>login refused [2J  &lt;b&gt;</bdi>" in page

    def test_what_sort_of_trouble_it_is_is_told_in_words(self, site):
        with site.database.write() as conn:
            box = mailboxes.ensure_mailbox(conn, TEACHER, "INBOX")
            mailboxes.record_failure(conn, box.id, "said", NOW + MINUTE, trouble="login")
        assert "Trouble sign-in refused Failed once" in words(section(shown(site), "mailboxes-in-trouble"))

    def test_whether_it_is_listened_to_what_waits_there_and_what_was_set_aside_is_told(self, site):
        with site.database.write() as conn:
            box = mailboxes.ensure_mailbox(conn, TEACHER, "INBOX")
            intake.begin_attempts(conn, box.id, UIDVALIDITY, [1, 2, 3], NOW)
            intake.quarantine(conn, site.database.keyring, box.id, UIDVALIDITY, 1, reason="x", now=NOW)
            mailboxes.record_success(conn, box.id, NOW, listened=True)
        told = words(section(shown(site), "mailboxes"))
        assert "New mail listened to Waiting 2 since Wed 14 Oct 2026, 10:30 Set aside 1" in told

    def test_one_of_the_settings_that_was_never_read_is_told(self, site):
        site.school = replace(site.school, owners=(*site.school.owners, ("New", "new@oakfield.example")))
        page = shown(site)
        assert "new@oakfield.example Never read" in words(section(page, "mailboxes-in-trouble"))
        assert "one thing to see to" in page

    def test_one_that_was_not_read_for_hours_is_late_though_nothing_failed(self, site):
        site.clock = lambda: NOW + timedelta(hours=3)
        assert words(section(shown(site), "mailboxes-in-trouble")).count("Late") == 2

    def test_a_pause_is_told_and_is_no_trouble(self, site):
        with site.database.write() as conn:
            mailboxes.pause(conn, mailboxes.ensure_mailbox(conn, TEACHER, "INBOX").id, TEACHER, NOW)
        page = shown(site)
        assert "Replies paused Wed 14 Oct 2026, 10:30" in words(section(page, "mailboxes"))
        assert "nothing needs you now" in page

    def test_one_that_the_settings_no_longer_name_comes_last_and_is_no_trouble(self, site):
        with site.database.write() as conn:
            box = mailboxes.ensure_mailbox(conn, "a.left@oakfield.example", "INBOX")
            mailboxes.record_failure(conn, box.id, "login refused", NOW)
        page = shown(site)
        told = words(section(page, "mailboxes"))
        assert told.index("a.left@oakfield.example INBOX Not in the settings") > told.index(TEACHER)
        assert "nothing needs you now" in page


class TestTheRecord:
    def test_the_roster_is_told_in_numbers(self, site):
        assert "6 pupils and 4 guardians, imported Wed 14 Oct 2026, 10:30." in words(
            section(shown(site), "record")
        )

    def test_an_old_roster_is_something_to_see_to(self, site):
        with site.database.write() as conn:
            for address in (TEACHER, OTHER):
                box = mailboxes.ensure_mailbox(conn, address, "INBOX")
                mailboxes.record_success(conn, box.id, NOW + timedelta(days=40))
        site.clock = lambda: NOW + timedelta(days=40)
        page = shown(site)
        assert "That is more than five weeks ago" in page
        assert "one thing to see to" in page

    def test_who_is_shut_out_is_told_and_open_sessions_are_counted(self, site):
        with site.database.write() as conn:
            accounts.disable_account(conn, OTHER, NOW)
        site.open(HEAD)
        told = words(section(shown(site), "record"))
        assert "2 sessions open" in told
        assert f"{OTHER} since Wed 14 Oct 2026, 10:30" in told

    def test_the_audit_is_verified_when_asked_for_and_not_before(self, site):
        assert "the chain holds" not in shown(site)
        assert re.search(r"[1-9] lines, the chain holds \(newest link [0-9a-f]{16}", words(shown_anew(site)))

    def test_a_line_of_the_audit_that_does_not_fit_is_named(self, site):
        site.open(HEAD)
        with site.database.write() as conn:
            conn.execute(update(audit_table).values(object="case 9"))
        assert "Line 1 does not fit" in words(shown_anew(site))

    def test_the_audit_is_verified_for_one_at_a_time(self, site):
        browser = site.open(ADMIN)
        (page,) = [route.endpoint.__self__ for route in browser.app.routes if route.path == "/service"]
        with page._walking:
            assert "being verified for somebody else" in browser.get("/service?verify=1").text
        assert "the chain holds" in browser.get("/service?verify=1").text


def shown_anew(site) -> str:
    return section(shown(site, "/service?verify=1"), "record")


class TestWhatIsKept:
    def test_no_word_of_a_message_and_nobody_who_wrote_or_is_written_of(self, site):
        unsure(site)
        site.messages(CONTENTIOUS, DISCLOSURE)
        site.clock = lambda: NOW + 20 * MINUTE
        page = shown(site)
        for kept in (SECRET, SUBJECT, PARENT, "Jake", "Pole", "P001", "safeguarding@", LEAD):
            assert kept not in page

    def test_what_is_about_the_administrator_is_left_out(self, site):
        unsure(site)
        about = Flag(Topic.COMPLAINT, Severity.HIGH, Route.HEADTEACHER, about=ADMIN, why="x")
        with site.database.write() as conn:
            raise_flag(conn, 1, about, NOW)
        page = shown(site)
        assert section(page, "unsure") == ""
        assert 'href="/cases/1"' not in page

    def test_every_case_that_it_leads_to_can_be_opened(self, site):
        unsure(site)
        browser = site.open(ADMIN)
        (path,) = set(re.findall(r'href="(/cases/\d+)"', browser.get("/service").text))
        assert browser.get(path).status_code == 200


@pytest.mark.parametrize(
    ("said", "line"),
    [("a\nb", "a b"), ("  a\u202eb ", "a b"), ("x" * 400, "x" * 300 + "\u2026"), ("", "")],
)
def test_what_a_server_said_is_one_line_of_bounded_length(said, line):
    assert one_line(said) == line


class TestCallsThatNobodyHasAnswered:
    def test_are_told_by_their_ids_and_when_and_not_by_whom_they_called(self, site):
        case = site.message(DISCLOSURE)
        put_notice(site, case, LEAD)
        told = words(section(shown(site), "unanswered"))
        assert f"Flag 1 Case {case} Since Wed 14 Oct 2026, 10:30 Notices 1" in told
        assert LEAD not in told
        assert "Okoro" not in told

    def test_are_gone_once_somebody_has_it(self, site):
        site.message(DISCLOSURE)
        with site.database.write() as conn:
            workflow.take(conn, Change(1, 0, LEAD, NOW), LEAD)
        assert section(shown(site), "unanswered") == ""

    def test_of_a_case_about_the_administrator_are_not_there(self, site):
        site.message(DISCLOSURE, replace(DISCLOSURE, route=Route.HEADTEACHER, about=ADMIN))
        assert section(shown(site), "unanswered") == ""


def put_notice(site, case, to):
    notice = a_notice(recipient=to, parts=("immediate",))
    with site.database.write() as conn:
        add_action(conn, site.database.keyring, case, notice, NOW)


class TestTheLastTest:
    def test_says_to_whom_it_went_and_whether_the_server_took_it(self, site):
        for to in (LEAD, "on-call 1"):
            kind = "notify" if "@" in to else "alert"
            new = replace(a_notice(recipient=to, parts=("test",)), kind=kind)
            number = put(site.database, new, case=False)
            if kind == "notify":
                mine = claimed(site.database, number)
                confirm(site.database, mine)
                settle(site.database, mine, "sent", code=250)
        told = words(section(shown(site), "tested"))
        assert "Safeguarding lead ( Ms D. Okoro ): sent Wed 14 Oct 2026, 10:30" in told
        assert "Second channel ( on-call 1 ): waiting to be sent" in told

    def test_before_the_first_one_it_says_when_that_comes(self, site):
        assert "on the first school day of each month" in section(shown(site), "tested")
