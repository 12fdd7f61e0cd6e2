"""Whether the queue hides words and names, as on a classroom's projector: for one session of one browser."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from triage.web.sessions import SignedIn


def is_hiding(signed_in: SignedIn, request: Request) -> bool:
    """Tell whether a request's session has asked for it. Raises NotSignedInError, SecondFactorError."""
    # The cookie names its session: whoever signs in next in this browser sees what they have always seen.
    return signed_in.cookies.hidden(request) == str(signed_in.session(request).id)


def hide(signed_in: SignedIn, request: Request, to: str, *, on: bool) -> Response:
    """Switch it on or off until the browser is closed, and lead to a path of this site.

    Raises NotSignedInError, SecondFactorError.
    """
    session = str(signed_in.session(request).id)
    answer = RedirectResponse(to, status_code=HTTPStatus.SEE_OTHER)
    if on:
        signed_in.cookies.keep_hidden(answer, session)
    else:
        signed_in.cookies.drop_hidden(answer)
    return answer
