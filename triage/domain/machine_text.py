"""Automatic answers by their words alone: subjects and opening lines of mail that carries no marker (#7).

The first version: the forms that the usual systems write in English and the languages that parents'
systems write in. A person can write "I am on leave until Monday" too, so an opening counts only where
two signs of a notice stand together and nothing is asked.
"""

import re

from triage.domain.names import fold

OPENING_LENGTH = 700

_PREFIX = re.compile(r"\s*(re|aw|sv|antw|odp|fw|fwd|wg|rv|tr|vs|auto)(?:\[\d+\])?\s*:", re.IGNORECASE)
_MANY_PREFIXES = 4

# Forms that begin a subject, after any "Re:"; accents are folded away.
_SUBJECTS = (
    # English
    *("automatic reply:", "automatic response", "auto reply", "auto-reply", "autoreply", "auto response"),
    *("auto-response", "autoresponse", "out of office", "out of the office", "out-of-office", "ooo:"),
    *("away from my mail", "away from the office", "vacation response", "vacation reply"),
    # delivery and receipts
    *("undeliverable:", "undelivered mail returned", "delivery status notification", "mail delivery failed"),
    *(
        "mail delivery failure",
        "mail delivery system",
        "delivery failure",
        "returned mail:",
        "failure notice",
    ),
    *("delivery delayed", "warning: could not send message", "delivery incomplete", "message not delivered"),
    *("not read:", "read receipt", "return receipt", "unzustellbar:", "non remis", "no se puede entregar"),
    # Welsh, Polish, Romanian
    *("ateb awtomatig", "allan o'r swyddfa", "i ffwrdd o'r swyddfa", "automatyczna odpowiedź"),
    *("odpowiedź automatyczna", "autoodpowiedź", "poza biurem", "răspuns automat"),
    # German, French, Spanish, Portuguese, Italian, Dutch, the languages of the north
    *("automatische antwort", "abwesenheitsnotiz", "abwesenheitsassistent", "nicht im büro"),
    *("réponse automatique", "absence du bureau", "absent du bureau", "respuesta automática"),
    *("fuera de la oficina", "resposta automática", "fora do escritório", "risposta automatica"),
    *("fuori ufficio", "automatisch antwoord", "afwezigheidsbericht", "autosvar", "automatisk svar"),
    *("automatiskt svar", "automaattinen vastaus"),
    # Lithuanian, Latvian, Hungarian, Czech, Slovak, Bulgarian, Ukrainian, Russian, Turkish, Greek
    *("automatinis atsakymas", "automātiskā atbilde", "automatikus válasz", "automatická odpověď"),
    *("automatická odpoveď", "автоматичен отговор", "автоматична відповідь", "автоматический ответ"),
    *("otomatik yan\u0131t", "otomatik cevap", "αυτόματη απάντηση"),
    # Arabic, Urdu, Chinese, Japanese
    *("رد تلقائي", "خودکار جواب", "自动回复", "自动答复", "自動回覆", "自動応答", "自動返信"),
)
_CALENDAR_SUBJECTS = (
    *("accepted:", "declined:", "tentative:", "tentatively accepted:", "invitation:", "updated invitation:"),
    *("cancelled:", "canceled:", "cancelled event:", "canceled event:", "new time proposed:"),
    *("angenommen:", "abgelehnt:", "zugesagt:", "accepté :", "zaakceptowano:", "derbyniwyd:"),
)
_SUBJECT_FORMS = tuple(fold(form).lower() for form in _SUBJECTS)
_CALENDAR_FORMS = tuple(fold(form).lower() for form in _CALENDAR_SUBJECTS)


def _either(*forms: str) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(forms) + ")")


