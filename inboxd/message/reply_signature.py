"""What stands round an answer and is none of it: signatures, "Sent from my …", notices of lawyers and filters."""

import re
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Final

import re2

from inboxd.message import banner
from inboxd.message.reply_heads import head_of

# What stands below "Sent from …" and belongs to it.
_ASIDE: Final = re.compile(
    r"[\s(]*(?:<?https?://[^\s<>]{1,300}>?|www\.[^\s<>]{1,100}|(?:please\s|pls\s)?(?:excuse|pardon|forgive)\s.{1,100}|"
    r"sorry\sfor\s(?:the\s|any\s)?(?:brevity|typos).{0,60}|bitte\sentschuldigen\ssie\s(?:die\skürze|meine\skürze).{0,60})\)?\s*\Z",
    re.IGNORECASE,
)
_ASIDES: Final = 4
_OVER_NOTICE: Final = re.compile(
    r"\s*(?:\[(?:image|cid|bild|logo)[^\]\n]{0,100}\]|\*{0,2}(?:disclaimer|legal\snotice|confidentiality(?:\snotice)?)\*{0,2})\s*\Z",
    re.IGNORECASE,
)
_SIGNATURE_LINES: Final = 25  # a longer one is no signature, whatever its dashes say
_NOTICE_LINES: Final = 40
_LONGEST: Final = 400

