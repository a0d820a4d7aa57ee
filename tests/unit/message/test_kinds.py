"""Automatic answers, lists, receipts, bounces."""

import pytest

from inboxd.message import parse


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: auto-generated (vacation); owner=x",
        "X-Autoreply: yes",
        "X-Autorespond: vacation",
        "Precedence: auto_reply",
        "X-Apple-Action: VACATION",
        "X-Auto-Response-Suppress: All\nX-MS-Exchange-Inbox-Rules-Loop: front@example.com",
        "Return-Path: <>\nSubject: Automatic reply: Printer",
        "Precedence: bulk\nSubject: Abwesenheitsnotiz",
        "In-Reply-To: <a@example.org>\nSubject: Réponse automatique : Imprimante",
        "X-Loop: x\nSubject: Out of Office",
        "X-Auto-Response-Suppress: All\nSubject: Fuori sede: stampante",
        "X-POST-MessageClass: 9; Autoresponder",
        "Delivered-To: Autoresponder",
        "X-Precedence: auto_reply",
    ],
)
def test_an_automatic_answer_is_known_by_its_signs(header):
    parsed = parse(f"From: front@example.com\r\n{header}\r\n\r\nI am away.".encode())
    assert (parsed.is_auto_reply, parsed.is_bounce) == (True, False)


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: no",
        "Auto-Submitted: No (by a person)",
        "X-Auto-Response-Suppress: All",
        "Precedence: bulk",
        "List-Unsubscribe: <mailto:x@example.com>",
        "Subject: Automatic reply: what is it?",
        "In-Reply-To: <a@example.org>\nSubject: Re: Automatic reply: Printer",
        "Return-Path: <>",
        "In-Reply-To: <a@example.org>\nSubject: Holiday hours?",
        "In-Reply-To: <a@example.org>\nSubject: Absence request form",
        "X-Auto-Response-Suppress: All\nSubject: Vacation plans",
        "Subject: Out of office does not work",
        "Subject: complaint about message from 192.0.2.1",
    ],
)
def test_one_sign_that_ordinary_mail_has_too_is_not_enough(header):
    parsed = parse(f"From: front@example.com\r\n{header}\r\n\r\nHello".encode())
    assert not parsed.is_auto_reply
    assert not parsed.is_bounce


@pytest.mark.parametrize(
    ("title", "automatic"),
    [
        ("Front Desk is out of the office.", True), ("Front Desk ist außer Haus.", True),
        ("Front Desk est absent(e).", True),
        ("[example.org #12] AutoReply: Printer", True), ("Re: Printer (Out of Office)", True),
        ("Auto-reply from the front desk", True), ("Automatic reply does not work", False),
        ("Auto-response fails since Monday", False),
    ],
)  # fmt: skip
def test_a_title_of_an_automatic_answer_goes_on_as_one(title, automatic):
    raw = f"From: front@example.com\r\nIn-Reply-To: <a@b.example>\r\nSubject: {title}\r\n\r\nHi".encode()
    assert parse(raw).is_auto_reply is automatic


@pytest.mark.parametrize(
    "title",
    ["Niet aanwezig", "Ikke til stede", "Poissaoloilmoitus", "Nieobecność", "Нет на работе", "Im Urlaub", "正在休假"],
)
def test_a_note_of_absence_is_known_by_its_title_and_the_precedence_of_bulk(title):
    raw = f"From: front@example.com\r\nPrecedence: bulk\r\nSubject: {title}: x\r\n\r\nHi".encode()
    assert parse(raw).is_auto_reply
    assert not parse(raw.replace(b"Precedence: bulk", b"In-Reply-To: <a@b.example>")).is_auto_reply


