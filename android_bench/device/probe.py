"""Tries on a phone what a measurement needs of it, and leaves nothing there."""

from collections.abc import Mapping
from dataclasses import dataclass

from android_bench.device.facts import DeviceFacts
from android_bench.device.sections import number_list, split_sections, whole_number
from android_bench.transport.base import Transport
from android_bench.transport.lines import shown

# STORAGE MASK: prints sections as device_facts.sh does. The mask is of one core, in hexadecimal.
PROBE = """\
folder=$1/mobileinst-deploy-probe-$$
said() { printf '== %s\\n' "$1"; sed 's/^/ /'; }
{ mkdir "$folder" && printf '#!%s\\nexit 0\\n' "$(command -v sh)" >"$folder/program" &&
    chmod 700 "$folder/program"; } 2>&1 | said write
"$folder/program" 2>&1 </dev/null | said execute
rm -rf "$folder"
{ stat -f -c '%a %S' "$1" || df -Pk "$1"; } 2>/dev/null | said space
taskset "$2" grep Cpus_allowed_list /proc/self/status 2>/dev/null | said pinned
"""
MIB = 2**20


@dataclass(frozen=True)
class Probe:
    write_fault: str | None  # what the phone says when a file can't be written
    execute_fault: str | None  # and when a program can't be started
    free_mib: int | None
    pinned_to: tuple[int, ...]  # the cores on which a pinned program may run; none: can't tell


def probe(transport: Transport, facts: DeviceFacts, core: int) -> Probe:
    """Raises DeviceError where the device is lost."""
    command = ("sh", "-c", PROBE, "sh", facts.storage, f"{1 << core:x}")
    return parse_probe(split_sections(transport.shell(command).stdout))


def parse_probe(sections: Mapping[str, str]) -> Probe:
    r"""
    >>> parse_probe({"write": "", "execute": "", "space": "1000 4096",
    ...     "pinned": "Cpus_allowed_list:\t7"})
    Probe(write_fault=None, execute_fault=None, free_mib=3, pinned_to=(7,))
    """
    blocks = [whole_number(word) for word in sections.get("space", "").split()[:2]]
    known = [number for number in blocks if number is not None]
    return Probe(
        shown(sections.get("write", "no answer")),
        shown(sections.get("execute", "no answer")),
        known[0] * known[1] // MIB if len(known) == 2 else None,
        number_list(sections.get("pinned", "").partition(":")[2]),
    )
