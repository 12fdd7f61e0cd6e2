"""The demo's way in: everybody of the made-up school can be chosen, teachers too, and nobody has a password.

It stands in the demo and nowhere else, so that no setting of a school can ever open it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from triage.domain.school import Person, Role, School
from triage.store.keys import Keyring
from triage.web.door import Door, page_and_form
from triage.web.forms import field, read_form
from triage.web.paths import own_path, with_way_back
from triage.web.render import Renderer
from triage.web.sessions import CODE, SIGN_IN, SignedIn
from triage.web.sign_in import sign_in_page


@dataclass(frozen=True, slots=True)
class Choice:
    """One person of the settings: a ``token`` that stands for the address, and each of their roles."""

    token: str
    address: str
    name: str
    roles: tuple[str, ...]


class Choosing:
    """The page on which a person is chosen."""

    def __init__(self, signed_in: SignedIn, renderer: Renderer) -> None:
        self._signed_in = signed_in
        self._renderer = renderer
        self._choices = choices(signed_in.school, signed_in.database.keyring)

    def page(self, request: Request) -> Response:
        """Ask who it is to be; also whoever is signed in may choose somebody else."""
        to = own_path(request.query_params.get("to", ""))
        people = self._choices.values()
        return sign_in_page(self._signed_in, self._renderer, request, "people.html", to=to, people=people)

    async def choose(self, request: Request) -> Response:
        """Sign in as the person chosen, second factor and all."""
        form = await read_form(request)
        choice = self._choices.get(field(form, "viewer"))
        if choice is None:
            return RedirectResponse(SIGN_IN, status_code=HTTPStatus.SEE_OTHER)
        return await run_in_threadpool(
            self._signed_in.begin,
            request,
            choice.address,
            field(form, "to"),
            second_factor_at=self._signed_in.clock(),
        )

    def again(self, request: Request) -> Response:
        """Ask again who it is to be, where a school's people give a code."""
        to = own_path(request.query_params.get("to", ""))
        return RedirectResponse(with_way_back(SIGN_IN, to), status_code=HTTPStatus.SEE_OTHER)


def choices(school: School, keyring: Keyring) -> dict[str, Choice]:
    """Return everybody of the settings once, in their order, then whoever has a mailbox and no role."""
    people: dict[str, list[Person]] = {}
    for person in school.people:
        people.setdefault(person.address.lower(), []).append(person)
    for name, address in school.owners:
        people.setdefault(address.lower(), [Person(address, Role.TEACHER, name)])
    found = [
        Choice(keyring.digest("viewer", address), address, own[0].name or address, tuple(map(_role, own)))
        for address, own in people.items()
    ]
    return {choice.token: choice for choice in found}


def _role(person: Person) -> str:
    if not person.years:
        return person.role.value
    years = ", ".join(str(year) for year in person.years)
    return f"{person.role.value}, {'year' if len(person.years) == 1 else 'years'} {years}"


def _routes(signed_in: SignedIn, renderer: Renderer) -> Sequence[Route]:
    choosing = Choosing(signed_in, renderer)
    return [*page_and_form(SIGN_IN, choosing.page, choosing.choose), Route(CODE, choosing.again)]


BY_CHOICE = Door(_routes)
