"""What is new in a mail, in the languages and forms of mail programs."""

import pytest

from inboxd.message import parse, reply_text

ATTRIBUTIONS = [
    "On Tue, Jun 3, 2025 at 10:00 AM Front Desk <front@example.com> wrote:",
    "On 3 Jun 2025, at 10:00, Front Desk <front@example.com> wrote:",
    "On 2025-06-03 10:00, Front Desk wrote:",
    "On Tuesday, June 3rd, 2025 at 10:00 AM, Front Desk\n<front@example.com>\nwrote:",
    "Am 03.06.2025 um 10:00 schrieb Front Desk:",
    "Am Di., 3. Juni 2025 um 10:00 Uhr schrieb Front Desk <front@example.com>:",
    "Front Desk <front@example.com> schrieb am Di., 3. Juni 2025, 10:00:",
    "Le mar. 3 juin 2025 à 10:00, Front Desk <front@example.com> a écrit :",
    "El mar, 3 jun 2025 a las 10:00, Front Desk (<front@example.com>) escribió:",
    "Il giorno mar 3 giu 2025 alle ore 10:00 Front Desk <front@example.com> ha scritto:",
    "Em ter., 3 de jun. de 2025 às 10:00, Front Desk <front@example.com> escreveu:",
    "Op di 3 jun 2025 om 10:00 schreef Front Desk <front@example.com>:",
    "Op 3 jun. 2025, om 10:00 heeft Front Desk <front@example.com> het volgende geschreven:",
    "wt., 3 cze 2025 o 10:00 Front Desk <front@example.com> napisał(a):",
    "Den tis 3 juni 2025 kl 10:00 skrev Front Desk <front@example.com>:",
    "Den tirs. 3. jun. 2025 kl. 10.00 skrev Front Desk <front@example.com>:",
    "På 3 juni 2025 10:00:00, Front Desk (front@example.com) skrev:",
    "ti 3. kesäk. 2025 klo 10.00 Front Desk (front@example.com) kirjoitti:",
    "Dne 03.06.2025 v 10:00 Front Desk napsal(a):",
    "вт, 3 июн. 2025 г. в 10:00, Front Desk <front@example.com>:",
    "03.06.2025 10:00, Front Desk пишет:",
    "вт, 3 черв. 2025 р. о 10:00 Front Desk <front@example.com> пише:",
    "3.06.2025 10:00 tarihinde Front Desk yazdı:",
    "Front Desk <front@example.com> 于2025年6月3日周二 10:00写道：",
    "2025年6月3日(火) 10:00 Front Desk <front@example.com>:",
    "2025년 6월 3일 (화) 오전 10:00, Front Desk <front@example.com>님이 작성:",
    "Front Desk <front@example.com> schrieb am Di., 3. Juni\n2025, 10:00:",
    "Front Desk <front@example.com> escreveu (terça, 3/06/2025\nà(s) 10:00):",
    "No dia 03/06/2025, às 10:00, Front Desk <front@example.com> escreveu:",
    "Wiadomość napisana przez Front Desk <front@example.com> w\ndniu 03.06.2025, o godz. 10:00:",
    "Front Desk <front@example.com>, 3 Haz 2025 Sal, 10:00\ntarihinde şunu yazdı:",
    "Front Desk 於 2025/6/3 上午 10:00 寫道:",
    "2025-06-03 오전 10:00에 Front Desk 이(가) 쓴 글:",
    "(2025/06/03 10:00), Front Desk wrote:",
    "Jun 3, 2025, 10:00 by front@example.com:",
    "2025-06-03 10:00 GMT+02:00 Front Desk <front@example.com>:",
    "2025/6/3 Front Desk <front@example.com>",
    "In message <1@example.com>, Front Desk <front@example.com>\nwrites:",
    "At 6/3/2025 10:00 AM, you wrote:",
    "Front Desk <front@example.com> wrote:",
    ">>> Front Desk <front@example.com> 03.06.2025 10:00 >>>",
    # Languages that nobody taught it: an angle address, a date with its year and a time, a colon.
    "pirmd., 2025. g. 3. jūn., plkst. 10:00 — lietotājs Front Desk (<front@example.com>) rakstīja:",
    "Kuupäev T, 3. juuni 2025 kell 10:00 kirjutas kasutaja Front\nDesk <front@example.com>:",
    "في الثلاثاء، 3 يونيو 2025 في 10:00 ص تمت كتابة ما يلي بواسطة Front Desk <front@example.com>:",
    "\u202bבתאריך יום ג׳, 3 ביוני 2025 ב-10:00 מאת Front Desk \u200f<\u202afront@example.com\u202c\u200f>:\u202c",
]
HEADERS = [
    "From: Front <front@example.com>\nSent: Tuesday, June 3, 2025 10:00 AM\nTo: Support\nSubject: RE: Printer",
    "________________________________\nFrom: Front <front@example.com>\nSent: 3 June 2025 10:00\nTo: Us\nSubject: x",
    "*From:* Front <front@example.com>\n*Sent:* Tuesday\n*To:* Support\n*Subject:* x",
    "Von: Front <front@example.com>\nGesendet: Dienstag, 3. Juni 2025 10:00\nAn: Support\nBetreff: AW: Drucker",
    "De : Front <front@example.com>\nEnvoyé : mardi 3 juin 2025 10:00\nÀ : Support\nObjet : RE: Imprimante",
    "De: Front <front@example.com>\nEnviado: martes, 3 de junio de 2025\nPara: Support\nAsunto: RE: x",
    "Da: Front <front@example.com>\nInviato: martedì 3 giugno 2025 10:00\nA: Support\nOggetto: R: x",
    "Van: Front <front@example.com>\nVerzonden: dinsdag 3 juni 2025\nAan: Support\nOnderwerp: RE: x",
    "Od: Front <front@example.com>\nWysłano: wtorek, 3 czerwca 2025\nDo: Support\nTemat: RE: x",
    "Från: Front <front@example.com>\nSkickat: den 3 juni 2025\nTill: Support\nÄmne: SV: x",
    "Odesílatel: Front <front@example.com>\nOdesláno: 3. června 2025\nKomu: Support\nPředmět: RE: x",
    "Remetente: Front <front@example.com>\nData de envio: 3 de junho de 2025\nPara: Support\nAssunto: RE: x",
    "Fra: Front <front@example.com>\nSendt: 3. juni 2025\nTil: Support\nEmne: SV: x",
    "Lähettäjä: Front <front@example.com>\nLähetetty: tiistai\nVastaanottaja: Support\nAihe: VS: x",
    "От: Front <front@example.com>\nОтправлено: 3 июня 2025 г.\nКому: Support\nТема: RE: x",
    "Kimden: Front <front@example.com>\nGönderildi: 3 Haziran 2025\nKime: Support\nKonu: YNT: x",
    "发件人: Front <front@example.com>\n发送时间: 2025年6月3日\n收件人: Support\n主题: x",
    "差出人: Front <front@example.com>\n送信日時: 2025年6月3日\n宛先: Support\n件名: x",
    "보낸 사람: Front <front@example.com>\n보낸 날짜: 2025년 6월 3일\n받는 사람: Support\n제목: x",
    "Gesendet: Dienstag, 3. Juni 2025\nVon: Front <front@example.com>\nAn: Support\nBetreff: x",
    "De la: Front <front@example.com>\nTrimis: 3 iunie 2025\nCătre: Support\nSubiect: x",
    "Από: Front <front@example.com>\nΣτάλθηκε: 3 Ιουνίου 2025\nΠρος: Support\nΘέμα: x",
    "מאת: Front <front@example.com>\nנשלח: 3 2025\nאל: Support\nנושא: x",
    "寄件者: Front <front@example.com>\n寄件日期: 2025年6月3日\n收件者: Support\n主旨: x",
    "##- Please type your reply above this line -##",
    "=== Bitte antworten Sie oberhalb dieser Zeile ===",
    "‐‐‐‐‐‐‐ Original Message ‐‐‐‐‐‐‐\nHello",
    "-----Original Message-----\nHello",
    "-----Ursprüngliche Nachricht-----\nHello",
    "-------- Message d'origine --------\nHello",
]
SIGNATURES = [
    "-- \nFront Desk\nExample Ltd.",
    "Sent from my iPhone",
    "Sent from my Samsung Galaxy smartphone.",
    "Get Outlook for iOS<https://example.com>",
    "Von meinem iPhone gesendet",
    "Envoyé de mon iPhone",
    "Enviado desde mi iPhone",
    "Inviato da iPhone",
    "Verstuurd vanaf mijn iPhone",
    "Skickat från min iPhone",
    "Отправлено с iPhone",
    "发自我的 iPhone",
    "iPhoneから送信",
    "Sent from Yahoo Mail on Android <https://example.com/x>",
    "(sent from a phone)",
    "Diese Nachricht wurde von meinem Mobiltelefon mit K-9 Mail gesendet.",
    "CONFIDENTIALITY NOTICE: the contents are for the addressee alone.\nDelete them otherwise.",
    "This e-mail and any attachments are confidential and intended solely for the addressee.\n\nExample Ltd., Town",
    "Diese E-Mail enthält vertrauliche Informationen.",
    "Ce message et ses pièces jointes sont confidentiels.",
]
NOT_MARKS = [
    "On Monday 3 June the server sent us this:\nError 17",
    "See below:\n\nOn 5 May 2025 I installed version 3:\n\nit failed",
    "Sent from my desk, is much easier than my phone.",
    "Hi,\n\nFrom: the start it was bad.\nTo: be or not to be",
    "Order:\nDate: 3 June 2025\nTime: 10:00\nTo: Berlin",
    "First\n----\nSecond\n----\nThird",
    "And here is a fix -- this is no signature.",
    "Visit us now\n>>> example.com <<<\nand see",
    "A journey:\nFrom: Berlin\nTo: Hamburg\nDate: 3 June 2025\n\nfor two",
    "Write to Front Desk <front@example.com> about this:\nit is broken",
    "It broke on 3 June 2025 at 10:00:\nthe printer",
    "This message is about the printer.\n\nIt is broken.",
]


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
@pytest.mark.parametrize("quote", ["> Hello\n> there", "Hello\nthere"], ids=["marked", "unmarked"])
def test_an_attribution_and_its_quote_are_no_part_of_the_answer(attribution, quote):
    assert reply_text.of(f"It works.\nAll of it.\n\n{attribution}\n\n{quote}\n") == reply_text.Reply(
        "It works.\nAll of it.", True
    )


