"""The wheel holds all that the program needs, and the program runs out of it with the source away."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RUN = "from inboxd.cli.main import run; run()"


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT, check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    wheel = next(folder.glob("*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def _inboxd(site: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # The unpacked wheel stands before the checkout that this environment was made from.
    environment = {**os.environ, "PYTHONPATH": str(site)}
    command = [sys.executable, "-P", "-c", RUN, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, cwd=site, check=False)


def test_what_runs_is_the_wheel_and_not_the_checkout(unpacked: Path) -> None:
    where = subprocess.run(
        [sys.executable, "-P", "-c", "import inboxd, rules, store, transcribe; print(inboxd.__file__, store.__file__)"],
        env={**os.environ, "PYTHONPATH": str(unpacked)}, capture_output=True, text=True, check=True, timeout=60,
    ).stdout  # fmt: skip
    assert all(Path(place).is_relative_to(unpacked) for place in where.split())


def test_a_desk_made_by_the_wheel_files_a_mail(unpacked: Path, tmp_path: Path) -> None:
    desk, mail = tmp_path / "desk", tmp_path / "mail.eml"
    mail.write_text("From: ops@acme.example\nTo: support@example.com\nSubject: Fax server\n\nNothing goes out.\n")
    made = _inboxd(unpacked, "init", str(desk))
    assert made.returncode == 0, made.stderr
    filed = _inboxd(unpacked, "-c", str(desk / "inboxd.yaml"), "ingest", str(mail))
    assert filed.returncode == 0, filed.stderr
    assert "filed" in filed.stdout


def test_the_unit_travels_in_the_wheel(unpacked: Path) -> None:
    unit = (unpacked / "inboxd" / "_data" / "systemd" / "inboxd.service").read_text()
    assert "ExecStart=" in unit
    # A group that an older systemd does not know is left out with a warning, and the recogniser goes without its walls.
    calls, *_ = re.findall("^SystemCallFilter=([^~].*)$", unit, re.MULTILINE)
    assert {name for name in calls.split() if name.startswith("@")} == {"@system-service"}
    assert {"landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self", "seccomp"} <= set(calls.split())
