"""In a flood people are called about a few cases one by one, and about all others by one notice.

A telephone that rings five thousand times is switched off, and then it calls about nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from triage.domain.calling import FEW
from triage.domain.model import Flag
from triage.store.actions import NewAction
from triage.store.calls_told import Lately, Whom, whom_of


@dataclass(frozen=True, slots=True)
class Due:
    """What is due about a case, or about several: notices, and flags that show it to those who are called.

    ``flags`` are the ids of those that the notices are about.
    """

    case_id: int | None
    notices: tuple[NewAction, ...] = ()
    flags: tuple[int, ...] = ()
    raised: tuple[Flag, ...] = ()
    origin: str = ""


Waiting = list[tuple[Due, NewAction]]


def gathered(due: Iterable[Due], lately: Lately) -> Iterator[Due]:
    """Yield what is due, with one notice for all cases of which somebody is told beyond ``FEW`` in a while.

    Whoever had such a notice a while ago gets the next one later: what they are not told of stays due. A
    single case goes alone all the same. What is of several cases already stays as it is.
    """
    alone: defaultdict[Whom, set[int]] = defaultdict(set)
    others: defaultdict[Whom, Waiting] = defaultdict(list)
    for each in due:
        own = tuple(new for new in each.notices if _goes_alone(each, alone[whom_of(new)], lately.alone(new)))
        for new in each.notices:
            if new not in own:
                others[whom_of(new)].append((each, new))
        yield replace(each, notices=own)
    for whom, waiting in others.items():
        if whom not in lately.together:
            yield _together(waiting)


def _goes_alone(due: Due, cases: set[int], told: int) -> bool:
    if due.case_id is None:
        return True
    if len(cases | {due.case_id}) + told > FEW:
        return due.case_id in cases
    cases.add(due.case_id)
    return True


def _together(waiting: Sequence[tuple[Due, NewAction]]) -> Due:
    """Return one notice of several cases, which says no more than how many they are."""
    cases = {due.case_id for due, _ in waiting}
    if len(cases) == 1:
        due, new = waiting[0]
        return replace(due, notices=(new,), raised=())
    flags = sorted({flag for due, _ in waiting for flag in due.flags})
    _, first = waiting[0]
    asked = sorted((due.case_id or 0, new.dedupe) for due, new in waiting)
    facts = {"number": len(cases), "flags": flags}
    return Due(None, (replace(first, dedupe=f"together:{asked}", facts=facts),))
