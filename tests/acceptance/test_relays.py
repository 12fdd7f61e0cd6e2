"""Mail goes out by the server that takes its sender's, and the trouble of one server is nobody else's."""

import json
from dataclasses import replace
from datetime import timedelta
from email.utils import parseaddr

import pytest

from tests.acceptance.school import OTHER_PARENT, PARENT, a_mail, now
from tests.servers.imap_host import PASSWORD
from tests.servers.ports import free_ports
from tests.servers.sink import Sink
from triage.bootstrap import Service
from triage.check.submission import check_smtp
from triage.context import Sender
from triage.domain.school import Role
from triage.mail.answer import Answer
from triage.outage import note_smtp
from triage.outgoing import notice
from triage.senders import sender_in, sender_of, ways
from triage.status import Watched, status_sections
from triage.store.digest import DIGEST
from triage.store.outages import begin, current
from triage.store.outbox import NewAction, add_action, read_action
from triage.store.tables import actions
from triage.workers.rounds import perform_all

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # no way hangs on it

ADMINISTRATOR = "it@oakfield.example"
OWN_LOGIN = {"TRIAGE_SMTP__LOGIN_AS": "mailbox", "TRIAGE_SMTP__ENVELOPE_FROM": "mailbox"}


@pytest.fixture(scope="module")
def second():
    """Another submission server."""
    with Sink() as server:
        yield server


@pytest.fixture
def start(start_school, dovecot):
    """Start a school of two mailboxes, the second of which sends by a relay at a port."""

    def start(port: int | None = None, environ=None, **relay):
        users = [dovecot.new_user() for _ in range(2)]
        boxes = [
            {"address": dovecot.address(user), "name": "x", "username": user, "password": PASSWORD}
            for user in users
        ]
        host = {"name": "other", "host": "127.0.0.1", "security": "plain", "port": port}
        relays = [host | {"senders": [boxes[1]["address"]]} | relay] if port else []
        variables = {"TRIAGE_MAILBOXES": json.dumps(boxes), "TRIAGE_RELAYS": json.dumps(relays)}
        school = start_school(environ=variables | (environ or {}))
        school.users = users
        return school

    return start


def write(school) -> None:
    """Let a parent write to each mailbox, to the second first."""
    second = a_mail(to=school.address(1), sender=OTHER_PARENT, subject="Ella Early")
    school.deliver(second, user=1, mail_from=OTHER_PARENT)
    school.service.round(school.service.mailboxes[1])
    school.deliver(a_mail(to=school.address(0)), user=0)
    school.service.round(school.service.mailboxes[0])


def answered(sink) -> list[str]:
    return [one.recipient for one in sink.accepted if one.message["Auto-Submitted"] == "auto-replied"]


def out_of_order(school) -> set[str]:
    with school.service.database.read() as conn:
        return {each.name for each in current(conn)}


def cannot_send(school) -> list[tuple]:
    """What ``triage status`` says of submission servers."""
    places = [(box.address, box.folder) for box in school.service.mailboxes]
    with school.service.database.read() as conn:
        sections = status_sections(conn, Watched(places, timedelta(minutes=1)), now(), live=True)
    (rows,) = (section.rows for section in sections if section.kind == "sending")
    return [(row["server"], row["mailbox"], row["what"]) for row in rows]


def test_a_reply_goes_out_by_the_server_that_takes_its_mailbox(start, sink, second):
    second.behave()
    write(start(second.port))
    assert (answered(sink), answered(second)) == ([PARENT], [OTHER_PARENT])


def test_a17_each_server_has_the_envelope_sender_that_it_asks_for(start, sink, second):
    second.behave()
    school = start(second.port, envelope_from="mailbox")
    write(school)
    assert [one.mail_from for one in (*sink.accepted, *second.accepted)] == ["<>", school.address(1)]


def test_a_server_that_is_away_stops_nobody_who_sends_by_another(start, sink):
    school = start(free_ports(1)[0])
    write(school)
    school.service.sweep()
    assert (answered(sink), out_of_order(school)) == ([PARENT], {"smtp other"})


def test_in_one_row_what_needs_a_server_that_is_away_waits_and_the_rest_goes_out(start, sink, second):
    second.behave(answers={"CONNECT": "421 4.3.2 not now"})
    sink.behave(answers={"CONNECT": "421 4.3.2 not now"})
    school = start(second.port)
    write(school)
    sink.behave()
    later = school.with_clock_ahead(timedelta(minutes=2))
    later.sweep()
    assert (answered(sink), out_of_order(school)) == ([PARENT], {"smtp other"})
    second.behave()
    school.with_clock_ahead(timedelta(minutes=6)).sweep()
    assert (answered(second), out_of_order(school)) == ([OTHER_PARENT], set())


