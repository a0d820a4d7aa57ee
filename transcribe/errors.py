"""The ways in which a recording yields no transcript."""

from __future__ import annotations


class TranscribeError(Exception):
    """Root of this package's errors; `reason` is one sentence without a full stop, fit for a ticket."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class AudioUnreadable(TranscribeError):
    """The bytes are not sound that can be read here; the same bytes will never be."""


class EngineUnavailable(TranscribeError):
    """The engine or its model is not on this machine: a matter for who runs it, not for the recording."""


class TranscriptionFailed(TranscribeError):
    """No transcript came of it.

    `permanent` is True when the recording itself is the cause, so that trying again is of no use; a crash, a
    timeout or a missing engine is not permanent. `detail` holds what the child process said on its way out,
    printable, for the log and never for a ticket.
    """

    def __init__(self, reason: str, *, permanent: bool, detail: str = "") -> None:
        super().__init__(reason)
        self.permanent = permanent
        self.detail = detail


class TranscriptionCancelled(TranscriptionFailed):
    """The caller asked to stop; nothing is wrong with the recording."""

    def __init__(self) -> None:
        super().__init__("transcription was cancelled", permanent=False)