_DASHES: Final = re.compile(r"\s?(?:--|––|—|―|‐‐|__)\s{0,2}\Z|-- \s*\Z")
# A rule that people draw above their name, and drew above a paragraph, too: what stands below has to look like one.
_RULE: Final = re.compile(r"\s?(?:[-–—]{3,40}|_{3,40}|={3,40}|\*{3,40}|\+{2,4}|~{3,40})\s*\Z")
_BARE_RULE: Final = re.compile(r"\s?[-–—_]{2,80}\s*\Z")
# `PS: call me`, `Result: fails`: what begins with a word and a colon goes on saying something, but for a number's.
_REMARK: Final = re.compile(
    r"(?!(?:tel|phone|fax|mob|cell|mail|e-?mail|web|www|http|skype|office|direct)\b)[^\W\d_][\w.]{0,20}:\s",
    re.IGNORECASE,
)
_RULED_LINES: Final = 40  # above a rule, in which another like it says that the writer draws them
_SIGNED_WIDTH: Final = 100  # characters in the first line of a signature
_ADVERTISED_LINES: Final = 4
_ADVERTISED_RULE: Final = 48  # of which a free mail service draws its rule, at the least
_LINK_ALONE: Final = re.compile(r"(?:.{0,40}\s)?https?://\S{1,300}\s*\Z", re.IGNORECASE)
_CARD_LINES: Final = 8
_NUMBER: Final = re.compile(r"\d{3}|@|www\.|://")
_CARD_WIDTH: Final = 60
_GREETING_WORDS: Final = 6
_RULED: Final = " \t_-*="  # blanks, and what rules are drawn with
_SIGNS: Final = frozenset("-–—―‐_ =*+~")  # what a line begins with that begins a signature
_LIST_FOOTER: Final = re.compile(r"_{30,}\s*\Z")
_DEVICE: Final = (
    r"(?:i?phone|ipad|ipod|blackberry|android|samsung|galaxy|mobile|huawei|nokia|windows|outlook|handheld|tablet|xperia|"
    r"htc|\w{1,12}phone)"
)
_ARMOURED: Final = "-----BEGIN PGP SIGNED MESSAGE-----"
_ARMOURED_SIGNATURE: Final = "-----BEGIN PGP SIGNATURE-----"
_OF_GROUPS: Final = "__._,_.___"  # above what Yahoo Groups added
_EXCUSE: Final = r"(?:[.,;!]\s{0,2}(?:please\s|pls\s)?(?:excuse|pardon|forgive|sorry|apologies)\b.{0,80})?"
# In whatever language: parcels are sent from a place as well.
_DEVICE_ABROAD: Final = (
    rf"(?:{_DEVICE}|iphon|mobil|m[óo]vil|cel+ul|tel[eé](?:f|ph)|handy|smartph?[ofó]|xiaomi|redmi|oppo|oneplus|motorola|honor|pixel|lumia|"
    r"e?-?mail|courr?i|correo|\bposta\b|e-post|sähköposti|po[šč][tz]t?|почт|пошт|телефон|устройств|пристр|смартфон|appar|dispositiv|enhet|enhed|"
    r"laite|zařízen|urządze|\bapp|yahoo|proton|tuta|\bmac|\bpc\b|laptop|κινητ|هاتف|جهاز|טלפון|điện\sthoại|cihaz|perangkat|ponsel)"
)
_BRIEF: Final = (
    r"(?:veuillez\sexcuser|excusez|(?:por\sfavor,?\s)?(?:disculp|perdon|desculp)|scusa|bitte\s(?:entschuldig|verzeih)|"
    r"excuseer|ursäkta|u[nd]n?skyld|anteeksi|przepraszam|prosz[ęę]\swybacz|omluv|прост|извин)"
)
_SENT_FROM: Final = re.compile(
    r"[\s(<\[*_—–-]*(?:"
    rf"sent\sfrom\smy\s[\w.®™'’+&/-]{{1,30}}(?:(?:\s|,\s(?=(?-i:[A-Z])))[\w®™'’+&/-]{{1,30}}){{0,8}}{_EXCUSE}[.!]?|"
    rf"sent\s(?:from|via|with|using)\s(?!(?:your|our|his|her|their)\s)(?:my\s|a\s|the\s|an\s)?(?:[\w.®™'’+-]+\s){{0,5}}?\[?(?:{_DEVICE}|device|"
    rf"phone|app|\w{{0,12}}mail|yahoo!?|sparrow|spark|newton|superhuman|shortwave|canary|edison|typeapp|tuta(?:nota)?|"
    r"proton\s?mail|mailbox|thunderbird|acompli|front|spike|nine|hey|surface|boxer|inbox|em\sclient|unibox|shift|missive|twobird|"
    r"mixmax|streak|mailbutler|mailspring|maildroid|airmail|postbox|mailbird|polymail|nylas\s\w{1,5})\b(?:\]?[(<\s]{1,3}https?://[^\s<>()]{1,300}\s?[>)])?"
    rf"(?:[^.!?]{{0,60}}|\s\|\s\S{{1,60}}){_EXCUSE}\.?"
    r"|sent\son\sthe\sgo.{0,40}|-?\s?via\snewton\smail|\[image:\smailtrack[^\]]{0,40}\].{0,60}"
    r"|(?:télécharge[rz]|download|descarga[r]?|scarica|holen\ssie\ssich)\s(?:bluemail|typeapp|gmail|yahoo|spark|hi\sapp).{0,60}"
    rf"|from\smy\s{_DEVICE}[^.!?]{{0,20}}"
    r"|get\s\w{2,20}\sfor\s(?:ios|android|mac|windows)(?:\s?[<(\[].{0,60})?\.?"
    r"|(?:outlook\s(?:für|voor|para|per|pour|pro|dla|til|för)\s(?:ios|android|mac)|(?:holen\ssie\ssich|télécharge[rz]|obten(?:ir|ez)|obtener|obtenha|"
    r"obter\so|scarica|ottieni|pobierz|hämta|hent|hanki|download|skaff\sdeg|získat|завантажте|отримати|скачайте|получит[ье]|[获獲]取|取得|edinin)"
    r"\s.{0,20}outlook)[^.!?]{0,60}"
    r"|ios\s?(?:için|版|용)\soutlook.{0,60}|android\s?(?:için|版|용)\soutlook.{0,60}"
    r"|diese\s(?:nachricht|e-?mail)\swurde\svo[nm]\s.{1,60}\sgesendet\.?"
    r"|outlook\s.{0,20}を入手|provenance\s?:\scourrier\s.{1,40}"
    r"|von\s(?:meine[mr](?:/meine[mr])?\s.{1,50}|unterwegs|yahoo\s.{1,40})\s(?:gesendet|geschickt|verschickt)\.?"
    r"|(?:gesendet\s(?:vo[nm]|mit)|envoyé\s(?:de|depuis|à\spartir\s(?:de|d['’]outlook))|enviado\s(?:desde|do|de|via|a\spartir\sdo)|"
    r"inviato\sda(?:l)?|"
    r"verzonden\s(?:vanaf|vanuit|met|via)|verstuurd\s(?:vanaf|met|via)|(?:skickat\s)?från\smin|skickat\smed(?=\s(?:min\s)?(?:mobil|iphone|ipad|samsung|outlook))|skickat\sfrån|sendt\sfra|lähetetty|wysłan[eoa]?\sz[ea]?|"
    r"odesláno\sze?|odoslané\sz|enviat\sdes|trimis\sde|"
    r"отправлено\s(?:с|из)|надіслано\sз|στάλθηκε\sαπό|נשלח(?=\sמ)|أرسلت?\sمن|đã\sgửi\stừ|poslano\s(?:s|sa|z|iz)|"
    r"(?:dikirim|dihantar)\sdari|ส่งจาก|ارسال\sشده\sاز|изпратено\sот|saadetud\sminu|išsiųsta\siš|nosūtīts\sno)\s"
    rf"(?=.{{0,60}}{_DEVICE_ABROAD}).{{1,60}}"
    rf"(?:(?<=\.)\s{_BRIEF}[^.!?]{{1,60}}\.?)?"
    r"|az\s.{1,20}\skészülék.{1,20}\sküldve\.?|küldve\s.{1,30}r[óő]l|iš\smano\s.{1,30}|来自我的.{1,30}|从.{1,20}(?:邮件|邮箱|手机)发送"
    r"|[发發]送?自(?:我的.{1,40}|.{0,20}(?:邮箱|郵箱|邮件|手机|手機|客户端|郵件|iphone|ipad|android|mail).{0,20})|"
    r"[从從發自]?我的.{1,20}(?:傳送|发送)?|.{1,30}から送信(?:されました|しました)?。?|"
    r".{0,20}(?:iphone|ipad|galaxy|outlook|휴대폰|스마트폰|갤럭시|기기|메일앱?)에서\s(?:보냄|보냈습니다)\.?|"
    r"(?:.{1,30}[ıiuü]m[dt][ea]n|windows\siçin\s.{1,20}\sile)\sgönderildi\.?"
    r")(?:\s?[<(]https?://[^\s<>]{1,300})?[\s)>\]*_]*\Z",
    re.IGNORECASE,
)
# How the notices begin that a company's mail server puts below each mail.
_NOTICE: Final = re.compile(
    r"[\s*_-]{0,10}(?:p\s(?=please|before))?"
    r"(?:(?:(?:important|wichtige[rn]?|importante?|viktig|belangrijke?|vigtig|rechtlicher)(?:\s[^\W\d]{1,12})?|note|nb|p\.?s|"
    r"(?:privileged\sand\s|private\sand\s|strictly\s)?confidential|vertraulich(?:keit)?|avertissement)\s?[:.!-]\s{1,2}"
    r"|please\snote\sthat\s|unless\s(?:otherwise\sstated|stated\sotherwise),?\s)?"
    r"(?:(?:e-?mail\s)?(?:confidentiality|privacy|legal|email|e-mail)\s(?:notice|disclaimer|statement|note|warning)\b|"
    r"(?:notice|disclaimer|confidential(?:ity)?)\s?[:.]|"
    r"(?:aviso\s(?:legal|de\sconfidencialida\w{1,2})|avviso\sdi\sriservatezza|avis\sde\sconfidentialité|vertraulichkeitshinweis|"
    r"klauzula\spoufności|конфиденциальность)\s?[:.]|"
    # What a virus scanner puts below each mail.
    r"this\s(?:e-?mail|message)\shas\sbeen\s(?:checked|scanned)\s(?:for|by)|diese\se-?mail\swurde\svon\s.{1,40}\sauf\sviren|"
    r"l['’]absence\sde\svirus|el\ssoftware\sde\santivirus|questa\se-?mail\sè\sstata\scontrollata|"
    r"este\se-?mail\sfoi\s(?:verificado|escaneado)|deze\se-?mail\sis\sgecontroleerd|"
    r"(?:virus-free|virenfrei|(?:garanti\s)?sans\svirus|libre\sde\svirus|livre\sde\svírus|privo\sdi\svirus|virusvrij|"
    r"wolny\sod\swirusów|без\sвирусов)\.|"
    r"no\svirus\sfound\sin\sthis|<?https?://www\.avast\.com/sig-email|"
    r"(?:the\s)?(?:information|content|contents)\s(?:contained\s)?(?:in|of)\sthis\s(?:e-?mail|message|communication|transmission)|"
    r"this\s(?:e-?mail|message|communication|transmission|electronic\smail)(?:\s\([^()]{1,80}\))?"
    r"(?:,?\s(?:and|including)\sany\s(?:attach|files)[^.]{0,80}|\stransmission)?,?\s"
    r"(?:is|are|may\s(?:be|contain)|contains|and\s(?:its|any|all|the)|was\sintended)\b[^.]{0,160}"
    r"(?:confidential|privileged|intended|proprietary|addressee)|"
    r"if\syou\s(?:are\snot|have\sreceived\sthis)\b[^.]{0,60}(?:intended|named|addressee|error|mistake)|"
    r"(?:the\s)?information\s(?:transmitted|herein)\b[^.]{0,120}(?:intended|confidential|privileged)|"
    r"statement\sof\sconfidentiality|(?:any|the)\s(?:views|opinions)\s[^.]{0,80}\b(?:author|sender|do\snot)|"
    r"this\selectronic\s(?:message|mail|communication)\scontains\sinformation|to\sunsubscribe\b(?![^.]{0,40}\bi\b)[^.]{0,80}\b(?:send|visit|go\sto|reply|click\shere)\b|"
    r"click\shere\sto\sreport\sthis|(?:this\s(?:e-?mail|message)\swas\s)?scanned\sby\s[^.]{0,60}(?:virus|mail|spam|security|service|filter)|"
    # Of paper.
    r"(?:avant\sd['’]imprimer|pensez\sà)[^.]{0,80}environnement|(?:antes\sde\simprimir|prima\sdi\sstampare)[^.]{0,80}ambiente|"
    r"(?:bitte\s)?denken\ssie\san\sdie\sumwelt,|bitte\sprüfen\ssie,\sob\sdiese\s(?:e-?)?mail[^.]{0,40}ausgedruckt|"
    r"denk\saan\shet\smilieu\s|t[æä]nk\spå\smilj|przed\swydrukowaniem[^.]{0,80}środowisk|"
    # Of those whom it was not meant for, and of the law.
    r"clause\sde\sconfidentialité|si\svous\sn['’]êtes\spas\s(?:le|un)\sdestinataire|l['’]intégrité\sde\sce\s(?:message|courriel)|"
    r"rechtlicher\shinweis|haftungsausschluss|die\sin\sdieser\s(?:e-?mail|nachricht)\senthaltenen|"
    r"(?:wenn|sollten|falls)\ssie\snicht\sder\s(?:[a-zäöü]{1,20}\s)?(?:adressat|empfänger)[^.]{0,80}(?:irrtümlich|erhalten|informier|vernicht|lösch)|"
    r"si\s(?:usted\s)?no\ses\sel\sdestinatario|(?:de\sconformidad\scon|en\scumplimiento\sde)[^.]{0,80}(?:protección\sde\sdatos|lopd|rgpd)|"
    r"ai\ssensi\sdel[^.]{0,60}(?:2016/679|196/2003|gdpr|privacy)|se\s(?:você\s)?não\s(?:é|for)\so\sdestinatário|"
    r"de\sinformatie\sverzonden|(?:treść|informacje\szawarte\sw)\s(?:tej|niniejszej)\swiadomości|"
    r"информация,\sсодержащаяся\sв|本电子?邮件[^。]{0,80}(?:保密|机密)|"
    r"reply\sto\sthis\se-?mail\sdirectly\b|you(?:['’]re|\sare|\shave)?\s(?:received|receiving)\sthis\s(?:(?:message|e-?mail)\sbecause|because\syou)\s|"
    r"(?:please\s)?(?:consider|think\s(?:of|about))\sthe\senvironment\sbefore|"
    r"before\sprinting\s[^.]{0,60}\b(?:consider|think)[^.]{0,40}\senvironment|"
    r"_*\s?\w{4,12}\s(?:from|von|de|da|od|van|fra|från)\seset\s|"
    r"diese\s(?:e-?mail|nachricht)\s(?:enthält|ist|kann|könnte|und|einschließlich)\b[^.]{0,120}(?:vertraulich|bestimmt|geschützt)|"
    r"der\sinhalt\sdieser\s(?:e-?mail|nachricht)|"
    r"(?:die\sinformationen\sin\sdieser|les\sinformations\scontenues\sdans\sce|"
    r"la\sinformación\s(?:contenida|incluida)\sen\s(?:est[ea]|el\spresente)|"
    r"le\sinformazioni\scontenute\s(?:in\squest|nel(?:la)?\spresente)|as\sinformações\scontidas\snest|"
    r"de\s(?:informatie|inhoud)\s(?:in|van)\sd(?:eze|it))"
    r"[^.]{0,30}(?:e-?mail|nachricht|message|courriel|mensaje|correo|comunicaci|comunicazion|messaggio|mensagem|bericht)|"
    r"(?:ce|le\sprésent)\s(?:message|courriel|mél|mail|e-?mail)[^.]{0,100}(?:confidentiel|exclusivement|destin)|"
    r"(?:este|esta)\s(?:mensaje|correo|mensagem|e-?mail|comunicaci[óo]n)[^.]{0,120}(?:confidencia|exclusiv|destinad)|"
    r"(?:questo|il\spresente)\s(?:messaggio|e-?mail)[^.]{0,120}(?:riservat|confidenzial|esclusiv)|"
    r"(?:dit|deze)\s(?:bericht|e-?mail)[^.]{0,120}(?:vertrouwelijk|uitsluitend|bestemd)|"
    r"(?:ta|niniejsza)\swiadomość[^.]{0,120}(?:poufn|przeznaczon)|"
    r"(?:это|данное|настоящее)\s(?:сообщение|письмо)[^.]{0,120}(?:конфиденциал|предназначен)|"
    r"це\s(?:повідомлення|лист)[^.]{0,120}(?:конфіденц|призначен)|"
    r"(?:detta|det\shär)\s(?:meddelande|e-?post)[^.]{0,120}(?:konfidenti|avsedd)|"
    r"denne\s(?:e-?mail|e-?post|meddelelse|melding)[^.]{0,120}(?:fortrolig|konfidensiel|beregnet)|"
    r"tämä\s(?:viesti|sähköposti)[^.]{0,120}(?:luottamuksel|tarkoitettu)|"
    r"t(?:ento|ato)\s(?:e-?mail|zpráva|správa)[^.]{0,120}(?:důvěrn|dôvern|určen)|"
    r"bu\s(?:e-?posta|ileti|mesaj)[^.]{0,120}(?:gizli|özel)|"
    r"ez\saz\s(?:e-?mail|üzenet|levél|elektronikus)[^.]{0,120}(?:bizalmas|kizárólag)|"
    r"acest\s(?:e-?mail|mesaj)[^.]{0,120}(?:confiden[țţt]ial|destinat\sexclusiv)|"
    r"το\s(?:παρόν\s)?(?:μήνυμα|e-?mail|ηλεκτρονικό\sμήνυμα)[^.]{0,120}(?:εμπιστευτικ|προορίζεται)|"
    r"това\s(?:съобщение|писмо|електронно)[^.]{0,120}(?:поверителн|предназначен)|"
    r"ov[aj]\s(?:poruka|e-?mail|elektronička)[^.]{0,120}(?:povjerljiv|poverljiv|namijenjen|namenjen)|"
    r"(?:pesan|e-?mail)\sini[^.]{0,120}rahasia|"
    r"(?:הודעה\sזו|הודעת\sדוא)[^.]{0,120}(?:חסוי|סודי)|(?:هذه\sالرسالة|هذا\sالبريد)[^.]{0,120}سرية|"
    r"(?:本|この)(?:邮件|郵件|(?:電子)?メール)[^。]{0,80}(?:保密|机密|機密|秘密)|이\s(?:메일|메시지)[^.]{0,80}(?:기밀|비밀))",
    re.IGNORECASE,
)
# One of these stands in every notice, in lower case: most mails hold none, and re2 looks for all of them at once.
# (Single words, for notices are wrapped. tests/unit/message/test_hints.py says where one is missing.)
_NOTICE_HINTS: Final = (
    "notice", "disclaimer", "statement", "note", "warning", "confiden", "privileged", "intended", "proprietary",
    "named", "addressee", "error", "mistake", "directly", "because", "checked", "scanned", "virus", "viren", "wirus",
    "вирус", "avast.com", "informa", "content", "environment", "aviso", "avviso", "avis", "klauzula", "конфиденц",
    "vertraulich", "bestimmt", "geschützt", "inhalt", "inhoud", "exclusi", "destin", "controllata", "verificado",
    "escaneado", "riservat", "esclusiv", "gecontroleerd", "vertrouwelijk", "uitsluitend", "bestemd", "poufn",
    "przeznaczon", "предназначен", "конфіденц", "призначен", "konfiden", "avsedd", "fortrolig", "beregnet",
    "luottamuksel", "tarkoitettu", "důvěrn", "dôvern", "určen", "gizli", "özel", "保密", "机密",
    "機密", "秘密", "기밀", "비밀", "umwelt", "ambiente", "milieu", "milj", "environnement", "środowisk", "ausgedruckt",
    "unsubscribe", "click", "views", "opinions", "intégrité", "adressat", "empfänger", "2016/679", "196/2003",
    "gdpr", "privacy", "lopd", "rgpd", "protección", " eset ", "avertissement", "haftung", "hinweis", "vírus",
    "enthalten", "treść", "информация", "bizalmas", "kizárólag", "εμπιστευτικ", "προορίζεται", "поверителн",
    "povjerljiv", "poverljiv", "namijenjen", "namenjen", "rahasia", "חסוי", "סודי", "سرية",
)  # fmt: skip
_NOTICE_HINT: Final = re2.compile("|".join(map(re2.escape, _NOTICE_HINTS)))


