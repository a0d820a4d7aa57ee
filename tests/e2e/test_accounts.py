"""Accounts in a running daemon: imported, reloaded, cut off in the middle."""

import json
import signal
import subprocess
import time

import pytest

from tests.harness.desk import Daemon, Desk, wait_until
from tests.harness.mails import mail

HEADER = "account_id,account_name,plan,contact_name,addresses,numbers,authorized,role,valid_until\n"


def rows(accounts: int, plan: str = "standard") -> str:
    return HEADER + "".join(
        f"c{each},Customer {each},{plan},Desk,desk@c{each}.example,+1557{each:07},true,,\n" for each in range(accounts)
    )


def filed(desk: Desk, tmp_path, sender: str) -> dict:
    path = tmp_path / "mail.eml"
    path.write_bytes(mail(sender=sender))
    (outcome,) = desk.json("ingest", str(path))
    return outcome["ticket"]


def test_an_import_while_the_daemon_runs_holds_at_once_and_is_attributed(desk: Desk, daemon: Daemon, tmp_path) -> None:
    (tmp_path / "customers.csv").write_text(rows(250))
    *differences, summary = desk.json("accounts", "import", str(tmp_path / "customers.csv"))
    assert len(differences) == 500
    assert summary == {"dry_run": False, "accounts": 250, "changes": {"added": 500}, "warnings": 0}
    ticket = filed(desk, tmp_path, "desk@c249.example")
    assert (ticket["account"]["id"], ticket["contact"]["authorized"]) == ("c249", True)
    assert len(desk.json("accounts", "list")) == 251
    (shown,) = desk.json("accounts", "show", "c0")
    assert shown["events"][0]["actor"] in shown["source"]
    exported = desk.run("accounts", "export", "--format", "csv")
    (tmp_path / "again.csv").write_text(exported)
    assert desk.json("accounts", "import", str(tmp_path / "again.csv")) == [
        {"dry_run": False, "accounts": 251, "changes": {}, "warnings": 0}
    ]
    assert daemon.events("accounts_refreshed")[0]["accounts"] == 251


def test_a_bad_accounts_file_keeps_the_old_one_and_a_good_one_leaves_what_commands_added(
    desk: Desk, daemon: Daemon, tmp_path
) -> None:
    desk.run("accounts", "add-contact", "acme", "--name", "Night", "--address", "night@acme.example", "--authorized")
    good = (desk.folder / "accounts.yaml").read_text()
    (desk.folder / "accounts.yaml").write_text("accounts:\n  - {id: acme, nam: Acme}\n")
    refused = desk.try_run("reload")
    assert refused.returncode == 78
    assert "accounts.yaml:2:16: unknown key" in refused.stderr
    daemon.process.send_signal(signal.SIGHUP)
    wait_until(lambda: len(daemon.events("not_reloaded")) >= 4, within=30, what="a line for each mistake, twice")
    assert filed(desk, tmp_path, "ops@acme.example")["account"]["name"] == "Acme Widgets"
    (desk.folder / "accounts.yaml").write_text(good.replace("Acme Widgets", "Acme Works"))
    desk.run("reload")
    ticket = filed(desk, tmp_path, "night@acme.example")
    assert (ticket["account"]["name"], ticket["contact"]["name"]) == ("Acme Works", "Night")


def test_rules_that_stop_naming_the_plan_of_an_imported_account_are_refused(desk: Desk, daemon: Daemon) -> None:
    desk.run("accounts", "add", "plain", "--name", "Plain Foods", "--plan", "gold")
    rules = desk.folder / "rules.yaml"
    before = rules.read_text()
    rules.write_text("plans: [standard]\n" + before)
    for command, code in (("reload", 78), ("check", 78)):
        refused = desk.try_run(command)
        assert refused.returncode == code, refused
        assert 'rules.yaml:1:1: plans: "gold" is not named here, and the account plain has it' in refused.stderr
    desk.run("accounts", "set", "plain", "--plan", "standard")
    desk.run("reload")


def test_check_says_where_file_and_store_disagree(desk: Desk, daemon: Daemon) -> None:
    desk.run("accounts", "add-contact", "acme", "--name", "Night", "--address", "night@acme.example", "--authorized")
    accounts = desk.folder / "accounts.yaml"
    whole = {"id": "acme", "name": "Acme", "contacts": [{"name": "Night", "addresses": ["NIGHT@acme.example"]}]}
    accounts.write_text(json.dumps({"accounts": [whole]}, indent=1))
    findings = [
        each for each in desk.json("check") if each["place"].startswith(str(accounts)) and each["level"] != "ok"
    ]
    (found,) = findings
    assert found["level"] == "warning"
    assert "rules over night@acme.example of acme" in found["what"]
    assert "says otherwise, and `inboxd accounts remove-contact acme night@acme.example` removes it" in found["what"]
    desk.run("reload")
    desk.run("accounts", "remove-contact", "acme", "night@acme.example")
    assert not [
        each for each in desk.json("check") if each["place"].startswith(str(accounts)) and each["level"] != "ok"
    ]


@pytest.mark.parametrize("delay", [0.2, 0.6])
def test_a_kill_in_the_middle_of_an_import_leaves_all_of_it_or_nothing(desk: Desk, tmp_path, delay: float) -> None:
    (tmp_path / "first.csv").write_text(rows(1500))
    (tmp_path / "second.csv").write_text(rows(1500, plan="gold"))
    desk.run("accounts", "import", str(tmp_path / "first.csv"))
    daemon = desk.start()
    try:
        with subprocess.Popen(
            desk.command("accounts", "import", str(tmp_path / "second.csv")),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=desk.environment,
        ):  # fmt: skip
            time.sleep(delay)
            daemon.kill()
    finally:
        daemon.kill()
    plans = {account["plan"] for account in desk.json("accounts", "list") if account["id"] != "acme"}
    assert plans in ({"standard"}, {"gold"})
    desk.run("accounts", "import", str(tmp_path / "second.csv"))
    assert {each["plan"] for each in desk.json("accounts", "list") if each["id"] != "acme"} == {"gold"}
