"""Rarer forms in which mail programs, lists and people mark what is not the answer: wrapped, aligned, in bold."""

import pytest

from inboxd.message import reply_text

ANSWER = "Thanks, that works now.\n\nThe other one is still broken."
LINE = "On Tue, Jun 3, 2025 at 10:00 AM Front Desk <front@example.com> wrote:"
MARKED = "> Have you tried it?\n> Regards"
OLD = "Have you tried it?\nRegards"
HEADED = "> -----Original Message-----\n> From: Front <front@example.com>\n> Sent: Tuesday\n> To: Us\n> Subject: x"

ATTRIBUTIONS = [
    "Front Desk wrote the following on 6/3/2025 10:00 AM:",
    "Quoting Front Desk (front@example.com):",
    "Also sprach Front Desk (front@example.com) [03.06.25 10:00]:",
    "Lainaus Front Desk <front@example.com>:",
    "Front Desk skrev 2025-06-03 10:00:",
    "Dana 03.06.2025. u 10:00, Front Desk piše:",
    "Wiadomość napisana przez Front Desk w dniu 3 cze 2025, o godz. 10:00:",
    "Użytkownik Front Desk <front@example.com> napisał:",
    "Здравствуйте, Front. Вы писали 3 июня 2025 г., 10:00:00:",
    "03.06.2025, 10:00, Front Desk <front@example.com>",
    "於 2025/6/3 上午 10:00, Front Desk 提到:",
    "Il giorno mar, 03/06/2025 alle 10.00 +0200, Front Desk ha\nscritto:",
    "On Tue,\nJun 3, 2025 at 10:00 AM,\nFront Desk\n<front@example.com>\nwrote:",
    "On Tue, Jun 3, 2025 at 10:00 AM, Front Desk <\n\nfront@example.com\n\n> wrote:",
    "*Front Desk schrieb am 3.6.2025 10:00:*",
    "On\xa0Tue, \xa0Jun 3,  2025, Front  Desk  wrote\xa0:",
    "----- Message from Front Desk <front@example.com> ---------",
    "----- Nachricht von front@example.com ---------",
    "------- Original message of 03.06.25 -------",
    '-----"Front Desk" <front@example.com> wrote: -----',
    "--- Odpowiedz powyżej tej linii ---",
    "--- Ответьте выше этой строки ---",
    "--- Vastaa tämän rivin yläpuolelle ---",
    "--- この線より上に返信してください ---",
    "  Original Message  \nFrom: Front Desk\nSent: Tuesday, June 3, 2025 10:00 AM\nTo: Office\nSubject: Re: Printer",
    "Originalnachricht\nVon: Front Desk\nGesendet: Dienstag, 3. Juni 2025 10:00\nAn: Office\nBetreff: Drucker",
    "front@example.com\n \n发件人： front@example.com\n发送时间： 2025-06-03 10:00\n收件人： Office\n主题： Re: x",
    "On Tue, Jun 3, 2025\nat 10:00 AM Front Desk <front@example.com> wrote:",
    "Am\nDienstag, 3. Juni 2025 um 10:00 Uhr schrieb Front Desk <front@example.com>:",
    "3 июня 2025 г.,\nв 10:00, Front Desk <front@example.com> написал(а):",
    "---\nOd: Front Desk <front@example.com>\nWysłane: wtorek, 3 czerwca 2025 10:00\nDo: Office\nTemat: RE: x",
    "---- Replied Message ----\nFrom\tfront@example.com<front@example.com>\nDate\t06/3/2025 10:00\nTo\tUs\nSubject\tx",
    "Front Desk <front@example.com> \n06/03/2025 10:00 AM\n\nTo\noffice@example.org\ncc\n\nSubject\nRe: Printer",
    "از: دفتر <front@example.com>\nارسال شده: دوشنبه، ۴ مارس ۲۰۲۴ ۹:۱۵\nبه: ما\nموضوع: RE: x",
    "-----Оригінальне повідомлення-----",
    "در تاریخ دوشنبه ۴ مارس ۲۰۲۴،\u200f ۹:۱۵ دفتر <front@example.com> نوشت:",
    "De : Support\nEnvoyé le :mardi 3 juin 2025 10:00\nÀ : Office\nObjet :Re: x",
    "* * *\n\n**From:** Front Desk <front@example.com>\n**Sent:** June 3, 2025\n**To:** Us\n**Subject:** x",
    "From      : Front Desk <front@example.com>\nTo          : Office\nDate      : 3 Jun 2025\nSubject : x",
    "Von: Front Desk <front@example.com> Gesendet: Dienstag, 3. Juni 2025 10:00 An: Office Betreff: AW: Drucker",
    "From:Front Desk <front@example.com>Sent:Tuesday, June 3, 2025 10:00 AMTo:OfficeSubject:RE: Printer",
    "―-―-―-―\nReply above this line.",
]  # fmt: skip
SIGNED = [
    "Von Yahoo Mail auf Android gesendet", "P Before printing this e-mail, please consider the environment.",
    "__________ Information from ESET NOD32 Antivirus, version 8073 (20250603) __________\n\nThe message was checked.",
    "Ez az üzenet bizalmas, kizárólag a címzettnek szól.", "Ova poruka je povjerljiva.", "Pesan ini bersifat rahasia.",
    "Acest mesaj este confidențial.", "Το παρόν μήνυμα είναι εμπιστευτικό.", "Това съобщение е поверително.",
    "הודעה זו עשויה להכיל מידע חסוי.", "هذه الرسالة سرية.",
    "[Sent from my iPad]", "*Sent from my iPhone*", "--Sent from my iPhone", "Sent from [Outlook](https://example.com)",
    "Odesláno ze smartphonu Samsung Galaxy.",
    "Envoyé de mon appareil Android avec Courriel K-9 Mail. Veuillez excuser ma brièveté.",
    "_________________________________________________\nDolphins on your desktop!\nSee http://www.example.com/free",
    "Sent from my Verizon, Samsung Galaxy smartphone", "Sent from my iPad\nPlease excuse typos",
    "Sent from a mobile device. Please excuse any typos.", "Sent with AquaMail for Android\nhttps://www.example.com",
    "Sent with Mailspring, the best free email app", "Sent from eM Client | www.example.com",
    "Envoyé à partir d'Outlook pour Android", "Sent with [Proton Mail](https://example.com/) secure email.",
    "Skickat med mobilen", "Enviado via iPhone", "来自我的iPhone", "从 Windows 版邮件发送", "iPhoneから送信されました",
    "\u200fנשלח מה-iPhone שלי", "ส่งจาก iPhone ของฉัน", "ارسال شده از iPhone من", "네이버 메일앱에서 보냈습니다.",
    "Von meinem/meiner Galaxy gesendet", "삼성 Galaxy 스마트폰에서 보냈습니다.", "Iš mano „iPhone“", "‐‐\nAnn",
    "__._,_.___\nPosted by: office@example.org", "IMPORTANT NOTICE: This email is confidential.",
    "---\nReply to this email directly or view it on the tracker:\nhttps://example.com/1",
    "If you are not the intended recipient, please delete this message.",
    "P Please consider the environment before printing this e-mail",
    "The information transmitted is intended only for the person to which it is addressed.",
    "PRIVILEGED AND CONFIDENTIAL: This message is for the addressee.\n\nExample Ltd, Town",
    "Any views or opinions presented in this email are solely those of the author.",
    "To unsubscribe from this group, send an email to list-off@example.com.",
    "Avant d'imprimer, pensez à l'environnement.", "Prima di stampare questa mail, pensa all'ambiente.",
    "Si vous n'êtes pas le destinataire de ce message, merci de le détruire.",
    "Wenn Sie nicht der richtige Adressat sind, informieren Sie bitte den Absender.",
    "Ai sensi del Regolamento UE 2016/679 le informazioni sono riservate.",
    "Treść tej wiadomości zawiera informacje poufne.", "-----", "___",
    "Wichtiger Hinweis: Diese E-Mail kann vertrauliche Informationen enthalten.",
    "[image: Scanner logo]\n\nThis email has been checked for viruses by a scanner.",
]  # fmt: skip
# A mail, and what in it is the answer.
WHOLE = {
    "a thing says something": ("The log says:\n\n> error 12\n> error 13\n\nWhat is it?", "The log says: What is it?"),
    "below a rule the writer goes on": ("Done.\n\n---\n\nPS: Call me\n", "Done. --- PS: Call me"),
    "below a rule stands a card": ("Done.\n\n---\nAnn Lee\nTel: +1 555 0100\n", "Done."),
    "the answer stands below a signature that a program puts above the quote": (
        f"See below.\n\n-- \nOffice\n\n{LINE}\n\n> One?\n\nYes.\n\n> Two?\n\nNo.\n\n-- \nOffice\n",
        "See below. Yes. No.",
    ),
    "a quoted line was wrapped": (
        f"Done.\n\n{LINE}\n\n> This is a long line that some program wrapped without setting\na mark\n> and on\n",
        "Done.",
    ),
    "a quoted link was wrapped": (
        f"Done.\n\n{LINE}\n> https://example.com/a/very/long/link?with=parameters&and=more&\nwrap=1\n> text\n",
        "Done.",
    ),
    "short answers between the lines of a quote are no wrapped lines": (
        f"{LINE}\n> Is it the big printer that stands in the corridor on the left?\nyes\n> And is it on?\nno\n",
        "yes no",
    ),
    "the answers go on behind a header that bears the marks, too": (
        f"Done.\n\n{HEADED}\n>\n> Is it on?\n\nYes.\n\n> Sure?\n> x\n\nYes!\n",
        "Done. Yes. Yes!",
    ),
    "a tracker names author and date in brackets": (
        f"[front - Tue Jun 3 10:00:00 2025]:\n\n{MARKED}\n\nYes.\n",
        "Yes.",
    ),
    "newsreaders name the article": (
        "Us <us@example.com> wrote in message\nnews:1@example.com...\n> On?\n\nYes.\n\n> Sure?\n\nYes!",
        "Yes. Yes!",
    ),
    "in German, too": ("Us schrieb im Newsbeitrag news:2@example.com...\n> On?\n\nYes.", "Yes."),
    "Bugzilla numbers what it quotes": ("(In reply to Front Desk from comment #3)\n> Is it on?\n\nYes.\n", "Yes."),
    "and the writer who quotes nothing is kept": (
        "(In reply to comment #3)\nIt is on, see news:1@example.com\n\nStill dark.",
        "(In reply to comment #3) It is on, see news:1@example.com Still dark.",
    ),
    "mutt brackets the date": (f"* Front Desk [2025-06-03 10:00 +0200]:\n{MARKED}\n\nYes.\n", "Yes."),
    "behind a quote of more lines a single one is a quote, too": (f"{MARKED}\n\nYes.\n\n> Sure?\n\nYes!", "Yes. Yes!"),
    "one quoted line stands last": ("Done.\n\n> Ok?\n", "Done."),
    "what the writer announces is the writer's": ("I see:\n\n> Error 17\n", "I see: > Error 17"),
    "people write of paper, too": (
        "Two things.\n\nAvant d'imprimer, le voyant clignote.",
        "Two things. Avant d'imprimer, le voyant clignote.",
    ),
    "what is written somewhere is not what somebody wrote": (
        "Le 3 juin 2025, comme c'est écrit :\nla porte est fermée.",
        "Le 3 juin 2025, comme c'est écrit : la porte est fermée.",
    ),
    "and of lists": (
        "Two things.\n\nTo unsubscribe from the list I clicked the link, and nothing happened.",
        "Two things. To unsubscribe from the list I clicked the link, and nothing happened.",
    ),
    "in code the mark is none": (
        "Please run:\n\n```\n> select 1;\n> go\n```\n\nThen tell me.",
        "Please run: ``` > select 1; > go ``` Then tell me.",
    ),
    "the quote begins behind the attribution": (f"Done.\n\n{LINE[:-1]}: > x\n> y\n", "Done."),
    "all of it stands in one line": (f"Done. {LINE} > x > y", "Done."),
    "the author's initials stand before the mark": (
        "Hello Front,\n\nTuesday, June 3, 2025, 10:00:00 AM, you wrote:\n\nFD> Have you tried?\nFD>> Please\n\nYes.\n",
        "Hello Front, Yes.",
    ),
    "dashes are escaped in a signed text": (
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nDone.\n\n- -- \nUs\n-----BEGIN PGP SIGNATURE-----\n\nx",
        "Done.",
    ),
    "a prompt is no quote": ("I typed:\nPS> dir\nPS> exit\nand it hung.", "I typed: PS> dir PS> exit and it hung."),
    "a table is no header": (
        "Stops:\nFrom\tTo\tDate\nTown\tCity\t3 June\n\nOk?",
        "Stops: From To Date Town City 3 June Ok?",
    ),
    "an attribution without an address wraps above a marked quote": (
        f"Done.\n\nFront Desk píše v Út 03. 06. 2025 v\n10:00 +0200:\n{MARKED}\n",
        "Done.",
    ),
    "a name, or a half sentence, right above the mark is still the answer": (
        f"Am Montag, 3. Juni geht es\n{LINE}\n> x\n> y\n",
        "Am Montag, 3. Juni geht es",
    ),
    "who signs with name and address above a mark is not named by it": (
        "Yes.\nAnn <ann@example.org>\nFront Desk wrote on 3.6.2025 10:00:\n> x\n> y\n",
        "Yes. Ann <ann@example.org>",
    ),
    "Emacs cites each line under a name": (
        '>>>>> "FD" == Front Desk <front@example.com> writes:\n\n    FD> Is it on?\n    FD> And warm?\n\nYes.\n',
        "Yes.",
    ),
    "or without one": (">>>>> On Tue, 3 Jun 2025, Front Desk said:\n\nFD> Is it on?\n\nYes.\n", "Yes."),
    "who writes is told before the date": (f"Front Desk - 03.06.25, 10:00:00 CET:\n{MARKED}\n\nYes.\n", "Yes."),
    "Python asks with quote marks": (
        "I type:\n\n>>> import shop\n>>> shop.open()\n'no'\n>>> exit()\n\nWhy?",
        "I type: >>> import shop >>> shop.open() 'no' >>> exit() Why?",
    ),
    "a list that is announced is no quote": (
        "Our limits:\n> 100 users: plan B\n> 500 users: plan C\nWe have 120.",
        "Our limits: > 100 users: plan B > 500 users: plan C We have 120.",
    ),
    "a mail begins with what somebody wrote": (
        f"At 10:32 the display wrote:\nError 17\nand went dark.\n\n{LINE}\n{MARKED}\n",
        "At 10:32 the display wrote: Error 17 and went dark.",
    ),
    "a mail begins with a line that is talked of": (
        f"Do not write below this line, your form says. I did.\n\nHere: 4711.\n\n{LINE}\n{MARKED}\n",
        "Do not write below this line, your form says. I did. Here: 4711.",
    ),
    "the writer draws rules": (
        f"Name: Ann\n--------\nRoom: 4\n--------\n\n{LINE}\n{MARKED}\n",
        "Name: Ann -------- Room: 4 --------",
    ),
    "below a rule stands a sentence": (
        "Part one\n\n----\n\nPart two\n\nPlease read both",
        "Part one ---- Part two Please read both",
    ),
    "below dashes goes on who writes long lines": (
        f"One: no light.\n\n--\n\nTwo: no heating since {'a long time, and ' * 6}now.",
        f"One: no light. -- Two: no heating since {'a long time, and ' * 6}now.",
    ),
    "a strange mail is told of": (
        "I got a mail.\n\nFrom: safe@example.net\nSubject: locked\n\nIs it yours?",
        "I got a mail. From: safe@example.net Subject: locked Is it yours?",
    ),
    "a form without a date is no header": (
        "Is this so?\n\nFrom: who gets it?\nTo: whom do I send it?\nSubject: there is none.",
        "Is this so? From: who gets it? To: whom do I send it? Subject: there is none.",
    ),
    "a program says what it cannot": (
        'How do I install it?\n\nGet Outlook for iOS says "not in your country".',
        'How do I install it? Get Outlook for iOS says "not in your country".',
    ),
    "somebody tells what he wrote": (
        "Still broken.\n\nOn 4 March 2025 I wrote:\nplease repair it.\nNobody came.",
        "Still broken. On 4 March 2025 I wrote: please repair it. Nobody came.",
    ),
    "and what another did": (
        "Still broken.\n\nAm 4. März 2025 schrieb mir Ihr Techniker:\nalles gut.\nNichts ist gut.",
        "Still broken. Am 4. März 2025 schrieb mir Ihr Techniker: alles gut. Nichts ist gut.",
    ),
    "and what stood in a letter": (
        "Still broken.\n\nLe 4 mars 2025 la mairie a écrit :\n« c'est réglé ».\nRien n'est réglé.",
        "Still broken. Le 4 mars 2025 la mairie a écrit : « c'est réglé ». Rien n'est réglé.",
    ),
    "and what the technician left": (
        "Still broken.\n\nOn 4 March 2025 the technician wrote:\nall is well.\nNothing is.",
        "Still broken. On 4 March 2025 the technician wrote: all is well. Nothing is.",
    ),
    "a source is pasted": (
        "Late:\n\nFrom: Ann <ann@example.org>\nTo: us@example.org\nSubject: x\nMessage-ID: <1@example.org>\n\nWhy?",
        "Late: From: Ann <ann@example.org> To: us@example.org Subject: x Message-ID: <1@example.org> Why?",
    ),
    "a server is talked to": (
        "Lost:\nRCPT TO:<us@example.org>\n250 OK\nDATA\nFrom: ann@example.org\nTo: us@example.org\nSubject: x\n\nWhy?",
        "Lost: RCPT TO:<us@example.org> 250 OK DATA From: ann@example.org To: us@example.org Subject: x Why?",
    ),
    "when it was received stands in Dynamics' header": (
        "Done.\n\n-----\nFrom: Front <front@example.com>;\nReceived: Mon Mar 02 2026 18:12\nTo: Us\nSubject: x\n\nOld",
        "Done.",
    ),
    "a form has an address of its own": (
        "Name: Ann Lee\nFrom: Lee Ltd\nEmail: ann@example.org\nDate: 06/03/2025\nMessage: The lift is stuck.",
        "Name: Ann Lee From: Lee Ltd Email: ann@example.org Date: 06/03/2025 Message: The lift is stuck.",
    ),
    "Yandex heads an attribution": (
        'Да.\n\n----------------\nКому: Us;\nТема: x;\n03.06.2025, 10:00, "Front" <front@example.com>:\n\nВключён?',
        "Да.",
    ),
    "an export of a database": (
        "It stops:\n\n--\n-- Table structure for table `x`\n--\n\nDROP TABLE `x`;\n\nWhy?",
        "It stops: -- -- Table structure for table `x` -- DROP TABLE `x`; Why?",
    ),
    "a journey is announced": (
        "My journey:\n\nFrom: Here\nTo: There\nDate: 3 June 2025\nSubject: refund\n\nPlease refund it.",
        "My journey: From: Here To: There Date: 3 June 2025 Subject: refund Please refund it.",
    ),
    "names stand below a name": (
        "It fails:\n\nmail:\n  from: ann@example.org\n  to: us@example.org\n  subject: x\n\nWhy?",
        "It fails: mail: from: ann@example.org to: us@example.org subject: x Why?",
    ),
    "a letter says for whom it is": (
        "Hello,\n\nThis message is intended for the accounting department.\n\nInvoice 17 is wrong.",
        "Hello, This message is intended for the accounting department. Invoice 17 is wrong.",
    ),
    "a sentence ends below": (
        "All our mails are\nsent from my iPhone 12 and arrive twice.",
        "All our mails are sent from my iPhone 12 and arrive twice.",
    ),
    "alot quotes without a colon": (f"Quoting Front Desk (2025-06-03 10:00:00)\n{MARKED}\n\nYes.\n", "Yes."),
    "a sentence ends before what is announced": (
        "On 4 March 2025 I asked ann@example.org for it.\nShe has none of these.\nMy question:\nwhere are they?",
        "On 4 March 2025 I asked ann@example.org for it. She has none of these. My question: where are they?",
    ),
    "an address and a number announce": (
        "Please tell Ann Lee <ann@example.org> about order 17:\nit is late.",
        "Please tell Ann Lee <ann@example.org> about order 17: it is late.",
    ),
    "a list of changes": (
        "What is new:\n\n2025-06-03  Ann Lee  <ann@example.org>\n\n\t* Made it green.\n\nWhy green?",
        "What is new: 2025-06-03 Ann Lee <ann@example.org> * Made it green. Why green?",
    ),
    "a list of changes and points": (
        "Tue Jun 3 2025 Ann Lee (ann@example.org)\n* Made:\n  + it green\n\nWhy green?",
        "Tue Jun 3 2025 Ann Lee (ann@example.org) * Made: + it green Why green?",
    ),
    "people are announced above a rule": ("Please add:\n--\nAnn Lee\nBob Ray", "Please add: -- Ann Lee Bob Ray"),
    "a rule underlines": ("Wishes\n======\nRefund\nApology", "Wishes ====== Refund Apology"),
    "sentences stand below one dash": (
        "Two wishes.\n\n—\n\nFirst, a refund.\nSecond, an apology.",
        "Two wishes. — First, a refund. Second, an apology.",
    ),
    "a scanner's notice has a title": (
        "Done.\n\nDisclaimer\n\nThe information contained in this message is confidential.",
        "Done.",
    ),
    "who wants to unsubscribe": (
        "Hello,\n\nTo unsubscribe I have to click here, and nothing happens.",
        "Hello, To unsubscribe I have to click here, and nothing happens.",
    ),
    "a warning of the writer's": (
        "Warning! The mail I sent from outside the house was lost.\n\nWhy?",
        "Warning! The mail I sent from outside the house was lost. Why?",
    ),
    "points that look like a header are answers": (
        "A: yes\nB: no\n\nFrom: Front <front@example.com>\nSent: Tuesday, June 3, 2025\nTo: Us\nSubject: x\n\nOld",
        "A: yes B: no",
    ),
    "an address that was asked for is an answer": (
        "ann@example.org\n\nFrom: Front <front@example.com>\nSent: June 3, 2025\nTo: Us\nSubject: x\n\nOld",
        "ann@example.org",
    ),
    "a parcel goes from a place": (
        "It left.\n\nSent from my desk, is all I know.",
        "It left. Sent from my desk, is all I know.",
    ),
}


