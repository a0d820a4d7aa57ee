"""How far it is proven who wrote: SPF, DKIM, DMARC, ARC, the word of servers that are trusted, and the verdict.

`Checker.check` asks the DNS and has signatures checked in a worker process; `verdict.of_mail` judges what it found. The
rule that both keep: docs/trust.md.
"""

from inboxd.authentication.checker import Checker
from inboxd.authentication.records import Authentication, Check, Findings, Method, Verdict
from inboxd.authentication.verdict import of_forward, of_mail, of_voicemail

__all__ = [
    "Authentication",
    "Check",
    "Checker",
    "Findings",
    "Method",
    "Verdict",
    "of_forward",
    "of_mail",
    "of_voicemail",
]
