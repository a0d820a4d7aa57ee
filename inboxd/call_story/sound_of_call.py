"""The recording of a call: the bytes that came in, or an attachment of the mail that brought it."""

import hashlib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from inboxd import summary
from inboxd.intake.bytes_of_intake import bytes_of
from inboxd.intake.envelope import Envelope
from inboxd.worker_process import Extract
from store.intake import Intake
from transcribe.kinds import HEAD_BYTES

if TYPE_CHECKING:
    from store.open import Store


def head(store: "Store", intake: Intake, envelope: Envelope, extract: Extract) -> bytes:
    """Return the first bytes: enough to say what kind it is."""
    if envelope.sound is not None:
        with (
            TemporaryDirectory(prefix="inboxd-") as folder,
            path(store, intake, envelope, extract, Path(folder)).open("rb") as file,
        ):
            return file.read(HEAD_BYTES)
    if intake.raw is not None:
        return intake.raw[:HEAD_BYTES]
    assert intake.blob is not None
    with store.blobs.open(intake.blob) as file:
        return file.read(HEAD_BYTES)


def path(store: "Store", intake: Intake, envelope: Envelope, extract: Extract, folder: Path) -> Path:
    """Return it as a file: the recogniser's child reads paths, and libsndfile wants them, too."""
    if envelope.sound is None and intake.blob is not None:
        return store.blobs.path_or_copy(intake.blob, folder)
    there = folder / "recording"
    if envelope.sound is None:
        assert intake.raw is not None
        there.write_bytes(intake.raw)
    else:
        with bytes_of(store, intake) as mail:
            there.write_bytes(extract(mail, int(envelope.sound["index"])))
    return there


def attachment(intake: Intake, envelope: Envelope, head: bytes) -> dict[str, Any]:
    """Return what an entry says of it; its name and type are told by its own bytes, not by who sent it."""
    name, media_type = summary.recording(intake.id, head)
    sound = envelope.sound
    return {
        "filename": name,
        "content_type": media_type,
        "size": intake.size if sound is None else sound["size"],
        "sha256": intake.sha256 if sound is None else sound["sha256"],
        "inline": False,
        "content_id": None,
        "dangerous": False,
    }


def fingerprint(intake: Intake, envelope: Envelope) -> str:
    """Return what makes two recordings the same one: the provider's id, else bytes, caller, line and received time.

    Of two hang-ups, or silences, in one second all but the id is the same where the callers withhold their numbers.
    """
    sid = envelope.recording_sid or envelope.call_sid
    if sid is not None:  # (A call that stood without its sound, and the sound, are two.)
        return hashlib.sha256(f"{sid}\n{intake.sha256}".encode()).hexdigest()
    digest = intake.sha256 if envelope.sound is None else envelope.sound["sha256"]
    parts = (digest, envelope.caller or "", envelope.called or "", str(intake.received_at))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
