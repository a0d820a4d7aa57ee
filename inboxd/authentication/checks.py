"""Each check's result with the sentence that a person reads, who may never have heard of the check."""

from collections.abc import Sequence
from typing import Final

from inboxd import addresses
from inboxd.authentication import passed_on
from inboxd.authentication.alignment import aligned
from inboxd.authentication.dmarc import DomainPolicy
from inboxd.authentication.records import Check, record
from inboxd.authentication.relay import Client
from inboxd.authentication.spf import SpfResult
from inboxd.message.claims import Results
from inboxd.signatures import LOCATING, Checked, Report, Signature

_RANKS: Final[tuple[Checked, ...]] = ("pass", "policy", "temperror", "fail", "permerror")
_SPF_WORDS: Final = {
    "fail": "{domain} says that it sends no mail from the server this came from, {ip}",
    "softfail": "{domain} says that it hardly sends mail from the server this came from, {ip}",
    "neutral": "{domain} does not say whether it sends mail from the server this came from, {ip}",
    "none": "{domain} does not publish from where it sends mail",
    "permerror": "what {domain} publishes about its servers cannot be used: {reason}",
    "temperror": "what {domain} publishes about its servers could not be asked for: {reason}",
}


def dkim(author: str, report: Report | None, keys: dict[str, tuple[str, ...] | None], policy: DomainPolicy) -> Check:
    """Judge the signatures: one of the author's domain that is good enough proves the author."""
    domain = author.rpartition("@")[2]
    if report is None:
        return Check(
            name="dkim", result="permerror", sentence="Its signatures (DKIM) cannot be checked: that takes too much."
        )
    if not report.signatures:
        return Check(name="dkim", result="none", sentence="It is not signed (DKIM).")
    own = [each for each in report.signatures if each.domain and aligned(each.domain, domain, policy.dkim)]
    best = min(own or report.signatures, key=lambda each: _RANKS.index(each.result))
    records = tuple(record(best.key_name, text) for text in keys.get(best.key_name) or ()) if best.key_name else ()
    if not own:
        return Check(name="dkim", result=best.result, sentence=_foreign(report, best, domain), records=records)
    if best.result == "pass" and policy.outcome == "temperror" and best.domain != domain:
        # Whether a parent's or a child's signature counts is for the domain's policy to say.
        sentence = (
            f"{best.domain} signed it (DKIM); whether that counts for {domain} could not be asked: {policy.reason}."
        )
        return Check(name="dkim", result="pass", sentence=sentence, records=records, waits=True)
    return Check(
        name="dkim",
        result=best.result,
        sentence=_signature(best),
        records=records,
        proves=best.result == "pass",
        waits=any(each.result == "temperror" for each in own),
        leaves_open=_left_open([each for each in own if each.result == "pass"]),
    )


def _left_open(signatures: Sequence[Signature]) -> frozenset[str]:
    """Return what none of the signatures covers."""
    return frozenset(LOCATING).intersection(*(each.leaves_open for each in signatures))


def _foreign(report: Report, best: Signature, domain: str) -> str:
    names = ", ".join(dict.fromkeys(each.domain for each in report.signatures if each.domain))
    if not names:
        return f"It carries a signature (DKIM) that cannot count: {best.reason}."
    return f"It is signed (DKIM) by {names}, not by {domain}."


def _signature(signature: Signature) -> str:
    match signature.result:
        case "pass":
            return f"{signature.domain} signed this mail, its text and to whom it was written (DKIM)."
        case "policy":
            return f"{signature.domain} signed it (DKIM), but that proves nothing here: {signature.reason}."
        case "fail":
            return f"It carries a signature of {signature.domain} (DKIM), but {signature.reason}."
        case "temperror":
            return f"It carries a signature of {signature.domain} (DKIM), but {signature.reason}."
        case "permerror":
            return f"It carries a signature of {signature.domain} (DKIM) that cannot count: {signature.reason}."


def spf(author: str, mail_from: str | None, client: Client, sender: SpfResult | None) -> Check:
    """Judge the server that handed it over: it proves the author when the envelope names the same address."""
    if sender is None:
        reason = client.reason or "the sender on the envelope is not known"
        return Check(name="spf", result=None, sentence=f"Its server was not checked (SPF): {reason}.")
    domain = sender.domain or "the sender's domain"
    same = mail_from is not None and addresses.key(mail_from) == addresses.key(author)
    if sender.result != "pass":
        words = _SPF_WORDS.get(sender.result, "{domain} gives no usable answer").format(
            domain=domain, ip=client.ip, reason=sender.reason or "no reason is known"
        )
        if sender.domain is None:
            words = sender.reason or words
        # A domain stays as it is written.
        sentence = f"{words if words.startswith(domain) else words[0].upper() + words[1:]} (SPF)."
        waits = sender.result == "temperror" and same
        return Check(name="spf", result=sender.result, sentence=sentence, records=sender.records, waits=waits)
    start = f"{domain} sends mail from the server this came from, {client.ip} (SPF)"
    if not same:
        other = "no address" if mail_from == "" else f"another address, {mail_from}"
        sentence = f"{start}, but the envelope names {other}, so that says nothing of {author}."
    elif sender.shortfall is not None:
        sentence = f"{start}, but that proves nothing: {sender.shortfall}."
    else:
        sentence = f"{start}, and the envelope names {author}, too."
    proves = same and sender.shortfall is None
    return Check(name="spf", result="pass", sentence=sentence, records=sender.records, proves=proves)


