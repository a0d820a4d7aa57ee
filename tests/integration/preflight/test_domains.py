"""What `check` says of the DNS and of the desk's own domains."""

import json
from pathlib import Path

import pytest

from inboxd.preflight.domains import domains
from inboxd.settings import Settings, load
from tests.harness.dns import NameServer, Silence, txt

OUTGOING = {"host": "127.0.0.1", "port": 25, "tls": "none"}


def settings(folder: Path, nameserver: str, domain: str, **sections: object) -> Settings:
    written = {
        "dns": {"nameservers": [nameserver]},
        "smtp": {"recipients": [f"support@{domain}", f"help@{domain}", "root@localhost"]},
        **sections,
    }
    (folder / "inboxd.yaml").write_text(json.dumps(written))
    return load(folder / "inboxd.yaml")


def test_name_servers_that_do_not_answer_need_a_person(tmp_path: Path, silence: Silence) -> None:
    (finding,) = domains(settings(tmp_path, silence.address, "desk.example"))
    assert (finding.level, silence.address in finding.place) == ("failed", True)
    assert "no mail is proven" in finding.what


def test_a_desk_that_sends_nothing_needs_no_records(tmp_path: Path, name_server: NameServer) -> None:
    (finding,) = domains(settings(tmp_path, name_server.address, "check-nothing.example"))
    assert (finding.level, finding.what) == ("ok", "they answer")


def test_a_domain_that_publishes_nothing_is_told_what_to_publish(tmp_path: Path, name_server: NameServer) -> None:
    found = list(domains(settings(tmp_path, name_server.address, "check-bare.example", outgoing=OUTGOING)))
    assert [finding.level for finding in found] == ["ok", "warning", "warning"]
    assert "v=spf1" in found[1].what
    assert "_dmarc.check-bare.example" in found[2].what


@pytest.mark.parametrize(
    ("number", "policies", "told"),
    [
        (1, ["v=DMARC1; p=quarantin"], 'cannot be used: _dmarc.check-odd1.example TXT "v=DMARC1; p=quarantin"'),
        (2, ["v=DMARC1; p=none", "v=DMARC1; p=reject"], "it has 2 DMARC records"),
    ],
)
def test_a_policy_that_counts_for_nobody_is_shown(
    tmp_path: Path, name_server: NameServer, number: int, policies: list[str], told: str
) -> None:
    domain = f"check-odd{number}.example"
    name_server.publish({domain: [txt("v=spf1 -all")], f"_dmarc.{domain}": [txt(each) for each in policies]})
    found = list(domains(settings(tmp_path, name_server.address, domain, outgoing=OUTGOING)))
    assert [finding.level for finding in found] == ["ok", "ok", "warning"]
    assert told in found[2].what


@pytest.mark.parametrize(("records", "level"), [(1, "ok"), (2, "warning")])
def test_a_domain_with_its_records_is_in_order(
    tmp_path: Path, name_server: NameServer, records: int, level: str
) -> None:
    domain = f"check-{records}.example"
    lines = [txt(f"v=spf1 ip4:192.0.2.{number} -all") for number in range(records)]
    name_server.publish({domain: lines, f"_dmarc.{domain}": [txt("v=DMARC1; p=reject")]})
    found = list(domains(settings(tmp_path, name_server.address, domain, outgoing=OUTGOING)))
    assert [finding.level for finding in found] == ["ok", level, "ok"]
