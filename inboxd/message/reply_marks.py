"""The marks that mail programs put between an answer and the mail it answers, in the languages they speak.

Patterns look at one line, or at a bounded number of lines: that is what keeps the scan linear. Published ones let `.*`
run over lines and take 24 seconds for 20 KB of `On a a a`.
"""

import re
from typing import Final

_WEEKDAYS: Final = r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*"
_MONTHS: Final = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"

_DASHES: Final = "–—‐‑-"
# Marks of the direction of writing, and what else has no width: Gmail wraps names and addresses in them.
INVISIBLE: Final = dict.fromkeys([0x200B, 0x200E, 0x200F, 0x202A, 0x202B, 0x202C, 0x2066, 0x2067, 0x2068, 0x2069])
_OPENING_WORDS: Final = (
    r"on|le|am|el|il(?:\s+giorno)?|in\s+data|em|op|den|d\.|på|dne|dňa|w\s+dniu|dnia|pe|la|în|în\s+data|vào|ngày|"
    r"у|в|на|на\s+дата|u|dana|às|στις|στο|ב|בתאריך|في|в\s+письме|a|1|au|kl\.?|at|no\s+dia|v|pada|เมื่อ|kuupäeval|missatge\s+de|در\s+تاریخ"
)
# A line that can begin an attribution: a word of the list and a digit, or a date.
OPENING: Final = re.compile(
    rf"[\s>*_{_DASHES}]{{0,60}}\(?(?:(?:{_OPENING_WORDS})\s(?=.{{0,60}}\d)|in\s(?:message|article)\s<"
    rf"|(?:{_WEEKDAYS},?\s)?{_MONTHS}\s\d{{1,2}},?\s\d{{4}}"
    r"|(?:[^\W\d]{2,12}\.?,?\s{1,2})?(?:\d{4}[-/.年년]\s?\d{1,2}|\d{1,2}[-/.]\s?\d{1,2}[-/.]\s?\d{2,4}"
    r"|\d{1,2}\.?\s(?:de\s)?[^\W\d]{3,12}\.?,?\s(?:de\s)?\d{4})|(?:在|于|於)\s?\d{4})",
    re.IGNORECASE,
)
# As newsreaders write, and AOL: `In message <id@example.com>, Front Desk writes:`, `In a message dated 6/3/2025 …`.
IN_MESSAGE: Final = re.compile(
    r"[\s>]{0,10}in\s(?:(?:message|article)\s<[^<>]{1,255}>|a\smessage\sdated\s[^<>]{0,20}\d)", re.IGNORECASE
)
DATED: Final = re.compile(
    rf"\d{{1,4}}[-/.]\d{{1,2}}|\d{{1,2}}\s?[:.h]\s?\d{{2}}|\b(?:19|20)\d\d|\d{{4}}[年년]|\b\d{{1,2}}(?:st|nd|rd|"
    rf"th)?\.?\s+{_MONTHS}|"
    rf"{_MONTHS}\s+\d{{1,2}}",
    re.IGNORECASE,
)
# `Thanks! On Wed, Apr 4, 2012 at 3:59 PM, front@example.com wrote:`: the answer ends in the line where the mark begins.
WITHIN: Final = re.compile(
    rf"(?:-{{2,}}\s{{0,2}}|(?<=\s))(?-i:On)\s(?={_WEEKDAYS},?\s|\d{{1,2}}\W|{_MONTHS}\s\d)", re.IGNORECASE
)
# How an attribution ends, in lower case, before its colon.
VERBS: Final = (
    "wrote", "writes", "wrote the following", "has written", "a écrit", "écrivait", "schrieb", "schrieb folgendes",
    "geschrieben", "skrev", "skrev følgende", "skrev följande", "escribió", "ha escrito", "escribió lo siguiente",
    "ha scritto", "scrisse", "escreveu", "schreef", "kirjoitti", "napsal", "napsal(a)", "napísal", "napísal(a)",
    "napisał", "napisała", "napisał(a)", "pisze", "пишет", "написал", "написала", "написал(а)", "писал", "писал(а)",
    "пише", "написав", "написав(ла)", "yazdı", "写道", "寫道", "のメール", "書きました", "님이 작성", "작성",
    "đã viết", "says", "said", "쓴 글", "님이 쓴 글", "napisala", "napisala/la", "napisao je", "napisala je", "piše",
    "написа", "rakstīja", "menulis", "เขียนว่า", "kirjutas", "írta", "a scris", "έγραψε", "כתב",
    "כתב/ה", "napisao", "napisao/la", "rašė", "skrifaði", "のメッセージ", "が書きました", "escrigué", "va escriure",
    "ha escrit", "escribiu", "nous a dit", "napisal", "napisal(a)", "كتب", "نوشت", "提到", "님이 작성한 메시지",
)  # fmt: skip
# Things say something, too, and what they say is below: `The log says:`.
THING: Final = re.compile(
    r"\W{0,5}(?:(?:the|this|that|these|my|our|your|its?|der|die|das|mein|meine|unser|unsere)\s|(?:le|la|les|mon|ma|notre|el|los|"
    r"mi|nuestr[oa]|il|lo|mio|mia|het|mijn|ons|onze)\s(?-i:[^\WA-Z]))",
    re.IGNORECASE,
)
# Who is told of in a story, and not named: `On 4 March 2025 I wrote:`. (The Bat writes `you wrote`.)
TOLD: Final = re.compile(
    r"\b(?:I|we|he|she|they|your|my|our|his|her|their|it|the(?!\sfollowing)|me|us|ich|wir|er|sie|[Ii]hre?|mir|uns|j['’]ai|elle|votre|notre|m['’]a|"
    r"ella|usted|me|eu|ele|ela|mi|vostro|ik|hij|zij|uw|mij|jag|han|hon|jeg|hun|mnie|mně|я|он|она|мне|нам|ваш|мені)\b"
)
# (Months and days of the week are cut short with a point, too.)
SENTENCE_END: Final = re.compile(r"(?:[!?]|[^\W\d_]{6}\.)\Z")
# What is left of one on a line of its own where the attribution wraps within it.
WRAPPED_VERBS: Final = frozenset(("écrit", "scritto", "escrit", "viết", "scris", "escriure"))
# Germanic word order: `Am 1.2.2014 um 10:00 schrieb Front Desk:`.
VERB_THEN_NAME: Final = re.compile(r"\b(?:schrieb|schreef|skrev|napisał)\s[^:]{1,80}[:：]\s{0,3}\Z", re.IGNORECASE)
# Chinese, the name before the date: `Front Desk 於 2025/6/3 上午 10:00 寫道:`.
NAME_THEN_CHINESE: Final = re.compile(r"[\s>*]{0,5}[^:]{1,100}\s?[于於]\s?\d{4}.{1,40}[写寫]道\s?[:：]\s{0,3}\Z")
CHINESE_DATE: Final = re.compile(r"\s?[于於]\s?\d{4}")
# Horde, where a quote follows: `Quoting Front Desk <front@example.com>:`; sup: `Excerpts from …'s message of …:`.
QUOTING: Final = re.compile(
    # Request Tracker: `[front - Tue Jun 03 10:00:00 2025]:`.
    r"\s{0,3}\[[^\[\]]{1,80}\s-\s[^\[\]]{0,40}\d{2}:\d{2}[^\[\]]{0,20}\]:\s*\Z|"
    r"\s{0,3}(?:quoting|zitat\svon|citando(?:\sa)?|citation\sde|citat\s(?:von|från|af|av)|citeren\svan|cytowanie|lainaus|"
    r"excerpts\sfrom|thus\sspake|also\ssprach|quoth)\s"
    r".{1,120}:\s*\Z",
    re.IGNORECASE,
)
# No language needed: an angle address, a date with its year and a time, and a colon at the end.
YEAR: Final = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
TIME: Final = re.compile(r"(?<!\d)\d{1,2}[:.]\d\d(?!\d)")
ANGLE: Final = re.compile(r"<[^\s<>@]{1,64}@[^\s<>@]{1,255}>")
# `Front Desk <front@example.com> wrote:` alone on its line.
NAME_WROTE: Final = re.compile(r"[\s*_-]{0,10}[^<>:]{1,100}<[^\s<>@]{1,64}@[^\s<>@]{1,255}>\s[^\d<>:]{1,30}\s?:\s*\Z")
# Gmail's short forms: `2025-06-03 10:00 GMT+02:00 Front Desk:` and `2025/6/3 Front Desk <front@example.com>`;
# Rambler's: `03.06.2025, 10:00, Front Desk <front@example.com>`.
ISO_DATE: Final = re.compile(
    r"[\s>*]{0,5}20\d\d[-/]\d{1,2}[-/]\d{1,2}\s(?:\d{1,2}:\d\d\sGMT[+-]\d\d:\d\d\s[^<>:]{1,80}|"
    r"[^<>:\d]{1,80}<[^\s<>@]{1,64}@[^\s<>@]{1,255}>):?\s*\Z"
    r"|[\s>*]{0,5}\d{1,2}\.\d{1,2}\.\d{2,4},\s\d{1,2}:\d\d,\s[^<>:\d]{1,80}<[^\s<>@]{1,64}@[^\s<>@]{1,255}>:?\s*\Z"
)
# Name first: `Front Desk <front@example.com> schrieb am Di., 3. Juni 2025, 10:00:`.
NAME_THEN_VERB: Final = re.compile(
    r"[\s>*]{0,5}[^:]{1,100}\s(?P<verb>schrieb(?:\sfolgendes)?\sam|(?:wrote|said)(?:\sthe\sfollowing)?\s(?:on|at)|escreveu\s(?:no\sdia|em)|escribió\sel|a\sécrit\sle|"
    r"ha\sscritto\s(?:il|in)|"
    r"schreef\sop|skrev(?=\s(?:den|på|\d{4}-|\d{1,2}[./]\d))|kirjoitti|napisał\(?a?\)?\s(?:w|dnia)|"
    r"píše\sv|писал[аи]?(?:\(а\))?)\s.{0,60}\d.{0,20}[:：]\s{0,3}\Z"
    # Apple's in Polish, and The Bat's in Russian.
    r"|[\s>*]{0,5}(?:wiadomość\snapisana\sprzez\s.{1,80}\sw\sdniu|вы\sписали)\s.{0,60}\d.{0,20}:\s{0,3}\Z",
    re.IGNORECASE,
)
NAME_AND_DATE: Final = re.compile(
    r"[\s>*]{0,5}[^<>:]{1,80}<[^\s<>]{1,64}@[^\s<>]{1,255}>\s?[,\[(于於]?[^<>]{0,60}\d[^<>]{0,40}[:：]\s{0,3}\Z"
)
# A date and a time in whatever language, with or without a name before them: it takes a quote below.
DATE_AND_COLON: Final = re.compile(
    r"[\s>*]{0,5}(?:[^:\d<>]{1,60}\s(?:[-–]\s|[\[(]))?(?:[^\W\d]{2,12}\.?,?\s)?"
    r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})[^:\d]{0,5}"
    r"\d{1,2}[:.]\d\d[^<>\n]{0,100}[:：]\s{0,3}\Z"
)
# Above a quote, without a verb or a colon at the end: newsreaders' `Front Desk wrote in message news:1@example.com`,
# Bugzilla's `(In reply to Front Desk from comment #3)`, and alot's `Quoting Front Desk (2025-06-03 10:00:00)`.
CREDIT: Final = re.compile(
    r"[\s>]{0,10}[^:]{1,150}\s(?:wrote|writes|schrieb|a\sécrit|escribió|ha\sscritto|escreveu|schreef|skrev|napisał\(?a?\)?)\s"
    r"[^:]{2,40}\s<?news:\S{1,250}\Z|\s{0,3}\(in\sreply\sto\s(?:.{1,80}\sfrom\s)?comment\s#\d{1,6}\)\Z"
    r"|\s{0,3}quoting\s[^:]{1,100}\s\(\d{4}-\d\d-\d\d\s\d\d:\d\d(?::\d\d)?\)\Z",
    re.IGNORECASE,
)
CREDITS: Final = ("news:", "n reply to ", "Quoting ")  # one of which stands in each of them
# The quote begins in the attribution's own line, as HTML without line breaks leaves it.
RUN_ON: Final = re.compile(
    r"<\s?[^\s<>@]{1,64}@[^\s<>@]{1,255}>\s?"
    r"(?:wrote|a\sécrit|escribió|ha\sscritto|escreveu|schreef|skrev|kirjoitti|написал(?:\(а\))?)\s?:"
    r"|\swrote\s?:\s{0,2}>",
    re.IGNORECASE,
)
# Lotus Notes: `Front Desk ---06/03/2025 10:00:00 AM---Hello`; Gmail: `2025-06-03 10:00 GMT+02:00 Front Desk`; forums:
# `Posted by front on 06/03/2025`.
ONE_LINE: Final = re.compile(
    r"[\s>]{0,5}(?:[^\s-][^\n]{0,80}?\s?-{2,3}\s?\d{1,4}[-/.]\d{1,2}[-/.]\d{2,4}\s\d{1,2}:\d\d[^\n]{0,10}?-{3}"
    r"|20\d\d-\d\d-\d\d\s\d{1,2}:\d\d\sGMT[+-]\d\d:\d\d\s[^<>:\d]{1,80}\Z"
    r"|posted\sby\s.{1,80}\son\s\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\s*\Z)",
    re.IGNORECASE,
)
ADDRESS: Final = re.compile(r"[<(\[\"]?\s?(?:mailto:)?[^\s<>()\[\]]{1,64}@[^\s<>()\[\]]{1,255}[>)\]\"]?")
STARTS_WITH_ADDRESS: Final = re.compile(r"\s*[<(\[]?(?:mailto:)?[^\s<>()\[\]]{1,64}@")
STARTS_WITH_ANGLE: Final = re.compile(r"[\s>*]{0,5}<[^\s<>@]{1,64}@[^\s<>@]{1,255}>")
# What stands before a title, read once and never again from its middle: quote marks, then a rule, then blanks.
_LEAD: Final = rf"[\s>*_={_DASHES}]{{1,104}}+"
_RULE: Final = rf"[_=*{_DASHES}]"


