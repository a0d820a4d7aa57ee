"""What goes into the check of signatures and what comes out: plain data that travels to a worker process and back."""

from dataclasses import dataclass
from typing import ClassVar, Final, Literal

from inboxd.message.claims import MethodResult

_STRICT = {"extra": "forbid", "strict": True}

Checked = Literal["pass", "policy", "fail", "permerror", "temperror"]
"""RFC 8601 2.7.1: `policy` is a signature that holds and that is not good enough for proof."""


LOCATING: Final = ("to", "cc", "in-reply-to", "references")
"""Fields by which a mail names its ticket and its readers, and that not every proof covers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to check a message against.

    `keys` are TXT records by the name they stand under; a name with None could not be asked. `received_at` in seconds
    since 1970. `author` is the one strict author; `ours` are the desk's addresses, `sealers` the domains whose ARC
    seals are trusted; all in the form of `addresses.key`.
    """

    __pydantic_config__: ClassVar = _STRICT

    keys: dict[str, tuple[str, ...] | None]
    received_at: int
    author: str
    ours: tuple[str, ...]
    sealers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One DKIM signature. `reason` says in a sentence why it is not `pass`; `domain` is None where it is unreadable.

    `leaves_open` are those of LOCATING that stand in the mail and that it does not cover, or not all of.
    """

    __pydantic_config__: ClassVar = _STRICT

    domain: str | None
    key_name: str | None
    result: Checked
    reason: str | None = None
    leaves_open: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether the signature itself is valid, good enough for proof or not."""
        return self.result in ("pass", "policy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The ARC chain. `passed_on` is what each trusted sealer said it had found, the newest first.

    `result` is None where the newest seal is not by a sealer that is trusted: then nothing was checked. `leaves_open`
    as of a signature.
    """

    __pydantic_config__: ClassVar = _STRICT

    result: Literal["pass", "fail", "none", "temperror"] | None
    sealer: str | None = None
    reason: str | None = None
    passed_on: tuple[tuple[MethodResult, ...], ...] = ()
    leaves_open: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the signatures of a message are worth."""

    __pydantic_config__: ClassVar = _STRICT

    signatures: tuple[Signature, ...]
    chain: Chain
