"""Every route, for everybody, with a message of every kind: what each answers stands in a table, by hand.

Whoever adds a route writes its row here: whom it answers, and what. Nothing of it is asked of the code.
"""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta

import pytest
from httpx2 import Response
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from tests.servers.fixtures_store import fresh_database
from tests.servers.oidc import CLIENT_ID, CLIENT_SECRET, OidcServer
from tests.servers.ports import LOOPBACK
from tests.store.builders import NOW
from tests.web.logged import Lines
from tests.web.packs import packs
from tests.web.rehearsed import keep_one
from tests.web.site import SECRET, Browser
from tests.web.test_who_sees_what import (
    ADMIN,
    ALL,
    CHAIR,
    DATA,
    DEPUTY,
    EVERYBODY,
    EXPECTED,
    HEAD,
    LEAD,
    LEADS,
    LINE,
    OFFICE,
    TEACHER,
    WORDS,
    YEAR_7,
    YEAR_8,
)
from tests.web.test_who_sees_what import FLAG as ALONE
from tests.web.world import EVERY_KIND, FAMILY, GIVEN, GUARDIAN, NOT_THERE, Ids, World
from triage.demo.choosing import BY_CHOICE
from triage.domain.search import Wanted
from triage.store import views
from triage.store.own_links import Verb, link_to
from triage.store.packs import approve, withdraw
from triage.store.switched import last_choice
from triage.store.switches import replies_stopped, start_replies, stop_replies
from triage.store.tables import metadata
from triage.store.workflow import Change, resolve
from triage.web.door import Door
from triage.web.form_tokens import FIELD
from triage.web.going_live import since
from triage.web.oidc_door import oidc_door
from triage.web.oidc_values import ProviderValues

Kinds = Mapping[str, frozenset[str]]
"""For each kind of message those who may."""

STAFF = frozenset(EVERYBODY) - {CHAIR}
SHOWN = EXPECTED | {
    "another year": {**LEADS, YEAR_7: ALL, TEACHER: ALONE},
    "year unknown": {**LEADS, YEAR_7: ALL, YEAR_8: ALL, TEACHER: ALONE},
}
OPEN: Kinds = {kind: frozenset(shown) for kind, shown in SHOWN.items()}
READ: Kinds = {
    kind: frozenset(who for who in shown if shown[who] in {ALL, WORDS}) for kind, shown in SHOWN.items()
}
READ_ALL: Kinds = {
    kind: frozenset(who for who in shown if shown[who] == ALL) for kind, shown in SHOWN.items()
}
ON_RECORD: Kinds = {kind: those & {LEAD, DEPUTY} for kind, those in READ_ALL.items()}

CLOSE: Kinds = {
    "absence": frozenset({LEAD, DEPUTY, OFFICE}),
    "contentious": frozenset({LEAD, DEPUTY, YEAR_8}),
    "safeguarding": frozenset({LEAD, DEPUTY}),
    "absence and safeguarding": frozenset({LEAD, DEPUTY}),
    "offensive": frozenset({LEAD, DEPUTY, LINE}),
    "data request": frozenset({LEAD, DEPUTY, DATA}),
    "about the teacher": frozenset({LEAD, DEPUTY, HEAD}),
    "about the head": frozenset({LEAD, DEPUTY, CHAIR}),
    "about the lead": frozenset({DEPUTY, HEAD}),
    "about a head of year": frozenset({LEAD, DEPUTY, HEAD}),
    "another year": frozenset({LEAD, DEPUTY, YEAR_7}),
    "year unknown": frozenset({LEAD, DEPUTY, YEAR_7, YEAR_8}),
}
"""Who may do something with the last flag of a message of each kind."""

SEE_ONLY: Kinds = dict.fromkeys(
    ("absence", "contentious", "offensive", "data request", "another year", "year unknown"),
    frozenset({TEACHER}),
)
"""Who may see that flag and do nothing with it."""

KEPT = {
    *("safeguarding", "absence and safeguarding"),
    *("about the teacher", "about the head", "about the lead", "about a head of year"),
}
"""What is closed on its own page alone, with a note."""

