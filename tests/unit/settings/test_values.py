"""Single values of the configuration file."""

import pytest

from inboxd.settings import values
from inboxd.settings.values import Endpoint


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("127.0.0.1:8025", "127.0.0.1", 8025),
        ("0.0.0.0:25", "0.0.0.0", 25),
        ("[::]:25", "::", 25),
        ("[fe80::1]:0", "fe80::1", 0),
        ("localhost:65535", "localhost", 65535),
    ],
)
def test_an_endpoint_is_read_and_written_the_same(text: str, host: str, port: int) -> None:
    endpoint = values.listen(text)
    assert endpoint == Endpoint(host=host, port=port)
    assert str(endpoint) == text


@pytest.mark.parametrize(
    "text",
    ["", ":25", "25", "127.0.0.1", "127.0.0.1:", "127.0.0.1:-1", "127.0.0.1:+1", "127.0.0.1:65536", "127.0.0.1:\u0661",
     "::1:25", "[::1]", "[::1]25", "[127.0.0.1]:25", "[localhost]:25", "*:25", "a b:25", "unix:/run/x",
     "-x:25", "1.2.3:25"],
)  # fmt: skip
def test_what_is_no_endpoint_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"write|ports end at"):
        values.listen(text)


@pytest.mark.parametrize("text", ["ns.example.com", "ns.example.com:53", "127.0.0.1:0", "", "::1:53x"])
def test_a_name_server_is_a_network_address(text: str) -> None:
    with pytest.raises(ValueError, match="write its network address"):
        values.nameserver(text)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:hidden@h/db",
        "postgresql://:hidden@h/db",
        "postgresql://u:@h/db",
        "postgresql+psycopg://u@h/db?password=hidden",
        "postgresql://u:hid%65den@h/db",
        "postgresql://u@h/db?sslpassword=hidden",
    ],
)
def test_a_password_in_a_store_url_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ValueError, match="a password never stands in this file") as refused:
        values.store_url(url)
    assert "hid" not in str(refused.value)


@pytest.mark.parametrize("url", ["mysql://u:hidden@h/db", "postgres://u:hidden@h/db", "postgresql://u:hidden@[h/db"])
def test_a_url_that_is_wrong_in_another_way_shows_no_password_either(url: str) -> None:
    with pytest.raises(ValueError, match="write") as refused:
        values.store_url(url)
    assert "hidden" not in str(refused.value)


@pytest.mark.parametrize(
    "mark", ["[#{reference}]", "T-{reference}", "{reference}", "Case {reference}:", "REQ-{reference}"]
)
def test_a_mark_of_references_that_is_read_back_is_one(mark: str) -> None:
    assert values.reference_mark(mark) == mark


@pytest.mark.parametrize(
    "mark",
    ["", "[#]", "{reference} {reference}", "x{reference}", "{reference}x", "9{reference}", "a\n{reference}",
     "v1.{reference}", "[#{reference}] " + "x" * 60, "/{reference}"],
)  # fmt: skip
def test_a_mark_that_no_answer_would_bring_back_is_none(mark: str) -> None:
    with pytest.raises(ValueError, match="reference"):
        values.reference_mark(mark)
