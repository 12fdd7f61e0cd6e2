"""The words around a name that turn a mention into an accusation, and the posts that stand for a person.

All patterns are for text that is folded and in lower case. They would rather name a member of staff too often
than too seldom: to name one only narrows who may read the message.
"""

import re


def _either(*forms: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(forms)})\b")


ACT = _either(
    # what is done to a body
    r"abus\w+|assault\w*|beats?|beaten|beating|bit|bitten|biting|bruis\w+|burn\w*|cane[ds]?|chok\w+",
    r"cuddl\w+|dragg?\w*|fondl\w+|grabb?\w*|gripp\w+|grop\w+|hits?|hitting|hugg\w*|hurt\w*|injur\w+",
    r"kick\w*|kiss\w*|lick\w*|manhandl\w+|massag\w+|molest\w*|pinch\w*|pinned|pok\w+|pull\w*|punch\w*",
    r"push\w*|rap(?:e|es|ed|ing)|rapist|restrain\w*|rubb?\w*|scratch\w*|shak\w+|shook|shov\w+",
    r"slapp?\w*|smack\w*|spank\w*|spat|spit\w*|squeez\w+|strangl\w+|strik(?:es|ing)|struck|strok\w+",
    r"threw|throw\w*|tickl\w+|tied|touch\w*|tripp\w+|twist\w*|whack\w*",
    # what is done with clothes, pictures and messages
    r"chang(?:ed|ing) rooms?|expos\w+|film\w*|flash\w*|groom\w*|grinding|indecen\w+|intima\w+|lap|lewd",
    r"masturbat\w*|naked|nudes?|nudity|obscen\w+|paedo\w*|pedo\w*|perv\w*|photo\w*|pictures?|porn\w*",
    r"private parts|privates|selfies?|sex\w*|snapchat\w*|strip\w*|trousers|undress\w*|unzip\w*|videos?",
    r"alone with|behind (?:a )?locked doors?|dm(?:s|ed|ing)?|flirt\w*",
    r"follow(?:ed|s) (?:him|her|them|my)|girlfriend|boyfriend|gifts?|inappropriate\w*",
    r"(?:at|to|in) his (?:home|house|flat|car)|(?:at|to|in) her (?:home|house|flat|car)",
    r"his (?:hands?|fingers?)|in love with|messag(?:ed|es|ing)|relationship with|secrets?",
    r"sleeping with|slept with|stalk\w*|text(?:ed|ing|s)",
    # what frightens
    r"blackmail\w*|bull(?:y|ied|ies|ying)|drunk|frighten\w*|hands on|intimidat\w+|locked",
    r"scar(?:ed|es|ing) (?:of|him|her|them)|scream\w*|shout\w*|terrif\w+|terror\w*|threat\w*",
    r"uncomfortable|creep\w*|weird",
    # what an agency calls it
    r"allegations?|alleged|(?:conduct|behaviour) (?:of|towards?)",
)
"""What may have been done to a child."""

BLAME = _either(
    r"accus\w+|angry (?:at|with)|appall\w+|against|attitude|belittl\w+|biased|blam\w+|careless\w*",
    r"complain\w*|complaint|cruel\w*|degrad\w+|demean\w+|disciplin\w+|discriminat\w+|disgrac\w+",
    r"disgust\w+|dishonest\w*|dismiss\w*|disrespect\w*|embarrass\w+|fail(?:ed|s|ing)|favourit\w+",
    r"harass\w*|hates?|horrible|humiliat\w+|idiot|ignor\w+|incompeten\w+|insult\w*|laugh\w+ at|liar",
    r"lied|lies|lying|mean to|mock\w*|nasty|neglect\w*|negligen\w+|pathetic|picked on|picking on",
    r"pick on|prejudic\w+|punish\w+|racis\w+|refus\w+|ridicul\w+|rude\w*|sack\w*|sarcas\w+|shambles",
    r"sham(?:e|ed|eful|ing)|single[sd]? out|singling out|spiteful\w*|swore|swear\w*|target\w*",
    r"did nothing|done nothing|does nothing|unacceptable|unfair\w*|unjust\w*|unkind\w*",
    r"unprofessional\w*|useless|victimi\w+|yell\w*|disappoint\w+|not (?:fit|listen\w*|care|bother\w*)",
    r"couldnt care|never (?:listens?|replies|replied)",
)
"""What a member of staff may be blamed for."""

