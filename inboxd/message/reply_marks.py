"""The marks that mail programs put between an answer and the mail it answers, in the languages they speak.

Patterns look at one line, or at a bounded number of lines: that is what keeps the scan linear. Published ones let `.*`
run over lines and take 24 seconds for 20 KB of `On a a a`.
"""

import re
from typing import Final

_WEEKDAYS: Final = r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*"
_MONTHS: Final = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"

_OPENING_WORDS: Final = (
    r"on|le|am|el|il(?:\s+giorno)?|in\s+data|em|op|den|d\.|på|dne|dňa|w\s+dniu|dnia|pe|la|în|în\s+data|vào|ngày|"
    r"у|в|на|на\s+дата|u|dana|στις|στο|ב|בתאריך|в\s+письме|a|1|au|kl\.?"
)
# A line that can begin an attribution: a word of the list and a digit, or a date.
OPENING: Final = re.compile(
    rf"[\s>*_-]{{0,60}}(?:(?:{_OPENING_WORDS})\s(?=.{{0,60}}\d)"
    r"|(?:[^\W\d]{2,12}\.?,?\s{1,2})?(?:\d{4}[-/.年년]\s?\d{1,2}|\d{1,2}[-/.]\s?\d{1,2}[-/.]\s?\d{2,4}"
    r"|\d{1,2}\.?\s(?:de\s)?[^\W\d]{3,12}\.?,?\s(?:de\s)?\d{4})|(?:在|于|於)\s?\d{4})",
    re.IGNORECASE,
)
DATED: Final = re.compile(
    rf"\d{{1,4}}[-/.]\d{{1,2}}|\d{{1,2}}\s?[:.h]\s?\d{{2}}|\b(?:19|20)\d\d|\d{{4}}[年년]|\b\d{{1,2}}(?:st|nd|rd|"
    rf"th)?\.?\s+{_MONTHS}|"
    rf"{_MONTHS}\s+\d{{1,2}}",
    re.IGNORECASE,
)
# `Thanks! On Wed, Apr 4, 2012 at 3:59 PM, front@example.com wrote:`: the answer ends in the line where the mark begins.
WITHIN: Final = re.compile(
    rf"(?:-{{2,}}\s{{0,2}}|(?<=\s))On\s(?={_WEEKDAYS},?\s|\d{{1,2}}\W|{_MONTHS}\s\d)", re.IGNORECASE
)
# How an attribution ends, in lower case, before its colon.
VERBS: Final = (
    "wrote", "writes", "wrote the following", "has written", "a écrit", "schrieb", "schrieb folgendes", "geschrieben",
    "skrev", "skrev følgende", "skrev följande", "escribió", "ha escrito", "escribió lo siguiente", "ha scritto",
    "scrisse", "escreveu", "schreef", "kirjoitti", "napsal", "napsal(a)", "napísal", "napísal(a)", "napisał",
    "napisała", "napisał(a)", "pisze", "пишет", "написал", "написала", "написал(а)", "писал", "писал(а)", "пише",
    "написав", "написав(ла)", "yazdı", "写道", "寫道", "のメール", "書きました", "님이 작성", "작성", "đã viết",
    "írta", "a scris", "έγραψε", "כתב", "כתב/ה", "napisao", "napisao/la", "rašė", "skrifaði",
)  # fmt: skip
# Germanic word order: `Am 1.2.2014 um 10:00 schrieb Front Desk:`.
VERB_THEN_NAME: Final = re.compile(r"\b(?:schrieb|schreef|skrev|napisał)\s[^:]{1,80}[:：]\s{0,3}\Z", re.IGNORECASE)
# Name first: `Front Desk <front@example.com> schrieb am Di., 3. Juni 2025, 10:00:`.
NAME_THEN_VERB: Final = re.compile(
    r"[\s>*]{0,5}[^:]{1,100}\s(?:schrieb\sam|wrote\s(?:on|at)|escreveu\s(?:no\sdia|em)|escribió\sel|a\sécrit\sle|"
    r"ha\sscritto\s(?:il|in)|"
    r"schreef\sop|skrev\s(?:den|på)|kirjoitti|napisał\(?a?\)?\s(?:w|dnia))\s.{0,60}\d.{0,20}[:：]\s{0,3}\Z",
    re.IGNORECASE,
)
NAME_AND_DATE: Final = re.compile(
    r"[\s>*]{0,5}[^<>:]{1,80}<[^\s<>]{1,64}@[^\s<>]{1,255}>\s?[,\[于於]?.{0,60}\d.{0,40}[:：]\s{0,3}\Z"
)
ADDRESS: Final = re.compile(r"[<(\[\"]?\s?(?:mailto:)?[^\s<>()\[\]]{1,64}@[^\s<>()\[\]]{1,255}[>)\]\"]?")
STARTS_WITH_ADDRESS: Final = re.compile(r"\s*[<(\[]?(?:mailto:)?[^\s<>()\[\]]{1,64}@")
_ORIGINALS: Final = (
    r"(?:original|reply|ursprüngliche|antwort|oprindelig|opprinnelig|ursprungligt|alkuperäinen|původní|pôvodná|"
    r"oryginalna|"
    r"wiadomość|исходное|оригинальное|вихідне|orijinal|orjinal|özgün|eredeti|izvorna|mesaj|mensaje|mensagem|"
    r"messaggio|message|"
    r"oorspronkelijk|original-)"
    r"[\s-]{0,2}(?:message|appointment|e-?mail|nachricht|meddelelse|melding|meddelande|viesti|zpráva|správa|"
    r"wiadomość|oryginalna|"
    r"сообщение|письмо|повідомлення|mesaj|ileti|üzenet|poruka|original|originale|d['’]origine|bericht)"
    r"|originalnachricht|原始邮件|原始郵件|邮件原件|元のメッセージ|original\s?메일|원본\s?메[시세]지|원본\s?메일"
)
ORIGINAL: Final = re.compile(
    rf"[\s>*]{{0,20}}[-_=*]{{2,80}}\s{{0,4}}(?:{_ORIGINALS})\s{{0,4}}[-_=*]{{2,80}}\s{{0,4}}:?\s*\Z", re.IGNORECASE
)
_FORWARDS: Final = (
    r"forwarded\s(?:message|by|e-?mail).{0,80}|weitergeleitete\snachricht|message\s(?:transféré|transmis|réexpédié)|"
    r"mensaje\sreenviado|messaggio\s(?:inoltrato|rispedito)|doorgestuurd\sbericht|mensagem\s(?:encaminhada|"
    r"reencaminhada)|"
    r"vidarebefordrat\smeddelande|videresendt\s(?:meddelelse|melding)|välitetty\sviesti|přeposlaná\szpráva|"
    r"(?:przekazana|treść\sprzekazanej)\swiadomoś[ćc]i?|пересылаемое\sсообщение|переслане\sповідомлення|"
    r"iletilen\s(?:mesaj|ileti)|"
    r"转发的?邮件|轉寄郵件|転送(?:された)?メッセージ|전달된\s메[시세]지"
)
FORWARD: Final = re.compile(
    rf"[\s>*]{{0,20}}(?:[-_=*]{{2,80}}\s{{0,4}}(?:{_FORWARDS})\s{{0,4}}[-_=*]{{2,80}}"
    r"|begin\sforwarded\smessage:|anfang\sder\sweitergeleiteten\s(?:nachricht|e-mail):|"
    r"début\sdu\smessage\s(?:réexpédié|transféré)\s?:"
    r"|inizio\s(?:del\s)?messaggio\sinoltrato:|(?:inicio\sdel|comienzo\sdel)\smensaje\sreenviado:|"
    r"begin\sdoorgestuurd\sbericht:"
    r"|início\sda\smensagem\s(?:re)?encaminhada:)\s*\Z",
    re.IGNORECASE,
)

