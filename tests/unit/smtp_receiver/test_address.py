"""

he grammar of addresses, from both sides: made by the grammar it is taken, made by chance it is taken once.
"""

import ipaddress
import string

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from inboxd.smtp_receiver.address import folded, forward_path, is_mailbox, reverse_path
from inboxd.smtp_receiver.recipients import Recipients

# How long an example takes says nothing here: other tests share the machine.
calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

ATEXT = string.ascii_letters + string.digits + "!#$%&'*+-/=?^_`{|}~"
atoms = st.text(ATEXT, min_size=1, max_size=12)
dot_strings = st.lists(atoms, min_size=1, max_size=4).map(".".join)
quoted = st.lists(
    st.one_of(
        st.sampled_from([chr(code) for code in (32, 33, *range(35, 92), *range(93, 127))]),
        st.sampled_from([f"\\{chr(code)}" for code in range(32, 127)]),
    ),
    max_size=12,
).map(lambda parts: f'"{"".join(parts)}"')
labels = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9-]{0,20}[A-Za-z0-9])?", fullmatch=True)
domains = st.one_of(
    st.lists(labels, min_size=1, max_size=4).map(".".join),
    st.ip_addresses(v=4).map(lambda address: f"[{address}]"),
    st.ip_addresses(v=6).map(lambda address: f"[IPv6:{address}]"),
)
mailboxes = st.builds(lambda local, domain: f"{local}@{domain}", st.one_of(dot_strings, quoted), domains)


@calm
@given(mailboxes)
def test_every_mailbox_of_the_grammar_is_taken_unchanged(mailbox):
    assert is_mailbox(mailbox)
    for argument in (f"<{mailbox}>", f"  <{mailbox}>  ", mailbox):
        path = reverse_path(argument)
        assert path is not None
        assert (path.mailbox, path.parameters) == (mailbox, "")


@calm
@given(mailboxes, st.text(st.characters(max_codepoint=255), min_size=1, max_size=20))
def test_what_follows_a_path_is_parameters_or_a_mistake(mailbox, rest):
    path = reverse_path(f"<{mailbox}>{rest}")
    if not rest.startswith(" ") or "\n" in rest:
        assert path is None or f"<{path.mailbox}>" != f"<{mailbox}>"
    else:
        assert path is not None
        assert (path.mailbox, path.parameters) == (mailbox, rest.strip(" "))


@calm
@given(st.text(st.characters(max_codepoint=255), max_size=60))
@example("<a@b>\n")
@example("<a@b\n>")
@example("<(c)a@b>")
def test_what_is_taken_is_printable_ascii_with_one_reading(argument):
    for path in (reverse_path(argument), forward_path(argument)):
        if path is None or "@" not in path.mailbox:
            continue
        assert all(" " <= letter <= "~" for letter in path.mailbox)
        assert is_mailbox(path.mailbox)
        local, _, domain = path.mailbox.rpartition("@")
        assert local.startswith('"') or "@" not in local
        assert "<" not in domain
        assert path.mailbox in argument


def test_the_null_path_is_a_sender_and_no_recipient():
    assert reverse_path("<>").mailbox == ""
    assert forward_path("<>") is None


def test_postmaster_without_a_domain_is_a_recipient_and_no_sender():
    assert forward_path("<PostMaster>").mailbox == "PostMaster"
    assert reverse_path("<postmaster>") is None


def test_only_ascii_case_is_folded():
    assert folded('"Support"@EXAMPLE.com') == "support@example.com"
    assert folded('"two words"@Example.com') == '"two words"@example.com'
    # KELVIN SIGN lower-cases to k; it never gets past the grammar.
    assert not is_mailbox("des\u212a@example.com")
    assert Recipients(["desk@example.com"], "mail.example.com").find("des\u212a@example.com") != "desk@example.com" or (
        forward_path("<des\u212a@example.com>") is None
    )


@calm
@given(st.ip_addresses(v=6))
def test_an_address_literal_may_be_written_in_full(address):
    assert is_mailbox(f"a@[IPV6:{ipaddress.IPv6Address(address).exploded}]")