@pytest.mark.parametrize(
    "title",
    ["Automatic reply", "Automatische Antwort", "Réponse automatique ", "Respuesta automática", "Risposta automatica",
     "Resposta automática", "Automatisch antwoord", "Odpowiedź automatyczna", "Automatiskt svar", "Automatisk svar",
     "Automaattinen vastaus", "Automatická odpověď", "Автоматический ответ", "Автоматична відповідь", "Otomatik yanıt",
     "自动答复", "自動回覆", "自動応答", "자동 회신", "Răspuns automat", "Automatikus válasz", "Αυτόματη απάντηση",
     "תשובה אוטומטית",
     "رد تلقائي", "ตอบกลับอัตโนมัติ", "Tự động trả lời", "Balasan otomatis", "Аутоматски одговор"],
)  # fmt: skip
def test_an_automatic_answer_is_known_by_its_title_in_every_language(title):
    raw = f"From: front@example.com\r\nIn-Reply-To: <a@b.example>\r\nSubject: {title}: x\r\n\r\nHi".encode()
    assert parse(raw).is_auto_reply
    assert not parse(raw.replace(f"{title}: x".encode(), f"Re: {title}: x".encode())).is_auto_reply


@pytest.mark.parametrize(
    "words",
    ["I am currently out of the office.", "Ich bin bis Montag nicht im Büro.", "Je suis actuellement absent.",
     "Estoy fuera de la oficina.", "Sono fuori ufficio.", "Ik ben afwezig.", "I have limited access to my email."],
)  # fmt: skip
def test_a_title_and_the_words_of_an_absence_are_two_signs(words):
    assert parse(f"From: a@b.example\r\nSubject: Automatic reply: x\r\n\r\n{words}".encode()).is_auto_reply
    assert not parse(f"From: a@b.example\r\nSubject: Printer\r\n\r\n{words}".encode()).is_auto_reply


def test_a_complaint_that_a_provider_passes_on_is_automatic(multipart):
    told = "Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: x/1\nVersion: 1\n"
    parsed = parse(multipart("report", "\nAbuse.\n", told, params="; report-type=feedback-report"))
    assert (parsed.is_auto_reply, parsed.is_bounce, parsed.is_read_receipt) == (True, False, False)


@pytest.mark.parametrize(
    "header", ["List-Id: <users.example.com>", "List-Post: <mailto:x@example.com>", "Precedence: list"]
)
def test_mail_of_a_list_is_known(header, mail):
    assert parse(mail(header)).is_list


@pytest.mark.parametrize(
    ("header", "answered"),
    [
        ("X-Precedence: bulk", False), ("Content-Type: multipart/report; boundary=x", False),
        ("Precedence: junk", False),
        ("X-Loop: x", False), ("Return-Path: <>", False), ("Return-Path:", True), ("Precedence: normal", True),
        ("Return-Path: <bounces+1@acme.example>", True), ("X-Auto-Response-Suppress: None", True),
    ],
)  # fmt: skip
def test_who_is_answered_by_a_program(header, answered, mail):
    assert parse(mail(header, "Hello\n")).no_autoresponse is not answered


def test_a_newsletter_is_no_list(mail):
    assert not parse(mail("List-Unsubscribe: <mailto:x@example.com>")).is_list


def test_a_read_receipt_is_known(multipart):
    status = "Content-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; front@example.com\n"
    parsed = parse(multipart("report", "\nRead.\n", status, params="; report-type=disposition-notification"))
    assert (parsed.is_read_receipt, parsed.is_auto_reply, parsed.is_bounce) == (True, True, False)


def test_a_mail_that_only_calls_itself_a_receipt_or_holds_one_among_its_words_is_none(multipart):
    assert not parse(multipart("report", "\nHelp!\n", params="; report-type=disposition-notification")).is_read_receipt
    status = "Content-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; front@example.com\n"
    assert not parse(multipart("mixed", "\nWhat is this that I got?\n", status)).is_read_receipt


