"""What mail programs put above the mail they answer, in their languages: none of it is the answer."""

import textwrap

import pytest

from inboxd.message import reply_text

ANSWER = "Thanks, that works now.\n\nThe other one is still broken."
OLD = "Have you tried it?\nRegards"
MARKED = "> Have you tried it?\n> Regards"
WHO = "Front Desk <front@example.com>"

# Name of program and language, and the line it writes.
ATTRIBUTIONS = {
    "gmail-en": "On Tue, Jun 3, 2025 at 10:00 AM Front Desk <front@example.com> wrote:",
    "gmail-en-old": "On Tue, Jun 3, 2025 at 10:00 AM, Front Desk <front@example.com>wrote:",
    "gmail-de": "Am Di., 3. Juni 2025 um 10:00 Uhr schrieb Front Desk <front@example.com>:",
    "gmail-fr": "Le mar. 3 juin 2025 à 10:00, Front Desk <front@example.com> a écrit :",
    "gmail-es": "El mar, 3 jun 2025 a las 10:00, Front Desk (<front@example.com>) escribió:",
    "gmail-it": "Il giorno mar 3 giu 2025 alle ore 10:00 Front Desk <front@example.com> ha scritto:",
    "gmail-pt-br": "Em ter., 3 de jun. de 2025 às 10:00, Front Desk <front@example.com> escreveu:",
    "gmail-pt": "Front Desk <front@example.com> escreveu (terça, 3/06/2025 à(s) 10:00):",
    "gmail-nl": "Op di 3 jun 2025 om 10:00 schreef Front Desk <front@example.com>:",
    "gmail-pl": "wt., 3 cze 2025 o 10:00 Front Desk <front@example.com> napisał(a):",
    "gmail-sv": "Den tis 3 juni 2025 kl 10:00 skrev Front Desk <front@example.com>:",
    "gmail-da": "Den tirs. 3. jun. 2025 kl. 10.00 skrev Front Desk <front@example.com>:",
    "gmail-no": "tir. 3. juni 2025 kl. 10:00 skrev Front Desk <front@example.com>:",
    "gmail-fi": "ti 3. kesäk. 2025 klo 10.00 Front Desk (front@example.com) kirjoitti:",
    "gmail-cs": "út 3. 6. 2025 v 10:00 odesílatel Front Desk <front@example.com> napsal:",
    "gmail-sk": "ut 3. 6. 2025 o 10:00 Front Desk <front@example.com> napísal(a):",
    "gmail-ru": "вт, 3 июн. 2025 г. в 10:00, Front Desk <front@example.com>:",
    "gmail-ru2": "3 июня 2025 г., 10:00 пользователь Front Desk <front@example.com> написал:",
    "gmail-uk": "вт, 3 черв. 2025 р. о 10:00 Front Desk <front@example.com> пише:",
    "gmail-tr": "Front Desk <front@example.com>, 3 Haz 2025 Sal, 10:00 tarihinde şunu yazdı:",
    "gmail-zh-cn": "Front Desk <front@example.com> 于2025年6月3日周二 10:00写道：",
    "gmail-zh-tw": "Front Desk <front@example.com> 於 2025年6月3日 週二 上午10:00寫道：",
    "gmail-ja": "2025年6月3日(火) 10:00 Front Desk <front@example.com>:",
    "gmail-ko": "2025년 6월 3일 (화) 오전 10:00, Front Desk <front@example.com>님이 작성:",
    "gmail-hu": "Front Desk <front@example.com> ezt írta (időpont: 2025. jún. 3., K, 10:00):",
    "gmail-ro": "mar., 3 iun. 2025 la 10:00, Front Desk <front@example.com> a scris:",
    "gmail-el": "Στις Τρί 3 Ιουν 2025 στις 10:00 π.μ., ο χρήστης Front Desk <front@example.com> έγραψε:",
    "gmail-ar": "في الثلاثاء، 3 يونيو 2025 في 10:00 ص تمت كتابة ما يلي بواسطة Front Desk <front@example.com>:",
    "gmail-th": "เมื่อ อ. 3 มิ.ย. 2025 เวลา 10:00 Front Desk <front@example.com> เขียนว่า:",
    "gmail-vi": "Vào Th 3, 3 thg 6, 2025 vào lúc 10:00 Front Desk <front@example.com> đã viết:",
    "gmail-id": "Pada Sel, 3 Jun 2025 pukul 10.00 Front Desk <front@example.com> menulis:",
    "gmail-ca": "Missatge de Front Desk <front@example.com> del dia dt., 3 de juny 2025 a les 10:00:",
    "gmail-bg": "На вт, 3.06.2025 г. в 10:00 Front Desk <front@example.com> написа:",
    "gmail-hr": "uto, 3. lip 2025. u 10:00 Front Desk <front@example.com> napisao je:",
    "gmail-et": "Kuupäeval T, 3. juuni 2025 kell 10:00 kirjutas Front Desk <front@example.com>:",
    "gmail-lt": "2025-06-03, an, 10:00 Front Desk <front@example.com> rašė:",
    "apple-en": "On 3 Jun 2025, at 10:00, Front Desk <front@example.com> wrote:",
    "apple-en2": "On Jun 3, 2025, at 10:00 AM, Front Desk <front@example.com> wrote:",
    "apple-de": "Am 03.06.2025 um 10:00 schrieb Front Desk <front@example.com>:",
    "apple-fr": "Le 3 juin 2025 à 10:00, Front Desk <front@example.com> a écrit :",
    "apple-es": "El 3 jun 2025, a las 10:00, Front Desk <front@example.com> escribió:",
    "apple-it": "Il giorno 3 giu 2025, alle ore 10:00, Front Desk <front@example.com> ha scritto:",
    "apple-it2": "Il 03/06/2025 10:00, Front Desk ha scritto:",
    "apple-pt": "No dia 3 de jun. de 2025, à(s) 10:00, Front Desk <front@example.com> escreveu:",
    "apple-ptbr": "Em 3 de jun. de 2025, à(s) 10:00, Front Desk <front@example.com> escreveu:",
    "apple-nl": "Op 3 jun 2025, om 10:00 heeft Front Desk <front@example.com> het volgende geschreven:",
    "apple-pl2": "Dnia 3 cze 2025 o godz. 10:00 Front Desk <front@example.com> napisał(a):",
    "apple-sv": "3 juni 2025 kl. 10:00 skrev Front Desk <front@example.com>:",
    "apple-da": "Den 3. jun. 2025 kl. 10.00 skrev Front Desk <front@example.com>:",
    "apple-no": "3. juni 2025 kl. 10:00 skrev Front Desk <front@example.com>:",
    "apple-fi": "Front Desk <front@example.com> kirjoitti 3.6.2025 kello 10.00:",
    "apple-cs": "3. 6. 2025 v 10:00, Front Desk <front@example.com>:",
    "apple-cs2": "Dne 3. 6. 2025 v 10:00 Front Desk <front@example.com> napsal(a):",
    "apple-ru": "3 июня 2025 г., в 10:00, Front Desk <front@example.com> написал(а):",
    "apple-uk": "3 черв. 2025 р. о 10:00 Front Desk <front@example.com> написав(ла):",
    "apple-tr": "Front Desk <front@example.com> şunları yazdı (3 Haz 2025 10:00):",
    "apple-zh": "在 2025年6月3日，上午10:00，Front Desk <front@example.com> 写道：",
    "apple-zhtw": "Front Desk <front@example.com> 於 2025年6月3日 上午10:00 寫道：",
    "apple-ja": "2025/06/03 10:00、Front Desk <front@example.com>のメール:",
    "apple-ja2": "2025/06/03 10:00、Front Desk のメッセージ:",
    "apple-ko": "2025. 6. 3. 오전 10:00, Front Desk <front@example.com> 작성:",
    "apple-hu": "2025. jún. 3. dátummal, 10:00 időpontban Front Desk <front@example.com> írta:",
    "tb-en": "On 6/3/25 10:00, Front Desk wrote:",
    "tb-en2": "On 03/06/2025 10:00, Front Desk wrote:",
    "tb-de": "Am 03.06.25 um 10:00 schrieb Front Desk:",
    "tb-fr": "Le 03/06/2025 à 10:00, Front Desk a écrit :",
    "tb-es": "El 3/6/25 a las 10:00, Front Desk escribió:",
    "tb-it": "Il 03/06/25 10:00, Front Desk ha scritto:",
    "tb-pt": "Em 03/06/2025 10:00, Front Desk escreveu:",
    "tb-ptpt": "Às 10:00 de 03/06/2025, Front Desk escreveu:",
    "tb-nl": "Op 03-06-2025 om 10:00 schreef Front Desk:",
    "tb-pl": "W dniu 3.06.2025 o 10:00, Front Desk pisze:",
    "tb-sv": "Den 2025-06-03 kl. 10:00, skrev Front Desk:",
    "tb-da": "Den 03.06.2025 kl. 10.00 skrev Front Desk:",
    "tb-nb": "Den 03.06.2025 10:00, skrev Front Desk:",
    "tb-fi": "Front Desk kirjoitti 3.6.2025 klo 10.00:",
    "tb-fi2": "3.6.2025 10.00, Front Desk kirjoitti:",
    "tb-cs": "Dne 03. 06. 25 v 10:00 Front Desk napsal(a):",
    "tb-ru": "03.06.2025 10:00, Front Desk пишет:",
    "tb-uk": "03.06.25 10:00, Front Desk пише:",
    "tb-tr": "3.06.2025 10:00 tarihinde Front Desk yazdı:",
    "tb-zh": "在 2025/6/3 10:00, Front Desk 写道:",
    "tb-zhtw": "Front Desk 於 2025/6/3 10:00 寫道:",
    "tb-ja": "On 2025/06/03 10:00, Front Desk wrote:",
    "tb-ko": "2025-06-03 오전 10:00에 Front Desk 이(가) 쓴 글:",
    "tb-hu": "2025. 06. 03. 10:00 keltezéssel, Front Desk írta:",
    "yahoo": "On Tuesday, June 3, 2025 at 10:00:00 AM GMT+2, Front Desk <front@example.com> wrote:",
    "yahoo-es": "El martes, 3 de junio de 2025, 10:00:00 CEST, Front Desk <front@example.com> escribió:",
    "yahoo-fr": "Le mardi 3 juin 2025 à 10:00:00 UTC+2, Front Desk <front@example.com> a écrit :",
    "yahoo-de": "Am Dienstag, 3. Juni 2025 um 10:00:00 MESZ hat Front Desk <front@example.com> Folgendes geschrieben:",
    "yahoo-it": "Il martedì 3 giugno 2025 alle ore 10:00:00 CEST, Front Desk <front@example.com> ha scritto:",
    "yahoo-pt": "Em terça-feira, 3 de junho de 2025 às 10:00:00 BRT, Front Desk <front@example.com> escreveu:",
    "proton": "On Tuesday, June 3rd, 2025 at 10:00 AM, Front Desk <front@example.com> wrote:",
    "proton-de": "Front Desk <front@example.com> schrieb am Dienstag, 3. Juni 2025 um 10:00:",
    "zoho": "---- On Tue, 03 Jun 2025 10:00:00 +0200 Front Desk <front@example.com> wrote ----",
    "zoho2": "---- On Tue, 03 Jun 2025 10:00:00 +0200 Front Desk<front@example.com> wrote ---",
    "fastmail": "On Tue, 3 Jun 2025, at 10:00 AM, Front Desk wrote:",
    "mutt": "On Tue, Jun 03, 2025 at 10:00:00AM +0200, Front Desk wrote:",
    "gnus": "Front Desk <front@example.com> writes:",
    "evolution": "On Tue, 2025-06-03 at 10:00 +0000, Front Desk wrote:",
    "evolution-de": "Am Dienstag, dem 03.06.2025 um 10:00 +0200 schrieb Front Desk:",
    "kmail": "On Tuesday 03 June 2025 10:00:00 Front Desk wrote:",
    "kmail-de": "Am Dienstag, 3. Juni 2025, 10:00:00 CEST schrieb Front Desk:",
    "horde": "Quoting Front Desk <front@example.com>:",
    "roundcube": "On 2025-06-03 10:00, Front Desk wrote:",
    "roundcube-de": "Am 2025-06-03 10:00, schrieb Front Desk:",
    "roundcube-es": "El 2025-06-03 10:00, Front Desk escribió:",
    "mailru": "Вторник, 3 июня 2025, 10:00 +03:00 от Front Desk <front@example.com>:",
    "mailru2": ">Вторник, 3 июня 2025, 10:00 +03:00 от Front Desk <front@example.com>:",
    "yandex": '03.06.2025, 10:00, "Front Desk" <front@example.com>:',
    "netease": '在 2025-06-03 10:00:00，"Front Desk" <front@example.com> 写道：',
    "aol": "In a message dated 6/3/2025 10:00:00 AM Eastern Daylight Time, front@example.com writes:",
    "openx-de": "Front Desk <front@example.com> hat am 03.06.2025 10:00 CEST geschrieben:",
    "thebat": "Tuesday, June 3, 2025, 10:00:00 AM, you wrote:",
    "roundcube-ru": "Front Desk писал 2025-06-03 10:00:",
    "evolution-cs": "Front Desk píše v Út 03. 06. 2025 v 10:00 +0200:",
    "tb-sl": "Dne 3. 6. 2025 ob 10:00 je Front Desk napisal(a):",
    "tb-ca": "El 3/6/25 a les 10:00, Front Desk ha escrit:",
    "fr-dit": "Le 3 juin 2025 à 10:00, Front Desk nous a dit :",
    "netease2": 'At 2025-06-03 10:00:00, "Front Desk" <front@example.com> wrote:',
}
# From, Sent, To, Subject, a date, and "Original Message", as Outlook writes them in a language.
HEADERS = {
    "de": ("Von", "Gesendet", "An", "Betreff", "Dienstag, 3. Juni 2025 10:00", "Ursprüngliche Nachricht"),
    "fr": ("De", "Envoyé", "À", "Objet", "mardi 3 juin 2025 10:00", "Message d'origine"),
    "es": ("De", "Enviado", "Para", "Asunto", "martes, 3 de junio de 2025 10:00", "Mensaje original"),
    "es2": ("De", "Enviado el", "Para", "Asunto", "martes, 3 de junio de 2025 10:00", "Mensaje original"),
    "it": ("Da", "Inviato", "A", "Oggetto", "martedì 3 giugno 2025 10:00", "Messaggio originale"),
    "pt": ("De", "Enviado", "Para", "Assunto", "3 de junho de 2025 10:00", "Mensagem original"),
    "pt2": ("De", "Enviada em", "Para", "Assunto", "terça-feira, 3 de junho de 2025 10:00", "Mensagem original"),
    "nl": ("Van", "Verzonden", "Aan", "Onderwerp", "dinsdag 3 juni 2025 10:00", "Oorspronkelijk bericht"),
    "pl": ("Od", "Wysłane", "Do", "Temat", "wtorek, 3 czerwca 2025 10:00", "Wiadomość oryginalna"),
    "pl2": ("Od", "Wysłano", "Do", "Temat", "wtorek, 3 czerwca 2025 10:00", "Oryginalna wiadomość"),
    "sv": ("Från", "Skickat", "Till", "Ämne", "den 3 juni 2025 10:00", "Ursprungligt meddelande"),
    "da": ("Fra", "Sendt", "Til", "Emne", "3. juni 2025 10:00", "Oprindelig meddelelse"),
    "no": ("Fra", "Sendt", "Til", "Emne", "tirsdag 3. juni 2025 10:00", "Opprinnelig melding"),
    "fi": ("Lähettäjä", "Lähetetty", "Vastaanottaja", "Aihe", "tiistai 3. kesäkuuta 2025 10.00", "Alkuperäinen viesti"),
    "cs": ("Od", "Odesláno", "Komu", "Předmět", "úterý 3. června 2025 10:00", "Původní zpráva"),
    "sk": ("Od", "Odoslané", "Komu", "Predmet", "utorok 3. júna 2025 10:00", "Pôvodná správa"),
    "ru": ("От", "Отправлено", "Кому", "Тема", "3 июня 2025 г. 10:00", "Исходное сообщение"),
    "uk": ("Від", "Надіслано", "Кому", "Тема", "3 червня 2025 р. 10:00", "Вихідне повідомлення"),
    "tr": ("Kimden", "Gönderildi", "Kime", "Konu", "3 Haziran 2025 Salı 10:00", "Özgün İleti"),
    "tr2": ("Gönderen", "Gönderme Tarihi", "Kime", "Konu", "3 Haziran 2025 Salı 10:00", "Orijinal İleti"),
    "zh": ("发件人", "发送时间", "收件人", "主题", "2025年6月3日 10:00", "原始邮件"),
    "zhtw": ("寄件者", "寄件日期", "收件者", "主旨", "2025年6月3日 10:00", "原始郵件"),
    "ja": ("差出人", "送信日時", "宛先", "件名", "2025年6月3日 10:00", "元のメッセージ"),
    "ko": ("보낸 사람", "보낸 날짜", "받는 사람", "제목", "2025년 6월 3일 화요일 10:00", "원본 메시지"),
    "hu": ("Feladó", "Elküldve", "Címzett", "Tárgy", "2025. június 3., kedd 10:00", "Eredeti üzenet"),
    "ro": ("De la", "Trimis", "Către", "Subiect", "marți, 3 iunie 2025 10:00", "Mesaj original"),
    "el": ("Από", "Στάλθηκε", "Προς", "Θέμα", "Τρίτη, 3 Ιουνίου 2025 10:00", "Αρχικό μήνυμα"),
    "he": ("מאת", "נשלח", "אל", "נושא", "יום שלישי 3 יוני 2025 10:00", "הודעה מקורית"),
    "ar": ("من", "تم الإرسال", "إلى", "الموضوع", "03/يونيو/2025 10:00", "رسالة أصلية"),
    "vi": ("Từ", "Đã gửi", "Tới", "Chủ đề", "03 Tháng Sáu 2025 10:00", "Thư gốc"),
    "id": ("Dari", "Dikirim", "Kepada", "Subjek", "Selasa, 3 Juni 2025 10:00", "Pesan Asli"),
    "bg": ("От", "Изпратено", "До", "Относно", "вторник, 3 юни 2025 г. 10:00", "Оригинално съобщение"),
    "hr": ("Šalje", "Poslano", "Prima", "Predmet", "3. lipnja 2025. 10:00", "Izvorna poruka"),
    "hr2": ("Od", "Poslano", "Za", "Predmet", "3. lipnja 2025. 10:00", "Izvorna poruka"),
    "sl": ("Od", "Poslano", "Za", "Zadeva", "torek, 03. junij 2025 10:00", "Izvirno sporočilo"),
    "ca": ("De", "Enviat", "Per a", "Assumpte", "dimarts, 3 de juny de 2025 10:00", "Missatge original"),
    "et": ("Saatja", "Saadetud", "Adressaat", "Teema", "teisipäev, 3. juuni 2025 10:00", "Algne sõnum"),
    "lt": ("Nuo", "Išsiųsta", "Kam", "Tema", "2025 m. birželio 3 d. 10:00", "Pradinis pranešimas"),
    "lv": ("No", "Nosūtīts", "Kam", "Tēma", "2025. gada 3. jūnijs 10:00", "Sākotnējais ziņojums"),
}  # fmt: skip


