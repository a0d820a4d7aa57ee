"""What lies in a folder to be imported: its files one by one, those of Maildirs and of folders inside it, too.

A Maildir keeps its mails in `cur` and `new`; what else lies in it belongs to the server that serves it. In any other
folder a file is what its content says, and what is no mail, no mbox and no recording is left out.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from inboxd.cli import files

# Mail that its owner has thrown away, never sent, or not asked for. Named as a PATH it is imported all the same.
_UNWANTED: Final = re.compile(
    r"\.?(?:INBOX[./])?(?:trash|junk|junk e-?mail|spam|bulk mail|drafts?|deleted(?: items| messages)?|outbox)"
    r"(?:[./].*)?",
    re.IGNORECASE,
)
# Trashed and draft, in the order of Maildir's flags behind `:2,` (cr.yp.to/proto/maildir.html); some copies write `;`.
_GIVEN_UP: Final = re.compile(r"[:;]2,[A-Za-z]*[DT]")

Rule = Literal["maildir", "content"]


@dataclass(frozen=True, slots=True)
class Lying:
    """A file that may be mail: any file of a Maildir is (`maildir`), of another folder its `content` says so."""

    folder: str
    name: str
    rule: Rule


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that is not imported, and why, as words behind its path."""

    path: str
    why: str


@dataclass(frozen=True, slots=True)
class Closed:
    """A folder that cannot be looked into."""

    path: str
    error: OSError


def walk(folder: Path) -> Iterator[Lying | LeftOut | Closed]:
    """Yield what lies in a folder and in all folders below it; each folder once, however many links lead to it."""
    waiting = [str(folder)]
    seen: set[tuple[int, int]] = set()
    while waiting:
        here = waiting.pop()
        try:
            status = os.stat(here)
            names = sorted(os.listdir(here))
        except OSError as error:
            yield Closed(here, error)
            continue
        if (status.st_dev, status.st_ino) in seen:
            continue  # a link that leads to where we have been
        seen.add((status.st_dev, status.st_ino))
        yield from _maildir(here, names, waiting) if files.is_maildir(here) else _folder(here, names, waiting)


def _folder(here: str, names: list[str], waiting: list[str]) -> Iterator[Lying | LeftOut]:
    below: list[str] = []
    for name in names:
        path = os.path.join(here, name)
        folder = os.path.isdir(path)
        if folder and _UNWANTED.fullmatch(name):
            yield LeftOut(path, _unwanted(name))
        elif name.startswith(".") and not (folder and files.is_maildir(path)):
            yield LeftOut(path, "is hidden")
        elif folder:
            below.append(path)
        else:
            yield Lying(here, name, "content")
    waiting += reversed(below)


def _maildir(here: str, names: list[str], waiting: list[str]) -> Iterator[Lying | LeftOut | Closed]:
    """Mails of `new` and `cur`; `tmp` holds what was never delivered whole. Folders inside are mail folders."""
    seen: set[str] = set()
    # A reader moves mails from `new` to `cur`: in this order none is missed, and what is in both is one.
    for name in ("new", "cur"):
        if name in names:
            yield from _mails(os.path.join(here, name), seen)
    below: list[str] = []
    for name in names:
        path = os.path.join(here, name)
        if name in ("cur", "new", "tmp") or not os.path.isdir(path):
            continue  # the server's own files: dovecot-uidlist, maildirfolder, courierimapsubscribed, …
        if _UNWANTED.fullmatch(name):
            yield LeftOut(path, _unwanted(name))
        else:
            below.append(path)
    waiting += reversed(below)


def _mails(here: str, seen: set[str]) -> Iterator[Lying | LeftOut | Closed]:
    try:
        names = sorted(os.listdir(here))
    except OSError as error:
        yield Closed(here, error)
        return
    for name in names:
        if (unique := name.partition(":")[0]) in seen:
            continue
        seen.add(unique)
        path = os.path.join(here, name)
        if name.startswith("."):
            yield LeftOut(path, "is hidden")
        elif _GIVEN_UP.search(name):
            yield LeftOut(path, "is marked as a draft or as thrown away")
        elif os.path.isdir(path):
            yield LeftOut(path, "is a folder where mails should lie")
        else:
            yield Lying(here, name, "maildir")


def _unwanted(name: str) -> str:
    return f"is a folder of mail nobody asks for ({name.lstrip('.')}): name it as a PATH to import it, too"


def moved(folder: str, name: str) -> str | None:
    """Return where a Maildir's mail is now: whoever reads it meanwhile renames it, from `new` to `cur` as well."""
    unique = name.partition(":")[0]
    root, here = os.path.split(folder)
    if here not in ("cur", "new"):
        return None
    for other in ("cur", "new"):
        place = os.path.join(root, other)
        try:
            for found in os.listdir(place):
                if found.partition(":")[0] == unique:
                    return os.path.join(place, found)
        except OSError:
            continue
    return None
