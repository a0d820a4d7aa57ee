"""The conversation with the phone provider through a validating proxy, which holds both sides to its description.

    INBOXD_SHARED=../shared make prism

CI runs it (.ci/run). Each test with the stand-in is judged by a library, too, which needs no Node and no registry
(tests/harness/phone_provider/description.py). The proxy is npm's prism-cli, pinned with all that it needs by the lock
beside this file. Prism skips bodies whose schema its validator refuses, and the document's own examples of addresses
(relative, or empty) are no `uri`: it is mended on the way in. Sound has no address in it, so none is asked for.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from inboxd.phone_api import LineAt, PhoneApi
from inboxd.remote.trouble import Troubled
from inboxd.settings import load
from tests.harness.phone_provider import ACCOUNT, TOKEN, Provider

_USED = ("/Recordings", "/Calls", "/IncomingPhoneNumbers", "/Messages", "/Accounts/{Sid}.json")


def mend(node: Any) -> None:
    """Make the document one that prism's validator takes."""
    if isinstance(node, dict):
        if node.get("nullable") is True and "type" not in node:
            node.pop("nullable")
        for name, schema in node.items():
            if isinstance(schema, dict) and name.endswith(("uri", "_url", "status_callback")):
                schema.pop("format", None)
        for value in node.values():
            mend(value)
    elif isinstance(node, list):
        for value in node:
            mend(value)


def main() -> int:
    """Run the conversation; exit 1 when prism objects, or when it does not object to a planted mistake."""
    document = json.loads(Path(os.environ["INBOXD_SHARED"], "twilio_api_v2010.json").read_text("utf-8"))
    document["paths"] = {path: item for path, item in document["paths"].items() if any(each in path for each in _USED)}
    mend(document)
    with tempfile.TemporaryDirectory() as name, Provider.running() as provider, socket.socket() as free:
        folder = Path(name)
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        (folder / "api.json").write_text(json.dumps(document), "utf-8")
        command = [sys.argv[1], "proxy", "-h", "127.0.0.1", "-p", str(port), "--errors", str(folder / "api.json")]
        with (folder / "prism.log").open("w") as log:
            prism = subprocess.Popen([*command, provider.url], stdout=log, stderr=log)
        try:
            _listening(port)
            (folder / "token").write_text(TOKEN, "utf-8")
            (folder / "token").chmod(0o600)
            keys = f"account_sid: {ACCOUNT}\n  auth_token_file: ./token\n  api_url: http://127.0.0.1:{port}\n"
            (folder / "inboxd.yaml").write_text(f"twilio:\n  {keys}", "utf-8")
            twilio = load(folder / "inboxd.yaml", {}).twilio
            assert twilio is not None
            return _talk(PhoneApi(twilio), provider)
        finally:
            prism.terminate()
            prism.wait(10)


def _talk(api: PhoneApi, provider: Provider) -> int:
    number = provider.state.add_number("+15550190", "help line")
    call = provider.state.add_call("+15550100", "+15550190")
    recordings = [provider.state.add_recording(call["sid"], b"", seconds=each) for each in range(1, 4)]
    yesterday = datetime.now(UTC) - timedelta(days=1)
    asked = 0
    for question in (
        api.account_status,
        api.numbers,
        lambda: api.set_number(
            number["sid"], LineAt(voice_url="https://desk.example.com/twilio/voice", voice_method="POST")
        ),
        lambda: api.call(call["sid"]),
        lambda: list(api.calls_to("+15550190", yesterday)),
        lambda: list(api.recordings(yesterday)),
        lambda: api.recordings_of(call["sid"]),
        lambda: api.recording(recordings[0]["sid"]),
        lambda: api.delete_recording(recordings[0]["sid"]),
        lambda: api.place_call(to="+15550111", from_="+15550190", twiml="<Response/>"),
        lambda: api.send_sms(to="+15550111", from_="+15550190", body="Answer 1 to take it."),
    ):
        question()
        asked += 1
    planted = provider.state.recordings[recordings[1]["sid"]]
    for name, wrong in (("duration", 4), ("status", "cheerful"), ("date_created", 0)):
        right = dict(planted)
        planted[name] = wrong
        try:
            api.recording(planted["sid"])
        except Troubled:
            planted.clear()
            planted.update(right)
        else:
            print(f"prism let a planted mistake through: {name} is {wrong!r}")
            return 1
    print(f"prism: {asked} questions and their answers hold to the description, and 3 planted mistakes do not")
    return 0


def _listening(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with socket.socket() as line:
            if line.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise TimeoutError


if __name__ == "__main__":
    sys.exit(main())
