"""The shipped unit and its companions, as systemd's own tools read them."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.plugins.needs import needs

FOLDER = Path(__file__).parents[2] / "systemd"
UNIT = FOLDER / "inboxd.service"
# The lines of `docs/install.md`, "What the unit forbids", say this number, too.
MOST_EXPOSED = 1.5


def tool(name: str) -> str:
    found = shutil.which(name)
    return found or needs(f"the program {name}", "apt-get install systemd")


def test_the_unit_has_no_mistake_that_systemd_knows_of(tmp_path: Path) -> None:
    command = tmp_path / "inboxd"
    command.write_text("#!/bin/sh\n")
    command.chmod(0o755)
    unit = tmp_path / "inboxd.service"
    unit.write_text(UNIT.read_text("utf-8").replace("/usr/local/bin/inboxd", str(command)))
    done = subprocess.run(
        [tool("systemd-analyze"), "verify", "--man=no", "--recursive-errors=no", str(unit)],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_unit_leaves_no_more_open_than_the_documents_say() -> None:
    done = subprocess.run(
        [tool("systemd-analyze"), "security", "--offline=true", "--no-pager", str(UNIT)],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    said = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert said is not None, done.stdout + done.stderr
    assert float(said[1]) <= MOST_EXPOSED
    page = (FOLDER.parent / "docs" / "install.md").read_text("utf-8")
    assert f"gives **{MOST_EXPOSED}**" in page


def test_the_user_the_group_and_the_folder_of_secrets_are_made_from_the_shipped_files(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        needs("root, to give folders to other users", "run the tests as root")
    (tmp_path / "etc").mkdir()
    subprocess.run(
        [tool("systemd-sysusers"), f"--root={tmp_path}", str(FOLDER / "sysusers.conf")],
        capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    passwd = (tmp_path / "etc" / "passwd").read_text("utf-8")
    assert re.search(r"^inboxd:x:(\d+):\1:.*:/var/lib/inboxd:/usr/sbin/nologin$", passwd, re.MULTILINE)
    subprocess.run(
        [tool("systemd-tmpfiles"), "--create", f"--root={tmp_path}", str(FOLDER / "tmpfiles.conf")],
        capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    assert (tmp_path / "etc" / "inboxd" / "credentials").stat().st_mode & 0o7777 == 0o700


@pytest.mark.parametrize("name", ["install", "venv", "python.sh"])
def test_the_scripts_are_plain_sh(name: str) -> None:
    subprocess.run(["sh", "-n", str(FOLDER.parent / "tools" / name)], check=True, timeout=60)
