"""What a channel knows of a message that its bytes do not say, and the door it hands both to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol, Self

# What is said of a call (`Envelope.silent`) where nobody spoke; anything else there says why the sound is not at hand.
NOTHING_SAID: Final = "called, left no message"


_LISTS = ("rcpt_tos", "notes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """The envelope of a mail (RFC 5321) or of a voicemail; stands as JSON in the intake row.

    `mail_from` is "" for the null sender (RFC 5321 4.5.5) and None where nobody said it. `caller` and `called` are
    E.164 numbers or `anonymous`; `transcript` holds words that are known already, so that no recogniser runs.
    `folder`, `uidvalidity` and `uid` say where a pulled mail lies in its `mailbox`; `whole_size` (bytes) is there where
    only its beginning was fetched.
    `history` says that it is old mail: filed quietly under its own date (see `old_mail`).
    Of a call: `way` is how its recording came, `ref` the reference that the caller was told, `seconds` how long it is
    as the phone system says, `notes` what else is known of it, a sentence each; `silent` says why there is no sound;
    `sound` which attachment of a mail it is (`index`), with what `Attachment` says of it.
    """

    mail_from: str | None = None
    rcpt_tos: tuple[str, ...] = ()
    client_ip: str | None = None
    client_port: int | None = None
    helo: str | None = None
    tls: str | None = None
    mailbox: str | None = None
    folder: str | None = None
    uidvalidity: int | None = None
    uid: int | None = None
    whole_size: int | None = None
    caller: str | None = None
    called: str | None = None
    transcript: str | None = None
    history: bool = False
    way: Literal["provider", "pbx"] | None = None
    call_sid: str | None = None
    recording_sid: str | None = None
    ref: str | None = None
    seconds: int | None = None
    notes: tuple[str, ...] = ()
    silent: str | None = None
    sound: Mapping[str, Any] | None = None

    def plain(self) -> dict[str, Any]:
        """Return what is known, as JSON has it: a row for each mail of a desk need not say what was not said."""
        said = {name: getattr(self, name) for name in self.__slots__}
        lists = {name: list(said.pop(name)) for name in _LISTS}
        known = {**said, **{name: value or None for name, value in lists.items()}}
        return {name: value for name, value in known.items() if value is not None and value is not False}

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Self:
        """Make it from what `plain` gave."""
        return cls(**{**plain, **{name: tuple(plain.get(name) or ()) for name in _LISTS}})


class Spool(Protocol):
    """A body under way: in memory while it is small, in a file of the blob store above that."""

    @property
    def size(self) -> int:
        """Bytes written up to now."""

    def write(self, chunk: bytes) -> None:
        """Take the next bytes. OSError when they cannot be kept (a full disk)."""

    def discard(self) -> None:
        """Give up what was written. Harmless after `accept` and when called twice."""


class Acceptor(Protocol):
    """The one door of everything that comes in."""

    def spool(self) -> Spool:
        """Start a body. Raises Deferred when there is no room for one."""

    async def accept(self, envelope: Envelope, spool: Spool) -> str:
        """Commit body, envelope and job; return the queue id. Raises Deferred: nothing was kept, come again."""
