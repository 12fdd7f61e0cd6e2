"""The words of replies in other languages, beside the English: to be read, approved or withdrawn."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from triage.domain.language import APPROVERS, PackState, name_of
from triage.domain.pages import Page
from triage.domain.visibility import Viewer
from triage.message.packs import Pack
from triage.store.packs import Approval, approvals, approve, state_of, withdraw
from triage.web.forms import field, read_form
from triage.web.render import Renderer
from triage.web.sessions import SignedIn

PATH = f"{Page.REPLIES}/languages"
CHANGED_MEANWHILE = (
    "These are not the words that you have read, or somebody else has decided already. Nothing was changed: "
    "look at the page again."
)

Packs = Callable[[], Sequence[Pack]]
"""Gives the packs with their words."""


def no_packs() -> Sequence[Pack]:
    """Give no packs."""
    return ()


@dataclass(frozen=True, slots=True)
class Shown:
    """A pack as a page shows it: what it is called, and who has said what of it."""

    pack: Pack
    held: Approval | None

    @property
    def name(self) -> str:
        """What the language is called."""
        return name_of(self.pack.code)

    @property
    def state(self) -> PackState:
        """Whether replies say its words."""
        return state_of(self.held, self.pack.fingerprint)

    @property
    def is_on(self) -> bool:
        """Whether replies say its words."""
        return self.state is PackState.ON


@dataclass(frozen=True, slots=True)
class PacksPages:
    """The list of packs, and a page for each."""

    signed_in: SignedIn
    renderer: Renderer
    packs: Packs

    def routes(self) -> Sequence[Route]:
        """Return the routes of the packs."""
        return [
            Route(PATH, self.list),
            Route(f"{PATH}/{{code}}", self.page),
            Route(f"{PATH}/{{code}}/approve", self.approve, methods=["POST"]),
            Route(f"{PATH}/{{code}}/withdraw", self.withdraw, methods=["POST"]),
        ]

    def list(self, request: Request) -> Response:
        """Show which packs there are, and which of them are on."""
        who = self._approver(request)
        return self.renderer.page(request, "packs.html", who=who, packs=self._shown())

    def page(self, request: Request) -> Response:
        """Show a pack's words beside the English."""
        who = self._approver(request)
        return self.renderer.page(request, "pack.html", who=who, shown=self._one(request))

    async def approve(self, request: Request) -> Response:
        """Let replies say the words that the page has shown, if they are still the same."""
        who, shown = await run_in_threadpool(self._asked, request)
        read = field(await read_form(request), "words")
        await run_in_threadpool(self._approve, who, shown.pack, read)
        return _back(shown)

    async def withdraw(self, request: Request) -> Response:
        """Stop a pack."""
        who, shown = await run_in_threadpool(self._asked, request)
        await run_in_threadpool(self._withdraw, who, shown.pack)
        return _back(shown)

    def _asked(self, request: Request) -> tuple[Viewer, Shown]:
        return self._approver(request), self._one(request)

    def _approver(self, request: Request) -> Viewer:
        """Return who asks; for whoever may not decide it there is no such page."""
        who = self.signed_in.viewer_of(request, Page.REPLIES)
        if not who.roles & APPROVERS:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return who

    def _shown(self) -> Sequence[Shown]:
        with self.signed_in.database.read() as conn:
            held = approvals(conn)
        every = (Shown(pack, held.get(pack.code)) for pack in self.packs())
        return sorted(every, key=lambda shown: shown.name)

    def _one(self, request: Request) -> Shown:
        code = request.path_params["code"]
        found = next((shown for shown in self._shown() if shown.pack.code == code), None)
        if found is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return found

    def _approve(self, who: Viewer, pack: Pack, read: str) -> None:
        now = self.signed_in.clock()
        with self.signed_in.database.write() as conn:
            same = read == pack.fingerprint
            if not same or not approve(conn, pack.code, pack.fingerprint, who.address, now):
                raise HTTPException(HTTPStatus.CONFLICT, CHANGED_MEANWHILE)
            self.signed_in.note(conn, who.address, "pack approved", f"pack {pack.code}")

    def _withdraw(self, who: Viewer, pack: Pack) -> None:
        with self.signed_in.database.write() as conn:
            if not withdraw(conn, pack.code, who.address, self.signed_in.clock()):
                raise HTTPException(HTTPStatus.CONFLICT, CHANGED_MEANWHILE)
            self.signed_in.note(conn, who.address, "pack withdrawn", f"pack {pack.code}")


def _back(shown: Shown) -> Response:
    return RedirectResponse(f"{PATH}/{shown.pack.code}", status_code=HTTPStatus.SEE_OTHER)