def new(body: str) -> str:
    return " ".join(reply_text.of(body).text.split())


def wrapped(line: str, width: int) -> str:
    return "\n".join(textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False))


@pytest.mark.parametrize("line", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS.keys())
def test_an_attribution_ends_the_answer_marked_or_not_wrapped_or_not(line):
    answer = " ".join(ANSWER.split())
    for quote in (MARKED, OLD):
        assert new(f"{ANSWER}\n\n{line}\n\n{quote}\n") == answer
        assert new(f"{ANSWER}\n\n{wrapped(line, 60)}\n\n{quote}\n") == answer
    assert new(f"{ANSWER}\n{line}\n{MARKED}\n") == answer
    assert new(f"{ANSWER}\n\n> {line}\n> \n> > x\n") == answer


@pytest.mark.parametrize("line", ATTRIBUTIONS.values(), ids=ATTRIBUTIONS.keys())
def test_answers_below_and_between_marked_quotes_are_kept(line):
    assert new(f"{line}\n\n{MARKED}\n\n{ANSWER}\n") == " ".join(ANSWER.split())
    assert new(f"{line}\n\n{MARKED}\n\nyes\n\n{MARKED}\n\nno\n") == "yes no"


@pytest.mark.parametrize("words", HEADERS.values(), ids=HEADERS.keys())
@pytest.mark.parametrize("form", ["{}: {}", "{} : {}", "*{}:* {}"])
def test_a_header_repeated_ends_the_answer(words, form):
    sender, sent, to, subject, date, original = words
    for who in (WHO, "Front Desk"):
        values = ((sender, who), (sent, date), (to, "Office"), (subject, "RE: Printer"))
        block = "\n".join(form.format(name, value) for name, value in values)
        for mark in ("", f"-----{original}-----\n", "________________________________\n"):
            assert new(f"{ANSWER}\n\n{mark}{block}\n\n{OLD}\n") == " ".join(ANSWER.split())
    assert new(f"{ANSWER}\n\n----- {original} -----\n\n{OLD}\n") == " ".join(ANSWER.split())


