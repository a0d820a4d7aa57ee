"""The table that every module of this folder adds its cases to: none of these mails may be proven.

The families are the published ones: disagreement about the author and about the envelope, signatures used again or
stretched, weak and wrong keys, records that let everybody in, forged results and seals, look-alikes.
"""

from collections.abc import Callable

from tests.trust.world import (
    Delivery,
    Table,
    World,
)

ATTACKS = Table()
case = ATTACKS.case


def victim_signed(w: World, change: Callable[[bytes], bytes]) -> Delivery:
    """A mail that the victim really signed, changed on its way."""
    w.zone(dmarc="v=DMARC1; p=none")
    return w.smtp(change(w.sign(w.mail())))
