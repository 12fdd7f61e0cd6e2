"""Giving the second factor, a code of an app, and setting it up."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from triage.store import accounts, throttle
from triage.store.accounts import Account
from triage.store.sessions import Session
from triage.store.totp import offered_secret, setup_uri
from triage.web.door import page_and_form
from triage.web.forms import field, read_form
from triage.web.paths import own_path, with_way_back
from triage.web.proving import Proving, Refused, too_soon
from triage.web.qr import picture
from triage.web.render import Renderer
from triage.web.sessions import CODE, SignedIn

SET_UP = "/account/code"
WRONG_CODE = Refused("This code is not right, or it was used already. Wait for the next one.")


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """The page that asks for a code, and the page that sets it up.

    ``proving`` compares the password that goes with a new one; None where the site keeps no passwords.
    """

    signed_in: SignedIn
    renderer: Renderer
    proving: Proving | None = None

    def routes(self) -> Sequence[Route]:
        """Return the routes of both pages."""
        return [
            *page_and_form(CODE, self.page, self.give),
            *page_and_form(SET_UP, self.set_up_page, self.set_up),
        ]

    def page(self, request: Request) -> Response:
        """Ask for a code; whoever has no second factor is led to set it up first."""
        session = self.signed_in.begun(request)
        to = own_path(request.query_params.get("to", ""))
        with self.signed_in.database.read() as conn:
            account = accounts.find_account(conn, session.address)
        if account is None or not account.has_code:
            return RedirectResponse(with_way_back(SET_UP, to), status_code=303)
        return self._page(request, "code.html", to=to)

    async def give(self, request: Request) -> Response:
        """Take a code, and go on; if it is wrong, ask again."""
        form = await read_form(request)
        to = own_path(field(form, "to"))
        given = await run_in_threadpool(self._give, request, field(form, "code"))
        if isinstance(given, Refused):
            return self._page(request, "code.html", given, to=to)
        return self.signed_in.sent_on(given, to)

    def set_up_page(self, request: Request) -> Response:
        """Show the picture that an app reads."""
        return self._offer(request, own_path(request.query_params.get("to", "")))

    async def set_up(self, request: Request) -> Response:
        """Take a new second factor, if the password is right and a code shows that the app has the secret."""
        form = await read_form(request)
        to = own_path(field(form, "to"))
        session, account = await run_in_threadpool(self._may_set_up, request)
        if self.proving is not None and _has_password(account):
            proved = await self.proving.prove(request, session.address, field(form, "password"))
            if isinstance(proved, Refused):
                return await run_in_threadpool(self._offer, request, to, proved)
        token = await run_in_threadpool(self._set_up, request, session, field(form, "code"))
        if token is None:
            return await run_in_threadpool(self._offer, request, to, WRONG_CODE)
        return self.signed_in.sent_on(token, to)

    def _give(self, request: Request, code: str) -> str | Refused:
        """Return the session's new token if a code is right."""
        session, now = self.signed_in.begun(request), self.signed_in.clock()
        with self.signed_in.database.write() as conn:
            turn = throttle.try_code(conn, session.address, now)
            if turn.wait:
                return too_soon(turn.wait)
            account = accounts.find_account(conn, session.address)
            if account is None or not accounts.take_code(conn, account, code, now):
                self.signed_in.note(conn, session.address, "second factor refused", f"session {session.id}")
                return WRONG_CODE
            return self._confirm(conn, session)

    def _may_set_up(self, request: Request) -> tuple[Session, Account | None]:
        """Return who may set it up: whoever has one already must have given it a short while ago.

        Raises NotSignedInError, SecondFactorError.
        """
        session = self.signed_in.session(request)
        with self.signed_in.database.read() as conn:
            account = accounts.find_account(conn, session.address)
        if account is not None and account.has_code:
            self.signed_in.ask_again(request, to=SET_UP, sending=request.method == "POST")
        return session, account

    def _set_up(self, request: Request, session: Session, code: str) -> str | None:
        """Keep the secret that was offered, and return the session's new token; None for a wrong code."""
        secret, now = self._secret(request), self.signed_in.clock()
        with self.signed_in.database.write() as conn:
            accounts.add_account(conn, session.address, None, now)
            account = accounts.find_account(conn, session.address)
            if account is None or not accounts.confirm_totp(conn, account.id, secret, code, now):
                return None
            self.signed_in.note(conn, session.address, "second factor set up", f"account {account.id}")
            return self._confirm(conn, session)

    def _confirm(self, conn: Connection, session: Session) -> str:
        throttle.forgive_code(conn, session.address)
        return self.signed_in.confirm(conn, session)

    def _offer(self, request: Request, to: str, refused: Refused | None = None) -> Response:
        session, account = self._may_set_up(request)
        secret = self._secret(request)
        return self._page(
            request,
            "code_set_up.html",
            refused,
            who=self.signed_in.viewer(request),
            to=to,
            secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
            picture=picture(setup_uri(secret, session.address, self.signed_in.school.name)),
            again=account is not None and account.has_code,
            asks_password=self.proving is not None and _has_password(account),
        )

    def _secret(self, request: Request) -> str:
        token = self.signed_in.cookies.session(request)
        return offered_secret(self.signed_in.database.keyring, token)

    def _page(
        self, request: Request, name: str, refused: Refused | None = None, **context: object
    ) -> Response:
        said, status = (refused.said, refused.status) if refused else ("", 200)
        page = self.renderer.page(request, name, status=status, said=said, **context)
        page.headers.update(refused.headers if refused else {})
        return page


def _has_password(account: Account | None) -> bool:
    return account is not None and account.password is not None