@pytest.mark.parametrize("header", HEADERS)
def test_a_repeated_header_ends_the_answer(header):
    assert reply_text.of(f"It works.\n\n{header}\n\nHello\n").text == "It works."


@pytest.mark.parametrize("signature", SIGNATURES)
def test_a_signature_is_no_part_of_the_answer(signature):
    assert reply_text.of(f"It works.\n\n{signature}\n").text == "It works."


@pytest.mark.parametrize("text", NOT_MARKS)
def test_what_only_looks_like_a_mark_stays(text):
    assert reply_text.of(text) == reply_text.Reply(text, False)


def test_answers_between_quoted_lines_are_the_answer():
    text = "On 2025-06-03 10:00, Front wrote:\n> First?\n\nYes.\n\n> Second?\n\nNo.\n"
    assert reply_text.of(text).text.split() == ["Yes.", "No."]


def test_a_forwarded_mail_is_what_its_sender_wants_read():
    text = (
        "FYI\n\n---------- Forwarded message ----------\nFrom: Front <front@example.com>\nDate: today\nSubject: x\n\nHi"
    )
    assert reply_text.of(text).text == text


def test_a_mail_that_is_nothing_but_a_quote_is_shown_whole():
    text = "On 2025-06-03 10:00, Front wrote:\n> Hello"
    assert reply_text.of(text).text == text


