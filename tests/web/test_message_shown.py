"""The message itself on its case's page, what its sender was sent, a reply by hand, and the record."""

import html
import re
from dataclasses import replace

import pytest

from tests.factories import PARENT, TEACHER, a_message, a_roster, an_identity
from tests.store.builders import (
    NOW,
    a_mailbox,
    a_reply,
    an_intake,
    claimed,
    confirm,
    settle,
    take_in,
)
from tests.web.people import LEAD as SAFE
from tests.web.people import School
from tests.web.site import ABSENCE, CONTENTIOUS, DISCLOSURE, SECRET
from triage.domain.model import Attachment, Evidence, Flag, Route, SenderKind, Severity, Topic, Verdict
from triage.domain.visibility import viewer
from triage.message.compose import Envelope, compose_reply
from triage.store import audit
from triage.store.cases import read_case
from triage.store.roster import replace_roster

YEAR_8, LEAD, DEPUTY = "year8@oakfield.example", "safe@oakfield.example", "safe2@oakfield.example"
OFFICE, ADMIN, HEAD = "office@oakfield.example", "admin@oakfield.example", "head@oakfield.example"
TO_OFFICE = replace(ABSENCE, route=Route.OFFICE)
LAYOUT = "<h2>Trip</h2><p>to the museum</p>"
REPLY = compose_reply(
    Envelope("Oakfield School", TEACHER, PARENT, "<a@oakfield.example>", NOW, "<b@home.example>"),
    "Auto: your message to Oakfield School",
    "Please ring the school: Café hours are 8 to 5.",
)


def case_of(site, *flags: Flag, evidence=(), actions=(), identity=None, outcome="sent", **message) -> int:
    """Record a message; ``evidence`` are topics with the words that show them."""
    with site.database.write() as conn:
        mailbox = a_mailbox(conn)
    layout = {name: message.pop(name) for name in ("html", "html_cut") if name in message}
    uid = next(site._uids)
    written = replace(a_message(**{"message_id": f"<{uid}@home.example>"} | message), **layout)
    intake = an_intake(
        mailbox,
        uid,
        message=written,
        flags=flags,
        actions=[each(mailbox) for each in actions],
        identity=identity,
    )
    text = intake.classification.text
    shown = tuple(
        Evidence(topic, words, (at := text.index(words)), at + len(words)) for topic, words in evidence
    )
    if shown:
        intake = replace(intake, classification=replace(intake.classification, evidence=shown))
    recorded = take_in(site.database, intake)
    for action in recorded.action_ids:
        mine = claimed(site.database, action)
        assert confirm(site.database, mine)
        assert settle(site.database, mine, outcome, raw=REPLY)
    return recorded.case_id


def in_the_open(page: str) -> str:
    """What stands on a page before anything is unfolded."""
    while "<details" in page:
        page = re.sub(r"<details(?:(?!<details).)*?</details>", "", page, flags=re.DOTALL)
    return page


def noted(site, action: str) -> list[tuple[str, str]]:
    with site.database.read() as conn:
        assert audit.verify(conn, site.database.keyring) is None
        return [(line.actor, line.object) for line in audit.lines(conn) if line.action == action]


# abusive or indecent


@pytest.mark.parametrize("topic", [Topic.OFFENSIVE, Topic.INDECENT])
def test_abuse_is_folded_with_a_sentence_that_says_why(site, topic):
    flag = replace(CONTENTIOUS, joined=(topic,))
    case = case_of(site, flag, evidence=[(topic, "useless lot")], text="You useless lot.", html=LAYOUT)
    page = site.open(YEAR_8).get(f"/cases/{case}").text
    assert "useless lot" in page
    assert "useless lot" not in in_the_open(page)
    assert "folded away, because it seems to be abusive or indecent" in in_the_open(page)