WITH_THE_LEAD = {"safeguarding", "absence and safeguarding", "about the lead"}
"""What cannot be passed to the lead: it is a safeguarding matter already."""

ABOUT = {
    "about the teacher": TEACHER,
    "about the head": HEAD,
    "about the lead": LEAD,
    "about a head of year": YEAR_8,
}


@dataclass(frozen=True)
class Row:
    """What a route answers: ``yes`` to ``those``, or by the kind of the message, ``no`` to all others.

    ``status`` has the answers that are neither, by kind. ``nobody`` is for who is not signed in.
    """

    those: frozenset[str] | Kinds
    yes: int = 200
    no: int = 404
    nobody: int = 303
    status: Mapping[str, int] | None = None
    refused: Kinds | None = None

    @property
    def kinds(self) -> Mapping[str, frozenset[str]]:
        """The kinds of message that make a difference."""
        return self.those if isinstance(self.those, Mapping) else {"contentious": self.those}

    def answer(self, who: str | None, kind: str) -> int:
        """Return the status for somebody, None for nobody."""
        if who is None:
            return self.nobody
        if who in self.kinds[kind]:
            return (self.status or {}).get(kind, self.yes)
        return 403 if who in (self.refused or {}).get(kind, ()) else self.no


def everybody(status: int = 200, **more: int) -> Row:
    """Return the row of a page that is for all who are signed in."""
    return Row(frozenset(EVERYBODY), status, **more)


def only(*who: str, status: int = 200, no: int = 404) -> Row:
    """Return the row of a page that is for some."""
    return Row(frozenset(who), status, no)


def by_kind(those: Kinds) -> Row:
    """Return the row of what shows a message."""
    return Row(those)


def on_a_flag(status: Mapping[str, int] | None = None) -> Row:
    """Return the row of what somebody does with a flag."""
    return Row(CLOSE, 303, status=status, refused=SEE_ONLY)