def test_each_mailbox_logs_in_as_itself_where_that_is_set(start, sink):
    school = start(environ=OWN_LOGIN)
    sink.behave(auth=True, logins=dict.fromkeys(school.users, PASSWORD))
    write(school)
    assert [(one.login, one.mail_from) for one in sink.accepted] == [
        (school.users[1], school.address(1)),
        (school.users[0], school.address(0)),
    ]


def test_a_login_that_is_refused_stops_that_mailbox_alone(start, sink):
    school = start(environ=OWN_LOGIN)
    sink.behave(auth=True, logins={school.users[0]: PASSWORD})
    write(school)
    _, own = ways(school.service.context, school.address(1))
    assert (answered(sink), out_of_order(school)) == ([PARENT], {own})


def test_status_tells_which_server_and_whose_login_cannot_send(start, sink):
    school = start(environ=OWN_LOGIN)
    sink.behave(auth=True, logins={school.users[0]: PASSWORD})
    write(school)
    assert cannot_send(school) == [("smtp", school.address(1), "sign-in refused")]
    sink.behave(answers={"CONNECT": "421 4.3.2 not now"})
    school.with_clock_ahead(timedelta(minutes=2)).sweep()
    assert ("smtp", None, "out of reach") in cannot_send(school)


@pytest.mark.parametrize(
    ("kind", "refused"), [("unreachable", False), ("throttled", False), ("refused", True)]
)
def test_a_provider_of_tokens_that_is_away_has_refused_no_login(start, kind, refused):
    school = start()
    answer = Answer("retry", None, "no token", "login", no_token=kind)
    with school.service.database.write() as conn:
        note_smtp(school.service.context, conn, Sender(school.address(), ""), answer)
        assert [each.refused for each in current(conn)] == [refused]


def test_the_name_of_an_outage_shows_no_address(start):
    school = start(environ=OWN_LOGIN)
    assert not [name for name in ways(school.service.context, school.address(1)) if "@" in name]


@pytest.mark.parametrize(("environ", "shown"), [({}, "office"), (OWN_LOGIN, "own")])
def test_a_digest_shows_the_office_only_where_its_server_lets_it(start, environ, shown):
    school = start(environ=environ)
    own, watched = school.address(1), school.address(0)
    people = [{"address": watched, "role": Role.OFFICE.value}]
    office = {"TRIAGE_PEOPLE": json.dumps(people), "TRIAGE_SAFEGUARDING__ON_CALL": "none"}
    school = start(environ=environ | office | {"TRIAGE_MAILBOXES": school.environ["TRIAGE_MAILBOXES"]})
    sender = sender_of(school.service.context, NewAction("notify", "x", None, own, (DIGEST,)))
    assert sender.envelope == own
    assert parseaddr(sender.address)[1] == {"office": watched, "own": own}[shown]


@pytest.mark.parametrize(("senders", "shown"), [([], "account"), (["oakfield.example"], "mailbox")])
def test_a_notice_comes_from_the_account_only_where_its_own_server_takes_it(start, senders, shown):
    account = "bot@oakfield.example"
    school = start(free_ports(1)[0], {"TRIAGE_SMTP__USERNAME": account}, senders=senders)
    with school.service.database.write() as conn:
        keyring = school.service.database.keyring
        added = add_action(conn, keyring, None, notice("breaker", ADMINISTRATOR, dedupe="x"), now())
        action = read_action(conn, added)
    chosen = {"account": account, "mailbox": school.address(0)}[shown]
    assert sender_of(school.service.context, action).address == chosen


def people(school) -> dict[str, str]:
    """The first mailbox is the office's, the second the headteacher's."""
    roles = [Role.OFFICE.value, Role.HEADTEACHER.value]
    found = [{"address": school.address(number), "role": role} for number, role in enumerate(roles)]
    mailboxes = school.environ["TRIAGE_MAILBOXES"]
    return {
        "TRIAGE_PEOPLE": json.dumps(found),
        "TRIAGE_MAILBOXES": mailboxes,
        "TRIAGE_SAFEGUARDING__ON_CALL": "none",
    }


def test_a_call_does_not_wait_for_a_login_that_is_refused_while_another_can_send(start, sink):
    first = start(environ=OWN_LOGIN)
    school = start(environ=OWN_LOGIN | people(first))
    school.users = first.users
    sink.behave(auth=True, logins={school.users[1]: PASSWORD})
    service = school.service
    with service.database.write() as conn:
        for number in range(2):
            call = notice("breaker", f"lead{number}@oakfield.example", dedupe=str(number))
            add_action(conn, service.database.keyring, None, call, now())
    service.sweep()
    service.sweep()
    assert {(one.recipient, one.mail_from) for one in sink.accepted} == {
        ("lead0@oakfield.example", school.address(1)),
        ("lead1@oakfield.example", school.address(1)),
    }


