"""The lines by which a person knows a voicemail: its subject, and a transcript that was given or is missing."""

from collections.abc import Mapping
from typing import Any

from inboxd.gist import gist
from inboxd.intake.envelope import NOTHING_SAID, Envelope
from transcribe.errors import AudioUnreadable
from transcribe.kinds import Kind, recognise

# How an account was found, for who reads the line; staff who settled it need not be told.
_BY = {"caller-id": "by caller ID", "spoken-account": "by caller ID and what was said"}


def subject(
    caller: str | None,
    account: dict[str, Any] | None,
    *,
    by: str | None,
    words: str | None = None,
    duration: float | None = None,
) -> str:
    """Return the summary line: `Voicemail, 0:42, +1 555 0100 (Acme Widgets, by caller ID): fax server is down …`.

    `caller` is a number, `anonymous`, or None where nobody knows one; `by` how the account was found (`identity.by`).
    """
    parts = ["Voicemail"]
    if duration:
        whole = max(1, int(duration))
        parts.append(f"{whole // 60}:{whole % 60:02}")
    parts.append({None: "number unknown", "anonymous": "number withheld"}.get(caller) or readable(str(caller)))
    line = ", ".join(parts)
    if account is not None:
        found = [str(account["name"]), *([_BY[by]] if by in _BY else [])]
        line += f" ({', '.join(found)})"
    return line + _begun(words)


def of_entry(
    envelope: Envelope, transcript: Mapping[str, Any] | None, account: dict[str, Any] | None, *, by: str | None
) -> str:
    """Return the summary line of a call with what is known of its words by now."""
    heard = transcript or {}
    words = heard.get("text") or envelope.silent or heard.get("note")
    duration = heard.get("duration") or envelope.seconds
    return subject(envelope.caller, account, by=by, words=words, duration=duration)


def corrected(line: str, heard: Mapping[str, Any], words: str) -> str:
    """Return the summary line with a person's words where those of a transcript stood, if they still do."""
    was = _begun(heard.get("text") or heard.get("note"))
    return line.removesuffix(was) + _begun(words) if line.endswith(was) else line


def _begun(words: str | None) -> str:
    wanted = gist(words or "")
    return f": {wanted}" if wanted else ""


def readable(number: str) -> str:
    """Write a number of +1 in groups, as people do; any other as it is."""
    bare = number.removeprefix("+1")
    if bare == number or not bare.isdigit() or len(bare) not in (7, 10):
        return number
    groups = (bare[:3], bare[3:]) if len(bare) == 7 else (bare[:3], bare[3:6], bare[6:])
    return " ".join(("+1", *groups))


def given(words: str) -> dict[str, Any]:
    """Return the transcript of words that somebody else wrote down: no recogniser ran."""
    return {"text": words.strip(), "engine": "given", "confidence": None, "words": [], "duration": None, "note": None}


def without_hearing(envelope: Envelope) -> dict[str, Any] | None:
    """Return the transcript of a call for which no recogniser runs; None where one does."""
    if envelope.silent == NOTHING_SAID:
        return {**given(""), "note": f"The caller {envelope.silent}."}
    if envelope.silent is not None:
        return unheard(f"There is no sound: {envelope.silent}.")
    return None if envelope.transcript is None else given(envelope.transcript)


def unheard(reason: str) -> dict[str, Any]:
    """Return the transcript of a recording that no recogniser could read, with the reason."""
    return {"text": "", "engine": None, "confidence": None, "words": [], "duration": None, "note": reason}


# What each kind of recording is called outside (RFC 3003, RFC 5334, RFC 9639); the bytes decide, not a sender's word.
_TYPES: dict[Kind, str] = {
    "WAV": "audio/wav",
    "MP3": "audio/mpeg",
    "OGG": "audio/ogg",
    "FLAC": "audio/flac",
    "AU": "audio/basic",
    "AMR": "audio/AMR",
    "M4A": "audio/mp4",
    "WebM": "audio/webm",
    "WMA": "audio/x-ms-wma",
    "AAC": "audio/aac",
    "Speex": "audio/ogg",
}


def recording(intake_id: str, head: bytes) -> tuple[str, str]:
    """Return file name and media type of a recording by its first bytes; bytes that are no sound have no ending."""
    try:
        kind = recognise(head, with_av=True)
    except AudioUnreadable:
        return f"voicemail-{intake_id}", "application/octet-stream"
    return f"voicemail-{intake_id}.{kind.lower()}", _TYPES[kind]
