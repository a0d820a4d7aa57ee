"""Mailboxes and the smarthost become settings: defaults, providers, files."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from inboxd.settings import After, Mailbox, Outgoing, Settings, Start, load, remote_values

Load = Callable[[str], Settings]
ROOT = Path(__file__).parents[3]


@pytest.fixture
def settings_of(tmp_path: Path) -> Load:
    def settings_of(text: str) -> Settings:
        (tmp_path / "inboxd.yaml").write_text(text, "utf-8")
        return load(tmp_path / "inboxd.yaml", {})

    return settings_of


def mailbox_of(settings_of: Load, keys: str) -> Mailbox:
    (mailbox,) = settings_of(f"imap:\n  - {{name: support, {keys}}}\n").imap
    return mailbox


def outgoing_of(settings_of: Load, text: str) -> Outgoing:
    outgoing = settings_of(text).outgoing
    assert outgoing is not None
    return outgoing


def test_a_mailbox_needs_a_server_a_user_and_a_password_and_the_rest_has_defaults(
    settings_of: Load, tmp_path: Path
) -> None:
    mailbox = mailbox_of(settings_of, "host: IMAP.example.com, user: support@Example.com, password_file: secret")
    assert (mailbox.host, mailbox.port, mailbox.tls) == ("imap.example.com", 993, "implicit")
    assert mailbox.password is not None
    assert mailbox.password.path == tmp_path / "credentials" / "secret"
    assert mailbox.password.key == "imap.support.password_file"
    assert mailbox.address == "support@example.com"
    assert (mailbox.folders, mailbox.after, mailbox.start) == (("INBOX",), After(action="keep"), Start(what="now"))
    assert (mailbox.oauth2, mailbox.provider, mailbox.authserv_id, mailbox.ca_file) == (None, None, None, None)
    assert mailbox.max_size == 52_428_800


@pytest.mark.parametrize(
    ("keys", "port"), [("tls: implicit", 993), ("tls: starttls", 143), ("tls: none", 143), ("port: 1143", 1143)]
)
def test_the_port_follows_the_way_of_tls_unless_it_is_named(settings_of: Load, keys: str, port: int) -> None:
    assert mailbox_of(settings_of, f"host: 127.0.0.1, user: a, password_file: p, {keys}").port == port


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("seen", After(action="seen")),
        ("delete", After(action="delete")),
        ("move:Filed", After(action="move", folder="Filed")),
        ("'move: Filed by inboxd'", After(action="move", folder="Filed by inboxd")),
    ],
)
def test_what_is_done_afterwards(settings_of: Load, text: str, after: After) -> None:
    assert mailbox_of(settings_of, f"host: localhost, user: a, password_file: p, after: {text}").after == after


def test_the_first_look_may_begin_with_a_day(settings_of: Load) -> None:
    mailbox = mailbox_of(settings_of, "host: localhost, user: a, password_file: p, start: 2026-01-31")
    assert mailbox.start == Start(what="date", since=date(2026, 1, 31))
    assert (str(mailbox.start), str(After(action="move", folder="Filed"))) == ("2026-01-31", "move:Filed")


def test_inbox_is_one_folder_however_it_is_written(settings_of: Load) -> None:
    mailbox = mailbox_of(settings_of, "host: localhost, user: a, password_file: p, folders: [Inbox, Réclamations]")
    assert mailbox.folders == ("INBOX", "Réclamations")


def test_an_application_at_microsoft_signs_in_by_itself(settings_of: Load) -> None:
    mailbox = mailbox_of(
        settings_of,
        "provider: microsoft, user: a@example.com, oauth2: {tenant: example.com, client_id: x, client_secret_file: s}",
    )
    assert (mailbox.host, mailbox.port, mailbox.tls) == ("outlook.office365.com", 993, "implicit")
    assert mailbox.oauth2 is not None
    assert mailbox.oauth2.name == "imap.support"
    assert mailbox.oauth2.token_url == "https://login.microsoftonline.com/example.com/oauth2/v2.0/token"
    assert mailbox.oauth2.authorize_url == "https://login.microsoftonline.com/example.com/oauth2/v2.0/authorize"
    assert mailbox.oauth2.scope == "https://outlook.office365.com/.default"
    assert mailbox.oauth2.login_scope == "https://outlook.office.com/IMAP.AccessAsUser.All offline_access"
    assert mailbox.oauth2.grant == "client-credentials"


def test_without_a_secret_a_person_signs_in_at_microsoft(settings_of: Load) -> None:
    keys = "provider: microsoft, user: support@example.com, oauth2: {tenant: example.com, client_id: x}"
    mailbox = mailbox_of(settings_of, keys)
    assert mailbox.oauth2 is not None
    assert mailbox.oauth2.grant == "refresh-token"


def test_at_google_a_person_signs_in_even_though_there_is_a_secret(settings_of: Load) -> None:
    keys = "provider: google, user: support@example.com, oauth2: {client_id: x, client_secret_file: s}"
    mailbox = mailbox_of(settings_of, keys)
    assert mailbox.host == "imap.gmail.com"
    assert mailbox.oauth2 is not None
    assert mailbox.oauth2.grant == "refresh-token"
    assert mailbox.oauth2.token_url == "https://oauth2.googleapis.com/token"
    assert mailbox.oauth2.login_scope == "https://mail.google.com/"


def test_what_a_provider_fills_in_may_be_named_all_the_same(settings_of: Load) -> None:
    mailbox = mailbox_of(
        settings_of,
        "provider: microsoft, host: 127.0.0.1, tls: starttls, user: a@example.com, oauth2: {client_id: x, "
        "client_secret_file: s, tenant: example.com, scope: own, token_url: 'http://127.0.0.1:8000/token'}",
    )
    assert (mailbox.host, mailbox.port, mailbox.tls) == ("127.0.0.1", 143, "starttls")
    assert mailbox.oauth2 is not None
    assert (mailbox.oauth2.token_url, mailbox.oauth2.scope) == ("http://127.0.0.1:8000/token", "own")
    assert mailbox.oauth2.login_scope == "own"


def test_where_a_page_to_sign_in_is_named_a_person_has_to(settings_of: Load) -> None:
    oauth2 = "client_id: x, client_secret_file: s, token_url: 'https://a.example/token'"
    application = mailbox_of(settings_of, f"host: localhost, user: a, oauth2: {{{oauth2}}}")
    person = mailbox_of(
        settings_of, f"host: localhost, user: a, oauth2: {{{oauth2}, authorize_url: 'https://a.example/login'}}"
    )
    assert application.oauth2 is not None
    assert person.oauth2 is not None
    assert (application.oauth2.grant, person.oauth2.grant) == ("client-credentials", "refresh-token")


def test_a_relay_in_the_house_needs_no_sign_in(settings_of: Load) -> None:
    outgoing = outgoing_of(settings_of, "outgoing: {host: 127.0.0.1}")
    assert (outgoing.port, outgoing.tls, outgoing.user) == (25, "starttls", None)
    assert (outgoing.from_address, outgoing.envelope, outgoing.mode) == (None, "null", "send")


@pytest.mark.parametrize(("tls", "port"), [("implicit", 465), ("starttls", 587)])
def test_mail_is_handed_in_at_the_port_for_it(settings_of: Load, tls: str, port: int) -> None:
    text = f"outgoing: {{host: mx.example, tls: {tls}, user: a, password_file: p, envelope: from, from: a@x.example}}"
    outgoing = outgoing_of(settings_of, text)
    assert (outgoing.port, outgoing.envelope, outgoing.from_address) == (port, "from", "a@x.example")


def test_the_sign_in_of_a_mailbox_serves_for_sending_too_and_asks_for_both(settings_of: Load) -> None:
    settings = settings_of(
        "imap:\n"
        "  - {name: support, provider: microsoft, user: s@example.com, oauth2: {tenant: example.com, client_id: x}}\n"
        "outgoing: {provider: microsoft, oauth2: imap.support}\n"
    )
    assert settings.outgoing is not None
    assert settings.outgoing.oauth2 is settings.imap[0].oauth2
    assert settings.outgoing.user == "s@example.com"
    assert (settings.outgoing.host, settings.outgoing.port) == ("smtp.office365.com", 587)
    assert settings.imap[0].oauth2 is not None
    assert settings.imap[0].oauth2.login_scope == (
        "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access"
    )


def test_no_secret_shows_in_what_the_settings_say_of_themselves(settings_of: Load, tmp_path: Path) -> None:
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials" / "p").write_text("not-a-secret")
    assert "not-a-secret" not in repr(settings_of("imap: [{name: a, host: localhost, user: a, password_file: p}]"))


def test_the_examples_that_init_writes_are_right_once_they_are_not_comments_any_more(settings_of: Load) -> None:
    template = (ROOT / "config" / "default" / "inboxd.yaml").read_text("utf-8")
    block = template[template.index("# imap:") : template.index("# The phone provider")]
    lines = [line for line in block.splitlines() if line.startswith("#")]
    bare = [re.sub(r"^# ?", "", line) for line in lines]
    imap = "\n".join(bare[: bare.index("outgoing:") - 1])
    # Keys that are comments in the comment: each is tried, too.
    imap = re.sub(r"^    # (\w+: )", r"    \1", imap, flags=re.MULTILINE)
    by_password = "\n".join(bare[bare.index("outgoing:") : -1])
    for outgoing in (by_password, bare[-1]):
        settings = settings_of(f"{imap}\n{outgoing}\n")
        assert [mailbox.provider for mailbox in settings.imap] == [None, "microsoft", "google"]
        assert settings.outgoing is not None
        assert settings.outgoing.mode == "hold"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost", "LOCALHOST", "imap.localhost"])
def test_this_machine_needs_no_tls(host: str) -> None:
    assert remote_values.is_loopback(host)


@pytest.mark.parametrize("host", ["192.168.0.1", "example.com", "localhost.example.com", "0.0.0.0", "notlocalhost"])
def test_every_other_machine_does(host: str) -> None:
    assert not remote_values.is_loopback(host)


@pytest.mark.parametrize(("text", "host"), [("[::1]", "::1"), ("::1", "::1"), ("MX.Example.COM", "mx.example.com")])
def test_a_host_is_a_name_or_a_network_address(text: str, host: str) -> None:
    assert remote_values.host(text) == host