_FROM: Final = (
    r"from|von|de|da|fra|från|van|od|lähettäjä|от|від|kimden|gönderen|发件人|發件人|寄件者|寄件人|差出人|送信者|보낸\s?사람|보낸사람|feladó|từ|"
    r"expéditeur|remitente|mittente|afzender|nadawca"
)
_WHEN: Final = (
    r"sent|date|gesendet|datum|envoyé|envoyée|enviado(?:\sel)?|enviada(?:\sem)?|fecha|inviato|data|sendt|dato|"
    r"skickat|verzonden|wysłano|"
    r"data\swysłania|lähetetty|päivämäärä|odesláno|отправлено|дата|надіслано|gönderildi|gönderme\starihi|tarih|发送时间|"
    r"發送時間|日期|送信日時|"
    r"日時|보낸\s?날짜|날짜|보낸\s?시간|elküldve|dátum|đã\sgửi|ngày"
)
_OTHER: Final = (
    r"to|cc|subject|an|kopie|betreff|à|a|objet|para|asunto|assunto|oggetto|per|til|emne|till|kopia|ämne|aan|"
    r"onderwerp|do|dw|temat|"
    r"vastaanottaja|kopio|aihe|komu|kopie|předmět|кому|копия|тема|копія|kime|bilgi|konu|收件人|抄送|主题|主題|收件者|副本|主旨|宛先|"
    r"件名|받는\s?사람|"
    r"받는사람|참조|제목|címzett|tárgy|đến|tới|chủ\sđề|reply-to|importance|priority|attachments?"
)
HEADER: Final = re.compile(
    rf"[\s>*|]{{0,20}}(?:(?P<sender>{_FROM})|(?P<when>{_WHEN})|(?P<other>{_OTHER}))\s?\*?\s{{0,2}}[:：]\*?(?=\s|\Z|"
    rf"\S*@|[^/\s])",
    re.IGNORECASE,
)
# All in one line, as HTML without line breaks leaves it.
HEADERS_IN_LINE: Final = re.compile(r"[\s>*]{0,10}from:\s.{1,200}?\b(?:sent|date):\s.{1,200}", re.IGNORECASE)

