"""The configuration file becomes settings."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from inboxd.errors import ConfigurationWrong
from inboxd.settings import Endpoint, Settings, load

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(text: str) -> Path:
        path = tmp_path / "inboxd.yaml"
        path.write_text(text, "utf-8")
        return path

    return write


def test_an_empty_file_is_a_desk_that_listens_nowhere(write: Write, tmp_path: Path) -> None:
    settings = load(write(""))
    assert settings.smtp is None
    assert settings.http is None
    assert settings.rules is None
    assert settings.accounts is None
    assert settings.staff == ()
    assert settings.store.url == f"sqlite:///{tmp_path}/inboxd.db"
    assert settings.control.socket == tmp_path / "control.sock"
    assert (settings.speech.engine, settings.speech.model) == ("moonshine", None)
    assert (settings.log.format, settings.log.level) == (None, "info")


def test_every_key_of_the_file_reaches_the_settings(write: Write, tmp_path: Path) -> None:
    for name in ("rules.yaml", "accounts.yaml"):
        (tmp_path / name).write_text("", "utf-8")
    settings = load(
        write("""\
desk: {zone: America/Chicago}
store: {url: "sqlite:////srv/desk/inboxd.db", blobs: /srv/desk/blobs}
smtp: {listen: "[::1]:25", hostname: Mail.example.com, recipients: [Support@Example.COM], max_size: 65536,
       certificate_file: tls/chain.pem, key_file: tls/key.pem}
