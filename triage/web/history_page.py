"""The pages of one pupil and of one family: what waits, what was dealt with, and what came of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from itertools import groupby

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from triage.domain.second_factor import is_wanted
from triage.domain.visibility import Viewer, scope
from triage.store.history_of import History, Outcome, family_history, pupil_history
from triage.web.chronology import ChronologyPage
from triage.web.discussed import discussed
from triage.web.ids import page_number
from triage.web.lines import Clauses, Line, Lines
from triage.web.render import Renderer
from triage.web.sessions import SignedIn

NO_PUPIL = "There is nothing about such a pupil, or nothing that you may see."
NO_FAMILY = "There is nothing about such a family, or nothing that you may see."

Read = Callable[[Connection, Viewer, str, int], History | None]


@dataclass(frozen=True, slots=True)
class Past:
    """A flag as a history shows it: ``outcome`` is None while it waits."""

    line: Line
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class HistoryPages:
    """The pages of a pupil and of a family. Their addresses hold ids that tell nothing."""

    signed_in: SignedIn
    renderer: Renderer
    clauses: Clauses

    def routes(self) -> Sequence[Route]:
        """Return the routes of the histories; an id of the roster may hold a slash."""
        return [
            *ChronologyPage(self.signed_in, self.renderer).routes(),
            Route("/pupils/{whom:path}", self.pupil),
            Route("/families/{whom}", self.family),
        ]

    def pupil(self, request: Request) -> Response:
        """Show what waits and what was dealt with about one pupil, as far as the viewer may read it."""
        return self._page(request, pupil_history, "pupil.html", NO_PUPIL)

    def family(self, request: Request) -> Response:
        """Show the same about all pupils of one guardian, and what else this guardian has written."""
        return self._page(request, family_history, "family.html", NO_FAMILY)

    def _page(self, request: Request, read: Read, template: str, otherwise: str) -> Response:
        who, whom, number = self.signed_in.viewer(request), request.path_params["whom"], page_number(request)
        lines = Lines(self.signed_in, self.clauses)
        with self.signed_in.database.read() as conn:
            # PostgreSQL has no text with a NUL in it.
            found = read(conn, who, whom, number) if whom.isprintable() else None
            if found is None:
                raise HTTPException(HTTPStatus.NOT_FOUND, otherwise)
            shown = lines.of(conn, request, who, [each.entry for each in found.told])
            talked = discussed(conn, who, [line.row for line in shown], self.signed_in)
        # Even without its words, a safeguarding matter on this page tells whom it is about.
        kept = any(each.entry.beside.closely_kept for each in found.told)
        if kept or is_wanted(line.row.flag for line in shown):
            self.signed_in.ask_again(request)
        lines.note_words(request, who, shown)
        past = [Past(line, each.outcome) for line, each in zip(shown, found.told, strict=True)]
        return self.renderer.page(
            request,
            template,
            who=who,
            whom=whom,
            history=found,
            discussed=talked,
            states=[(state, list(some)) for state, some in groupby(past, lambda each: each.line.row.state)],
            for_leads=scope(who).everything,
        )