TABLE = {
    "GET /": everybody(303),
    "GET /sign-in": everybody(303, nobody=200),
    "POST /sign-in": everybody(403, nobody=403),
    "GET /sign-in/code": everybody(),
    "POST /sign-in/code": everybody(403),
    "POST /sign-out": everybody(303),
    "GET /account": everybody(),
    "GET /account/code": everybody(),
    "POST /account/code": everybody(403),
    "GET /account/password": everybody(),
    "POST /account/password": everybody(400),
    "POST /account/sessions/{session}/end": everybody(303),
    "POST /account/sessions/end": everybody(303),
    "GET /flags": everybody(),
    "GET /flags/news": everybody(204),
    "POST /flags/search": everybody(303),
    "POST /flags/hide": everybody(303),
    "POST /flags/undo": Row(
        {kind: frozenset() if kind in KEPT else those for kind, those in CLOSE.items()}, 303, 409
    ),
    "POST /flags/resolve": Row(CLOSE, 303, 409, status=dict.fromkeys(KEPT, 409)),
    "POST /flags/{flag}/rang": Row(CLOSE, 303, 409, status=dict.fromkeys(KEPT, 409)),
    "POST /views/{view}/name": only(YEAR_8, status=303),
    "POST /views/{view}/forget": only(YEAR_8, status=303),
    "GET /cases/{case}": by_kind(OPEN),
    "GET /cases/{case}/messages/{message}": by_kind(READ_ALL),
    "GET /cases/{case}/messages/{message}/text": by_kind(READ_ALL),
    "GET /cases/{case}/sent/{action}": by_kind(READ_ALL),
    "GET /cases/{case}/record": by_kind(ON_RECORD),
    "GET /cases/{case}/record.txt": by_kind(ON_RECORD),
    "GET /flags/done/{what}": everybody(),
    "POST /flags/{flag}/take": on_a_flag(),
    "POST /flags/{flag}/release": on_a_flag(),
    "POST /flags/{flag}/assign": on_a_flag(),
    "POST /flags/{flag}/note": on_a_flag(),
    "POST /flags/{flag}/resolve": on_a_flag(),
    "POST /flags/{flag}/reopen": on_a_flag(),
    "POST /flags/{flag}/pass": on_a_flag(dict.fromkeys(WITH_THE_LEAD, 400)),
    "POST /flags/{flag}/wrong": on_a_flag(),
    "POST /flags/{flag}/missed": on_a_flag(),
    "GET /pupils/{whom}": by_kind(READ),
    "GET /pupils/{whom}/chronology": by_kind(ON_RECORD),
    "GET /families/{whom}": by_kind(READ),
    "GET /office": only(OFFICE, LEAD, DEPUTY),
    "POST /office/{flag}/rung": Row(
        {**dict.fromkeys(EVERY_KIND, frozenset()), "absence": frozenset({OFFICE, LEAD, DEPUTY})}, 303
    ),
    "GET /own": Row(STAFF),
    "POST /own/pause": Row(STAFF, 303),
    "POST /own/unpause": Row(STAFF, 303),
    "GET /own/messages/{message}": Row(dict.fromkeys(EVERY_KIND, frozenset({TEACHER}))),
    "POST /own/messages/{message}/not-right": Row(dict.fromkeys(EVERY_KIND, frozenset({TEACHER})), 303),
    "GET /own/evenings": Row(STAFF),
    "GET /own/evenings.csv": Row(STAFF),
    "GET /digest/not-right/{link}": everybody(nobody=200),
    "POST /digest/not-right/{link}": everybody(nobody=200),
    "GET /digest/raise/{link}": everybody(nobody=200),
    "POST /digest/raise/{link}": everybody(nobody=200),
    "GET /reports": only(HEAD, LEAD, DEPUTY, YEAR_7, YEAR_8, ADMIN),
    "GET /reports/{name}.csv": only(HEAD, LEAD, DEPUTY, YEAR_7, YEAR_8, ADMIN),
    "GET /reports/week": only(HEAD, LEAD, DEPUTY, ADMIN),
    "GET /corrections": only(HEAD, LEAD, DEPUTY),
    "GET /replies": only(HEAD, OFFICE, ADMIN),
    "POST /replies/stop": only(HEAD, OFFICE, ADMIN, status=303),
    "POST /replies/start": only(HEAD, OFFICE, ADMIN, status=303),
    "GET /going-live": only(HEAD, LEAD, DEPUTY, ADMIN),
    "GET /going-live/rehearsal": only(HEAD, LEAD, DEPUTY, ADMIN),
    "GET /going-live/least-certain": only(HEAD, LEAD, DEPUTY),
    "POST /going-live/least-certain/forget": only(HEAD, status=303),
    "POST /going-live/switch": only(HEAD, status=303),
    "GET /replies/languages": only(HEAD, OFFICE),
    "GET /replies/languages/{code}": only(HEAD, OFFICE),
    "POST /replies/languages/{code}/approve": only(HEAD, OFFICE, status=303),
    "POST /replies/languages/{code}/withdraw": only(HEAD, OFFICE, status=303),
    "GET /service": only(ADMIN),
    "GET /audit": only(DATA, ADMIN),
    "POST /audit": only(DATA, ADMIN),
    "POST /audit/lines.csv": only(DATA, ADMIN),
    # These the school's provider adds, instead of passwords.
    "GET /sign-in/oidc": everybody(303, nobody=303),
    "GET /sign-in/oidc/again": everybody(303, nobody=303),
    "GET /sign-in/oidc/callback": everybody(400, nobody=400),
}
OF_THE_PROVIDER = {name for name in TABLE if "/oidc" in name}
THEIR_OWN_INBOX = {"GET /own/messages/{message}", "POST /own/messages/{message}/not-right"}
BY_LINK = {name for name in TABLE if "/digest/" in name}
"""What needs no login and no form's token: whoever has the link may do what it does."""
DOORS = {"POST /sign-in", "POST /sign-in/code", "POST /account/code", "POST /account/password"}
"""What counts its failures: a refusal changes something there."""

ENDING = {"POST /sign-out", "POST /account/sessions/end", "POST /account/sessions/{session}/end"}

NOTE = "a made-up note"
PACK = packs()[0]
REASONS = dict.fromkeys(EVERY_KIND, "nothing to do") | dict.fromkeys(
    ("safeguarding", "absence and safeguarding"), "not what it seemed"
)
NAMED = {"name": "topics", "what": "passed", "code": PACK.code}
"""What else stands in addresses, and is nobody's."""


