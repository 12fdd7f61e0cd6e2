"""The check of the words in other languages: which of them replies say, and which have changed since."""

from sqlalchemy import Connection

from triage.check.line import Line
from triage.domain.language import PackState, name_of
from triage.message.language import can_tell
from triage.message.wording import Wording, WordingError
from triage.settings import Settings
from triage.store.packs import approvals, state_of


def check_packs(settings: Settings, conn: Connection) -> Line:
    """Name the packs that are on, those that have lost their approval, and those that nobody can get."""
    try:
        wording = Wording(settings.templates_folder)
    except (WordingError, OSError):
        return Line("fail", "packs", "not tried, because templates failed")
    held = approvals(conn)
    states = {code: state_of(held.get(code), wording.fingerprint(code)) for code in wording.packs}
    on = [code for code, state in states.items() if state is PackState.ON]
    changed = [code for code, state in states.items() if state is PackState.CHANGED]
    untold = [code for code in on if not can_tell(code)]
    if changed:
        words = f"{_named(changed)} {PackState.CHANGED}: triage pack approve {changed[0]}"
        return Line("warn", "packs", words)
    if untold:
        return Line("warn", "packs", f"no message can be told to be in {_named(untold)}")
    return Line("ok", "packs", f"on: {_named(on) or 'none'}; off: {len(states) - len(on)}")


def _named(codes: list[str]) -> str:
    return ", ".join(map(name_of, codes))
