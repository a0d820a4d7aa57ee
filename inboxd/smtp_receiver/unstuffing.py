"""The end of DATA and transparency (RFC 5321 4.1.1.4, 4.5.2), over chunks of any cut."""

from typing import Final

END_OF_DATA: Final = b"\r\n.\r\n"


class Unstuffer:
    """Takes the bytes after 354 in any pieces, gives the message's bytes, and knows where it ends.

    Only CRLF.CRLF ends a message and only a dot after CRLF is transparent; a bare CR or LF is content like
    any other byte. What another server takes for the end of a message can so never start a second one here
    (CVE-2024-27305), and the work for a byte does not depend on how many lines there are.
    """

    def __init__(self) -> None:
        # The 354 stands for the CRLF before the first line: ".CRLF" at once is an empty message.
        self._carry = b"\r\n"
        self._virtual = 2
        self.ended = False

    def feed(self, chunk: bytes) -> tuple[bytes, bytes]:
        """Return (message bytes that are sure now, bytes after the end of the message)."""
        data = self._carry + chunk
        end = data.find(END_OF_DATA)
        if end >= 0:
            self.ended = True
            self._carry = b""
            # The CRLF before the dot is the last line's own end.
            return self._content(data[: end + 2]), data[end + len(END_OF_DATA) :]
        held = _beginning_of_end(data)
        self._carry = data[len(data) - held :]
        return self._content(data[: len(data) - held]), b""

    def _content(self, data: bytes) -> bytes:
        # A held tail begins with CR, so `data` never ends between CRLF and the dot that follows it.
        content = data.replace(b"\r\n.", b"\r\n")
        if self._virtual and content:
            content, self._virtual = content[self._virtual :], 0
        return content


def _beginning_of_end(data: bytes) -> int:
    """Count the last bytes of `data` that may be the beginning of the end."""
    for count in range(len(END_OF_DATA) - 1, 0, -1):
        if data.endswith(END_OF_DATA[:count]):
            return count
    return 0
