# For tools/venv and tools/install, which source it: is this a machine and a Python that inboxd runs on?
# shellcheck shell=sh

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

# Debian splits off what makes environments; asked for before anything is begun.
can_make_environments() { "$1" -c 'import ensurepip, venv' 2>/dev/null; }

# The bundled speech recogniser's wheel is built for glibc 2.34. Says what is wrong, returns 1.
fits_machine() {
    if [ "$(uname -s)" != Linux ]; then
        echo "inboxd runs on Linux; this is $(uname -s)."
        return 1
    fi
    "$1" - <<'PY'
import os, platform, sys

try:
    name, _, version = (os.confstr("CS_GNU_LIBC_VERSION") or "").partition(" ")
except (ValueError, OSError):  # musl knows no such name
    name = version = ""
problem = None
if name != "glibc" or tuple(map(int, version.split(".")[:2])) < (2, 34):
    problem = ("glibc 2.34 or later is needed (Debian 12, Ubuntu 22.04, Fedora 35, RHEL 9 or later); "
               f"this machine has {(name + ' ' + version).strip() or 'another C library'}.")
elif platform.machine() not in ("x86_64", "aarch64"):
    problem = f"x86_64 or aarch64 is needed; this machine is {platform.machine()}."
if problem:
    print(problem)
    sys.exit(1)
PY
}