def params(world: World, ids: Ids, path: str) -> dict[str, object]:
    """What stands in the address of a page about one message."""
    whom = ids.family if path.startswith("/families") else ids.pupil
    verb = next((verb for verb in Verb if path.startswith(f"/digest/{verb}/")), Verb.RAISE)
    link = link_to(world.database.keyring, verb, ids.message, TEACHER, world.people.clock())
    of_all = {"view": world.view, "session": world.session, "link": link}
    return {**vars(ids), **NAMED, "whom": whom, **of_all}


def form(world: "Walk", name: str, kind: str, ids: Ids) -> dict[str, str]:
    """What a form needs to be taken, so that it is not for want of a field that it is refused."""
    switched, act = world.stopped_at, name.rpartition("/")[2]
    fields = {
        "flag": f"{ids.flag}.0",
        "version": "1" if act == "reopen" else "0",
        "reason": REASONS[kind],
        "note": NOTE,
    }
    return fields | {
        "assign": {"holder": DEPUTY},
        "undo": {"flag": f"{ids.flag}.1"},
        "wrong": {"topic": EVERY_KIND[kind][-1].topic.value},
        "missed": {"topic": "complaint"},
        "name": {"name": "a view"},
        "not-right": {"about": "complaint"},
        "approve": {"words": PACK.fingerprint},
        "start": {"since": switched.isoformat() if switched else ""},
        "switch": {"since": world.chosen_at, "which-years": "every", "which-parts": "every"},
    }.get(act, {})


class Walk(World):
    """A world with a view and a session of the head of year 8, and the switch of the replies."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.one_app = self.app()
        self.browsers: dict[str | None, Browser] = {}
        self.tokens: dict[str | None, dict[str, str]] = {}
        self._entered = ExitStack()
        with self.database.write() as conn:
            self.view = views.remember(conn, YEAR_8, Wanted(), self.people.clock())
        keep_one(self.database)
        self.session = 1
        for who in EVERYBODY:
            assert self.browser(who).get("/account").status_code == 200

    @property
    def stopped_at(self):
        """Since when replies are stopped, None while they go out."""
        with self.database.read() as conn:
            switch = replies_stopped(conn)
        return None if switch is None else switch.at

    @property
    def chosen_at(self) -> str:
        """When somebody has last chosen to whom replies go, "" for never."""
        with self.database.read() as conn:
            return since(last_choice(conn))

    def browser(self, who: str | None) -> Browser:
        """The browser of somebody, signed in once."""
        if who not in self.browsers:
            self.browsers[who] = self.open(who, self.one_app)
            # Entered, it keeps its thread from one request to the next.
            self._entered.enter_context(self.browsers[who])
        return self.browsers[who]

    def token(self, who: str | None) -> dict[str, str]:
        """What makes a form one of this browser's."""
        if who not in self.tokens:
            self.tokens[who] = self.browser(who).hidden("/account" if who else "/sign-in")
        return self.tokens[who]

    def close(self) -> None:
        """Let the threads go."""
        self._entered.close()

    def address(self, name: str, ids: Ids) -> str:
        """The address of a route for one message."""
        path = name.partition(" ")[2]
        return path.format(**params(self, ids, path))

    def get(self, who: str | None, name: str, ids: Ids):
        """What somebody is shown."""
        return self.browser(who).get(self.address(name, ids))

    def post(self, who: str | None, name: str, kind: str, ids: Ids, **head: str):
        """What is answered to a form that has every field and its token; a session that ends is replaced."""
        fields = form(self, name, kind, ids) | self.token(who) | {"to": ""}
        if who is None:
            fields["note"] = ""  # or it would be given back, and not sent on to the sign-in
        answer = self.browser(who).post(self.address(name, ids), data=fields, **head)
        if name in ENDING or "set-cookie" in answer.headers:
            self.browsers.clear()
            self.tokens.clear()
        return answer

    def dump(self) -> dict[str, list[str]]:
        """Every row of every table, as the database has it."""
        with self.database.read() as conn:
            return {
                table.name: sorted(map(repr, conn.execute(text(f'SELECT * FROM "{table.name}"'))))
                for table in metadata.sorted_tables
            }

    def changed_since(self, before: Mapping[str, list[str]]) -> list[str]:
        """The tables that are not what they were."""
        return [name for name, rows in self.dump().items() if rows != before[name]]

    def prepare(self, name: str, kind: str) -> Ids:
        """Return the message for a form that will be taken: one of its own, closed before it is opened."""
        ids = self.add(kind)
        now = self.people.clock()
        with self.database.write() as conn:
            if name.endswith(("/reopen", "/undo")):
                resolve(conn, Change(ids.flag, 0, DEPUTY, now), REASONS[kind], NOTE)
            if name == "POST /replies/stop":
                start_replies(conn, HEAD, now)
            if name.endswith("/approve"):
                withdraw(conn, PACK.code, HEAD, now)
            if name.endswith("/withdraw"):
                approve(conn, PACK.code, PACK.fingerprint, HEAD, now)
            if name == "POST /replies/start":
                stop_replies(conn, NOTE, HEAD, now)
        return ids


