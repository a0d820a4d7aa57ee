"""What lies at a path that was given on the command line: read with a bound, told apart by its first bytes."""

import os
import stat
from pathlib import Path
from typing import Literal

from inboxd.control.wire import MAX_PAYLOAD
from inboxd.errors import InboxdError

_AUDIO = (b"OggS", b"fLaC", b".snd", b"#!AMR", b"caff", b"\x1aE\xdf\xa3")
_CONTAINERS = (b"RIFF", b"RF64", b"FORM")
_SOUND_IN_CONTAINERS = (b"WAVE", b"AIFF", b"AIFC")
_MAILDIR = ("cur", "new", "tmp")

Kind = Literal["mail", "voicemail", "mbox", "maildir", "folder"]


def kind(path: Path, *, call: bool = False) -> Kind:
    """Say what is at `path` by its content. Raises InboxdError where it cannot be read.

    `call`: a caller or a line was named with it. Then a single file is the recording of that call, however little of
    it there is: an empty one taken for a mail would lose the call, and the next empty one would be its duplicate.
    """
    try:
        if stat.S_ISDIR(path.stat().st_mode):
            return "maildir" if all((path / name).is_dir() for name in _MAILDIR) else "folder"
        with path.open("rb") as file:
            return "voicemail" if call else kind_of(file.read(16))
    except OSError as error:
        raise unreadable(error) from error


def kind_of(head: bytes) -> Literal["mail", "voicemail", "mbox"]:
    """Tell by the first 16 bytes: audio by its magic, an mbox by its From line, everything else is a mail."""
    contained = head[:4] in _CONTAINERS and head[8:12] in _SOUND_IN_CONTAINERS
    if contained or head.startswith(_AUDIO) or head[4:8] == b"ftyp" or _is_mp3(head):
        return "voicemail"
    return "mbox" if head.startswith(b"From ") else "mail"


def _is_mp3(head: bytes) -> bool:
    """An ID3 tag, or an MPEG frame: eleven bits set, and not layer 00, which is reserved (FF FE opens UTF-16)."""
    if head[:3] == b"ID3":
        return head[3:4] < b"\x10"
    return len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[1] & 0x06 != 0 and head[1] != 0xFE


def read(path: Path) -> bytes:
    """Return what is at `path`, up to the size that can be handed over. Raises InboxdError."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_PAYLOAD + 1)
    except OSError as error:
        raise unreadable(error) from error
    if len(data) > MAX_PAYLOAD:
        raise InboxdError(f"larger than {MAX_PAYLOAD // (1024 * 1024)} MiB")
    return data


def unreadable(error: OSError) -> InboxdError:
    """Say in one sentence why a path cannot be read; the path itself stands beside it."""
    return InboxdError(f"cannot be read: {os.strerror(error.errno) if error.errno else error}")
