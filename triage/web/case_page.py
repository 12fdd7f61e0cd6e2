"""The page of one case. Who sees what is asked of the store and ``domain/visibility.py``, of no template."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from triage.domain import second_factor
from triage.domain.resolutions import LONGEST_NOTE
from triage.domain.visibility import Access
from triage.store.beside import beside
from triage.store.cases import read_case
from triage.store.history_of import carers_of
from triage.store.notices import read_notices
from triage.web.after_closing import after_closing
from triage.web.discussed import discussed
from triage.web.flag_card import Card, Cards
from triage.web.highlight import marked
from triage.web.ids import path_id
from triage.web.render import Renderer
from triage.web.sessions import SignedIn
from triage.web.told_by_email import told_by_email

NO_CASE = "There is no such case, or none that you may see."


@dataclass(frozen=True, slots=True)
class CasePage:
    """The page of a case: its message as far as its viewer may read it, and a card for each of its flags."""

    signed_in: SignedIn
    renderer: Renderer
    cards: Cards

    def routes(self) -> Sequence[Route]:
        """Return the route of the page."""
        return [Route("/cases/{case:int}", self.page)]

    def page(self, request: Request) -> Response:
        """Show one case: why it is flagged, the words that show it, what became of it."""
        who = self.signed_in.viewer(request)
        with self.signed_in.database.write() as conn:
            view = read_case(conn, who, path_id(request, "case", NO_CASE))
            if view is None:
                raise HTTPException(HTTPStatus.NOT_FOUND, NO_CASE)
            if second_factor.is_wanted(row.flag for row in view.flags):
                self.signed_in.ask_again(request)
            if view.access is not Access.NONE:
                self.signed_in.note(conn, who.address, "text viewed", f"case {view.id}")
            cards = self.cards.of(conn, who, view)
            carers = carers_of(conn, view.pupils)
            notices = read_notices(conn, who, view.id)
            beside_ = beside(conn, who, [view.id])[view.id]
            talked = discussed(conn, who, view.flags, self.signed_in)
            closed = after_closing(conn, request, who, self.signed_in, cards)
        now = self.signed_in.clock()
        return self.renderer.page(
            request,
            "case.html",
            who=who,
            view=view,
            letters=[marked(letter) for letter in view.letters],
            cards=cards,
            topics=topics_named(cards),
            beside=beside_,
            closed=closed,
            discussed=talked,
            taken_away=self.cards.taken_away(view),
            carers=carers,
            notices=list(told_by_email(notices, self.signed_in.school, now)),
            longest_note=LONGEST_NOTE,
            now=now,
        )


def topics_named(cards: Sequence[Card]) -> list[str]:
    """Return what a case is about, the most pressing first: what waits, or all of it where nothing does."""
    waiting = [card for card in cards if card.row.state == "open"] or cards
    flags = [card.row.flag for card in waiting]
    return list(dict.fromkeys(topic.value for flag in flags for topic in (flag.topic, *flag.joined)))
