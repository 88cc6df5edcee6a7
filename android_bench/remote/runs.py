"""The runs of a device by the names of their folders, which say whose they are."""

import os
import re
import secrets

from android_bench.remote.locks import host_token

RUN = re.compile(r"run-(?P<host>[0-9a-f]{8})-(?P<pid>[0-9]{1,10})-[0-9a-f]{8}(\.gone)?")

own_runs: set[str] = set()  # of this process, on all devices, until they are cleaned


def new_run() -> str:
    """The name of a folder, which counts as ours from now on."""
    name = f"run-{host_token()}-{os.getpid()}-{secrets.token_hex(4)}"
    own_runs.add(name)
    return name


def busy(run: str, alive: bool) -> str | None:
    """Who still waits for a run, or for its process where that is alive; None where nobody does."""
    match = RUN.fullmatch(run)
    assert match is not None
    pid = int(match["pid"])
    if run in own_runs:
        return "this process"
    if not alive or (match["host"] == host_token() and not is_running(pid)):
        return None
    return f"process {pid} of {'this' if match['host'] == host_token() else 'another'} machine"


def is_running(pid: int) -> bool:
    """Another process than this one."""
    try:
        os.kill(pid, 0)  # sends nothing
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return pid != os.getpid()