def test_the_answer_may_end_in_the_line_in_which_the_quote_begins():
    assert reply_text.of("Yes. On Tue, Jun 3, 2025 at 3:59 PM, front@example.com wrote:\n> Hi").text == "Yes."


@pytest.mark.parametrize(
    "quote",
    [
        '<div class="gmail_quote">On some day Front wrote:<blockquote>Hello</blockquote></div>',
        '<blockquote type="cite">Hello</blockquote>',
        '<div id="divRplyFwdMsg"><b>From:</b> Front</div><div>Hello</div>',
        '<div style="border:none;border-top:solid #E1E1E1 1.0pt">From Front</div><p>Hello</p>',
        '<div class="yahoo_quoted">Hello</div>',
        '<div class="moz-cite-prefix">On some day Front wrote</div><blockquote type="cite">Hello</blockquote>',
        '<div name="quote" style="border-left:2px solid">Hello</div>',
        '<div class="ydp12yahoo_quoted" id="ydp12yahoo_quoted_1">Hello</div>',
        '<hr tabindex="-1"><div id="divRplyFwdMsg"><b>From:</b> Front</div><div>Hello</div>',
        '<div name="messageReplySection">Hello</div>',
        '<div class="gmail_signature">Front Desk</div><div class="gmail_quote">Hello</div>',
        '<div id="Signature">Front Desk</div><div id="appendonsend"></div>Hello',
        '<div id="ms-outlook-mobile-signature">Example</div><blockquote type="cite">Hello</blockquote>',
        "<p>Zitat von Front &lt;front@example.com&gt;:</p><blockquote>Hello</blockquote>",
    ],
)
def test_the_marks_of_mail_programs_in_html_are_believed(quote, mail):
    parsed = parse(mail("Content-Type: text/html", f"<p>It works.</p>{quote}"))
    assert parsed.reply_text == "It works."
    assert "Hello" in parsed.text