def new(body: str) -> str:
    return " ".join(reply_text.of(body).text.split())


@pytest.mark.parametrize("line", ATTRIBUTIONS)
def test_the_answer_ends_above(line):
    for quote in (MARKED, OLD):
        assert new(f"{ANSWER}\n\n{line}\n\n{quote}\n") == " ".join(ANSWER.split())
    assert new(f"{ANSWER}\n\nSent from my iPhone\n\n{line}\n{MARKED}\n") == " ".join(ANSWER.split())


@pytest.mark.parametrize(
    "last",
    [
        "Von meinem Chef habe ich sie nicht bekommen.", "Lähetetty eilen postissa", "Отправлено из Москвы 3 марта",
        "Odesláno z Prahy včera", "Enviado desde Madrid ayer", "Envoyé de Paris hier", "Sendt fra Aarhus i går",
        "Wysłane z Krakowa wczoraj", "Sent by registered mail yesterday", "Sent with your app yesterday",
        "Download Outlook 2019 or 2021?",
    ],
)  # fmt: skip
def test_what_was_sent_from_a_place_is_no_signature(last):
    assert new(f"{ANSWER}\n\n{last}\n") == " ".join(f"{ANSWER} {last}".split())


@pytest.mark.parametrize(
    "line",
    [
        "{} <front@example.com>\nescreveu (terça, 3/06/2025 à(s) 10:00):",
        "{}\n<front@example.com> escreveu\n(terça, 3/06/2025 à(s) 10:00):",
        "{}\n<front@example.com>, 3 Haz\n2025 Sal, 10:00 tarihinde şunu yazdı:",
        "{}\n<front@example.com>\n于2025年6月3日周二 10:00写道：",
        "{}\n<front@example.com> 於\n2025年6月3日 週二 上午10:00寫道：",
        "{}\n<front@example.com> hat am\n03.06.2025 10:00 CEST geschrieben:",
        "Quoting {}\n<front@example.com>:",
        "{}\n<front@example.com> writes:",
    ],
)
def test_an_attribution_that_begins_with_a_long_name_wraps_behind_it(line):
    for quote in (MARKED, OLD):
        assert new(f"{ANSWER}\n\n{line.format('Front Desk of the Long Name and the Longer Address')}\n\n{quote}\n") == (
            " ".join(ANSWER.split())
        )


@pytest.mark.parametrize("line", SIGNED)
def test_what_programs_and_lawyers_put_below_is_not_the_answer(line):
    for below in ("", f"\n\n{LINE}\n\n{MARKED}"):
        assert new(f"{ANSWER}\n\n{line}{below}\n") == " ".join(ANSWER.split())


@pytest.mark.parametrize(("body", "answer"), WHOLE.values(), ids=WHOLE.keys())
def test_the_answer_in(body, answer):
    assert new(body) == answer
