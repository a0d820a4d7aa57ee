"""What all parts of one mailbox's fetcher share."""

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from inboxd.imap_fetcher.news import News
from inboxd.intake.door import Intake
from inboxd.settings import Mailbox

if TYPE_CHECKING:
    from store.open import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The mailbox, where its mail goes, and whether it is time to stop. `zone` is the desk's."""

    mailbox: Mailbox
    store: "Store"
    intake: Intake
    zone: ZoneInfo
    news: News
    stopping: threading.Event


class Stopped(Exception):
    """The fetcher was told to stop between two steps; what is committed is committed."""