def test_a_filter_that_refuses_in_the_form_of_a_receipt_says_that_the_mail_did_not_arrive(multipart):
    status = (
        "Content-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; full@example.com\n"
        "Disposition: automatic-action/MDN-sent-automatically; {}\n"
    )
    daemon = b"From: Mail Delivery Subsystem <admin@example.com>"
    params = "; report-type=disposition-notification"
    mails = [
        multipart("report", "\nQuota exceeded\n", status.format(word), params=params)
        for word in ("deleted", "displayed")
    ]
    refused, shown = (parse(mail.replace(b"From: Front Desk <front@example.com>", daemon)) for mail in mails)
    assert (refused.is_bounce, refused.is_read_receipt) == (True, False)
    assert refused.bounced_recipients == ("full@example.com",)
    assert (shown.is_bounce, shown.is_read_receipt) == (False, True)


def test_a_gateway_that_returns_the_mail_below_its_words_need_not_name_anybody(multipart):
    words = (
        "\nThis message was created automatically by mail delivery software.\n\n"
        "One or more of the recipients are not valid users.\n"
    )
    original = "Content-Type: message/rfc822\n\nMessage-ID: <ours.1@example.org>\nSubject: x\n\nx\n"
    raw = multipart("mixed", words, original).replace(b"Subject: Printer", b"Subject: Mail delivery failed")
    assert parse(raw).bounce.original_message_id == "<ours.1@example.org>"
    assert not parse(multipart("mixed", words, original)).is_bounce


def report(multipart, status: str, *more: str) -> bytes:
    return multipart(
        "report",
        "\nYour mail could not be delivered.\n",
        f"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.org\n\n{status}\n",
        *more,
        params="; report-type=delivery-status",
    )


def test_a_delivery_report_names_recipient_action_status_and_our_message(multipart):
    status = "Final-Recipient: rfc822; ops@acme.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 no"
    original = "Content-Type: text/rfc822-headers\n\nFrom: support@example.org\nMessage-ID:\n <ours.1@example.org>\n"
    parsed = parse(report(multipart, status, original))
    assert parsed.is_bounce
    assert parsed.bounce is not None
    assert parsed.bounce.final_recipient == "ops@acme.example"
    assert (parsed.bounce.action, parsed.bounce.status) == ("failed", "5.1.1")
    assert parsed.bounce.original_message_id == "<ours.1@example.org>"
    assert parsed.bounced_recipients == ("ops@acme.example",)


def test_every_failed_recipient_is_listed_and_the_delivered_one_is_not(multipart):
    status = "\n\n".join(
        f"Final-Recipient: rfc822; {name}@acme.example\nAction: {action}\nStatus: 5.0.0"
        for name, action in (("a", "delivered"), ("b", "failed"), ("c", "delayed"))
    )
    parsed = parse(report(multipart, status))
    assert parsed.bounced_recipients == ("b@acme.example", "c@acme.example")
    assert parsed.bounce is not None
    assert parsed.bounce.final_recipient == "b@acme.example"


def test_one_recipient_in_two_spellings_is_listed_once(multipart):
    fields = "Final-Recipient: rfc822; {}\nAction: failed\nStatus: 5.1.1\n"
    status = f"Reporting-MTA: dns; x\n\n{fields.format('lost@b.example')}\n{fields.format('LOST@B.EXAMPLE')}"
    parsed = parse(multipart("report", "\nx\n", f"Content-Type: message/delivery-status\n\n{status}"))
    assert parsed.bounced_recipients == ("lost@b.example",)


def test_fields_that_an_empty_line_tore_apart_are_one_recipients(multipart):
    parsed = parse(report(multipart, "Final-Recipient: rfc822; a@acme.example\n\nAction: delayed\nStatus: 4.4.1"))
    assert parsed.bounce is not None
    assert (parsed.bounce.action, parsed.bounce.status) == ("delayed", "4.4.1")


def test_recipients_with_no_empty_line_between_them_are_two(multipart):
    status = "\n".join(f"Final-Recipient: rfc822; {name}@acme.example\nAction: failed\nStatus: 5.1.1" for name in "ab")
    assert parse(report(multipart, status)).bounced_recipients == ("a@acme.example", "b@acme.example")


