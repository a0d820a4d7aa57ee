"""A real Dovecot 2.3 on loopback ports: accounts made at will, TLS from an authority of the run, its log at hand.

Knows nothing of pytest. It runs without rights: as `nobody` where the tests run as root, as ourselves otherwise.
"""

import contextlib
import ctypes
import grp
import itertools
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import LoginError

from tests.harness.certificates import Authority

Format = Literal["maildir", "sdbox", "mdbox"]

HOST = "localhost"  # the name in its certificate
_PR_SET_PDEATHSIG = 1
_CONFIG = """\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
default_client_limit = 1000
default_process_limit = 200
first_valid_uid = 0
first_valid_gid = 0
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = no
auth_mechanisms = {mechanisms}
auth_failure_delay = 0 secs
mail_fsync = never
mail_max_userip_connections = 200
mail_plugins = acl quota
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users/%u
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {folder}/users/%u
  default_fields = uid={user} gid={group} home={folder}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service imap-login {{
  chroot =
  service_count = 0
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
plugin {{
  acl = vfile
  quota = count:User quota
  quota_vsizes = yes
}}
{extra}
"""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody's mail on the server; every call is a session of its own, so tests see what the server has now."""

    server: "Dovecot"
    user: str
    format: Format

    @property
    def password(self) -> str:
        return self.server.passwords[self.user]

    @property
    def home(self) -> Path:
        return self.server.folder / "mail" / self.user

    @contextlib.contextmanager
    def session(self, folder: str | None = None) -> Iterator[IMAPClient]:
        """Sign in; with `folder` selected for writing."""
        client = IMAPClient("127.0.0.1", self.server.port, ssl=False, timeout=SocketTimeout(connect=15, read=60))
        try:
            client.plain_login(self.user, self.password)  # LOGIN carries ASCII alone
            if folder is not None:
                client.select_folder(folder)
            yield client
        finally:
            with contextlib.suppress(Exception):
                client.logout()
            with contextlib.suppress(Exception):
                client.shutdown()

    def append(self, *raws: bytes, folder: str = "INBOX", flags: Sequence[bytes] = (), at: Any = None) -> None:
        """Put mails there; `at` is their INTERNALDATE (an aware datetime)."""
        with self.session() as client:
            for raw in raws:
                client.append(folder, raw, flags, at)

    def uids(self, folder: str = "INBOX") -> list[int]:
        """The UIDs in a folder, rising."""
        with self.session(folder) as client:
            return sorted(client.search("ALL"))

    def flags(self, folder: str = "INBOX") -> dict[int, tuple[bytes, ...]]:
        """The flags of each mail by its UID, without \\Recent."""
        with self.session(folder) as client:
            found = client.search("ALL")
            return {
                uid: tuple(flag for flag in flags if flag != rb"\Recent")
                for uid, flags in (client.get_flags(found) if found else {}).items()
            }

    def bodies(self, folder: str = "INBOX") -> dict[int, bytes]:
        """Each mail as it lies there, by its UID; sets no flag."""
        with self.session(folder) as client:
            found = client.search("ALL")
            return {
                uid: data[b"BODY[]"] for uid, data in (client.fetch(found, ["BODY.PEEK[]"]) if found else {}).items()
            }

    def expunge(self, *uids: int, folder: str = "INBOX") -> None:
        """Take these mails away."""
        with self.session(folder) as client:
            client.delete_messages(list(uids))
            client.expunge(list(uids))

    def create(self, folder: str) -> None:
        with self.session() as client:
            client.create_folder(folder)

    def remove(self, folder: str) -> None:
        with self.session() as client:
            client.delete_folder(folder)

    def uidvalidity(self, folder: str = "INBOX") -> int:
        with self.session() as client:
            return int(client.folder_status(folder, ["UIDVALIDITY"])[b"UIDVALIDITY"])

    def renumber(self, folder: str = "INBOX") -> int:
        """Let the server number a folder anew under another UIDVALIDITY, which is given back (Maildir only).

        Nobody may be in the folder meanwhile; the mails get UIDs from 1 in the order of their arrival.
        """
        assert self.format == "maildir"
        path = self.path(folder)
        before = self.uidvalidity(folder)
        (path / "dovecot-uidlist").write_text(f"3 V{before + 7} N1 G{secrets.token_hex(16)}\n")
        for index in path.glob("dovecot.index*"):
            index.unlink()
        self.server.own(path)
        assert self.uidvalidity(folder) == before + 7
        return before + 7

    def path(self, folder: str = "INBOX") -> Path:
        """Where a Maildir folder lies."""
        maildir = self.home / "mail"
        return maildir if folder == "INBOX" else maildir / ("." + folder.replace("/", "."))

    def rights(self, rights: str, folder: str = "INBOX") -> None:
        """Limit what the owner may do in a Maildir folder (RFC 4314 letters; `lr`: read only, `lrwstipekxa`: all)."""
        path = self.path(folder)
        path.mkdir(parents=True, exist_ok=True)
        (path / "dovecot-acl").write_text(f"owner {rights}\n")
        self.server.own(self.home)