@pytest.mark.parametrize(
    "own",
    [
        "<blockquote>Paragraph 4 of the contract</blockquote>",
        '<blockquote style="margin: 0 0 0 40px; border: none;"><p>Paragraph 4 of the contract</p></blockquote>',
    ],
)
def test_what_the_writer_sets_off_is_the_writers_where_the_quote_is_marked(own, mail):
    old = '<div class="gmail_quote"><div class="gmail_attr">On some day Front wrote:</div>Hello</div>'
    parsed = parse(mail("Content-Type: text/html", f"<p>It says:</p>{own}<p>Is that so?</p>{old}"))
    assert " ".join(parsed.reply_text.replace(">", " ").split()) == "It says: Paragraph 4 of the contract Is that so?"


@pytest.mark.parametrize("above", ["", "<p>See below.</p>"])
def test_answers_below_a_quote_that_html_marks_are_kept(above, mail):
    line = "<p>On Tuesday, 3 June 2025 10:00:44 CEST Front &lt;front@example.com&gt; wrote:</p>"
    old = "<blockquote type=cite>Is it<hr><img alt=red> <b>on?</b><p>Yes?</p></blockquote>"
    parsed = parse(mail("Content-Type: text/html", f"{above}{line}{old}<p>Blue.</p>{old}<p>Large.</p>"))
    assert parsed.reply_text.split() == [*(["See", "below."] if above else []), "Blue.", "Large."]
    assert parse(mail("Content-Type: text/html", line + old)).reply_text.count("on?") == 1


def test_of_a_quote_that_html_marks_nothing_is_shown_below_a_line_that_is_no_attribution(mail):
    quote = "<p>Front hath spoken:</p><blockquote type=cite>Is it on?</blockquote>"
    assert parse(mail("Content-Type: text/html", f"{quote}<p>Yes.</p>")).reply_text.split()[-2:] == ["spoken:", "Yes."]