def without_signature(lines: list[str], seams: Sequence[int] = ()) -> list[str]:
    """The lines between a filter's banner and a signature or notice; all where nothing would be left. Linear.

    `seams`: where quotes were left out. A signature above a quote ends there: people answer between quoted lines,
    under what their mail program signs for them.
    """
    if start := _below_armour(lines):
        lines = [line.removeprefix("- ") if line.startswith("- -") else line for line in lines]
    start = banner.below(lines) or start
    out: list[str] = []
    for begin, end in pairwise((start, *(seam for seam in seams if seam > start), len(lines))):
        part = lines[begin:end]
        out += _above_signature(part, seen=bool(out)) if any(map(str.strip, part)) else part
    return out if any(line.strip() for line in out) else lines


def _above_signature(lines: list[str], *, seen: bool) -> list[str]:
    filled = [bool(line.strip()) for line in lines]
    below = list(accumulate(reversed(filled), initial=0))[::-1]  # lines with text from each place on
    start = 0 if seen or not below[0] else below.index(below[0] - 1)  # something has to stand above
    drawn = (place for place in range(start, len(lines)) if lines[place][:1] in _SIGNS)
    signature = next((place for place in drawn if _begins_signature(lines, place, below[place + 1])), len(lines))
    notice = _first_notice(lines, range(start, signature), below)
    out = lines[:signature] if notice is None else lines[: _above_notice(lines[:notice])]
    end = _end(out)
    # A body of one line is never a signature.
    last = end
    while last > 1 and end - last < _ASIDES and _ASIDE.match(out[last - 1][:_LONGEST]):
        last = _end(out, last - 1)
    if last > (0 if seen else 1) and below[0] > below[last - 1] and _is_sent_from(out, last - 1):
        end = _end(out, last - 1)
    while end > 1 and _BARE_RULE.match(out[end - 1][:_LONGEST]):
        if out[end - 1] in out[max(0, end - _RULED_LINES) : end - 1] or _belongs_above(out, end - 1):
            break  # the writer draws such ones
        end = _end(out, end - 1)  # nothing stands below it
    return out[:end]


