"""Who may be connected."""

import pytest

from inboxd.smtp_receiver.options import SmtpOptions
from inboxd.smtp_receiver.sessions import Sessions, group_of


class Guest:
    def __init__(self, group, since=None):
        self.group, self._since, self.dismissed = group, since, None

    def idle_since(self):
        return self._since

    def dismiss(self, reply):
        self.dismissed = reply

    def abort(self):
        self.dismissed = "cut"


def sessions(**limits):
    return Sessions(SmtpOptions(hostname="mail.example.com", recipients=(), max_size=1, **limits))


def test_a_place_is_free_again_when_its_session_ends():
    register = sessions(max_connections=1)
    first, second = Guest("a"), Guest("b")
    assert register.admit(first, 0) == "admitted"
    assert register.admit(second, 0) == "full"
    register.release(first)
    register.release(first)
    assert register.admit(second, 0) == "admitted"
    assert len(register) == 1


def test_a_client_at_its_limit_loses_its_own_idle_session_and_nobody_elses():
    register = sessions(max_connections_per_client=1, idle_grace=5.0)
    other, own, new = Guest("b", since=0.0), Guest("a", since=10.0), Guest("a")
    register.admit(other, 0)
    register.admit(own, 0)
    assert register.admit(new, 12.0) == "client-full"
    assert register.admit(new, 16.0) == "admitted"
    assert (own.dismissed is not None, other.dismissed) == (True, None)


def test_a_session_that_does_something_is_never_sent_away():
    register = sessions(max_connections=2, idle_grace=0.0)
    busy = [Guest("a"), Guest("b")]
    for guest in busy:
        register.admit(guest, 0)
    assert register.admit(Guest("c"), 1000.0) == "full"
    assert [guest.dismissed for guest in busy] == [None, None]


@pytest.mark.parametrize(
    ("client", "group"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::/64"),
        ("", ""),
    ],
)
def test_the_addresses_of_one_ipv6_customer_are_one_client(client, group):
    assert group_of(client) == group
