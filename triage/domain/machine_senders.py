"""Addresses that no person reads: what stands before the @ of machines and of mailing lists (A6, #1)."""

import re

# Whole words of the local part: "no-reply", "calendar-noreply", "noreply+17", but not "noreplydave".
_NO_REPLY = (
    r"(?:(?:please|pls)[-_.]?)?do[-_.]?not?[-_.]?(?:reply|respond|answer)|dont[-_.]?(?:reply|respond)"
    r"|no[-_.]?t?[-_.]?rep(?:l?y|lies)|not[-_.]?reply|noreplies|nrply|no[-_.]?rply|not?[-_.]?monitored|no[-_.]?return"
    r"|no[-_.]?(?:response|respond|answer|mail)|never[-_.]?reply|unmonitored|unattended|send[-_.]?only|outbound[-_.]?only"
    r"|nicht[-_.]?antworten|keine?[-_.]?antwort(?:en)?|nichtantworten|ne[-_.]?pas[-_.]?rep(?:on|o)dre|nepasrepondre"
    r"|pas[-_.]?de[-_.]?reponse|no[-_.]?(?:responder|responda|contestar|conteste|respondre)"
    r"|nao[-_.]?resp(?:onda|onder)|non[-_.]?rispondere|nie[-_.]?odpowiada[jc]|bez[-_.]?odpowiedzi"
    r"|geen[-_.]?(?:antwoord|reply)|niet[-_.]?(?:beantwoorden|reageren)|nu[-_.]?raspunde(?:ti)?"
    r"|svar[-_.]?ikke|ikke[-_.]?svar|svara[-_.]?(?:ej|inte)|ej[-_.]?svar|ala[-_.]?vastaa|ei[-_.]?vastausta"
    r"|neodpovidat|neodpovedat|ne[-_.]?odgovarajte|ne[-_.]?valaszolj(?:on)?|yanitlama(?:yin)?|ne[-_.]?otvechat"
    r"|peidiwch[-_.]?ag?[-_.]?ateb|dim[-_.]?ateb"
)
_PROGRAM = (
    r"mailer[-_.]?daemon|mdaemon|auto[-_.]?(?:reply|responder|response|mailer|mail|notify|confirm|mated)|mail(?:er)?robot"
    r"|automated|automatic|automailer|notif(?:y|ier)|notifications?|alert(?:s|ing)?|devnull|dev[-_.]null|nobody"
    r"|daemon|cron|root|uucp|asterisk|console|antivirus|watchdog|alarm|listmaster|sympa|majordomo"
    r"|www[-_.]data|webmaster[-_.]?bot|system[-_.]?(?:mail|notice|message)|monitoring|nagios|zabbix"
    r"|scanner|scan[-_.]?to[-_.]?(?:e?mail)|copier|photocopier|mfp|mfd|printer|voicemail|faxserver|e?fax"
    r"|challenge|tmda|greylist|quarantine|robot|bot|mailbot|calendar[-_.](?:notification|server)"
)
# Addresses that a business uses for its notices; people answer from some of them.
_ROLE = (
    r"orders?|bookings?|reservations?|tickets?|receipts?|billing|invoices?|payments?|statements?|remittance|dispatch"
    r"|deliver(?:y|ies)|shipping|tracking|returns|confirmations?|service|services|support|help|helpdesk|servicedesk"
    r"|customer[-_.]?(?:care|services?|support)|care|info|enquir(?:y|ies)|hello|contact|feedback|surveys?|updates?"
    r"|reminders?|reports?|security|accounts?|account[-_.]?update|admin|system|scan|backup|status|members(?:hip)?|team"
    r"|webforms?|forms?|registrations?|admissions|digest|mail|post|messages?|sales|donotuse|portal|app|hr|payroll"
    r"|kundenservice|kundendienst|service[-_.]?client|atencion|assistenza|klantenservice|kundtjanst|biuro|rt|otrs|jira"
)


def _word(forms: str) -> re.Pattern[str]:
    return re.compile(rf"(?:^|[-_.+=])(?:{forms})(?:$|[-_.+=\d])")


_NO_REPLY_WORD, _PROGRAM_WORD = _word(_NO_REPLY), _word(_PROGRAM)
_ROLE_WORD = re.compile(rf"^(?:{_ROLE})(?:$|[-_.+=\d])|[-_.](?:{_ROLE})$")
_TELEPHONE = re.compile(r"\+?\d{7,15}")
_LISTS_ROBOT = re.compile(r"^owner-.|.-(?:owner|request|bounces?)$|(?:^|[-_.+])bounces?[-_.+=\d]")
_LIST = re.compile(
    r"^owner-.|.-(?:request|owner|bounces?|admin-list)$|(?:^|[-_.+])bounces?[-_.+=\d]"
    r"|^(?:e?news|newsletters?|mailings?|marketing|campaigns?|listserv|mailman|offers|promo(?:tion)?s?"
    r"|bulletins?|mailshots?|ezine)$"
)


def is_program(local_part: str) -> bool:
    """Whether a local part in lower case belongs to a program. A postmaster may be a person (A6)."""
    return bool(_PROGRAM_WORD.search(local_part) or _TELEPHONE.fullmatch(local_part))


def is_no_reply(local_part: str) -> bool:
    """Whether a local part in lower case says that nobody reads what is sent there (#1)."""
    return bool(_NO_REPLY_WORD.search(local_part))


def is_lists_robot(local_part: str) -> bool:
    """Whether a local part in lower case is the robot's of a mailing list (RFC 2142, RFC 3834 section 2)."""
    return bool(_LISTS_ROBOT.search(local_part))


def is_role(local_part: str) -> bool:
    """Whether a local part in lower case is one that a business or a system sends its notices from."""
    return bool(_ROLE_WORD.search(local_part))


def is_list(local_part: str) -> bool:
    """Whether a local part in lower case belongs to a mailing list or its bounces (RFC 3834 section 2)."""
    return bool(_LIST.search(local_part))