_SAYS_AUTOMATIC = _either(
    r"this is an? auto(?:matic|mated)?[- ]?(?:generated )?"
    r"(?:reply|response|message|e-?mail|notification)",
    r"this (?:e-?mail|message|reply|response) (?:is|was|has been) "
    r"auto(?:matically)?[- ]?(?:generated|sent)",
    r"please do not (?:reply|respond)[^.?]{0,60}(?:automat|(?:not |un)(?:monitored|attended))",
    r"this (?:mailbox|inbox|address|e-?mail address) is (?:not|no longer|un)\s?(?:monitored|attended)",
    r"this is an automatic delivery status",
    r"this is an automatically generated delivery",
    r"delivery to the following recipients? (?:has )?failed",
    r"mae hwn yn ateb awtomatig",
    r"jest to automatyczna",
    r"ta wiadomosc zostala wygenerowana automatycznie",
    r"acesta este un (?:raspuns|mesaj) automat",
    r"dies ist eine automatisch",
    r"ceci est une? (?:reponse|message) automatique",
    r"esta es una respuesta automatica",
    r"esta e uma resposta automatica",
    r"questa e una risposta automatica",
    r"dit is een automatisch",
)
_AWAY = _either(
    r"(?:i am|i'm|i will be|i'll be|we are) (?:currently |now |presently )?(?:"
    r"out of (?:the |my )?office|away from (?:the |my )?(?:office|desk|e-?mail)"
    r"|on (?:annual|maternity|paternity|parental|sick|study|long[- ]term) leave"
    r"|on (?:vacation|holiday|leave))",
    r"(?:thank you|thanks) for (?:your )?(?:e-?mail|message|getting in touch|contacting)[^.]{0,40}[.!,] ?"
    r"(?:i|we) (?:am|are) (?:currently )?(?:away|out|unavailable|on)",
    r"no longer (?:works?|working|employed|with) (?:at|for|by|here|with|us|the company)",
    r"has (?:now )?left the (?:company|organi[sz]ation|business|team)",
    r"rwyf i ffwrdd",
    r"jestem (?:obecnie )?(?:poza biurem|na urlopie|nieobecn)",
    r"sunt (?:in concediu|plecata? din birou)",
    r"ich bin (?:derzeit|zur zeit|momentan|bis|vom).{0,60}?"
    r"(?:nicht im buro|abwesend|im urlaub|nicht erreichbar)",
    r"je suis (?:actuellement )?(?:absente?|en conges?)",
    r"estoy (?:fuera de la oficina|de vacaciones)",
    r"estou (?:fora do escritorio|de ferias)",
    r"sono (?:fuori ufficio|in ferie|assente)",
    r"ik ben (?:momenteel )?(?:afwezig|niet op kantoor|met vakantie)",
    r"jag ar (?:inte pa kontoret|ledig|pa semester)",
)
_NOTICE = _either(
    r"(?:thank you|thanks) for (?:your (?:e-?mail|message|enquiry)|contacting|getting in touch)",
    r"(?:limited|no|intermittent) access to (?:my )?e-?mails?",
    r"(?:will|shall) (?:reply|respond|answer|get back)",
    r"(?:if|for|in) [^.]{0,40}(?:urgent|immediate|emergency|emergencies)[^.]{0,60}"
    r"(?:contact|call|e-?mail|ring|phone)",
    r"please (?:contact|direct|forward|e-?mail)\b",
    r"(?:returning|back|return) (?:to the office )?on\b",
    r"(?:e-?mails?|messages?) (?:will|are|is) (?:not )?(?:be |being )?"
    r"(?:forwarded|read|monitored|checked|picked)",
    r"mewn argyfwng|diolch am (?:eich|dy) (?:neges|e-?bost)",
    r"w (?:pilnych|naglych) (?:sprawach|przypadkach)|dziekuje za wiadomosc",
    r"multumesc pentru",
    r"in dringenden fallen|vielen dank fur ihre",
    r"en cas d'urgence|merci (?:de|pour) votre",
    r"en caso (?:de )?urgen|gracias por (?:su|tu) (?:mensaje|correo)",
    r"em caso de urgencia|obrigad[oa] pel[oa]",
    r"in caso di urgenza|grazie per",
    r"bij (?:dringende|spoed)|bedankt voor uw",
    r"tack for ditt",
)
_ACKNOWLEDGES = _either(
    r"(?:we have|we've) received your (?:e-?mail|message|enquiry|request|query)[^?]{0,200}"
    r"\b(?:ticket|case|reference|request) (?:number|no|id|ref)",
    r"your (?:ticket|case|request) (?:number|has been (?:created|logged|received))",
    r"click (?:the link|here|below)[^.]{0,60}(?:verify|confirm)[^.]{0,40}"
    r"(?:human|sender|delivered|real person)",
)


def automatic_subject(subject: str) -> str:
    """Return the automatic answer's form that begins a subject, "" for none (A12: not `Auto:` alone)."""
    bare = bare_subject(subject)
    return next((form for form in _SUBJECT_FORMS if bare.startswith(form)), "")


def calendar_subject(subject: str) -> str:
    """Return the form of a calendar's own message that a subject begins with, "" for none."""
    bare = bare_subject(subject)
    return next((form for form in _CALENDAR_FORMS if bare.startswith(form)), "")


def automatic_text(text: str) -> str:
    """Say which sign of an automatic answer the opening lines give, "" for none.

    A notice of absence needs two signs and no question: a parent who writes "I'm on holiday until Monday,
    could his father collect him?" is a person.
    """
    start = " ".join(fold(text[:OPENING_LENGTH]).lower().split())
    if _SAYS_AUTOMATIC.search(start):
        return "the text says itself that it is automatic"
    if "?" in start or len(text) > 2 * OPENING_LENGTH:
        return ""
    if _ACKNOWLEDGES.search(start):
        return "the text is a system's acknowledgement"
    away = _AWAY.search(start)
    if away and _NOTICE.search(start[: away.start()] + " " + start[away.end() :]):
        return "the text is an absence notice"
    return ""


def bare_subject(subject: str) -> str:
    """Return a subject folded, in lower case, without the prefixes of answers and forwards."""
    position = 0
    while (found := _PREFIX.match(subject, position)) is not None:
        position = found.end()
    return " ".join(fold(subject[position:]).lower().split())


def repeated_prefixes(subject: str) -> bool:
    """Whether "Auto:" stands twice among a subject's prefixes, or four prefixes of any kind do (#1)."""
    prefixes: list[str] = []
    position = 0
    while (found := _PREFIX.match(subject, position)) is not None:
        prefixes.append(found[1].lower())
        position = found.end()
    return prefixes.count("auto") > 1 or len(prefixes) >= _MANY_PREFIXES
