"""Who first wrote a mail that is sent on, and what its sender says above it."""

import pytest

from inboxd.message import forwards, parse, reply_text
from inboxd.message.forwards import Forwarded

WHO = Forwarded(address="ops@acme.example", name="Operations")
FORMS = {
    "gmail": (
        "Please.",
        "",
        "---------- Forwarded message ---------",
        "From: Operations <ops@Acme.example>",
        "Date: Tue, Jun 3, 2025",
        "Subject: Fax",
        "To: <engineer-1@example.com>",
        "",
        "It is down.",
        "",
    ),
    "apple": (
        "Please.",
        "",
        "Begin forwarded message:",
        "",
        "From: Operations <ops@acme.example>",
        "Subject: Fax",
        "Date: 3 June 2025",
        "",
        "It is down.",
    ),
    "apple-de": (
        "Bitte.",
        "",
        "Anfang der weitergeleiteten Nachricht:",
        "",
        "Von: Operations <ops@acme.example>",
        "Betreff: Fax",
        "",
        "Aus.",
    ),
    "thunderbird": (
        "Please.",
        "",
        "-------- Forwarded Message --------",
        "Subject: \tFax",
        "Date: \tTue",
        "From: \tOperations <ops@acme.example>",
        "To: \tengineer-1@example.com",
        "",
        "Down.",
    ),
    "thunderbird-fr": (
        "Vois.",
        "",
        "-------- Message transféré --------",
        "Sujet : \tFax",
        "De : \tOperations <ops@acme.example>",
        "",
        "En panne.",
    ),
    "outlook": (
        "FYI",
        "",
        "From: Operations <ops@acme.example>",
        "Sent: Tuesday, June 3, 2025 10:00 AM",
        "To: Engineer",
        "Subject: Fax",
        "",
        "Down.",
    ),
    "outlook-rule": (
        "FYI",
        "________________________________",
        "From: Operations <ops@acme.example>",
        "Sent: Tuesday",
        "To: E",
        "Subject: Fax",
        "",
        "Down.",
    ),
    "outlook-mailto": (
        "FYI",
        "",
        "From: Operations [mailto:ops@acme.example]",
        "Sent: Tuesday",
        "To: E",
        "Subject: Fax",
        "",
        "Down.",
    ),
    "outlook-de": (
        "Siehe unten",
        "",
        "Von: Operations <ops@acme.example>",
        "Gesendet: Dienstag",
        "An: E",
        "Betreff: Fax",
        "",
        "Aus.",
    ),
}
TEXTS = {name: "\n".join(lines) for name, lines in FORMS.items()}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_the_first_author_is_whom_the_forwarding_program_names(text):
    assert forwards.read("Fwd: Fax", text, [], new=text) == WHO


def test_a_mail_sent_on_as_an_attachment_names_its_author():
    inner = b"From: =?utf-8?q?Operations?= <ops@acme.example>\r\nSubject: Fax\r\n\r\nDown.\r\n"
    raw = (
        b"From: engineer-1@example.com\r\nTo: support@example.com\r\nSubject: FW: Fax\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nPlease.\r\n"
        b"--b\r\nContent-Type: message/rfc822\r\n\r\n" + inner + b"--b--\r\n"
    )
    assert parse(raw).forwarded == WHO


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Re: Fax", TEXTS["outlook"]),  # an answer with its quote
        ("Fax", "Nothing was forwarded here.\n"),
        ("Fwd: Fax", "no header at all\n"),
        ("Fwd: Fax", "---------- Forwarded message ---------\nFrom: Operations\nSubject: Fax\n\nDown."),
        ("Fwd: Fax", "---------- Forwarded message ---------\nFrom: a@x.example, b@y.example\n\nDown."),
    ],
)
def test_what_names_nobody_is_no_forward(subject, text):
    assert forwards.read(subject, text, [], new=text) is None


def test_own_words_end_where_the_forwarded_mail_begins():
    assert forwards.own_words(TEXTS["gmail"]).strip() == "Please."
    assert forwards.own_words("All of it.") == "All of it."


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_what_was_sent_on_is_all_below_the_repeated_header(text):
    assert forwards.sent_on(text) == text.rsplit("\n\n", 1)[1].strip()


@pytest.mark.parametrize("text", ["Please.\n\nSomebody wrote this.", "---------- Forwarded message ---------\nPlease."])
def test_without_a_header_nobody_can_tell_what_was_sent_on(text):
    assert forwards.sent_on(text) == ""


