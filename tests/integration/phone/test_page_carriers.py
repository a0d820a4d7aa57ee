"""A page on its way out: what the provider is asked for, what a webhook is told, and which failures are for good."""

import json
import ssl
import threading
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import pytest

from inboxd.oncall.page_carriers import PageCarriers
from inboxd.phone_api import PhoneApi
from inboxd.phone_api import http as phone_http
from inboxd.send import Later, Never
from tests.harness.certificates import Authority
from tests.harness.phone_provider import Provider


class _Items:
    """The store of these tests: every item has one token."""

    def read(self) -> "_Items":
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None


@pytest.fixture
def carriers(
    phone_settings: Callable[..., Any], api: PhoneApi, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., PageCarriers]:
    monkeypatch.setattr("store.pages.of_item", lambda *_: SimpleNamespace(token="a-token"))

    def made(*, public: bool = True, **twilio: Any) -> PageCarriers:
        settings = phone_settings(**twilio)
        given = SimpleNamespace(twilio=settings.twilio, http=settings.http if public else None)
        return PageCarriers(_Items(), given, api)

    return made


def item(to: str, **more: Any) -> Any:
    known = {"id": 7, "kind": "page", "to_name": "engineer-1", "ticket_ref": "48213-7", "ticket_id": 1}
    known |= {"to_address": to, "from_address": "+15550191", "subject": "Page", "text": "This is a page."}
    return SimpleNamespace(**known | more)


def test_a_call_reads_the_page_and_waits_for_key_1(carriers: Callable[..., PageCarriers], provider: Provider) -> None:
    begun: list[int] = []
    carriers().call(item("tel:+15550171"), lambda: begun.append(len(provider.state.calls)))
    assert begun == [0]  # said before it cannot be taken back
    ((sid, call),) = provider.state.calls.items()
    assert (call["to"], call["from"]) == ("+15550171", "+15550191")
    gather = ET.fromstring(provider.state.twiml[sid]).find("Gather")
    assert gather is not None
    assert (gather.attrib["numDigits"], gather.attrib["input"]) == ("1", "dtmf")
    assert gather.attrib["action"] == "https://desk.example.com/twilio/page/a-token"
    (said,) = gather
    assert (said.text, said.attrib["language"]) == ("This is a page. Press 1 to take it.", "en-US")


def test_where_no_key_can_be_heard_the_call_says_what_ends_it(
    carriers: Callable[..., PageCarriers], provider: Provider
) -> None:
    carriers(public=False).call(item("tel:+15550171"), lambda: None)
    (twiml,) = provider.state.twiml.values()
    assert "Gather" not in twiml
    assert "oncall, ack" in twiml


def test_a_german_desk_pages_in_an_english_voice(carriers: Callable[..., PageCarriers], provider: Provider) -> None:
    carriers(language="de-DE", voice="Polly.Vicki").call(item("tel:+15550171"), lambda: None)
    (twiml,) = provider.state.twiml.values()
    assert 'language="en-US"' in twiml
    assert "Polly" not in twiml


def test_a_text_message_is_sent_and_what_fails_is_tried_again_or_not(
    carriers: Callable[..., PageCarriers], provider: Provider
) -> None:
    carriers().sms(item("sms:+15550172"), lambda: None)
    (message,) = provider.state.messages.values()
    assert (message["to"], message["body"]) == ("+15550172", "This is a page.")
    provider.fail("Messages", 503, 20503)
    with pytest.raises(Later):
        carriers().sms(item("sms:+15550172"), lambda: None)
    provider.fail("Messages", 400, 21211)
    with pytest.raises(Never):
        carriers().sms(item("sms:+15550172"), lambda: None)
    with pytest.raises(Never, match="page_from"):
        carriers().sms(item("sms:+15550172", from_address=None), lambda: None)


@pytest.fixture
def webhook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """An https server that keeps what it is told and answers as it is asked to."""
    authority = Authority.made(tmp_path)
    signed = authority.sign("localhost")
    heard = SimpleNamespace(answers=[], told=[], url="")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(heard.answers.pop(0))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(signed.certificate, signed.key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    monkeypatch.setattr(phone_http, "authorities", lambda: str(authority.certificate))
    heard.url = f"https://localhost:{server.server_address[1]}/page"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield heard
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(("status", "error"), [(204, None), (500, Later), (429, Later), (404, Never), (302, Later)])
def test_a_webhook_is_told_in_json_and_its_answer_counts(
    carriers: Callable[..., PageCarriers], webhook: SimpleNamespace, status: int, error: type[Exception] | None
) -> None:
    webhook.answers.append(status)
    page = item(webhook.url, from_address=None)
    if error is None:
        carriers().webhook(page, lambda: None)
    else:
        with pytest.raises(error):
            carriers().webhook(page, lambda: None)
    (told,) = webhook.told
    assert told == {
        "id": 7, "kind": "page", "to": "engineer-1", "ticket": "48213-7", "subject": "Page", "text": "This is a page.",
    }  # fmt: skip


def test_a_webhook_that_cannot_be_trusted_or_reached_is_tried_again(carriers: Callable[..., PageCarriers]) -> None:
    with pytest.raises(Later) as later:
        carriers().webhook(item("https://127.0.0.1:9/page"), lambda: None)
    assert later.value.unknown
