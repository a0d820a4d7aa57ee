"""The resolver of this process: dnspython behind limits, with the cache and a rest for name servers that are away."""

import re
import threading
import time
from collections.abc import Sequence
from typing import Any, Final

import dns.exception
import dns.message
import dns.name
import dns.nameserver
import dns.resolver

from inboxd.resolver.answer import Answer, Kind
from inboxd.resolver.cache import Cache

SECONDS_A_QUESTION: Final = 3.0
"""All name servers and repeats of one question together."""
SECONDS_A_TRY: Final = 1.5

MAX_ANSWER: Final = 16 * 1024
"""Characters of all records of one answer; real ones are under 4,000."""
MAX_RECORDS: Final = 100

# RFC 2308 5: an answer that there is nothing is kept for three hours at most; RFC 8767 4: any answer for a week. A day
# is long enough to be cheap, and short enough that a key that was withdrawn is believed no longer than that.
LONGEST_FOUND: Final = 86_400.0
LONGEST_NONE: Final = 10_800.0
# RFC 2308 7 allows five minutes. Short: the mail that waits for it is looked at again a minute later.
SECONDS_OF_TROUBLE: Final = 5.0

# So many questions in a row without any answer, and the name servers are left alone for a while: while they are away,
# each mail is filed at once instead of after all its time-outs.
SILENCES_BEFORE_REST: Final = 5
SECONDS_OF_REST: Final = 10.0

_LABEL: Final = re.compile(r"[!-\-/-~]{1,63}")  # RFC 2181 11: any octet; here printable ASCII without the dot
_TROUBLE: Final = "the name servers gave no usable answer"


class Resolver:
    """Asks the given name servers (host and port), or those of this machine. Safe from any thread; never raises."""

    def __init__(self, nameservers: Sequence[tuple[str, int]] = (), *, cache: Cache | None = None) -> None:
        self._cache = cache or Cache()
        self._nameservers = tuple(nameservers)
        self._resolver: dns.resolver.Resolver | None = None
        self._building = threading.Lock()
        self._silences = 0
        self._rests_until = 0.0

    def ask(self, name: str, kind: Kind, *, seconds: float = SECONDS_A_QUESTION) -> Answer:
        """Return the answer to one question, within `seconds` and `SECONDS_A_QUESTION`, whichever is less."""
        name = name.lower().removesuffix(".")
        labels = name.split(".")
        # RFC 1035 2.3.4: labels of 63 octets, names of 255 with their lengths.
        if not all(_LABEL.fullmatch(label) for label in labels) or len(name) > 253:
            return Answer(outcome="none", reason="there can be no such name")
        if (known := self._cache.get((name, kind))) is not None:
            return known
        if time.monotonic() < self._rests_until:
            return Answer(outcome="temperror", reason="the name servers do not answer")
        answer, keep = self._look_up(dns.name.Name([*(label.encode("ascii") for label in labels), b""]), kind, seconds)
        self._cache.put((name, kind), answer, keep)
        return answer

    def _look_up(self, name: dns.name.Name, kind: Kind, seconds: float) -> tuple[Answer, float]:
        """Ask, and return the answer with the seconds it may be kept."""
        try:
            found = self._machinery().resolve(
                name, kind, search=False, raise_on_no_answer=False, lifetime=min(seconds, SECONDS_A_QUESTION)
            )
        except dns.resolver.NXDOMAIN as error:
            self._heard()
            return Answer(outcome="none"), min(_seconds_of_nothing(error, name), LONGEST_NONE)
        except dns.exception.Timeout:
            self._silence()
            return Answer(outcome="temperror", reason="the name servers did not answer in time"), SECONDS_OF_TROUBLE
        except dns.resolver.NoNameservers as error:
            self._heard()
            return _trouble(error), SECONDS_OF_TROUBLE
        except (dns.resolver.NoResolverConfiguration, OSError) as error:
            return Answer(outcome="temperror", reason=f"no name server can be asked: {error}"), SECONDS_OF_TROUBLE
        except dns.exception.DNSException as error:
            # What is left is about the answer itself: too long a chain of CNAMEs, a name that cannot be.
            self._heard()
            return Answer(outcome="permerror", reason=f"the records cannot be followed ({type(error).__name__})"), 60.0
        self._heard()
        if found.rrset is None:
            return Answer(outcome="none"), min(_seconds_left(found), LONGEST_NONE)
        return _read(list(found.rrset), kind), min(_seconds_left(found), LONGEST_FOUND)

    def _machinery(self) -> dns.resolver.Resolver:
        # Made at the first question: a machine without name servers runs all the same, and learns of them later.
        with self._building:
            if self._resolver is None:
                resolver = dns.resolver.Resolver(configure=not self._nameservers)
                if self._nameservers:
                    resolver.nameservers = [
                        dns.nameserver.Do53Nameserver(address, port) for address, port in self._nameservers
                    ]
                resolver.timeout = SECONDS_A_TRY
                resolver.cache = None
                # The size that survives the way (DNS flag day 2020); what is larger comes by TCP.
                resolver.use_edns(0, 0, 1232)
                self._resolver = resolver
            return self._resolver

    def _silence(self) -> None:
        self._silences += 1
        if self._silences >= SILENCES_BEFORE_REST:
            self._rests_until = time.monotonic() + SECONDS_OF_REST

    def _heard(self) -> None:
        self._silences = 0


def _seconds_of_nothing(error: Any, name: dns.name.Name) -> float:
    return float(error.response(name).resolve_chaining().minimum_ttl)


def _seconds_left(found: dns.resolver.Answer) -> float:
    return max(0.0, float(found.chaining_result.minimum_ttl))


def _trouble(error: Any) -> Answer:
    said = [what for _, _, _, what, _ in error.kwargs.get("errors", ())]
    if any(isinstance(what, dns.message.ChainTooLong) for what in said):
        # The same tomorrow: names that lead to each other are somebody's records, not somebody's outage.
        return Answer(outcome="permerror", reason="the name leads to other names without end")
    codes = ", ".join(sorted({what for what in said if isinstance(what, str)}))[:80]
    return Answer(outcome="temperror", reason=f"{_TROUBLE} ({codes})" if codes else _TROUBLE)


def _read(records: list[Any], kind: Kind) -> Answer:
    if len(records) > MAX_RECORDS:
        return Answer(outcome="permerror", reason=f"there are {len(records)} records, more than anybody needs")
    if kind == "MX":
        records = sorted(records, key=lambda record: int(record.preference))
    texts = tuple(_text(record, kind) for record in records)
    if sum(map(len, texts)) > MAX_ANSWER:
        return Answer(outcome="permerror", reason="the records are longer than any that are of use")
    return Answer(outcome="found", records=texts)


def _text(record: Any, kind: Kind) -> str:
    match kind:
        case "TXT":
            # RFC 7208 3.3 and RFC 6376 3.6.2.2: the strings of one record are joined without a space.
            return b"".join(record.strings).decode("latin-1")
        case "A" | "AAAA":
            return str(record.address)
        case "MX":
            return _host(record.exchange)
        case "PTR":
            return _host(record.target)


def _host(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower()
