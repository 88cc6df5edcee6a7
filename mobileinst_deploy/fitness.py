"""A phone as `doctor --serial` finds it, what was found, and as text."""

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from android_bench.device.facts import DeviceFacts, DeviceState, choose_core, read_facts, read_state
from android_bench.device.probe import Probe, probe
from android_bench.device.profiles import filled, matching_profile
from android_bench.transport import connect
from mobileinst_deploy.doctor import align

Verdict = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Check:
    name: str
    verdict: Verdict
    found: str
    advice: str = ""


@dataclass(frozen=True)
class Examined:
    facts: DeviceFacts
    state: DeviceState
    probe: Probe
    core: int  # the one that `bench` would choose


def examine_phone(serial: str, keys: Path | None) -> Examined:
    """Raises DeviceError where it can't be reached."""
    with closing(connect(serial, keys)) as transport:
        facts = read_facts(transport)
        profile = matching_profile(facts)
        facts = filled(facts, profile) if profile else facts
        core = choose_core(facts) if any(core.online for core in facts.cores) else 0
        return Examined(
            facts, read_state(transport, facts, core), probe(transport, facts, core), core
        )


def is_fit(checks: Sequence[Check]) -> bool:
    return all(check.verdict != "fail" for check in checks)


def as_json(serial: str, checks: Sequence[Check]) -> str:
    rows = [asdict(check) for check in checks]
    return json.dumps({"serial": serial, "fit": is_fit(checks), "checks": rows}, indent=2)


def as_text(checks: Sequence[Check]) -> str:
    rows = ((check.name, check.verdict, check.found, check.advice) for check in checks)
    table = align(("check", "verdict", "found", "what to do"), *rows)
    fit = "this phone can be measured on" if is_fit(checks) else "this phone is not fit"
    return "\n".join((*table, "", fit))
