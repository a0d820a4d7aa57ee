"""What keeps a daemon from starting is said before: by `check`, and in the same words by `run`."""

import json
import os
import socket
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest
import structlog

from inboxd import preflight
from inboxd.errors import ConfigurationWrong, InboxdError, TryLater
from inboxd.preflight import before_run, everything
from inboxd.settings import load
from store.open import Store
from tests.harness.cli import call
from tests.harness.control import serving
from tests.harness.users import let_everybody_reach
from tests.plugins.needs import needs


class Desk:
    """A folder with three files; `settings` reads them anew."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "inboxd.yaml"
        self.write()

    def write(self, **sections):
        (self.folder / "rules.yaml").touch()
        (self.folder / "accounts.yaml").write_text("accounts: []\n")
        wanted = {"rules": "rules.yaml", "accounts": "accounts.yaml", **sections}
        self.config.write_text(json.dumps(wanted), encoding="utf-8")

    @property
    def settings(self):
        return load(self.config)

    def findings(self, level):
        return [str(finding) for finding in everything(self.settings) if finding.level == level]

    def run(self, command):
        """Run `inboxd check` or `inboxd run`; return exit code and stderr."""
        ended = call("-c", self.config, command)
        return ended.code, ended.err


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


@pytest.fixture
def taken():
    """A port of loopback that another program holds."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        yield sock.getsockname()[1]


@pytest.fixture
def somebody(desk):
    """Give what makes us a user without rights, of the daemon's group, inside of a `with` block."""
    if os.geteuid() != 0:
        needs("root, to become a user with fewer rights", "run the tests as root")
    let_everybody_reach(desk.folder)

    @contextmanager
    def become():
        os.seteuid(65534)
        try:
            yield
        finally:
            os.seteuid(0)

    return become


class Daemon:
    """A backend that knows these answers alone."""

    def __init__(self, **answers):
        self.answers = answers

    def call(self, operation, arguments, payload=b""):
        return self.answers[operation]


def smtp(**keys):
    return {"listen": "127.0.0.1:0", "recipients": ["support@example.com"], **keys}


def make_certificate(folder, name):
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", f"/CN={name}.example.com", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    key.chmod(0o600)
    return certificate, key


def test_a_new_desk_has_only_the_warning_that_its_store_will_be_made(desk):
    assert desk.findings("wrong") == desk.findings("failed") == []
    assert desk.findings("warning") == [f"{desk.folder}/inboxd.db: there is no store yet; `inboxd run` will make one"]
    before_run(desk.settings)


def test_a_store_whose_file_may_not_be_written_to_fails_before_mail_does(desk, monkeypatch):
    Store.open(desk.settings.store.connection_url(), role="command", create=True).close()
    assert desk.findings("failed") == []
    monkeypatch.setattr("store.file_access.os.access", lambda _path, mode, **_: not mode & os.W_OK)
    place = f"{desk.folder}/inboxd.db"
    (said,) = [one for one in desk.findings("failed") if one.startswith(place)]
    assert said.startswith(f"{place}: the store's file {place} may not be written to by this user: it belongs to ")


def test_looking_changes_nothing(desk):
    before = sorted((path, path.stat().st_mtime_ns) for path in desk.folder.iterdir())
    assert desk.run("check") == (0, "")
    assert sorted((path, path.stat().st_mtime_ns) for path in desk.folder.iterdir()) == before


def test_mistakes_of_rules_and_accounts_are_all_named_with_their_places(desk):
    (desk.folder / "rules.yaml").write_text("plans: [standard]\nfoo: 1\nbar: 2\n")
    (desk.folder / "accounts.yaml").write_text("accounts: [{id: acme, nam: Acme}]\n")
    found = desk.findings("wrong")
    assert [line.split(": ")[0] for line in found] == sorted(line.split(": ")[0] for line in found[:2]) + [
        line.split(": ")[0] for line in found[2:]
    ]
    for place in ("rules.yaml:2:1", "rules.yaml:3:1", "accounts.yaml:1:23"):
        assert any(f"{desk.folder}/{place}: " in line for line in found), place
    code, stderr = desk.run("check")
    assert code == 78
    assert stderr.splitlines() == found


def test_rules_that_count_their_hours_in_another_zone_than_the_desk_are_a_warning(desk):
    desk.write(desk={"zone": "Europe/Berlin"})
    assert not any("zone" in line for line in desk.findings("warning"))
    (desk.folder / "rules.yaml").write_text("desk: {zone: America/Chicago}\n")
    found = [line for line in desk.findings("warning") if line.startswith(f"{desk.folder}/rules.yaml: ")]
    assert len(found) == 1
    assert "America/Chicago" in found[0]
    assert "Europe/Berlin" in found[0]


