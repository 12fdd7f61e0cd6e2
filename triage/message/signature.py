"""What a program or a lawyer has put below a letter: signatures, marks of devices, disclaimers, banners.

Each is left out only where it is certain. Below "-- " a sentence stays, for people write below their own
signature too; a disclaimer needs two signs of a lawyer and none of a person.
"""

import re
from collections.abc import Sequence

_SHOWN = 400  # of a line, all that a rule looks at
_LONGEST = 4_000  # of a paragraph, likewise
_MARK = re.compile(r"[ \t]*--[ \t\xa0]*$")
_BRAND = (
    r"(?:i-?(?:phon|pad|pod)|galaxy|samsung|android|black-?berry|huawei|xiaomi|redmi|oneplus|pixel|nokia"
    r"|motorola"
    r"|honor|oppo|xperia|outlook|yahoo|gmail|mail for \w+|aol|proton|windows)"
)
_PRODUCT = (
    rf"(?:{_BRAND}|mail|mobile|(?:smart|tele)?(?:phone|fon)|handy|tablet|device|gerät|appareil|dispositi[vf]"
    r"|dispozitiv|urządzeni|mac)"
)
_EXCUSE = r"(?:[,.;]? ?(?:please |so )?(?:excuse|forgive|pardon|apologies|sorry for)\b.{0,60})?"
_SENT = re.compile(
    rf"[ \t]*sent (?:from|via|with) (?:my (?:[\w®’'-]+ ){{0,3}}{_PRODUCT}|(?:a |an |the )?{_BRAND})[\w®’'-]*"
    r"(?: (?:tab|note|fold|flip|[a-z]{0,2}\d{1,3}\w{0,4}|ultra|plus|pro|max|mini|lite|5g)){0,4}"
    r"(?: (?:smart|mobile |wireless )?(?:phone|device|tablet|10|11|mail|mobile|secure email)){0,3}"
    r"(?: (?:on|for|from|with|via|in) (?:[\w®’'.-]+ ?){1,4})?"
    rf"[.!]?(?: ?<[^<>]*>)?{_EXCUSE}[ \t]*$",
    re.IGNORECASE,
)
_SENT_ELSEWHERE = re.compile(
    r"[ \t]*(?:envoyé (?:de|depuis|à partir de|avec) |von mein|gesendet (?:von|mit) "
    r"|diese nachricht wurde von mein"
    r"|enviado (?:desde|do|da|de|com|con) |inviato da|wysłan[eo] z |trimis (?:de pe|din|cu) "
    r"|verzonden (?:vanaf|met)"
    r"|verstuurd vanaf|skickat från|sendt fra|lähetetty|odesláno z|odoslané z|надіслано з |отправлено с "
    r"|изпратено от"
    r"|στάλθηκε από|anfonwyd (?:o|gan) |发自|發自|从我的|從我的|أُ?رسلت? من|بھیجا گیا|dërguar nga|išsiųsta iš"
    r"|nosūtīts no"
    r"|poslano |đã gửi từ|iphone.{0,3}dan gönderildi|az .{0,30}küldve|.{0,30}(?:cihazımdan"
    r"|telefonumdan) gönderildi)"
    r"(?:[^,;:?!.]|[.!](?!\s+\w)){0,70}$",
    re.IGNORECASE,
)
_NAMED = re.compile(_PRODUCT, re.IGNORECASE)
_GET_OUTLOOK = re.compile(
    r"[ \t]*(?:get|download|obtenir|télécharge[rz]|obtener|obtén|obter|obtenha|ottieni|scarica|pobierz"
    r"|uzyskaj"
    r"|holen sie sich|laden sie|descărcați|obțineți|获取|下載|取得|احصل على|отримати|завантажити|скачать"
    r"|получить|hämta|hent"
    r"|cael|lawrlwytho|android için|ios için|outlook (?:für|voor)).{0,40}$",
    re.IGNORECASE,
)
_OUTLOOK = re.compile(
    r"\boutlook\b.{0,25}\b(?:ios|android|windows|mac)\b|(?:ios|android) için outlook", re.IGNORECASE
)
_LINK = re.compile(r"<[^<>]*>|https?://\S+")
_ADVERTISED = re.compile(
    r"[ \t]*(?:yahoo mail: .{0,40}|\[?avast logo\]?.{0,40}|virus-?free\.? ?(?:www\.)?\S*"
    r"|(?:this|diese) (?:e-?mail|nachricht|message) (?:has been|was|wurde) (?:checked|scanned|geprüft"
    r"|auf viren).{0,90}"
    r"|please (?:consider|think of) the environment before printing.{0,40}"
    r"|think (?:of the environment )?before (?:you )?print.{0,40}"
    r"|registered (?:office|in (?:england|scotland|wales))\b.{0,200}|company (?:registration )?(?:no"
    r"|number)\b.{0,100}"
    r"|www\.avast\.\S{1,30})[ \t]*$",
    re.IGNORECASE,
)
_BANNER = re.compile(
    r"(?:[\W_]{0,9}(?:caution|warning|attention|external(?: e-?mail| sender)?|be careful)[\W_]{1,9})?"
    r"(?:this (?:e-?mail|message) (?:has )?(?:originat\w{1,5}|came|comes|was (?:sent|received)"
    r"|is)\s(?:from )?(?:someone )?"
    r"(?:from )?(?:an )?(?:outside|external)[^.\n]{0,60}(?:\n[^.\n]{1,60})?\."
    r"(?:\s(?:please )?(?:do not|don['’]t|never|only|exercise|take care)[^.]{0,200}\.){0,3}"
    r"|you don['’]t often get email from [^\s]{1,90} ?learn why this is important(?: ?<[^<>]{0,200}>)?)\s*",
    re.IGNORECASE,
)
_HINTS = ("outside", "external", "often get email")  # no banner is without one
_LEGAL_BEGINNING = re.compile(
    r"[\W_]{0,9}(?:(?:confidentiality|privacy|legal|important|private and|strictly)\b|disclaimer|notice\b"
    r"|(?:this|the (?:information|contents?)(?: contained)? (?:in|of) this) (?:e-?mail|message"
    r"|communication|transmission)"
    r"|diese (?:e-?mail|nachricht)|ce (?:message|courriel|mail)|este (?:mensaje|correo|e-?mail)|esta mensagem"
    r"|questo messaggio|questa e-?mail|(?:ta|niniejsza) wiadomość|acest (?:mesaj|e-?mail)|bu (?:e-?posta"
    r"|mesaj|ileti)"
    r"|dit bericht|deze e-?mail|mae'r (?:e-?bost|neges) h[wo]n)",
    re.IGNORECASE,
)
_LEGAL = re.compile(
    r"confidential|privileged|intended|addressee|received (?:this|it)\b.{0,60}\berror|disclos|disseminat"
    r"|distribut"
    r"|prohibited|unlawful|virus|liab|views expressed|delete|notify|vertraulich|bestimmt|irrtümlich"
    r"|destinat|confiden"
    r"|erreur|riservat|errore|poufn|adresat|omyłk|gizli|alıcı|vertrouwelijk|geadresseerde|[cg]yfrinach"
    r"|derbynn|gamgymeriad",
    re.IGNORECASE,
)
# One of these must be among them: people ask for silence too, "confidential, please delete it".
_LAWYERS = re.compile(
    r"intended (?:recipient|solely|only|for the)|addressee|\berror|liab|virus|prohibited|unlawful"
    r"|privileged|adressat"
    r"|irrtümlich|destinat|adresat|omyłk|alıcı|erreur|geadresseerde|derbynn|gamgymeriad",
    re.IGNORECASE,
)
_PERSON = re.compile(
    r"\b(?:i|i'm|me|my|we['’]ve|he|she|him|her|his|they['’]ve|son|daughter|child(?:ren)?|kids?|boys?|girls?"
    r"|mum|dad|mother|father|step\w+|brothers?|sisters?|uncles?|aunt\w*|cousins?|gran\w*|nan|baby|husband|wife"
    r"|boyfriend|girlfriend|teachers?|pupils?|police|year \d{1,2}|ich|mein\w*|je|mon|ma|mi|mój"
    r"|moje?j?)\b",
    re.IGNORECASE,
)
# "He hits me" needs no full stop to be a letter; "she/her" is part of a signature.
_OF_PEOPLE = re.compile(
    r"(?<!/)\b(?:i|i'm|me|my|we|us|he|she|him|her|his|they|them|help|ich|mich|mir|je|moi|yo|ja|mnie)\b(?!/)",
    re.IGNORECASE,
)
_POSTSCRIPT = re.compile(r"[ \t]*p\.? ?s\.?\b", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_WIDE = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]")
_LISTED = re.compile(r"[|•·]")  # between the parts of an advertisement or an address
_SIGNATURE_LINES = 12
_FEWEST, _FEW, _MANY, _MANY_WIDE = 3, 4, 9, 12


