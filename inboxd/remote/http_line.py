"""The line to an HTTP server, as requests have it: whom its certificate is to be signed by, and a way to end it."""

import contextlib
import socket
import ssl
from pathlib import Path
from typing import Any

import urllib3
from requests.adapters import HTTPAdapter


class Line(HTTPAdapter):
    """The way of one session to its server; `end` ends whatever waits on it, a TLS handshake and a proxy included."""

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []
        self._ended = False
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **keys: Any) -> None:
        """Let requests make its connections by ours."""
        super().init_poolmanager(*arguments, **keys)
        self.poolmanager.pool_classes_by_scheme = self._pools()

    def proxy_manager_for(self, proxy: str, **keys: Any) -> urllib3.ProxyManager:
        """As above, for a server behind a proxy."""
        manager: urllib3.ProxyManager = super().proxy_manager_for(proxy, **keys)
        manager.pool_classes_by_scheme = self._pools()
        return manager

    def end(self) -> None:
        """End it, now; from any thread."""
        self._ended = True
        for line in self._sockets:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of everything."""
        super().close()
        for line in self._sockets:
            line.close()

    def _opened(self, line: socket.socket) -> None:
        # A second hold on the same connection: TLS takes the first one over.
        self._sockets.append(line.dup())
        if self._ended:
            self.end()

    def _pools(self) -> dict[str, type[urllib3.HTTPConnectionPool]]:
        opened = self._opened

        class Plain(urllib3.connection.HTTPConnection):
            def _new_conn(self) -> socket.socket:
                line = super()._new_conn()
                opened(line)
                return line

        class Secure(urllib3.connection.HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                line = super()._new_conn()
                opened(line)
                return line

        class PlainPool(urllib3.HTTPConnectionPool):
            ConnectionCls = Plain

        class SecurePool(urllib3.HTTPSConnectionPool):
            ConnectionCls = Secure

        return {"http": PlainPool, "https": SecurePool}


def authorities() -> str | bool:
    """Return the machine's own authorities, where an administrator adds one; those of requests where it has none."""
    paths = ssl.get_default_verify_paths()
    if paths.cafile:
        return paths.cafile
    if paths.capath and any(Path(paths.capath).iterdir()):
        return paths.capath
    return True
