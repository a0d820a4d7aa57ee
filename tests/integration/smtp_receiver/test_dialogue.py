"""What a client says and hears, verb by verb."""

import logging
import smtplib
from concurrent.futures import ThreadPoolExecutor

import pytest


def test_a_good_message_is_answered_250_with_its_queue_id_and_nothing_else(desk):
    talk = desk.session()
    assert talk.send(b"Subject: hello\r\n\r\nbody") == "250 2.0.0 Q1"
    envelope, body = desk.acceptor.accepted[0]
    assert body == b"Subject: hello\r\n\r\nbody\r\n"
    assert envelope.mail_from == "customer@example.org"
    assert envelope.rcpt_tos == ("support@example.com",)
    assert envelope.client_ip == "127.0.0.1"
    assert envelope.client_port == talk.socket.getsockname()[1]
    assert (envelope.helo, envelope.tls) == ("client.example", None)


def test_ehlo_offers_what_is_kept_and_no_more(desk):
    talk = desk.call()
    assert talk.hear() == "220 mail.example.com ESMTP"
    assert talk.ask("EHLO client.example").split("\n") == [
        "250-mail.example.com",
        "250-PIPELINING",
        "250-SIZE 1000000",
        "250-8BITMIME",
        "250 ENHANCEDSTATUSCODES",
    ]


def test_an_old_client_may_say_helo(desk):
    talk = desk.call()
    talk.hear()
    assert talk.ask("HELO client.example") == "250 mail.example.com"
    assert talk.send(b"x") == "250 2.0.0 Q1"


def test_smtplib_sends_a_message_with_dots_and_eight_bit_bytes(desk):
    body = b"Subject: x\r\n\r\n.leading dot\r\n..two\r\n\xff\x00\xe9\r\n.\r\r\n"
    with smtplib.SMTP("127.0.0.1", desk.port) as client:
        client.sendmail("customer@example.org", ["support@example.com"], body, mail_options=["BODY=8BITMIME"])
    assert desk.bodies == [body]


def test_all_mail_of_a_pipelining_client_in_one_packet_is_accepted(desk):
    transaction = (
        b"MAIL FROM:<customer@example.org>\r\nRCPT TO:<support@example.com>\r\nDATA\r\nSubject: %d\r\n\r\n.\r\n"
    )
    talk = desk.session()
    talk.say(b"".join(transaction % number for number in range(20)) + b"QUIT\r\n")
    replies = talk.hear_all()
    assert [reply[:3] for reply in replies] == ["250", "250", "354", "250"] * 20 + ["221"]
    assert desk.bodies == [b"Subject: %d\r\n\r\n" % number for number in range(20)]


def test_twenty_clients_at_once_get_each_message_stored_once(desk):
    def send_many(client):
        talk = desk.session()
        return [talk.send(b"Subject: %d-%d" % (client, number)) for number in range(25)]

    with ThreadPoolExecutor(20) as clients:
        replies = [reply for many in clients.map(send_many, range(20)) for reply in many]
    assert sorted(replies) == sorted(f"250 2.0.0 Q{number}" for number in range(1, 501))
    assert sorted(desk.bodies) == sorted(
        b"Subject: %d-%d\r\n" % (client, number) for client in range(20) for number in range(25)
    )


def test_a_conversation_byte_by_byte_is_the_same_conversation(desk):
    talk = desk.call()
    talk.hear()
    for word, code in (
        (b"EHLO c\r\n", "250"),
        (b"MAIL FROM:<>\r\n", "250"),
        (b"RCPT TO:<support@example.com>\r\n", "250"),
        (b"DATA\r\n", "354"),
        (b"..\r\n.x\r\n\r\n.\r\n", "250"),
    ):
        for byte in word:
            talk.say(bytes([byte]))
        assert talk.hear()[:3] == code
    assert desk.bodies == [b".\r\nx\r\n\r\n"]


def test_commands_are_taken_in_any_case_and_with_a_bare_line_feed(desk):
    talk = desk.call()
    talk.hear()
    talk.say(b"eHlO c\nmail from: <a@b.example>\nRcpt To:<SUPPORT@example.COM>\n")
    assert [talk.hear()[:3] for _ in range(3)] == ["250", "250", "250"]


@pytest.mark.parametrize(
    ("recipient", "kept"),
    [
        ("SUPPORT@EXAMPLE.COM", "support@example.com"),
        ("sales@example.com", "Sales@example.com"),
        ('"support"@example.com', "support@example.com"),
        ("Postmaster", "postmaster@mail.example.com"),
        ("postmaster@MAIL.example.com", "postmaster@mail.example.com"),
        ("POSTMASTER@example.com", "postmaster@example.com"),
    ],
)
def test_our_addresses_are_known_in_any_case_and_kept_as_configured(desk, recipient, kept):
    talk = desk.session().begin(recipient=f"<{recipient}>")
    talk.say(b".\r\n")
    assert talk.hear().startswith("250")
    assert desk.acceptor.accepted[0][0].rcpt_tos == (kept,)


@pytest.mark.parametrize(
    "recipient", ["support@other.example", "nobody@example.com", "support@example.com.other.example"]
)
def test_a_mail_for_another_address_is_refused_with_550_and_never_relayed(desk, recipient):
    talk = desk.session()
    talk.ask("MAIL FROM:<customer@example.org>")
    assert talk.ask(f"RCPT TO:<{recipient}>") == "550 5.1.1 No such address here"
    assert talk.ask("DATA") == "554 5.5.1 No valid recipients"
    assert desk.acceptor.accepted == []