@pytest.fixture
def world(database) -> Iterator[Walk]:
    world = Walk(database)
    yield world
    world.close()


@dataclass(frozen=True)
class Seen:
    """Every page as it was answered to everybody, by who asked, its route and the kind of message."""

    world: Walk
    answers: Mapping[tuple[str | None, str, str], Response]
    lines: Sequence[logging.LogRecord]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def seen(request, keyring, tmp_path_factory) -> Iterator[Seen]:
    """One walk through all pages, which takes a while, for all the tests that only look at what was shown."""
    with fresh_database(request, keyring, tmp_path_factory) as database:
        world = Walk(database)
        with Lines() as lines:
            answers = {
                (who, name, kind): world.get(who, name, world.kinds[kind])
                for who in ANYBODY
                for name in of_the_site("GET")
                for kind in TABLE[name].kinds
            }
        yield Seen(world, answers, lines.kept)
        world.close()


def routes(app: Starlette) -> Iterator[str]:
    """Each route by its method and its path; the files are apart."""
    for route in app.routes:
        if isinstance(route, Mount) and route.path == "/static":
            continue
        assert isinstance(route, Route), f"{route} is of a kind that this table does not know"
        yield from (f"{method} {route.path_format}" for method in (route.methods or ()) if method != "HEAD")


def of_the_site(method: str) -> list[str]:
    return [name for name in TABLE if name.startswith(method) and name not in OF_THE_PROVIDER]


class TestTheTable:
    def test_has_a_row_for_every_route_and_no_other(self, database):
        world = World(database)
        provider = oidc_door(ProviderValues("https://id.oakfield.example", CLIENT_ID, CLIENT_SECRET), {})
        served = {each for door in (None, BY_CHOICE, provider) for each in routes(world.app(door))}
        new, gone = served - set(TABLE), set(TABLE) - served
        assert not new, f"write a row in TABLE of {__file__}: to whom does it answer what? {sorted(new)}"
        assert not gone, f"there is no such route any more, take its row out of TABLE: {sorted(gone)}"


def wrong(world: Walk, who: str | None, got: Mapping[tuple[str, str], int]) -> list[str]:
    """What was answered otherwise than the table says, in lines to be read."""
    return [
        f"{who or 'nobody'}: {name} ({kind}): {status} and not {TABLE[name].answer(who, kind)}"
        for (name, kind), status in got.items()
        if status != TABLE[name].answer(who, kind)
    ]


ANYBODY = (*EVERYBODY, None)


@pytest.fixture
def provider(monkeypatch) -> Iterator[Door]:
    """The way in by a provider on this machine, which is asked directly."""
    monkeypatch.setenv("NO_PROXY", LOOPBACK)
    with OidcServer() as server:
        server.behave(lambda: NOW)
        yield oidc_door(ProviderValues(server.issuer, CLIENT_ID, CLIENT_SECRET), {})


