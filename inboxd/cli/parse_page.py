"""One mail, as it was read, as a page for a person."""

from typing import Any

from inboxd.cli import terminal

_SHOWN = ("from_addr", "to", "cc", "reply_to", "subject", "date", "message_id", "in_reply_to")


def render(message: dict[str, Any]) -> str:
    """Render everything that was read in one mail."""
    lines = [terminal.one_line(message["path"])]
    for name in _SHOWN:
        value = message[name]
        if value:
            shown = ", ".join(value) if isinstance(value, (list, tuple)) else value
            lines.append(f"  {name.replace('_', '-') + ':':<14}{terminal.one_line(shown)}")
    marks = [
        name
        for name in ("is_auto_reply", "is_bounce", "is_list", "is_read_receipt", "is_signed", "is_encrypted")
        if message[name]
    ]
    if marks:
        lines.append("  marks:        " + ", ".join(mark.removeprefix("is_").replace("_", "-") for mark in marks))
    if message["signature"] is not None:
        lines.append("  signature:    " + terminal.one_line(message["signature"]["reason"]))
    if message["voicemail"] is not None:
        lines.append("  voicemail:    " + _call(message["voicemail"]))
    for attachment in message["attachments"]:
        lines.append("  attachment:   " + _file(attachment))
        lines += ["    inside:     " + _file(file) for file in attachment["contains"]]
        if attachment["about"] and attachment["about"] not in message["text"]:
            lines.append(terminal.quoted(attachment["about"]))
    lines += [f"  defect:       {terminal.one_line(defect)}" for defect in message["defects"]]
    return "\n".join([*lines, "", terminal.quoted(message["text"] or "(no text)"), ""])


def _call(read: dict[str, Any]) -> str:
    """Say what was read of a phone system's mail; what is missing was not found in it."""
    who = " ".join(each for each in (read["caller"], read["name"] and f'"{read["name"]}"') if each)
    length = "" if read["duration"] is None else f"{read['duration'] // 60}:{read['duration'] % 60:02}"
    parts = (("from", who), ("to", read["called"]), ("mailbox", read["mailbox"]), ("length", length))
    return terminal.one_line(", ".join((read["system"], *(f"{name} {value}" for name, value in parts if value))))


def _file(file: dict[str, Any]) -> str:
    warning = "  DANGEROUS" if file["dangerous"] else ""
    return terminal.one_line(f"{file['filename']}  {file['content_type']}  {file['size']} bytes{warning}")