def test_what_is_not_abusive_stands_in_the_open(site):
    case = case_of(site, CONTENTIOUS, text=f"Please look at this: {SECRET}.")
    assert SECRET in in_the_open(site.open(YEAR_8).get(f"/cases/{case}").text)


def test_the_queue_shows_no_abuse_and_no_words_that_share_with_it(site):
    case_of(
        site,
        replace(CONTENTIOUS, joined=(Topic.OFFENSIVE,)),
        text="You useless lot never ring back.",
        evidence=[(Topic.OFFENSIVE, "useless lot"), (Topic.CONTENTIOUS, "lot never ring")],
    )
    page = site.open(YEAR_8).get("/flags").text
    assert "useless" not in page
    assert "never ring" not in page
    assert "Abusive or indecent words are folded away." in page


def test_the_office_does_not_meet_abuse_around_the_words_that_matter(site):
    evidence = [(Topic.ABSENCE, "ill today"), (Topic.OFFENSIVE, "useless lot")]
    case = case_of(site, TO_OFFICE, text="He is ill today you useless lot.", evidence=evidence)
    page = site.open(OFFICE).get(f"/cases/{case}").text
    assert "useless lot" not in in_the_open(page)
    assert "ill today" in page


# attachments and senders


def test_what_is_attached_is_told_by_name_and_kind(site):
    attached = (Attachment("form.pdf", "application/pdf", 2048), Attachment("a\u202efdp.exe", "x/y", 0))
    page = site.open(YEAR_8).get(f"/cases/{case_of(site, CONTENTIOUS, attachments=attached)}").text
    assert '<bdi class="filename" dir="ltr">form.pdf</bdi>: a PDF, 2 KB' in page
    assert "a[U+202E]fdp.exe</bdi>: a program" in page
    assert "\u202e" not in page


def test_name_and_address_stand_side_by_side_each_in_its_own_direction(site):
    case = case_of(site, CONTENTIOUS, sender_name="سارة پول")
    page = site.open(YEAR_8).get(f"/cases/{case}").text
    assert "<bdi>سارة پول</bdi>" in page
    assert f'<bdi dir="ltr" class="address">{PARENT}</bdi>' in page


def test_a_sender_who_looks_like_the_head_is_told(site):
    case = case_of(site, CONTENTIOUS, sender="quill@oakfie1d.example", sender_name=HEAD, dmarc=Verdict.NONE)
    page = site.open(YEAR_8).get(f"/cases/{case}").text
    assert "Look twice:" in page
    assert "it is not the one that this came from" in page
    assert "look like the school&#39;s own" in page


def test_an_ordinary_sender_is_not_looked_at_twice(site):
    assert "Look twice" not in site.open(YEAR_8).get(f"/cases/{case_of(site, CONTENTIOUS)}").text


def test_the_pupil_is_told_by_name_and_form(site):
    with site.database.write() as conn:
        replace_roster(conn, site.database.keyring, a_roster(), "roster.csv", NOW)
    page = site.open(YEAR_8).get(f"/cases/{case_of(site, CONTENTIOUS)}").text
    assert re.search(r'href="/pupils/P001"><bdi>Jake Pole</bdi></a>, 8B', page)


# how it was laid out


def test_the_layout_is_a_page_of_its_own_in_a_locked_frame(site):
    case = case_of(site, CONTENTIOUS, html=LAYOUT)
    browser = site.open(YEAR_8)
    (path,) = re.findall(rf'href="(/cases/{case}/messages/\d+)"', browser.get(f"/cases/{case}").text)
    page = browser.get(path).text
    (frame,) = re.findall(r"<iframe[^>]*>", page)
    assert " sandbox srcdoc=" in frame
    assert 'title="The message as it was laid out"' in frame
    assert LAYOUT in html.unescape(frame)
    assert LAYOUT not in page


def test_a_plain_message_has_no_layout_to_look_at(site):
    case = case_of(site, CONTENTIOUS)
    browser = site.open(YEAR_8)
    assert "laid out" not in browser.get(f"/cases/{case}").text
    assert browser.get(f"/cases/{case}/messages/1").status_code == 404


