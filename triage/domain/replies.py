"""Which parts the one reply to a message has, and in which order (RFC 5230 section 4.7; V6).

Replies tell nothing: whoever else reads the sender's inbox must not learn from a part what was written
about. So the delicate topics share the part ``private``, whose words fit them all, other pupils included; a
policy that names ``other-pupils`` instead chooses to be plainer.
"""

from collections.abc import Collection, Iterable, Sequence
from itertools import chain, combinations

GREETING = "greeting"
WAYS = "ways"
HELP = "help"

FRAME = frozenset({GREETING, WAYS, HELP})
"""What stands around the parts that a policy asks for, and none can name.

Never substance, never in the ledger, never left out.
"""

PLEASE_PHONE = "please-phone"
RING_NOW = "ring-now"
OUT_OF_HOURS = "out-of-hours"

NOT_BY_EMAIL = frozenset({"urgent", "collection"})
"""The parts that ask for a call now, because an e-mail is not acted on or may not be read in time."""

PACK = frozenset(
    {GREETING, PLEASE_PHONE, RING_NOW, OUT_OF_HOURS, "missing-child-name", "private-account", HELP}
)
"""The parts that a language has at least: with these alone it is a pack, and English stands below it."""

SUBSUMED = {PLEASE_PHONE: "private", "other-pupils": "private", "urgent": "collection"}
"""A part that another one makes needless: the reply stays brief, and the plainer word gives way."""

PHONING = frozenset({PLEASE_PHONE, "private", "absence", "other-pupils"})
"""Parts that ask for a telephone call or a visit. A guardian who may write instead never gets them.

``urgent`` and ``collection`` are not among them: they say that an e-mail may not be read in time or is not
acted on, and a child's way home hangs on knowing it; they name Relay UK.
"""

TALKING = PHONING - {"absence"}
"""Parts that ask for a talk: whoever gets one may have a meeting instead."""

_NUMBERED = PHONING | NOT_BY_EMAIL | {OUT_OF_HOURS}


def reply_parts(wanted: Iterable[str], *, may_write: bool) -> tuple[str, ...]:
    """Return the parts of one reply in order, greeting first and help last; () when there is nothing to say.

    ``wanted`` are the parts in the policy's order of precedence, repetitions allowed. ``may_write`` is the
    guardian's recorded adjustment; it must be false for a sender who is not verified.
    """
    kept = dict.fromkeys(part for part in wanted if part not in {GREETING, HELP})
    if may_write:
        kept = dict.fromkeys(part for part in kept if part not in PHONING)
    said = tuple(part for part in kept if SUBSUMED.get(part) not in kept)
    return (GREETING, *said, HELP) if said else ()


def framed(parts: Sequence[str]) -> tuple[str, ...]:
    """Return a reply's parts with ``ways`` before the help lines, once, where one of them gives a number.

    It says what goes for every number: Relay UK, an interpreter, and after TALKING a meeting instead.
    """
    *said, last = parts
    ways = (WAYS,) if _NUMBERED.intersection(said) else ()
    return (*said, *ways, last)


def needed_parts(own: Collection[str]) -> frozenset[str]:
    """Return the parts that a language must have; one that has both of NOT_BY_EMAIL needs no RING_NOW."""
    return PACK - {RING_NOW} if NOT_BY_EMAIL.issubset(own) else PACK


def pack_parts(parts: Iterable[str], own: Collection[str]) -> tuple[str, ...]:
    """Return what a pack says for a reply's parts: its ``own``, and a general one for each that it lacks.

    That is "please ring", and "ring now" for NOT_BY_EMAIL, beside which "please ring" is needless. So nothing
    that was to be said goes without a word in the reader's own language.
    """
    said = dict.fromkeys(part if part in own else _general(part) for part in parts)
    if RING_NOW in said:
        said.pop(PLEASE_PHONE, None)
    return tuple(said)


def _general(part: str) -> str:
    return RING_NOW if part in NOT_BY_EMAIL else PLEASE_PHONE


def every_reply(asked: Iterable[str], *, is_open: bool) -> frozenset[tuple[str, ...]]:
    """Return every reply that a policy can make of the parts that it asks for, in its order of precedence.

    Any of them may be missing, because it was said a short while ago; none speaks of closing while the school
    is open.
    """
    parts = dict.fromkeys(part for part in asked if not (is_open and part == OUT_OF_HOURS))
    some = chain.from_iterable(combinations(parts, number) for number in range(1, len(parts) + 1))
    return frozenset(reply_parts(wanted, may_write=False) for wanted in some)
