"""A real name server (NSD) on a loopback port, which serves the records that a test gives it as the whole of the DNS.

The root zone is its own: a name that nobody published does not exist, and nothing leaves this machine. Knows nothing of
pytest. `Silence` beside it is a name server that never answers.
"""

import contextlib
import ctypes
import functools
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import dns.exception
import dns.message
import dns.query
import dns.rcode
import dns.rrset

_PR_SET_PDEATHSIG = 1
BROKEN = "broken.example"
"""A zone without data: each name in it is SERVFAIL."""

Records = Mapping[str, Sequence[str]]
"""Owner name (without the last dot) to lines like `TXT "v=spf1 -all"` or `60 A 192.0.2.1`; `txt()` makes TXT lines."""

_CONFIG = """\
server:
  ip-address: 127.0.0.1@{port}
  username: ""
  chroot: ""
  zonesdir: "{folder}"
  database: ""
  pidfile: "{folder}/nsd.pid"
  xfrdfile: "{folder}/xfrd.state"
  zonelistfile: "{folder}/zone.list"
  xfrdir: "{folder}"
  logfile: "{folder}/log"
  server-count: 1
  rrl-ratelimit: 0
remote-control:
  control-enable: yes
  control-interface: {folder}/control
zone:
  name: "."
  zonefile: root.zone
zone:
  name: "{broken}"
  zonefile: nothing-is-here.zone
"""
_SOA = ". 30 SOA ns.invalid. hostmaster.invalid. {serial} 3600 600 86400 {negative}\n. 30 NS ns.invalid.\n"


def program() -> str | None:
    """Find the server; Debian keeps it out of an ordinary PATH."""
    return shutil.which("nsd") or shutil.which("nsd", path="/usr/sbin:/usr/local/sbin")


def txt(text: str) -> str:
    """Write a TXT record of any length: strings of at most 255 octets (RFC 1035 3.3)."""
    pieces = [text[start : start + 250] for start in range(0, len(text), 250)] or [""]
    return "TXT " + " ".join('"' + piece.replace("\\", "\\\\").replace('"', '\\"') + '"' for piece in pieces)


def free_port() -> int:
    """Find a port that is free for both UDP and TCP."""
    while True:
        with socket.socket(type=socket.SOCK_STREAM) as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            port = int(tcp.getsockname()[1])
            with contextlib.suppress(OSError):
                udp.bind(("127.0.0.1", port))
                return port


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class NameServer:
    """A running NSD. `negative` is how long resolvers may keep that a name is not there, in seconds."""

    folder: Path
    port: int = field(default_factory=free_port)
    ttl: int = 300
    negative: int = 0
    records: dict[str, list[str]] = field(default_factory=dict)
    _serial: int = 0
    _process: subprocess.Popen[bytes] | None = None

    @classmethod
    @contextlib.contextmanager
    def running(cls, records: Records | None = None) -> Iterator["NameServer"]:
        """Run a server with these records until the block ends."""
        folder = Path(tempfile.mkdtemp(prefix="idns-", dir="/tmp"))
        server = cls(folder)
        try:
            server._keep(records or {})
            server.start()
            yield server
        finally:
            server.stop()
            shutil.rmtree(folder)

    @property
    def address(self) -> str:
        """As `dns.nameservers` takes it."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self._write()
        config = self.folder / "nsd.conf"
        config.write_text(_CONFIG.format(port=self.port, folder=self.folder, broken=BROKEN))
        command = program()
        assert command is not None
        self._process = subprocess.Popen(
            [command, "-d", "-c", str(config)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - it calls one function of libc
        )
        self._wait()

    def stop(self) -> None:
        """Stop the server by its own process number."""
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            process.wait(20)

    def publish(self, records: Records) -> None:
        """Add records (those of a name that is there already are replaced), and wait until they are served."""
        self._keep(records)
        self._write()
        control = shutil.which("nsd-control") or "/usr/sbin/nsd-control"
        said = subprocess.run(
            [control, "-c", str(self.folder / "nsd.conf"), "reload", "."], capture_output=True, text=True, check=False
        )
        assert said.returncode == 0, said.stdout + said.stderr + self.log()
        self._wait()

    def log(self) -> str:
        """What the server said."""
        path = self.folder / "log"
        return path.read_text() if path.exists() else ""

    def _keep(self, records: Records) -> None:
        for name, lines in records.items():
            self.records[name] = list(lines)

    def _write(self) -> None:
        self._serial += 1
        text = f"$TTL {self.ttl}\n$ORIGIN .\n" + _SOA.format(serial=self._serial, negative=self.negative)
        for name, lines in self.records.items():
            text += "".join(f"{name}. {line}\n" for line in lines)
        (self.folder / "root.zone").write_text(text)

    def _wait(self) -> None:
        """Wait until the zone with our serial number is served, by both ways: each has a queue of its own."""
        deadline = time.monotonic() + 20
        for ask in (dns.query.udp, dns.query.tcp):
            while not self._serves(ask):
                assert self._process is not None
                assert self._process.poll() is None, self.log()
                assert time.monotonic() < deadline, self.log()  # no claim of speed: a hanging server must end
                time.sleep(0.02)

    def _serves(self, ask: Callable[..., dns.message.Message]) -> bool:
        with contextlib.suppress(Exception):
            answer = ask(dns.message.make_query(".", "SOA"), "127.0.0.1", port=self.port, timeout=0.5)
            return bool(answer.answer) and answer.answer[0][0].serial == self._serial
        return False


class Silence:
    """A name server that takes every question and answers none."""

    def __init__(self) -> None:
        self._socket = socket.socket(type=socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])

    @property
    def address(self) -> str:
        """As `dns.nameservers` takes it."""
        return f"127.0.0.1:{self.port}"

    def heard(self) -> int:
        """Count the questions that came since the last look."""
        self._socket.setblocking(False)
        count = 0
        with contextlib.suppress(BlockingIOError):
            while self._socket.recv(4096):
                count += 1
        return count

    def close(self) -> None:
        """Give the port back."""
        self._socket.close()


@functools.cache
def nowhere() -> str:
    """Give the address of a DNS in which no name exists, answered by a thread of this process, for desks of no domain.

    No test asks the name servers of the machine it runs on, and none waits for those that are not there.
    """
    return _all_alike(dns.rcode.NXDOMAIN)


@functools.cache
def broken() -> str:
    """Give the address of a DNS that says of each name that it cannot be asked for now (SERVFAIL), and at once."""
    return _all_alike(dns.rcode.SERVFAIL)


def _all_alike(rcode: dns.rcode.Rcode) -> str:
    listener = socket.socket(type=socket.SOCK_DGRAM)
    listener.bind(("127.0.0.1", 0))
    threading.Thread(target=_answer, args=(listener, rcode), daemon=True, name="nowhere").start()
    return f"127.0.0.1:{listener.getsockname()[1]}"


def _answer(listener: socket.socket, rcode: dns.rcode.Rcode) -> None:
    soa = dns.rrset.from_text(".", 60, "IN", "SOA", "ns.invalid. hostmaster.invalid. 1 3600 600 86400 60")
    while True:
        with contextlib.suppress(dns.exception.DNSException, OSError):
            question, sender = listener.recvfrom(4096)
            answer = dns.message.make_response(dns.message.from_wire(question))
            answer.set_rcode(rcode)
            if rcode == dns.rcode.NXDOMAIN:
                answer.authority.append(soa)
            listener.sendto(answer.to_wire(), sender)