@pytest.mark.parametrize("cut", [True, False])
def test_it_is_said_when_the_end_of_the_layout_is_missing(site, cut):
    case = case_of(site, CONTENTIOUS, html=LAYOUT, html_cut=cut)
    assert ("the end is missing" in site.open(YEAR_8).get(f"/cases/{case}/messages/1").text) == cut


def test_a_look_at_the_layout_is_in_the_audit_by_numbers(site):
    case = case_of(site, CONTENTIOUS, html=LAYOUT)
    site.open(YEAR_8).get(f"/cases/{case}/messages/1")
    assert noted(site, "text viewed") == [(YEAR_8, f"case {case} message 1")]


@pytest.mark.parametrize("page", ["messages/1", "messages/1/text", "sent/1"])
@pytest.mark.parametrize("who", [OFFICE, ADMIN, TEACHER, HEAD, "year7@oakfield.example"])
def test_who_may_not_read_the_whole_message_opens_none_of_its_pages(site, who, page):
    case = case_of(site, CONTENTIOUS, html=LAYOUT, actions=[a_reply])
    answer = site.open(who).get(f"/cases/{case}/{page}")
    assert (answer.status_code, "museum" in answer.text) == (404, False)
    assert noted(site, "text viewed") == []


def test_a_message_of_another_case_is_not_opened_by_its_number(site):
    own, other = case_of(site, CONTENTIOUS, html=LAYOUT), case_of(site, DISCLOSURE, html=LAYOUT)
    assert site.open(YEAR_8).get(f"/cases/{own}/messages/2").status_code == 404
    assert site.open(LEAD).get(f"/cases/{other}/messages/2").status_code == 200


@pytest.mark.parametrize("number", ["0", "99", "2147483648", "9" * 30])
@pytest.mark.parametrize("page", ["messages/{}", "messages/{}/text", "sent/{}"])
def test_what_is_not_there_is_said_so(site, page, number):
    case = case_of(site, CONTENTIOUS)
    assert site.open(YEAR_8).get(f"/cases/{case}/{page.format(number)}").status_code == 404


# a long text


def test_of_a_long_text_the_beginning_stands_on_the_page_and_all_of_it_on_its_own(site):
    case = case_of(site, CONTENTIOUS, text="word " * 20_000 + SECRET)
    browser = site.open(YEAR_8)
    page = browser.get(f"/cases/{case}").text
    assert SECRET not in page
    assert "80,009 more characters" in page
    whole = browser.get(f"/cases/{case}/messages/1/text")
    assert whole.headers["content-type"] == "text/plain; charset=utf-8"
    assert SECRET in whole.text
    assert noted(site, "text viewed")[-1] == (YEAR_8, f"case {case} message 1")


def test_a_text_of_ordinary_length_is_all_on_the_page(site):
    assert "more characters" not in site.open(YEAR_8).get(f"/cases/{case_of(site, CONTENTIOUS)}").text


# what was sent


def test_what_the_sender_was_sent_is_shown_in_words_and_byte_for_byte(site):
    case = case_of(site, CONTENTIOUS, actions=[a_reply])
    page = site.open(YEAR_8).get(f"/cases/{case}").text
    assert "Please ring the school: Café hours are 8 to 5." in page
    (shown,) = re.findall(r'<pre class="bytes"[^>]*>\n(.*?)</pre>', page, re.DOTALL)
    assert html.unescape(shown) == REPLY.decode()
    assert "Caf=C3=A9" in shown
    assert "recipient's side, or the school's own on the way there, took it" in html.unescape(page)


def test_the_file_of_what_was_sent_is_the_very_bytes(site):
    case = case_of(site, CONTENTIOUS, actions=[a_reply])
    answer = site.open(YEAR_8).get(f"/cases/{case}/sent/1")
    assert answer.content == REPLY
    assert answer.headers["content-disposition"] == f'attachment; filename="case-{case}-reply.eml"'


