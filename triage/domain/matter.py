"""One message with everything that bears on it, gathered before the decision."""

from dataclasses import dataclass

from triage.domain.hours import Opening
from triage.domain.model import Classification, Delivery, History, Identity, Message, Verdict
from triage.domain.policy import Policy
from triage.domain.school import School


@dataclass(frozen=True, slots=True)
class Matter:
    """What ``decide`` was handed: the message, who wrote and what about, and what the school says."""

    message: Message
    identity: Identity
    classification: Classification
    delivery: Delivery
    school: School
    policy: Policy
    history: History
    opening: Opening
    roster_loaded: bool

    @property
    def verified(self) -> bool:
        """Whether a guardian is known to have written it: a roster address alone is no proof (T2)."""
        return is_verified(self.message, self.identity)

    @property
    def doubtful(self) -> bool:
        """Whether it lay among junk mail and nothing proves that somebody of the school has written it."""
        return self.delivery.junk and not (self.verified or self._is_proven_own)

    @property
    def _is_proven_own(self) -> bool:
        """Whether a pupil or a colleague is known to have written it: their own address, and DMARC passed."""
        address, school = self.message.sender.address, self.school
        own = (
            self.identity.pupil_address
            or school.is_pupil_address(address)
            or school.is_staff_address(address)
            or any(one.address.lower() == address.lower() for one in school.people)
        )
        return own and self.message.dmarc is Verdict.PASS


def is_verified(message: Message, identity: Identity) -> bool:
    """Tell whether a message is known to come from a guardian: on the roster, and DMARC passed (T2)."""
    return identity.on_roster and message.dmarc is Verdict.PASS
