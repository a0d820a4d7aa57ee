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
    for attachment in message["attachments"]:
        lines.append("  attachment:   " + _file(attachment))
        lines += ["    inside:     " + _file(file) for file in attachment["contains"]]
    lines += [f"  defect:       {terminal.one_line(defect)}" for defect in message["defects"]]
    return "\n".join([*lines, "", terminal.quoted(message["text"] or "(no text)"), ""])


def _file(file: dict[str, Any]) -> str:
    warning = "  DANGEROUS" if file["dangerous"] else ""
    return terminal.one_line(f"{file['filename']}  {file['content_type']}  {file['size']} bytes{warning}")
