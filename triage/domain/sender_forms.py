"""The forms of words by which ``sender_words`` tells who writes, each with its points; data, no rules.

All are matched against text that is folded and in lower case. They say who a person is to the school, in
the ways in which people say it; none is about what the message wants.
"""

import re

from triage.domain.model import SenderKind
from triage.domain.names import fold

_CHILD = (
    r"(?:sons?|daughters?|child|children|kids?|boys?|girls?|lad|lass|twins|eldest|youngest|little one"
    r"|grand ?-?(?:sons?|daughters?|child|children|kids?)"
    r"|step ?-?(?:son|daughter|child|kids?)|foster (?:son|daughter|child|lad|girl|boy)|nephew|niece|godson"
    r"|goddaughter|(?:little|younger|small|kid|baby) (?:brother|sister))"
)
_CARER = (
    r"(?:mum|mom|mam|mummy|mother|dad|daddy|father|parents?|(?:foster |kinship |main |respite )?carers?"
    r"|guardian|gran|grandma|granny|nan|nana|nannie|nanny|nain|taid|mamgu|tadcu|grandad|granddad|grandpa"
    r"|gramps|grandfather|grandmother|grandparents?|great ?-?(?:aunt(?:ie|y)?|gran|uncle)"
    r"|step ?-?(?:mum|mam|dad|mother|father|parent)|foster ?-?(?:mum|dad|mother|father|parent)"
    r"|god ?-?(?:mother|father)|aunt(?:ie|y)?|uncle|au pair|child ?-?minder"
    r"|(?:big|older|elder|eldest|grown up) (?:brother|sister)|(?:mum|mam|mom|dad|mother|father)'?s partner)"
)
_NAMED = r"(?!my\b|our\b|your\b|the\b)[^\W\d]{2,}"
_CLASS = r"(?:year ?|yr ?|y)?1?\d ?[a-z]?\b"
_OF_MYSELF = (
    r"(?!\w+ing\b|(?:for|to|with|on|from|about|your|all|not|some|many|that|when|where|if|what|how)\b)"
    r"[^\W\d][\w'-]*"
)
_I_AM = r"(?:i am|i'm|im|this is|it is|it's|its|here is)"

# "My son", "I am the aunt of" in the languages that parents write in, folded like the text.
_FOREIGN = fold(
    r"(?:\b(?:mon fils|ma fille|mes enfants|mein sohn|meine[rn]? (?:sohn|tochter)|mi hij[oa]|meu filho"
    r"|minha filha|mio figlio|mia figlia|mijn (?:zoon|dochter)|m[oó]j(?:a|ego|ej"
    r"|emu)? (?:syna?|synowi|córk[aięo])"
    r"|fiul meu|fiica mea|fiului meu|fiicei mele|nip[oó]te|nepotul meu|nepoata mea"
    r"|(?:fy|ein) (?:mab|merch|wyres|wyr|plentyn)|mano (?:sūnus|dukra|sūnaus|dukros)|mans dels|mana meita"
    r"|a fiam|a lányom|im bir|vajza ime"
    r"|je suis (?:la |le |sa |son )?(?:mere|pere|maman|papa|grand-?mere|grand-?pere|tante|oncle|belle-?mere)"
    r"|ich bin (?:die|der) (?:mutter|vater|oma|opa|grossmutter|grossvater|tante|onkel)"
    r"|soy (?:la|el) (?:madre|padre|mama|papa|abuela|abuelo|tia|tio)"
    r"|sou (?:a |o )?(?:mae|pai|avo|tia|tio|encarregad[ao])"
    r"|sono (?:la |il |lo )?(?:mamma|madre|papa|padre|nonna|nonno|zia|zio)"
    r"|jestem (?:mama|matka|tata|ojcem|babcia|dziadkiem|ciocia|ciotka|wujkiem|opiekunk?a)\w*"
    r"|sunt (?:mama|tatal|tata|bunica|bunicul|matusa|unchiul)\w*"
    r"|(?:mam|tad|nain|taid|mamgu|tadcu|modryb|ewythr) \w+ (?:ydw|dw) i|(?:ydw|dw) i'n (?:fam"
    r"|dad|nain|daid))\b"
    r"|\b(?:мій син|моя (?:донька|дочка|дочь|внучка)|мой (?:сын|внук)|мо[йі]й? (?:онук|дитина)"
    r"|мо(?:й|его|ему|го|єму|єї|ей|ю|ю) (?:сына?|сыну|сина|сину|донечк\w+|доч\w+)"  # noqa: RUF001 - Cyrillic
    r"|я (?:мама|мати|тато|батько|бабуся|папа|отец|мать|бабушка|тетя|тітка))\b"
    r"|ابني|ابنتي|بنتي|ولدي|(?:أنا|انا) (?:والد|والدة|أم|ام|أبو|خالة|عم|جد)"
    r"|میرا بیٹا|میری بیٹی|میرے بیٹے|(?:کا|کی|کے) (?:چچا|ماموں|والد|والدہ|امی|ابو|دادا|دادی"
    r"|نانا|نانی|خالہ|پھوپھی)"
    r"|پسرم|دخترم|oğlum|kizim|benim (?:oglum|kizim)|我儿子|我女儿|我的(?:儿子|女儿|孩子)|我家孩子"
    r"|আমার (?:ছেলে|মেয়ে)|ਮੇਰ[ਾੀ] (?:ਪੁੱਤਰ|ਧੀ)|मेर[ाी] (?:बेटा|बेटी)|con (?:trai|gai) (?:toi|em)|anak saya)"
).lower()

