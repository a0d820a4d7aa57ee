"""What an import is going to file: every message at the paths, in the order of their own dates.

An answer has to come after what it answers, and the two may lie in different files (received and sent mail mostly do),
so all of it is looked at before the first is filed. Some forty bytes are kept of a message, and the names of files.
"""

import os
import re
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final, Literal

from inboxd.cli import files, folders, mbox
from inboxd.cli.mbox import Place
from inboxd.errors import InboxdError
from inboxd.message import own_date

_HEAD: Final = 64 * 1024
_KNOWN: Final = re.compile(
    rb"^(?:From|Date|Subject|To|Received|Return-Path|Delivered-To|Message-ID|MIME-Version|X-[A-Za-z0-9-]+)[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)
_FIRST: Final = re.compile(rb"(?:\xef\xbb\xbf)?[!-9;-~]+[ \t]*:")
# The name of a mail in a Maildir begins with the second of its delivery.
_DELIVERED: Final = re.compile(r"(\d{9,10})\.")
_WHOLE: Final = -1

Rule = Literal["named", "maildir", "content"]


@dataclass(frozen=True, slots=True)
class Found:
    """One message to import: `kept_at` is the time it was kept with, `read` fetches its bytes (raises InboxdError)."""

    path: str
    kind: Literal["mail", "voicemail"]
    kept_at: datetime
    read: Callable[[], bytes]


@dataclass(slots=True)
class Plan:
    """What was found. `failed`: paths that cannot be read; `left_out`: what is no message, or nobody asks for."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    failed: list[tuple[str, InboxdError]] = field(default_factory=list)
    left_out: list[folders.LeftOut] = field(default_factory=list)
    _folders: list[str] = field(default_factory=list)
    _names: list[str] = field(default_factory=list)
    # Of a file: its folder. Of a message: file, number in an mbox, place in it, times in milliseconds since 1970.
    _folder_of: "array[int]" = field(default_factory=lambda: array("I"))
    _file: "array[int]" = field(default_factory=lambda: array("I"))
    _number: "array[int]" = field(default_factory=lambda: array("I"))
    _start: "array[int]" = field(default_factory=lambda: array("q"))
    _size: "array[int]" = field(default_factory=lambda: array("q"))
    _at: "array[int]" = field(default_factory=lambda: array("q"))
    _kept: "array[int]" = field(default_factory=lambda: array("q"))
    _calls: set[int] = field(default_factory=set)
    _open: tuple[int, BinaryIO] | None = None

    def __len__(self) -> int:
        return len(self._file)

    def look(self, path: Path, *, call: bool, seen: Callable[[], None]) -> None:
        """Add what lies at a path; `call`: a file that is named is a recording. `seen` is called now and then."""
        if not path.is_dir():
            self._add(*os.path.split(path), "named", call=call)
            return
        for each in folders.walk(path):
            match each:
                case folders.LeftOut():
                    self.left_out.append(each)
                case folders.Closed():
                    self.failed.append((each.path, files.unreadable(each.error)))
                case folders.Lying():
                    self._add(each.folder, each.name, each.rule, call=False)
            seen()

    def __iter__(self) -> Iterator[Found]:
        """Yield the messages by their own dates; recordings, which take a recogniser's time, behind all mail."""
        calls = self._calls
        order = array("I", sorted(range(len(self)), key=lambda each: (each in calls, self._at[each])))
        try:
            for each in order:
                yield self._found(each)
        finally:
            self._close()

    def _found(self, each: int) -> Found:
        path = self._path(self._file[each])
        return Found(
            path=path if self._start[each] == _WHOLE else f"{path}#{self._number[each]}",
            kind="voicemail" if each in self._calls else "mail",
            kept_at=_moment(self._kept[each]),
            read=lambda: self._read(each),
        )

    def _path(self, file: int) -> str:
        return os.path.join(self._folders[self._folder_of[file]], self._names[file])

    def _add(self, folder: str, name: str, rule: Rule, *, call: bool) -> None:
        path = os.path.join(folder, name)
        try:
            with self._open_at(path) as file:
                head = file.read(_HEAD)
                kind = "voicemail" if call else _kind(name, head, rule)
                if kind is None:
                    self.left_out.append(folders.LeftOut(path, "is no mail, no mbox and no recording"))
                elif kind == "mbox":
                    self._add_mbox(folder, name, file)
                else:
                    self._add_file(folder, name, kind, head, file)
        except OSError as error:
            self.failed.append((path, files.unreadable(error)))
        except InboxdError as error:
            if rule == "content" and (isinstance(error, files.NotAFile) or error.args[0].startswith("is packed")):
                self.left_out.append(folders.LeftOut(path, str(error)))
            else:
                self.failed.append((path, error))

    def _add_file(
        self, folder: str, name: str, kind: Literal["mail", "voicemail"], head: bytes, file: BinaryIO
    ) -> None:
        delivered = _DELIVERED.match(name)
        kept = self._changed(file)
        if delivered is not None and int(delivered[1]) * 1000 < _milliseconds(self.now):
            kept = _moment(int(delivered[1]) * 1000)
        if kind == "voicemail":
            self._calls.add(len(self))
            at = kept
        else:
            at = own_date.of_head(head, kept=kept, now=self.now).at
        self._note(self._source(folder, name), 1, Place(start=_WHOLE, size=0), at, kept)

    def _add_mbox(self, folder: str, name: str, file: BinaryIO) -> None:
        file.seek(0)
        source: int | None = None
        kept = self._changed(file)
        for number, place in enumerate(mbox.places(file), start=1):
            head, written = mbox.head(file, place, _HEAD)
            source = self._source(folder, name) if source is None else source
            own = own_date.of_head(head, kept=written or kept, now=self.now)
            self._note(source, number, place, own.at, written or kept)

    def _changed(self, file: BinaryIO) -> datetime:
        """Return when a file was last written; a time outside of what there was is the nearest that was."""
        written = os.fstat(file.fileno()).st_mtime_ns // 1_000_000
        return _moment(max(0, min(written, _milliseconds(self.now))))

    def _source(self, folder: str, name: str) -> int:
        if not self._folders or self._folders[-1] != folder:
            self._folders.append(folder)
        self._folder_of.append(len(self._folders) - 1)
        self._names.append(name)
        return len(self._names) - 1

    def _note(self, source: int, number: int, place: Place, at: datetime, kept: datetime) -> None:
        self._file.append(source)
        self._number.append(number)
        self._start.append(place.start)
        self._size.append(place.size)
        self._at.append(_milliseconds(at))
        self._kept.append(_milliseconds(kept))

    def _read(self, each: int) -> bytes:
        try:
            if self._start[each] == _WHOLE:
                return self._read_file(self._file[each])
            return mbox.read(self._opened(self._file[each]), Place(start=self._start[each], size=self._size[each]))
        except OSError as error:
            raise files.unreadable(error) from error

    def _read_file(self, file: int) -> bytes:
        with self._open_at(self._path(file)) as opened:
            return files.read_whole(opened)

    @staticmethod
    def _open_at(path: str) -> BinaryIO:
        """Open a file; a Maildir's mail also where its reader has moved it meanwhile."""
        if not os.path.lexists(path):
            path = folders.moved(*os.path.split(path)) or path
        return files.open_file(path)

    def _opened(self, file: int) -> BinaryIO:
        if self._open is None or self._open[0] != file:
            self._close()
            self._open = file, files.open_file(self._path(file))
        return self._open[1]

    def _close(self) -> None:
        if self._open is not None:
            self._open[1].close()
            self._open = None


def _kind(name: str, head: bytes, rule: Rule) -> Literal["mail", "voicemail", "mbox"] | None:
    """Say what a file is; None: nothing to import, where its folder does not say that it is mail."""
    if rule == "maildir":
        return "mail"
    kind = files.kind_of(head[: files.HEAD_BYTES])
    if rule == "named" or kind == "voicemail":
        return kind
    if kind == "mbox" and mbox.begins(head):
        return "mbox"
    is_mail = name.lower().endswith(".eml") or (_FIRST.match(head) is not None and _KNOWN.search(head) is not None)
    return "mail" if is_mail else None


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _moment(milliseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
