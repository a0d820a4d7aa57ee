"""How mailers say that a mail was not delivered, in the free forms that came before RFC 3464 and never went away."""

import re
from typing import Final

# Whoever writes from such an address is a mail system.
DAEMON: Final = re.compile(
    r"mailer[ ._-]?daemon|mail[._-]?daemon|mdaemon|mail[ ._-]?deliver(?:y)?[ ._-]?(?:sub)?(?:system|service|agent|"
    r"program)|"
    r"internet mail delivery|mail[._-]deliver[a-z]*@|mail transport|mail ?(?:router|system|administrator|server|"
    r"gateway)\b|"
    r"(?:^|[<\s\"])(?:mmdf|mailadm|maildaemon|smtp[._-]?(?:gateway|server))",
    re.IGNORECASE,
)
# People read and answer mail as postmaster, too: it takes more than the title.
POSTMASTER: Final = re.compile(r"post[._-]?master", re.IGNORECASE)
# Only together with an empty return path.
SENDER: Final = re.compile(
    r"bounces?|daemon|mailer|delivery|postoffice|mail-?admin|no-?reply|administrator|exchange|system|notification|"
    r"return|router",
    re.IGNORECASE,
)
SUBJECT: Final = re.compile(
    r"undeliver(?:able|ed)|non-?deliver(?:y|able)|not deliver(?:ed|able)|returned (?:e-?)?mail|mail returned|"
    r"returned to sender|return(?:ing|ed) message|bounced mail|"
    r"deliver(?:y|ies)?\b.{0,30}\b(?:fail|problem|error|status|report|delay|incomplete|notification|warning)|"
    r"(?:fail|problem|error|warning|delay)\w{0,4}\b.{0,40}\b(?:deliver|mail|message|sen[dt]|notice|notification)|"
    r"(?:mail|message)\b.{0,40}\b(?:fail|undeliver|could not|cannot|can't|delay|reject|error|bounce)|"
    r"(?:could not|cannot|can't|unable to) (?:send|deliver)|user (?:unknown|not found)|"
    r"unzustellbar|nicht zustellbar|zustellung (?:fehl|verz)|unzustellbarkeit|non remis|échec de (?:la )?(?:remise|"
    r"distribution)|"
    r"no se (?:ha )?p(?:udo|odido) (?:entregar|enviar)|no entregado|mancato recapito|impossibile recapitare|"
    r"não (?:foi )?(?:entregue|possível entregar)|onbestelbaar|kunne ikke leveres|kunde inte levereras|"
    r"nie dostarczon|"
    r"nicht zugestellt|impossible de remettre|no se puede entregar|non recapitabile|falha na entrega|"
    r"bezorging.{0,40}mislukt|"
    r"kan (?:inte levereras|ikke leveres)|ikke leveret|ej levererat|niedostarcz|nedoručiteľn|nedoručiteln|"
    r"nebylo možné doručit|"
    r"toimittaminen ei onnistu|ei voi(?:tu|da) toimittaa|kézbesíthetetlen|nem kézbesíthető|nelivrabil|"
    r"teslim edilemedi|iletilemedi|"
    r"gönderilemedi|αδύνατη η παράδοση|δεν παραδόθηκε|לא ניתן למסירה|غير قابل للتسليم|تعذر (?:ال)?تسليم|"
    r"không (?:thể )?gửi được|"
    r"ne(?:isporučeno|isporučivo)|ni mogoče dostaviti|\A\[bounce\]|\Aнедоставимо|"
    r"配信不能|送信エラー|エラーメール|配信できません|配信に失敗|配達不能|退信|不达|未送达|无法送达|无法投递|"
    r"傳遞失敗|無法傳遞|無法投遞|배달되지|배달 실패|반송된|"
    r"не доставлено|недоставленн|не удалось доставить|неможливо доставити|не вдалося доставити",
    re.IGNORECASE,
)
# How mail systems begin a title, and what they say first: together they need no sender's name.
TITLE: Final = re.compile(
    r"\s*(?:undeliver(?:able|ed)(?: mail| message)?\b|failure notice|returned mail:|mail delivery (?:failed|"
    r"failure|problem|status)|"
    r"delivery (?:status notification|failure|notification|report|has failed)|message delivery (?:failure|"
    r"has failed)|"
    r"(?:mail|message) (?:system error|undeliverable|delivery error)|non-?delivery|permanent delivery failure|"
    r"warning: (?:could not|message)|"
    r"nondeliverable mail|unzustellbar|mail could not be delivered)",
    re.IGNORECASE,
)
FIRST_WORDS: Final = re.compile(
    r"(?:(?:hi|hello|dear)\b[^\n]{0,40}?[.!,\n]\s*)?(?:"
    r"this is the .{0,60}(?:qmail|program|mail(?:er| system| delivery| server))|"
    r"this (?:message|report|e-?mail) (?:was|is|has been) (?:created|generated|sent) automatically|"
    r"(?:a|the|your) (?:e-?mail |mail )?message (?:that )?(?:you sent )?(?:to \S{1,100} )?(?:could not|has not|"
    r"was not|cannot|can't|did not)|"
    r"(?:your|the) (?:e-?mail|message)\s+(?:to|from|subject):|the original message was received|"
    r"delivery (?:to|has failed|failed)|(?:the )?following (?:address|recipient|message)|"
    r"(?:we were |i was |was )?(?:unable|not able) to deliver|-{2,} ?(?:transcript|the following addresses))",
    re.IGNORECASE,
)
# A sentence that only a mail system says.
SURE: Final = re.compile(
    r"this is the .{0,60}(?:qmail|mail delivery|mail system|program|mailer)|"
    r"this (?:message|report|e-?mail|mail) (?:was|is|has been) (?:created|generated|"
    r"sent) automatically by (?:the )?mail|"
    r"a message that you sent (?:could not|has not|was not)|"
    r"the following address(?:es|\(es\))? (?:had|failed|have|has)|addresses had (?:permanent|transient)|"
    r"delivery to the following recipients? (?:failed|has|was|have)|"
    r"(?:unable|sorry, we (?:were|are) unable|not able|couldn't be able) to (?:successfully )?(?:deliver|"
    r"send) (?:your|the|this|to)|"
    r"(?:there was an error|errors? (?:occurred )?(?:while|in)) deliver|permanent fatal delivery|failed recipient|"
    r"failure reasons|"
    r"(?:message|mail|e-?mail) (?:could|can|has|was|is)(?: ?not|n't)(?: yet)?(?: been| be)? (?:delivered|sent|"
    r"transmitted)|"
    r"did not reach (?:some or all of )?(?:the|its) (?:intended )?recipient|"
    r"could not be delivered|cannot be delivered|was undeliverable|undeliverable (?:mail|message|to)|"
    r"delivery (?:attempt )?(?:has )?(?:finally |permanently )?failed|failed (?:recipients?|addresses|permanently)|"
    r"returned (?:mail|message|to sender)|your message (?:to .{1,100} )?(?:was|has been|is being) (?:rejected|"
    r"returned|delayed)|"
    r"error occurred while (?:trying to deliver|sending)|message delivery to .{1,200} failed|"
    r"unknown (?:user|recipient|address|local)|user unknown|no such (?:user|mailbox|recipient|account|person)|"
    r"mailbox (?:is )?(?:full|unavailable|not found|disabled|exceeded)|(?:over|exceeded?).{0,30}quota|quota exceeded|"
    r"permanent (?:fatal )?errors?|recipient(?:'s)? (?:address )?(?:rejected|unknown|not found)|"
    r"address(?:ee)? unknown|"
    r"transcript of (?:the )?session|unsent message|this user doesn't have|this report relates to a message you sent|"
    r"host (?:unknown|not found|name lookup)|will keep trying|retry timeout|still undelivered|"
    r"not (?:yet )?been delivered|"
    r"konnte nicht (?:zugestellt|ausgeliefert)|n['’]a pas pu être (?:remis|délivré|livré)|no se (?:ha )?p(?:udo|"
    r"odido) entregar|"
    r"non è stato possibile (?:recapitare|consegnare)|não pôde ser entregue|"
    r"fehler bei der nachrichtenzustellung|échec de la remise|falha na entrega a|bezorging aan de volgende|"
    r"impossibile recapitare|"
    r"det gick inte att leverera|levering mislykkedes|levering til.{0,60}mislyktes|nie powiodło się|se nezdařilo|"
    r"toimittaminen.{0,60}epäonnistui|teslim edilemedi|не удалось выполнить доставку|"
    r"送信できませんでした|配信できません|配信に失敗|無法投遞|无法投递|无法送达|无法将邮件传递|無法傳遞|被退回|"
    r"배달하지 못했습니다|"
    r"не (?:может|мог|удалось|было) (?:быть )?доставл?",
    re.IGNORECASE,
)
DELAYED: Final = re.compile(
    r"\b(?:delayed|will (?:be )?(?:retried|retry|kept|continue|keep)|still (?:being )?(?:tried|trying|undelivered)|"
    r"temporar(?:y|ily)|warning(?: only)?|do(?: not|n't) need to resend|not yet been delivered)\b",
    re.IGNORECASE,
)
# A title that leaves no doubt: what stands below about trying again is past.
FINAL: Final = re.compile(r"undeliver|returned|permanent|reject|fail(?:ed|ure)", re.IGNORECASE)
# Lines about the mail and not about whom it did not reach.
ABOUT_THE_MAIL: Final = re.compile(
    r"^[ \t>]{0,8}(?:message-?id|in-reply-to|references|from|sender|reply-to|return-path|subject)[ \t]*:.*$",
    re.IGNORECASE | re.MULTILINE,
)
ORIGINAL_BELOW: Final = re.compile(
    r"^(?:[\s>]{0,4}-{2,}.{0,60}(?:copy|original|returned|unsent|message|headers|below)|received: |return-path: |"
    r"[>\s]{0,4}(?:this is a copy|original message|copy of (?:your|the) message).{0,60})",
    re.IGNORECASE | re.MULTILINE,
)
STATUS: Final = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
REPLY_CODE: Final = re.compile(r"(?<![\d.])([45])[0-5]\d[ -]")
ADDRESS: Final = re.compile(
    r"(?:[^\s<>\"'(),;:\[\]@=]{1,64}|"
    r"\"[^\"\n]{1,64}\")@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\.[A-Za-z0-9-]{1,63}){1,8})"
)
