"""A winmail.dat made of texts and files, as Outlook writes it (MS-OXTNEF), for tests of who opens one."""

import struct


def attribute(level: int, tag: int, data: bytes) -> bytes:
    """One attribute with its length and checksum."""
    return struct.pack("<BII", level, tag, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def prop(tag: int, kind: int, data: bytes) -> bytes:
    """One property of variable length, padded."""
    return struct.pack("<HHII", kind, tag, 1, len(data)) + data + b"\0" * (-len(data) % 4)


def properties(*written: bytes) -> bytes:
    """A list of properties, behind a number and a named one that no reader needs."""
    number = struct.pack("<HHI", 3, 0x3705, 1)
    named = struct.pack("<HH16sIIHHII", 0x1F, 0x8001, b"\0" * 16, 1, 4, 0x61, 0, 1, 4) + "b\0".encode("utf-16-le")
    return struct.pack("<I", len(written) + 2) + number + named + b"".join(written)


def packed_rtf(rtf: bytes) -> bytes:
    """Compressed RTF without a single repetition: each letter stands for itself."""
    body = b"".join(b"\0" + rtf[place : place + 8] for place in range(0, len(rtf), 8))
    return struct.pack("<II4sI", len(body) + 12, len(rtf), b"LZFu", 0) + body


def winmail(
    *files: tuple[str, bytes], text: str = "", html: str = "", rtf: bytes = b"", code_page: int = 1252
) -> bytes:
    """A whole winmail.dat. Names stand in it as long names in UTF-16, and short ones in the code page."""
    out = [b"\x78\x9f\x3e\x22\x01\x00", attribute(1, 0x00069007, struct.pack("<II", code_page, 0))]
    said = []
    if text:
        said.append(prop(0x1000, 0x1F, text.encode("utf-16-le") + b"\0\0"))
    if html:
        said.append(prop(0x1013, 0x102, html.encode()))
    if rtf:
        said.append(prop(0x1009, 0x102, packed_rtf(rtf)))
    out.append(attribute(1, 0x00069003, properties(*said)))
    for name, data in files:
        out.append(attribute(2, 0x00069002, struct.pack("<HIIHI", 1, 0xFFFFFFFF, 0x00200020, 0, 0)))
        out.append(attribute(2, 0x00018010, name[:8].encode("ascii", "replace") + b"\0"))
        out.append(attribute(2, 0x0006800F, data))
        long_name = prop(0x3707, 0x1F, name.encode("utf-16-le") + b"\0\0")
        out.append(attribute(2, 0x00069005, properties(long_name, prop(0x370E, 0x1E, b"application/pdf\0"))))
    return b"".join(out)
