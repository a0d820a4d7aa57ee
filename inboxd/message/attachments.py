"""What is known of an attachment: a name that harms no disk, type, digest, and whether opening it runs something."""

import re
from pathlib import PurePosixPath
from typing import Final

from inboxd.message import clean, encoded_words
from inboxd.message.message import Attachment
from inboxd.message.parts import Part

_EXTENSIONS: Final = {
    "text/plain": "txt", "text/html": "html", "text/calendar": "ics", "text/csv": "csv", "text/vcard": "vcf",
    "text/x-vcard": "vcf", "message/rfc822": "eml", "message/global": "eml", "message/delivery-status": "txt",
    "text/rfc822-headers": "txt", "message/disposition-notification": "txt", "message/feedback-report": "txt",
    "image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/tiff": "tiff", "image/bmp": "bmp",
    "image/webp": "webp", "image/svg+xml": "svg", "application/pdf": "pdf", "application/zip": "zip",
    "application/ms-tnef": "dat", "application/pgp-signature": "asc", "application/pkcs7-signature": "p7s",
    "application/x-pkcs7-signature": "p7s", "application/pkcs7-mime": "p7m", "application/x-pkcs7-mime": "p7m",
    "audio/wav": "wav", "audio/x-wav": "wav", "audio/mpeg": "mp3", "audio/mp4": "m4a", "audio/ogg": "ogg",
    "audio/amr": "amr", "video/mp4": "mp4", "application/json": "json", "application/xml": "xml",
}  # fmt: skip
_RUNS: Final = frozenset(
    (
        "ade", "adp", "apk", "app", "appref-ms", "appx", "asp", "aspx", "bas", "bat", "bin", "chm", "cmd", "com",
        "command", "cpl", "crt", "csh", "deb", "desktop", "dll", "dmg", "docm", "dotm", "exe", "fxp", "gadget", "hlp",
        "hta", "htm", "html", "inf", "ins", "iqy", "iso", "img", "isp", "jar", "jnlp", "js", "jse", "ksh", "lib",
        "library-ms", "lnk", "mad", "maf", "mag", "mam", "maq", "mar", "mas", "mat", "mau", "mav", "maw", "mda",
        "mdb", "mde", "mdt", "mdw", "mdz", "mht", "mhtml", "msc", "msh", "msh1", "msh2", "mshxml", "msi", "msix",
        "msp", "mst", "ocx", "one", "ops", "osd", "pcd", "pif", "pl", "plg", "potm", "ppam", "ppsm", "pptm", "prf",
        "prg", "ps1", "ps2", "psc1", "psd1", "psm1", "py", "pyc", "pyw", "reg", "rpm", "scf", "scr", "sct",
        "search-ms", "settingcontent-ms", "sh", "shb", "shs", "shtml", "sldm", "svg", "swf", "sys", "theme", "url",
        "vb", "vbe", "vbp", "vbs", "vhd", "vhdx", "vsmacros", "vsw", "vxd", "website", "wiz", "ws", "wsc", "wsf",
        "wsh", "xbap", "xhtml", "xlam", "xll", "xlsm", "xlsb", "xltm", "xnk",
    )
)  # fmt: skip
_RUNNING_TYPES: Final = frozenset(
    (
        "application/x-msdownload", "application/x-msdos-program", "application/x-dosexec",
        "application/x-executable", "application/hta", "application/x-sh", "application/javascript",
        "text/javascript", "application/x-javascript", "application/java-archive", "application/x-bat",
        "application/vnd.microsoft.portable-executable", "application/x-ms-shortcut",
    )
)  # fmt: skip
_PUSHED: Final = re.compile(r"\.[A-Za-z0-9]{2,5}\s{4,}")
_NOT_EVERYWHERE: Final = re.compile(r'[<>:"|?*]')
_RESERVED: Final = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|\Z)", re.IGNORECASE)
_MAX_NAME: Final = 200


def name_of(part: Part) -> str:
    """The name that the sender gave a part, as text; "" when there is none."""
    for given in (
        part.disposition_params.get("filename"),
        part.params.get("name"),
        part.disposition_params.get("name"),
        part.params.get("filename"),
    ):
        if given and given.strip():
            return given.strip()
    location = part.headers.first("content-location")
    if location and not part.content_type.startswith(("text/", "multipart/")):
        return encoded_words.decode(location).rpartition("/")[2].partition("?")[0]
    return ""


def describe(part: Part, data: bytes | memoryview, sha256: str, number: int) -> Attachment:
    """The facts about one attachment, whose bytes have this `sha256`; `number`, from 1, names what has no name."""
    given = name_of(part)
    filename = safe_name(given) or _generated(part, data, number)
    content_id = encoded_words.decode(part.headers.first("content-id") or b"").strip("<> ") or None
    return Attachment(
        filename=filename,
        content_type=part.content_type,
        size=len(data),
        sha256=sha256,
        inline=part.disposition == "inline" or (not part.disposition and content_id is not None),
        content_id=content_id,
        dangerous=is_dangerous(given, filename, part.content_type, data),
    )


def safe_name(given: str) -> str:
    """A name as its sender wrote it: the last step of a path, no control characters, not hidden, of bounded length.

    (Letters that some disks refuse are its sender's business; who saves it replaces them.)
    """
    name = clean.line(given).replace("\\", "/").rpartition("/")[2]
    name = name.strip(". ") if not set(name) <= {".", " "} else ""
    if _RESERVED.match(name):
        name = f"_{name}"
    if len(name) > _MAX_NAME:
        suffix = PurePosixPath(name).suffix[:20]
        name = name[: _MAX_NAME - len(suffix)] + suffix
    return name


def _generated(part: Part, data: bytes | memoryview, number: int) -> str:
    if part.content_type in ("message/rfc822", "message/global"):
        subject = re.search(rb"^subject:[ \t]*([^\r\n]{1,200})", bytes(data[:16_384]), re.IGNORECASE | re.MULTILINE)
        title = encoded_words.decode(subject[1]).replace("/", "-") if subject else ""
        name = safe_name(_NOT_EVERYWHERE.sub("_", title))[:80].strip(". ")
        return f"{name or f'message-{number}'}.eml"
    kind = part.content_type.partition("/")[0]
    stem = kind if kind in ("image", "audio", "video", "text", "message") else "part"
    return f"{stem}-{number}.{_EXTENSIONS.get(part.content_type, 'txt' if kind == 'text' else 'bin')}"


def is_dangerous(given: str, filename: str, content_type: str, data: bytes | memoryview) -> bool:
    """Whether opening a file runs something, or its name (as given, as shown) was built to hide what it is."""
    if content_type in _RUNNING_TYPES or bytes(data[:2]) == b"MZ" or bytes(data[:4]) == b"\x7fELF":
        return True
    steps = [step.strip().lower() for step in filename.split(".")]
    if len(steps) > 1 and steps[-1] in _RUNS:
        return True
    if len(steps) > 2 and any(step in _RUNS - {"com", "app", "bin", "img", "one", "pl", "lib"} for step in steps[1:-1]):
        return True
    # Letters that turn the shown order round, or blanks that push the real extension out of sight.
    return any(mark in given for mark in "\u202e\u202d\u2066\u2067\u2068") or _PUSHED.search(given) is not None
