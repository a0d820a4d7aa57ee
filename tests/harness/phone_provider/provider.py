"""The HTTP side: paths, sign-in, paging, filters, errors and sound, as the provider's API has them.

Knows nothing of pytest. `faults` makes it fail, `alter` changes what it answers (somebody between it and the desk);
with a `description` each other exchange is judged by it.
"""

import base64
import contextlib
import json
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.harness.phone_provider.description import Description
from tests.harness.phone_provider.state import ACCOUNT, BASE, TOKEN, Record, State, rfc2822

Answered = tuple[int, dict[str, Any] | None]
# Looks at method and path; gives the status and the provider's error number to answer with, or None.
Fault = Callable[[str, str], tuple[int, int] | None]

_MESSAGES = {
    20003: "Authentication Error - invalid username", 20404: "The requested resource was not found",
    20429: "Too Many Requests", 20500: "Internal Server Error",
}  # fmt: skip


class Provider:
    """A running provider at `url`."""

    def __init__(self, url: str, description: Description | None = None) -> None:
        self.url = url
        self.state = State()
        self.token = TOKEN
        self.description = description
        self.complaints: list[str] = []
        self.questions: list[str] = []
        self.faults: list[Fault] = []
        self.media_delay = 0.0
        self.alter: Callable[[str, Record], Record] | None = None

    @classmethod
    @contextlib.contextmanager
    def running(cls, description: Description | None = None) -> Iterator["Provider"]:
        """Listen on a free port of loopback until the block ends."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        server.daemon_threads = True
        provider = cls(f"http://127.0.0.1:{server.server_address[1]}", description)
        server.provider = provider  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def section(self, folder: Path) -> dict[str, str]:
        """The section `twilio` of a desk in `folder` that has its account here; its token is put there."""
        token = folder / "token"
        token.write_text(TOKEN, "utf-8")
        token.chmod(0o600)
        return {"account_sid": ACCOUNT, "auth_token_file": "./token", "api_url": self.url}

    def fail(self, pattern: str, status: int, code: int, *, times: int | None = 1) -> Fault:
        """Answer what matches (`GET /…`) with an error, so many times; None: until the fault is taken away."""
        left = [times]

        def fault(method: str, path: str) -> tuple[int, int] | None:
            if left[0] == 0 or not re.search(pattern, f"{method} {path}"):
                return None
            if left[0] is not None:
                left[0] -= 1
            return status, code

        self.faults.append(fault)
        return fault

    def answer(self, method: str, path: str, query: dict[str, str], form: dict[str, str]) -> Answered:
        """Answer a question of somebody who is signed in."""
        state = self.state
        with state.lock:
            if path == f"{BASE}.json":
                return 200, state.account()
            for name, records, filters in (
                ("recordings", state.recordings, {"CallSid": "call_sid"}),
                ("calls", state.calls, {"To": "to", "From": "from"}),
                ("incoming_phone_numbers", state.numbers, {"PhoneNumber": "phone_number"}),
            ):
                folder = "".join(part.capitalize() for part in name.split("_"))
                if path == f"{BASE}/{folder}.json" and method == "GET":
                    wanted = _filtered(list(records.values()), query, filters)
                    return 200, _page(f"{BASE}/{folder}.json", name, wanted, query)
                if found := re.fullmatch(rf"{BASE}/{folder}/(\w+)\.json", path):
                    return self._one(method, records, found[1], form)
            if path == f"{BASE}/Calls.json" and method == "POST":
                call = state.add_call(form["From"], form["To"], direction="outbound-api", status="queued")
                state.twiml[call["sid"]] = form.get("Twiml", "")
                return 201, call
            if path == f"{BASE}/Messages.json" and method == "POST":
                return 201, state.add_message(form["To"], form["From"], form["Body"])
        return 404, None

    def _one(self, method: str, records: dict[str, Record], sid: str, form: dict[str, str]) -> Answered:
        if sid not in records:
            return 404, None
        if method == "DELETE":
            del records[sid]
            self.state.media.pop(sid, None)
            return 204, None
        if method == "POST":
            records[sid] |= {_snake(name): value for name, value in form.items()}
        return 200, records[sid]


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _filtered(records: list[Record], query: dict[str, str], names: dict[str, str]) -> list[Record]:
    found = [r for r in reversed(records) if all(r[key] == query[name] for name, key in names.items() if name in query)]
    for name, key in (("DateCreated", "date_created"), ("StartTime", "start_time")):
        if after := query.get(f"{name}>"):
            since = datetime.fromisoformat(after)
            # The API filters by day; a client that counts on the hour would be wrong.
            found = [r for r in found if parsedate_to_datetime(r[key]).date() >= since.date()]
    return found


def _page(path: str, name: str, records: list[Record], query: dict[str, str]) -> dict[str, Any]:
    size, number = int(query.get("PageSize", "50")), int(query.get("Page", "0"))
    shown = records[number * size : (number + 1) * size]

    def at(page: int) -> str:
        more = {**query, "PageSize": str(size), "Page": str(page)}
        return f"{path}?{urlencode(more)}"

    last = (number + 1) * size >= len(records)
    return {
        name: shown, "page": number, "page_size": size, "start": number * size,
        "end": number * size + max(0, len(shown) - 1), "uri": at(number), "first_page_uri": at(0),
        "next_page_uri": None if last else f"{at(number + 1)}&PageToken=PA{shown[-1]['sid']}",
        "previous_page_uri": at(number - 1) if number else None,
    }  # fmt: skip


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def provider(self) -> Provider:
        return self.server.provider  # type: ignore[attr-defined,no-any-return]

    def log_message(self, *_: object) -> None:
        """Stay quiet."""

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):
            super().handle()

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_GET  # noqa: N815
    do_DELETE = do_GET  # noqa: N815

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        provider = self.provider
        provider.questions.append(f"{self.command} {parts.path}")
        for fault in provider.faults:
            if (wrong := fault(self.command, parts.path)) is not None:
                self._refuse(*wrong)
                return
        expected = base64.b64encode(f"{ACCOUNT}:{provider.token}".encode()).decode()
        if self.headers.get("Authorization") != f"Basic {expected}":
            self._refuse(401, 20003)
        elif found := re.fullmatch(rf"{BASE}/Recordings/(\w+)\.wav", parts.path):
            self._sound(found[1])
        else:
            self._record(parts.path, parts.query, body)

    def _record(self, path: str, query: str, body: bytes) -> None:
        asked = {name: values[-1] for name, values in parse_qs(query, keep_blank_values=True).items()}
        form = {name: values[-1] for name, values in parse_qs(body.decode(), keep_blank_values=True).items()}
        status, record = self.provider.answer(self.command, path, asked, form)
        if record is not None and self.provider.alter is not None:
            record = self.provider.alter(path, dict(record))
        content = b"" if record is None else json.dumps(record).encode()
        if self.provider.description is not None and self.provider.alter is None:
            self.provider.complaints += self.provider.description.complaints(
                self.command, path, query=query, headers=dict(self.headers), body=body, status=status, answer=content
            )
        if status == 404:
            self._refuse(404, 20404)
        else:
            self._send(status, content)

    def _sound(self, sid: str) -> None:
        record, sound = self.provider.state.recordings.get(sid), self.provider.state.media.get(sid)
        if record is None or sound is None or record["status"] != "completed":
            self._refuse(404, 20404)
            return
        time.sleep(self.provider.media_delay)
        self._send(200, sound[1], kind=sound[0])

    def _refuse(self, status: int, code: int) -> None:
        if status == 0:  # no answer at all
            self.close_connection = True
            return
        content = {
            "code": code, "message": _MESSAGES.get(code, "refused"), "status": status,
            "more_info": f"https://www.twilio.com/docs/errors/{code}",
        }  # fmt: skip
        self._send(status, json.dumps(content).encode())

    def _send(self, status: int, content: bytes, kind: str = "application/json") -> None:
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def main() -> None:
    """Run one for a person or for a validating proxy: `python -m tests.harness.phone_provider.provider [WAV]`."""
    with Provider.running() as provider:
        provider.state.add_number("+15550190", "help line")
        sound = b"" if len(sys.argv) < 2 else open(sys.argv[1], "rb").read()  # noqa: PTH123, SIM115
        call = provider.state.add_call("+15550100", "+15550190")
        provider.state.add_recording(call["sid"], sound)
        print(provider.url, ACCOUNT, TOKEN, rfc2822(datetime.now().astimezone()), flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