# Language: how Apple's program begins it, others' titles between dashes, and the names of From, Subject, Date and To.
LANGUAGES = {
    "cs": ("Začátek přeposílané zprávy:", "Přeposlaná zpráva", "Od", "Předmět", "Datum", "Komu"),
    "da": ("Start på videresendt besked:", "Videresendt meddelelse", "Fra", "Emne", "Dato", "Til"),
    "de": ("Anfang der weitergeleiteten Nachricht:", "Weitergeleitete Nachricht", "Von", "Betreff", "Datum", "An"),
    "en": ("Begin forwarded message:", "Forwarded Message", "From", "Subject", "Date", "To"),
    "es": ("Inicio del mensaje reenviado:", "Mensaje reenviado", "De", "Asunto", "Fecha", "Para"),
    "fi": ("Välitetty viesti alkaa:", "Välitetty viesti / Fwd.Msg", "Lähettäjä", "Aihe", "Päiväys", "Vastaanottaja"),
    "fr": ("Début du message transféré :", "Message transmis", "De", "Sujet", "Date", "Pour"),
    "hr": ("Započni proslijeđenu poruku:", "Proslijeđena poruka", "Šalje", "Naslov", "Datum", "Prima"),
    "hu": ("Továbbított levél kezdete:", "Továbbított üzenet", "Feladó", "Tárgy", "Dátum", "Címzett"),
    "it": ("Inizio messaggio inoltrato:", "Messaggio Inoltrato", "Mittente", "Oggetto", "Data", "A"),
    "ja": ("Begin forwarded message:", "メッセージを転送", "送信元", "件名", "日付", "送信先"),
    "nl": ("Begin doorgestuurd bericht:", "Doorgestuurd bericht", "Van", "Onderwerp", "Datum", "Aan"),
    "no": ("Videresendt melding:", "Videresendt melding", "Fra", "Emne", "Dato", "Til"),
    "pl": ("Początek przekazywanej wiadomości:", "Treść przekazanej wiadomości", "Nadawca", "Temat", "Data", "Adresat"),
    "pt": ("Início da mensagem reencaminhada:", "Mensagem encaminhada", "De", "Assunto", "Data", "Para"),
    "ro": ("Începe mesajul redirecționat:", "Mesaj redirecționat", "Expeditorul", "Subiectul", "Dată", "Destinatarul"),
    "ru": ("Начало переадресованного сообщения:", "Пересылаемое сообщение", "Отправитель", "Тема", "Дата", "Кому"),
    "sk": ("Začiatok preposlanej správy:", "Preposlaná správa --- Forwarded Message", "Od", "Predmet", "Dátum", "Pre"),
    "sv": ("Vidarebefordrat mejl:", "Vidarebefordrat meddelande", "Från", "Ämne", "Datum", "Till"),
    "tr": ("İleti başlangıcı:", "İletilmiş Mesaj", "Kimden", "Konu", "Tarih", "Kime"),
    "uk": ("Початок листа, що пересилається:", "Перенаправлене повідомлення", "Від кого", "Тема", "Дата", "Кому"),
}


@pytest.mark.parametrize("words", LANGUAGES.values(), ids=LANGUAGES.keys())
def test_a_forward_is_known_in_the_languages_of_the_programs_and_none_of_it_is_cut(words):
    begins, title, sender, subject, date, to = words
    block = f"{sender}: Operations <ops@acme.example>\n{subject}: Fax\n{date}: 3.6.2025\n{to}: engineer-1@example.com"
    for mark in (begins, f"-------- {title} --------"):
        text = f"Please.\n\n{mark}\n\n{block}\n\nIt is down."
        assert forwards.read("Fax", text, [], new=reply_text.of(text).text) == WHO
        assert forwards.own_words(text).strip() == "Please."
    assert forwards.read("WG: Fax", f"Please.\n\n{block}\n\nIt is down.", [], new="Please.") == WHO


@pytest.mark.parametrize(
    "line",
    [
        'On 3/6/2025, 10:00, "Operations" <ops@acme.example> wrote:',
        "Le 03/06/2025 10:00, « Operations » <ops@acme.example> a écrit :",
        "Dnia 3.06.2025, 10:00 „Operations” <ops@acme.example> napisał:",
        '"Operations" <ops@acme.example>, 3.06.2025 10:00 tarihinde şunu yazdı:',
    ],
)
def test_a_program_that_forwards_as_it_answers_names_the_author_in_its_attribution(line):
    text = f"Please.\n\n{line}\n\n    It is down."
    assert forwards.read("FW: Fax", text, [], new="Please.") == WHO
    assert forwards.read("Re: Fax", text, [], new="Please.") is None