TOLD = re.compile(
    r"\b(?:told|tells?|telling|inform(?:ed|ing)?|rang|ring|phoned|e-?mailed|wrote to|written to|ask(?:ed)?"
    r"|contact(?:ed)?|thank(?:ed)?|disclosed (?:it |this )?to|confided in"
    r"|(?:spoken?|speak|speaking|talk|talked|talking) (?:to|with)"
    r"|(?:report|reported|pass|passed|forward|forwarded|mentioned|said)(?: it| this)?(?: on)? to)"
    r"\s+(?:(?:the|our|your|my|her|his|their|a) )?$"
)
"""What stands right before a person who was told, and so is not the one who did it."""

DIRECTED = re.compile(
    r"\b(?:for the attention of|attn:?|f\.?a\.?o\.?:?|have"
    r"|(?:get|give|send|show|pass|forward) this (?:on )?to)"
    r"\s+(?:(?:the|our|your) )?$"
)
"""What stands right before a person to whom a message shall be handed on, or who shall ring back."""

TO_STOP = re.compile(r"\W{0,3}(?:not to|to (?:stop|leave|keep)|off)\b")
"""What stands right after a person who was told off: that person did it after all."""

ELSEWHERE = _either(
    r"neighbou?rs?|next door|(?:across|over|down|up) the (?:road|street)|landlord|landlady|lodger",
    r"solicitor|gp|surgery|clinic|hospital|consultant|social worker|police|vicar|priest|childminder",
    r"babysitter",
    r"(?:\w+s|her|his|their|my) (?:mum|mother|dad|father|uncle|aunt|auntie|gran|grandad|grandfather|stepdad)",
    r"(?:family|a) friend|friend of the family|bus driver|taxi driver",
)
"""Who a titled name is that is not of the school."""

YOU = re.compile(
    r"\byour (?:attitude|behaviour|conduct|manner|tone|hands)\b|\bthe way (?:that )?you\b"
    r"|\byou (?:have |had |then |just |also |even |always |never |keep |kept )*"
    r"(?:abused|accused|belittled|bullied|called|choked|dismissed|dragged|embarrassed|failed|grabbed|groped"
    r"|hit|hitting|humiliated|hurt|hurting|ignored?|ignoring|insulted|kicked|kissed|laughed|lied|locked"
    r"|messaged|mocked|picked on|pinned|punched|punished|pushed|raped|refused?|screamed|shamed|shouted?"
    r"|shouting|slapped|strangled|stroked|swore|texted|threatened|threw|touched|touching)\b"
)
"""What is said straight to the owner of the mailbox."""

STAFF = _either(
    r"teachers?|teaching assistants?|tutor",
    r"(?:dinner|lunch(?:time)?) (?:lad(?:y|ies)|wom[ae]n|staff|supervisors?)",
    r"(?:football|sports|swimming) coach|supervisor|caretaker",
    r"technician|librarian|head of (?:year|department|house)|members? of (?:your |the )?staff",
    r"(?:your|school) staff|(?:deputy|assistant|vice)[- ](?:head\w*|head ?teacher|principal)",
)
"""Somebody of the staff whom the text does not name."""

HEAD = re.compile(
    r"(?<!deputy )(?<!deputy-)(?<!assistant )(?<!assistant-)(?<!vice )(?<!vice-)"
    r"\b(?:head ?teacher|head ?master|head ?mistress|principal)\b|\bthe head\b(?!-? ?(?:of|boy|girl|lice)\b)"
)
DEPUTY_HEAD = re.compile(
    r"\b(?:deputy|assistant|vice)[- ](?:head ?teacher|head ?master|head ?mistress|head|principal)\b"
)
LEAD = re.compile(
    r"(?<!deputy )(?<!deputy designated )"
    r"\b(?:(?:designated )?safeguarding (?:lead\w*|man|woman|lady|person|officer|teacher|guy|bloke|one)"
    r"|head of safeguarding|designated safeguarding|dsl"
    r"|child protection (?:lead|officer|teacher|man|woman))\b"
)
DEPUTY_LEAD = re.compile(
    r"\b(?:deputy (?:designated )?safeguarding(?: lead)?|deputy dsl|ddsl|safeguarding deputy)\b"
)
HEAD_OF_YEAR = re.compile(r"\b(?:head of (?:year|yr)|hoy|year (?:head|leader|manager))\b(?: ?(\d{1,2}))?")
BODY = re.compile(
    r"\b(?:on|in|over|around|across|into|onto|through|hit|hurt|banged|bumped|(?:back|side|top|front) of"
    r"|(?:blow|knock|kick|punch|injury|hit|slap|bump|bang) to) $"
)
"""What stands right before "the head" of a body."""
