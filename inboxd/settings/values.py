"""Single values of inboxd.yaml: text in, a typed value out; ValueError says what would be right."""

import ipaddress
import os
import re
import zoneinfo
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from inboxd import addresses
from inboxd.filter_verdicts import FILTERS

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_PORT = re.compile(r"[0-9]{1,5}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_SERVER_URLS = ("postgresql", "postgresql+psycopg")
_SECRET_PARAMETERS = frozenset({"password", "sslpassword"})


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Endpoint:
    """Host and port. The host is an IPv4 or bare IPv6 address, or a name; port 0 is any free one."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


# As long as a mark may be, and any reference whose check digit holds.
_LONGEST_MARK = 40
_REFERENCE = "48213-5"


def listen(text: str) -> Endpoint:
    """Read `127.0.0.1:8025`, `[::1]:25`, `localhost:0`."""
    host, port = _split(text, "write host:port, like 127.0.0.1:8025 or [::1]:8025")
    if host == "*":
        raise ValueError('"*" is no address: write 0.0.0.0 for all of IPv4 or [::] for all of IPv6')
    if _ip(host) is None and addresses.domain_problem(host, dotless=True):
        raise ValueError(f'"{host}" is no host to listen on: write an address of this machine, like 127.0.0.1')
    return Endpoint(host=host, port=port)


def nameserver(text: str) -> Endpoint:
    """Read the network address of a name server, with a port where it is not 53."""
    if _ip(text) is not None:
        return Endpoint(host=text, port=53)
    right = "write its network address, like 192.0.2.53, 127.0.0.1:5353 or [::1]:5353"
    host, port = _split(text, right)
    if _ip(host) is None or port == 0:
        raise ValueError(f'"{text}" is no name server: {right}')
    return Endpoint(host=host, port=port)


def network(text: str) -> Network:
    """Read the addresses of machines that are trusted: `10.0.0.0/8`, `192.0.2.25`, `2001:db8::/48`."""
    try:
        found = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ValueError(f'"{text}" is no network: write 10.0.0.0/8, 192.0.2.25 or 2001:db8::/48') from None
    if "/" in text and str(found.network_address) != str(ipaddress.ip_address(text.partition("/")[0])):
        raise ValueError(f'"{text}" names one machine and a network: write {found}, or the machine without its /')
    if found.prefixlen == 0:
        raise ValueError(f'"{text}" would trust everybody: write the networks of your own relays')
    return found


def filter_name(text: str) -> str:
    """Check the name of a header field in which a mail filter writes a verdict that can be read here."""
    name = addresses.ascii_lower(text)
    if name not in FILTERS:
        raise ValueError(f'"{text}" is no field of a filter that is known here: write one of {", ".join(FILTERS)}')
    return name


def domain(text: str) -> str:
    """Read the name of a mail domain."""
    if problem := addresses.domain_problem(text):
        raise ValueError(problem)
    return addresses.ascii_lower(addresses.a_labels(text) or text)


def _split(text: str, right: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not _PORT.fullmatch(port) or not host:
        raise ValueError(f'"{text}" has no host and port: {right}')
    if int(port) > 65535:
        raise ValueError(f"port {port} is too high: ports end at 65535")
    bracketed = host.startswith("[") and host.endswith("]")
    bare = host[1:-1] if bracketed else host
    address = _ip(bare)
    # Without brackets `::1:25` could be an address as well as an address and a port (RFC 3986 3.2.2).
    if (":" in bare) != bracketed or (bracketed and (address is None or address.version != 6)):
        raise ValueError(f'"{text}" is no host and port: {right}')
    return bare, int(port)


def _ip(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def zone(name: str) -> zoneinfo.ZoneInfo:
    """Read the name of a zone of the tz database; letters like EST, which say no place, are refused."""
    if name == "UTC" or "/" in name:
        try:
            return zoneinfo.ZoneInfo(name)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            pass  # what is wrong with it is said below
    # The rules file has zones, too, and people shall read the same sentence in both. By need: it loads the rules.
    from rules.calendar_reader import zone as zone_of_rules

    return zone_of_rules(name)


def system_zone() -> zoneinfo.ZoneInfo:
    """Return the zone of this machine, UTC where it does not say."""
    for name in (os.environ.get("TZ", "").removeprefix(":"), _zone_of(Path("/etc/localtime"))):
        try:
            if name:
                return zoneinfo.ZoneInfo(name)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            continue  # TZ may hold a POSIX rule or the path of a file: the next source may have a name
    return zoneinfo.ZoneInfo("UTC")


def _zone_of(localtime: Path) -> str:
    # The link's own target, not the end of all links: distributions link zones to each other in there.
    try:
        target = str(localtime.readlink())
    except OSError:
        return ""
    return target.partition("zoneinfo/")[2]


def store_url(text: str) -> str:
    """Check the URL of a store. A password in it is refused: it never stands in YAML."""
    scheme, colon, rest = text.partition(":")
    if scheme == "sqlite" and colon:
        return _sqlite_url(text)
    if scheme in _SERVER_URLS and rest.startswith("//"):
        return _postgresql_url(text)
    if scheme in {"postgres", "postgresql+psycopg2", "postgresql+asyncpg", "postgresql+pg8000"}:
        raise ValueError(f'"{scheme}" is no store that inboxd knows: write postgresql://user@host/database')
    if not colon:
        path = Path(text)
        slashes = "////" if path.is_absolute() else "///"
        raise ValueError(f'"{text}" is no URL: write sqlite:{slashes}{text.lstrip("/")}')
    raise ValueError(
        f'"{scheme}" is no store that inboxd knows: write sqlite:///FILE or postgresql://user@host/database'
    )


def _sqlite_url(text: str) -> str:
    path = text.removeprefix("sqlite:///")
    if path == text:
        raise ValueError(
            "a sqlite URL has three slashes and then the file: sqlite:///inboxd.db beside this file, "
            "sqlite:////var/lib/inboxd/inboxd.db elsewhere"
        )
    if path in {"", ":memory:"}:
        raise ValueError("a store in memory would lose everything: name a file, like sqlite:///inboxd.db")
    if "?" in path or path.startswith("file:"):
        raise ValueError("a sqlite URL takes no options here: name only the file, like sqlite:///inboxd.db")
    return text


def _postgresql_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as error:
        raise ValueError("this is no URL: write postgresql://user@host:5432/database") from error
    # The value itself is not repeated: it would put the password into the terminal and the log.
    if parts.password is not None or _SECRET_PARAMETERS & {name for name, _ in parse_qsl(parts.query)}:
        raise ValueError(
            "a password never stands in this file: take it out of the URL, write it into a file of its own "
            "(chmod 600) and name that as password_file under store"
        )
    if not parts.path.strip("/"):
        raise ValueError("the URL names no database: write postgresql://user@host/database")
    return text


def blobs(text: str) -> str:
    """Check the folder of large messages and recordings."""
    if "://" in text:
        raise ValueError(
            f'"{text}" is no folder, and object storage is not supported: name a folder, or leave blobs out'
        )
    return path_text(text)


def path_text(text: str) -> str:
    """Check that a text can be a path at all."""
    if not text or not text.isprintable():
        raise ValueError("must be a path")
    return text


def recipient(text: str) -> str:
    """Check an address that mail is accepted for; a domain without a dot will do, within one machine."""
    if problem := addresses.problem(text, dotless=True):
        raise ValueError(problem)
    return addresses.shown(text)


def address(text: str) -> str:
    """Check a mail address."""
    if problem := addresses.problem(text):
        raise ValueError(problem)
    return addresses.shown(text)


def hostname(text: str) -> str:
    """Check the name of a host."""
    if problem := addresses.domain_problem(text, dotless=True):
        raise ValueError(problem)
    return addresses.ascii_lower(text)


def name(text: str) -> str:
    """Check a short text for people: one printable line."""
    if not text.strip() or not text.isprintable():
        raise ValueError("must be one line of printable text")
    return text


def reference_mark(text: str) -> str:
    """Check how references are marked in subjects: `{reference}` once, in one short line that is read back as one."""
    # By need: most who read a configuration read no mail.
    from inboxd.quoted_references import written

    if text.count("{reference}") != 1 or len(text) > _LONGEST_MARK or not text.isprintable():
        raise ValueError(f'"{text}" has to hold {{reference}} once, in a few letters: like [#{{reference}}]')
    if written(f"Re: {text.replace('{reference}', _REFERENCE)} Fax").right != (_REFERENCE,):
        raise ValueError(
            f'"{text}" would not be read back from an answer: write it like [#{{reference}}] or T-{{reference}}'
        )
    return text


def language(text: str) -> str:
    """Check a language, as RFC 5646 writes the tags of most: `en`, `pt-BR`."""
    if not _LANGUAGE.fullmatch(text):
        raise ValueError(f'"{text}" is no language: write it like en, de or pt-BR')
    return text