@pytest.mark.parametrize(
    "line",
    [
        "Sent from my iPhone", "Sent from Mail<https://example.com/fwlink/?LinkId=550986> for Windows",
        "Get Outlook for iOS<https://example.com/o0ukef>", "Télécharger Outlook pour iOS<https://example.com/o0ukef>",
        "Ottieni Outlook per iOS<https://example.com/o0ukef>", "Hanki Outlook for iOS<https://example.com/o0ukef>",
        "Получить Outlook для iOS<https://example.com/o0ukef>", "iOS için Outlook uygulamasını edinin<https://example.com/x>",
        "iOS 版 Outlook を入手<https://example.com/x>", "iOS용 Outlook 다운로드<https://example.com/x>",
        "Verzonden vanuit Mail voor Windows", "Wysłano z iPhone’a", "Στάλθηκε από το iPhone μου",
        "Az iPhone készülékemről küldve", "נשלח מה-iPhone שלי", "أرسلت من جهاز الـ iPhone الخاص بي",
        "Đã gửi từ iPhone của tôi", "Poslano s iPhonea", "iPhoneから送信", "나의 iPhone에서 보냄", "從我的 iPhone 傳送",
        "Sent from my Pixel 9", "Sent from my Android device with K-9 Mail. Please excuse my brevity.",
        "Von unterwegs gesendet",
        "Obtenir Outlook pour iOS", "Provenance : Courrier pour Windows", "Skickat från E-post för Windows",
        "Samsung cihazımdan gönderildi", "Windows için Posta ile gönderildi", "Получите Outlook для Android",
        "发自网易邮箱大师", "发送自 Windows 版邮件应用", "獲取 Outlook for iOS", "Outlook for Android を入手",
        "iPhone에서 보냄",
        "---\nFront Desk\nExample Ltd", "____________________\nFront Desk\nExample Ltd\n+1 555 0100",
        "Это сообщение и любые вложения являются конфиденциальными и предназначены исключительно адресату.",
    ],
)  # fmt: skip
def test_what_a_device_a_person_or_a_lawyer_signs_with_is_not_the_answer(line):
    assert new(f"{ANSWER}\n\n{line}\n") == " ".join(ANSWER.split())


