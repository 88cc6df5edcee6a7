"""From the document of run.sh to the result that a measurement over adb would have given."""

from pathlib import Path

import msgspec

from android_bench.device.facts import DeviceFacts, DeviceState, parse_facts
from android_bench.device.parsers import celsius
from android_bench.device.sections import fields, split_sections, whole_number
from android_bench.errors import BenchError
from android_bench.farm.document import FarmCoolDown, FarmDocument, FarmRun, decode, is_document
from android_bench.measurement import measuring, results
from android_bench.measurement.cooling import CoolDown
from android_bench.measurement.frames import ScheduleRun
from android_bench.measurement.layers import GraphProfile
from android_bench.measurement.phone_measurement import (
    PhoneRun,
    PhoneState,
    Setting,
    check_arithmetic,
    measurement,
)
from android_bench.measurement.results import BenchResult, Measurement
from android_bench.measurement.summary import summarise
from android_bench.remote.endings import conclude
from android_bench.remote.run_log import EventReader, RunLog


def load_result(path: Path) -> BenchResult:
    """Of a measurement, or of run.sh. Raises BenchError for what is neither."""
    try:
        encoded = path.read_bytes()
    except OSError as error:
        raise BenchError(f"can't read {path}: {error.strerror or error}") from error
    if not is_document(encoded):
        return results.load(path)
    try:
        return summarise(read_document(decode(encoded)))
    except BenchError as error:
        raise BenchError(f"{path}: {error}") from error


def read_document(document: FarmDocument) -> Measurement:
    """Raises BenchError where a run is not the one that was planned, or not whole."""
    plan, core = document.plan, document.core
    facts = read_facts(document)
    check_arithmetic(facts, {graph.runtime: graph.precision for graph in plan.graphs})
    rounds, *others = read_logs(document)
    start = rounds.start
    if (start.bundle, start.manifest_sha256) != (plan.bundle, plan.manifest_sha256):
        raise BenchError(f"the runner measured {start.bundle!r}, expected {plan.bundle!r}")
    if start.warmup is None or start.iterations is None:
        raise BenchError("the runner does not say how many rounds it was told to measure")
    setting = Setting(plan.runtimes, start.warmup, start.iterations, plan.order, plan.inputs)
    limit_c = document.cool_down.limit_c
    before, after = (read_state(lines, facts, core) for lines in (document.before, document.after))
    return measurement(
        rounds,
        PhoneRun(
            setting=setting,
            control=plan.control,
            runtimes={graph.key: graph.runtime for graph in plan.graphs},
            state=PhoneState(facts, core, before, after, limit_c),
            cooled=read_cool_down(document.cool_down),
            files=plan.files,
            schedules=read_schedules(document, others),
            profile=read_profile(document, others[-1]) if plan.profile else {},
        ),
    )


def read_facts(document: FarmDocument) -> DeviceFacts:
    """Raises BenchError where the core is none of the device's."""
    facts = parse_facts(document.name, split_sections("\n".join(document.facts)))
    if document.core not in {core.number for core in facts.cores}:
        raise BenchError(f"the device has no core {document.core}; measure again")
    return facts


def read_logs(document: FarmDocument) -> list[RunLog]:
    """Raises BenchError unless they are those of the plan, each from start to end."""
    commands = tuple(run.command for run in document.runs)
    if commands != document.plan.commands:
        raise BenchError(
            f"it has the runs {', '.join(commands) or 'of nothing'}, expected "
            f"{', '.join(document.plan.commands)}; measure again"
        )
    return [read_log(run, document.name) for run in document.runs]


def read_log(run: FarmRun, name: str) -> RunLog:
    """The checks are those of a run over adb."""
    reader = EventReader()
    for event in run.events:
        reader.read(msgspec.json.encode(event).decode())
    log = conclude(reader, 0, "", name)
    if log.start.command != run.command:
        raise BenchError(f"the runner ran {log.start.command!r}, expected {run.command!r}")
    return log


def read_state(lines: tuple[str, ...], facts: DeviceFacts, core: int) -> DeviceState:
    """The battery's temperature, which no result has, is left out."""
    found = fields("\n".join(lines))
    clock = f"{facts.sysfs}/devices/system/cpu/cpu{core}/cpufreq"
    return DeviceState(
        {zone.path: celsius(found.get(f"{zone.path}/temp")) for zone in facts.cpu_zones},
        None,
        whole_number(found.get(f"{clock}/scaling_cur_freq")),
        whole_number(found.get(f"{clock}/scaling_max_freq")),
    )


def read_cool_down(cooled: FarmCoolDown) -> CoolDown:
    start_c, end_c = (
        None if milli_c is None else milli_c / 1000
        for milli_c in (cooled.start_milli_c, cooled.end_milli_c)
    )
    return CoolDown(cooled.waited_s, start_c, end_c, cooled.reached)


def read_schedules(document: FarmDocument, logs: list[RunLog]) -> dict[str, ScheduleRun]:
    planned = document.plan.schedules
    return {
        one.runtime: measuring.schedule_run(log, one.asked(document.core))
        for one, log in zip(planned, logs, strict=False)
    }


def read_profile(document: FarmDocument, log: RunLog) -> dict[str, GraphProfile]:
    if log.start.iterations is None:
        raise BenchError("the runner does not say how many runs it was told to profile")
    return measuring.profiles(log, document.core, log.start.iterations)