def _is_sent_from(lines: list[str], index: int) -> bool:
    """Whether a program says what a mail was sent from; the second half of a sentence says something else."""
    line, above = lines[index].strip(), lines[index - 1].rstrip() if index else ""
    goes_on = line[:1].islower() and line[-1:] in (".", "!", "?") and above[-1:].isalnum()
    return not goes_on and _SENT_FROM.match(head_of(lines[index])[:_LONGEST]) is not None


def _above_notice(lines: list[str]) -> int:
    """Where the text ends above a notice: above its rule, and the scanner's picture or the title over it."""
    end = _end(lines, rules=True)
    return _end(lines, end - 1, rules=True) if end and _OVER_NOTICE.match(lines[end - 1][:_LONGEST]) else end


def _end(lines: list[str], before: int | None = None, *, rules: bool = False) -> int:
    """Where the text ends `before` a line: above empty lines, and above rules where they belong to what stood below."""
    end = len(lines) if before is None else before
    while end and not lines[end - 1].strip(_RULED if rules else None):
        end -= 1
    return end


def _begins_signature(lines: list[str], index: int, below: int) -> bool:
    line = lines[index]
    if line.startswith((_ARMOURED_SIGNATURE, _OF_GROUPS)):
        return True
    if 0 < below <= _CARD_LINES and _RULE.match(line) and not _belongs_above(lines, index) and _is_card(lines, index):
        return True
    if len(line) < 20 and below <= _SIGNATURE_LINES and _DASHES.match(line):
        return line.startswith("-- ") or not (
            _belongs_above(lines, index) or _goes_on(lines, index) or _is_comment(lines, index)
        )
    return _LIST_FOOTER.match(line[:_LONGEST]) is not None and (
        any("mailing list" in each for each in lines[index + 1 : index + 4]) or _is_advertisement(lines, index, below)
    )


