"""Which parts the one reply to a message has, and in which order (RFC 5230 section 4.7; V6).

Replies tell nothing: whoever else reads the sender's inbox must not learn from a part what was written
about. So the delicate topics share the part ``private``, whose words fit them all, other pupils included; a
policy that names ``other-pupils`` instead chooses to be plainer.
"""

from collections.abc import Iterable

GREETING = "greeting"
HELP = "help"

SUBSUMED = {"please-phone": "private", "other-pupils": "private", "urgent": "collection"}
"""A part that another one makes needless: the reply stays brief, and the plainer word gives way."""

PHONING = frozenset({"please-phone", "private", "absence", "other-pupils"})
"""Parts that ask for a telephone call or a visit. A guardian who may write instead never gets them.

``urgent`` and ``collection`` are not among them: they say that an e-mail may not be read in time or is not
acted on, and a child's way home hangs on knowing it; they name Relay UK.
"""


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
