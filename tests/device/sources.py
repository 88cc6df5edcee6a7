"""What adbd is built from: Debian's source package of Android's platform tools.

Android.bp of that source lists the same files as host_supported.
"""

import re
from dataclasses import dataclass
from pathlib import Path

SOURCE_PACKAGE = "android-platform-tools"
UPSTREAM = "29.0.6"  # Debian 12; the edits below are checked against it
ADB = "system/core/adb"
LIBRARIES = ("base", "cutils", "log", "crypto", "cap", "resolv", "util", "pthread")
C = ("gcc", "-O1", "-w")
CPP = ("g++", "-O1", "-w", "-std=gnu++2a", "-fno-exceptions")
# Android's shell is mksh and its commands are toybox's.
PACKAGES = (
    *("android-libboringssl-dev", "android-libbase-dev", "android-libcutils-dev"),
    *("android-liblog-dev", "libcap-dev", "dpkg-dev", "g++"),
    *("adb", "mksh", "toybox", "qemu-user-static"),
)
IN_ADB = """
    adb adb_io adb_listeners adb_trace adb_unique_fd adb_utils fdevent/fdevent fdevent/fdevent_poll
    fdevent/fdevent_epoll services sockets socket_spec sysdeps/errno transport transport_fd
    transport_local transport_usb types sysdeps_unix sysdeps/posix/network daemon/auth
    daemon/jdwp_service daemon/usb_dummy daemon/file_sync_service daemon/services
    daemon/shell_service daemon/main shell_service_protocol adbconnection/adbconnection_server
"""
FILES = (
    *(f"{ADB}/{name}.cpp" for name in IN_ADB.split()),
    "system/core/diagnose_usb/diagnose_usb.cpp",
    "system/core/libasyncio/AsyncIO.cpp",
    "system/core/libcrypto_utils/android_pubkey.c",
    "frameworks/native/libs/adbd_auth/adbd_auth.cpp",
)
INCLUDES = (
    "/usr/include/android",
    ADB,
    f"{ADB}/daemon/include",
    f"{ADB}/adbconnection/include",
    *(
        f"system/core/{part}include"
        for part in ("", "base/", "libcutils/", "liblog/", "diagnose_usb/", "libasyncio/")
    ),
    "system/core/libcrypto_utils/include",
    "frameworks/native/libs/adbd_auth/include",
)
DEFINES = {
    "_GNU_SOURCE": "1",
    "ADB_HOST": "0",
    "ALLOW_ADBD_ROOT": "0",
    "ADB_VERSION": f'"{UPSTREAM}"',
    "PLATFORM_TOOLS_VERSION": f'"{UPSTREAM}"',
    "_FILE_OFFSET_BITS": "64",
    "ANDROID_BASE_UNIQUE_FD_DISABLE_IMPLICIT_CONVERSION": "1",
    "NDEBUG": "1",
}
# Included before each C++ file: two headers that a file forgets, no annotations of clang's, and
# Android's shell instead of the host's.
PRELUDE = """
#include <atomic>
#include <cstdlib>
#include <optional>
#include <paths.h>
#include <android-base/thread_annotations.h>
#undef THREAD_ANNOTATION_ATTRIBUTE__
#define THREAD_ANNOTATION_ATTRIBUTE__(x)
#undef _PATH_BSHELL
#define _PATH_BSHELL "/bin/mksh"
"""


@dataclass(frozen=True)
class Edit:
    """Replaces the one place in a file that a pattern matches."""

    file: str
    pattern: str
    replacement: str

    def apply(self, tree: Path) -> None:
        path = tree / self.file
        text, times = re.subn(self.pattern, lambda _: self.replacement, path.read_text())
        if times != 1:
            raise LookupError(f"{self.file}: expected /{self.pattern}/ once, found {times}")
        path.write_text(text)


EDITS = (
    # Listens only where it is told to: stock adbd takes every interface.
    Edit(
        f"{ADB}/daemon/main.cpp",
        r'[\w:]+\("service\.adb\.listen_addrs", ""\)',
        'getenv("ADBD_LISTEN")',
    ),
    # The keys it accepts are those of one file of the test's.
    Edit(
        "frameworks/native/libs/adbd_auth/adbd_auth.cpp",
        r"static constexpr (?=const char\* key_paths\[\])[^;]*",
        'inline static const char* const key_paths[] = {getenv("ADBD_KEYS")}',
    ),
    # Commands get the phone's TMPDIR, which isn't /data/local/tmp on a host.
    Edit(f"{ADB}/daemon/shell_service.cpp", r'env\["TMPDIR"\] = [^;]*;', ""),
)
