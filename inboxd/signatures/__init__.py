"""Signatures of a mail checked against keys that were looked up elsewhere: DKIM (RFC 6376) and ARC (RFC 8617).

Runs in a worker process, for it works on hostile bytes; asks nobody anything. The arithmetic is dkimpy's. What is
around it is ours: which header fields count (the ones that were read, no others), which tags, keys and hours are
accepted, and that time and memory stay linear in the message.
"""

from inboxd.signatures.records import LOCATING, Chain, Checked, Order, Report, Signature
from inboxd.signatures.verify import verify

__all__ = ["LOCATING", "Chain", "Checked", "Order", "Report", "Signature", "verify"]
