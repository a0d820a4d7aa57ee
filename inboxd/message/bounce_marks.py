"""How mailers say that a mail was not delivered, in the free forms that came before RFC 3464 and never went away."""

import re
from typing import Final

from inboxd.message.auto_reply_marks import TAGS

# Whoever writes from such an address is a mail system.
DAEMON: Final = re.compile(
    r"mailer[ ._-]?daemon|mail[._-]?daemon|mdaemon|mail[ ._-]?deliver(?:y)?[ ._-]?(?:sub)?(?:system|service|agent|"
    r"program)|"
    r"internet mail delivery|mail[._-]deliver[a-z]*@|mail transport|"
    r"mail[ ._-]?(?:router|relay|system|administrator|server|"
    r"gateway)\b|"
    # (Exchange's own address, "Microsoft Outlook" by name.)
    r"microsoftexchange[0-9a-f]{32}@|(?:^|[<\s\"])(?:mmdf|mailadm|maildaemon|smtp[._-]?(?:gateway|server))",
    re.IGNORECASE,
)
# People answer mail as postmaster, too, and programs of all kinds write as daemon: it takes more than the name.
POSTMASTER: Final = re.compile(r"post[._-]?master|(?:^|[<\s\"])daemon@", re.IGNORECASE)
# People and firms call themselves so, too.
OF_A_FIRM: Final = re.compile(
    r"mail[ ._-]?deliver(?:y)?[ ._-]?service|mail[ ._-]?(?:router|relay|system|administrator|server|gateway)\b|"
    r"\bmailadm",
    re.IGNORECASE,
)
# Only together with an empty return path.
SENDER: Final = re.compile(
    r"bounces?|daemon|mailer|delivery|postoffice|mail-?admin|no[-_.]?reply|administrator|exchange|system|notification|"
    r"return|router|sysadmin",
    re.IGNORECASE,
)
# That a mail did not arrive, as mail systems say it in their languages.
_UNDELIVERED: Final = (
    r"undeliver(?:able|ed)|non-?deliver(?:y|able)|not deliver(?:ed|able)|"
    r"(?:could|can|has|have|was|were|is|are|will|did)(?: ?not|n't)(?: yet)?(?: been| be)?(?: successfully)?"
    r" (?:delivered|sent|transmitted)|could(?: ?not|n't) (?:send|deliver)\b|"
    r"(?:unable|failed|impossible|not able|couldn't be able) to (?:successfully )?(?:send|deliver)\b|"
    r"unzustellbar|nicht zustellbar|fehler bei der nachrichtenzustellung|nicht (?:zugestellt|ausgeliefert|übermittelt)|"
    r"(?:zustellung|übermittlung|auslieferung)\b.{0,60}(?:fehlgeschlagen|gescheitert|verzögert|nicht möglich)|"
    r"non (?:remis|d[ée]livré|distribué)|[ée]chec de (?:la )?(?:remise|distribution|livraison)|"
    r"pas pu [êe]tre (?:remis|d[ée]livr|livr|distribu|transmis|achemin)|pas été (?:remis|d[ée]livr|distribu)|"
    r"pas réussi à (?:remettre|livrer|distribuer|délivrer|acheminer)|non[- ](?:distribution|remise)|"
    r"impossible de (?:remettre|livrer|distribuer|transmettre|délivrer)|"
    r"no (?:se )?(?:ha )?p(?:udo|odido|uede) (?:ser )?(?:entreg|envia)|no (?:ha sido )?entregado|"
    r"erro(?:r en la| na| de) entrega|"
    r"(?:remise|distribution)\b.{0,60}(?:retard|différé)|retard de (?:remise|distribution)|"
    r"entrega\b.{0,40}(?:retras|atras)ad|(?:recapito|consegna)\b.{0,40}ritard|"
    r"(?:bezorging|aflevering)\b.{0,40}vertraagd|"
    r"mancat[oa] (?:recapito|consegna)|(?:impossibile|non è stato possibile) (?:recapitare|consegnare)|"
    r"non recapitabile|consegna non riuscita|non (?:è stat[oa]|può essere) (?:recapitat|consegnat)[oa]|"
    r"não (?:foi possível entregar|(?:foi |pôde ser )?entregue)|falha na entrega|"
    r"onbestelbaar|(?:bezorging|aflevering)\b.{0,60}mislukt|niet (?:worden )?(?:bezorgd|afgeleverd)|"
    r"(?:kan |kunne |kunde )?(?:inte|ikke) (?:kunde )?(?:levereras|leveres|leveret|levert)|ej levererat|"
    r"gick inte att leverera|"
    r"lever(?:ans|ing)\b.{0,60}(?:misslyckades|mislykkedes|mislyktes|feilet)|"
    r"toimi(?:ttaminen|tus)\b.{0,60}epäonnistui|toimittaminen ei onnistu|ei voi(?:tu|da)? toimittaa|"
    r"niedostarcz|nie można (?:było )?dostarczyć|nie (?:został[ao]? )?dostarczon|"
    r"dostarcz\w*\b.{0,60}nie powiodło|nie powiodło.{0,20}dostarcz|"
    r"nedoruč(?:iteľn|iteln|en)|nepodařilo (?:se )?doručit|nebyl[ao]? (?:možné )?doruč|"
    r"nelze doručit|doručení\b.{0,60}(?:selhalo|nezdařilo)|"
    r"kézbesíthetetlen|nem (?:sikerült )?kézbesít|nelivra(?:bil|t)|nu a putut fi (?:livrat|trimis)|"
    r"no s'ha pogut (?:lliurar|enviar)|(?:tidak dapat|gagal) (?:di|ter)(?:kirim|hantar)|ไม่สามารถส่ง|"
    r"teslim (?:edilemedi|edilemiyor|başarısız)|"
    r"iletilemedi|gönderilemedi|αδύνατη η παράδοση|δεν παραδόθηκε|μη παραδοτέο|παράδοση\b.{0,60}απέτυχε|לא ניתן למסירה|"
    r"غير قابل للتسليم|تعذر (?:ال)?تسليم|không (?:thể )?gửi được|"
    r"ne(?:isporučeno|isporučivo)|nije (?:mogl[ao] biti )?isporučen|ni mogoče dostaviti|не може да бъде доставен|"
    r"недоставлен|не (?:было )?доставлено|не (?:удалось|может|мог|был[ао]?) (?:выполнить |быть )?доставл?|недоставимо|"
    r"не (?:удается|удаётся) доставить|сбой доставки|доставка\b.{0,40}отложена|nepristatom|nepavyko pristatyti|"
    r"nepiegādājam|piegāde\b.{0,60}neizdevās|kohaletoimetam\w{1,10}\b.{0,60}nurjus|"
    r"не вдалося доставити|неможливо доставити|"
    r"(?:配信|配達|送信)(?:不能|エラー|が?できま|に失敗|遅延|が遅れ)|エラーメール|"
    r"(?:无法|無法|未能|不能|没有|未)(?:成功)?(?:将邮件)?(?:送达|送達|投递|投遞|传递|傳遞|遞送|发送)|"
    r"(?:传递|傳遞|投递|投遞|发送)失[败敗]|退信|被退回|不达|"
    r"(?:배달|발송|전송|전달)(?:되지|하지)? ?(?:못|실패|않)|반송(?:된|되|메일| 메일)"
)
# How Microsoft heads its reports, "Delivery Status Notification", where it speaks something else.
_STATUS_REPORT: Final = (
    r"(?:übermittlungs|zustell)(?:ungs)?status|état de (?:la )?remise|estado de (?:la )?entrega|"
    r"stato d(?:i|el|ella) (?:recapito|consegna)|(?:status|estado) d[ae] entrega|"
    r"(?:leverings|bezorgings|leverans)status|"
    r"toimitusilmoitus|stanie dostarcz|stavu doruč|состоянии доставки|стан доставки|teslim durumu|"
    r"(?:传递|傳遞|投递|投遞)[状狀][态態]|配信状態|배달 상태"
)
SUBJECT: Final = re.compile(
    rf"{_UNDELIVERED}|{_STATUS_REPORT}|returned (?:e-?)?mail|mail returned|"
    r"returned to sender|return(?:ing|ed) message|bounced mail|(?:cannot|can't|can not) (?:send|deliver)|"
    r"deliver(?:y|ies)?\b.{0,30}\b(?:fail|problem|error|status|report|delay|incomplete|notification|warning)|"
    r"(?:fail|problem|error|warning|delay)\w{0,4}\b.{0,40}\b(?:deliver|mail|message|sen[dt]|notice|notification)|"
    r"(?:mail|message)\b.{0,40}\b(?:fail|undeliver|could not|cannot|can't|delay|reject|error|bounce|block)|"
    r"(?:user|host|address(?:ee)?) (?:unknown|not found)|(?:rejected|bounced) (?:e-?mail|message)|\A\[bounce\]",
    re.IGNORECASE,
)
# How mail systems begin a title, and what they say first: together they need no sender's name.
TITLE: Final = re.compile(
    rf"{TAGS}\**(?:(?:(?:your |the )?(?:e-?mail |mail |message )|メール|メッセージを)?(?:{_UNDELIVERED})|"
    rf"{_STATUS_REPORT}|"
    r"failure notice|returned mail\b|failed mail\b|mail failed\b|mail delivery (?:failed|failure|problem|status)|"
    r"delivery (?:status notification|failure|notification|report|(?:has )?failed)|"
    r"message delivery (?:failure|has failed)|mail (?:system error|delivery error)|"
    r"message delivery error|non-?delivery|permanent delivery failure|"
    r"(?:e-?mail|message) you sent (?:was |has been )?(?:blocked|rejected)|"
    r"warning: (?:could not|message)|nondeliverable mail)",
    re.IGNORECASE,
)
FIRST_WORDS: Final = re.compile(
    r"(?:(?:hi|hello|dear)\b[^\n]{0,40}?[.!,\n]\s*)?(?:(?:unfortunately|sorry)[,.!]?\s)?(?:"
    r"this is the .{0,60}(?:qmail|program|mailer|mail (?:system|delivery|server|service))|"
    r"this (?:message|report|e-?mail) (?:was|is|has been) (?:created|generated|sent) automatically|"
    r"(?:a|the|your) (?:following |enclosed |attached )?(?:e-?mail |mail )?message "
    r"(?:that )?(?:you sent )?(?:to \S{1,100} )?"
    rf"(?:{_UNDELIVERED}|did not reach|was not accepted)|"
    r"(?:your|the) (?:e-?mail|message):?\s+(?:to|from|subject):|the original message was received|"
    r"(?:your|votre|ihre|deine|su|tu|il suo|il tuo|sua|uw|je|ditt|din|dit|twoja|vaše|ваше|您的)\s"
    rf"(?:[^\W\d_]{{1,20}}\s)?(?:e-?mail|mail|message|nachricht|mensaje|correo|messaggio|mensagem|bericht|wiadomość|"
    rf"zpráva|сообщение|письмо|邮件|郵件)[\s\S]{{0,200}}?(?:{_UNDELIVERED})|"
    r"delivery (?:to|has failed|failed)|(?:the )?following (?:address|recipient|message|mail)|"
    r"(?:undeliverable|failed|intended|invalid|unknown) (?:address|recipient)|"
    r"(?:we (?:were|are) |i was |was )?(?:unable|not able) to deliver\b"
    r"[^.\n]{0,60}(?:mail|message|recipient|address|@)|"
    r"could not deliver (?:the |your )?(?:mail|message)|"
    r"[^\n]{0,30}\bfailed (?:recipient|address)|"
    r"-{2,} ?(?:transcript|failure reasons|the following addresses|failed recipients?|"
    r"non-?delivery|(?:your )?message not delivered)|"
    r"[^\n]{0,20}(?:<<<|>>>) ?(?:RCPT|MAIL FROM|DATA|[45]\d\d)\b)",
    re.IGNORECASE,
)
# A gateway's name over its report: `****** Message from the gateway ******`.
BANNER: Final = re.compile(r"\s*[*=#_-]{3,80}[^\n]{0,100}?[*=#_-]{3,80}\s*\n")
# How people speak of themselves, and ask: reports that nobody's name stands over do neither.
# (A mailer may be sorry, and a link may have a query in it.)
PERSONAL: Final = re.compile(
    r"\bI\b(?!(?:['’]m| am) (?:afraid|sorry)|(?:['’]ve| have) given up| include|"
    r" (?:(?:was|could|can)(?: ?not|n['’]t)|was unable) (?:able )?(?:to )?(?:deliver|send|find))|"
    # (`Mon` is a day, `30 min` are minutes.)
    r"(?i:\b(?:my|ich|meine?[mnrs]?|mon(?![,.]|\s{1,2}(?:\d|[a-z]{3}\s{1,2}\d))|mes|mijn|mein|(?<!\d\s)min|mitt|mój|můj|"
    r"мой|мо[её])\b)|\w[\"')»]?\s?\?(?!\S)|？"
)
# What a mail system speaks of; a shop's robot says of parcels what it says of mails.
OF_MAIL: Final = re.compile(
    r"\b(?:e-?mail|mail(?:box)?|messages?|recipients?|user|nachricht|courriel|courrier|mensaje|correo|messaggio|mensagem|"
    r"bericht|meddelande|meddelelse|melding|viesti|wiadomość|zpráva|mesaj|ileti)|"
    r"empfänger|destinatari|destinataire|geadresseerde|mottag(?:a|e)|modtager|vastaanottaj|adresat|příjemc|alıcı|получател|сообщени|письм|почт|повідомлен|лист|"
    r"邮件|郵件|信件|收件人|メール|メッセージ|宛先|메일|메시지|받는",
    re.IGNORECASE,
)
# What a carrier speaks of.
OF_GOODS: Final = re.compile(
    r"\b(?:parcels?|shipments?|drivers?|pakete?s?|sendung|fahrer|colis|livreur|paquete|pacco|corriere|pakket|pakje|paczk)",
    re.IGNORECASE,
)
# A sentence that only a mail system says.
SURE: Final = re.compile(
    rf"{_UNDELIVERED}|this is the .{{0,60}}(?:qmail|mail delivery|mail system|program|mailer)|"
    r"this (?:message|report|e-?mail|mail) (?:was|is|has been) (?:created|generated|"
    r"sent) automatically by (?:the )?mail|"
    r"a message that you sent (?:could|has|was) not|nie powiodło się|se nezdařilo|"
    r"the following address(?:es|\(es\))? (?:had|failed|have|has)|addresses had (?:permanent|transient)|"
    r"delivery to the following recipients? (?:failed|has|was|have)|"
    r"sorry, we (?:were|are) unable|"
    r"(?:there was an error|errors? (?:occurred )?(?:while|in)) deliver|permanent fatal delivery|failed recipient|"
    r"failure reasons|did not reach (?:some or all of )?(?:the|its) (?:intended |following )?recipient|"
    r"delivery (?:attempt )?(?:has )?(?:finally |permanently )?failed|failed (?:recipients?|addresses|permanently)|"
    r"returned (?:mail|message|to sender)|"
    r"your (?:message|(?:e-?)?mail) (?:to .{1,100} )?(?:was|has been|is being) (?:automatically )?"
    r"(?:rejected|returned|delayed)|"
    r"error occurred while (?:trying to deliver|sending)|message delivery to .{1,200} failed|"
    r"unknown (?:user|recipient|address|local)|user unknown|no such (?:user|mailbox|recipient|account|person)|"
    r"not a (?:valid|known) (?:user|recipient|address|mailbox)|do(?:es)?(?: not|n't) exist\b|"
    r"no longer (?:exists?\b|valid|active|in use)|"
    r"mailbox (?:of \S{1,100} (?:\S{1,100} )?)?(?:is )?(?:full|unavailable|not found|disabled|exceeded)|"
    r"(?:over|exceeded?).{0,30}quota|quota exceeded|"
    r"permanent (?:fatal )?errors?|recipient(?:'s)? (?:address )?(?:rejected|unknown|not found)|"
    r"address(?:ee)? unknown|"
    r"transcript of (?:the )?session|unsent message|this user doesn't have|this report relates to a message you sent|"
    r"host (?:unknown|not found|name lookup)|will keep trying|retry timeout|still undelivered",
    re.IGNORECASE,
)
# What mail systems write to their own users: that a mail arrived, that a mailbox fills up.
NO_BOUNCE: Final = re.compile(
    r"\A[^\n]{0,100}(?<!not )(?<!not be )\bsuccess(?:ful|fully)?\b|"
    r"\A[^\n]{0,60}\b(?:notification|report|status)\b[^\n]{0,20}(?<!not )\b(?:delivered|relayed|expanded)\b|"
    r"(?<!not )(?<!not be )(?<!not been )\bsuccessfully (?:delivered|relayed)|"
    r"\byour (?:own )?(?:mailbox|inbox|(?:e-?)?mail account|quota)\b[^\n]{0,80}?\b(?:full|quota|limit|exceed|space)",
    re.IGNORECASE,
)
# That the mail waits for somebody's word: a challenge, a moderator, a quarantine. It may arrive yet.
HELD: Final = re.compile(
    r"\b(?:is|are|has been|have been) (?:being |currently )?held\b[\s\S]{0,300}?\b(?:confirm|verif|approv|moderator|"
    r"release|review|recogni[sz]ed)",
    re.IGNORECASE,
)
# The receipts of certified mail (RFC 6109) that say that one was not delivered, or was not even taken.
CERTIFIED: Final = frozenset(("errore-consegna", "preavviso-errore-consegna", "non-accettazione"))
# Amazon SES writes JSON, which its notification service sends by mail.
NOTIFIED: Final = re.compile(
    r"\s*\{(?=[\s\S]*\"bouncedRecipients\")(?=[\s\S]*\"(?:notification|event)Type\"\s*:\s*\"Bounce\")", re.IGNORECASE
)
NOTIFIED_ADDRESS: Final = re.compile(
    r"\"emailAddress\"\s{0,9}:\s{0,9}\"(?:[^\"<>\n]{0,99}<)?([^\"<>\s]{1,320})", re.IGNORECASE
)
DELAYED: Final = re.compile(
    r"\b(?:delayed|will (?:be )?(?:retried|retry|kept|continue|keep)|still (?:being )?(?:tried|trying|undelivered)|"
    r"temporar(?:y|ily)|warning(?: only)?|do(?: not|n't) need to resend|not yet been delivered)\b",
    re.IGNORECASE,
)
DELAY_IN_TITLE: Final = re.compile(
    r"\bdelay(?:ed)?\b|verzögert|retard|différée|retrasad|atrasad|ritard|vertraagd|отложен|задерж|遅延|延迟|延遲|지연",
    re.IGNORECASE,
)
# That it goes on being tried, whatever the title calls it.
GOES_ON: Final = re.compile(
    r"attempts? will continue|will (?:continue|keep) (?:to try|trying|attempting)|do(?: not|n't) (?:need to )?resend",
    re.IGNORECASE,
)
# That nothing goes on any more, for whatever reason: one that passes (4.x.x) ends in this, too, when it lasts for days.
GIVEN_UP: Final = re.compile(
    r"returned (?:to sender|mail)|undelivered mail|i've given up|not going to try again|"
    r"(?:permanent|fatal) (?:delivery )?(?:error|failure)|will not (?:continue|be retried|try)|"
    r"no (?:further|more) (?:delivery )?attempts|\bgiving up\b",
    re.IGNORECASE,
)
# A title that leaves no doubt: what stands below about trying again is past.
FINAL: Final = re.compile(r"undeliver|returned|permanent|reject|fail(?:ed|ure)", re.IGNORECASE)
# Lines about the mail and not about whom it did not reach.
ABOUT_THE_MAIL: Final = re.compile(
    r"^[ \t>]{0,8}(?:the )?(?:message-?id|in-reply-to|references|from|sender|reply-to|return-path|subject)"
    r"(?: of the message is)?[ \t]*:.*$",
    re.IGNORECASE | re.MULTILINE,
)
MESSAGE_ID: Final = re.compile(r"\bmessage-?id\W{1,3}<[^<>\s]{1,250}>", re.IGNORECASE)
# What stands above the addresses that a mail did not reach, where the report names others as well.
LISTED: Final = re.compile(
    r"\b(?:following|these)\s(?:[\w-]{1,20}\s){0,2}(?:recipient|address|user|mailbox)[^\n:]{0,60}:|failed\s(?:recipient|addresse?)s?\b",
    re.IGNORECASE,
)
# What stands before an address that a line is about; a server's answer names others further on.
LINE_BEFORE: Final = re.compile(
    r"[ \t>*\-<'\"\[(]{0,20}(?:(?:to|[\w ]{0,20}(?:recipient|address)(?:\(s\))?):[ \t<'\"]{0,8})?(?:mailto:)?\Z",
    re.IGNORECASE,
)
ORIGINAL_BELOW: Final = re.compile(
    r"^(?:[\s>]{0,4}-{2,}.{0,60}(?:copy|original|returned|unsent|message|headers|below)|received: |return-path: |"
    r"[>\s]{0,4}(?:this is a copy|original message(?! details)|copy of (?:your|the) message).{0,60})",
    re.IGNORECASE | re.MULTILINE,
)
STATUS: Final = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
REPLY_CODE: Final = re.compile(r"(?<![\d.])([45])[0-5]\d[ -]")
# How a server answers on the wire (RFC 5321 4.2): `550 5.1.1 …`, `said: 554 …`.
ANSWER: Final = re.compile(
    r"(?<![\d.])[45][0-5]\d[ -](?:[45]\.\d{1,3}\.\d{1,3}\b|<?[A-Za-z])|(?<![\d.])[45]\.[0-7]\.\d{1,3}(?![\d.])"
)
ADDRESS: Final = re.compile(
    r"(?:(?:[^\s<>\"'(),;:\[\]@=\u3001-\u301f\uff01-\uff0f\uff1a-\uff1f]|(?<=[A-Za-z])'(?=[A-Za-z])){1,64}|"
    r"\"[^\"\n]{1,64}\")@(?:\[[0-9A-Fa-f.:]{3,45}\]|"
    r"(?:[A-Za-z0-9\u00c0-\u024f](?:[A-Za-z0-9\u00c0-\u024f-]{0,62})(?:\.[A-Za-z0-9\u00c0-\u024f-]{1,63}){1,8}))"
)
# That the mailbox is full, the mail too large, or its sender not welcome: nothing of the address, where no status says
# more (RFC 3463 3.3, 3.4, 3.8).
OF_THIS_MAIL: Final = re.compile(
    r"(?:mailbox|inbox|folder|maildir)\b[^\n]{0,40}\b(?:full|limit)|\bquota\b|"
    r"(?:not enough|insufficient|out of) (?:system |disk )?(?:storage|space)|"
    r"\b(?:message|e?-?mail|size)\b[^\n]{0,40}\b(?:too (?:large|big)|exceed|limit)|maximum (?:allow|message|size)|"
    r"\bspam\b|\bvirus|\b(?:black|block)[ -]?(?:list|ed)|\breputation\b|\bpolicy\b|\bdmarc\b|\bdnsbl\b|"
    r"(?:postfach|mailbox|speicher)[^\n]{0,40}\b(?:voll|überfüllt|überschritten)|nachricht[^\n]{0,40}zu groß|"
    r"(?:boîte|messagerie)[^\n]{0,60}(?:pleine|saturée)|(?:buzón|casilla)[^\n]{0,40}llen[oa]|casella[^\n]{0,40}piena|"
    r"caixa[^\n]{0,40}cheia|(?:postvak|mailbox)[^\n]{0,40}\bvol\b|skrzynk[^\n]{0,40}(?:pełn|przepełnion)|переполнен|"
    r"(?:邮箱|信箱|郵箱)[^\n]{0,8}(?:满|滿)|容量[^\n]{0,12}(?:超|いっぱい)|メールボックス[^\n]{0,12}いっぱい|사서함[^\n]{0,12}(?:가득|초과)",
    re.IGNORECASE,
)