@pytest.mark.parametrize("command", ["check", "run"])
def test_a_taken_port_is_one_line_that_names_the_key(desk, taken, command):
    desk.write(smtp=smtp(listen=f"127.0.0.1:{taken}"))
    code, stderr = desk.run(command)
    words = f"smtp.listen 127.0.0.1:{taken}: the port is taken by another program: stop it, or listen on another port"
    assert (code, stderr) == (1, f"inboxd: {words}\n")


class Running:
    """A daemon that is asked how it is and for nothing else."""

    def __init__(self, *not_reloaded):
        self.not_reloaded = list(not_reloaded)

    def call(self, operation, arguments, payload=b""):
        assert operation == "status"
        return {"not_reloaded": self.not_reloaded}


def test_a_daemon_that_refused_the_last_reload_is_a_finding(desk):
    with serving(lambda _: Running("rules.yaml:1:1: wrong", "rules.yaml:2:1: wrong"), desk.settings.control.socket):
        (told,) = desk.findings("failed")
    assert "the last reload was refused: rules.yaml:1:1: wrong (and 1 more). When that is mended: inboxd reload" in told


def test_a_port_that_our_own_daemon_holds_is_no_fault(desk, taken):
    desk.write(smtp=smtp(listen=f"127.0.0.1:{taken}"))
    with serving(lambda _: Running(), desk.settings.control.socket):
        assert desk.findings("failed") == []
        assert f"smtp.listen 127.0.0.1:{taken}: held by the running daemon" in desk.findings("ok")


def test_an_address_of_another_machine_is_said_to_be_one(desk):
    desk.write(http={"listen": "192.0.2.1:8080"})
    assert desk.findings("failed") == ["http.listen 192.0.2.1:8080: no address of this machine"]


def test_looking_at_a_port_leaves_it_free(desk):
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    desk.write(smtp=smtp(listen=f"127.0.0.1:{port}"))
    assert desk.findings("failed") == []
    with socket.create_server(("127.0.0.1", port)):
        pass


def test_a_second_daemon_is_told_to_come_later_before_it_touches_anything(desk):
    with serving(lambda _: pytest.fail("nothing is asked"), desk.settings.control.socket):
        with pytest.raises(TryLater, match="another daemon answers"):
            before_run(desk.settings)
        assert desk.run("run")[0] == 75


@pytest.mark.parametrize("command", ["check", "run"])
def test_a_folder_that_is_not_there_is_named(desk, command):
    desk.write(store={"url": "sqlite:///missing/inboxd.db"})
    code, stderr = desk.run(command)
    assert code == 1
    assert f"{desk.folder}/missing: the folder of the store does not exist; make it first" in stderr


def test_a_folder_that_this_user_may_not_write_to_is_named(desk, somebody):
    settings = desk.settings
    with somebody():
        found = [str(finding) for finding in everything(settings) if finding.level == "failed"]
    assert found == [f"{desk.folder}: the folder of the store may not be written to by this user"]


def test_who_may_not_read_the_secrets_hears_what_the_daemon_says_of_the_mailboxes(desk, somebody):
    secret = desk.folder / "password"
    secret.write_text("hunter2\n")
    secret.chmod(0o600)
    mailbox = {"name": "support", "host": "127.0.0.1", "port": 9, "user": "support@example.com"}
    desk.write(imap=[{**mailbox, "password_file": str(secret)}])
    asked = Daemon(
        status={"mailboxes": [{"name": "support", "trouble": None, "last_success_at": "2026-01-13T16:00:00Z"}]}
    )
    settings = desk.settings
    with serving(lambda _: asked, settings.control.socket), somebody():
        found = {finding.place: finding for finding in everything(settings)}
    assert (found[str(secret)].level, found["imap.support"].level) == ("warning", "ok")
    assert "check as root" in found[str(secret)].what
    assert "the running daemon is signed in" in found["imap.support"].what


def test_a_secret_that_others_can_read_is_wrong_and_says_how_to_mend_it(desk):
    secret = desk.folder / "store-password"
    secret.write_text("hunter2\n")
    secret.chmod(0o644)
    desk.write(store={"url": "postgresql://inboxd@127.0.0.1:9/x", "password_file": str(secret)})
    with pytest.raises(ConfigurationWrong, match=f"chmod 600 {secret}") as caught:
        before_run(desk.settings)
    assert "hunter2" not in str(caught.value)
    secret.chmod(0o600)
    before_run(desk.settings)


