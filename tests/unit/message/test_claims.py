"""What a header claims of its own credibility, read as plain data."""

import pytest

from inboxd.message import claims, parse, tags
from inboxd.message.claims import MAX_SIGNATURES


def read(*fields: str) -> claims.Claims:
    head = "From: ops@acme.example\r\n" + "".join(f"{field}\r\n" for field in fields)
    return parse(head.encode() + b"\r\nx\r\n").claims


def test_signers_are_named_with_the_place_of_their_key():
    found = read("DKIM-Signature: v=1; a=rsa-sha256; d=ACME.example;\r\n s=Key1; h=from; bh=x; b=y").signers
    assert [(each.domain, each.selector, each.key_name) for each in found] == [
        ("acme.example", "key1", "key1._domainkey.acme.example")
    ]


@pytest.mark.parametrize(
    "tag_list",
    [
        "d=acme.example",
        "d=acme.example; s=a b",
        "d=acme.example; s=k\\000.evil.example",
        "d=acme.example'a.evil.example; s=k",
        "d=acme.example(x; s=k",
        "d=example; s=k",
        "d=acme.example; d=evil.example; s=k",
        "d=acme.example; s=k; " + "x" * 9_000 + "=1",
        "d=acme.example;" + " " * 100 + "s=k",
        "just words",
    ],
)
def test_a_name_that_two_programs_could_ask_for_differently_is_no_signer(tag_list: str):
    assert read(f"DKIM-Signature: {tag_list}").signers == ()


def test_a_heap_of_foreign_signatures_does_not_hide_the_authors():
    heap = [f"DKIM-Signature: d=e{number}.example; s=k" for number in range(30)]
    found = read(*heap, "DKIM-Signature: d=acme.example; s=k").signers
    assert (len(found), found[0].domain) == (MAX_SIGNATURES, "acme.example")


def test_seals_are_named_and_the_newest_is_known():
    found = read(
        "ARC-Seal: i=2; d=late.example; s=s2; cv=pass; b=x",
        "ARC-Message-Signature: i=2; d=late.example; s=s2; b=x",
        "ARC-Seal: i=1; d=early.example; s=s1; cv=none; b=x",
    )
    assert found.newest_sealer == "late.example"
    assert [seal.domain for seal in found.seals] == ["late.example", "early.example"]


@pytest.mark.parametrize(
    ("received", "client_ip", "helo", "by"),
    [
        ("from a.b (r.b [192.0.2.1]) by mx.example.com with ESMTP", "192.0.2.1", "a.b", "mx.example.com"),
        ("from [198.51.100.9] (unknown [192.0.2.1]) by mx", "192.0.2.1", "[198.51.100.9]", "mx"),
        ("from m (r [IPv6:2001:db8::1]) (using TLSv1.3) by mx", "2001:db8::1", "m", "mx"),
        ("from r.b ([192.0.2.1] helo=a.b) by mx", "192.0.2.1", "a.b", "mx"),
        ("from [192.0.2.1] (helo=[198.51.100.9]) by mx", "192.0.2.1", "[198.51.100.9]", "mx"),
        ("from A (192.0.2.1) by B with Microsoft SMTP Server", "192.0.2.1", "A", "b"),
        ("from a (b [192.0.2.1] [198.51.100.9]) by mx", None, None, "mx"),
        ("from a (b [999.0.2.1]) by mx", None, None, "mx"),
        ("by mx (Postfix, from userid 0)", None, None, "mx"),
        ("from a (b [192.0.2.1]) (by evil) by mx", "192.0.2.1", "a", "mx"),
        ("from a (((((", None, None, None),
    ],
)
def test_a_hop_is_what_the_host_saw_and_not_what_its_client_said(received, client_ip, helo, by):
    (hop,) = read(f"Received: {received}; Mon, 2 Nov 2026 10:00:00 +0000").hops
    assert (hop.client_ip, hop.helo, hop.by) == (client_ip, helo, by)


def test_results_have_their_place_among_the_hops():
    found = read(
        "Received: by mx.example.com",
        "Authentication-Results: MX.example.com 1; dmarc=pass (p=reject) header.from=acme.example",
        "Authentication-Results: spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=acme.example; dkim=none",
    ).results
    assert [(each.authserv_id, each.hops_above) for each in found] == [("mx.example.com", 1), (None, 1)]
    assert found[0].methods[0].get("header.from") == "acme.example"
    assert [method.method for method in found[1].methods] == ["spf", "dkim"]


@pytest.mark.parametrize(
    "value",
    [
        'mx; spf=fail smtp.mailfrom="x; dmarc=pass header.from=acme.example"@evil.example',
        "mx; spf=fail (x; dmarc=pass header.from=acme.example)",
        "mx; spf=fail (x \\) ; dmarc=pass header.from=acme.example)",
        "mx; spf=fail (((x; dmarc=pass",
        "mx; " + "(" * 2_000,
        "mx; dmarc=pass header.from=acme.example; " + "x" * 5_000,
    ],
)
def test_no_result_comes_out_of_a_comment_or_a_quoted_string(value: str):
    (found,) = read(f"Authentication-Results: {value}").results
    assert "dmarc" not in [method.method for method in found.methods]


def test_a_list_of_tags_is_read_strictly():
    assert tags.parse(" v=1 ; b = aGk= ;") == {"v": "1", "b": "aGk="}
    for wrong in ("v", "v=1;;x=2", "1v=1", "v=1; v=1", "v=\x00"):
        with pytest.raises(ValueError, match="it "):
            tags.parse(wrong)
