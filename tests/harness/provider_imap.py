"""The door of a provider's IMAP server, spoken word for word: what Microsoft's and Google's say at a sign-in.

Those servers cannot be had on loopback; their words are in their documents and in other people's bug reports.
"""

import base64
import contextlib
import socket
import threading
from dataclasses import dataclass, field
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Scene:
    """What happens at one AUTHENTICATE: `challenge` is the server's refusal (JSON), `answer` the end of the command."""

    answer: bytes
    challenge: bytes | None = None
    noop: bytes = b"OK still here"
    hang_up: bool = False


MICROSOFT = (b"IMAP4", b"IMAP4rev1", b"AUTH=PLAIN", b"AUTH=XOAUTH2", b"SASL-IR", b"UIDPLUS", b"IDLE", b"NAMESPACE")
GOOGLE = (b"IMAP4rev1", b"UNSELECT", b"IDLE", b"SASL-IR", b"AUTH=XOAUTH2", b"AUTH=PLAIN", b"AUTH=OAUTHBEARER")


@dataclass
class ProviderImap:
    """Plays one scene for each AUTHENTICATE or LOGIN, the last one for all that come after. A context manager."""

    scenes: list[Scene]
    capabilities: tuple[bytes, ...] = MICROSOFT
    heard: list[bytes] = field(default_factory=list)
    port: int = 0
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(10)

    def _start(self, target: Any, *arguments: Any) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                line, _ = self._listener.accept()
                self._start(self._serve, line)

    def _serve(self, line: socket.socket) -> None:
        with contextlib.suppress(OSError), line, line.makefile("rwb", buffering=0) as file:
            line.settimeout(20)
            file.write(b"* OK The service is ready.\r\n")
            scene = self.scenes[0]
            while command := file.readline():
                tag, _, rest = command.strip().partition(b" ")
                match rest.split()[0].upper():
                    case b"CAPABILITY":
                        file.write(b"* CAPABILITY " + b" ".join(self.capabilities) + b"\r\n" + tag + b" OK done\r\n")
                    case b"AUTHENTICATE" | b"LOGIN" as verb:
                        scene = self.scenes.pop(0) if len(self.scenes) > 1 else self.scenes[0]
                        file.write(tag + b" " + self._signed_in(file, scene, rest, verb) + b"\r\n")
                        if scene.hang_up:
                            return
                    case b"LOGOUT":
                        file.write(b"* BYE\r\n" + tag + b" OK done\r\n")
                        return
                    case _:
                        file.write(tag + b" " + scene.noop + b"\r\n")

    def _signed_in(self, file: Any, scene: Scene, rest: bytes, verb: bytes) -> bytes:
        if verb == b"LOGIN":
            self.heard.append(rest)
            return scene.answer
        file.write(b"+ \r\n")
        self.heard.append(base64.b64decode(file.readline().strip()))
        if scene.challenge is not None:
            file.write(b"+ " + base64.b64encode(scene.challenge) + b"\r\n")
            self.heard.append(base64.b64decode(file.readline().strip()))
        return scene.answer
