"""The words that mail programs put around what they quote, in the languages of their menus.

What is not listed here is still known by its shape where that is certain: an address in angle brackets
before a colon, or three fields below Outlook's own line.
"""

import re
from collections.abc import Mapping
from typing import Final

_FROM = """
From|Oddi wrth|Von|De|De la|Od|Da|Van|Från|Fra|Lähettäjä|Kimden|Gönderen|Feladó|Від|Від кого|От|От кого|Από
Nga|Nuo
Từ|من|منجانب|از|ਵੱਲੋਂ|থেকে|প্রেরক|તરફથી|પ્રેષક|प्रेषक|发件人|寄件者|寄件人|差出人|보낸 사람|அனுப்புநர்
"""
_DATE = """
Sent|Date|Anfonwyd|Dyddiad|Gesendet|Datum|Envoyé|Date d'envoi|Enviado|Enviado el|Enviada|Enviada em|Fecha
Data|Inviato
Wysłano|Wysłane|Trimis|Verzonden|Skickat|Sendt|Dato|Lähetetty|Gönderildi|Gönderilme|Tarih|Elküldve|Küldve
Dátum|Odesláno
Odoslané|Надіслано|Дата|Отправлено|Изпратено|Στάλθηκε|Ημερομηνία|Dërguar|Išsiųsta|Nosūtīts|Đã gửi|Ngày
تم الإرسال
تاريخ الإرسال|التاريخ|ارسال کردہ|تاریخ|ارسال شده|ਭੇਜਿਆ|ਮਿਤੀ|পাঠানো হয়েছে|তারিখ|મોકલ્યું|તારીખ|भेजा गया|दिनांक
发送时间|发送日期|日期|寄件日期|傳送時間|送信日時|日付|보낸 날짜|날짜
"""
_TO = """
To|At|An|À|Pour|Para|A|Do|Către|Aan|Till|Til|Kime|Alıcı|Címzett|Komu|Кому|До|Προς|Për|Kam|Đến|Tới|إلى|بنام|به
ਪ੍ਰਤੀ
প্রাপক|প্রতি|પ્રતિ|प्रति|收件人|收件者|宛先|받는 사람|பெறுநர்
"""
_SUBJECT = """
Subject|Pwnc|Betreff|Objet|Sujet|Asunto|Assunto|Oggetto|Temat|Subiect|Onderwerp|Ämne|Emne|Aihe|Konu|Tárgy
Předmět|Predmet
Тема|Относно|Θέμα|Subjekti|Temats|Chủ đề|الموضوع|موضوع|عنوان|ਵਿਸ਼ਾ|বিষয়|વિષય|विषय|主题|主題|主旨|件名
제목|பொருள்
"""
_MORE = (
    "Cc|Bcc|Cci|Kopie|Copie|CC|DW|Kopia|Reply-To|Importance|Priority|Attachments|Копія|Копия|抄送|副本|نسخة"
)


def _listed(words: str) -> list[str]:
    return [word for line in words.strip().split("\n") for word in line.split("|")]


FIELDS: Final[Mapping[str, str]] = {
    word.casefold(): kind
    for kind, words in (("more", _MORE), ("subject", _SUBJECT), ("to", _TO), ("date", _DATE), ("from", _FROM))
    for word in _listed(words)
}
"""The labels of Outlook's block of fields, folded, and what each says: from, date, to, subject or more."""

FORWARDED: Final = re.compile(
    r"forwarded message|weitergeleitete nachricht|message transféré|message réexpédié|mensaje reenviado"
    r"|mensagem (?:encaminhada|reencaminhada)|messaggio inoltrato|wiadomość przekazana"
    r"|przekazan\w* wiadomoś\w*"
    r"|mesaj redirecționat|mesaj redirecţionat|doorgestuurd bericht|vidarebefordrat meddelande"
    r"|videresendt|továbbított üzenet|iletilen (?:ileti|mesaj)|yönlendirilmiş ileti"
    r"|переслан\w+ (?:сообщени|лист|повідомлен)"
    r"|пересылаемое сообщение|转发的?邮件|轉寄的?郵件"
    r"|الرسالة المُ?عاد توجيهها|رسالة مُ?حوّ?لة|neges a anfonwyd ymlaen",
    re.IGNORECASE,
)
"""What stands between hyphens above a forwarded message."""

