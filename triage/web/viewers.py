"""Whose view is taken. It is a choice and no proof: the page has no sign-in yet."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from triage.domain.school import Person, School
from triage.domain.visibility import Viewer, viewer
from triage.store.keys import Keyring

COOKIE = "viewer"


class NobodyChosenError(Exception):
    """No view is chosen, or that of somebody whom the settings no longer name."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One person of the settings: a ``token`` that stands for the address, and each of their roles."""

    token: str
    name: str
    roles: tuple[str, ...]


class Viewers:
    """The people whose view can be taken. Tokens stand for addresses, so that no cookie names a person."""

    def __init__(self, school: School, keyring: Keyring) -> None:
        self._school = school
        people: dict[str, list[Person]] = {}
        for person in school.people:
            people.setdefault(keyring.digest("viewer", person.address.lower()), []).append(person)
        self._people = people

    def choices(self) -> list[Choice]:
        """Return everybody once, in the order of the settings."""
        return [
            Choice(token, own[0].name or own[0].address, tuple(_role(person) for person in own))
            for token, own in self._people.items()
        ]

    def chosen(self, request: Request) -> Viewer:
        """Return whose view a request takes. Raises NobodyChosenError."""
        return self.viewer(request.cookies.get(COOKIE, ""))

    def viewer(self, token: str) -> Viewer:
        """Return the viewer for whom a token stands. Raises NobodyChosenError."""
        if token not in self._people:
            raise NobodyChosenError
        return viewer(self._school, self._people[token][0].address)

    def choose(self, token: str, answer: Response) -> None:
        """Remember a view until the browser is closed. Raises NobodyChosenError."""
        self.viewer(token)
        answer.set_cookie(COOKIE, token, httponly=True, samesite="strict")


def ask_whose_view(_request: Request, _error: Exception) -> Response:
    """Send the browser to where a view is chosen."""
    return RedirectResponse("/", status_code=303)


def _role(person: Person) -> str:
    if not person.years:
        return person.role.value
    years = ", ".join(str(year) for year in person.years)
    return f"{person.role.value}, {'year' if len(person.years) == 1 else 'years'} {years}"