def test_a_database_that_does_not_answer_needs_a_person(desk):
    desk.write(store={"url": "postgresql://inboxd@127.0.0.1:9/x"})
    assert len(desk.findings("failed")) == 1
    assert desk.findings("wrong") == []


def test_certificate_and_key_that_belong_together_are_fine(desk):
    certificate, key = make_certificate(desk.folder, "mail")
    desk.write(smtp=smtp(certificate_file=str(certificate), key_file=str(key)))
    assert desk.findings("wrong") == []
    assert f"{certificate}: certificate and key belong together" in desk.findings("ok")
    before_run(desk.settings)


def test_the_key_of_another_certificate_is_told_apart(desk):
    certificate, _ = make_certificate(desk.folder, "mail")
    _, key = make_certificate(desk.folder, "other")
    desk.write(smtp=smtp(certificate_file=str(certificate), key_file=str(key)))
    (found,) = desk.findings("wrong")
    assert "is not the certificate of the key" in found
    assert found.startswith(f"{desk.config}:1:")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda certificate, key: certificate.unlink(), "cannot be read: No such file or directory"),
        (lambda certificate, key: certificate.write_text("no PEM"), "is no PEM file without a passphrase"),
        (lambda certificate, key: key.unlink(), "is not there"),
        (lambda certificate, key: key.chmod(0o644), "chmod 600"),
        (lambda certificate, key: key.write_text("no PEM"), "is no PEM file without a passphrase"),
    ],
)
def test_a_certificate_that_cannot_serve_is_wrong_in_one_line(desk, spoil, words):
    certificate, key = make_certificate(desk.folder, "mail")
    desk.write(smtp=smtp(certificate_file=str(certificate), key_file=str(key)))
    spoil(certificate, key)
    code, stderr = desk.run("check")
    assert code == 78
    assert words in stderr
    assert len(stderr.splitlines()) == 1
    assert desk.run("run") == (78, stderr)


def test_a_key_with_a_passphrase_is_refused_and_asks_nobody(desk):
    certificate, key = make_certificate(desk.folder, "mail")
    subprocess.run(["openssl", "ec", "-aes128", "-passout", "pass:secret", "-in", str(key), "-out", str(key) + ".enc"],
                   check=True, capture_output=True)  # fmt: skip
    locked = Path(str(key) + ".enc")
    locked.chmod(0o600)
    desk.write(smtp=smtp(certificate_file=str(certificate), key_file=str(locked)))
    code, stderr = desk.run("check")
    assert code == 78
    assert "is no PEM file without a passphrase" in stderr


def test_a_speech_model_that_is_not_there_is_wrong_where_it_is_named(desk):
    desk.write(speech={"model": "models/none"})
    (found,) = desk.findings("wrong")
    assert "speech.model" in found


def test_everything_that_stops_a_start_is_said_at_once(desk, taken):
    desk.write(store={"url": "sqlite:///missing/inboxd.db"}, http={"listen": f"127.0.0.1:{taken}"})
    with pytest.raises(InboxdError) as caught:
        before_run(desk.settings)
    assert caught.value.exit_code == 1
    assert len(str(caught.value).splitlines()) == 2


def test_findings_are_objects_with_json_and_bad_ones_are_on_stderr_too(desk, taken):
    desk.write(smtp=smtp(listen=f"127.0.0.1:{taken}"))
    ended = call("-c", desk.config, "check", "--json")
    assert all(set(each) == {"level", "what", "place", "error"} for each in ended.json)
    bad = [each for each in ended.json if each["error"] is not None]
    assert [(each["level"], f"inboxd: {each['error']}\n") for each in bad] == [("failed", ended.err)]


def test_what_is_logged_in_passing_is_no_line_of_the_answer(desk, monkeypatch):
    def nothing(_settings, **_options):
        structlog.get_logger("inboxd.test").debug("token_obtained")
        return iter(())

    monkeypatch.setattr(preflight, "everything", nothing)
    structlog.reset_defaults()  # as in a fresh process, which sends every line to stdout
    ended = call("-c", desk.config, "check", "--json")
    assert (ended.code, [each["place"] for each in ended.json], ended.err) == (0, [str(desk.config)], "")


def test_a_wrong_configuration_is_78_with_every_mistake(desk):
    desk.config.write_text("fro: 1\nsmtp: {listen: nowhere}\n")
    code, stderr = desk.run("check")
    assert code == 78
    assert f"{desk.config}:1:1: " in stderr
    assert f"{desk.config}:2:" in stderr
    assert desk.run("run") == (78, stderr)
