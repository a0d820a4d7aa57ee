"""When an old mail is from: its own word, as far as the servers that carried it bear it out.

A Date field is what the sender's clock said, or what the sender liked to say. The topmost Received field (RFC 5321 4.4)
was written by the last server, so it bounds what is believed.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from inboxd.message import dates, encoded_words, headers
from inboxd.message.defects import Defects
from inboxd.message.headers import Headers
from inboxd.message.limits import MAX_HEADER_BYTES

Source = Literal["date", "received", "kept"]

# A mail is on its way for minutes, on a bad day for hours. Clocks of senders are wrong by a zone, or by years.
_ON_ITS_WAY: Final = timedelta(days=1)
# The Date field was written down in August 1982: an earlier one is of a clock that nobody had set.
_FIRST: Final = datetime(1982, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnDate:
    """When a mail is from (UTC), and whose word that is: its Date field's, a server's, or the place it was kept in."""

    at: datetime
    source: Source


def received(top: Headers) -> datetime | None:
    """Return the time on the topmost Received field that has a readable one; None where none has."""
    for value in top.all("received"):
        # RFC 5321 4.4: the time stands behind the last semicolon.
        before, semicolon, written = value.rpartition(b";")
        if semicolon and before and (moment := dates.parse(written.decode("latin-1"))) is not None:
            return moment
    return None


def choose(*, date: datetime | None, received: datetime | None, kept: datetime, now: datetime) -> OwnDate:
    """Choose between the Date field, the last server's time and the time it was kept with (all aware, UTC).

    Date counts where it is not in the future, nor before there was mail, nor more than a day away from `received`;
    then `received` under the same bounds; then `kept`. Never later than `now`.
    """
    if received is not None and not _FIRST <= received <= now:
        received = None
    if date is not None and _FIRST <= date <= now and (received is None or abs(date - received) <= _ON_ITS_WAY):
        return OwnDate(at=date, source="date")
    if received is not None:
        return OwnDate(at=received, source="received")
    return OwnDate(at=min(kept, now), source="kept")


def of_head(head: bytes, *, kept: datetime, now: datetime) -> OwnDate:
    """Choose for a mail of which only the beginning (header and perhaps more) was read."""
    defects = Defects()
    top = headers.read(head[:MAX_HEADER_BYTES], headers.skip_envelope(head, defects), defects)
    date = dates.parse(encoded_words.decode(top.first("date") or b""))
    return choose(date=date, received=received(top), kept=kept, now=now)