@pytest.mark.parametrize("kind", ["text/plain", "application/octet-stream"])
def test_a_report_that_a_gateway_made_a_file_of_is_read(kind, multipart):
    file = f"Content-Type: {kind}; name=details.txt\n\nReporting-MTA: dns; x\n\nFinal-Recipient: rfc822;a@b.example\n"
    raw = multipart("mixed", "\nDelivery failed. See attachment.\n", f"{file}Action: failed\nStatus: 5.1.1")
    assert not parse(raw).is_bounce  # a person's
    parsed = parse(raw.replace(b"From: Front Desk <front@", b"From: <mailer-daemon@"))
    assert parsed.bounced_recipients == ("a@b.example",)
    assert parsed.bounce is not None
    assert parsed.bounce.status == "5.1.1"


def test_every_field_of_failed_recipients_counts(mail):
    head = "From: MAILER-DAEMON@mx.example\nX-Failed-Recipients: a@x.example\nX-Failed-Recipients: b@x.example\n"
    assert parse(mail(head, "x\n", bare=True)).bounced_recipients == ("a@x.example", "b@x.example")


def test_a_report_of_success_is_no_bounce_and_still_automatic(multipart):
    parsed = parse(report(multipart, "Final-Recipient: rfc822; a@acme.example\nAction: delivered\nStatus: 2.1.5"))
    assert (parsed.is_bounce, parsed.is_auto_reply, parsed.bounce) == (False, True, None)


def test_a_bounce_marked_as_automatic_is_a_bounce(multipart):
    raw = report(multipart, "Final-Recipient: rfc822; a@acme.example\nAction: failed\nStatus: 5.1.1")
    parsed = parse(b"Auto-Submitted: auto-replied\r\n" + raw)
    assert (parsed.is_bounce, parsed.is_auto_reply) == (True, False)


OURS = "Message-ID: <ours.1@example.org>\nTo: somebody@other.example\n"
QMAIL = (
    "From: MAILER-DAEMON@mx.example.org\nSubject: failure notice",
    (
        "Hi. This is the qmail-send program at mx.example.org.\n\n<ops@acme.example>:\nNo mailbox here. (#5.1.1)\n\n"
        f"--- Below this line is a copy of the message.\n\n{OURS}"
    ),
)
EXIM = (
    "From: Mail Delivery System <Mailer-Daemon@mx.example.org>\nSubject: Mail delivery failed: returning to sender",
    (
        "A message that you sent could not be delivered to one or more of its recipients.\n\n"
        f"  ops@acme.example\n    550 5.1.1 unknown user\n\n------ This is a copy of the message ------\n\n{OURS}"
    ),
)
EXCHANGE = (
    "From: postmaster@mx.example.org\nSubject: Undeliverable: Printer",
    (
        "Your message did not reach some or all of the intended recipients.\n\n"
        f" ops@acme.example on 6/3/2025\n  5.1.1 unknown\n\n{OURS}"
    ),
)
GOOGLE = (
    "From: noreply@mx.example.org\nReturn-Path: <>\nSubject: Delivery Status Notification (Failure)",
    (
        "Delivery to the following recipient failed permanently:\n\n     ops@acme.example\n\n550 5.1.1 no such user\n\n"
        f"----- Original message -----\n\n{OURS}"
    ),
)


