"""Senders that are made to be taken for somebody on file."""

import pytest

from inboxd.accounts import Account, Contact, Directory
from inboxd.identity import look_alikes

ON_FILE = (
    "ops@acmewidgets.example", "boss@harbor-clinic.co.uk", "office@b\u00fccherhaus.example",
    "office-desk@b\u00fccherhaus.example", "it@mill.example",
)  # fmt: skip
DIRECTORY = Directory(
    Account(id=str(number), name=address, contacts=(Contact(id=address, name="x", addresses=(address,)),))
    for number, address in enumerate(ON_FILE)
)


def a_label(domain: str) -> str:
    return "xn--" + domain.encode("punycode").decode()


@pytest.mark.parametrize(
    ("sender", "imitates", "how"),
    [
        ("ops@" + a_label("acm\u0435widgets") + ".example", "ops@acmewidgets.example", "foreign letters"),
        ("ops@" + a_label("acmewidg\u00e9ts") + ".example", "ops@acmewidgets.example", "foreign letters"),
        ("ops@acmewldgets.example", "ops@acmewidgets.example", "letters that look alike"),
        ("ops@acrnewidgets.example", "ops@acmewidgets.example", "letters that look alike"),
        ("ops@acmewidget5.test", "ops@acmewidgets.example", "letters that look alike"),
        ("boss@harb0r-clinic.co.uk", "boss@harbor-clinic.co.uk", "letters that look alike"),
        ("ops@acmewdigets.example", "ops@acmewidgets.example", "one letter"),
        ("ops@acmewidgts.example", "ops@acmewidgets.example", "one letter"),
        ("ops@acmewidgetss.test", "ops@acmewidgets.example", "one letter"),
        ("ops@acmewidgets-support.example", "ops@acmewidgets.example", "added word"),
        ("ops@supportacmewidgets.example", "ops@acmewidgets.example", "added word"),
        ("x@my-harbor-clinic.co.uk", "boss@harbor-clinic.co.uk", "added word"),
        ("ops@acmewidgets.test", "ops@acmewidgets.example", "another ending"),
        ("ops@acmewidgets.co", "ops@acmewidgets.example", "another ending"),
        ("ops@acmewidgets.example.evil.test", "ops@acmewidgets.example", "as a prefix"),
        ("0ps@acmewidgets.example", "ops@acmewidgets.example", "letters that look alike"),
        ("bsos@harbor-clinic.co.uk", "boss@harbor-clinic.co.uk", "one letter"),
        ("ops@acmewidgetsexample.test", "ops@acmewidgets.example", "added word"),
        ("ops@acmewidgets-example.test", "ops@acmewidgets.example", "added word"),
        ("boss@harborclinic.test", "boss@harbor-clinic.co.uk", "one letter"),
        ("osp@acmewidgets.example", "ops@acmewidgets.example", "one letter"),
        ("ops@acrnewidgets-support.example", "ops@acmewidgets.example", "added word"),
        ("ops@acmewidgets.example-mail.test", "ops@acmewidgets.example", "as a prefix"),
        ("it@imll.example", "it@mill.example", "one letter"),
        ("office.desk@b\u00fccherhaus.example", "office-desk@b\u00fccherhaus.example", "one letter"),
        ("office@bucherhaus.example", "office@b\u00fccherhaus.example", "letters that look alike"),
    ],
)
def test_an_imitation_is_told_with_what_it_imitates(sender: str, imitates: str, how: str) -> None:
    found = look_alikes.of(DIRECTORY).find(sender)
    assert found is not None
    assert (found.address, found.how) == (imitates, how)
    assert imitates in found.sentence(sender)


@pytest.mark.parametrize(
    "sender",
    [
        "ops@acmewidgets.example",
        "OPS@AcmeWidgets.example",
        "sales@acmewidgets.example",
        "ops@mail.acmewidgets.example",
        "office@xn--bcherhaus-q9a.example",
        "someone@elsewhere.example",
        "it@hill.example",
        "x@co.uk",
        "a@b.example",
    ],
)
def test_who_resembles_nobody_or_is_on_file_is_no_imitation(sender: str) -> None:
    assert look_alikes.of(DIRECTORY).find(sender) is None


def test_a_large_directory_costs_a_look_no_more_than_a_small_one() -> None:
    many = Directory(
        Account(
            id=str(number), name="x", contacts=(Contact(id="x", name="x", addresses=(f"ops@firm{number:05}.example",)),)
        )
        for number in range(2_000)
    )
    index = look_alikes.of(many)
    assert look_alikes.of(many) is index
    assert index.find("ops@firm00017-support.example") is not None
