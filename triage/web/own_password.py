"""Changing one's own password."""

from dataclasses import dataclass
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from triage.domain.passwords import SHORTEST, fault_of
from triage.store import accounts, sessions
from triage.store.accounts import Account
from triage.store.sessions import Session
from triage.web.forms import field, read_form
from triage.web.proving import Proving, Refused
from triage.web.render import Renderer
from triage.web.sessions import SignedIn

CHANGED_MEANWHILE = "Your password was changed elsewhere in this moment. Nothing was changed here."
NO_PASSWORD = "You sign in elsewhere: there is no password here."  # noqa: S105 - words about one
DIFFERENT = "The new password was not typed the same twice. Nothing was changed."


@dataclass(frozen=True, slots=True)
class OwnPassword:
    """The page on which somebody changes their password."""

    signed_in: SignedIn
    renderer: Renderer
    proving: Proving

    def page(self, request: Request) -> Response:
        """Ask for the password that holds, and for a new one."""
        self._session(request)
        return self._page(request)

    async def change(self, request: Request) -> Response:
        """Change the password; every other session of the same person ends."""
        session = await run_in_threadpool(self._session, request)
        form = await read_form(request)
        new = field(form, "new")
        fault = DIFFERENT if new != field(form, "again") else fault_of(new, session.address)
        if fault is not None:
            return await run_in_threadpool(self._page, request, fault)
        proved = await self.proving.prove(request, session.address, field(form, "password"))
        if isinstance(proved, Refused):
            answer = await run_in_threadpool(self._page, request, proved.said, proved.status)
            answer.headers.update(proved.headers)
            return answer
        kept = await self.proving.hashed(new)
        token = await run_in_threadpool(self._change, session, proved, kept)
        answer = self.signed_in.sent_on(token, "/account")
        self.proving.remember(request, answer, session.address, kept)
        return answer

    def _session(self, request: Request) -> Session:
        session = self.signed_in.session(request)
        with self.signed_in.database.read() as conn:
            account = accounts.find_account(conn, session.address)
        if account is None or account.password is None:
            raise HTTPException(404, NO_PASSWORD)
        return session

    def _change(self, session: Session, account: Account, new: str) -> str:
        """Keep the new hash, and return the session's new token."""
        with self.signed_in.database.write() as conn:
            if not accounts.set_password(conn, account.id, new, instead_of=account.password):
                raise HTTPException(409, CHANGED_MEANWHILE)
            self.signed_in.note(conn, account.address, "password changed", f"account {account.id}")
            sessions.end_sessions(conn, account.address, but=session.id)
            return sessions.renew_token(conn, session.id)

    def _page(self, request: Request, said: str = "", status: HTTPStatus | None = None) -> Response:
        found = status or (HTTPStatus.BAD_REQUEST if said else HTTPStatus.OK)
        return self.renderer.page(
            request,
            "password.html",
            status=found,
            who=self.signed_in.viewer(request),
            said=said,
            shortest=SHORTEST,
        )