def _after_rule(rule: str, blanks: int) -> str:
    """A look back over `blanks` at most, to the rule that has to stand there."""
    return "(?:" + "|".join(f"(?<={rule}" + r"\s" * count + ")" for count in range(blanks + 1)) + ")"


_ORIGINALS: Final = (
    r"(?:original|reply|ursprüngliche|antwort|oprindelig|opprinnelig|ursprungligt|alkuperäinen|původní|pôvodná|"
    r"oryginalna|"
    r"wiadomość|исходное|оригинальное|вихідне|оригінальне|orijinal|orjinal|özgün|eredeti|izvorna|mesaj|mensaje|mensagem|"
    r"messaggio|message|"
    r"oorspronkelijk|original-)"
    r"[\s-]{0,2}(?:message|appointment|e-?mail|nachricht|meddelelse|melding|meddelande|viesti|zpráva|správa|besked|"
    r"wiadomość|oryginalna|"
    r"сообщение|письмо|повідомлення|mesaj|ileti|üzenet|poruka|original|originale|d['’]origine|bericht)"
    r"|αρχικό\sμήνυμα|הודעה\sמקורית|رسالة\sأصلية|الرسالة\sالأصلية|thư\sgốc|pesan\sasli|оригинално\sсъобщение|izvirno\ssporočilo|"
    r"missatge\soriginal|algne\s(?:sõnum|kiri)|pradinis\s(?:pranešimas|laiškas)|sākotnējais\s(?:ziņojums|vēstule)|ข้อความต้นฉบับ"
    r"|original\smessage\sof\s.{1,40}|(?:end\s)?message\sfrom\s.{1,100}|message\sde\s.{1,100}|nachricht\svon\s.{1,100}|mensaje\sde\s.{1,100}|"
    r"messaggio\sda\s.{1,100}|mensagem\sde\s.{1,100}|bericht\svan\s.{1,100}|meddelande\sfrån\s.{1,100}"
    r"|originale\sbericht|i̇?lk\s(?:ileti|mesaj)|svara\spå\smeddelandet|mail\soriginal|replied\smessage|回复的?原邮件|원본\s?이메일"
    r"|originalnachricht|原始邮件|原始郵件|邮件原件|元のメッセージ|original\s?메일|원본\s?메[시세]지|원본\s?메일"
)
ORIGINAL: Final = re.compile(
    rf"{_LEAD}{_after_rule(_RULE, 4)}(?:{_ORIGINALS})\s{{0,4}}{_RULE}{{1,80}}+\s{{0,4}}+:?\s*\Z"
    # GroupWise: `>>> Front Desk <front@example.com> 03.06.2025 10:00 >>>`.
    r"|\s{0,3}>{3}\s[^<>]{0,100}(?:<[^\s<>]{1,255}>[^<>]{0,40})?\d{1,2}:\d\d[^<>]{0,10}>{3}\s*\Z",
    re.IGNORECASE,
)
# The same title where no rule is drawn, as on a BlackBerry: it counts above a header block.
BARE_TITLE: Final = re.compile(rf"[\s>*]{{0,20}}(?:{_ORIGINALS})\s?:?\*?\s*\Z", re.IGNORECASE)
# Foxmail's: the address alone, above the header block.
BARE_ADDRESS: Final = re.compile(r"[\s>*]{0,20}<?[^\s<>@()]{1,64}@[^\s<>@()]{1,255}>?\s*\Z")
_FORWARDS: Final = (
    r"forwarded\s(?:message|by|e-?mail).{0,80}|weitergeleitete\snachricht|message\s(?:transféré|transmis|réexpédié)|"
    r"mensaje\sreenviado|messaggio\s(?:inoltrato|rispedito)|doorgestuurd\sbericht|mensagem\s(?:encaminhada|"
    r"reencaminhada)|"
    r"vidarebefordrat\smeddelande|videresendt\s(?:meddelelse|melding)|(?:välitetty|edelleenlähetetty)\sviesti.{0,20}|"
    r"přeposlaná\szpráva|preposlaná\sspráva.{0,30}|(?:przekazana|treść\sprzekazanej)\swiadomoś[ćc]i?|"
    r"wiadomość\sprzesłana\sdalej|(?:пересылаемое|перенаправленное)\sсообщение|(?:переслане|перенаправлене)\sповідомлення|"
    r"ilet(?:ilen|ilmiş)\s(?:mesaj|ileti)|továbbított\süzenet|proslijeđena\sporuka|mesaj\sredirecționat|"
    r"转发的?邮件|轉寄郵件|転送(?:された)?メッセージ|メッセージを転送|전달된\s메[시세]지"
)
# How Apple's program begins what it sends on, and others that draw no rule.
_BEGINS: Final = (
    r"(?:begin\s)?forwarded\smessage|anfang\sder\sweitergeleiteten\s(?:nachricht|e-mail)|"
    r"début\sdu\smessage\s(?:réexpédié|transféré)|inizio\s(?:del\s)?messaggio\sinoltrato|"
    r"(?:inicio\sdel|comienzo\sdel)\smensaje\sreenviado|begin\sdoorgestuurd\sbericht|"
    r"início\sda\smensagem\s(?:re)?encaminhada|začátek\spřeposílané\szprávy|start\spå\svideresendt\sbesked|"
    r"välitetty\sviesti\salkaa|započni\sproslijeđenu\sporuku|továbbított\slevél\skezdete|videresendt\smelding|"
    r"początek\sprzekazywanej\swiadomości|începe\smesajul\sredirecționat|начало\sпереадресованного\sсообщения|"
    r"začiatok\spreposlanej\ssprávy|vidarebefordrat\smejl|i̇?leti\sbaşlangıcı|початок\sлиста,\sщо\sпересилається"
)
FORWARD: Final = re.compile(
    rf"(?:{_LEAD}{_after_rule(_RULE * 2, 4)}(?:{_FORWARDS})\s{{0,4}}{_RULE}{{2,80}}+"
    rf"|[\s>*]{{0,20}}+(?:{_BEGINS})\s?:)\s*\Z",
    re.IGNORECASE,
)

