"""The caller's number as phone systems write it: a number in E.164, withheld, or something that is no number.

What a caller ID says is a claim. It says who it seems to be and proves nothing; `notes` puts into sentences what the
network, the forwarding and the numbers themselves tell about it, for the people who read the ticket.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from inboxd import phone_numbers

# Phone systems write these words, or key them as numbers (ANONYMOUS is 266696687): checked before anything else, since
# some of the numbers look like real ones.
_WITHHELD: Final = ("anonymous", "restricted", "blocked", "unknown", "unavailable", "private", "withheld")
# In the languages that phone systems are set to; never keyed.
_WITHHELD_WORDS: Final = frozenset(
    {
        *_WITHHELD, "hidden", "nocallerid", "noid", "outofarea", "unidentified", "unidentifiedcaller", "unlisted",
        "anonym", "unbekannt", "unterdrückt", "anonyme", "inconnu", "masqué", "privé", "anonimo", "anónimo",
        "desconocido", "oculto", "privado", "sconosciuto", "privato", "anoniem", "onbekend", "afgeschermd",
        "desconhecido", "okänt", "ukendt", "ukjent", "verborgen", "geheim", "nascosto", "skjult", "dolt",
        "unterdrückte",
    }
)  # fmt: skip
# "Private Number", "Numéro masqué", "Restricted Caller".
_NUMBER: Final = r"(?:number|caller|call|name|id|(?:ruf)?nummer|n[uú]m[eé]ro)?"
_AROUND_WITHHELD: Final = re.compile(rf"{_NUMBER}(?P<word>.+?){_NUMBER}")
_KEYS: Final = str.maketrans("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999")
_KEYED: Final = frozenset(word.translate(_KEYS) for word in _WITHHELD)
_E164: Final = re.compile(r"\+[1-9][0-9]{2,14}")
_JUNK: Final = re.compile(r"[\s().\-/]")
# The 0 that is dialled within a country only: "+44 (0)20 7946 0000".
_TRUNK: Final = re.compile(r"(?<=^\+)(\d{1,3}\s*)\(0\)")
_VERDICT: Final = re.compile(r"TN-Validation-(Passed|Failed)(?:-([ABC]))?(?:-(Diverted|Passthrough))?")
# ATIS-1000074 5.2.3: what the originating carrier attests.
_ATTESTS: Final = {
    "A": "the carrier knows the caller and their right to the number",
    "B": "the carrier knows the caller, not their right to the number",
    "C": "the carrier knows neither the caller nor the number",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerId:
    """`number` in E.164; `withheld`: the caller shows none; both empty: what stands there is no number."""

    number: str | None = None
    withheld: bool = False

    @property
    def shown(self) -> str | None:
        """As an envelope has it: the number, `anonymous`, or None."""
        return "anonymous" if self.withheld else self.number


def read(text: str | None) -> CallerId:
    """Read what a phone system gives as the caller."""
    bare = _JUNK.sub("", _TRUNK.sub(r"\1", (text or "").strip())).lower()
    if bare.startswith("tel:"):
        bare = bare.removeprefix("tel:")
    if (
        not bare
        or bare in _WITHHELD_WORDS
        or ((found := _AROUND_WITHHELD.fullmatch(bare)) is not None and found["word"] in _WITHHELD_WORDS)
        or any(word in bare for word in ("anonymous", "withheld", "unknowncaller", "unidentifiedcaller"))
    ):
        return CallerId(withheld=True)
    digits = bare.removeprefix("+")
    if digits in _KEYED or digits.removeprefix("1") in _KEYED:
        return CallerId(withheld=True)
    if bare.startswith("00"):
        bare = f"+{bare[2:]}"
    return CallerId(number=bare if _E164.fullmatch(bare) else None)


def near(text: str | None, line: str | None) -> CallerId:
    """Read a number as a PBX writes it, which leaves out what is the same for both ends; `line` is the one called."""
    found = read(text)
    if found.withheld or found.number is not None:
        return found
    return CallerId(number=phone_numbers.e164(text or "", near=line))


def notes(
    caller: CallerId,
    *,
    as_written: str,
    attestation: str | None = None,
    forwarded_from: str | None = None,
    caller_name: str | None = None,
    own_numbers: Collection[str] = (),
) -> Iterator[str]:
    """Say what is known of a caller ID, a sentence each."""
    if caller.number is None and not caller.withheld:
        yield f'The caller ID "{as_written[:80]}" is no number.'
    if caller.number is not None and caller.number in own_numbers:
        yield f"The caller ID {caller.number} is one of the desk's own lines: it may well be forged."
    if attestation and (sentence := _attested(attestation)):
        yield sentence
    if forwarded_from:
        yield f"The call was forwarded from {forwarded_from[:40]}."
    if caller_name:
        yield f'The network gives the name "{caller_name[:80]}" with the number, which nobody has checked.'


def _attested(verdict: str) -> str | None:
    found = _VERDICT.fullmatch(verdict)
    if found is None:
        return None
    passed, level, how = found.groups()
    if passed == "Failed":
        return f"The network doubts the caller ID ({verdict}): it may well be forged."
    said = _ATTESTS.get(level or "", "nothing is said of the caller")
    also = " The call was passed on on its way." if how else ""
    return f"The network vouches for the caller ID ({verdict}): {said}.{also}"