@pytest.mark.parametrize(
    "body",
    [
        "On Monday we wrote:\nthe thing is broken\nplease help",
        "From: my point of view this is fine.\nTo be honest it works.",
        "Sent from my office I saw the parcel yesterday.\n\nPlease check where it is.",
        "It is on its way.\n\nSent from my desk, where it is warm, I can tell you more.",
        "Two parcels.\n\nKargo ile gönderildi.",
        "两个包裹。\n\n发自上海",
        "The message was\nSent from my iPhone\nand never arrived at your side.",
        "As regards the invoice,\nRegards the second one, same.\n\nBye",
        "On http://example.com/wrote: I saw 2025 things.\nok",
        "Steps so far:\n---\nrestarted it twice, no change.\nShall we swap it?",
        "First\n----\nSecond\n----\nThird",
        "We met on 3 May 2025 at 10:00 and she wrote:\ncall me back\nCould you?",
        "________________\nName: ____\nPlease sign above this line.\nThanks",
        "Please set up forwarding:\n\nFrom: sales@example.com\nTo: office@example.com\n\nThanks",
        "| From | 3 |\n| To | 5 |\n| Date | x |\n\nCan you explain the table?",
        "===== Report =====\nFrom: scanner\nDate: today\nStatus: broken\n===== End =====\nWhat should I do?",
        "2025-05-03 10:00:12 GMT something happened\nand again\nwhat is it?",
    ],
)
def test_words_that_only_resemble_a_mark_stay(body):
    assert new(body) == " ".join(body.split())