_FROM: Final = (
    r"from|von|de|da|fra|från|van|od|lähettäjä|от|від(?:\sкого)?|kimden|gönderen|发件人|發件人|寄件者|寄件人|差出人|送信者|보낸\s?사람|보낸사람|feladó|từ|"
    r"de\sla|από|מאת|من|จาก|dari|no|nuo|saatja|"
    r"expéditeur|expeditorul|отправитель|送信元|remitente|mittente|afzender|nadawca|šalje|sender|absender|avsändare|avsender|afsender|"
    r"odes[íi]latel|odosielateľ|remetente|отправитель|відправник|şuradan|pošiljatelj|siuntėjas|sūtītājs|người\sgửi|发信人|寄信人|از"
)
_WHEN: Final = (
    r"sent|send\s?time|message\sdu|date|gesendet|datum|envoyée?(?:\sle)?|enviado(?:\sel)?|enviada(?:\sem)?|fecha|inviato|data|sendt|dato|"
    r"skickat|verzonden|wysłan[oey]|"
    r"data\swysłania|lähetetty|päivämäärä|odesláno|отправлено|дата|надіслано|gönderildi|gönderme\starihi|tarih|发送(?:时间|日期)|"
    r"發送時間|日\s?期|送信日時|"
    r"日時|보낸\s?날짜|날짜|보낸\s?시간|elküldve|dátum|đã\sgửi|ngày|"
    r"odoslané|trimis|στάλθηκε|ημερομηνία|נשלח|תאריך|تم\sالإرسال|التاريخ|أرسلت|ส่ง|วันที่|dikirim|tanggal|изпратено|poslano|enviat|寄件日期|"
    r"已傳送|išsiųsta|nosūtīts|saadetud|lähetysaika|päiväys|dată|відправлено|日付|tid|发件时间|fecha\sde\senvío|data\sde\senvio|data\sinvio|gesendet\sam|date\sd['’]envoi|дата\sотправки|ارسال\sشده|تاریخ"
)
_SUBJECT: Final = (
    r"subject|betreff|objet|asunto|assunto|assumpte|oggetto|emne|ämne|rubrik|onderwerp|temat|aihe|předmět|predmet|тема|konu|"
    r"主\s?[题題]|主旨|件名|제목|tárgy|chủ\sđề|subiect(?:ul)?|naslov|θέμα|נושא|الموضوع|เรื่อง|subjek|относно|zadeva|tema|tēma|teema|sujet|موضوع"
)
_OTHER: Final = (
    r"to|cc|an|kopi(?:e|ja)?|kopie\s\(cc\)|copie\sà|másolat|kópia|pre|pour|adresat|送信先|à|a|para|per(?:\sa)?|til|till|kopia|aan|do|dw|vastaanottaja|kopio|komu|кому|копия|копія|kime|bilgi|"
    r"收件人|抄送|收件者|副本|宛先|받는\s?사람|받는사람|참조|címzett|đến|tới|către|προς|אל|إلى|ถึง|kepada|до|za|kam|kellele|adressaat|prima|către|destinat(?:aire|arul)|destinatario|destinatário|"
    r"به|reply-to|importance|priority|attachments?"
)
HEADER: Final = re.compile(
    rf"[\s>*|]{{0,20}}(?:(?P<sender>{_FROM})|(?P<when>{_WHEN})|(?P<subject>{_SUBJECT})|(?P<other>{_OTHER}))(?:\s?\*?\s{{0,2}}[:：|]\*?(?=\s|\Z|"
    rf"\S*@|[^/\s])|\t)",
    re.IGNORECASE,
)
# Fields of a mail's source, and of a request's, that no mail program repeats above what it quotes (RFC 5321 4.4).
TRACE: Final = re.compile(
    r"(?:received(?=:\s(?:from|by|\())|received-spf|return-path|delivered-to|authentication-results|(?:arc|dkim|x)-[a-z-]{1,40}|mime-version|"
    r"message-id|content-(?:type|transfer-encoding)|host|user-agent):\s|(?:mail\sfrom|rcpt\sto):\s?<",
    re.IGNORECASE,
)
FIELD: Final = re.compile(r"[!-9;-~]{1,40}:(?:\s|\Z)|\s{1,8}\S")  # of a mail's source, in one line or more
LABEL: Final = re.compile(r"[^\W\d_][\w -]{0,30}:\s")  # in front of what somebody fills in
QUOTATION_MARKS: Final = frozenset('"“”„«»‹‘‚「『')
# The line that a desk's own mails put above the place where nobody should write.
ABOVE_THIS_LINE: Final = re.compile(
    r"above\sthis\sline|(?:not|nothing)\s.{0,30}below\sthis\sline|ober(?:halb)?\sdieser\s(?:zeile|linie)|über\s(?:dieser|diese)\s(?:zeile|linie)|"
    r"au-dessus\sde\scette\sligne|encima\sde\sesta\slínea|sopra\squesta\s(?:linea|riga)|acima\sdesta\slinha|"
    r"boven\sdeze\s(?:regel|lijn)|over\sdenne\slinj[ea]|ovanför\s(?:den\shär|denna)\s(?:linjen|rad(?:en)?)|"
    r"(?:powyżej\stej|nad\stą)\slini[ią]|(?:выше|над)\sэтой\s(?:строк|лини)|(?:вище|над)\s(?:цього\sрядка|цією\sлінією)|"
    r"tämän\srivin\s(?:ylä|yli)|bu\ssatırın\süst|nad\st(?:uto|ento|ímto)\sřád|この[線行]より上|(?:此行|此线|這行|此行文字)(?:上方|以上|之上)",
    re.IGNORECASE,
)
# What nobody should do there; forms are signed above a line, too.
REPLYING: Final = re.compile(
    r"repl|respon|respuesta|resposta|risp|typ|writ|antw|répon|écri|escri|screv|scriv|schrij|schreib|svar|skriv|eingeb|geben|"
    r"text|comment|kommentar|odpowied|odpowiad|ответ|пишите|відпові|vasta|kirjoit|yanıt|cevap|odpově|返信|回复|回覆|答复",
    re.IGNORECASE,
)
LONGEST_ABOVE: Final = 160
# One of these words stands in each of them: a text without any need not be searched.
LINES: Final = (
    "line", "zeile", "linie", "ligne", "línea", "riga", "linha", "regel", "lijn", "linj",
    " rad", "lini", "строк", "лини", "рядк", "ліні", "rivin", "satır", "řád", "線より", "行より",
    "此行", "此线", "這行",
)  # fmt: skip
# All in one line, as HTML without line breaks leaves it: the sender, then when, then the subject.
WHEN_IN_LINE: Final = re.compile(rf"(?:{_WHEN})\s?:", re.IGNORECASE)
SUBJECT_IN_LINE: Final = re.compile(rf"(?:{_SUBJECT})\s?:", re.IGNORECASE)
HEADERS_IN_LINE: Final = re.compile(r"[\s>*]{0,10}from:\s.{1,200}?\b(?:sent|date):\s.{1,200}", re.IGNORECASE)

