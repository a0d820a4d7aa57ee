"""The canary of a real daemon: out through a smarthost, in by SMTP and from a mailbox, and over a `kill -9`."""

from typing import Any

import pytest

from tests.harness.desk import Desk, wait_until
from tests.harness.dovecot import HOST, Dovecot
from tests.harness.mails import hand_in
from tests.harness.smarthost import Smarthost

pytestmark = pytest.mark.timeout(300)

LISTENER, BOX = "support@example.com", "box@example.com"


def test_it_comes_back_by_each_way_and_a_killed_daemon_sends_no_second_one(desk: Desk, dovecot: Dovecot) -> None:
    account = dovecot.account()
    password = desk.folder / "box-password"
    password.write_text(account.password)
    password.chmod(0o600)

    def addresses() -> dict[str, dict[str, Any]]:
        (status,) = desk.json("status")
        return {each["address"]: each for each in status["canary"]["addresses"]}

    with Smarthost().running() as smarthost:
        desk.change(
            {
                "smtp": {"recipients": [LISTENER]},
                "outgoing": {"host": "127.0.0.1", "port": smarthost.port, "tls": "none", "mode": "send"},
                "canary": {"every_seconds": 3600, "limit_seconds": 10},
                "imap": [
                    {
                        "name": "box", "host": HOST, "port": account.server.tls_port,
                        "ca_file": str(account.server.ca_file), "user": account.user, "password_file": str(password),
                        "address": BOX, "start": "all",
                    }
                ],
            }
        )  # fmt: skip
        daemon = desk.start()
        try:
            wait_until(lambda: len(daemon.events("sent")) == 2, within=60, what="two canaries", every=0.1)
            daemon.kill()
            daemon = desk.start()
            # Nobody brings them: that is an alarm, from the daemon that has not sent them.
            wait_until(lambda: len(daemon.events("canary_silent")) == 2, within=60, what="an alarm", every=0.2)
            found = desk.try_run("check")
            assert found.returncode == 1
            assert f"mail to {BOX} has not come back since" in found.stderr
            raws = {each.recipient: each.raw for each in smarthost.taken}
            hand_in(daemon.ports["smtp"], raws[LISTENER], sender="", recipient=LISTENER)
            account.append(raws[BOX])
            wait_until(lambda: len(daemon.events("canary_back")) == 2, within=60, what="the end of it", every=0.2)
            assert {each["silent_since"] for each in addresses().values()} == {None}
            assert all(each["came_back_at"] for each in addresses().values())
            rows = desk.json("intake", "list")
            assert [row["status"] for row in rows] == ["ignored", "ignored"]
            assert desk.json("tickets", "list") == []
            assert len(smarthost.taken) == 2
        finally:
            daemon.kill()
