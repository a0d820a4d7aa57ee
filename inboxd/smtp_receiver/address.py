"""The grammar of MAIL and RCPT arguments: RFC 5321 4.1.2, strictly, because proof of a sender is built on it.

Two readings of one address are how a stranger becomes somebody on file, so what the grammar does not give is
refused, not repaired: comments, routes, encoded words, white space, control and 8-bit characters. Three
deviations take honest mail and allow no second reading: the angle brackets may be missing (old devices), a
domain label may hold `_` (names of hosts), and a local part may be longer than 64 (return addresses of
lists).
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import Final

MAX_LOCAL: Final = 255
MAX_DOMAIN: Final = 255

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_DOT_STRING = rf"{_ATOM}(?:\.{_ATOM})*"
_QUOTED = r'"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\[\x20-\x7e])*"'
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_DOMAIN = rf"{_LABEL}(?:\.{_LABEL})*"
_LITERAL = r"\[[A-Za-z0-9.:]+\]"
_MAILBOX = rf"(?P<local>{_DOT_STRING}|{_QUOTED})@(?P<domain>{_DOMAIN}|{_LITERAL})"

_ONE_MAILBOX: Final = re.compile(_MAILBOX)
_PATH: Final = re.compile(rf" *(?:<{_MAILBOX}>|(?P<null><>))(?P<rest>(?: .*)?)")
_BARE_PATH: Final = re.compile(rf" *{_MAILBOX}(?P<rest>(?: .*)?)")
_POSTMASTER: Final = re.compile(r" *<(?P<local>postmaster)>(?P<rest>(?: .*)?)", re.IGNORECASE | re.ASCII)
_SIMPLE_QUOTED: Final = re.compile(rf'"({_DOT_STRING})"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """A path as the client gave it: `mailbox` is "" for `<>` and has no domain for `<Postmaster>`."""

    mailbox: str
    parameters: str


def reverse_path(argument: str) -> Path | None:
    """Read what follows `MAIL FROM:`; None when it is no Reverse-path."""
    return _read(_PATH, argument) or _read(_BARE_PATH, argument)


def forward_path(argument: str) -> Path | None:
    """Read what follows `RCPT TO:`; None when it is no Forward-path. The null path is none."""
    path = reverse_path(argument) or _read(_POSTMASTER, argument)
    return path if path is not None and path.mailbox else None


def is_mailbox(text: str) -> bool:
    """Tell whether `text` is one Mailbox and nothing else."""
    found = _ONE_MAILBOX.fullmatch(text)
    return found is not None and _in_bounds(found["local"], found["domain"])


def folded(mailbox: str) -> str:
    """Give the form in which addresses are compared: ASCII case folded, needless quotes gone.

    The grammar lets only ASCII through, so `lower` cannot fold a look-alike (KELVIN SIGN) into a letter.
    """
    local, at, domain = mailbox.rpartition("@")
    if at and (simple := _SIMPLE_QUOTED.fullmatch(local)):
        local = simple[1]
    return f"{local}{at}{domain}".lower()


def _read(pattern: re.Pattern[str], argument: str) -> Path | None:
    found = pattern.fullmatch(argument)
    if found is None:
        return None
    parts = found.groupdict()
    local, domain = parts["local"], parts.get("domain")
    if local is None:
        mailbox = ""
    elif domain is None:
        mailbox = local
    elif _in_bounds(local, domain):
        mailbox = f"{local}@{domain}"
    else:
        return None
    return Path(mailbox=mailbox, parameters=parts["rest"].strip(" "))


def _in_bounds(local: str, domain: str) -> bool:
    if len(local) > MAX_LOCAL or len(domain) > MAX_DOMAIN:
        return False
    return not domain.startswith("[") or _is_address_literal(domain[1:-1])


def _is_address_literal(text: str) -> bool:
    # RFC 5321 4.1.3. The General-address-literal has no registered tag and is refused.
    try:
        if text[:5].upper() == "IPV6:":
            ipaddress.IPv6Address(text[5:])
        else:
            ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True
