"""To which years replies are switched on, and with which parts: a school goes live a step at a time.

Nothing here lets a reply out. The settings must say ``live`` and every other rule of restraint must agree;
this only takes away.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from triage.domain.replies import FRAME


@dataclass(frozen=True, slots=True)
class SwitchedOn:
    """What the headteacher has switched on. None is everything, also what is added later."""

    years: frozenset[int] | None = None
    parts: frozenset[str] | None = None

    @property
    def everything(self) -> bool:
        """Whether nothing is held back."""
        return self.years is None and self.parts is None

    @property
    def words(self) -> str:
        """To whom replies go, and with what: "years 7 and 8, with absence and out of hours"."""
        return f"{self._years}, {self._parts}"

    @property
    def _years(self) -> str:
        if not self.years:
            return "every year" if self.years is None else "no year"
        years = [str(year) for year in sorted(self.years)]
        return f"year{'s' if len(years) > 1 else ''} {listed(years)}"

    @property
    def _parts(self) -> str:
        if not self.parts:
            return "with everything that the policy says" if self.parts is None else "with nothing to say"
        return f"with {listed([part.replace('-', ' ') for part in sorted(self.parts)])}"

    def reaches(self, named: Collection[int], possible: Collection[int] = ()) -> bool:
        """Tell whether a message about pupils of the years ``named`` may be answered.

        Without any, ``possible`` are the years of those who may be meant: all must be on. Where nothing is
        known of the year, every year must be on.
        """
        if self.years is None:
            return True
        if named:
            return not self.years.isdisjoint(named)
        return bool(possible) and self.years.issuperset(possible)

    def said(self, parts: Iterable[str]) -> tuple[str, ...]:
        """Return the parts that are switched on, and the frame that every reply has."""
        return tuple(part for part in parts if self.parts is None or part in FRAME or part in self.parts)


def listed(names: Sequence[str]) -> str:
    """Return names as a sentence lists them: "7, 8 and 9"."""
    *before, last = names
    return f"{', '.join(before)} and {last}" if before else last