def arc(author: str, report: Report | None) -> Check:
    """Judge the seals of those who passed it on: a trusted one's word proves the author."""
    chain = report.chain if report is not None else None
    if chain is None:
        return Check(name="arc", result=None, sentence="Its seals (ARC) cannot be checked: that takes too much.")
    match chain.result:
        case "none":
            return Check(name="arc", result="none", sentence="Nobody sealed it on its way (ARC).")
        case None:
            who = chain.sealer or "somebody"
            return Check(
                name="arc", result=None, sentence=f"{who} sealed it on its way (ARC), and is not trusted here."
            )
        case "temperror":
            sentence = f"{chain.sealer} sealed it on its way (ARC), but {chain.reason}."
            return Check(name="arc", result="temperror", sentence=sentence, waits=True)
        case "fail":
            sentence = f"It claims a seal of {chain.sealer} (ARC), but {chain.reason}."
            return Check(name="arc", result="fail", sentence=sentence)
        case "pass":
            shortfalls = [passed_on.shortfall(methods, author) for methods in chain.passed_on]
            if None in shortfalls:
                sentence = f"{chain.sealer}, which is trusted to pass mail on, had found it proven (ARC)."
                return Check(
                    name="arc", result="pass", sentence=sentence, proves=True, leaves_open=frozenset(chain.leaves_open)
                )
            why = shortfalls[0] if shortfalls else "it says nothing"
            sentence = f"{chain.sealer}, which is trusted, passed it on (ARC), but does not prove it: {why}."
            return Check(name="arc", result="pass", sentence=sentence)


def authentication_results(author: str, results: Results, shortfall: str | None) -> Check:
    """Judge what a trusted server had found."""
    who = results.authserv_id or "the mailbox's server"
    if shortfall is None:
        sentence = f"{who}, whose word counts here, found that {author} sent it (Authentication-Results)."
        # Where the author's own server handed it over, nobody else wrote anything in it. Of a signature the word says
        # nothing of the kind: what it covers is known where it still holds (one that does would prove the author).
        by_server = passed_on.by_spf(results.methods, author)
        leaves_open = frozenset[str]() if by_server else frozenset(LOCATING)
        return Check(
            name="authentication-results", result="pass", sentence=sentence, proves=True, leaves_open=leaves_open
        )
    sentence = f"{who}, whose word counts here, does not prove it: {shortfall} (Authentication-Results)."
    return Check(name="authentication-results", result="fail", sentence=sentence)


def dmarc(
    domain: str, policy: DomainPolicy, report: Report | None, sender: SpfResult | None, said: str | None
) -> Check:
    """Judge whether the author's domain owns the mail or disowns it; `said` is what a trusted server found."""
    result = _dmarc_word(domain, policy, report, sender, said)
    asks = {
        "none": "asks for nothing",
        "quarantine": "asks to set such mail apart",
        "reject": "asks to refuse such mail",
    }
    match result:
        case "pass":
            sentence = f"{domain} owns this mail (DMARC)."
        case "fail":
            sentence = f"{domain} says that this mail is not its own, and {asks[policy.wanted]} (DMARC)."
        case "temperror":
            sentence = f"What {domain} asks for could not be found out (DMARC): {policy.reason or 'ask again later'}."
        case "none":
            sentence = f"{domain} does not publish what mail is its own (DMARC)."
        case _:
            sentence = f"Whether {domain} disowns this mail cannot be said: its server is not known (DMARC)."
    return Check(name="dmarc", result=result, sentence=sentence, records=policy.records, waits=result == "temperror")


def _dmarc_word(
    domain: str, policy: DomainPolicy, report: Report | None, sender: SpfResult | None, said: str | None
) -> str | None:
    if said is not None:
        return said
    if policy.outcome != "found":
        return policy.outcome
    signatures = [
        each
        for each in (report.signatures if report is not None else ())
        if each.domain and aligned(each.domain, domain, policy.dkim)
    ]
    from_server = sender is not None and sender.domain is not None and aligned(sender.domain, domain, policy.spf)
    if any(each.holds for each in signatures) or (sender is not None and from_server and sender.result == "pass"):
        return "pass"
    if any(each.result == "temperror" for each in signatures) or (sender is not None and sender.result == "temperror"):
        return "temperror"
    # Without the server, and without having seen the signatures, nobody can say that a mail is not the domain's own.
    return "fail" if sender is not None and report is not None else None
