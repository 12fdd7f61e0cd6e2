"""What a sender whose address nobody knows shows by the words: a parent or carer, a pupil, a colleague.

Each form that is found gives points; the kind with the most has it, if it has enough. Who says plainly who
they are ("I'm Jake's nan", "its Kim from 8B") gets the points for it at once; the rest adds up.
"""

import re
from collections.abc import Iterable, Mapping

from triage.domain.model import Address, Message, SenderKind
from triage.domain.names import fold
from triage.domain.sender_forms import AGENCY, FORMS, NOT_OURS, ORGANISATION, ROLE_ADDRESS, TEXTING

ENOUGH = 2
_SHARED = 2
_SHORTEST_SHARED = 4
_NEVER = 100
_TEXTED = 2
_FULL_NAME = re.compile(r"\b(?=([A-Z][a-z]+) ([A-Z][a-zA-Z']+))")
_LETTERS = re.compile(r"[^\W\d_]+")


def kind_by_words(message: Message, *, names_a_pupil: bool, families: Iterable[str] = ()) -> SenderKind:
    """Tell a sender's kind by the words alone: PARENT, PUPIL or STAFF, OTHER when they do not plainly say.

    ``names_a_pupil`` counts for a parent: strangers do not know who is on roll. ``families`` are the family
    names, folded, of the pupils whom the message names: who shares one is kin. Linear in the text.
    """
    points = dict(message.once(_points))
    points[SenderKind.PARENT] += names_a_pupil
    points[SenderKind.PARENT] += _SHARED * _is_kin(message.classified_text, message.sender, families)
    best = max(points, key=lambda kind: points[kind])
    return best if points[best] >= ENOUGH else SenderKind.OTHER


def _points(message: Message) -> Mapping[SenderKind, int]:
    """Weigh the forms of words, whoever is on the roster."""
    text = fold(message.classified_text).lower().strip()
    points = {kind: sum(worth for worth, form in forms if form.search(text)) for kind, forms in FORMS.items()}
    agency = _signs_of_an_agency(text, message.sender)
    points[SenderKind.PARENT] -= agency
    points[SenderKind.STAFF] -= agency
    points[SenderKind.PUPIL] += len(set(TEXTING.findall(text))) >= _TEXTED
    return points


def _signs_of_an_agency(text: str, sender: Address) -> int:
    """Weigh the signs of an organisation: its words, a desk's address, a child who is not this school's."""
    desk = ROLE_ADDRESS.match(fold(sender.address).lower()) is not None
    of_one = ORGANISATION.search(fold(sender.address).lower()) is not None
    return (
        2 * (AGENCY.search(text) is not None)
        + desk
        + 2 * of_one
        + _NEVER * (NOT_OURS.search(text) is not None)
    )


def _is_kin(text: str, sender: Address, families: Iterable[str]) -> bool:
    """Whether the sender has the family name of a child whom the message names.

    Without a roster too: "Dylan Croft" from kcroft@… is kin, "Kerry Croft" from there is a signature.
    """
    shown = fold(f"{sender.name} {sender.address}").lower()
    own = "".join(_LETTERS.findall(shown))
    if any(len(family) >= _SHORTEST_SHARED and family in own for family in families):
        return True
    local = fold(sender.address).lower().partition("@")[0]
    called = {name.lower() for name in _LETTERS.findall(fold(sender.name))}
    names = (found.groups() for found in _FULL_NAME.finditer(fold(text)))
    return any(
        _is_shared(family.lower().replace("'", ""), local, called)
        for given, family in names
        if not _is_own_name(given.lower(), local, called)
    )


def _is_shared(family: str, local: str, called: set[str]) -> bool:
    return len(family) >= _SHORTEST_SHARED and (family in local or family in called)


def _is_own_name(given: str, local: str, called: set[str]) -> bool:
    return (
        given in called
        or given in local
        or given in {"mr", "mrs", "ms", "miss", "dr", "the", "family"}
        or local.startswith(given[:1])
        or any(name.startswith(given) for name in called)
    )
