"""What a sender whose address nobody knows shows by the words: a parent or carer, a pupil, a colleague.

The first version: each form that is found gives points; the kind with the most wins if it has enough.
"""

import re

from triage.domain.model import SenderKind
from triage.domain.names import fold

ENOUGH = 2

_CHILD = (
    r"(?:sons?|daughters?|child|children|kids?|boys?|girls?|lad|twins|eldest|youngest"
    r"|grand-?(?:sons?|daughters?|child|children)"
    r"|step-?(?:son|daughter|child)|foster (?:son|daughter|child)|nephew|niece)"
)
_CARER = (
    r"(?:mum|mom|mam|mummy|mother|dad|daddy|father|parents?|carers?|guardian|gran|grandma|granny|nan|nana"
    r"|nain|taid|mamgu|tadcu|grandad|granddad|grandpa|grandfather|grandmother"
    r"|step-?(?:mum|dad|mother|father)|aunt(?:ie)?|uncle)"
)

# "My son", "my daughter" in the languages that parents write in, folded like the text.
_FOREIGN_CHILD = fold(
    r"(?:mon fils|ma fille|mein sohn|meine[rn]? (?:sohn|tochter)|mi hij[oa]|meu filho"
    r"|minha filha|mio figlio|mia figlia|mijn (?:zoon|dochter)|m[oó]j(?:a|ego|ej)? (?:syna?|córk[ai])"
    r"|fiul meu|fiica mea"
    r"|(?:fy|ein) (?:mab|merch)|mano (?:sūnus|dukra)|мій син|моя (?:донька|дочка|дочь)|мой сын|ابني|ابنتي"
    r"|میرا بیٹا|میری بیٹی|oğlum|kizim|我儿子|我女儿)"
)

_PARENT = (
    (2, rf"\b{_FOREIGN_CHILD}"),
    (2, r"\bi (?:look after|care for|foster) \w"),
    (2, rf"\b(?:his|her|their) {_CARER}\W*$"),
    (2, rf"\bits \w+s {_CARER}\b"),
    (1, r"\b(?:he|she|they)(?:'s| has| is| had| was| are| have) "),
    (1, r"\b(?:off|late|poorly|away|absent) (?:today|tomorrow|school|this (?:morning|week))\b"),
    (1, r"\bkeep(?:ing)? (?:him|her|them)\b|\b(?:collect|pick up) (?:him|her|them)\b|\bappointment\b"),
    (2, rf"\bmy (?:\w+ ){{0,2}}{_CHILD}\b"),
    (1, rf"\bour (?:\w+ )?{_CHILD}\b"),
    (2, rf"\b{_CARER} (?:of|to) \w"),
    (2, rf"\bas (?:his|her|their|a|the) (?:\w+ )?{_CARER}\b"),
    (2, rf"\b(?:i am|i'm|this is|it's|it is) (?:\w+,? ){{0,3}}(?:the |\w+'s? |her |his |their )?{_CARER}\b"),
    (2, rf"\b\w+'s? {_CARER}\W*$"),
    (1, rf"\b\w+'s {_CARER}\b"),
    (
        1,
        r"\b(?:he|she|they)(?: has| have|'s|'ve)? (?:won't|will not|can't|cannot|isn't|is not|been) ",
    ),
    (1, r"\b(?:won't|will not|can't|cannot|not) (?:be (?:in|at school|able to attend|coming)|come in)\b"),
    (1, r"\b(?:is|been|feeling) (?:very |so |really )?(?:poorly|unwell|ill|sick|not well|absent)\b"),
    (
        1,
        r"\b(?:his|her|their) (?:homework|teachers?|(?:form )?tutor|lessons?|report|lunch|bag|kit|form)\b",
    ),
)
_PUPIL = (
    (2, r"\bi(?:'m| am) in (?:your|year \d|y\d|\d{1,2}[a-z]\b)"),
    (1, r"\b(?:hi|hello|dear|hey|morning) (?:sir|miss)\b"),
    (1, r"^(?:sir|miss)\b"),
    (1, r"\bmy (?:mum|dad|parents)(?: says?| said| thinks?|'s| is| are| can| will)\b"),
    (1, r"\bmy (?:homework|essay|coursework|planner|detention|mocks?|gcses?|revision|locker|form tutor)\b"),
    (1, r"\bi (?:can't|cant|couldn't|couldnt|didn't|didnt) (?:find|do|open|finish|understand|hand)\b"),
    (1, r"\b(?:can|could|may) i (?:hand|have an extension|retake|go to|do it|come to|swap)\b"),
)
_STAFF = (
    (1, r"\bstaff ?(?:room|meeting|briefing|training)\b"),
    (1, r"\bp[1-6]\b|\bperiod [1-6]\b"),
    (1, r"\b(?:pigeon ?hole|ppa|slt|break duty|bus duty|twilight|dept|department meeting)\b"),
    (1, r"\bcover (?:for|work|lesson|duty|supervisor|my|your)\b"),
    (1, r"\bmy (?:tutor group|form group|year (?:\d+|group)|y\d+s?|classroom|department|class)\b"),
    (1, r"\b(?:colleagues?|inset|scheme of work|seating plan|data drop|moderation)\b"),
)
_AGENCY = re.compile(
    r"\b(?:on behalf of|invoice|quotation|purchase order"
    r"|our (?:company|products?|services?|clients?|workshops?|agency)"
    r"|nhs|social worker|local authority|council|referral|caseload|solicitors?|constable|pc [a-z]+"
    r"|vacanc(?:y|ies)|educational psychologist|surgery|academy trust|special offer|per cent off|% off)\b"
)
_COMPILED = {
    kind: tuple((points, re.compile(form)) for points, form in forms)
    for kind, forms in (
        (SenderKind.PARENT, _PARENT),
        (SenderKind.PUPIL, _PUPIL),
        (SenderKind.STAFF, _STAFF),
    )
}


def kind_by_words(subject: str, own_text: str, *, names_a_pupil: bool) -> SenderKind:
    """Tell a sender's kind by the words alone: PARENT, PUPIL or STAFF, OTHER when they do not plainly say.

    ``names_a_pupil`` counts for a parent: strangers do not know who is on roll. Linear in the text.
    """
    text = fold(f"{subject}\n{own_text}").lower().strip()
    points = {
        kind: sum(worth for worth, form in forms if form.search(text)) for kind, forms in _COMPILED.items()
    }
    points[SenderKind.PARENT] += names_a_pupil - 2 * bool(_AGENCY.search(text))
    best = max(points, key=lambda kind: points[kind])
    return best if points[best] >= ENOUGH else SenderKind.OTHER
