"""The review site: signing in, the flags, one case with its evidence, resolve.

Each view of a message's text is a line in the audit. The site cannot send mail: nothing here reaches the
mail servers.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from triage.domain.school import School
from triage.store.db import Database
from triage.store.errors import StoreError
from triage.store.keys import KeyringError
from triage.store.notices import Notices, no_notice
from triage.web.account import OwnAccount
from triage.web.audit_page import AuditPage
from triage.web.by_itself import NEWS
from triage.web.case_page import CasePage
from triage.web.copy_out import CopyOut
from triage.web.corrections_page import CorrectionsPages
from triage.web.door import Door
from triage.web.errors import Errors, Guard
from triage.web.flag_card import Cards, Rules, no_rule
from triage.web.flag_forms import FlagForms
from triage.web.form_tokens import FormTokens
from triage.web.going_live import GoingLive
from triage.web.history_page import HistoryPages
from triage.web.home import Home
from triage.web.lines import Clauses, no_clause
from triage.web.local_door import local_door
from triage.web.message_pages import MessagePages
from triage.web.news import News, Streams
from triage.web.office import OfficePages
from triage.web.own_links import OwnLinks
from triage.web.own_mail import OwnMailPages
from triage.web.packs_page import Packs, PacksPages, no_packs
from triage.web.queue_page import QueuePages
from triage.web.rate import FairShare
from triage.web.render import HERE, Renderer
from triage.web.replies_page import RepliesPage
from triage.web.reports_page import ReportPages
from triage.web.safety import OwnForms, SafeHeaders
from triage.web.service_page import ServicePage
from triage.web.sessions import NotSignedInError, SecondFactorError, SignedIn
from triage.web.site import Site

IN_SERVICE = Site()


def create_app(
    database: Database,
    school: School,
    clock: Callable[[], datetime],
    site: Site = IN_SERVICE,
    door: Door | None = None,
    *,
    clauses: Clauses = no_clause,
    rules: Rules = no_rule,
    notices: Notices = no_notice,
    packs: Packs = no_packs,
    streams: Streams | None = None,
) -> Starlette:
    """Return the application; ``clock`` gives the aware time of now.

    ``door`` is the way to sign in, by the site's own accounts if none is given. ``clauses`` gives the
    sentence of the school's guidance that a flag serves, ``rules`` what its policy says about a topic,
    ``notices`` what a worker is to send about flags that a person raises, ``packs`` the words that replies
    have in other languages. ``streams`` holds the streams that
    are open, for whoever is to end them.
    """
    renderer = Renderer(school)
    signed_in = SignedIn(database, school, clock, site)
    errors = Errors(renderer, signed_in.known)
    cards = Cards(school, rules)
    forms = FlagForms(signed_in, renderer, cards, notices)
    return Starlette(
        routes=[
            *_routes(
                signed_in, renderer, door or local_door(), clauses, forms=forms, streams=streams or Streams()
            ),
            *PacksPages(signed_in, renderer, packs).routes(),
        ],
        middleware=[
            Middleware(SafeHeaders, secure=site.is_secure),
            # A foreign name that was made to point at this machine must not open the page (DNS rebinding).
            Middleware(TrustedHostMiddleware, allowed_hosts=list(site.hosts), www_redirect=False),
            Middleware(Guard, answer=errors.unexpected),
            Middleware(FairShare, signed_in=signed_in, refuse=errors.refused_form),
            Middleware(
                OwnForms,
                signed_in=signed_in,
                tokens=FormTokens(database.keyring, signed_in.cookies),
                errors=errors,
            ),
        ],
        exception_handlers={
            NotSignedInError: errors.not_signed_in,
            SecondFactorError: errors.code_wanted,
            HTTPException: errors.refused,
            StoreError: errors.unavailable,
            KeyringError: errors.unavailable,
        },
    )


def _routes(
    signed_in: SignedIn,
    renderer: Renderer,
    door: Door,
    clauses: Clauses,
    *,
    forms: FlagForms,
    streams: Streams,
) -> Sequence[BaseRoute]:
    return [
        Route("/", Home(signed_in).lead),
        *door.routes(signed_in, renderer),
        *OwnAccount(signed_in, renderer, door).routes(),
        *QueuePages(signed_in, renderer, clauses).routes(),
        *OfficePages(signed_in, renderer).routes(),
        *ReportPages(signed_in, renderer).routes(),
        *CorrectionsPages(signed_in, renderer).routes(),
        *OwnMailPages(signed_in, renderer, forms.cards.rules).routes(),
        *OwnLinks(signed_in, renderer).routes(),
        *RepliesPage(signed_in, renderer).routes(),
        *GoingLive(signed_in, renderer).routes(),
        *ServicePage(signed_in, renderer).routes(),
        *AuditPage(signed_in, renderer).routes(),
        *HistoryPages(signed_in, renderer, clauses).routes(),
        Route(NEWS, News(signed_in, streams).stream),
        *CasePage(signed_in, renderer, forms.cards).routes(),
        *forms.routes(),
        *MessagePages(signed_in, renderer).routes(),
        *CopyOut(signed_in, renderer).routes(),
        Mount("/static", StaticFiles(directory=HERE / "static")),
    ]