http: {listen: "localhost:0"}
speech: {engine: moonshine, model: models/own}
dns: {nameservers: ["127.0.0.1:5353", 192.0.2.53, "2001:db8::53"]}
staff: [{name: engineer-1, login: eng1, addresses: [engineer-1@example.com], queues: [tech], notify: true}]
log: {format: json, level: debug}
control: {socket: run/control.sock}
workers: {mail: 3}
rules: rules.yaml
accounts: accounts.yaml
""")
    )
    assert settings.path == tmp_path / "inboxd.yaml"
    assert settings.desk.zone.key == "America/Chicago"
    assert settings.store.url == "sqlite:////srv/desk/inboxd.db"
    assert settings.store.blobs == Path("/srv/desk/blobs")
    assert settings.smtp is not None
    assert settings.smtp.listen == Endpoint(host="::1", port=25)
    assert settings.smtp.hostname == "mail.example.com"
    assert settings.smtp.recipients == ("Support@example.com",)
    assert settings.smtp.max_size == 65536
    assert settings.smtp.tls is not None
    assert settings.smtp.tls.certificate_file == tmp_path / "tls" / "chain.pem"
    assert settings.smtp.tls.key.path == tmp_path / "tls" / "key.pem"
    assert settings.http is not None
    assert settings.http.listen == Endpoint(host="localhost", port=0)
    assert settings.speech.model == tmp_path / "models" / "own"
    assert list(map(str, settings.dns.nameservers)) == ["127.0.0.1:5353", "192.0.2.53:53", "[2001:db8::53]:53"]
    member = settings.staff_by_login("eng1")
    assert member is not None
    assert (member.name, member.addresses, member.queues, member.notify) == (
        "engineer-1",
        ("engineer-1@example.com",),
        ("tech",),
        True,
    )
    assert settings.staff_by_login("eng2") is None
    assert (settings.log.format, settings.log.level) == ("json", "debug")
    assert settings.control.socket == tmp_path / "run" / "control.sock"
    assert settings.workers.mail == 3
    assert settings.rules == tmp_path / "rules.yaml"
    assert settings.accounts == tmp_path / "accounts.yaml"


def test_settings_cannot_be_changed(write: Write) -> None:
    settings = load(write(""))
    with pytest.raises(AttributeError):
        settings.log = None  # type: ignore[misc,assignment]


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("sqlite:///inboxd.db", "sqlite:///{folder}/inboxd.db"),
        ("sqlite:///data/../inboxd.db", "sqlite:///{folder}/inboxd.db"),
        ("sqlite:////srv/inboxd.db", "sqlite:////srv/inboxd.db"),
        ("postgresql://inboxd@db.example.com/inboxd", "postgresql://inboxd@db.example.com/inboxd"),
        ("postgresql+psycopg:///inboxd?host=/run/postgresql", "postgresql+psycopg:///inboxd?host=/run/postgresql"),
    ],
)
def test_a_store_url_is_relative_to_the_file_where_it_names_a_file(
    write: Write, tmp_path: Path, url: str, kept: str
) -> None:
    assert load(write(f'store: {{url: "{url}"}}')).store.url == kept.format(folder=tmp_path)


def test_a_path_given_through_a_link_stays_beside_the_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.mkdir()
    (real / "inboxd.yaml").write_text("", "utf-8")
    link.symlink_to(real)
    assert load(link / "inboxd.yaml").store.url == f"sqlite:///{link}/inboxd.db"


def test_with_postgresql_the_control_socket_lies_beside_the_file(write: Write, tmp_path: Path) -> None:
    settings = load(write('store: {url: "postgresql:///inboxd"}'))
    assert settings.control.socket == tmp_path / "control.sock"
    assert settings.store.sqlite_path is None


def test_there_are_at_least_two_mail_workers_and_at_most_eight(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("")

    def workers(processors: int | None) -> int:
        monkeypatch.setattr("os.cpu_count", lambda: processors)
        return load(path).workers.mail

    assert [workers(count) for count in (None, 1, 4, 64)] == [2, 2, 4, 8]


def test_the_file_is_read_without_the_store_and_without_a_rules_engine() -> None:
    import subprocess
    import sys

    code = "import sys, inboxd.settings; print(sorted({'sqlalchemy', 're2', 'structlog'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "[]\n"


def test_a_desk_without_a_zone_is_in_the_zone_of_the_machine(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("")

    def zone(setting: str) -> str:
        monkeypatch.setenv("TZ", setting)
        return load(path).desk.zone.key

    assert zone("Asia/Tokyo") == "Asia/Tokyo"
    assert zone(":Europe/Berlin") == "Europe/Berlin"
    # A POSIX rule names no place: then what the machine itself says, or UTC, and never an error.
    assert zone("<+0330>-3:30")


def test_a_file_that_cannot_be_read_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationWrong, match=r"inboxd\.yaml is not there"):
        load(tmp_path / "inboxd.yaml")
    with pytest.raises(ConfigurationWrong, match="is a folder"):
        load(tmp_path)


def test_a_file_that_is_no_configuration_is_not_read_to_its_end(tmp_path: Path) -> None:
    endless = tmp_path / "inboxd.yaml"
    endless.symlink_to("/dev/zero")
    with pytest.raises(ConfigurationWrong, match="is the most that is read"):
        load(endless)


def holds_a_password(settings: Settings, password: str) -> bool:
    return password in repr(settings) or password in str(settings)


def test_the_password_is_read_at_the_last_moment_and_stands_nowhere_in_the_settings(
    write: Write, tmp_path: Path
) -> None:
    secret = "s/ec:r@t"
    (tmp_path / "credentials").mkdir()
    file = tmp_path / "credentials" / "store-password"
    settings = load(
        write("""\
store:
  url: "postgresql://inboxd@db.example.com:5433/desk?sslmode=require"
  password_file: store-password
""")
    )
    with pytest.raises(ConfigurationWrong, match="store-password is not there"):
        settings.store.connection_url()
    file.touch(mode=0o600)
    file.write_text(f"{secret}\n", "utf-8")
    url = settings.store.connection_url()
    assert url == "postgresql://inboxd:s%2Fec%3Ar%40t@db.example.com:5433/desk?sslmode=require"
    assert not holds_a_password(settings, secret)
    assert not holds_a_password(settings, "s%2Fec")


def test_a_pipe_in_the_place_of_the_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "inboxd.yaml")
    with pytest.raises(ConfigurationWrong, match=r"inboxd\.yaml is a pipe"):
        load(tmp_path / "inboxd.yaml")
