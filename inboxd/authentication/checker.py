"""All checks of one mail: the DNS is asked here, signatures are checked in a worker, each result gets its sentence."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from inboxd import addresses
from inboxd.authentication import checks, dmarc, passed_on, relay, spf
from inboxd.authentication.alignment import aligned
from inboxd.authentication.records import Check, Findings
from inboxd.authentication.trust import Trust
from inboxd.intake.envelope import Envelope
from inboxd.message import Message
from inboxd.message.claims import Results
from inboxd.resolver import Asker, Resolver
from inboxd.signatures import Chain, Order, Report
from inboxd.worker_process import WorkerDied

Verify = Callable[[bytes | Path, Order], Report]
Keys = dict[str, tuple[str, ...] | None]


class Checker:
    """Checks mails against the DNS. Safe from any thread; never raises for what stands in a mail or in the DNS."""

    def __init__(self, resolver: Resolver, verify: Verify, trust: Trust) -> None:
        """`verify` checks signatures in a worker process; it may raise WorkerDied."""
        self._resolver = resolver
        self._verify = verify
        self._trust = trust

    def check(
        self, raw: bytes | Path, message: Message, envelope: Mapping[str, object], received_at: datetime
    ) -> Findings:
        """Return what is found about the author of a mail; nothing where there is no one author to prove.

        `raw` are its bytes, or the file that holds them. Old mail is not checked: keys change, and who handed it over
        is forgotten.
        """
        # The row is our own and was checked when it was written, though its JSON says nothing of types.
        said = Envelope.of(envelope)
        if message.author.address is None or said.history:
            return Findings()
        return self._checked(raw, message, message.author.address, said, received_at)

    def _checked(
        self, raw: bytes | Path, message: Message, author: str, envelope: Envelope, received_at: datetime
    ) -> Findings:
        asker = Asker(self._resolver)
        domain = author.rpartition("@")[2]
        claims = message.claims
        policy = dmarc.discover(asker, domain)
        keys = self._keys(asker, message, domain)
        ours = self._trust.ours | {addresses.key(each) for each in envelope.rcpt_tos}
        report = self._report(raw, message, author, keys, ours, received_at)
        client = relay.client(envelope, claims.hops, self._trust)
        sender = None
        if client.ip is not None and envelope.mail_from is not None:
            sender = spf.check(asker, client_ip=client.ip, mail_from=envelope.mail_from, helo=client.helo)
        found: list[Check] = [
            checks.dkim(author, report, keys, policy),
            checks.spf(author, envelope.mail_from, client, sender),
            checks.arc(author, report),
        ]
        results = passed_on.counting(envelope, claims, client, self._trust)
        if results is not None:
            short = passed_on.shortfall(results.methods, author) or passed_on.replayed(
                message, results.methods, author, report.signatures if report else (), ours, received_at
            )
            found.append(checks.authentication_results(author, results, short))
        judged = self._dmarc(domain, policy, report, sender, results)
        disowns = judged.result == "fail" and policy.wanted in ("quarantine", "reject")
        return Findings(checks=(*found, judged), disowned=judged.sentence if disowns else None)

    def _keys(self, asker: Asker, message: Message, domain: str) -> Keys:
        """Ask for the keys of the signatures, those that could prove the author first, and of seals that count."""
        claims = message.claims
        signers = sorted(claims.signers, key=lambda signer: not aligned(signer.domain, domain, "relaxed"))
        if claims.newest_sealer in self._trust.sealers:
            signers += claims.seals
        keys: Keys = {}
        for signer in signers:
            if signer.key_name not in keys:
                answer = asker.ask(signer.key_name, "TXT")
                keys[signer.key_name] = None if answer.outcome == "temperror" else answer.records
        return keys

    def _report(
        self,
        raw: bytes | Path,
        message: Message,
        author: str,
        keys: Keys,
        ours: frozenset[str],
        received_at: datetime,
    ) -> Report | None:
        """Have the signatures checked; None when the mail ended the workers that tried."""
        claims = message.claims
        if not claims.signed and not claims.seals:
            return Report(signatures=(), chain=Chain(result="none"))
        order = Order(
            keys=keys,
            received_at=int(received_at.timestamp()),
            author=addresses.key(author),
            ours=tuple(sorted(ours)),
            sealers=tuple(sorted(self._trust.sealers)),
        )
        try:
            return self._verify(raw, order)
        except WorkerDied:
            return None

    def _dmarc(
        self,
        domain: str,
        policy: dmarc.DomainPolicy,
        report: Report | None,
        sender: spf.SpfResult | None,
        results: Results | None,
    ) -> Check:
        said = passed_on.dmarc_of(results, domain) if results is not None else None
        return checks.dmarc(domain, policy, report, sender, said)
