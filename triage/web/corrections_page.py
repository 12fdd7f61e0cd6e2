"""The page of the corrections: where people disagreed with the software, and what they said instead."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from triage.domain.pages import Page
from triage.domain.school import Role
from triage.domain.visibility import viewer
from triage.store.corrections import Corrected, read_corrections
from triage.web.ids import number_of
from triage.web.render import Renderer, words
from triage.web.sessions import SignedIn

LEFT = "Somebody who has left"


@dataclass(frozen=True, slots=True)
class CorrectionsPages:
    """The page of the corrections, the newest first. It holds ids and topics, and nothing of a message."""

    signed_in: SignedIn
    renderer: Renderer

    def routes(self) -> Sequence[Route]:
        """Return the route of the page."""
        return [Route(Page.CORRECTIONS, self.page)]

    def page(self, request: Request) -> Response:
        """Show the newest corrections, or those before one."""
        who = self.signed_in.viewer_of(request, Page.CORRECTIONS)
        before = number_of(request.query_params.get("before", "0"))
        with self.signed_in.database.read() as conn:
            found = read_corrections(conn, who, before or None)
        return self.renderer.page(
            request,
            "corrections.html",
            who=who,
            found=found,
            said_by={entry.id: self._said_by(entry) for entry in found.entries},
            is_newest=not before,
        )

    def _said_by(self, entry: Corrected) -> str:
        """Return as what somebody of the school said it, by the roles that they have now."""
        if entry.by_teacher:
            return words(Role.TEACHER.value)
        roles = viewer(self.signed_in.school, entry.actor).roles
        named = sorted(roles - {Role.TEACHER}) or sorted(roles)
        return ", ".join(words(role.value) for role in named) or LEFT