FREE_FORMS = [
    ("Mail Team <team@x.example>", "Undeliverable: Printer", "Your message\n\n To: lost@b.example\n\nis lost.\n"),
    ("gateway@x.example", "failure notice", "Hi. This is the qmail-send program.\n\n<lost@b.example>:\nno such user\n"),
    ("MAILER-DAEMON@x.example", "Returned mail: Host unknown", "550 lost@b.example... Host unknown\n"),
    ("Mail Router <router@x.example>", "Undeliverable message", "- Failure Reasons -\n\nno entry\nlost@b.example\n"),
    ("<>", "Mail delivery failed", "There was an error delivering your mail to <lost@b.example>.\n"),
    ("postmaster@x.example", "[BOUNCE]", "an email you sent had errors\n550 lost@b.example unknown\n"),
    ("post_master@x.example", "Undeliverable Message", "lost@b.example: undeliverable message\n"),
    ("no-reply@x.example", "failure notice", "Could not be delivered to: lost@b.example\nTheir mailbox is full.\n"),
    ("MDaemon <MDaemon@x.example>", "Permanent Delivery Failure", "FAILED RECIPIENTS:  lost@b.example\n"),
    ("Internet Mail Delivery <postmaster@x.example>", "Delivery Notification: Delivery has failed",
     "This report relates to a message you sent:\n Message-id: <1@our.example>\n\nRecipient address: lost@b.example\n"),
    ("Mail Administrator <postmaster@x.example>", "Mail System Error - Returned Mail",
     "The user(s) account is temporarily over quota.\n\n<lost@b.example>\n"),
    ("postmaster@x.example", "Unzustellbar: x", "Fehler bei der Nachrichtenzustellung an:\n\nlost@b.example\n"),
    ("postmaster@x.example", "Non recapitabile: x", "Impossibile recapitare il messaggio a:\n\nlost@b.example\n"),
    ("postmaster@x.example", "Niedostarczalne: x", "Dostarczenie nie powiodło się:\n\nlost@b.example\n"),
    ("postmaster@x.example", "Kan inte levereras: x", "Det gick inte att leverera till:\n\nlost@b.example\n"),
    ("postmaster@x.example", "Kan ikke leveres: x", "Levering mislykkedes til:\n\nlost@b.example\n"),
    ("postmaster@x.example", "Nedoručitelné: x", "Doručení se nezdařilo:\n\nlost@b.example\n"),
    ("postmaster@x.example", "Teslim edilemedi: x", "Bu alıcılara teslim edilemedi:\n\nlost@b.example\n"),
    ("postmaster@x.example", "未送达: x", "无法将邮件传递给以下收件人:\n\nlost@b.example\n"),
    ("postmaster@x.example", "メッセージを配信できません", "lost@b.example\n"),
    ("postmaster@x.example", "배달되지 않음: x", "lost@b.example\n"),
    ("postmaster@x.example", "系统退信", "您的邮件被退回来了\nlost@b.example\n"),
    ("postmaster@x.example", "系统退信", "收件人：lost@b.example\n退信原因：（lost@b.example）不存在\n"),
    ("MAILER-DAEMON@x.example", "Mancata consegna del messaggio", "Non è stato consegnato a:\n<lost@b.example>\n"),
    ("MAILER-DAEMON@x.example", "Mesaj nelivrat", "Mesajul nu a putut fi livrat la: <lost@b.example>\n"),
    ("postmaster@x.example", "반송메일", "보내신 메일이 반송되었습니다.\n<lost@b.example>\n"),
    ("Mailer-Daemon <mailer-daemon@x.example>", "in no language", "Foo:\n\n<lost@b.example>: said: 550 5.1.1 bar\n"),
    ('"System Administrator" <>', "Delivery Failure", "Failed Recipient: lost@b.example\nReason: 550 unknown\n"),
    ("no-reply@x.example\nReturn-Path: <>", "Mail delivery failure", "Do not exist mailbox: lost@b.example\n"),
    ("postmaster@x.example\nReturn-Path: <>", "Service unavailable", "554 5.0.0 <lost@b.example> no service\n"),
    ("MAILER-DAEMON@x.example", "Rejected mail", "Your mail to lost@b.example was rejected.\n"),
    ("notify@x.example", "Unable to deliver your message", "We are unable to deliver it to lost@b.example.\n"),
    ("Sistema Postal <MAILER-DAEMON@x.example>", "Erro na entrega", "O endereço lost@b.example não existe.\n"),
    ("MAILER-DAEMON@x.example", "Problème de votre courrier", "Nous ne connaissons personne ici : lost@b.example\n"),
    ("postmaster@x.example", "Re: Order", "I am sorry, I could not deliver your mail to lost@b.example: no user\n"),
    ("postmaster@x.example", "Undeliverable", "Your mail to lost@b.example was not delivered. Was this helpful?"),
    ("noreply@x.example\nReturn-Path: <>", "Your mail was not delivered", "User lost@b.example no longer exists.\n"),
    ("Mail Agent <agent@x.example>", "Undelivered mail", "Undeliverable Address: lost@b.example\n\nuser unknown\n"),
    ("Mail <mail@x.example>", "Nondeliverable mail", "----Message not delivered to the following:\n lost@b.example\n"),
    ("no_reply@x.example", "Mail delivery failed", "Your e-mail to lost@b.example was not delivered: unknown user.\n"),
    ("bounce@x.example", "Undeliverable: mail", "Message to lost@b.example bounced: 550 5.1.1 no mailbox\n"),
    ("postmaster@x.example", "Не удается доставить: x", "Сбой доставки следующим получателям:\n\nlost@b.example\n"),
    ("postmaster@x.example", "Nepristatoma: x", "Nepavyko pristatyti šiems gavėjams:\n\nlost@b.example\n"),
    ("scan@x.example\nReturn-Path: <>", "VIRUS IN YOUR MAIL", "Your mail to lost@b.example was not delivered.\n"),
]  # fmt: skip


