"""The commands of an Android 13 phone: toybox's where it has them, the host's for the rest.

Nothing else is on the phone's PATH, so that what the harness runs there is what a phone has.
"""

import os
import shutil
import subprocess
from pathlib import Path

# AOSP's shell_and_utilities/README.md lists them.
ANDROID = """
    [ awk base64 basename bc blkid cal cat chgrp chmod chown chroot chrt cksum clear cmp comm cp
    cpio cut date dd df diff dirname dmesg dos2unix du echo egrep env expand expr fallocate false
    fgrep file find flock fmt free fsync getconf getopt grep groups gunzip gzip head hostname
    iconv id inotifyd ionice iotop kill killall ln logname ls lsof md5sum mkdir mkfifo mktemp more
    mountpoint mv nc netstat nice nl nohup nproc nsenter od paste patch pgrep pidof ping pkill
    pmap printenv printf ps pwd readelf readlink realpath renice rev rm rmdir sed seq setsid
    sha1sum sha224sum sha256sum sha384sum sha512sum sleep sort split stat strings stty sync sysctl
    tac tail tar taskset tee test time timeout top touch tr true truncate tty ulimit uniq
    unix2dos unlink unshare uptime usleep uudecode uuencode vmstat watch wc which whoami xargs xxd
    yes zcat
"""
OTHERS = {"sh": "mksh", "toybox": "toybox", "qemu-aarch64-static": "qemu-aarch64-static"}


def write_commands(folder: Path) -> None:
    """Makes a folder of links. Raises LookupError where a program of `OTHERS` isn't there."""
    folder.mkdir()
    toybox = found("toybox")
    applets = subprocess.run([toybox], check=True, capture_output=True, text=True).stdout.split()
    for name in ANDROID.split():
        program = toybox if name in applets else shutil.which(name)
        if program is not None:
            (folder / name).symlink_to(os.path.realpath(program))
    for name, program in OTHERS.items():
        (folder / name).symlink_to(found(program))


def found(program: str) -> str:
    path = shutil.which(program)
    if path is None:
        raise LookupError(f"{program} isn't installed")
    return os.path.realpath(path)
