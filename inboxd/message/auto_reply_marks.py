"""How automatic answers are titled and worded, in the languages that mail programs speak."""

import re
from typing import Final

# What gateways and filters put before a title, and desks: `[EXT]: `, `***SPAM***`, `{Spam?}`, `[example.org #12]`.
TAGS: Final = r"(?:\s*(?:\[[^\]\n]{1,40}\]|\{[^}\n]{1,30}\}|\*{2,5}[^*\n]{1,20}\*{2,5}):?){0,2}\s*"
TAGGED: Final = re.compile(TAGS)
# What only a program writes above a mail, at the subject's beginning.
TITLE: Final = re.compile(
    TAGS + r"[\[(*]?(?:auto:\s|"
    # (`Automatic reply does not work` is a person's.)
    r"auto(?:matic|mated|matische?)?[\s:_-]*(?:reply|response|respond(?:er)?|answer|antwort)"
    r"(?!\w?\s(?!from\b|to\b|re\b|for\b|on\b|by\b|auf\b|von\b)[a-z])|"
    r"out[\s-]+of[\s-]+(?:the[\s-]+)?office(?:\s(?:auto|reply|re:|response|message\s?:|notification)|\s?[:(\[]|"
    r"\s*\Z)|"
    # (Notes, in its languages.)
    r"[^\n:]{1,60}\s(?:is\s(?:out\sof\sthe\soffice|on\svacation|away)\s?\.?\s?(?:\(|until\b|\Z)|(?:ist\s(?:außer\shaus|nicht\sim\s(?:büro|haus)|abwesend|im\surlaub)|est\sabsent(?:e|\(e\))?(?:\sdu\sbureau)?|"
    r"está\sfuera\sde\sla\soficina|è\s(?:fuori\s(?:sede|ufficio)|assente)|está\s(?:ausente|fora\sdo\sescritório)|"
    r"is\s(?:niet\sop\skantoor|afwezig)|är\s(?:inte\spå\skontoret|frånvarande)|er\s(?:ikke\spå\skontoret|fraværende))\s?\.?\s*\Z)|"
    r"(?:vacation|away|absence)\s(?:auto-?)?(?:reply|response|notice|message\s?:)(?!\s[a-z])|abwesenheits(?:notiz|nachricht|"
    r"meldung|assistent)|"
    r"réponse\sautomatique|absence\sdu\sbureau|message\sd['’]absence|respuesta\sautomática|resposta\sautomàtica|"
    r"risposta\sautomatica|resposta\sautomática|automatisch\santwoord|autosvar|sjálfvirkt\ssvar|automatiskt?\ssvar|"
    r"automaattinen\svastaus|automatyczna\sodpowied[źz]|odpowied[źz]\sautomatyczna|autoodpowied[źz]|"
    r"automatická\sodpoveď|automatická\sodpověď|automatikus\sválasz|răspuns\sautomat|otomatik\s(?:yanıt|cevap)|"
    r"samodejni\sodgovor|automatski\sodgovor|automatinis\satsakymas|automātiskā\satbilde|automaatvastus|"
    r"αυτόματη\sαπάντηση|תשובה\sאוטומטית|מענה\sאוטומטי|رد\sتلقائي|پاسخ\sخودکار|"
    r"thư\strả\slời\stự\sđộng|trả\slời\stự\sđộng|"
    r"(?:การ)?ตอบกลับอัตโนมัติ|tự\sđộng\strả\slời|balasan\sotomati[ks]|balasan\sautomatik|erantzun\sautomatikoa|"
    r"аутоматски\sодговор|автоматты\sжауап|स्वचालित\s(?:उत्तर|जवाब)|"
    r"автоответ|автоматический\sответ|автоматична\sвідповідь|автоматичен\sотговор|"
    r"自動(?:応答|返信)|自动(?:回复|答复)|自動(?:回覆|答覆)|자동\s*(?:회신|응답)"
    r")",
    re.IGNORECASE,
)
# The same behind the subject that is answered: `Re: Printer [Auto-Reply]`.
TITLE_AT_END: Final = re.compile(
    r"[\[(](?:auto(?:matic|mated)?[\s-]?(?:reply|response|antwort|svar)|out\sof\s(?:the\s)?office|abwesend)[\])]\s*\Z",
    re.IGNORECASE,
)
# `Yahoo! Auto Response`: a robot's name and nothing behind it.
NAMED_AT_END: Final = re.compile(r"\bauto(?:matic|mated)?[\s-]?(?:reply|response)\s*\Z", re.IGNORECASE)
# All of a receipt's text: whose, the fields of the mail that was read, and when it was.
RECEIPT: Final = re.compile(
    r"[^\n:?？]{3,40}\n\s*((?:[ \t]*[^\s:：][^\n:：]{0,14}[:：][^\n]{0,300}\n){2,4})\s*"
    r"[^\n?？:：]{1,80}\d[^\n?？]{0,160}"
)
ASKS: Final = re.compile(r"\?(?!\S)|[？؟]")
# What people, too, put into a subject: it takes more than that their mail is an answer.
AWAY: Final = re.compile(
    TAGS + r"(?:oo[of]\s?(?:re\s?)?:|(?:(?:i\sam\s)?out[\s-]+of|not\sin)[\s-]+(?:the[\s-]+)?office|"
    r"(?:i\sam\s)?(?:currently\s)?away\sfrom\s(?:my|the)\s|"
    r"(?:i\sam\s)?(?:on\s)?(?:vacation|holidays?|annual\sleave|parental\sleave|maternity\sleave)\b|on\sleave\b|"
    r"[^\n:]{0,30}\bauto(?:matic|mated)?[\s-]?(?:reply|response|responder)\b|"
    r"abwesen(?:heit|d)|nicht\sim\s(?:büro|haus)|(?:ich\sbin\s)?(?:im|in)\surlaub\b|(?:absente?|absence)\b|en\scongés?\b|"
    r"fuera\sde\s(?:la\s)?oficina|de\svacaciones\b|ausente|fuori\s(?:sede|ufficio)|in\sferie\b|"
    r"fora\sdo\sescritório|ausência|de\sférias\b|afwezig|niet\s(?:aanwezig|op\skantoor)|met\s(?:vakantie|verlof)\b|"
    r"frånvar(?:o|ande)|fravær|ikke\s(?:til\sstede|på\skontoret)|poissa|lomalla\b|poza\sbiurem|"
    r"nieobecn|na\surlopie\b|"
    r"mimo\skancelář|nepřítom|na\sdovolen(?:é|ej)\b|mimo\skancelárie|házon\skívül|ofis\sdışı|ofiste\sdeğil|"
    r"izinde|вне\sофиса|нет\sна\sработе|в\sотпуске|отсутств|відсутн|у\sвідпустці|"
    r"odsut|不在|休暇|外出|(?:正在)?休假|부재|휴가)",
    re.IGNORECASE,
)
# What only a note of absence says, in its first sentences. (Dates have dots, too: a few words are let through.)
# Behind a quotation mark it is what somebody wants such a note to say.
AWAY_WORDS: Final = re.compile(
    r"(?<![\"“„«‘])(?:\b(?:i\s(?:am|will\sbe)|i['’](?:m|ll\sbe)|we\sare)\s(?:currently\s|presently\s|now\s)?(?:out\sof\s(?:the\s|my\s)?office|"
    r"away\b|back\s(?:on|in|at)|on\s(?:vacation|holidays?|leave|annual\sleave|parental\sleave|maternity\sleave))|"
    r"i(?:['’]ll|\swill)\s(?:be\sback|return)\s(?:on|in|at|to)|"
    r"(?:no|limited)\saccess\sto\s(?:my\s)?e-?mail|this\sis\san\sauto(?:mated|matic|-)\s?(?:reply|response|message)|"
    r"(?:bin|sind)\s[^!?\n]{0,60}(?:nicht\sim\s(?:büro|haus)|außer\shaus|abwesend|(?:in|im)\surlaub)|"
    r"je\s(?:suis|serai)\s[^!?\n]{0,30}(?:absente?|en\scongés?|hors\sdu\sbureau)|"
    r"(?:estoy|estaré)\s[^!?\n]{0,30}(?:fuera\sde|ausente|de\svacaciones)|"
    r"(?:sono|sarò)\s[^!?\n]{0,30}(?:fuori\s(?:sede|ufficio)|assente|in\sferie)|"
    r"(?:estou|estarei)\s[^!?\n]{0,30}(?:ausente|fora|de\sférias)|"
    r"(?:ben|zal)\s[^!?\n]{0,30}(?:afwezig|niet\sop\skantoor|met\s(?:vakantie|verlof))|"
    r"(?:jag|jeg|eg)\s(?:är|er)\s[^!?\n]{0,30}(?:frånvarande|fraværende|ledig|semester|ferie|(?:inte|ikke)\spå\skontoret)|"
    r"olen\s[^!?\n]{0,30}(?:poissa|lomalla)|(?:jestem|będę)\s[^!?\n]{0,30}(?:nieobecn|na\surlopie|poza\sbiurem)|"
    r"(?:jsem|budu)\s[^!?\n]{0,30}(?:mimo\skancelář|na\sdovolené|nepřítom)|"
    r"(?:нахожусь|буду|я)\s[^!?\n]{0,30}(?:в\sотпуске|вне\sофиса|отсутств)|"
    r"(?:перебуваю|буду|я)\s[^!?\n]{0,30}(?:у\sвідпустці|поза\sофісом|відсутн)|"
    r"(?:ofis\sdışında|izinde)y|不在にして|休暇(?:中|を)|(?:不在|离开)办公室|(?:正在|目前)休假|不在辦公室|부재\s?중|휴가\s?중)",
    re.IGNORECASE,
)
# What such notes say, too, and people now and then: enough to ask, not to decide.
UNAVAILABLE: Final = re.compile(
    r"\b(?:i|we)(?:\s(?:am|are|will\sbe)|['’](?:m|re|ll\sbe))\s[^.!?\n]{0,40}(?:unavailable|not\savailable|travell?ing|"
    r"business\strip|leave\b|vacation|holiday|out\sof\s(?:the\s|my\s)?office|off\s(?:sick|work))|"
    r"\b(?:out\sof\s(?:the\s|my\s)?office|on\s(?:leave|vacation|holidays?))\s(?:until|till|from|as\sof)\b|"
    r"\b(?:e-?mails?|messages?|mailbox)\s[^.!?\n]{0,40}(?:not|no\slonger|n['’]t)\s(?:be(?:ing)?\s)?(?:read|monitored|"
    r"forwarded|checked)|\bno\slonger\s(?:employed|works?\s(?:at|for|here|with)|with\sthe\scompany)|\bleft\sthe\scompany|"
    r"\byour\s(?:e-?mail|message|request|inquiry|enquiry)\shas\sbeen\s(?:received|registered)|"
    r"\b(?:bin|sind)\s[^!?\n]{0,60}nicht\s(?:erreichbar|verfügbar|da\b|am\s(?:platz|arbeitsplatz))|"
    r"\bwieder\s(?:erreichbar|im\s(?:büro|haus|dienst)|für\ssie\sda)|\bmeiner\sabwesenheit|\bnicht\s(?:gelesen|"
    r"weitergeleitet)|\bje\s(?:suis|serai)\s[^!?\n]{0,40}(?:indisponible|en\sdéplacement|de\sretour)|\bde\sretour\sle\s|"
    r"\b(?:estoy|estaré)\s[^!?\n]{0,30}(?:no\sdisponible|de\s(?:viaje|baja|regreso))|"
    r"\b(?:sono|sarò)\s[^!?\n]{0,30}(?:non\sdisponibile|in\s(?:viaggio|malattia))|"
    r"\b(?:estou|estarei)\s[^!?\n]{0,30}(?:indisponível|em\sviagem)|\bben\s[^!?\n]{0,40}niet\s(?:bereikbaar|aanwezig)|"
    r"\b(?:nie\sbędę|jestem)\s[^!?\n]{0,30}(?:dostępn|niedostępn)|недоступ[енн]",
    re.IGNORECASE,
)
FIRST_WORDS: Final = 600
