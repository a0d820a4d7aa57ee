"""Secrets in files of their own: found, checked for who may read them, and read only when they are needed."""

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from inboxd.errors import ConfigurationWrong
from rules.mistakes import Mistake

MAX_BYTES = 64 * 1024
# The advice where a secret's file is wrong in itself.
MEND_THE_FILE: Final = "Mend the file. It is read anew at each try; a copy that systemd hands over, at a restart."


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in a file a value stands, for mistakes that only show later."""

    file: str
    line: int
    column: int

    def wrong(self, message: str) -> ConfigurationWrong:
        """Return the error that says `message` of this place."""
        return ConfigurationWrong(
            message, [Mistake(file=self.file, line=self.line, column=self.column, message=message)]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretFile:
    """A file that only inboxd may read. Holds the path, never the secret.

    Two are equal that name the same file for the same key, whatever line of the configuration says so. `original` is
    the file that a person changes, where `path` is the copy of it that systemd made as it started the daemon.
    """

    key: str
    path: Path
    place: Place = field(compare=False)
    original: Path | None = field(default=None, compare=False)

    @property
    def where_to_put_it(self) -> str:
        """Where another secret goes, and when it counts: words for the middle of an advice."""
        if self.original is None:
            return f"into {self.path} (it is read anew at each try)"
        return f"into {self.original} and restart inboxd (systemd hands it a copy at the start)"

    def check(self) -> None:
        """Raise ConfigurationWrong when the file is missing, unreadable, empty, or open to other users."""
        self.read()

    def read(self) -> str:
        """Return the secret without the end of its line; ConfigurationWrong as `check`."""
        content = read_private(self)
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError:
            raise self.place.wrong(f"{self.key}: {self.path} does not hold UTF-8 text") from None
        # Editors and `echo` end the line; a secret has no end of line of its own.
        secret = text.removesuffix("\n").removesuffix("\r")
        if not secret:
            raise self.place.wrong(f"{self.key}: {self.path} is empty")
        if "\n" in secret or "\0" in secret:
            raise self.place.wrong(f"{self.key}: {self.path} holds several lines: only the secret may stand in it")
        return secret


def read_private(secret: SecretFile) -> bytes:
    """Return the bytes of a private file, checked for who else may read it."""
    key, path, place = secret.key, secret.path, secret.place
    try:
        # A pipe put there by somebody would otherwise hold us until somebody writes into it.
        with open(path, "rb", opener=_without_waiting) as file:
            # The mode of what was opened, not of the path: it could be another file by now.
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise place.wrong(f"{key}: {path} is not a file")
            _check_mode(secret, stat.S_IMODE(status.st_mode))
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise place.wrong(f"{key}: {_cannot_read(path, error)}") from error
    if len(content) > MAX_BYTES:
        raise place.wrong(f"{key}: {path} is larger than {MAX_BYTES} bytes, so it is no secret")
    return content


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)


def _check_mode(secret: SecretFile, mode: int) -> None:
    # Read by the group is what systemd's credentials and shared key groups need; anything more is a leak.
    if mode & 0o027:
        who = "everybody" if mode & 0o007 else "its group, for writing"
        raise secret.place.wrong(
            f"{secret.key}: {secret.path} has mode {mode:04o}, open to {who}: chmod 600 {secret.path}"
        )


def _cannot_read(path: Path, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"{path} is not there"
    if isinstance(error, PermissionError):
        return f"{path} is not for this user to read: do this as root, or give it to the user that inboxd runs as"
    return f"{path} cannot be read: {error.strerror or error}"
