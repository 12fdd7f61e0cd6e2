"""How sure it is that a message comes from the address it shows: for people who act on its word."""

from enum import StrEnum

from triage.domain.matter import is_verified
from triage.domain.model import Identity, Message, Verdict


class Proof(StrEnum):
    """Whether the sender is who the address says."""

    VERIFIED = "verified"
    UNPROVEN = "unproven"
    FAILED = "failed"

    @property
    def words(self) -> str:
        """What to know before anything is done on the message's word."""
        return {
            Proof.VERIFIED: "sender verified: a guardian's address on the roster",
            Proof.UNPROVEN: "sender not verified: ring the number on record before acting on this",
            Proof.FAILED: "MAY BE FORGED: the sender's domain says that it did not send this; "
            "ring the number on record",
        }[self]


def proof_of(message: Message, identity: Identity) -> Proof:
    """Return how sure the sender is (RFC 7489; T2): a roster address alone proves nothing."""
    if message.dmarc is Verdict.FAIL:
        return Proof.FAILED
    return Proof.VERIFIED if is_verified(message, identity) else Proof.UNPROVEN
