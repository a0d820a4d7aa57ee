"""The addresses that inboxd listens on."""

import errno
import socket
from collections.abc import Iterator

from inboxd.preflight.finding import Finding
from inboxd.settings import Endpoint, Settings


def listeners(settings: Settings, *, running: bool) -> Iterator[Finding]:
    """Look whether each address can be listened on; `running`: our own daemon holds them."""
    sections = {"smtp": settings.smtp, "http": settings.http}
    for name, section in sections.items():
        if section is None:
            continue
        endpoint = section.listen
        place = f"{name}.listen {endpoint}"
        problem = _address_problem(endpoint)
        if problem is None:
            yield Finding(level="ok", what="free", place=place)
        elif running and problem.errno == errno.EADDRINUSE:
            yield Finding(level="ok", what="held by the running daemon", place=place)
        else:
            yield Finding(level="failed", what=_address_words(problem), place=place)


def _address_problem(endpoint: Endpoint) -> OSError | None:
    """Bind to the address without listening: nobody can connect meanwhile, and what is taken is found out."""
    try:
        for family, kind, number, _, address in socket.getaddrinfo(
            endpoint.host, endpoint.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        ):
            with socket.socket(family, kind, number) as sock:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                sock.bind(address)
    except OSError as error:
        return error
    return None


def _address_words(error: OSError) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return "the port is taken by another program: stop it, or listen on another port"
        case errno.EADDRNOTAVAIL:
            return "no address of this machine"
        case errno.EACCES:
            return "this user may not listen on a port this low"
        case _:
            return f"cannot be listened on: {error.strerror}"
