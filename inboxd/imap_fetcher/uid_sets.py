"""Writes UIDs as IMAP does (sequence-set, RFC 9051 9)."""

from collections.abc import Iterable


def of(uids: Iterable[int]) -> str:
    """Give UIDs in as few words as possible: `1:3,7`."""
    parts: list[str] = []
    ordered = sorted(set(uids))
    position = 0
    while position < len(ordered):
        first = last = ordered[position]
        position += 1
        while position < len(ordered) and ordered[position] == last + 1:
            last += 1
            position += 1
        parts.append(str(first) if first == last else f"{first}:{last}")
    return ",".join(parts)
