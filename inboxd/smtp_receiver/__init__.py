"""Mail in by SMTP: a final destination for the desk's addresses, never a relay.

`aiosmtpd` gives the protocol object; the dialogue's grammar, limits, DATA and faults are ours, because a
message that was answered with 250 must be stored and one that was not must come again. `docs/smtp.md` says
what it accepts.
"""

from inboxd.smtp_receiver.options import SmtpOptions
from inboxd.smtp_receiver.receiver import Receiver

__all__ = ["Receiver", "SmtpOptions"]
