"""Automatic answers by their words alone: subjects and opening lines of mail that carries no marker (#7).

The usual systems are known by how their subjects begin; everything else is weighed (``machine_score``).
"""

import re

from triage.domain.machine_forms import words
from triage.domain.machine_score import OPENING_LENGTH, person_points
from triage.domain.names import fold

_PREFIX = re.compile(r"\s*(re|aw|sv|antw|odp|fw|fwd|wg|rv|tr|vs|auto)(?:\[\d+\])?\s*:", re.IGNORECASE)
_MANY_PREFIXES = 4
_A_PERSONS_LETTER = 2

# What an automatic answer is called; a program puts a colon after it, or nothing. Accents are folded away.
_TITLES = (
    # English
    *("automatic reply", "automatic response", "auto reply", "auto-reply", "autoreply", "auto response"),
    *("auto-response", "autoresponse", "out of office autoreply", "vacation response", "vacation reply"),
    *("undelivered mail returned to sender", "delivery status notification"),
    # Welsh, Irish, Polish, Romanian
    *("ateb awtomatig", "freagra uathoibríoch", "automatyczna odpowiedź", "odpowiedź automatyczna"),
    *("autoodpowiedź", "răspuns automat"),
    # German, French, Spanish, Portuguese, Italian, Dutch, the languages of the north
    *("automatische antwort", "abwesenheitsnotiz", "réponse automatique", "respuesta automática"),
    *("resposta automática", "risposta automatica", "automatisch antwoord", "afwezigheidsbericht"),
    *("autosvar", "automatisk svar", "automatiskt svar", "automaattinen vastaus", "sjálfvirkt svar"),
    # Baltic, Hungarian, Slavonic, Turkish, Greek, Albanian
    *("automatinis atsakymas", "automātiskā atbilde", "automaatvastus", "automatikus válasz"),
    *("automatická odpověď", "automatická odpoveď", "automatski odgovor", "samodejni odgovor"),
    *("автоматичен отговор", "автоматична відповідь", "автоматический ответ", "аутоматски одговор"),
    *("otomatik yan\u0131t", "otomatik cevap", "αυτόματη απάντηση", "përgjigje automatike"),
    # Arabic, Urdu, Persian, Hebrew; of India; Chinese, Japanese, Korean; of the south-east; of Africa
    *("رد تلقائي", "خودکار جواب", "پاسخ خودکار", "מענה אוטומטי", "स्वचालित उत्तर", "স্বয়ংক্রিয় উত্তর"),
    *(
        "自动回复",
        "自动答复",
        "自動回覆",
        "自動応答",
        "自動返信",
        "자동 응답",
        "자동 회신",
        "trả lời tự động",
    ),
    *("ตอบกลับอัตโนมัติ", "balasan otomatis", "jawaab toos ah", "jibu la kiotomatiki"),
)
# What a person may write above a letter too.
_LOOSER = (
    *("out of office", "out of the office", "out-of-office", "ooo:", "away from my mail"),
    *("away from the office", "abwesenheitsassistent", "nicht im büro", "absence du bureau"),
    *("absent du bureau", "fuera de la oficina", "fora do escritório", "fuori ufficio", "poza biurem"),
    *("allan o'r swyddfa", "i ffwrdd o'r swyddfa"),
    # delivery and receipts
    *("undeliverable:", "undelivered mail returned"),
    *("mail delivery failed", "mail delivery failure", "mail delivery system", "delivery failure"),
    *("returned mail:", "failure notice", "delivery delayed", "warning: could not send message"),
    *("delivery incomplete", "message not delivered", "not read:", "read receipt", "return receipt"),
    *("report domain:", "unzustellbar:", "non remis", "no se puede entregar"),
)
_CALENDAR_SUBJECTS = (
    *("accepted:", "declined:", "tentative:", "tentatively accepted:", "invitation:", "updated invitation:"),
    *("cancelled:", "canceled:", "cancelled event:", "canceled event:", "new time proposed:"),
    *("angenommen:", "abgelehnt:", "zugesagt:", "accepté :", "zaakceptowano:", "derbyniwyd:"),
)


def _folded(written: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(fold(form).lower() for form in written)


_TITLE_FORMS, _LOOSER_FORMS = _folded(_TITLES), _folded(_LOOSER)
_CALENDAR_FORMS = _folded(_CALENDAR_SUBJECTS)
_AFTER_TITLE = ("", ":", "\uff1a", "]", "(", "-", "/")


def automatic_subject(subject: str, text: str) -> str:
    """Return the automatic answer's form that begins a subject, "" for none (A12: not `Auto:` alone).

    A person answers an automatic reply too, and writes "out of office" above a letter: after "Re:", and
    for what people write, the text must not be plainly a person's.
    """
    bare = bare_subject(subject).lstrip("[(* ")
    title = next((form for form in _TITLE_FORMS if bare.startswith(form)), "")
    if title and not _answers(subject) and bare[len(title) :].strip()[:1] in _AFTER_TITLE:
        return title
    loose = title or next((form for form in _LOOSER_FORMS if bare.startswith(form)), "")
    if not loose:
        return ""
    personal = person_points(words(text[:OPENING_LENGTH])) >= _A_PERSONS_LETTER
    return "" if personal else loose


def calendar_subject(subject: str) -> str:
    """Return the form of a calendar's own message that a subject begins with, "" for none."""
    bare = bare_subject(subject)
    return next((form for form in _CALENDAR_FORMS if bare.startswith(form)), "")


def bare_subject(subject: str) -> str:
    """Return a subject folded, in lower case, without the prefixes of answers and forwards."""
    position = 0
    while (found := _PREFIX.match(subject, position)) is not None:
        position = found.end()
    return " ".join(fold(subject[position:]).lower().split())


def repeated_prefixes(subject: str) -> bool:
    """Whether "Auto:" stands twice among a subject's prefixes, or four prefixes of any kind do (#1)."""
    return repeated_autos(subject) or len(_prefixes(subject)) >= _MANY_PREFIXES


def repeated_autos(subject: str) -> bool:
    """Whether "Auto:", which begins our own replies, stands twice among a subject's prefixes (#1)."""
    return _prefixes(subject).count("auto") > 1


def _prefixes(subject: str) -> list[str]:
    prefixes: list[str] = []
    position = 0
    while (found := _PREFIX.match(subject, position)) is not None:
        prefixes.append(found[1].lower())
        position = found.end()
    return prefixes


def _answers(subject: str) -> bool:
    found = _PREFIX.match(subject)
    return found is not None and found[1].lower() != "auto"