def test_the_addresses_of_the_provider_answer_as_the_table_says(database, provider):
    world = World(database)
    app = world.app(provider)
    for who in ANYBODY:
        browser = world.open(who, app)
        got = {name: browser.get(name.partition(" ")[2]).status_code for name in OF_THE_PROVIDER}
        assert (who, got) == (who, {name: TABLE[name].answer(who, "contentious") for name in OF_THE_PROVIDER})


def test_every_page_answers_each_role_as_the_table_says(seen):
    for who in ANYBODY:
        asked = {key[1:]: answer.status_code for key, answer in seen.answers.items() if key[0] == who}
        assert asked
        assert not wrong(seen.world, who, asked)


def test_every_form_answers_each_role_as_the_table_says_and_changes_nothing_that_it_refuses(world):
    for who in ANYBODY:
        forms = [(name, kind) for name in of_the_site("POST") for kind in TABLE[name].kinds]
        taken = [each for each in forms if is_taken(who, *each)]
        world.token(who)
        before = world.dump()
        got = {
            each: world.post(who, *each, world.kinds[each[1]]).status_code
            for each in forms
            if each not in taken and each[0] not in DOORS
        }
        assert not wrong(world, who, got)
        assert world.changed_since(before) == [], f"what was refused to {who} has changed something"
        doors = {each: world.post(who, *each, NOT_THERE).status_code for each in forms if each[0] in DOORS}
        sent = {each: world.post(who, *each, world.prepare(*each)).status_code for each in taken}
        assert not wrong(world, who, doors | sent)


def is_taken(who: str | None, name: str, kind: str) -> bool:
    """Tell whether a form may change something, so that it is sent about a message of its own."""
    return (who is not None or name in BY_LINK) and TABLE[name].answer(who, kind) in {200, 303}


FOREIGN = {"Origin": "https://evil.example"}


@pytest.mark.parametrize("fault", ["no token", "a token of somebody else", "a foreign origin", "no origin"])
def test_no_form_is_taken_that_was_not_sent_from_its_own_page(world, fault):
    other = world.open(DEPUTY).hidden("/account")
    for who in ANYBODY:
        browser = world.browser(who)
        own = world.token(who)
        token = {"no token": {FIELD: ""}, "a token of somebody else": other}.get(fault, own)
        if fault == "no origin":
            del browser.headers["Origin"]
        head, before = FOREIGN if fault == "a foreign origin" else {}, world.dump()
        for name in of_the_site("POST"):
            if "token" in fault and name in BY_LINK:
                continue
            fields = form(world, name, "contentious", world.kinds["contentious"]) | token
            answer = browser.post(world.address(name, world.kinds["contentious"]), data=fields, headers=head)
            assert answer.status_code == 403, f"{who}: {name}"
        assert world.changed_since(before) == [], who


@pytest.mark.parametrize("kind", ABOUT)
def test_whom_an_allegation_is_about_finds_the_same_as_where_there_is_nothing(world, kind):
    """Everywhere but in their own inbox, where the message lies: there it looks as one without a flag."""
    who, its = ABOUT[kind], world.kinds[kind]
    for name in by_message():
        if name in THEIR_OWN_INBOX:
            continue
        found = [
            world.get(who, name, ids) if name.startswith("GET") else world.post(who, name, kind, ids)
            for ids in (its, NOT_THERE)
        ]
        assert said(found[0], its, NOT_THERE) == said(found[1], its, NOT_THERE), (
            f"{name} tells {who} that there is something"
        )


def test_a_message_about_its_reader_looks_in_their_own_mail_as_one_without_a_flag(world):
    about, plain = world.kinds["about the teacher"], world.add("about the teacher", flagged=())
    shown = [world.get(TEACHER, "GET /own/messages/{message}", ids) for ids in (about, plain)]
    assert said(shown[0], about, plain) == said(shown[1], about, plain)


def by_message() -> list[str]:
    """The routes whose address or form names a message."""
    return [name for name, row in TABLE.items() if len(row.kinds) > 1]


def said(answer, *ids: Ids) -> tuple[int, str, dict[str, str]]:
    """All that an answer says, without the numbers that its address may hold."""
    every = {str(number) for each in ids for number in vars(each).values()}
    numbers = "|".join(sorted(every, key=len, reverse=True))
    head = {name: value for name, value in answer.headers.items() if name != "content-length"}
    return answer.status_code, re.sub(rf"\b({numbers})\b", "", answer.text), head