SEPARATOR: Final = re.compile(r"[\s>]{0,10}[-_=*~]{4,200}\s*\Z|\s*_{3,}\s*\Z")
QUOTED: Final = re.compile(r"\s{0,3}>")
SIGNATURE: Final = re.compile(r"\s?(?:--|––|—|__)\s{0,2}\Z|-- \s*\Z")
LIST_FOOTER: Final = re.compile(r"_{30,}\s*\Z")
_DEVICE: Final = (
    r"(?:i?phone|ipad|ipod|blackberry|android|samsung|galaxy|mobile|huawei|nokia|windows|outlook|handheld|tablet|xperia|"
    r"htc|\w{1,12}phone)"
)
SENT_FROM: Final = re.compile(
    r"\s*(?:"
    rf"sent\s(?:from|via|with|using|by)\s(?:my\s|a\s|the\s|an\s)?(?:[\w.®™'’+-]+\s){{0,5}}?(?:{_DEVICE}|device|"
    rf"phone|app|mail|yahoo!?|gmail|sparrow|"
    r"proton\s?mail|mailbox|thunderbird|acompli)\b[^.!?]{0,60}\.?"
    r"|get\soutlook\sfor\s(?:ios|android|mac|windows).{0,60}"
    r"|(?:von\smeinem|gesendet\svo[nm]|envoyé\s(?:de|depuis|à\spartir\sde)|enviado\s(?:desde|do|de|a\spartir\sdo)|"
    r"inviato\sda(?:l)?|"
    r"verzonden\s(?:vanaf|met|via)|verstuurd\s(?:vanaf|met|via)|skickat\sfrån|sendt\sfra|lähetetty|wysłane?\sz|"
    r"odesláno\sz|"
    r"отправлено\s(?:с|из)|надіслано\sз)\s.{1,60}"
    r"|发自我的.{1,40}|從我的.{1,20}傳送|.{1,30}から送信|나의\s.{1,30}에서\s보냄|iphone['’]?(?:umdan|imden)\sgönderildi"
    r")\s*\Z",
    re.IGNORECASE,
)
LINK_OF_QUOTE: Final = re.compile(r"\s*[(<]https?://[^\s<>]{1,2000}[)>]\s*>?\s*\Z")