_PARENT = (
    (3, _FOREIGN),
    (
        3,
        (
            rf"\b{_I_AM} (?:{_OF_MYSELF},? ){{0,4}}(?:the |a |an )?{_CARER}\b(?! (?:of the|council"
            rf"|governor|evening|consultation|forum|association))"
        ),
    ),
    (3, rf"\b(?:writing|speaking|mail(?:ing)?|here) as (?:\S+ ){{0,2}}{_CARER}\b|\bmum hat\b"),
    (3, rf"\b{_NAMED}'?s (?:\w+ )?{_CARER} here\b"),
    (2, rf"(?:^|[.!?,\n(-]\s{{0,3}})(?:his|her|their|{_NAMED}'?s) (?:\w+ )?{_CARER}\W*(?:$|\n|\.|\)|,)"),
    (2, rf"\({_CARER}\)|(?:^|\n)\W{{0,5}}(?:\w{{1,20}} )?{_CARER}\W*$"),
    (2, rf"\b{_NAMED}'?s {_CARER}\W*(?:$|\n)"),
    (1, rf"\b{_NAMED}'s {_CARER}\b"),
    (2, rf"\b(?!parents|carers){_CARER} (?:of|to) (?!(?:be|do|the|a|all|any|ring|see|come)\b)\w"),
    (2, rf"\bas (?:his|her|their|a|the) (?:\w+ )?{_CARER}\b"),
    (
        2,
        (
            r"\bi(?:'ve)? (?:look(?:ed)? after|car(?:e|ed) for|foster(?:ed)?|child-?mind"
            r"|nanny for) \w"
        ),
    ),
    (2, rf"\b(?:my|our) (?:\w+ ){{0,2}}{_CHILD}\b"),
    (
        2,
        (
            r"\b(?:my|our) family(?:'s)?\b(?! (?:business|firm|farm|run|owned|company))"
            r"|\bparent portal\b|\bas a (?:family|household)\b"
        ),
    ),
    (2, r"\b(?:doing|do|on) (?:the )?(?:pick ?-?up|school run|drop ?-?off)\b"),
    (
        1,
        (
            r"\b(?:i|we)(?:'ll| will| shall| can|'m| am| are|'re| have to| need to)? (?:be )?"
            r"(?:collect|pick|fetch|get)(?:ing|ting)?(?: up)? \w"
        ),
    ),
    (1, r"\bparents'? evening\b|\bparents'? consultation\b|\b(?:his|her) (?:mum|mam|mother|dad|father)\b"),
    (1, r"\b(?:he|she|they)(?:'s| has| is| had| was| are| have|s) "),
    (
        1,
        (
            r"\b(?!(?:i|we|you|it|they|that|there|this|u|who|which|what|and|or)\b)[^\W\d]{2,} "
            r"(?:could|can|may|might) (?:please )?(?:have|hand|sit|stay|use|drop|move|join|miss|leave)\b"
        ),
    ),
    (
        1,
        (
            r"\b(?:could|can|may|might|let) (?:he|she|they|him|her|[^\W\d]{3,}) (?:please )?"
            r"(?:have|be|hand|sit|stay|go|come|use|bring|wear|join|miss|leave|do|get|move)\b"
        ),
    ),
    (
        1,
        (
            r"\b(?:told|tells|asked|said to|let|keep(?:ing)?|kept|given|give|watched|send(?:ing)?"
            r"|sent) (?:him|her|them)\b"
            r"|\bat (?:his|her) age\b|\b(?:he|she) (?:says|said|tells|came home|comes home|reckons|swears)\b"
        ),
    ),
    (1, r"\b(?:off|late|poorly|away|absent) (?:today|tomorrow|school|this (?:morning|week))\b"),
    (1, r"\b(?:collect|pick up) (?:him|her|them)\b|\bappointment\b"),
    (1, rf"\bour (?:\w+ )?{_CHILD}\b"),
    (1, r"\b(?:he|she|they)(?: has| have|'s|'ve)? (?:won't|will not|wont|can't|cannot|isn't|is not|been) "),
    (
        1,
        (
            r"\b(?:won't|wont|will not|can't|cant|cannot|not) (?:be (?:in|at school"
            r"|able to attend|coming)|come in)\b"
        ),
    ),
    (1, r"\b(?:is|been|feeling) (?:very |so |really )?(?:poorly|unwell|ill|sick|not well|absent)\b"),
    (
        1,
        (
            r"\b(?:his|her|their) (?:homework|teachers?|(?:form )?tutor|lessons?|report|lunch|bag|kit"
            r"|form|coat"
            r"|locker|blazer|shoes|glasses|inhaler|phone|trip)\b"
        ),
    ),
)
_PUPIL = (
    (
        2,
        (
            r"^(?:[^\n]{0,60}\n)?\W*(?:(?:hi|hey|hello|sorry|pls|please|ok),? )?(?:sir|miss) "
            r"(?:i|im|i'm|ive|i've|its|it's|my|me|can|could|the|theres|there's|dont|please|pls|sorry|what|whats"
            r"|when|is|are|do|you|u|he|hes|she|shes|they|someone|something|somebody|ty|we)\b"
        ),
    ),
    (
        2,
        (
            r"\b(?:mum|mam|dad|stepdad|nan)s?(?:'s)? (?:bf|boyfriend|gf|girlfriend|mate)\b"
            r"|\bmy (?:mum|mam|dad|parents?|nan)s? (?:doesn'?t|does not|dont|don't|didn'?t) know\b"
            r"|\b(?:dont|don't|do not|not) (?:tell|ring|phone|write|email) "
            r"(?:(?:to )?home|my (?:mum|mam|dad|parents?|nan))\b"
            r"|\b(?:dont|don't|do not) (?:say i told|want (?:her|him|them|my \w+) to know)\b"
            r"|\bmade me promise\b"
        ),
    ),
    (
        3,
        (
            rf"\b{_I_AM} (?!\w+ing\b|(?:about|re|for|the|a|an|not|no|my|our|his|her|from)\b)"
            rf"(?:[^\W\d][\w-]*,? ){{1,3}}(?:from |in |of |\()?{_CLASS}(?!'?s\b)"
        ),
    ),
    (3, rf"\b(?:i am|i'm|im) (?:also )?in (?:your|{_CLASS}|the same (?:year|class|form|set))"),
    (
        2,
        (
            r"\bin our (?:year|class|form|set|tutor|lesson)\b|\b(?:whole|our) class\b"
            r"|\bour (?:year(?! ?\d)|tutor|teacher)\b"
        ),
    ),
    (
        2,
        (
            r"\bmy (?:mates?|best mate|best friend) (?:at|in|is|says|said|and|has)\b"
            r"|\bme and my (?:mates?|friends?)\b"
        ),
    ),
    (
        1,
        (
            r"(?:^|\n)(?:hi|hello|dear|hey|morning|yo|ok|hiya)?,? ?(?:sir|miss)\b|\b(?:thanks"
            r"|thank you|ty|pls|please) (?:sir|miss)\b"
        ),
    ),
    (
        1,
        (
            r"\bmy (?:mum|dad|mam|nan|parents|mums|dads)\b|\b(?:mum|dad|mam)s? (?:has to|says|said|isn'?t|not"
            r"|wont|won't|is|can)\b"
        ),
    ),
    (
        1,
        (
            r"\bmy (?:homework|hw|essay|coursework|planner|detention|mocks?|gcses?|revision"
            r"|locker|form tutor|predicted"
            r"|bus pass|timetable|teachers?|lessons?|options|exam)\b"
        ),
    ),
    (
        1,
        (
            r"\bi (?:can't|cant|couldn't|couldnt|didn't|didnt|forgot|left|lost|dont|don't|missed) "
            r"(?:\w+ )?(?:find|do|open|finish|understand|hand|get|log|see|sheet|worksheet|book|homework)\b"
        ),
    ),
    (
        1,
        r"\b(?:can|could|may) i (?:hand|have an extension|retake|resit|go to|do it|come to|swap|move|drop)\b",
    ),
    (
        1,
        (
            r"\b(?:ur|your) (?:lessons?|class) (?:is|are|was|r)\b|\byou (?:set|gave|made) us\b"
            r"|\b(?:u|ur) (?:set|gave) us\b"
        ),
    ),
    (
        1,
        (
            r"\bat break\b|\bin (?:the )?(?:\w+ )?(?:toilets|loos)\b|\bin p ?\d\b"
            r"|\b(?:dont|don't|do not|please dont) (?:say"
            r"|tell (?:them|him|her|anyone))"
            r"(?: who)?\b|\bnot giving names\b"
        ),
    ),
)
_STAFF = (
    (
        2,
        (
            r"\b(?:i work|i've worked|i have worked|i worked|i used to work|working) (?:here"
            r"|with you|at (?:the )?school|"
            r"(?:in|at) (?:the |this |your )?(?:building|school|staff|office|kitchen|department"
            r"|canteen|oakfield))\b"
        ),
    ),
    (
        2,
        (
            r"\bi (?:was|am) in the \w+ (?:team|office|department|faculty)\b|\b(?:a"
            r"|your) (?:former )?colleague\b"
        ),
    ),
    (2, r"\b(?:as|on|your|the|doing) supply\b(?! (?:of|chain))|\b(?:prep room|work ?room) ?"),
    (1, r"\bstaff ?room\b"),
    (2, r"\b(?:had|taught|took|got|covered) (?:your|my) (?:lot|class|set|form|year \d+s?|\d{1,2}[a-z])\b"),
    (1, r"\bstaff ?(?:meeting|briefing|training|bulletin|toilet|car park)\b|\bbriefing\b"),
    (1, r"\bp[1-6]\b|\bperiod [1-6]\b|\bschool (?:mail|email|e-mail|system|laptop)\b|\bsims\b"),
    (
        1,
        (
            r"\b(?:pigeon ?hole|ppa|slt|break duty|bus duty|gate duty|twilight|dept"
            r"|department meeting|registers?)\b"
        ),
    ),
    (1, r"\bcover (?:for|work|lesson|duty|supervisor|my|your)\b|\b(?:my|the) (?:lab|technicians?|ta)\b"),
    (1, r"\bmy (?:tutor group|form group|year (?:\d+|group)s?|y\d+s?|classroom|department|class(?:es)?)\b"),
    (1, r"\b(?:colleagues?|inset|scheme of work|seating plan|data drop|moderation|marking|union rep)\b"),
)
AGENCY = re.compile(
    r"\b(?:on behalf of|invoice|quotation|purchase order|we act for|for the attention of|in proceedings"
    r"|our (?:company|products?|services?|clients?|workshops?|agency|members?|branch|students"
    r"|learners|patients"
    r"|organisation|charity|records|team|shelter|clinic)"
    r"|(?:the )?nhs trust|social worker|duty (?:sw|worker|officer|team)|local authority|county council"
    r"|we (?:had|have) (?:a|two|three) (?:boy|girl|lad|young)"
    r"|referral order|caseload|case ?worker|youth justice|constable|pcs?o? [a-z]+"
    r"|(?:the |our )(?:duty|key|support) worker|the above (?:child|pupil|student)|police (?:powers|officer)"
    r"|dear (?:safeguarding lead|dsl|designated \w+ lead)|(?:we|i) (?:hereby )?notify you|driver reports"
    r"|vacanc(?:y|ies)|educational psychologist|surgery|academy trust|special offer|per cent off|% off"
    r"|ctf|(?:offered|discharged|referred) (?:\w+ ){0,3}(?:sessions|with us|to us)|with (?:our|your) senco)\b"
    r"|\d ?% off"
)
NOT_OURS = re.compile(
    r"\b(?:not (?:at|from) your school|(?:isn't|not) one of yours|no pupil of yours"
    r"|(?:at|goes to) (?:another|a different) school)\b"
)
ORGANISATION = re.compile(r"@(?:[^@]*\.)?(?:police|nhs|gov|sch|ac|council|cafcass)\.[a-z.]+$")
ROLE_ADDRESS = re.compile(
    r"(?:office|info|hello|admin|enquir\w*|contact|learning|secretary|bookings?|sales|team|clinic|reception"
    r"|accounts?|support|events?|education|schools?|press|news\w*|marketing|recruit\w*|jobs?|shift|duty|edt"
    r"|help\w*|service\w*|referrals?|safeguarding|mash|lado|family|membership|orders?"
    r"|no-?reply)(?:[.+_-]\S*)?@"
)
TEXTING = re.compile(r"\b(?:u|ur|r|innit|lol|bc|cos|tmrw|ty|pls|plz|idk|wtf|gonna|im|dont)\b")

FORMS = {
    kind: tuple((points, re.compile(form)) for points, form in forms)
    for kind, forms in (
        (SenderKind.PARENT, _PARENT),
        (SenderKind.PUPIL, _PUPIL),
        (SenderKind.STAFF, _STAFF),
    )
}
