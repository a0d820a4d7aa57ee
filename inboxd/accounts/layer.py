"""One layer of the directory: entries with contacts, and an index of their addresses and numbers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Generic, Protocol, TypeVar

from inboxd import addresses

# Nearly every address belongs to one account: its id alone, in place of a tuple, halves an index of 100,000 addresses.
Ids = str | tuple[str, ...]
Index = dict[str, Ids]


class _Contact(Protocol):
    @property
    def addresses(self) -> Sequence[str]: ...

    @property
    def numbers(self) -> Sequence[str]: ...


class _Entry(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def contacts(self) -> Sequence[_Contact]: ...


E = TypeVar("E", bound=_Entry)


class Layer(Generic[E]):
    """Entries by id, in their order; which of them have an address (by `addresses.key`) or a number. Immutable."""

    __slots__ = ("_entries", "by_address", "by_number")

    def __init__(self, entries: Iterable[E] = ()) -> None:
        self._entries: dict[str, E] = {}
        self.by_address: Index = {}
        self.by_number: Index = {}
        for entry in entries:
            self._add(entry)

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[E]:
        return iter(self._entries.values())

    def __contains__(self, entry_id: str) -> bool:
        return entry_id in self._entries

    def get(self, entry_id: str) -> E | None:
        """Return the entry of that id, None where there is none."""
        return self._entries.get(entry_id)

    def with_address(self, key: str) -> tuple[str, ...]:
        """Return the ids of the entries that have the address of this key (`addresses.key`)."""
        return _tuple(self.by_address.get(key))

    def with_number(self, number: str) -> tuple[str, ...]:
        """Return the ids of the entries that have this number."""
        return _tuple(self.by_number.get(number))

    def replaced(self, changes: Mapping[str, E | None]) -> "Layer[E]":
        """Return a layer in which these entries are others, or none. It costs a copy of the dictionaries."""
        changed: Layer[E] = Layer()
        changed._entries = dict(self._entries)
        changed.by_address = dict(self.by_address)
        changed.by_number = dict(self.by_number)
        for entry_id, entry in changes.items():
            changed._remove(entry_id)
            if entry is not None:
                changed._add(entry)
        return changed

    def _add(self, entry: E) -> None:
        self._entries[entry.id] = entry
        for contact in entry.contacts:
            for address in contact.addresses:
                _put(self.by_address, addresses.key(address), entry.id)
            for number in contact.numbers:
                _put(self.by_number, number, entry.id)

    def _remove(self, entry_id: str) -> None:
        entry = self._entries.pop(entry_id, None)
        for contact in () if entry is None else entry.contacts:
            for address in contact.addresses:
                _take(self.by_address, addresses.key(address), entry_id)
            for number in contact.numbers:
                _take(self.by_number, number, entry_id)


def _tuple(ids: Ids | None) -> tuple[str, ...]:
    if ids is None:
        return ()
    return (ids,) if isinstance(ids, str) else ids


def _put(index: Index, key: str, entry_id: str) -> None:
    ids = index.get(key)
    if ids is None:
        index[key] = entry_id
    elif entry_id not in (known := _tuple(ids)):
        index[key] = (*known, entry_id)


def _take(index: Index, key: str, entry_id: str) -> None:
    left = tuple(each for each in _tuple(index.get(key)) if each != entry_id)
    if left:
        index[key] = left if len(left) > 1 else left[0]
    else:
        index.pop(key, None)


def several(one: Index, other: Index) -> Iterator[str]:
    """Give the keys under which several entries may stand, in one index or in both together."""
    for key, ids in one.items():
        if not isinstance(ids, str) or other.get(key, ids) != ids:
            yield key
    for key, ids in other.items():
        if not isinstance(ids, str) and key not in one:
            yield key