@dataclass
class Dovecot:
    """A running server. `port` speaks plain and STARTTLS, `tls_port` TLS from the first byte; both on 127.0.0.1."""

    folder: Path
    authority: Authority
    mechanisms: str
    extra: str
    port: int = field(init=False)
    tls_port: int = field(init=False)
    process: subprocess.Popen[bytes] = field(init=False)
    passwords: dict[str, str] = field(default_factory=dict)
    _fields: dict[str, str] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    @contextlib.contextmanager
    def running(cls, *, mechanisms: str = "plain login", extra: str = "") -> Iterator["Dovecot"]:
        """Run a server in a temporary folder of its own.

        `extra` is configuration text that goes below ours (a later setting wins), such as a passdb; `{folder}` in it
        stands for the server's folder.
        """
        folder = Path(tempfile.mkdtemp(prefix="idc-", dir="/tmp"))
        try:
            folder.chmod(0o755)
            server = cls(folder, Authority.made(folder), mechanisms, extra.replace("{folder}", str(folder)))
            for name in ("run", "state", "mail", "users"):
                (folder / name).mkdir()
            server.own(folder)
            server.start()
            try:
                yield server
            finally:
                server.stop()
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @property
    def ca_file(self) -> Path:
        return self.authority.certificate

    @property
    def log(self) -> str:
        """What the server has said up to now."""
        path = self.folder / "log"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def account(
        self,
        user: str | None = None,
        *,
        password: str = "secret of a test",
        format: Format = "maildir",  # noqa: A002
        fields: Mapping[str, str] | None = None,
    ) -> Account:
        """Make an account; without a name a fresh one. `fields` are extra fields of the passwd-file."""
        with self._lock:
            user = user or f"user{next(self._numbers)}"
            self.passwords[user] = password
            more = {"userdb_mail": f"{format}:~/mail", **(fields or {})}
            self._fields[user] = " ".join(f"{key}={value}" for key, value in more.items())
            self._write(user)
        return Account(self, user, format)

    def account_with_quota(self, kibibytes: int) -> Account:
        """Make an account that holds no more than this."""
        return self.account(fields={"userdb_quota_rule": f"*:storage={kibibytes}k"})

    def change_password(self, account: Account, password: str) -> None:
        """Let the server know another password; returns once the server does (a second)."""
        assert password != account.password
        self.passwords[account.user] = password
        self._write(account.user)
        deadline = time.monotonic() + 20
        while True:
            with contextlib.suppress(LoginError), account.session():
                return
            assert time.monotonic() < deadline, self.log
            time.sleep(0.1)

    def own(self, path: Path) -> None:
        """Give what we wrote there to the account that the server runs as."""
        account = _account()
        if account:
            for one in (path, *path.rglob("*")):
                with contextlib.suppress(FileNotFoundError):  # the server takes its own files away meanwhile
                    os.chown(one, account["user"], account["group"])

    def start(self) -> None:
        """Start the server and wait until it greets. After a stop it comes back at the same ports."""
        for _ in range(5):
            if not hasattr(self, "port"):
                self.port, self.tls_port = _free_ports()
            if self._started():
                return
            del self.port  # somebody else was quicker with a port
        raise AssertionError(self.log)

    def stop(self) -> None:
        """Stop the server by its own process number, with every session."""
        if self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(20)

    def _started(self) -> bool:
        signed = self.authority.sign(HOST)
        self.own(self.folder)
        account = _account()
        config = self.folder / "config"
        config.write_text(
            _CONFIG.format(
                folder=self.folder,
                user=_name(account.get("user", os.geteuid())),
                group=_group(account.get("group", os.getegid())),
                certificate=signed.certificate,
                key=signed.key,
                mechanisms=self.mechanisms,
                port=self.port,
                tls_port=self.tls_port,
                extra=self.extra,
            )
        )
        with (self.folder / "output").open("ab") as output:
            self.process = subprocess.Popen(
                [program(), "-F", "-c", config],
                **account,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - it calls one function of libc
            )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                return False
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 5) as line:
                if line.recv(4) == b"* OK":
                    return True
            time.sleep(0.02)
        raise AssertionError(self.log + (self.folder / "output").read_text())

    def _write(self, user: str) -> None:
        # A file for each: Dovecot looks at a file that it knows at most once a second.
        fresh = self.folder / "users" / f".{user}"
        fresh.write_text(f"{user}:{self.passwords[user]}::::::{self._fields[user]}\n")
        fresh.chmod(0o644)
        fresh.replace(fresh.with_name(user))


def program() -> Path | None:
    """Find the server's program, which Debian keeps out of PATH; None where it is not installed."""
    found = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin")
    return None if found is None else Path(found)


def _account() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _name(uid: int) -> str:
    return pwd.getpwuid(uid).pw_name


def _group(gid: int) -> str:
    return grp.getgrgid(gid).gr_name


def _free_ports() -> tuple[int, int]:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        return one.getsockname()[1], other.getsockname()[1]


def _die_with_parent() -> None:
    # A killed test run must not leave a server behind; its children end with it.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
