"""Was that really you? A question to the address on file, and what an answer is worth.

Where something is asked for in a customer's name and not proven, the address on file is asked. What confirms is a
reply that is itself proven to come from an authorised contact of the account: no link, no token to steal.
"""

from inboxd.confirm.ask import ANSWER_WITHIN_MS, Cause, ask, put
from inboxd.confirm.expiry import KIND, Expiry
from inboxd.confirm.meant import means
from inboxd.confirm.reply import Outcome, Reply, agrees, refuses
from inboxd.confirm.settle import counts, reply_to, settle, stands, withdraw

__all__ = [
    "ANSWER_WITHIN_MS",
    "KIND",
    "Cause",
    "Expiry",
    "Outcome",
    "Reply",
    "agrees",
    "ask",
    "counts",
    "means",
    "put",
    "refuses",
    "reply_to",
    "settle",
    "stands",
    "withdraw",
]