@pytest.mark.parametrize(("sender", "title", "body"), FREE_FORMS, ids=[each[1] for each in FREE_FORMS])
def test_a_free_form_names_who_was_not_reached_for_good(sender, title, body, mail):
    parsed = parse(f"From: {sender}\nTo: desk@our.example\nSubject: {title}\n\n{body}".encode())
    assert parsed.bounce is not None
    assert (parsed.bounce.final_recipient, parsed.bounce.action) == ("lost@b.example", "failed")


@pytest.mark.parametrize(
    ("sender", "title", "body"),
    [
        ("front@x.example", "Undeliverable mail", "I wrote to lost@b.example, and it came back: user unknown."),
        ("Administrator <administrator@x.example>", "User unknown", "The portal says so of our user lost@b.example."),
        ("front@x.example", "Delivery has failed", "Delivery has failed twice now. Call us, or write to jo@x.example."),
        ("front@x.example", "Vacation reply text", "Please set it to: I am on vacation until Monday."),
        ("front@x.example", "Delivery failure", "Your parcel for lost@b.example never came."),
        ("Parcels <delivery@x.example>", "Delivery failed: nobody at home", "Your parcel was returned to sender."),
        ("Mail delivery Ltd <info@x.example>", "Delivery report for May", "It is attached."),
        ("Postmaster <postmaster@x.example>", "Problem with mail delivery", "Our people cannot log in any more."),
        ("front@x.example", "Undelivered Mail Returned to Sender", "Why do I get: lost@b.example user unknown?"),
        ("front@x.example", "Fwd: failure notice", "> Hi. This is the qmail-send program\n> <lost@b.example>: no"),
        ("System Administrator <admin@x.example>", "Mailbox full", "The quota of one mailbox is exceeded. What now?"),
    ],
)
def test_people_and_shops_write_of_deliveries_too(sender, title, body, mail):
    parsed = parse(mail(f"From: {sender}\nTo: desk@our.example\nSubject: {title}\n", body, bare=True))
    assert (parsed.is_bounce, parsed.is_auto_reply) == (False, False)


@pytest.mark.parametrize(
    ("header", "body"), [QMAIL, EXIM, EXCHANGE, GOOGLE], ids=["qmail", "exim", "exchange", "google"]
)
def test_a_bounce_in_a_mailers_own_words_is_a_bounce(header, body, mail):
    parsed = parse(mail(f"{header}\nTo: support@example.org\n", body, bare=True))
    assert parsed.is_bounce
    assert parsed.bounce is not None
    assert parsed.bounce.final_recipient == "ops@acme.example"
    assert (parsed.bounce.action, parsed.bounce.status) == ("failed", "5.1.1")
    assert parsed.bounce.original_message_id == "<ours.1@example.org>"