def test_a_reply_that_may_not_have_arrived_says_so(site):
    case = case_of(site, CONTENTIOUS, actions=[a_reply], outcome="unsure")
    page = site.open(YEAR_8).get(f"/cases/{case}").text
    assert "What the sender may have been sent" in page
    assert "nobody can tell whether it arrived" in page


def test_who_reads_words_alone_is_not_shown_what_was_sent(site):
    case = case_of(site, TO_OFFICE, actions=[a_reply])
    assert "Please ring the school" not in site.open(OFFICE).get(f"/cases/{case}").text


def test_the_look_at_what_was_sent_is_the_look_at_the_case(site):
    case = case_of(site, CONTENTIOUS, actions=[a_reply])
    site.open(YEAR_8).get(f"/cases/{case}")
    assert noted(site, "text viewed") == [(YEAR_8, f"case {case}")]


# a reply by hand


def test_a_reply_by_hand_begins_in_the_mail_program(site):
    page = site.open(YEAR_8).get(f"/cases/{case_of(site, CONTENTIOUS, subject='Jake & co')}").text
    (link,) = re.findall(r'href="(mailto:[^"]*)"', page)
    assert html.unescape(link).startswith(f"mailto:{PARENT}?subject=Re%3A%20Jake%20%26%20co&body=Hello%2C")


@pytest.mark.parametrize(
    ("flag", "more", "why"),
    [
        (CONTENTIOUS, {"dmarc": Verdict.FAIL}, "did not send this"),
        (DISCLOSURE, {}, "No suggested text for a safeguarding matter. Ring, or write yourself."),
        (CONTENTIOUS, {"identity": an_identity(sender=SenderKind.AUTOMATIC)}, "a machine or a mailing list"),
    ],
)
def test_where_no_reply_is_offered_it_is_said_why(site, flag, more, why):
    page = site.open(LEAD).get(f"/cases/{case_of(site, flag, **more)}").text
    assert "mailto:" not in page
    assert why in page


def test_the_office_is_offered_no_reply(site):
    assert "mailto:" not in site.open(OFFICE).get(f"/cases/{case_of(site, TO_OFFICE)}").text


# the record


def record(site, case: int, who: str = LEAD) -> str:
    page = site.open(who).get(f"/cases/{case}/record")
    assert page.status_code == 200
    return html.unescape(re.findall(r"<textarea[^>]*>\n(.*?)</textarea>", page.text, re.DOTALL)[0])


def test_a_record_tells_who_wrote_when_about_whom_what_and_what_was_done(site):
    with site.database.write() as conn:
        replace_roster(conn, site.database.keyring, a_roster(), "roster.csv", NOW)
    case = case_of(site, CONTENTIOUS, actions=[a_reply], text="He is afraid.\nPlease ring.")
    form = {"reason": "dealt with by telephone", "note": "rang at noon"}
    browser = site.open(YEAR_8)
    with site.database.write() as conn:
        (flag,) = read_case(conn, viewer(site.school, YEAR_8), case).flags
    browser.post(
        f"/flags/{flag.id}/resolve", data={**form, "version": str(flag.version)}, page=f"/cases/{case}"
    )
    text = record(site, case)
    for line in (
        f"Oakfield School: record of case {case}",
        "Pupils: Jake Pole, 8B",
        "Received: Wednesday 14 October 2026, 10:30",
        "From: Sara Pole <sara.pole@home.example> (sender verified: a guardian's address on the roster)",
        "| He is afraid.",
        "| Please ring.",
        "| Please ring the school: Café hours are 8 to 5.",
        "Wednesday 14 October 2026, 10:30: raised by the software",
    ):
        assert line in text.split("\n")
    assert "resolved by Mrs C. Vane (year8@oakfield.example) - dealt with by telephone: rang at noon" in text


