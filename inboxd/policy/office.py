"""What the desk writes with: templates, names and addresses of its own, and the people who take notices."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from inboxd import addresses, desk_address, reply_token
from inboxd.message import Message
from inboxd.settings import Settings, StaffMember, Voice, VoicemailMail
from inboxd.templates import LANGUAGE, Templates
from inboxd.templates import load as load_templates

_NOBODYS = Voice()
_MARK = "[#{reference}]"


@cache
def _shipped() -> Templates:
    return load_templates(None, LANGUAGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """The desk as it writes; `settings` None: a desk without addresses or people, as a test may have it."""

    templates: Templates = field(default_factory=_shipped)
    settings: Settings | None = None

    @property
    def own_addresses(self) -> tuple[str, ...]:
        """Every address of the desk."""
        if self.settings is None:
            return ()
        outgoing = self.settings.outgoing
        sends_as = (outgoing.from_address,) if outgoing is not None and outgoing.from_address else ()
        queues = (voice.address for voice in self.settings.templates.queues.values() if voice.address)
        return tuple(dict.fromkeys((*desk_address.of_desk(self.settings), *sends_as, *queues)))

    def is_own(self, address: str) -> bool:
        """Whether an address is the desk's own, also one that names a ticket."""
        return addresses.key(reply_token.desk_of(address)) in map(addresses.key, self.own_addresses)

    def marked(self, ref: str) -> str:
        """Return a reference as this desk writes it in subjects."""
        mark = _MARK if self.settings is None else self.settings.templates.reference
        return mark.replace("{reference}", ref)

    @property
    def undo_seconds(self) -> int:
        """For how long what people write waits, so that it can be taken back."""
        outgoing = self.settings.outgoing if self.settings is not None else None
        return 0 if outgoing is None else outgoing.undo_seconds

    @property
    def most_an_hour(self) -> int | None:
        """How many automatic mails go out in an hour before something must be wrong. None: nothing goes out."""
        outgoing = self.settings.outgoing if self.settings is not None else None
        return None if outgoing is None else outgoing.most_an_hour

    @property
    def phone_systems(self) -> tuple[VoicemailMail, ...]:
        """Who sends voicemails by mail."""
        return () if self.settings is None else self.settings.voicemail_mail

    def from_address(self, source: str, queue: str | None = None) -> str | None:
        """Return the address to write from about a ticket that came to `source` and waits in `queue`.

        A queue with an address of its own writes from that. None: the desk has none.
        """
        if self.settings is None:
            return None
        own = self.voice(queue).address
        if own is not None:
            return own
        # A file that was handed in by command says itself which address it was written to.
        given = source if addresses.problem(source, dotless=True) is None else None
        return desk_address.of(self.settings, source) or given

    def reply_to(self, from_address: str, ref: str, key: bytes) -> str | None:
        """Return the address that answers about a ticket shall go to, where it is another than From."""
        return None if self.settings is None else desk_address.with_token(self.settings, from_address, ref, key)

    def is_staff(self, address: str | None) -> bool:
        """Whether an address is that of somebody of the desk's staff."""
        return address is not None and self.staff_member(address) is not None

    def staff_member(self, address: str) -> StaffMember | None:
        """Return who of the staff has this address, None for nobody."""
        wanted = addresses.key(address)
        people = self.settings.staff if self.settings is not None else ()
        return next((each for each in people if wanted in map(addresses.key, each.addresses)), None)

    def staff_named(self, name: str) -> StaffMember | None:
        """Return who of the staff has this name, None for nobody."""
        people = self.settings.staff if self.settings is not None else ()
        return next((each for each in people if each.name == name), None)

    def calls_spam(self, message: Message) -> bool:
        """Whether the filter that the configuration names calls a mail spam."""
        named = self.settings.authentication.trusted_filter if self.settings is not None else None
        return named is not None and dict(message.claims.filters).get(named, False)

    def voice(self, queue: str | None) -> Voice:
        """Return in whose name a queue writes."""
        if self.settings is None:
            return _NOBODYS
        templates = self.settings.templates
        return templates.queues.get(queue or "", templates.voice)

    def staff_of(self, queue: str | None) -> Iterator[StaffMember]:
        """Give who takes notices of a queue; of no queue, everybody who takes any."""
        for member in self.settings.staff if self.settings is not None else ():
            if member.notify and member.addresses and (queue is None or queue in member.queues):
                yield member
