"""Who an address or a number belongs to."""

from datetime import date

import pytest

from inboxd.accounts import Account, Contact, Directory, authorized_on

OPS = Contact(id="ops@acme.example", name="Operations", addresses=("ops@acme.example",), numbers=("+15550100",))
NIGHT = Contact(
    id="night@acme.example",
    name="Night shift",
    addresses=("night@acme.example", "info@b\u00fccher.example"),
    numbers=("+15550100", "+15550101"),
)
SHARED = Contact(
    id="it@agency.example", name="Agency", addresses=("it@agency.example", "ops@acme.example"), numbers=("+15550101",)
)
ACME = Account(id="acme", name="Acme Widgets", plan="standard", contacts=(OPS, NIGHT))
HARBOR = Account(id="harbor", name="Harbor Clinic", contacts=(SHARED,))
DIRECTORY = Directory([ACME, HARBOR])


def names(matches: object) -> list[tuple[str, str]]:
    return [(match.account.id, match.contact.name) for match in matches]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("night@acme.example", [("acme", "Night shift")]),
        ("NIGHT@Acme.Example", [("acme", "Night shift")]),
        ("info@xn--bcher-kva.example", [("acme", "Night shift")]),
        ("ops@acme.example", [("acme", "Operations"), ("harbor", "Agency")]),
        ("nobody@acme.example", []),
        ("n\u0131ght@acme.example", []),
        ("", []),
    ],
)
def test_an_address_finds_every_contact_that_has_it(address: str, found: list[tuple[str, str]]) -> None:
    assert names(DIRECTORY.by_address(address)) == found


@pytest.mark.parametrize(
    ("number", "found"),
    [
        ("+15550100", [("acme", "Operations"), ("acme", "Night shift")]),
        ("+15550101", [("acme", "Night shift"), ("harbor", "Agency")]),
        ("15550100", []),
        ("anonymous", []),
    ],
)
def test_a_number_finds_every_contact_that_has_it(number: str, found: list[tuple[str, str]]) -> None:
    assert names(DIRECTORY.by_number(number)) == found


def test_a_contact_that_lists_an_address_in_two_spellings_is_one_match() -> None:
    twice = Contact(id="a", name="A", addresses=("info@b\u00fccher.example", "info@xn--bcher-kva.example"))
    directory = Directory([Account(id="acme", name="Acme", contacts=(twice,))])
    assert len(directory.by_address("info@b\u00fccher.example")) == 1


def test_accounts_are_found_by_id_and_keep_the_order_of_the_file() -> None:
    assert DIRECTORY.get("harbor") is HARBOR
    assert DIRECTORY.get("HARBOR") is None
    assert [account.id for account in DIRECTORY] == ["acme", "harbor"]
    assert len(DIRECTORY) == 2
    assert len(Directory()) == 0


@pytest.mark.parametrize(
    ("authorized", "valid_until", "day", "holds"),
    [
        (True, None, date(2026, 1, 1), True),
        (True, date(2026, 12, 31), date(2026, 12, 31), True),
        (True, date(2026, 12, 31), date(2027, 1, 1), False),
        (False, None, date(2026, 1, 1), False),
        (False, date(2099, 12, 31), date(2026, 1, 1), False),
    ],
)
def test_authority_holds_to_the_end_of_its_last_day(
    authorized: bool, valid_until: date | None, day: date, holds: bool
) -> None:
    contact = Contact(id="a", name="A", authorized=authorized, valid_until=valid_until)
    assert authorized_on(contact, day) is holds
