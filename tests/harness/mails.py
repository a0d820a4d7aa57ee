"""Mails as clients send them, and the one way the tests hand them in."""

import smtplib
from email.message import EmailMessage
from email.utils import make_msgid


def mail(
    subject: str = "Fax server",
    text: str = "Nothing goes out.\n",
    *,
    sender: str = "someone@client.example",
    recipient: str = "support@example.com",
    **headers: str,
) -> bytes:
    """Make a plain mail; a header's name is written with `_` for `-`."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, recipient, subject
    message["Date"] = "Tue, 13 Jan 2026 16:00:00 +0000"
    message["Message-ID"] = headers.pop("Message_ID", None) or make_msgid(domain="client.example")
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


def hand_in(
    port: int, raw: bytes, *, sender: str = "someone@client.example", recipient: str = "support@example.com"
) -> str:
    """Hand in one mail by SMTP and give the queue id of the answer; smtplib's exceptions for a refusal."""
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
        client.ehlo("client.example")
        for say in (lambda: client.mail(sender), lambda: client.rcpt(recipient), lambda: client.data(raw)):
            code, text = say()
            if code != 250:
                raise smtplib.SMTPResponseException(code, text)
        return text.split()[-1].decode("ascii")