# What rules, quotes and code begin with.
RULES: Final = "_=*>–—―‐‑-`~"
SEPARATOR: Final = re.compile(
    r"[\s>]{0,10}[-_=*~―‐–—]{3,200}\s*\Z|\s{0,10}(?:\*\s\*\s\*|-\s-\s-|_\s_\s_)[\s*_-]{0,200}\Z"
)
# `----- Original Message -----` in whatever words and language, where headers stand below.
TITLED: Final = re.compile(r"[\s>*]{0,10}[-_=]{3,40}[^\n]{1,60}[-_=]{3,40}\s*\Z")
SAID: Final = re.compile(r">\s?[^\s>]")
QUOTED: Final = re.compile(r"\s{0,3}>")
# The Bat's: the author's initials stand before the mark. (`PS>` is how a shell of Microsoft's asks.)
INITIALS: Final = re.compile(r"\s{0,3}(?!PS>)[A-ZА-ЯЁ]{2}>+(?:\s|\Z)")
# Emacs, where each line bears who is quoted: `>>>>> "FD" == Front Desk <front@example.com> writes:`, then `FD> Hello`.
SUPERCITE: Final = re.compile(
    r"\s{0,3}>{4,6}\s[^>\s][^\n]{0,150}\s(?:writes|wrote|said|says|schreibt|schrieb|écrit|skriver|skrev)\s?[:;]?\Z",
    re.IGNORECASE,
)
CITED: Final = re.compile(r"\s{0,8}[^\W\d_]{1,20}>{1,5}(?:\s|\Z)")
# How Python asks.
PROMPT: Final = re.compile(r"\s{0,3}>{3}(?:\s[^\s>]|\s?\Z)")
# Where an attribution wraps within the date: `On`, `On Tue,`, `On Tue, Jun 3, 2025`.
_WORD_OF_DATE: Final = r"[^\W\d]{1,12}(?:-[^\W\d]{1,12})?[.,]{0,2}"
DAY_ALONE: Final = re.compile(
    rf"[\s>*{_DASHES}]{{0,10}}(?:(?:{_OPENING_WORDS})(?:\s{_WORD_OF_DATE}(?<=,))?|(?:(?:{_OPENING_WORDS})\s)?"
    rf"(?:(?:(?:{_WORD_OF_DATE}|\d{{1,2}}(?:st|nd|rd|th)?[.,]{{0,2}})\s){{1,5}}(?:19|20)\d\d|\d{{1,4}}[-/.]\d{{1,2}}[-/.]\d{{1,4}})"
    r"[.,]{0,2}(?:\s[^\W\d]{1,6}[.,]{0,2})?)\Z",
    re.IGNORECASE,
)
# How Notes heads a mail, without colons: each name on a line of its own.
NOTES_TO: Final = frozenset(("to", "an", "a", "à", "para", "aan", "till", "til"))
NOTES_SUBJECT: Final = frozenset(
    ("subject", "thema", "betreff", "objet", "asunto", "assunto", "oggetto", "onderwerp", "ämne", "emne")
)
LINK_AT_END: Final = re.compile(r"https?://\S{20,}\Z")
LINK_OF_QUOTE: Final = re.compile(r"\s*[(<]https?://[^\s<>]{1,2000}[)>]\s*>?\s*\Z")