def test_a_quote_that_begins_in_the_attributions_own_line_is_cut():
    line = "  On Tue, Jun 3, 2025 at 10:00 AM, Front Desk<front@example.com> wrote:   Hello\n there"
    assert new(f"{ANSWER}\n\nSent from Yahoo Mail on Android\n\n{line}") == " ".join(ANSWER.split())


@pytest.mark.parametrize(
    "head",
    [
        "----- Mail original -----\nDe: {}\nÀ: Office\nObjet: Printer\nDate: 03/06/2025",
        "--- Оригінальне повідомлення ---\nВід кого: {}\nДата: 3 червня 2025, 10:00:00",
        "---- Replied Message ----\n| From | {} |\n| Date | 06/03/2025 10:00 |\n| To | Office |\n| Subject | Printer |",
        "---- 回复的原邮件 ----\n| 发件人 | {} |\n| 发送日期 | 2025年06月03日 |\n| 主题 | Printer |",
        "------------------ Original ------------------\nFrom: {}\nSend time: June 3, 2025 10:00 AM\nTo: Office",
        "发件人：{}\n日　期：2025年06月03日 10:00:00\n收件人：Office\n主　题：Printer",
    ],
)
def test_a_title_over_a_repeated_header_goes_with_it_in_whatever_words(head):
    assert new(f"{ANSWER}\n\n{head.format(WHO)}\n\n{OLD}\n") == " ".join(ANSWER.split())


