"""The server of the tests does what the tests ask of it."""

import ssl
from imaplib import IMAP4

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError

from tests.harness.dovecot import HOST, Account, Dovecot
from tests.harness.mails import mail


def test_mails_flags_and_folders(account: Account) -> None:
    account.append(mail("one", "Text.\n"), mail("two", "Text.\n"))
    account.append(mail("three", "Text.\n"), flags=(rb"\Seen",))
    assert account.uids() == [1, 2, 3]
    assert account.flags() == {1: (), 2: (), 3: (rb"\Seen",)}
    account.expunge(2)
    assert account.uids() == [1, 3]
    account.create("Done/Deep")
    assert account.uids("Done/Deep") == []


def test_a_folder_is_numbered_anew(account: Account) -> None:
    account.append(mail("one", "Text.\n"), mail("two", "Text.\n"))
    account.expunge(1)
    before = account.uidvalidity()
    assert account.renumber() != before
    assert account.uids() == [1]


def test_a_folder_can_be_read_only(account: Account) -> None:
    account.append(mail("one", "Text.\n"))
    account.rights("lr")
    with account.session() as client, pytest.raises(IMAP4.readonly):
        client.select_folder("INBOX")
    account.rights("lrwstipekxa")
    with account.session() as client:
        assert b"READ-ONLY" not in client.select_folder("INBOX")


def test_quota_refuses(dovecot: Dovecot) -> None:
    account = dovecot.account_with_quota(10)
    with pytest.raises(IMAPClientError, match=r"(?i)quota"):
        account.append(mail("large", "x" * 70 + "\n" * 20_000))


def test_a_changed_password_counts_at_once(dovecot: Dovecot, account: Account) -> None:
    dovecot.change_password(account, "another secret")
    with account.session():
        pass
    client = IMAPClient("127.0.0.1", dovecot.port, ssl=False)
    with pytest.raises(LoginError):
        client.login(account.user, "secret of a test")
    client.shutdown()


def test_tls_by_both_ways(dovecot: Dovecot, account: Account) -> None:
    context = ssl.create_default_context(cafile=str(dovecot.ca_file))
    with IMAPClient(HOST, dovecot.tls_port, ssl_context=context) as client:
        client.login(account.user, account.password)
    with IMAPClient(HOST, dovecot.port, ssl=False) as client:
        client.starttls(context)
        client.login(account.user, account.password)


def test_a_server_comes_back_at_its_ports() -> None:
    with Dovecot.running() as server:
        account = server.account(format="mdbox")
        account.append(mail("one", "Text.\n"))
        ports = server.port, server.tls_port
        server.stop()
        server.start()
        assert (server.port, server.tls_port) == ports
        assert account.uids() == [1]
