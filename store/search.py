"""Full-text search, the same on both databases: what a word is, is decided here and not by a tokenizer of theirs.

Each ticket has one row of words for its head (reference, subject, requester, account) and one for each entry and
transcript, written in the transaction that writes the text. Every word that is asked for must stand in some row of the
ticket.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    Text,
    and_,
    bindparam,
    case,
    column,
    func,
    literal_column,
    select,
    table,
    text,
)

from store.schema import search_index
from store.text import clean
from store.ticket_records import NewEntry, Ticket

# Scripts that write without spaces: each character is a word, and a run of them in a question is a phrase.
_UNSPACED: Final = re.compile(
    r"([\u0e00-\u0eff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])"
)
_BETWEEN: Final = re.compile(r"[\W_]+")
_MARKS: Final = re.compile(r"[\u0300-\u036f]+")

# A tsvector holds at most 1 MiB of words: a long text gets several rows, an endless one is searchable by its beginning.
_ROW_CHARACTERS: Final = 100_000
_ROWS: Final = 10
# Nobody asks for more; a statement of a thousand conditions is an attack.
_MOST_WORDS: Final = 20
_LONGEST_QUESTION: Final = 2000

_FTS: Final = table("search_fts", column("rowid"), column("words"), column("ticket_id"), column("entry_id"))
_SIMPLE: Final = text("'simple'::regconfig")

Row = dict[str, Any]
"""Words of one piece of text and whose they are, as the statements take them."""

_TICKET: Final = bindparam("ticket", type_=BigInteger)
_ENTRY: Final = bindparam("entry", type_=BigInteger)
_WORDS: Final = bindparam("folded", type_=Text)
# FTS5 finds a row fast by its rowid only: heads have the ticket's number below zero, the others count up.
_HEAD: Final = -_TICKET
_ADD: Final = {
    "sqlite": _FTS.insert().values(
        rowid=case((_ENTRY.is_(None), _HEAD)), ticket_id=_TICKET, entry_id=_ENTRY, words=_WORDS
    ),
    "postgresql": search_index.insert()
    .values(ticket_id=_TICKET, entry_id=_ENTRY, words=func.to_tsvector(_SIMPLE, _WORDS))
    .inline(),
}
_REMOVE_HEAD: Final = {
    "sqlite": _FTS.delete().where(_FTS.c.rowid == _HEAD),
    "postgresql": search_index.delete().where(search_index.c.ticket_id == _TICKET, search_index.c.entry_id.is_(None)),
}


def fold(words: str) -> str:
    """Give the words of a text as they are compared: without case, accents and punctuation, one space between."""
    plain = clean(words)
    if not plain.isascii():
        plain = _MARKS.sub("", unicodedata.normalize("NFKD", plain))
        plain = _UNSPACED.sub(r" \1 ", unicodedata.normalize("NFC", plain))
    return _BETWEEN.sub(" ", plain.casefold()).strip()


def head(ticket: Ticket) -> Row:
    """Give the words of a ticket's head."""
    parts = [ticket.ref, ticket.ref.replace("-", ""), ticket.subject]
    for thing in (ticket.requester, ticket.account, ticket.contact):
        parts += [value for value in (thing or {}).values() if isinstance(value, str)]
    return _row(ticket.id, None, fold(" \n ".join(parts))[:_ROW_CHARACTERS])


def entry(ticket_id: int, entry_id: int, new: NewEntry) -> list[Row]:
    """Give the words of an entry: its whole text, its author, the names of what is attached; and its transcript's."""
    names = [str(attachment.get("filename") or "") for attachment in new.attachments]
    whole = " \n ".join([new.author or "", *names, new.text])
    said = [] if new.transcript is None else transcript(ticket_id, entry_id, new.transcript)
    return [*(_row(ticket_id, entry_id, words) for words in _pieces(fold(whole))), *said]


def transcript(ticket_id: int, entry_id: int, heard: dict[str, Any]) -> list[Row]:
    """Give the words of a transcript."""
    return [_row(ticket_id, entry_id, words) for words in _pieces(fold(str(heard.get("text") or "")))]


def add(txn: Connection, rows: Sequence[Row]) -> None:
    """Write words that stand nowhere yet."""
    if rows:
        txn.execute(_ADD[txn.dialect.name], rows)


def replace_head(txn: Connection, ticket: Ticket) -> None:
    """Write the words of a ticket's head, in place of those it had."""
    txn.execute(_REMOVE_HEAD[txn.dialect.name], {"ticket": ticket.id})
    add(txn, [head(ticket)])


def move(txn: Connection, entry_ids: Collection[int], ticket_id: int) -> None:
    """Let the words of entries be another ticket's. FTS5 reads all its rows for this; people merge seldom."""
    rows = search_index if txn.dialect.name == "postgresql" else _FTS
    txn.execute(rows.update().where(rows.c.entry_id.in_(entry_ids)).values(ticket_id=ticket_id))


def condition(txn: Connection, words: str, ticket_id: ColumnElement[int]) -> ColumnElement[bool] | None:
    """Give the condition that a ticket holds all the words; None when the text holds no word at all.

    A word with punctuation inside (`10.0.0.1`, `48213-7`) is looked for as a phrase. No text of a user can break it:
    what reaches the database has letters and digits only.
    """
    asked = [folded for word in words[:_LONGEST_QUESTION].split() if (folded := fold(word))]
    if not asked:
        return None
    return and_(*(ticket_id.in_(_matching(txn, word)) for word in dict.fromkeys(asked[:_MOST_WORDS])))


def _matching(txn: Connection, word: str) -> Select[Any]:
    if txn.dialect.name == "postgresql":
        asked = func.phraseto_tsquery(_SIMPLE, word)
        return select(search_index.c.ticket_id).where(search_index.c.words.op("@@")(asked))
    return select(_FTS.c.ticket_id).where(literal_column("search_fts").op("MATCH")(f'"{word}"'))


def _row(ticket_id: int, entry_id: int | None, folded: str) -> Row:
    return {"ticket": ticket_id, "entry": entry_id, "folded": folded}


def _pieces(words: str) -> Iterator[str]:
    start = 0
    for _ in range(_ROWS):
        if start >= len(words):
            return
        end = start + _ROW_CHARACTERS
        if end < len(words):
            # Between two words, if there is a space at all.
            end = max(words.rfind(" ", start, end), start) if " " in words[start:end] else end
        yield words[start:end].strip()
        start = end + 1 if words[end : end + 1] == " " else end