def test_a_delay_is_not_a_failure(mail):
    body = "Warning: message still undelivered after 4 hours. Will keep trying.\n<ops@acme.example>: 452 4.2.2 full\n"
    parsed = parse(
        mail("From: MAILER-DAEMON@mx.example.org\nSubject: Warning: could not send message\n", body, bare=True)
    )
    assert parsed.bounce is not None
    assert (parsed.bounce.action, parsed.bounce.status) == ("delayed", "4.2.2")


@pytest.mark.parametrize(
    ("sender", "title", "words"),
    [
        ("mailer-daemon@mx.example", "Delivery Status Notification (Delay)", "Zustellung unvollständig an"),
        ("postmaster@mx.example", "Retard de remise: Commande", "La remise à ces destinataires a été retardée :"),
        ("postmaster@mx.example", "Доставка отложена: x", "Доставка этим получателям отложена:"),
        ("postmaster@mx.example", "Entrega retrasada: Pedido", "La entrega a estos destinatarios se ha retrasado:"),
    ],
)
def test_a_delay_is_known_by_its_title_in_any_language(sender, title, words):
    head = f"From: {sender}\nAuto-Submitted: auto-generated\nSubject: {title}\n"
    parsed = parse(f"{head}\n{words} <ops@acme.example>\n".encode())
    assert parsed.bounce is not None
    assert parsed.bounce.action == "delayed"


@pytest.mark.parametrize(
    ("title", "words", "status"),
    [
        ("failure notice", "I've given up.\n\n<lost@b.example>:\nno host by that name (#4.1.2)", "4.1.2"),
        ("Undelivered Mail Returned to Sender", "<lost@b.example>: said: 452 4.2.2 full", "4.2.2"),
        ("Undelivered Mail Returned to Sender", "<lost@b.example>: said: 452 full", "4.0.0"),
        ("Undeliverable: x", "To lost@b.example.\n\nOriginal Message Details\n\n550 5.1.10 not found", "5.1.10"),
    ],
)
def test_what_is_given_up_has_failed_for_whatever_reason(title, words, status, mail):
    parsed = parse(mail(f"From: MAILER-DAEMON@mx.example\nSubject: {title}\n", f"Sorry.\n\n{words}\n", bare=True))
    assert (parsed.bounce.action, parsed.bounce.status) == ("failed", status)
    assert parsed.bounced_recipients == ("lost@b.example",)


@pytest.mark.parametrize("sender", ["postmaster@x.example", "MAILER-DAEMON@x.example\nReturn-Path: <>"])
@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Mailbox quota warning", "Your mailbox is over quota. Ask help@x.example."),
        ("Your mailbox is almost full", "It is full to 90 %."),
        ("Successful Mail Delivery Report", "It was delivered to:\n\n<a@b.example>: 250 ok"),
        ("Mail delivery report", "Your message to a@b.example was successfully delivered."),
        ("Delivery notification: relayed", "Your message to a@b.example went on (successfully delivered)."),
    ],
)
def test_a_mail_system_that_speaks_of_success_or_of_our_own_mailbox_reports_no_bounce(sender, title, words, mail):
    assert not parse(mail(f"From: {sender}\nSubject: {title}\n", f"{words}\n", bare=True)).is_bounce


def test_a_recipient_beyond_ascii_is_read_in_either_form(multipart):
    for written in ("jörg@acme.example", r"j\x{F6}rg@acme.example"):
        fields = f"Final-Recipient: utf-8; {written}\nAction: failed\nStatus: 5.1.1\n"
        status = f"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n{fields}"
        parsed = parse(multipart("report; report-type=delivery-status", "\nSorry\n", status))
        assert parsed.bounced_recipients == ("jörg@acme.example",)


