"""Mails that the victim really signed, changed on their way: fields doubled, fields and text replaced."""

from functools import partial

from tests.trust.attacks.table import ATTACKS, victim_signed

for name, line in {
    "a second From above": b"From: x@evil.test\r\n",
    "a second Subject": b"Subject: Send the money\r\n",
    "a second To": b"To: x@evil.test\r\n",
    "a second Date": b"Date: Thu, 19 Nov 2026 10:00:00 +0000\r\n",
    "a second Message-ID": b"Message-ID: <other@evil.test>\r\n",
    "a Content-Type that hides the text": b'Content-Type: multipart/mixed; boundary="x"\r\n',
    "a Content-Type of HTML": b"Content-Type: text/html\r\n",
    "an attached message as the whole": b"Content-Type: message/rfc822\r\n",
    "another transfer encoding": b"Content-Transfer-Encoding: base64\r\n",
    "two Content-Types": b"Content-Type: text/plain\r\nContent-Type: text/html\r\n",
}.items():
    ATTACKS.add("header duplication", name, partial(victim_signed, change=lambda raw, line=line: line + raw))

for name, (old, new) in {
    "another subject": (b"reset the password", b"reset my password"),
    "another text": (b"do so today", b"do so now"),
    "text behind": (b"today.\r\n", b"today.\r\nAnd tell me.\r\n"),
    "another date": (b"20 Nov", b"19 Nov"),
    "another Message-ID": (b".1@", b".2@"),
    "another recipient": (b"To: support@", b"To: x, support@"),
    "another name for the author": (b"From: ops@", b"From: Boss ops@"),
    "another author in the domain": (b"From: ops@", b"From: boss@"),
}.items():
    ATTACKS.add("dkim", name, partial(victim_signed, change=lambda raw, old=old, new=new: raw.replace(old, new)))
