"""Whether the DNS can be asked, and what it says of the domains this desk writes from."""

from collections.abc import Iterator

from inboxd import addresses
from inboxd.authentication import dmarc
from inboxd.preflight.finding import Finding
from inboxd.resolver import Asker, Resolver
from inboxd.settings import Settings


def domains(settings: Settings) -> Iterator[Finding]:
    """Ask for one name, and for what receivers of this desk's mail will look for."""
    asker = Asker(Resolver([(endpoint.host, endpoint.port) for endpoint in settings.dns.nameservers]))
    own = list(dict.fromkeys(_own(settings)))
    servers = ", ".join(map(str, settings.dns.nameservers))
    place = f"dns.nameservers {servers}" if servers else "the name servers of this machine"
    answer = asker.ask(own[0] if own else "example.com", "TXT")
    if answer.outcome == "temperror":
        what = f"{answer.reason}: until they answer, no mail is proven by a signature or a server"
        # Named in our file, they are a remote like any other; without a name the machine may be meant to have none.
        yield Finding(level="failed" if servers else "warning", what=what, place=place)
        return
    yield Finding(level="ok", what="they answer", place=place)
    if settings.outgoing is not None:
        for domain in own:
            yield from _published(asker, domain)


def _own(settings: Settings) -> Iterator[str]:
    outgoing = settings.outgoing
    written = [outgoing.from_address] if outgoing is not None and outgoing.from_address is not None else []
    received = [*(settings.smtp.recipients if settings.smtp is not None else ())]
    received += [mailbox.address or mailbox.user for mailbox in settings.imap]
    for address in written or received:
        domain = addresses.key(address).rpartition("@")[2]
        if "@" in address and "." in domain:
            yield domain


def _published(asker: Asker, domain: str) -> Iterator[Finding]:
    spf = [text for text in asker.ask(domain, "TXT").records if text.lower().partition(" ")[0] == "v=spf1"]
    if len(spf) == 1:
        yield Finding(level="ok", what=f"it says from where it sends mail: {spf[0]}", place=f"{domain} (SPF)")
    else:
        wrong = f"it has {len(spf)} SPF records, so none counts" if spf else "it does not say from where it sends mail"
        right = 'one TXT record like "v=spf1 include:YOUR-SMARTHOST -all" lets receivers believe this desk'
        yield Finding(level="warning", what=f"{wrong}: {right}", place=f"{domain} (SPF)")
    policy = dmarc.discover(asker, domain)
    if policy.outcome == "found":
        yield Finding(level="ok", what=f"it says what mail is its own: {policy.records[0]}", place=f"{domain} (DMARC)")
        return
    wrong = "it does not say what mail is its own"
    if policy.outcome == "temperror":
        wrong = f"what it says of its mail could not be asked for ({policy.reason})"
    elif len(policy.records) > 1:
        wrong = f"it has {len(policy.records)} DMARC records, so none counts"
    elif policy.records:
        wrong = f"what it says of its mail cannot be used: {policy.records[0]}"
    right = f'a TXT record _dmarc.{domain} like "v=DMARC1; p=quarantine" lets receivers set forgeries apart'
    yield Finding(level="warning", what=f"{wrong}: {right}", place=f"{domain} (DMARC)")