def test_what_has_time_tells_when_the_first_choice_works_again(start, sink):
    first = start(environ=OWN_LOGIN)
    school = start(environ=OWN_LOGIN | people(first))
    school.users = first.users
    service, office = school.service, school.address(0)
    with service.database.write() as conn:
        begin(conn, ways(service.context, office)[1], now(), refused=True)
        for name in ("morning", "breaker"):
            new = notice(name, ADMINISTRATOR, dedupe=name)
            added = read_action(conn, add_action(conn, service.database.keyring, None, new, now()))
            expected = office if name == "morning" else school.address(1)
            assert sender_in(service.context, conn, added).address == expected


@pytest.mark.parametrize("environ", [{}, OWN_LOGIN])
def test_replies_without_a_turn_hold_up_no_call_and_cost_no_attempt(start, sink, environ):
    school = start(environ=environ)
    sink.behave(auth=bool(environ), logins=dict.fromkeys(school.users, PASSWORD))
    asked = []

    def deliver(sender, recipient, *more):
        asked.append(recipient)
        if sender.urgent:
            return school.service.context.deliver(sender, recipient, *more)
        return Answer("retry", None, "as many messages as it takes are on their way; it waits", "turn")

    service = Service(replace(school.service.context, deliver=deliver), school.service.settings)
    for number in range(2):
        sender = f"parent{number}@home.example"
        school.deliver(a_mail(to=school.address(0), sender=sender, subject=f"{number}"), mail_from=sender)
    poll = service.poll(service.mailboxes[0])
    replies = [each for each in poll.action_ids if action(school, each).kind == "reply"]
    with service.database.write() as conn:
        call = add_action(
            conn, service.database.keyring, None, notice("breaker", ADMINISTRATOR, dedupe="x"), now()
        )
    perform_all(service.context, [*replies, call])
    assert asked == ["parent0@home.example", ADMINISTRATOR]
    assert [(action(school, each).state, action(school, each).attempts) for each in replies] == [
        ("pending", 0)
    ] * 2
    assert action(school, call).state == "sent"


def test_once_a_server_is_back_what_waits_to_tell_somebody_goes_out_at_once(start, sink):
    school = start()
    sink.behave(answers={"CONNECT": "421 4.3.2 not now"})
    keyring = school.service.database.keyring
    with school.service.database.write() as conn:
        call = notice("breaker", ADMINISTRATOR, dedupe="first")
        waiting = add_action(conn, keyring, None, call, now())
        conn.execute(actions.update().values(attempts=8))
    school.service.sweep()  # from here on it waits for a quarter of an hour
    sink.behave()
    with school.service.database.write() as conn:
        call = notice("breaker", ADMINISTRATOR, dedupe="second")
        another = add_action(conn, keyring, None, call, now())
    school.service.sweep()
    school.service.sweep()
    assert [action(school, each).state for each in (another, waiting)] == ["sent", "sent"]


def test_where_no_choice_can_send_each_is_tried_in_turn(start, sink):
    first = start(environ=OWN_LOGIN)
    school = start(environ=OWN_LOGIN | people(first))
    school.users = first.users
    service = school.service
    with service.database.write() as conn:
        for number in range(2):
            begin(conn, ways(service.context, school.address(number))[1], now(), refused=True)
        new = notice("breaker", ADMINISTRATOR, dedupe="x")
        added = read_action(conn, add_action(conn, service.database.keyring, None, new, now()))
        found = [sender_in(service.context, conn, replace(added, attempts=each)).address for each in range(3)]
    assert found == [school.address(0), school.address(1), school.address(0)]


def action(school, action_id):
    with school.service.database.read() as conn:
        return read_action(conn, action_id)


def test_check_says_of_each_server_what_it_takes(start, sink, second):
    second.behave()
    school = start(second.port)
    lines = {line.name: line for line in check_smtp(school.settings())}
    assert [(name, line.ok) for name, line in lines.items()] == [("smtp", "ok"), ("smtp other", "ok")]


def test_check_prints_the_line_that_is_missing_at_the_provider_that_the_settings_name(start, sink):
    oauth = {"PROVIDER": "microsoft", "TENANT": "oakfield.example", "CLIENT_ID": "made-up"}
    school = start(environ={f"TRIAGE_OAUTH__{key}": value for key, value in oauth.items()})
    sink.behave(answers={"MAIL": "550 5.7.60 Client does not have permissions to send as this sender"})
    (line,) = check_smtp(school.settings())
    assert line.ok == "fail"
    assert 'in settings.toml: smtp.login_as = "mailbox"' in line.words


def test_check_tries_the_login_of_each_mailbox_where_each_has_its_own(start, sink):
    school = start(environ=OWN_LOGIN)
    sink.behave(auth=True, logins={school.users[0]: PASSWORD})
    lines = [(line.name, line.ok) for line in check_smtp(school.settings())]
    assert lines == [(f"smtp {school.address(0)}", "ok"), (f"smtp {school.address(1)}", "fail")]