def test_a_report_in_another_wrapping_is_one_where_title_and_first_words_are(multipart):
    status = "Content-Type: message/delivery-status\n\nReporting-MTA: dns; x.example\n\n"
    status += "Final-Recipient: rfc822; lost@b.example\nAction: failed\nStatus: 5.1.1\n"
    words = "Content-Type: text/plain\n\nYour message did not reach some or all of the intended recipients."
    report = multipart("mixed", words, status).replace(b"Subject: Printer", b"Subject: Undeliverable: Printer")
    assert parse(report).bounced_recipients == ("lost@b.example",)
    warned = report.replace(b"Subject: ", b"Subject: [EXTERNAL] ").replace(
        b"Your m", b"CAUTION: from outside.\r\n\r\nYour m"
    )
    assert parse(warned).bounced_recipients == ("lost@b.example",)
    answer = "Content-Type: text/plain\n\nHere are the details that you asked for."
    assert not parse(multipart("mixed", answer, status)).is_bounce


def test_a_customer_who_writes_about_bounces_is_no_bounce(mail):
    body = "Since today all our mail could not be delivered: user unknown. Mailbox full? See the attached report.\n"
    assert not parse(mail("Subject: Undelivered mail returned to sender", body)).is_bounce


def test_a_report_that_a_person_forwards_is_no_bounce(multipart):
    status = "Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; a@acme.example\nAction: failed\n"
    assert not parse(multipart("mixed", "\nWhat does this mean?\n", status)).is_bounce


def test_a_vacation_note_with_an_empty_return_path_is_an_answer_and_no_bounce(mail):
    header = "From: Front <front@example.com>\nReturn-Path: <>\nSubject: Automatic reply: Printer\n"
    parsed = parse(
        mail(header, "I am away, your message has not been read and was not delivered to anybody.\n", bare=True)
    )
    assert (parsed.is_auto_reply, parsed.is_bounce) == (True, False)


@pytest.mark.parametrize(
    ("words", "recipients"),
    [
        (
            "Your message\n\n  To: all@list.example\n\ndid not reach these recipients:\n\nlost@b.example on Fri",
            ("lost@b.example",),
        ),
        ("For help, send mail to <postmaster@mx.example>\n\n<lost@b.example>: user unknown", ("lost@b.example",)),
        ("<postmaster@b.example>: user unknown", ("postmaster@b.example",)),
        (
            "<lost@b.example>: said: 550 no such user, write\n    to <help@b.example> or help@b.example",
            ("lost@b.example",),
        ),
        (
            "  lost@b.example\n    (generated from all@our.example)\n  also@b.example\n",
            ("lost@b.example", "also@b.example"),
        ),
        ("The subject of the message is: for a@b.example\n\n  lost@b.example\n", ("lost@b.example",)),
        ("Mail to lost@b.example\nalso@b.example failed", ("lost@b.example", "also@b.example")),
        ("Failed: Pat <pat.o'neil@b.example>, pat@[192.0.2.7]", ("pat.o'neil@b.example", "pat@[192.0.2.7]")),
        ("<j\N{LATIN SMALL LETTER O WITH DIAERESIS}rg@m\u00fcller.example>: unknown", ("jörg@müller.example",)),
        ("Recipient address: LOST@b.example\nOriginal address: lost@b.example", ("LOST@b.example",)),
        ("It relates to your message: Message-ID: <1@our.example>, to lost@b.example.", ("lost@b.example",)),
    ],
)
def test_of_many_addresses_in_a_report_those_count_that_the_mail_did_not_reach(words, recipients, mail):
    raw = mail(
        "From: MAILER-DAEMON@mx.example\nTo: a@x.example\nSubject: Undeliverable: Hello\n", f"{words}\n", bare=True
    )
    assert parse(raw).bounced_recipients == recipients


def test_a_failure_that_goes_on_being_tried_is_a_delay(mail):
    words = (
        "It could not be delivered to:\n\nlost@b.example\n\nDelivery attempts will continue to be made for 5 days.\n"
    )
    head = "From: MAILER-DAEMON@mx.example\nTo: a@x.example\nSubject: Delivery failure notification\n"
    assert parse(mail(head, words, bare=True)).bounce.action == "delayed"
    assert parse(mail(head, "550 no such user lost@b.example\n" + words, bare=True)).bounce.action == "failed"
