"""Whatever a header claims, checking it ends in findings: a job that dies of a mail would put it into quarantine."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from inboxd.authentication import Checker
from inboxd.authentication.trust import Trust, TrustedMailbox
from inboxd.message import parse
from inboxd.resolver import Resolver
from inboxd.resolver.answer import Answer, Kind
from inboxd.signatures import Order, Report, verify

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
TEXT = st.text(st.characters(min_codepoint=1, max_codepoint=0x17F, exclude_characters="\r\n"), max_size=60)
WORDS = (
    "mx.desk.example", ";", "dmarc=pass", "header.from=acme.example", "header.d=..", "dkim=pass", "spf=pass",
    "smtp.mailfrom=@", "i=1;", "cv=none;", "v=1;", "a=rsa-sha256;", "d=acme.example;", "s=k;", "h=from:to;", "bh=aGk=;",
    "b=aGk=", "l=5;", "from", "a", "(b", "[192.0.2.1])", "by", "mx;", "(", ")", '"', "\\", "[", "]", "d=co.uk;", "x=1;",
    "t=9999999999;", "c=a/b;", "k=rsa", "ed25519-sha256",
)  # fmt: skip
VALUES = st.one_of(TEXT, st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join))
RECORDS = ("v=spf1 +all", "v=spf1 a mx ptr exists:%{l}.x ~all", "v=DMARC1; p=reject", "v=DKIM1; p=aGk=")
FIELDS = st.lists(
    st.tuples(
        st.sampled_from(
            ["DKIM-Signature", "ARC-Seal", "ARC-Message-Signature", "ARC-Authentication-Results", "Received",
             "Authentication-Results", "To", "Cc", "Date", "Content-Type", "Subject"]
        ),
        VALUES,
    ),
    max_size=8,
)  # fmt: skip
ANSWERS = st.sampled_from(["found", "none", "temperror", "permerror"])


class Scripted(Resolver):
    """A DNS that says what the example wants."""

    def __init__(self, outcome: str, text: str) -> None:
        super().__init__()
        self._answer = Answer(outcome=outcome, records=(text,) if outcome == "found" else ())  # type: ignore[arg-type]

    def ask(self, name: str, kind: Kind, *, seconds: float = 1.0) -> Answer:
        return self._answer


def check(raw: bytes | object, order: Order) -> Report:
    assert isinstance(raw, bytes)
    return verify(raw, order)


@settings(max_examples=300, deadline=None)
@given(
    fields=FIELDS,
    outcome=ANSWERS,
    text=st.one_of(TEXT, st.sampled_from(RECORDS)),
    mail_from=st.one_of(st.none(), TEXT, st.just("ops@acme.example")),
    mailbox=st.sampled_from([None, "plain", "google", "microsoft", "gone"]),
)
def test_every_header_and_every_record_ends_in_findings(fields, outcome, text, mail_from, mailbox) -> None:
    head = "From: ops@acme.example\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields)
    raw = head.encode() + b"\r\nHello\r\n"
    trust = Trust(
        ours=frozenset({"support@desk.example"}),
        sealers=frozenset({"acme.example"}),
        authserv_ids=frozenset({"mx.desk.example"}),
        mailboxes={
            "plain": TrustedMailbox(authserv_id="mx.desk.example"),
            "google": TrustedMailbox(provider="google"),
            "microsoft": TrustedMailbox(provider="microsoft"),
        },
    )
    envelope = {"mail_from": mail_from, "client_ip": "192.0.2.1", "mailbox": mailbox, "rcpt_tos": []}
    findings = Checker(Scripted(outcome, text), check, trust).check(raw, parse(raw), envelope, NOW)
    for each in findings.checks:
        assert each.sentence.endswith(".")
        assert not any(ord(letter) < 0x20 for letter in each.sentence)