def without_signature(lines: Sequence[str], *, block: bool = True) -> list[str]:
    """Return lines without what programs and lawyers have put below them. Linear, never raises.

    ``block`` tells whether what stands below "-- " goes too.
    """
    above = _without_block(lines) if block else [line for line in lines if not _MARK.match(line)]
    kept = [line for line in above if not _is_of_a_program(line[:_SHOWN])]
    text = "\n".join(kept)
    if any(hint in text.lower() for hint in _HINTS):
        text = _BANNER.sub("", text[:_LONGEST]) + text[_LONGEST:]
    return "\n\n".join(each for each in text.split("\n\n") if not _is_legal(each[:_LONGEST])).split("\n")


def _without_block(lines: Sequence[str]) -> list[str]:
    """Leave out what stands below "-- ", but for paragraphs that say something."""
    marks = [index for index, line in enumerate(lines) if _MARK.match(line)]
    at = next((mark for mark in marks if not _is_letter(lines, mark + 1)), len(lines))
    above = [line for line in lines[:at] if not _MARK.match(line)]
    below = "\n".join(lines[at + 1 :]).split("\n\n")
    said = [each for each in below if any(_says_something(line) for line in each.split("\n"))]
    return [*above, *"\n\n".join(["", *said]).split("\n")] if said else above


