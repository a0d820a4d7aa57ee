"""A machine to throw away: this one's files under an overlay, with systemd as its first process.

What is installed, started or broken in there is gone with it. Needs root, overlayfs and systemd; the network is shared,
so that packages can be fetched.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.harness.desk import DeskFailed, wait_until

# Its own /dev, /run and /tmp: systemd makes sockets and links there. /proc/sys is the kernel's, which is shared.
BOOT = """\
set -eu
mount --make-rprivate /
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
cd "$1/root"
mount -t proc proc proc
mount --bind proc/sys proc/sys
mount -o remount,ro,bind proc/sys
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=0755 tmpfs dev
for device in null zero full random urandom tty; do
    touch "dev/$device"
    mount --bind "/dev/$device" "dev/$device"
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
mount -t tmpfs -o mode=1777 tmpfs dev/shm
cat etc/resolv.conf >"$1/resolv.conf" 2>/dev/null || true
mount -t tmpfs -o mode=0755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
rm -f etc/resolv.conf etc/fstab
# What was installed or tried by hand on this machine is not on that one.
rm -rf opt/inboxd etc/inboxd var/lib/inboxd home/eng1 usr/local/bin/inboxd usr/local/share/*/*inboxd* \
    usr/local/share/*/*/*inboxd* usr/local/lib/*/inboxd.* usr/local/lib/systemd/system/inboxd.service* \
    etc/systemd/system/inboxd.service* etc/systemd/system/*.wants/inboxd.service
sed -i -e '/^inboxd:/d' -e '/^eng1:/d' etc/passwd etc/shadow etc/group etc/gshadow
cp "$1/resolv.conf" etc/resolv.conf
: >etc/machine-id
for unit in systemd-remount-fs systemd-udevd systemd-udev-trigger; do
    ln -sf /dev/null "etc/systemd/system/$unit.service"
done
mkdir -p .before
pivot_root . .before
umount -l /.before
cd /
# As an init expects it: what it mounts for a service (credentials) reaches the namespaces that are there already.
mount --make-rshared /
exec env -i container=other PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \\
    /lib/systemd/systemd --system --unit=basic.target
"""
# A real disk: an overlay keeps its files there, and `/tmp` is often memory.
FOLDER = "/var/tmp"
NAMESPACES = ("--mount", "--pid", "--uts", "--ipc", "--cgroup")


def missing() -> tuple[str, str] | None:
    """What keeps this machine from having another one in it, and how to get it; None when nothing does."""
    if os.geteuid() != 0:
        return "root, to start a machine in this one", "run the tests as root"
    if not Path("/lib/systemd/systemd").exists():
        return "systemd", "apt-get install systemd"
    if "overlay" not in Path("/proc/filesystems").read_text("ascii").split():
        return "overlayfs", "run the tests on a kernel that has it (modprobe overlay)"
    if not _may_mount():
        return "the right to mount an overlay", "run the tests as root of a machine, or of a container with that right"
    return None


def _may_mount() -> bool:
    """Try what `BOOT` begins with: many containers do not let their root do it, or lie on an overlay themselves."""
    with tempfile.TemporaryDirectory(prefix="inboxd-machine-", dir=FOLDER) as folder:
        for name in ("upper", "work", "root"):
            Path(folder, name).mkdir()
        beginning = "\n".join(BOOT.splitlines()[:3])
        tried = ["unshare", *NAMESPACES, "--fork", "sh", "-c", beginning, "boot", folder]
        return subprocess.run(tried, capture_output=True, timeout=30, check=False).returncode == 0


@dataclass(slots=True)
class Machine:
    """A running one. `upper` holds what is different from this machine."""

    folder: Path
    process: subprocess.Popen[bytes]
    first_process: int

    @property
    def upper(self) -> Path:
        return self.folder / "upper"

    @classmethod
    def boot(cls, folder: Path) -> "Machine":
        """Start one in a new folder, which must not lie on an overlay itself."""
        for name in ("upper", "work", "root"):
            (folder / name).mkdir(parents=True)
        log = folder / "boot.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                ["unshare", *NAMESPACES, "--fork", "--kill-child", "sh", "-c", BOOT, "boot", str(folder)],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")

        def started() -> bool:
            if process.poll() is not None:
                raise DeskFailed(f"the machine did not start:\n{log.read_text('utf-8', 'replace')}")
            return bool(children.read_text("ascii").split())

        wait_until(started, within=30, what="a first process")
        machine = cls(folder=folder, process=process, first_process=int(children.read_text("ascii").split()[0]))
        try:
            wait_until(machine._is_up, within=60, what="systemd in the machine", every=0.2)
        except BaseException:
            machine.off()
            raise
        return machine

    def _is_up(self) -> bool:
        if self.process.poll() is not None:
            raise DeskFailed((self.folder / "boot.log").read_text("utf-8", "replace"))
        return self.try_run("systemctl", "is-system-running").stdout.strip() in ("running", "degraded")

    def try_run(
        self, *command: str, user: str | None = None, stdin: str = "", timeout: float = 300, umask: int = 0o022
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the machine to its end, as root or as a user of the machine."""
        switch: Sequence[str] = ("runuser", "-u", user, "--") if user else ()
        inside = ["nsenter", "--target", str(self.first_process), *NAMESPACES, "--root", "env", "--chdir=/"]
        path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        environment = {"PATH": path, "HOME": "/root", "LANG": "C.UTF-8"} | {
            name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_", "REQUESTS_"))
        }
        return subprocess.run(
            [*inside, *switch, *command], input=stdin, env=environment, umask=umask,
            capture_output=True, text=True, timeout=timeout, check=False,
        )  # fmt: skip

    def run(self, *command: str, user: str | None = None, stdin: str = "", timeout: float = 300) -> str:
        """Run a command and give its stdout; DeskFailed when its exit code is not 0."""
        done = self.try_run(*command, user=user, stdin=stdin, timeout=timeout)
        if done.returncode:
            journal = (
                self.try_run("journalctl", "--lines=20", "--output=short").stdout if "systemctl" in command else ""
            )
            raise DeskFailed(
                f"`{' '.join(command)}` ended with {done.returncode}:\n{done.stdout}{done.stderr}{journal}"
            )
        return done.stdout

    def bring(self, path: Path, to: str) -> None:
        """Copy a file or folder of this machine as it is now: what lies below an overlay must not be read changing."""
        target = Path(f"/proc/{self.first_process}/root{to}")
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            shutil.copytree(path, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(path, target)

    def off(self) -> None:
        """Kill everything in it; its mounts go with it."""
        if self.process.returncode is None:
            # The end of its first process is the end of all of them.
            os.kill(self.first_process, signal.SIGKILL)
            self.process.wait(30)
        for _ in range(50):
            try:
                shutil.rmtree(self.folder)
            except OSError:
                time.sleep(0.1)  # the kernel lets go of an overlay a moment after its namespace
            else:
                return
