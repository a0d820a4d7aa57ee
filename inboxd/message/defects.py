"""The defects of one message, in words that a support engineer understands; bounded, each said once."""

from inboxd.message.limits import MAX_DEFECTS


class Defects:
    """Collects defects in the order found."""

    def __init__(self) -> None:
        self._found: dict[str, None] = {}
        self._unreadable: str | None = None

    def add(self, sentence: str) -> None:
        """Note a defect that reading got over."""
        if len(self._found) < MAX_DEFECTS:
            self._found[sentence] = None

    def give_up(self, sentence: str) -> None:
        """Note why the structure could not be read whole; the first reason stands."""
        if self._unreadable is None:
            self._unreadable = sentence
        self.add(sentence)

    @property
    def unreadable(self) -> str | None:
        """The first reason for which structure was left unread, if any."""
        return self._unreadable

    def sentences(self) -> tuple[str, ...]:
        """All defects, in the order found."""
        return tuple(self._found)