@pytest.mark.parametrize("kind", ABOUT)
def test_no_page_changes_for_whom_an_allegation_is_about_when_another_comes(world, kind):
    """But that of their own mail: that it came stands there, and nothing of why somebody looks at it."""
    who = ABOUT[kind]
    pages = [name for name in of_the_site("GET") if len(TABLE[name].kinds) == 1 and "/own" not in name]
    pages.remove("GET /account/code")  # its picture is made anew each time
    before = {name: world.get(who, name, NOT_THERE).text for name in pages}
    world.add(kind, at=NOW - timedelta(days=9))  # long enough ago for the reports, which count whole weeks
    after = {name: world.get(who, name, NOT_THERE).text for name in pages}
    assert [name for name in pages if before[name] != after[name]] == []


NAMED_OF = re.compile(rf"(?:{GIVEN}|{FAMILY}|{GUARDIAN}|guardian)(\d+)\b")
WORD_OF = re.compile(rf"{SECRET}(\d+)")


def test_all_pages_together_show_of_each_message_what_is_for_whom_and_no_more(seen):
    kinds = list(EVERY_KIND)
    for who in ANYBODY:
        pages = [answer.text for key, answer in seen.answers.items() if key[0] == who]
        named = {kinds[int(place)] for page in pages for place in NAMED_OF.findall(page)}
        worded = {kinds[int(place)] for page in pages for place in WORD_OF.findall(page)}
        assert (who, named) == (who, {kind for kind in kinds if who in READ[kind]})
        assert (who, worded) == (who, {kind for kind in kinds if who in READ_ALL[kind]})


def test_no_page_shows_what_is_closely_kept_when_the_code_was_given_long_ago(world):
    world.people.clock.move(minutes=20)
    kinds = list(EVERY_KIND)
    for who in EVERYBODY:
        for name in of_the_site("GET"):
            for kind in TABLE[name].kinds:
                page = world.get(who, name, world.kinds[kind]).text
                shown = {kinds[int(place)] for place in (*NAMED_OF.findall(page), *WORD_OF.findall(page))}
                assert not shown & KEPT, f"{who}: {name} ({kind})"


TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
LEADS_TO = re.compile(r'(?:href|action|src|formaction|data-\w+)="([^"]*)"')
IN_THE_BROWSER = ("mailto:", "tel:")
"""What a link of these names goes to a program on the desk, and to no server and no history."""


def test_no_title_no_address_and_no_log_holds_a_word_or_a_name(seen):
    found = {
        f"{name}: {each}"
        for (_, name, _), answer in seen.answers.items()
        for each in outside(answer)
        if tells(seen.world, each)
    }
    found |= {
        f"log: {line.name}"
        for line in seen.lines
        if tells(seen.world, f"{line.getMessage()} {line.exc_text}")
    }
    assert seen.lines, "nothing was logged, or nothing was kept of it"
    assert not found


def test_no_log_and_no_address_holds_what_a_form_held(world, caplog):
    caplog.set_level(logging.INFO)
    caplog.set_level(logging.DEBUG, logger="triage")
    for name in of_the_site("POST"):
        for kind in ("contentious", "safeguarding"):
            if kind in TABLE[name].kinds:
                answer = world.post(LEAD, name, kind, world.prepare(name, kind))
                assert not [each for each in outside(answer) if tells(world, each)], name
    assert not [line for line in caplog.records if tells(world, f"{line.getMessage()} {line.exc_text}")]


def outside(answer) -> list[str]:
    """What of an answer others can see: the title on a projector, the addresses in a history or a log."""
    heads = [answer.headers.get(name, "") for name in ("location", "content-disposition")]
    led = [each for each in LEADS_TO.findall(answer.text) if not each.startswith(IN_THE_BROWSER)]
    return [*heads, *TITLE.findall(answer.text), *led]


def tells(world: Walk, public: str) -> bool:
    """Tell whether something that others can see holds a word of a message, a name or an address."""
    return any(word.lower() in public.lower() for word in (*world.words, NOTE))
