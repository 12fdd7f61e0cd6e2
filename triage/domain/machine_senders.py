"""Addresses that no person reads: what stands before the @ of machines and of mailing lists (A6, #1)."""

import re

# Whole words of the local part: "no-reply", "calendar-noreply", "noreply+17", but not "noreplydave".
_NO_REPLY = (
    r"(?:do|please)?[-_.]?not?[-_.]?reply|dont[-_.]?reply|no[-_.]?(?:response|answer|mail)|unmonitored"
    r"|nicht[-_.]?antworten|keine[-_.]?antwort|ne[-_.]?pas[-_.]?repondre|no[-_.]?(?:responder|contestar)"
    r"|nao[-_.]?responda|non[-_.]?rispondere|nie[-_.]?odpowiadaj|geen[-_.]?antwoord|niet[-_.]?beantwoorden"
    r"|peidiwch[-_.]?ag?[-_.]?ateb|dim[-_.]?ateb"
)
_PROGRAM = (
    r"mailer[-_.]?daemon|auto[-_.]?(?:reply|responder|response|mailer|notify)|mail(?:er)?robot"
    r"|notifications?|notify|alerts?|devnull|dev[-_.]null|nobody"
)


def _word(forms: str) -> re.Pattern[str]:
    return re.compile(rf"(?:^|[-_.+=])(?:{forms})(?:$|[-_.+=\d])")


_NO_REPLY_WORD, _PROGRAM_WORD = _word(_NO_REPLY), _word(_PROGRAM)
_LIST = re.compile(
    r"^owner-.|.-(?:request|owner|bounces?|admin-list)$|(?:^|[-_.+])bounces?[-_.+=\d]"
    r"|^(?:e?news|newsletters?|mailings?|marketing|campaigns?|listserv|majordomo|mailman)$"
)


def is_program(local_part: str) -> bool:
    """Whether a local part in lower case belongs to a program. A postmaster may be a person (A6)."""
    return bool(_PROGRAM_WORD.search(local_part))


def is_no_reply(local_part: str) -> bool:
    """Whether a local part in lower case says that nobody reads what is sent there (#1)."""
    return bool(_NO_REPLY_WORD.search(local_part))


def is_list(local_part: str) -> bool:
    """Whether a local part in lower case belongs to a mailing list or its bounces (RFC 3834 section 2)."""
    return bool(_LIST.search(local_part))