def test_a_recipient_named_twice_is_kept_once(desk):
    talk = desk.session()
    talk.ask("MAIL FROM:<customer@example.org>")
    for _ in range(3):
        assert talk.ask("RCPT TO:<support@example.com>").startswith("250 2.1.5")
    talk.ask("RCPT TO:<nobody@example.com>")
    talk.ask("DATA")
    assert talk.ask("\r\n.").startswith("250")
    assert desk.acceptor.accepted[0][0].rcpt_tos == ("support@example.com",)


@pytest.mark.parametrize(
    ("commands", "reply"),
    [
        (["MAIL FROM:<a@b.example>"], "503 5.5.1"),
        (["EHLO c", "RCPT TO:<support@example.com>"], "503 5.5.1"),
        (["EHLO c", "DATA"], "503 5.5.1"),
        (["EHLO c", "MAIL FROM:<a@b.example>", "DATA"], "503 5.5.1"),
        (["EHLO c", "MAIL FROM:<a@b.example>", "MAIL FROM:<a@b.example>"], "503 5.5.1"),
        (["EHLO c", "MAIL FROM:<a@b.example>", "RSET", "RCPT TO:<support@example.com>"], "503 5.5.1"),
        (["EHLO c", "MAIL FROM:<a@b.example>", "EHLO c", "RCPT TO:<support@example.com>"], "503 5.5.1"),
        (["EHLO"], "501 5.5.4"),
        (["HELO "], "501 5.5.4"),
        (["RSET now"], "501 5.5.4"),
        (["EHLO c", "DATA now"], "501 5.5.4"),
        (["VRFY"], "501 5.5.4"),
        (["VRFY support"], "252 2.1.5"),
        (["EXPN list"], "502 5.5.1"),
        (["AUTH PLAIN AGEAYg=="], "502 5.5.1"),
        (["STARTTLS"], "502 5.5.1"),
        (["HELP"], "214 2.0.0"),
        (["NOOP whatever"], "250 2.0.0"),
        (["RSET"], "250 2.0.0"),
        (["BDAT 10 LAST"], "500 5.5.2"),
        ([""], "500 5.5.2"),
        (["\xff\xfe\x00"], "500 5.5.2"),
        (["x" * 3000], "500 5.5.2"),
        (["QUIT"], "221 2.0.0"),
        (["QUIT please"], "221 2.0.0"),
    ],
)
def test_each_command_has_its_reply(desk, commands, reply):
    talk = desk.call()
    talk.hear()
    assert [talk.ask(command) for command in commands][-1].startswith(reply)


@pytest.mark.parametrize(
    ("parameters", "reply"),
    [
        ("", "250"),
        (" SIZE=1000000", "250"),
        (" size=0 body=8bitmime", "250"),
        (" BODY=7BIT", "250"),
        (" SIZE=1000001", "552 5.3.4"),
        (" SIZE=99999999999999999999", "552 5.3.4"),
        (" SIZE=999999999999999999999", "501 5.5.4"),
        (" SIZE", "501 5.5.4"),
        (" SIZE=-1", "501 5.5.4"),
        (" SIZE=1 SIZE=1", "501 5.5.4"),
        (" BODY=BINARYMIME", "501 5.5.4"),
        (" BODY=8BITMIME=", "501 5.5.4"),
        (" SMTPUTF8", "555 5.5.4"),
        (" RET=HDRS", "555 5.5.4"),
        (" AUTH=<>", "555 5.5.4"),
    ],
)
def test_the_parameters_of_mail_are_size_and_body(desk, parameters, reply):
    assert desk.session().ask(f"MAIL FROM:<a@b.example>{parameters}").startswith(reply)


def test_parameters_of_rcpt_are_refused(desk):
    talk = desk.session()
    talk.ask("MAIL FROM:<a@b.example>")
    assert talk.ask("RCPT TO:<support@example.com> NOTIFY=NEVER").startswith("555 5.5.4")


def test_a_web_page_that_posts_to_the_port_is_sent_away_at_its_first_line(desk):
    talk = desk.call()
    talk.say(
        b"POST / HTTP/1.1\r\nHost: mail.example.com\r\n\r\nEHLO x\r\nMAIL FROM:<a@b.example>\r\n"
        b"RCPT TO:<support@example.com>\r\nDATA\r\nx\r\n.\r\n"
    )
    assert talk.hear().startswith("220")
    assert talk.hear_all() == ["421 4.7.0 This is SMTP, closing"]
    assert desk.acceptor.accepted == []


def test_bytes_that_need_escaping_do_not_reach_the_log(desk):
    talk = desk.call()
    talk.hear()
    talk.ask(b"EHLO evil\x1b[2J\rqueue_id=Q9 \xff")
    talk.ask(b"MAIL FROM:<a\x1b@b.example>")
    refused = desk.events("refused")[0]
    assert refused["helo"] == "evil?[2J?queue_id=Q9 ?"
    assert refused["argument"] == "FROM:<a?@b.example>"


def test_the_librarys_own_log_of_commands_and_mail_is_silent(desk, caplog):
    caplog.set_level(logging.DEBUG)
    logging.getLogger("mail.log").debug("not even when asked")
    desk.session().send(b"Subject: secret words")
    assert [record for record in caplog.records if record.name == "mail.log"] == []


def test_every_line_about_a_message_names_client_helo_and_queue_id_and_no_content(desk):
    desk.session().send(b"Subject: secret words\r\n\r\nmore secret words")
    (accepted,) = desk.events("accepted")
    assert (accepted["queue_id"], accepted["client"], accepted["helo"]) == ("Q1", "127.0.0.1", "client.example")
    assert accepted["size"] == len(b"Subject: secret words\r\n\r\nmore secret words\r\n")
    assert "secret" not in repr(desk.log.entries)
