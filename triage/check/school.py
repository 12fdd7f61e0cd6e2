"""The checks that need only the school's folder: settings, wording, policy, people, dates."""

import re
from datetime import date, timedelta

from triage.bootstrap import stationery_of, wording_of
from triage.check.line import Line, in_words
from triage.domain.calling import is_shown_cases
from triage.domain.policy import PolicyError, parse_policy
from triage.domain.school import Role
from triage.from_settings import school_of
from triage.message.digest_words import DigestWords
from triage.message.wording import Wording, WordingError
from triage.message.wording_lint import lint
from triage.settings import Settings

_TO_BE_TAPPED = re.compile(r"\+?\d+(?: \d+)*")
HELP_LINES_OLD = timedelta(days=366)
_NEEDED = (Role.SAFEGUARDING_LEAD, Role.HEADTEACHER)
_WANTED = (
    Role.CHAIR_OF_GOVERNORS,
    Role.OFFICE,
    Role.DATA_PROTECTION_OFFICER,
    Role.HEAD_OF_YEAR,
    Role.ADMINISTRATOR,
)


def check_settings(settings: Settings) -> Line:
    """Say that the settings could be read, and whether they are still the made-up school's."""
    made_up = [domain for domain in settings.school.domains if domain.endswith(".example")]
    if made_up:
        return Line("warn", "settings", f"school.domains still has {made_up[0]}, the made-up school's")
    return Line("ok", "settings", f"{settings.school.name}; replies: {settings.replies.mode}")


def check_gateway(settings: Settings) -> Line:
    """Ask whose Authentication-Results are believed: without one no sender is known for certain (T1)."""
    believed = settings.school.authserv or ", ".join(settings.school.authserv_ids)
    if believed:
        return Line("ok", "gateway", f"Authentication-Results of {believed} are believed")
    words = "nobody's Authentication-Results are believed: set school.authserv_ids or school.authserv"
    return Line("warn", "gateway", f"{words}, or only mail that plainly says it is a parent's gets an answer")


def check_templates(settings: Settings) -> tuple[Line, Wording | None]:
    """Read and try the wording; it is handed on to the check of the policy."""
    try:
        wording = wording_of(settings)
        DigestWords(settings.templates_folder)
    except (WordingError, OSError) as error:
        return Line("fail", "templates", f"{settings.templates_folder}: {error}"), None
    return Line("ok", "templates", f"{len(wording.parts)} parts of replies"), wording


def check_policy(settings: Settings, wording: Wording) -> Line:
    """Read the policy against the reply parts that there are, and say what it can make of them."""
    try:
        policy = parse_policy(settings.policy_file.read_text(encoding="utf-8"), wording.parts)
    except PolicyError as error:
        return Line("fail", "policy", f"{settings.policy_file.name}: {error}")
    except OSError as error:
        return Line("fail", "policy", f"{settings.policy_file}: {error.strerror}")
    except UnicodeDecodeError:
        return Line("fail", "policy", f"{settings.policy_file}: it is not UTF-8 text")
    # In the holidays most is said; "triage policy check" tries every situation.
    faults = lint(wording, policy, stationery_of(settings).situations()[-1:]).faults
    if faults:
        more = f"; {len(faults) - 1} more: triage policy check" if faults[1:] else ""
        return Line("warn", "policy", f"{faults[0]}{more}")
    return Line("ok", "policy", f"{len(policy.rules)} topics and outcomes")


def check_people(settings: Settings) -> Line:
    """Find the roles that flags go to and nobody has."""
    roles = {person.role for person in settings.people}
    needed = [role.value for role in _NEEDED if role not in roles]
    wanted = [role.value for role in _WANTED if role not in roles]
    if needed:
        return Line("fail", "people", f"nobody is {' or '.join(needed)}: add them under [[people]]")
    if wanted:
        return Line("warn", "people", f"nobody is {' or '.join(wanted)}")
    return Line("ok", "people", f"{len(settings.people)} people with a role")


def check_on_call(settings: Settings) -> Line:
    """Ask whether it is decided who is paged out of hours."""
    match settings.safeguarding.on_call:
        case "":
            words = 'nobody is set: give safeguarding.on_call an address, or "none" if that is the decision'
            return Line("fail", "on-call", words)
        case "none":
            return Line("ok", "on-call", "nobody, as decided: replies say that mail is not watched")
        case address if not is_shown_cases(school_of(settings).people, address):
            words = "is called, but may not open the case: it is no safeguarding lead or deputy of [[people]]"
            return Line("warn", "on-call", f"{address} {words}")
        case address:
            return Line("ok", "on-call", address)


def check_telephone(settings: Settings) -> Line:
    """Ask whether the numbers in replies are written so that every telephone makes them something to tap."""
    numbers = settings.school.telephone.model_dump(include={"office", "absence", "emergency"})
    odd = [name for name, number in numbers.items() if not _TO_BE_TAPPED.fullmatch(number)]
    if odd:
        words = "write digits and spaces alone, as 01632 960 001, so that it can be tapped"
        return Line("warn", "telephone", f"school.telephone.{odd[0]}: {words}")
    return Line("ok", "telephone", f"the office is {numbers['office']}")


def check_help_lines(settings: Settings, today: date) -> Line:
    """Ask whether somebody has rung the help lines within the year."""
    reviewed = settings.replies.help_lines.reviewed
    if reviewed > today:
        return Line(
            "fail", "help-lines", f"replies.help_lines.reviewed, {in_words(reviewed)}, is yet to come"
        )
    if today - reviewed > HELP_LINES_OLD:
        return Line(
            "warn", "help-lines", f"last reviewed on {in_words(reviewed)}: ring them, then set reviewed"
        )
    return Line("ok", "help-lines", f"reviewed on {in_words(reviewed)}")


def check_terms(settings: Settings, today: date) -> Line:
    """Ask whether the next term is known, so that replies can say when the school opens again."""
    coming = sorted(term.first for term in settings.terms if term.first > today)
    running = [term.last for term in settings.terms if term.first <= today <= term.last]
    if coming:
        return Line("ok", "terms", f"the next begins on {in_words(coming[0])}")
    if running:
        return Line("warn", "terms", f"none is known after {in_words(running[0])}: add it under [[terms]]")
    return Line("fail", "terms", "no current or coming term is known: add [[terms]]")