def _belongs_above(lines: list[str], index: int) -> bool:
    """Whether a rule belongs to the line right above: it is announced (`Please add:`), or underlines a heading."""
    above, rule = lines[index - 1].rstrip() if index else "", lines[index].rstrip()
    underlines = abs(len(above) - len(rule)) <= 1 and (rule.startswith("===") or not any(lines[index + 1 :]))
    return above.endswith((":", "：")) or (underlines and len(rule) > 3)


def _is_comment(lines: list[str], index: int) -> bool:
    """Whether dashes stand right beside a comment of SQL, as a database writes above each table it exports."""
    return any(line.startswith("-- ") and line.strip() != "--" for line in lines[max(0, index - 1) : index + 2])


def _goes_on(lines: list[str], index: int) -> bool:
    """Whether a long sentence begins below dashes, or any below those that are no `--`: only lawyers sign with one."""
    first = next((line.rstrip() for line in lines[index + 1 :] if line.strip()), "")
    said = len(first) > _SIGNED_WIDTH or (
        not lines[index].lstrip().startswith("--") and first.endswith((".", "!", "?"))
    )
    return said and _NOTICE.match(first[:_LONGEST]) is None and _SENT_FROM.match(first[:_LONGEST]) is None


def _is_advertisement(lines: list[str], index: int, below: int) -> bool:
    """Whether a free mail service signs: below its rule some lines without a gap, of which the last is an address."""
    if not 2 <= below <= _ADVERTISED_LINES or len(lines[index].strip()) < _ADVERTISED_RULE:
        return False
    block = lines[index + 1 : index + 1 + below]
    return all(line.strip() for line in block) and _LINK_ALONE.match(block[-1][:_LONGEST]) is not None


