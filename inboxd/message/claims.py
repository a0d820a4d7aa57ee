"""What the header claims of proof: signatures, seals, the ways it came, what others found. Claims, nothing is believed.

Read where the message is read, so that the rest of the program works on plain data of bounded size.
"""

import re
from dataclasses import dataclass
from typing import ClassVar, Final

from inboxd import filter_verdicts
from inboxd.message import structure, tags
from inboxd.message.headers import Field, Headers

_STRICT = {"extra": "forbid", "strict": True}

MAX_SIGNATURES: Final = 10
MAX_SEALS: Final = 10
MAX_HOPS: Final = 50
MAX_RESULTS: Final = 20
MAX_CLAIM_BYTES: Final = 8 * 1024
"""One signature; a longer one has a list of fields that no honest program signs."""

_BLANKS: Final = re.compile(rb"[ \t\r\n]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Who says to have signed, and under which name in the DNS the key stands; both in lower case."""

    __pydantic_config__: ClassVar = _STRICT

    domain: str
    selector: str

    @property
    def key_name(self) -> str:
        """RFC 6376 3.6.2.1."""
        return f"{self.selector}._domainkey.{self.domain}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """A Received field (RFC 5321 4.4): which host wrote it (`by`), from which address, and what that called itself."""

    __pydantic_config__: ClassVar = _STRICT

    by: str | None
    client_ip: str | None
    helo: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodResult:
    """One result in an Authentication-Results field: method and word in lower case, properties as `header.d`."""

    __pydantic_config__: ClassVar = _STRICT

    method: str
    result: str
    properties: tuple[tuple[str, str], ...]

    def get(self, name: str) -> str | None:
        """Return a property; None where it is not there or there twice."""
        found = [value for key, value in self.properties if key == name]
        return found[0] if len(found) == 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """An Authentication-Results field (RFC 8601). `hops_above` Received fields stand above it.

    `authserv_id` is None where it names none, as Microsoft's do.
    """

    __pydantic_config__: ClassVar = _STRICT

    authserv_id: str | None
    methods: tuple[MethodResult, ...]
    hops_above: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """All that the header says about its own credibility, topmost first.

    `signed`: it has a DKIM-Signature, readable or not. `seals` are the signers of ARC sets (RFC 8617), the newest
    first; `newest_sealer` is whose seal is the last one. `filters` are verdicts on spam by the names of their fields.
    """

    __pydantic_config__: ClassVar = _STRICT

    signed: bool = False
    signers: tuple[Signer, ...] = ()
    seals: tuple[Signer, ...] = ()
    newest_sealer: str | None = None
    hops: tuple[Hop, ...] = ()
    results: tuple[Results, ...] = ()
    filters: tuple[tuple[str, bool], ...] = ()


NONE: Final = Claims()


def read(headers: Headers) -> Claims:
    """Collect the claims of a header block."""
    seals = [(instance, signer) for item in headers.fields if (found := _seal(item)) for instance, signer in [found]]
    newest = max((instance for instance, _ in seals), default=0)
    return Claims(
        signed=headers.first("dkim-signature") is not None,
        signers=_signers(headers),
        seals=tuple(dict.fromkeys(signer for _, signer in sorted(seals, key=_newest_first)))[: 2 * MAX_SEALS],
        newest_sealer=next((signer.domain for instance, signer in seals if instance == newest), None),
        hops=tuple(_hop(value) for value in headers.all("received")[:MAX_HOPS]),
        results=_results(headers),
        filters=filter_verdicts.read(headers.first),
    )


def signature_tags(item: Field) -> dict[str, str]:
    """Return the tags of a signature or seal. ValueError, in a sentence, for what must not be looked at further."""
    if len(item.raw) > MAX_CLAIM_BYTES:
        raise ValueError("it is longer than any honest one")
    if _BLANKS.search(item.raw):
        raise ValueError("it holds long runs of blanks")
    try:
        return tags.parse(item.value.decode("ascii"))
    except UnicodeDecodeError:
        raise ValueError("it holds letters that are not ASCII") from None


def signer_of(found: dict[str, str]) -> Signer:
    """Return who signed by the tags d= and s=. ValueError where one of them is no plain name."""
    domain, selector = found.get("d", ""), found.get("s", "")
    if not tags.DOMAIN.fullmatch(domain):
        raise ValueError("its d= is not a plain domain name")
    if not tags.SELECTOR.fullmatch(selector):
        raise ValueError("its s= is not a plain name")
    return Signer(domain=domain.lower(), selector=selector.lower())


def chosen_signatures(headers: Headers) -> list[Field]:
    """Return the DKIM-Signature fields that are looked at: the first ten, those of the author's domain before others.

    Lists and relays put their own on top; a heap of foreign ones must not hide the author's.
    """
    found = [item for item in headers.fields if item.name == "dkim-signature"]
    if len(found) <= MAX_SIGNATURES:
        return found
    domain = (headers.first("from") or b"").rpartition(b"@")[2].strip(b"> \t").lower()
    return sorted(found, key=lambda item: not _is_of(item, domain))[:MAX_SIGNATURES]


def results_of(value: bytes, hops_above: int) -> Results | None:
    """Read an Authentication-Results value (RFC 8601 2.2); None where it cannot be read beyond doubt."""
    text = structure.without_comments(value)
    if text is None:
        return None
    pieces = structure.split(text, ";")
    head, authserv_id = pieces[0].split(), None
    if len(head) in (1, 2) and "=" not in pieces[0]:
        if head[1:] not in ([], ["1"]):
            return None  # 2.2: of another version, and who knows what it means
        authserv_id = head[0].strip('"').lower()
        pieces = pieces[1:]
    methods = tuple(found for piece in pieces if piece.strip() for found in [_method(piece)] if found is not None)
    return Results(authserv_id=authserv_id, methods=methods, hops_above=hops_above)


def _is_of(item: Field, domain: bytes) -> bool:
    try:
        signed = signature_tags(item).get("d", "").lower().encode()
    except ValueError:
        return False
    return domain == signed or domain.endswith(b"." + signed) or signed.endswith(b"." + domain)


def _signers(headers: Headers) -> tuple[Signer, ...]:
    found: list[Signer] = []
    for item in chosen_signatures(headers):
        try:
            found.append(signer_of(signature_tags(item)))
        except ValueError:
            continue  # said where it is verified: there each signature has its result
    return tuple(dict.fromkeys(found))


def _newest_first(seal: tuple[int, Signer]) -> int:
    return -seal[0]


def _seal(item: Field) -> tuple[int, Signer] | None:
    if item.name not in ("arc-seal", "arc-message-signature"):
        return None
    try:
        found = signature_tags(item)
        instance = found.get("i", "")
        return (int(instance), signer_of(found)) if instance.isdecimal() and len(instance) < 3 else None
    except ValueError:
        return None  # an incomplete chain proves nothing; the chain's own check says so


def _hop(value: bytes) -> Hop:
    clean = structure.without_comments(value)
    by = re.search(r"(?:\A|\s)by\s+([^\s;]{1,255})", clean) if clean is not None else None
    return Hop(by=by[1].lower() if by else None, **structure.sender(value))


def _results(headers: Headers) -> tuple[Results, ...]:
    found: list[Results] = []
    hops = 0
    for item in headers.fields:
        if item.name == "received":
            hops += 1
        elif item.name == "authentication-results" and len(found) < MAX_RESULTS:
            # What cannot be read keeps its place: the one below it must not count in its stead.
            found.append(results_of(item.value, hops) or Results(authserv_id=None, methods=(), hops_above=hops))
    return tuple(found)


def _method(piece: str) -> MethodResult | None:
    found = structure.properties(piece)
    if not found:
        return None
    method, result = found[0]
    return MethodResult(
        method=method.partition("/")[0].lower(),
        result=result.lower(),
        properties=tuple((name.lower(), value) for name, value in found[1:]),
    )
