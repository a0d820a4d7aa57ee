"""A phone system's mail that becomes a call: whose word is taken for it, and what is then known of the call.

Any mail can claim to be a voicemail. Only one from a configured sender, handed in by one of its machines or proven by
DKIM or SPF, is taken for one; what else looks like it stays a mail with sound attached. Its From is never an author.
"""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from inboxd import caller_id
from inboxd.authentication import Findings
from inboxd.intake.door import milliseconds
from inboxd.intake.envelope import Envelope
from inboxd.message import Message
from inboxd.message.message import Voicemail
from inboxd.message.voicemail import of_fields, seen, sound_of
from inboxd.settings import VoicemailMail
from inboxd.yaml_files import read_form

if TYPE_CHECKING:
    from inboxd.message.voicemail_patterns import System


UNREAD: Final = "unread"


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A voicemail as the pipeline takes it on. `received_at` in milliseconds: when the call began."""

    envelope: Envelope
    received_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneSystems:
    """The configured phone systems; `patterns` are those of their own files."""

    systems: tuple[VoicemailMail, ...] = ()
    patterns: "Mapping[Path, tuple[System, ...]]"

    def take(self, message: Message, envelope: Mapping[str, Any], findings: Findings, received_at: int) -> Left | None:
        """Give the call that a mail brings; None where it is a mail like any other."""
        index = sound_of(message.attachments)
        if index is None or message.unreadable is not None:
            return None
        sent = (each for each in self.systems if each.is_from(message.author.address))
        system = next((each for each in sent if _is_trusted(each, envelope, findings)), None)
        if system is None:
            return None
        said = self._own(system, message) or message.voicemail or _unread(system)
        return None if said is None else _left(system, message, said, index, received_at)

    def _own(self, system: VoicemailMail, message: Message) -> Voicemail | None:
        if system.patterns is None:
            return None
        from inboxd.message.voicemail_patterns import read as read_patterns

        mail = seen(message.machine_fields, message.subject, message.text, message.from_addr)
        found = read_patterns(mail, self.patterns[system.patterns])
        own = None if found is None else of_fields(*found, message.date)
        return own if own is None or message.voicemail is None else _filled(own, message.voicemail)


def systems(configured: tuple[VoicemailMail, ...]) -> PhoneSystems:
    """Read the patterns of the configured phone systems. Raises ConfigurationWrong."""
    if not configured:
        return PhoneSystems(patterns={})
    files = {each.patterns for each in configured if each.patterns is not None}
    return PhoneSystems(systems=configured, patterns={path: _patterns(path) for path in files})


def _patterns(path: Path) -> "tuple[System, ...]":
    from inboxd.message.voicemail_patterns import SystemsFile
    from inboxd.message.voicemail_patterns import systems as compiled

    form, _ = read_form(SystemsFile, path, "voicemail patterns", lambda _: ())
    return compiled(form)


def _is_trusted(system: VoicemailMail, envelope: Mapping[str, Any], findings: Findings) -> bool:
    if not system.networks:
        return findings.proof is not None
    try:
        client = ipaddress.ip_address(str(envelope.get("client_ip") or ""))
    except ValueError:
        return False
    return any(client in network for network in system.networks if network.version == client.version)


def _filled(own: Voicemail, shipped: Voicemail) -> Voicemail:
    """Fill what the desk's own patterns leave open with what the shipped ones read."""
    gaps = {each.name: getattr(shipped, each.name) for each in fields(own) if getattr(own, each.name) is None}
    return replace(own, **gaps)


def _unread(system: VoicemailMail) -> Voicemail | None:
    """What is known of a call whose mail nothing could be read from: it is none the less one, and nobody's letter."""
    if not system.is_one_address:
        return None
    return Voicemail(caller=None, called=None, mailbox=None, duration=None, received_at=None, system=UNREAD)


def _left(system: VoicemailMail, message: Message, said: Voicemail, index: int, received_at: int) -> Left:
    called = caller_id.near(said.called_as_written, system.line).number if said.called_as_written else None
    line = system.lines.get(said.mailbox or "", called or system.line)
    caller = caller_id.near(said.caller_as_written, line)
    sound = message.attachments[index]
    # The mail goes out when the call is over, and comes later than that, whatever the phone system's clock says.
    ended = received_at if message.date is None else min(milliseconds(message.date), received_at)
    began = ended - 1000 * (said.duration or 0)
    soon = 24 * 3600 * 1000
    at = began if abs(began - received_at) < soon else received_at
    return Left(
        received_at=at,
        envelope=Envelope(
            way="pbx",
            caller=caller.shown,
            called=line,
            seconds=said.duration,
            notes=tuple(_notes(said, caller)),
            sound={"index": index, **asdict(sound)},
        ),
    )


def _notes(said: Voicemail, caller: caller_id.CallerId) -> Sequence[str]:
    if said.system == UNREAD:
        return [
            "The voicemail came by mail from the phone system, and nothing in the mail is written as inboxd knows it."
        ]
    box = f", mailbox {said.mailbox}" if said.mailbox else ""
    found = [f"The voicemail came by mail from the phone system ({said.system}{box})."]
    found += caller_id.notes(caller, as_written=said.caller_as_written or "", caller_name=said.name)
    return found
