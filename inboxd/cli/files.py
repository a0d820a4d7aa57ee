"""What lies at a path that was given on the command line: read with a bound, told apart by its first bytes."""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO, Final, Literal

from inboxd.control.wire import MAX_PAYLOAD
from inboxd.errors import InboxdError

HEAD_BYTES: Final = 16

_AUDIO = (b"OggS", b"fLaC", b".snd", b"#!AMR", b"caff", b"\x1aE\xdf\xa3")
_CONTAINERS = (b"RIFF", b"RF64", b"FORM")
_SOUND_IN_CONTAINERS = (b"WAVE", b"AIFF", b"AIFC")
# What is packed is no mail, however it is named: filed as one it would be a ticket that nobody can read.
_PACKED: Final = {
    b"\x1f\x8b": ("gzip", "gunzip"),
    b"BZh": ("bzip2", "bunzip2"),
    b"\xfd7zXZ\x00": ("xz", "unxz"),
    b"\x28\xb5\x2f\xfd": ("Zstandard", "unzstd"),
    b"PK\x03\x04": ("ZIP", "unzip"),
    b"7z\xbc\xaf": ("7-Zip", "7z x"),
}
_IRREGULAR: Final = (
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)

Kind = Literal["mail", "voicemail", "mbox", "maildir", "folder"]


class NotAFile(InboxdError):
    """What is there is a pipe, a socket or a device."""


def kind(path: Path, *, call: bool = False) -> Kind:
    """Say what is at `path` by its content. Raises InboxdError where it cannot be read.

    `call`: a caller or a line was named with it. Then a single file is the recording of that call, however little of
    it there is: an empty one taken for a mail would lose the call, and the next empty one would be its duplicate.
    """
    try:
        if stat.S_ISDIR(path.stat().st_mode):
            return "maildir" if is_maildir(path) else "folder"
    except OSError as error:
        raise unreadable(error) from error
    with open_file(path) as file:
        return "voicemail" if call else kind_of(file.read(HEAD_BYTES))


def is_maildir(folder: Path | str) -> bool:
    """Whether a folder is a Maildir: it has `cur`, or `new` and `tmp`. A copy may lack the empty ones of the three."""
    cur, new, tmp = (Path(folder, name).is_dir() for name in ("cur", "new", "tmp"))
    return cur or (new and tmp)


def kind_of(head: bytes) -> Literal["mail", "voicemail", "mbox"]:
    """Tell by the first 16 bytes: audio by its magic, an mbox by its From line, everything else is a mail.

    Raises InboxdError for what is packed: it says how to unpack it.
    """
    contained = head[:4] in _CONTAINERS and head[8:12] in _SOUND_IN_CONTAINERS
    if contained or head.startswith(_AUDIO) or head[4:8] == b"ftyp" or _is_mp3(head):
        return "voicemail"
    for magic, (name, command) in _PACKED.items():
        if head.startswith(magic):
            raise InboxdError(f"is packed ({name}): unpack it first (`{command}`), and give what comes out of it")
    return "mbox" if head.startswith(b"From ") else "mail"


def _is_mp3(head: bytes) -> bool:
    """An ID3 tag, or an MPEG frame: eleven bits set, and not layer 00, which is reserved (FF FE opens UTF-16)."""
    if head[:3] == b"ID3":
        return head[3:4] < b"\x10"
    return len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[1] & 0x06 != 0 and head[1] != 0xFE


def open_file(path: Path | str) -> BinaryIO:
    """Open a plain file for reading, unbuffered. Raises InboxdError, and NotAFile for a pipe, a socket or a device.

    A pipe is never waited for: nobody may ever write into it, and it could be read once only.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError as error:
        # ENXIO: that is what opening a socket gives (open(2)).
        raise (NotAFile("is a socket, and no file") if error.errno == errno.ENXIO else unreadable(error)) from error
    mode = os.fstat(handle).st_mode
    if not stat.S_ISREG(mode):
        os.close(handle)
        if stat.S_ISDIR(mode):
            raise unreadable(IsADirectoryError(errno.EISDIR, ""))
        what = next((words for is_one, words in _IRREGULAR if is_one(mode)), "something else")
        raise NotAFile(f"is {what}, and no file: write what comes out of it into a file, and give that")
    return os.fdopen(handle, "rb", buffering=0)


def read(path: Path) -> bytes:
    """Return what is at `path`, up to the size that can be handed over. Raises InboxdError."""
    try:
        with open_file(path) as file:
            return read_whole(file)
    except OSError as error:
        raise unreadable(error) from error


def read_whole(file: BinaryIO) -> bytes:
    """Return the rest of an open file, up to the size that can be handed over. Raises InboxdError, OSError."""
    data = bytearray()
    while chunk := file.read(min(1 << 20, MAX_PAYLOAD + 1 - len(data))):
        data += chunk
    demand_size(len(data))
    return bytes(data)


def demand_size(size: int) -> None:
    """Raise InboxdError where so many bytes cannot be handed over."""
    if size > MAX_PAYLOAD:
        raise InboxdError(f"larger than {MAX_PAYLOAD // (1024 * 1024)} MiB, which is more than can be filed")


def unreadable(error: OSError) -> InboxdError:
    """Say in one sentence why a path cannot be read; the path itself stands beside it."""
    return InboxdError(f"cannot be read: {os.strerror(error.errno) if error.errno else error}")