def test_gmails_old_short_line_without_an_address_is_an_attribution():
    assert new(f"{ANSWER}\n\n2025-06-03 10:00 GMT+02:00 Front Desk\n{MARKED}\n") == " ".join(ANSWER.split())


@pytest.mark.parametrize(
    "below",
    [
        "---\nThis email has been checked for viruses by a scanner.\nhttps://scanner.example",
        "---\nDiese E-Mail wurde von Muster-Software auf Viren geprüft.",
        "L'absence de virus dans ce courrier électronique a été vérifiée par un logiciel.",
        "Virus-free. scanner.example",
        "-----\nNo virus found in this message.\nChecked by a scanner.",
        "AVISO LEGAL: Este mensaje contiene información confidencial.",
        "Le informazioni contenute nella presente comunicazione possono essere riservate.",
        "De informatie in deze e-mail is uitsluitend bestemd voor de geadresseerde.",
        "このメールには機密情報が含まれている場合があります。",
        "本邮件含有保密信息。",
        "이 메일은 기밀 정보를 포함합니다.",
        "Legal note: read this.",
        "If you are not the addressee, delete it.",
        "Important: if you have received this in error, delete it.",
        "Reply to this email directly or unsubscribe.",
        "You are receiving this because you asked for it.",
        "Email warning: read this.",
        "Privacy statement: read this.",
        "Please think of the environment before printing.",
        "The content of this message is for you alone.",
        "Der Inhalt dieser E-Mail ist nur für Sie.",
        "Diese Nachricht ist nur für Sie bestimmt.",
        "Garanti sans virus. scanner.example",
        "Wolny od wirusów. scanner.example",
        "Без вирусов. scanner.example",
        "Questa e-mail è stata controllata per virus.",
        "Este e-mail foi verificado.",
        "Deze e-mail is gecontroleerd.",
        "<https://www.avast.com/sig-email>",
        "Ce message est exclusivement pour vous.",
        "Este mensaje va destinado a usted.",
        "Questo messaggio è riservato.",
        "Il presente messaggio è per uso esclusivo.",
        "Dit bericht is vertrouwelijk.",
        "Ta wiadomość jest poufna.",
        "Niniejsza wiadomość jest przeznaczona dla adresata.",
        "Это сообщение предназначено для вас.",
        "Данное письмо является конфиденциальным.",
        "Це повідомлення призначене для вас.",
        "Це повідомлення є конфіденційним.",
        "Detta meddelande är avsett, avsedd, för dig.",
        "Denne e-mail er fortrolig.",
        "denne melding er beregnet på deg.",
        "Tämä viesti on luottamuksellinen.",
        "Tämä sähköposti on tarkoitettu sinulle.",
        "Tento e-mail je důvěrný.",
        "Tato správa je dôverná.",
        "Tato zpráva je určena jen vám.",
        "Bu ileti gizlidir.",
        "Bu mesaj size özeldir.",
    ],
)
def test_what_scanners_and_lawyers_put_below_goes_with_the_rule_above_it(below):
    assert new(f"{ANSWER}\n\n{below}\n") == " ".join(ANSWER.split())


