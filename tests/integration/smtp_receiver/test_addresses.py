"""Addresses in MAIL and RCPT: one strict reading, or none."""

import pytest

GOOD = [
    "customer@example.org",
    "a.b+c=d@sub.example.org",
    "!#$%&'*+-/=?^_`{|}~@example.org",
    '"two words"@example.org',
    '"a@b"@example.org',
    '"a\\"b"@example.org',
    "a@[192.0.2.1]",
    "a@[IPv6:2001:db8::1]",
    "root@localhost",
    "root@print_server.example.org",
    "x" * 200 + "@example.org",
]
BAD = [
    "any@legit.example(a.attack.example",
    "a@=?utf-8?q?legit.example?=",
    "a@b\x00c",
    "a\rb@c.example",
    "a\tb@c.example",
    "a b@c.example",
    "@route.example:a@c.example",
    "a@b@c.example",
    "a..b@c.example",
    ".a@c.example",
    "a.@c.example",
    "a@",
    "@c.example",
    "a",
    "a@.example",
    "a@c..example",
    "a@c.example.",
    "a@-c.example",
    "a@c-.example",
    "a@[192.0.2.256]",
    "a@[IPv6:::g]",
    "a@[tag:anything]",
    '"a"b@c.example',
    '"a\x01"@c.example',
    '"a@c.example',
    "a@c.example\\",
    "k\xe9v@c.example",
    "a@caf\xe9.example",
    "a@" + "x" * 64 + ".example",
    "a@" + "x." * 130 + "example",
    "x" * 256 + "@c.example",
    "(comment)a@c.example",
    "a@c.example (comment)",
    "<a@c.example>",
]


@pytest.mark.parametrize("address", GOOD)
def test_a_mailbox_of_the_grammar_is_taken_as_it_stands(desk, address):
    desk.session().begin(sender=f"<{address}>").ask(".")
    assert desk.acceptor.accepted[0][0].mail_from == address


@pytest.mark.parametrize("address", BAD)
def test_what_is_no_mailbox_of_the_grammar_is_refused_with_501(desk, address):
    talk = desk.session()
    assert talk.ask(f"MAIL FROM:<{address}>") == "501 5.1.7 Malformed sender address"
    talk.ask("MAIL FROM:<customer@example.org>")
    assert talk.ask(f"RCPT TO:<{address}>") == "501 5.1.3 Malformed recipient address"


@pytest.mark.parametrize(
    "argument", ["FROM:<", "FROM:>", "FROM:<>>", "FROM:<<>", "FROM:", "FROM", "<a@b.example>", "FROM:<a@b.example>x"]
)
def test_a_malformed_argument_of_mail_is_refused_with_501(desk, argument):
    assert desk.session().ask(f"MAIL {argument}") == "501 5.1.7 Malformed sender address"


@pytest.mark.parametrize("argument", ["TO:<>", "TO:", "TO:<postmaster", "<support@example.com>", "TO:<@>"])
def test_a_malformed_argument_of_rcpt_is_refused_with_501(desk, argument):
    talk = desk.session()
    talk.ask("MAIL FROM:<customer@example.org>")
    assert talk.ask(f"RCPT {argument}") == "501 5.1.3 Malformed recipient address"


def test_the_null_sender_arrives_as_the_empty_text(desk):
    desk.session().begin(sender="<>").ask(".")
    assert desk.acceptor.accepted[0][0].mail_from == ""


def test_a_second_mail_after_the_null_sender_is_nested(desk):
    talk = desk.session()
    talk.ask("MAIL FROM:<>")
    assert talk.ask("MAIL FROM:<>").startswith("503 5.5.1")


def test_an_old_device_may_leave_out_the_angle_brackets(desk):
    desk.session().begin(sender="scanner@example.org SIZE=10", recipient=" support@example.com").ask(".")
    assert desk.acceptor.accepted[0][0].mail_from == "scanner@example.org"


def test_smtputf8_is_neither_offered_nor_taken(desk):
    talk = desk.call()
    talk.hear()
    assert "SMTPUTF8" not in talk.ask("EHLO client.example")
    assert talk.ask("MAIL FROM:<customer@example.org> SMTPUTF8").startswith("555 5.5.4")
    assert talk.ask("MAIL FROM:<b\xfccher@example.org>".encode()).startswith("501 5.1.7")
    assert talk.ask(b"MAIL FROM:<a\xed\xb3\xbf@example.org>").startswith("501 5.1.7")
