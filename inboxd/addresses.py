"""Mail addresses as people write them into files: whether they are well formed, and when two are the same."""

import re

# RFC 5321 4.5.3.1: octets in a local part and in a path without its angle brackets.
_LOCAL_LIMIT = 64
_ADDRESS_LIMIT = 254

# RFC 5321 4.1.2 Dot-string, with the letters that RFC 6531 adds. Quoted local parts are left out on purpose:
# they are the stuff of parser confusion, and no desk has one on file.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u00a1-\U0010ffff-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}


def ascii_lower(text: str) -> str:
    """Return the text with A-Z lower-cased, no more: `str.lower` makes a `k` of U+212A KELVIN SIGN."""
    return text.translate(_ASCII_LOWER)


def key(address: str) -> str:
    """Return the form in which addresses are compared: ASCII case ignored, domain as A-labels (RFC 5890).

    Total: what is no address comes back in a form that equals itself and no well-formed address.
    """
    local, at, domain = address.rpartition("@")
    if domain.isascii():
        return ascii_lower(address)
    in_ascii = a_labels(domain)
    return ascii_lower(local) + at + (domain if in_ascii is None else in_ascii)


def shown(address: str) -> str:
    """Return the form in which an address is stored and shown: as written, lower-cased in the domain only."""
    local, at, domain = address.rpartition("@")
    return local + at + ascii_lower(domain)


def problem(address: str, *, dotless: bool = False) -> str | None:
    """Say what keeps `address` from being a mail address, and what would be right; None when it is one.

    `dotless` takes domains of a single label (`root@localhost`), too.
    """
    local, at, domain = address.rpartition("@")
    if not at or not local or not domain:
        return f'"{address}" is not a mail address: write it like name@example.com'
    if not address.isprintable() or " " in address or any(sign in address for sign in '<>(),;:\\"'):
        return f'"{address}" is not a bare mail address: write only name@example.com, without a name or brackets'
    if not _LOCAL.fullmatch(local) or len(local.encode()) > _LOCAL_LIMIT:
        return f'"{local}" cannot stand before the @ of an address: letters, digits, single dots between'
    return _domain_problem(domain, dotless=dotless, whole=address)


def domain_problem(domain: str, *, dotless: bool = False) -> str | None:
    """Say what keeps `domain` from being the name of a mail domain or host; None when it is one."""
    return _domain_problem(domain, dotless=dotless, whole=domain)


def _domain_problem(domain: str, *, dotless: bool, whole: str) -> str | None:
    ascii_domain = domain if domain.isascii() else a_labels(domain)
    labels = [] if ascii_domain is None else ascii_domain.split(".")
    if not labels or not all(_LABEL.fullmatch(label) for label in labels) or len(whole.encode()) > _ADDRESS_LIMIT:
        return f'"{domain}" is not a domain name: write it like example.com'
    if len(labels) == 1 and not dotless:
        return f'"{domain}" has no dot, so it is no mail domain: write the whole name, like {domain}.example.com'
    if labels[-1].isdigit():
        return f'"{domain}" is a network address, not a domain name: write it like example.com'
    return None


def with_a_labels(address: str) -> str:
    """Return the address with a domain of other letters in the form in which the DNS knows it, if it has one."""
    local, at, domain = address.rpartition("@")
    in_ascii = None if domain.isascii() else a_labels(domain)
    return address if in_ascii is None else f"{local}{at}{in_ascii}"


def a_labels(domain: str) -> str | None:
    """Return a domain of any letters in the form of the DNS (RFC 5890); None where it has none."""
    # Imported by need: nearly every address is ASCII, and the tables cost 10 ms.
    import idna

    # It would take these for the dot of a domain, too (RFC 3490 3.1; RFC 5891 knows the dot alone).
    if any(dot in domain for dot in "\u3002\uff0e\uff61"):
        return None
    # Without the mapping of UTS 46: it would turn look-alikes (U+212A KELVIN SIGN again) into plain letters.
    try:
        return idna.encode(ascii_lower(domain)).decode("ascii")
    except idna.IDNAError:
        return None