FORWARD_BEGINS: Final = re.compile(
    r"[ \t*]*(?:begin forwarded message|anfang der weitergeleiteten (?:nachricht|e-mail)"
    r"|début du (?:message|courriel) (?:transféré|réexpédié)|inicio del mensaje reenviado"
    r"|inizio messaggio inoltrato"
    r"|início da mensagem (?:encaminhada|reencaminhada)|początek przekazywanej wiadomości"
    r"|început mesaj redirecționat|begin doorgestuurd bericht|vidarebefordrat brev|iletilen ileti başlangıcı"
    r"|开始转发的邮件|початок листа, що пересилається|начало переадресованного сообщения"
    r"|بداية الرسالة المُعاد توجيهها|dechrau'r neges a anfonwyd ymlaen)[ \t]?:",
    re.IGNORECASE,
)
"""Apple's line above a forwarded message."""

ORIGINAL: Final = re.compile(
    r"original message|ursprüngliche nachricht|originalnachricht|message d['’]origine|message original"
    r"|mensaje original|mensagem original|messaggio originale|oryginalna wiadomość|wiadomość oryginalna"
    r"|mesaj(?:ul)? original|oorspronkelijk bericht|ursprungligt meddelande|oprindelig meddelelse"
    r"|eredeti üzenet|původní (?:zpráva|e-mail)|pôvodná správa|özgün ileti|orijinal (?:mesaj|ileti)"
    r"|asıl mesaj"
    r"|исходное сообщение|оригинал\w* сообщени\w*|оригінальне повідомлення|原始邮件|原始郵件|元のメッセージ"
    r"|الرسالة الأصلية|اصل پیغام|neges wreiddiol|origjinal",
    re.IGNORECASE,
)
"""What stands between hyphens above the message that is answered."""

BEGINNINGS: Final = re.compile(
    r"[ \t]*(?:on|ar|am|le|el|en|il(?: giorno)?|em|no dia|às|op|dnia|w dniu|wiadomość napisana|den|pe|în"
    r"|in data|في|在"
    r"|στις|na|на|vào|më|den)\b",
    re.IGNORECASE,
)
"""How the line above a quotation begins, where it does not begin with a day or a name."""

WROTE: Final = re.compile(
    r"\b(?:wrote|writes|ysgrifennodd|schrieb|schreef|a écrit|escribió|ha scritto|escreveu"
    r"|napisał(?:\(a\)|a)?|pisze|napisana"
    r"|a scris|skrev|kirjoitti|(?:şunu|şunları) yazdı|yazdı|írta|napsal\(?a?\)?|napísal\(?a?\)?|пише"
    r"|написа[вл]?\w*|пишет"
    r"|έγραψε|shkroi|rašė|rakstīja|đã viết)\b"
    r"|写道|寫道|كتبت?|كتابة|نے لکھا|ਨੇ ਲਿਖਿਆ|লিখেছেন|એ લખ્યું|ने लिखा|のメール|님이 작성",
    re.IGNORECASE,
)

FORWARD_SUBJECT: Final = re.compile(
    r"\s{0,9}(?:fwd?|wg|tr|rv|enc|vs|vb|i|pd|yml|doorst|ilt|i̇lt|továbbítás|пер|转发|轉寄"
    r"|إعادة توجيه)\s{0,2}[:：]",
    re.IGNORECASE,
)

REPLY_SUBJECT: Final = re.compile(
    r"\s{0,9}(?:re|aw|sv|antw|odp|ynt|r|rif|res|atb|vs|vá|відп|ответ|отв|απ|回复|回覆|答复|رد"
    r"|پاسخ)\s{0,2}(?:\[\d{1,3}\])?[:：]",
    re.IGNORECASE,
)

BELOW: Final = re.compile(
    r"\b(?:see|read|look|answer\w*|comment\w*|repl(?:y|ies|ied)|respon[ds]\w*)\b[^.\n]{0,40}"
    r"\b(?:below|beneath|underneath|in-?line|in (?:red|blue|green|bold|capitals|caps|colou?r))\b"
    r"|\b(?:see|find|read)\b[^.\n]{0,20}\bmy (?:answers?|comments?|replies|notes)\b"
    r"|\bbelow\b[^.\n]{0,20}\b(?:answers?|comments?|replies|message|e-?mail)\b"
    r"|\b(?:here|this) is what\b[^.\n]{0,30}\b(?:wrote|writes|sent|said|got|received)\b|\bi (?:copy"
    r"|paste|(?:have|am|will) (?:copied|pasted|copying|pasting"
    r"|forwarding))\b"
    r"|\b(?:siehe unten|weiter unten|ci-dessous|más abajo|abaixo|qui sotto|di seguito|poniżej|mai jos"
    r"|aşağıda\w*|isod|hoos)\b"
    r"|нижче|ниже|见下|見下|أدناه|نیچے|ਹੇਠਾਂ|নিচে|નીચે|नीचे",
    re.IGNORECASE,
)
"""Words that send the reader into what stands below."""
