"""Who wrote a message and about whom: first by address, then by structure, then by words (topics.md)."""

from collections.abc import Collection
from dataclasses import dataclass

from triage.domain import machine
from triage.domain.model import MACHINES, Gate, Identity, Message, SenderKind, Verdict
from triage.domain.named import names_in
from triage.domain.names import atoms_of, index_of
from triage.domain.pupils import Found, Names
from triage.domain.roster import Guardian, Roster
from triage.domain.school import School
from triage.domain.sender_words import kind_by_words


@dataclass(frozen=True, slots=True)
class _Sender:
    kind: SenderKind
    why: str


def identify(message: Message, roster: Roster, school: School) -> Identity:
    """Tell the kind of sender and the pupils of a message, each with why; never raises, linear in the text.

    A match on the roster is not proof of who wrote (T2), and an address of the school's own domain that fails
    DMARC is not proof of staff; both are said in ``why``, in roster ids and without names.
    """
    guardians = roster.guardians_at(message.sender.address)
    known = _by_address(message, roster, school, guardians)
    names = Names(message, roster)
    own = _own(message, roster, guardians)
    told = _by_structure(message, school, known)
    if guardians and _sounds_automatic(told) and names.of_own(own).named_in in _BY_NAME:
        told = known
    if own:
        found = names.of_own(own)
        sender = told or _by_words(message, roster, found)
    else:
        found = names.of_a_stranger(told.kind if told else None)
        sender = told or _by_words(message, roster, found)
        if told is None and sender.kind in _MEAN_OTHERS:
            found = names.of_a_stranger(sender.kind)
    return Identity(
        sender=sender.kind,
        pupils=found.pupils,
        years=found.years,
        named_in=found.named_in,
        several=found.several,
        guardian=guardians[0].id if guardians else None,
        on_roster=bool(guardians),
        may_write=any(guardian.may_write for guardian in guardians),
        interpreter=next((one.interpreter for one in guardians if one.interpreter), None),
        why=(
            sender.why,
            *_doubt(message, school, guardians),
            found.why,
            *_spoken_of(sender, names, {*found.pupils, *found.several, *own}),
        ),
        pupil_address=not guardians and roster.pupil_at(message.sender.address) is not None,
        names=names_in(
            (message.subject, message.own_text),
            names.zones,
            {*own, *found.pupils} & roster.pupils.keys(),
            roster,
            school,
        ),
    )


def identify_unknown(message: Message, school: School) -> Identity:
    """Tell the kind of sender as if no roster were loaded: nothing but the kind, and why."""
    nobody = Roster()
    known = _by_address(message, nobody, school, ())
    sender = _by_structure(message, school, known) or _by_words(message, nobody, Found())
    return Identity(sender=sender.kind, why=(sender.why,))


def _spoken_of(sender: _Sender, names: Names, meant: Collection[str]) -> tuple[str, ...]:
    """Say which pupils a person may only speak of: whoever acts on a message about harm must know them."""
    spoken = () if sender.kind in MACHINES else names.spoken_of(meant)
    told = ", ".join(spoken[:_MOST_SPOKEN_OF])
    if not spoken:
        return ()
    return (f"it may also speak of {told}",) if meant else (f"{MAYBE}{told}",)


def warm(roster: Roster) -> None:
    """Build a roster's index of names before the first message needs it."""
    index_of(roster)


def _own(message: Message, roster: Roster, guardians: tuple[Guardian, ...]) -> tuple[str, ...]:
    """Return the sender's children, or the pupil who writes."""
    pupil = roster.pupil_at(message.sender.address)
    if pupil is not None and not guardians:
        return (pupil.id,)
    return tuple(dict.fromkeys(child for guardian in guardians for child in guardian.pupils))


def _sounds_automatic(told: _Sender | None) -> bool:
    """Whether nothing but words makes a machine of a sender: no program writes of a guardian's own child."""
    return told is not None and told.kind is SenderKind.AUTOMATIC and told.why.startswith(f"{_TEXT}:")


def _by_address(
    message: Message, roster: Roster, school: School, guardians: tuple[Guardian, ...]
) -> _Sender | None:
    """Tell a sender by the address, None for an unknown one; a taken-over account stays its owner's."""
    address = message.sender.address
    if guardians:
        return _Sender(SenderKind.PARENT, "the address is a guardian's on the roster")
    if roster.pupil_at(address) is not None:
        return _Sender(SenderKind.PUPIL, "the address is a pupil's on the roster")
    if school.is_pupil_address(address):
        return _Sender(SenderKind.PUPIL, "the address is of the pupils' domain")
    if _is_staff(address, school):
        if message.dmarc is Verdict.FAIL:
            return _Sender(
                SenderKind.OTHER, "an address of the school's that failed DMARC is no proof of staff"
            )
        return _Sender(SenderKind.STAFF, "the address is of the school's own domain")
    return None


def _is_staff(address: str, school: School) -> bool:
    return school.is_staff_address(address) or any(
        one.address.lower() == address.lower() for one in school.people
    )


def _by_structure(message: Message, school: School, known: _Sender | None) -> _Sender | None:
    """Tell machines and mailing lists by their signs, whatever the address.

    What came through a list of the school's own keeps its sender: schools read shared mailboxes so.
    """
    gates = machine.signs(message)
    automatic = machine.kind_by(gates, SenderKind.AUTOMATIC)
    if automatic is not None:
        return _sign(SenderKind.AUTOMATIC, automatic)
    bulk = machine.kind_by(gates, SenderKind.BULK)
    if bulk is None or _is_own_list(message, school):
        return known
    return _sign(SenderKind.BULK, bulk)


def _sign(kind: SenderKind, gate: Gate) -> _Sender:
    return _Sender(kind, f"{gate.name}: {gate.why}")


def _is_own_list(message: Message, school: School) -> bool:
    """Whether List-Id names a list of the school's domains (RFC 2919)."""
    named = (message.header("list-id") or "").rpartition("<")[2].partition(">")[0].strip().lower()
    return any(named == domain or named.endswith(f".{domain}") for domain in school.domains)


def _by_words(message: Message, roster: Roster, found: Found) -> _Sender:
    named = found.pupils or found.several
    kind = kind_by_words(
        message,
        names_a_pupil=bool(named),
        families=sorted({atom for pupil in named for atom in atoms_of(roster.pupils[pupil].family)}),
    )
    if kind is SenderKind.OTHER:
        return _Sender(kind, "an unknown address, and the words do not say who writes")
    return _Sender(kind, f"an unknown address, but the words are plainly a {_WORDED[kind]}'s")


_MOST_SPOKEN_OF = 5
MAYBE = "by name it may be "
_TEXT = "automatic-text"
_BY_NAME = frozenset({"subject", "text"})
_MEAN_OTHERS = frozenset({SenderKind.STAFF, SenderKind.PUPIL})  # than a parent does by the same names
_WORDED = {SenderKind.PARENT: "parent or carer", SenderKind.PUPIL: "pupil", SenderKind.STAFF: "colleague"}


def _doubt(message: Message, school: School, guardians: tuple[Guardian, ...]) -> tuple[str, ...]:
    """Say when an address that means something is not proven (T2)."""
    meaningful = bool(guardians) or school.is_pupil_address(message.sender.address)
    if not meaningful or message.dmarc is Verdict.PASS:
        return ()
    return (f"DMARC is {message.dmarc}: the address is no proof of who wrote",)