def _is_letter(lines: Sequence[str], index: int) -> bool:
    """Whether the first paragraph from here on says something: "--" is then no more than a rule."""
    below = lines[index : index + _SIGNATURE_LINES]
    first = next((at for at, line in enumerate(below) if line.strip()), 0)
    end = next((at for at in range(first, len(below)) if not below[at].strip()), len(below))
    return any(_says_something(line) for line in below[first:end])


def _says_something(line: str) -> bool:
    """Whether a line is more than a name, a place or a number."""
    shown = line[:_SHOWN].strip()
    if not shown or _LISTED.search(shown) or _is_of_a_program(shown) or _LEGAL_BEGINNING.match(shown):
        return False
    words = len(_WORD.findall(shown))
    ends = shown.endswith((".", "?", "!", "。", "？", "！", "۔", "؟", "।"))
    wide = len(_WIDE.findall(shown)) >= _MANY_WIDE
    said = words >= _MANY or (ends and words >= _FEW) or (words >= _FEWEST and _OF_PEOPLE.search(shown))
    return bool(said or wide or _POSTSCRIPT.match(shown))


def _is_of_a_program(line: str) -> bool:
    bare = _LINK.sub("", line).strip()
    if not bare:
        return False
    sent = _SENT.match(line) or (_SENT_ELSEWHERE.match(bare) and _NAMED.search(bare))
    got = _GET_OUTLOOK.match(bare) and _OUTLOOK.search(bare)
    return bool(sent or got or (_ADVERTISED.match(bare) and not _PERSON.search(bare)))


def _is_legal(paragraph: str) -> bool:
    # "This email is confidential: my son …" is a parent's sentence, not a lawyer's.
    text = paragraph.replace("\n", " ").strip()
    if not _LEGAL_BEGINNING.match(text) or _PERSON.search(text):
        return False
    return bool(_LAWYERS.search(text)) and len({sign.lower() for sign in _LEGAL.findall(text)}) > 1