def _is_card(lines: list[str], index: int) -> bool:
    """Whether what stands below a rule looks like a name, a firm and numbers, and like no sentence."""
    if any(_RULE.match(line[:_LONGEST]) for line in (*lines[:index], *lines[index + 1 :])):
        return False  # the writer draws rules between paragraphs
    filled = [line.strip() for line in lines[index + 1 :] if line.strip()]
    first = filled[0]
    return (
        first[:1].isupper()
        and _REMARK.match(first) is None
        and len(first.split()) <= 4
        and len(" ".join(filled).split()) > 1
        and all(len(line) <= _CARD_WIDTH and line[-1:] not in ".!?:;" and _is_named(line) for line in filled)
    )


def _is_named(line: str) -> bool:
    """Whether a line holds a number or an address, or names more than it says: half of its words begin large."""
    words = line.split()
    return _NUMBER.search(line) is not None or 2 * sum(word[0].islower() for word in words) <= len(words)


def _first_notice(lines: list[str], places: range, below: list[int]) -> int | None:
    if _NOTICE_HINT.search("\n".join(lines).lower()) is None:
        return None
    return next((place for place in places if _begins_notice(lines, place, below[place])), None)


def _begins_notice(lines: list[str], index: int, below: int) -> bool:
    """A lawyer's notice: at the beginning of a paragraph, and up to the end of the mail not much more than itself."""
    if below > _NOTICE_LINES or not lines[index].strip() or (index and lines[index - 1].strip(_RULED)):
        return False
    paragraph = " ".join(line.strip() for line in lines[index : index + 4])[:_LONGEST]
    return _NOTICE.match(paragraph) is not None and not _is_greeted(lines, index)


def _is_greeted(lines: list[str], index: int) -> bool:
    """Whether a greeting is all that stands above a paragraph, and another paragraph below: a letter begins so."""
    above = [line.strip() for line in lines[:index] if line.strip()]
    stop = next((place for place in range(index, len(lines)) if not lines[place].strip()), len(lines))
    return (
        len(above) == 1
        and above[0][-1:] in (",", ":")
        and len(above[0].split()) <= _GREETING_WORDS
        and any(map(str.strip, lines[stop:]))
    )


def _below_armour(lines: list[str]) -> int:
    """Where a text begins that is signed with OpenPGP in the text itself: below the empty line behind its headers."""
    start = next((place for place, line in enumerate(lines) if line.strip()), 0)
    if not lines or lines[start].rstrip() != _ARMOURED:
        return 0
    return next((place for place in range(start, min(start + 10, len(lines))) if not lines[place].strip()), 0)
