"""How automatic answers are titled and worded, in the languages that mail programs speak."""

import re
from typing import Final

# What only a program writes above a mail, at the subject's beginning.
TITLE: Final = re.compile(
    r"\s*(?:\[?auto(?:[\s-]?reply|[\s-]?response|[\s-]?antwort)\]|auto:\s|"
    r"auto(?:matic|mated|matische?)?[\s:_-]*(?:reply|response|respond|answer|antwort)|"
    r"out[\s-]+of[\s-]+(?:the[\s-]+)?office(?:\s(?:auto|reply|re:|response|message\s?:|notification)|\s?[:(\[]|"
    r"\s*\Z)|"
    r"[^\n:]{1,60}\sis\s(?:out\sof\sthe\soffice|on\svacation|away)\s?(?:\(|until\b|\Z)|"
    r"(?:vacation|away|absence)\s(?:auto-?)?(?:reply|response|notice|message\s?:)|abwesenheits(?:notiz|nachricht|"
    r"meldung|assistent)|"
    r"réponse\sautomatique|absence\sdu\sbureau|message\sd['’]absence|respuesta\sautomática|resposta\sautomàtica|"
    r"risposta\sautomatica|resposta\sautomática|automatisch\santwoord|autosvar|automatiskt?\ssvar|"
    r"automaattinen\svastaus|automatyczna\sodpowied[źz]|odpowied[źz]\sautomatyczna|autoodpowied[źz]|"
    r"automatická\sodpoveď|automatická\sodpověď|automatikus\sválasz|răspuns\sautomat|otomatik\s(?:yanıt|cevap)|"
    r"samodejni\sodgovor|automatski\sodgovor|automatinis\satsakymas|automātiskā\satbilde|automaatvastus|"
    r"αυτόματη\sαπάντηση|תשובה\sאוטומטית|מענה\sאוטומטי|رد\sتلقائي|thư\strả\slời\stự\sđộng|trả\slời\stự\sđộng|"
    r"การตอบกลับอัตโนมัติ|"
    r"автоответ|автоматический\sответ|автоматична\sвідповідь|автоматичен\sотговор|"
    r"自動(?:応答|返信)|自动(?:回复|答复)|自動(?:回覆|答覆)|자동\s*(?:회신|응답)"
    r")",
    re.IGNORECASE,
)
# What people, too, put into a subject: it takes more than that their mail is an answer.
AWAY: Final = re.compile(
    r"\s*(?:(?:i\sam\s)?out[\s-]+of[\s-]+(?:the[\s-]+)?office|(?:i\sam\s)?(?:currently\s)?away\sfrom\s(?:my|the)\s|"
    r"(?:i\sam\s)?(?:on\s)?(?:vacation|holidays?|annual\sleave|parental\sleave|maternity\sleave)\b|"
    r"abwesen(?:heit|d)|nicht\sim\s(?:büro|haus)|(?:absente?|absence)\b|en\scongés?\b|fuera\sde\s(?:la\s)?oficina|"
    r"ausente|"
    r"fuori\s(?:sede|ufficio)|fora\sdo\sescritório|ausência|afwezig|frånvar(?:o|ande)|fravær|poissa\b|poza\sbiurem|"
    r"mimo\skancelář|nepřítom|mimo\skancelárie|házon\skívül|ofis\sdışı|ofiste\sdeğil|вне\sофиса|отсутств|відсутн|"
    r"odsut|不在|休暇|外出|부재)",
    re.IGNORECASE,
)
# What only a note of absence says, in its first sentences.
AWAY_WORDS: Final = re.compile(
    r"\b(?:i\s(?:am|will\sbe)|i['’]m|we\sare)\s(?:currently\s|presently\s|now\s)?(?:out\sof\s(?:the\s|my\s)?office|"
    r"away\s(?:from|until|on)|"
    r"on\s(?:vacation|holiday|leave|annual\sleave|parental\sleave|maternity\sleave))|"
    r"(?:no|limited)\saccess\sto\s(?:my\s)?e-?mail|this\sis\san\sauto(?:mated|matic|-)\s?(?:reply|response|message)|"
    r"(?:bin|sind)\s(?:ich\s)?(?:derzeit\s|zur\szeit\s|momentan\s|aktuell\s|ab\s|vom\s|bis\s)?[^.!?\n]{0,60}"
    r"(?:nicht\sim\s(?:büro|haus)|außer\shaus|abwesend|in\surlaub|im\surlaub)|"
    r"je\s(?:suis|serai)\s(?:actuellement\s)?(?:absente?|en\scongés?)|(?:estoy|estaré)\s[^.!?\n]{0,30}(?:fuera\sde|"
    r"ausente|de\svacaciones)|"
    r"(?:sono|sarò)\s[^.!?\n]{0,30}(?:fuori\s(?:sede|ufficio)|assente|in\sferie)|(?:estou|"
    r"estarei)\s[^.!?\n]{0,30}(?:ausente|fora|de\sférias)|"
    r"(?:ben|zal)\s(?:ik\s)?[^.!?\n]{0,30}(?:afwezig|niet\sop\skantoor|met\svakantie)|"
    r"jag\sär\s[^.!?\n]{0,30}(?:frånvarande|ledig|semester)|"
    r"(?:jeg|eg)\ser\s[^.!?\n]{0,30}(?:fraværende|ferie|ikke\spå\skontoret)",
    re.IGNORECASE,
)
FIRST_WORDS: Final = 600