@pytest.mark.parametrize(
    "banner",
    [
        "You don't often get email from office@example.com. Learn why this is important",
        "[Sie erhalten nicht häufig E-Mails von x. Mehr: https://aka.ms/LearnAboutSenderIdentification ]",
        "ATTENTION : Cet e-mail provient de l'extérieur de l'organisation.",
        "PRECAUCIÓN: Este correo electrónico se originó fuera de la organización.",
        "LET OP: Deze e-mail is afkomstig van buiten de organisatie.",
        "注意：此邮件来自外部，请勿点击链接。",
    ],
)
def test_a_filters_banner_is_known_in_more_languages(banner):
    assert new(f"{banner}\n\n{ANSWER}\n") == " ".join(ANSWER.split())


@pytest.mark.parametrize(
    "answer",
    [
        "Bonjour,\n\nLes informations contenues dans votre message sont fausses.\n\nMerci de corriger.",
        "Attention, the external drive is full.\n\nPlease empty it.",
        "Achtung: der externe Monitor flackert.\n\nBitte tauschen.",
        "We looked for viruses.\n\nNo virus found.\n\nWhat now?",
    ],
)
def test_people_who_write_of_mails_viruses_and_what_is_outside_lose_nothing(answer):
    assert new(answer) == " ".join(answer.split())