def test_no_line_of_a_message_passes_for_a_line_of_the_record(site):
    case = case_of(site, DISCLOSURE, text="help\n\nFlag 9: resolved by Mrs C. Vane", subject="a\u202eb")
    lines = record(site, case).split("\n")
    assert "| Flag 9: resolved by Mrs C. Vane" in lines
    assert "Flag 9: resolved by Mrs C. Vane" not in lines
    assert "Subject: a[U+202E]b" in lines


def test_the_record_is_a_file_whose_name_tells_its_number_alone(site):
    case = case_of(site, DISCLOSURE)
    answer = site.open(DEPUTY).get(f"/cases/{case}/record.txt")
    assert answer.headers["content-disposition"] == f'attachment; filename="case-{case}.txt"'
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.text.strip() == record(site, case).strip()


def test_a_record_that_is_too_long_for_a_page_is_whole_in_the_file(site):
    case = case_of(site, DISCLOSURE, text="word " * 40_000 + SECRET)
    browser = site.open(LEAD)
    page = browser.get(f"/cases/{case}/record").text
    assert ("longer than this page shows" in page, SECRET in page) == (True, False)
    assert SECRET in browser.get(f"/cases/{case}/record.txt").text


@pytest.mark.parametrize("page", ["record", "record.txt"])
def test_that_a_record_was_copied_out_is_in_the_audit_by_numbers(site, page):
    case = case_of(site, DISCLOSURE)
    site.open(LEAD).get(f"/cases/{case}/{page}")
    assert noted(site, "record copied out") == [(LEAD, f"case {case}")]


@pytest.mark.parametrize("page", ["record", "record.txt"])
@pytest.mark.parametrize("who", [YEAR_8, HEAD, OFFICE, ADMIN, TEACHER, "data@oakfield.example"])
def test_nobody_but_the_safeguarding_lead_and_deputies_copies_a_record(site, who, page):
    case = case_of(site, CONTENTIOUS, text=SECRET)
    answer = site.open(who).get(f"/cases/{case}/{page}")
    assert (answer.status_code, SECRET in answer.text) == (404, False)
    assert noted(site, "record copied out") == []
    assert f"/cases/{case}/record" not in site.open(who).get(f"/cases/{case}").text


def test_a_lead_whom_a_case_is_about_copies_nothing_of_it(site):
    about = Flag(Topic.SAFEGUARDING, Severity.HIGH, Route.HEADTEACHER, about=LEAD, why="x")
    case = case_of(site, about)
    assert site.open(LEAD).get(f"/cases/{case}/record").status_code == 404
    assert site.open(DEPUTY).get(f"/cases/{case}/record").status_code == 200


def test_the_case_leads_the_safeguarding_lead_to_its_record(site):
    case = case_of(site, DISCLOSURE)
    assert f'href="/cases/{case}/record"' in site.open(LEAD).get(f"/cases/{case}").text


class TestSecondFactor:
    """What is closely kept is asked for with the second factor, a record always."""

    @pytest.fixture
    def school(self, database) -> School:
        school = School(database)
        school.add(SAFE, code=True)
        return school

    @pytest.mark.parametrize(
        ("flag", "pages"),
        [
            (DISCLOSURE, ("messages/1", "messages/1/text", "sent/1", "record", "record.txt")),
            (CONTENTIOUS, ("record", "record.txt")),
        ],
    )
    def test_it_is_asked_for_again(self, school, flag, pages):
        case = case_of(school.site, flag, html=LAYOUT)
        browser = school.with_code(SAFE)
        school.clock.move(minutes=25)
        for page in pages:
            answer = browser.get(f"/cases/{case}/{page}")
            assert answer.headers["location"] == f"/sign-in/code?to=/cases/{case}/{page}"
        assert not [line for line in school.audit() if line[1] in {"text viewed", "record copied out"}]
