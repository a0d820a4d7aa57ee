"""What is wrong with inboxd.yaml beyond the form of single values: keys that need or exclude each other."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from inboxd import addresses
from inboxd.settings.paths import absolute
from inboxd.settings.remote_judge import judge_remotes
from inboxd.yaml_files import entries_at, repeated, text_at, value_at
from rules.mistakes import Mistake
from rules.yaml_source import Document, Loc


def judge(document: Document) -> Iterator[Mistake]:
    """Find the mistakes of a configuration file; `document.name` is its path."""
    yield from _store(document)
    yield from _smtp(document)
    yield from judge_remotes(document)
    yield from _canary(document)
    yield from _staff(document)
    yield from _templates(document)
    for key in ("rules", "accounts"):
        yield from _file_is_there(document, key)


def _store(document: Document) -> Iterator[Mistake]:
    if text_at(document, ("store", "password_file")) is None:
        return
    url = text_at(document, ("store", "url"))
    if url is None or url.startswith("sqlite:"):
        yield document.mistake(
            ("store", "password_file"), "an SQLite store has no password: leave password_file out", key=True
        )
    elif "@" not in url:
        yield document.mistake(("store", "url"), "password_file needs a user: write postgresql://user@host/database")


def _smtp(document: Document) -> Iterator[Mistake]:
    recipients = entries_at(document, ("smtp", "recipients"))
    for loc, text, line in repeated(document, recipients, addresses.key):
        yield document.mistake(loc, f'"{text}" is listed twice (line {line}): delete one of the two')
    certificate, key = (text_at(document, ("smtp", name)) for name in ("certificate_file", "key_file"))
    if certificate is not None and key is None:
        yield document.mistake(
            ("smtp", "certificate_file"), "certificate_file needs its private key: add key_file", key=True
        )
    if key is not None and certificate is None:
        yield document.mistake(("smtp", "key_file"), "key_file needs its certificate: add certificate_file", key=True)


def _canary(document: Document) -> Iterator[Mistake]:
    if not isinstance(value_at(document, ("canary",)), dict):
        return
    if value_at(document, ("outgoing",)) is None:
        yield document.mistake(("canary",), "a canary goes out through `outgoing`: add that section", key=True)
    boxes = entries_at(document, ("imap",))
    if value_at(document, ("smtp",)) is None and not any(text_at(document, (*box, "address")) for box in boxes):
        yield document.mistake(
            ("canary",),
            "the desk has no address to write to itself: add smtp.recipients, or address to a mailbox",
            key=True,
        )


def _staff(document: Document) -> Iterator[Mistake]:
    members = list(entries_at(document, ("staff",)))
    every_address: Iterator[Loc] = chain.from_iterable(
        entries_at(document, (*member, "addresses")) for member in members
    )
    for what, locs, key in (
        ("name", ((*member, "name") for member in members), str),
        ("login", ((*member, "login") for member in members), str),
        ("address", every_address, addresses.key),
    ):
        for loc, text, line in repeated(document, locs, key):
            yield document.mistake(loc, f'{what} "{text}" is taken (line {line}): each is one person\'s')


def _templates(document: Document) -> Iterator[Mistake]:
    queues = ((*entry, "queue") for entry in entries_at(document, ("templates", "queues")))
    for loc, text, line in repeated(document, queues):
        yield document.mistake(loc, f'queue "{text}" is listed twice (line {line}): delete one of the two')
    folder = text_at(document, ("templates", "folder"))
    if not folder or "\0" in folder:
        return
    path = absolute(Path(document.name).parent / folder)
    if not path.is_dir():
        problem = "is no folder" if path.exists() else "is not there"
        yield document.mistake(("templates", "folder"), f"the folder {path} {problem}: make it, or leave `folder` out")


def _file_is_there(document: Document, key: str) -> Iterator[Mistake]:
    text = text_at(document, (key,))
    if not text or "\0" in text:
        return
    path = absolute(Path(document.name).parent / text)
    if not path.is_file():
        problem = "is not a file" if path.exists() else "is not there"
        yield document.mistake((key,), f"the {key} file {path} {problem}: correct the path, or leave {key} out")
