"""What one message may cost. Past these a message is read as far as it goes and says so; nothing is refused.

The figures are measured ones: mail of real senders stays far below them, and each stops an input that makes a parser
super-linear in time or memory.
"""

from typing import Final

MAX_FIELDS: Final = 1_000
"""Header fields of one header block."""

MAX_HEADER_BYTES: Final = 256 * 1024
"""One header block, the message's or a part's."""

MAX_FIELD_BYTES: Final = 64 * 1024
"""One header field; what is longer is read up to here."""

MAX_STRUCTURED_BYTES: Final = 16 * 1024
"""One field with a grammar of its own that is not a list of addresses: Content-Type, Date, Message-ID."""

MAX_DEPTH: Final = 20
"""Multiparts inside multiparts."""

MAX_PARTS: Final = 1_000

MAX_BOUNDARY_BYTES: Final = 900
"""RFC 2046 5.1.1 says 70; real mailers go beyond, as far as a line may (RFC 5322 2.1.1); a look-up costs the same."""

MAX_GUESSED_BOUNDARIES: Final = 20
"""Multiparts whose boundary is looked for when the named one does not come."""

MAX_PARAMETERS: Final = 200
"""Parameters of one Content-Type or Content-Disposition, pieces of RFC 2231 included."""

MAX_ADDRESSES: Final = 5_000
"""Addresses read out of one header field; as many as 64 KiB hold of the shortest kind that occurs."""

MAX_TEXT: Final = 1_000_000
"""Characters of `text`, and of `html`."""

MAX_TEXT_BYTES: Final = 4 * MAX_TEXT
"""Bytes of a text part that are decoded for reading; the widest encodings take four bytes a character."""

MAX_HTML: Final = 1_000_000
"""Characters of HTML, of all parts together, that an HTML parser gets; beyond, tags are stripped without one."""

MAX_HTML_DEPTH: Final = 300
"""Open elements, where there are many tags; every HTML parser is quadratic in depth."""

MAX_HTML_REBUILT: Final = 8_000_000
"""Characters that HTML's rule of reopening formatting (`<font>` left open across blocks) may make the parser write."""

MAX_HTML_ATTRIBUTES: Final = 256
"""Attributes in one tag; the parser compares each with all before it."""

MAX_DEFECTS: Final = 50
MAX_REFERENCES: Final = 1_000
MAX_URGENCY_TEXT: Final = 20_000
"""Characters of the body that are searched for a claim of urgency."""