def test_answers_inside_of_gmails_quote_are_kept(mail):
    quote = "<div class=gmail_attr>On Tue, Jun 3, 2025 at 10:00 AM Front &lt;front@example.com&gt; wrote:</div>"
    old = "<blockquote class=gmail_quote>{}</blockquote>"
    inside = f"{old.format('Colour?')}<div>Blue</div>{old.format('Size?')}<div>Large</div>"
    parsed = parse(mail("Content-Type: text/html", f"<p>See below.</p><div class=gmail_quote>{quote}{inside}</div>"))
    assert parsed.reply_text.split() == ["See", "below.", "Blue", "Large"]


def test_what_apple_mail_sends_on_is_no_quote(mail):
    sent_on = "<div>Begin forwarded message:</div><br><blockquote type=cite><b>From: </b>Ann<br>It broke.</blockquote>"
    assert "It broke." in parse(mail("Content-Type: text/html", f"<p>See:</p>{sent_on}")).reply_text


def test_what_begins_like_a_quote_without_marks_may_be_nothing_else():
    quote = "On 3 June 2025 at 10:00, Front Desk wrote:\n\nPlease confirm."
    assert reply_text.of(quote) == reply_text.Reply(quote, cut=False, empty=True)
    assert reply_text.of(f"{quote}\n\nOn 2 June 2025 at 9:00, Ann wrote:\n\nDo it.").empty
    assert not reply_text.of("Confirmed.\n\n" + quote).empty


def test_what_is_indented_is_no_quote(mail):
    own = '<blockquote style="margin:0 0 0 40px;border:none;padding:0px"><p>port = 993</p></blockquote>'
    parsed = parse(mail("Content-Type: text/html", f"<p>My setting:</p>{own}<p>Right?</p>"))
    assert parsed.reply_text.split() == ["My", "setting:", "port", "=", "993", "Right?"]


def test_what_is_longer_than_a_signature_is_none_whatever_its_mark_says(mail):
    parsed = parse(mail("Content-Type: text/html", f'<p>Hi</p><div id="Signature">{"It works. " * 200}</div>'))
    assert "It works." in parsed.reply_text


@pytest.mark.parametrize(
    "above", ["Received: from mx.example.net\n\tby mail.example.com with ESMTPS", "GET /v1 HTTP/1.1\nHost: example.com"]
)
def test_a_source_that_somebody_pastes_is_no_history(above):
    fields = "From: news@example.org\nTo: us@example.com\nSubject: Bill\nDate: Mon, 2 Mar 2026 18:12:44 +0100"
    text = f"Why is it refused?\n\n{above}\n{fields}\n\nThe log says 550."
    assert reply_text.of(text).text == text
    assert reply_text.of(f"Why is it refused?\n\n{fields}\n\nThe log says 550.").text == "Why is it refused?"


def test_the_banner_of_a_mail_filter_is_no_part_of_the_answer():
    text = "CAUTION: This email originated from outside of the organisation.\nDo not click links.\n\nIt works."
    assert reply_text.of(text).text == "It works."
    assert reply_text.of("Caution: the printer is hot.\n\nIt works.").text.startswith("Caution")


def test_the_armour_of_a_signed_text_is_no_part_of_the_answer():
    signature = "-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----"
    text = f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nIt works.\n\n{signature}\n"
    assert reply_text.of(text).text == "It works."


@pytest.mark.parametrize(
    "line",
    ["This message is a ", "This e-mail (", "Warning ", "\n\nNotice: ", "\n\nconfidential", "x <a@b.c> 2025 10:00\n",
     "> x <a@b.c>,\n2025:\n", "Quoting a", "-- \nSent from my iPhone\n",
     "On a ", "On a a\n", "\n", " \n", ">", ">\n", "--\n", "_" * 40 + "\n", "From: a\n", "On 1 1:\n", "a wrote:\n", "(",
     "On 1/1/2001 10:00 a@b.c\n", "> a\nb (\n", " " * 900 + ":\n", "a@" * 400 + ":\n", "On 1/1/2001 x:\n\n> a\nb\n"],
)  # fmt: skip
def test_hostile_repetition_costs_no_more_than_its_length(line):
    text = line * (400_000 // len(line))
    assert len(reply_text.of(text).text) <= len(text)
