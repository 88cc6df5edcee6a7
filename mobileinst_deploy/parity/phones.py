"""Phones in a comparison: which precisions one is asked for, and what it says about itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from android_bench.building import Runner
from android_bench.device.facts import DeviceFacts, choose_core
from android_bench.errors import DeviceError
from android_bench.remote.run_log import Start
from android_bench.remote.session import Session
from export.errors import BundleError
from export.manifest import Bundle, Precision
from mobileinst_deploy.bench.phone_runner import runner_for
from mobileinst_deploy.parity.report import PhoneUsed
from mobileinst_deploy.runtimes.base import Runtime
from mobileinst_deploy.runtimes.native import phone_runtimes
from mobileinst_deploy.runtimes.phone import PhoneNets, phone_job, phone_runtime, runtime_name

HALF_FEATURE = "asimdhp"  # without it ncnn computes in float32 and does not say so


@dataclass(frozen=True)
class PhoneWishes:
    precisions: tuple[Precision, ...] = ()  # none: those that the bundle has and the phone can
    core: str = ""  # prime, big, little, a number; "": one of the fastest cluster


@dataclass(frozen=True)
class PhoneRows:
    """One phone's part of a comparison."""

    nets: PhoneNets
    runtimes: tuple[Runtime, ...]
    used: PhoneUsed


def open_rows(
    session: Session, bundle: Bundle, wishes: PhoneWishes, progress: Callable[[str], None]
) -> PhoneRows:
    """Pushes what the phone lacks.

    Raises DeviceError where there is no runner for the phone, or where it lacks the core or an
    arithmetic that was asked for, BundleError where the bundle has no such files.
    """
    facts = session.facts
    runner, core = runner_for(facts), choose_core(facts, wishes.core)
    precisions = wishes.precisions or stored_precisions(bundle)
    job = phone_job(bundle, precisions)

    def pushed(done: int, total: int) -> None:
        progress(f"pushing to {facts.serial}, {done / max(total, 1):.0%}")

    start = PhoneNets(session, runner, job, core).meet(pushed)
    left_out = unfit(facts.serial, start, precisions)
    if left_out and (wishes.precisions or len(left_out) == len(precisions)):
        raise DeviceError("; ".join(f"{name}: {reason}" for name, reason in left_out.items()))
    usable = [p for p in precisions if runtime_name(facts.serial, p) not in left_out]
    graphs = tuple(graph for graph in job.graphs if graph.precision in usable)
    nets = PhoneNets(session, runner, replace(job, graphs=graphs), core)
    return PhoneRows(
        nets,
        tuple(phone_runtime(nets, precision) for precision in usable),
        describe(facts, runner, core, start, left_out),
    )


def stored_precisions(bundle: Bundle) -> tuple[Precision, ...]:
    """Raises BundleError where it has no ncnn files at all."""
    found = tuple(r.precision for r in phone_runtimes().values() if r.has_files(bundle))
    if not found:
        raise BundleError(
            f"{bundle.path} has no ncnn files, which are what a phone runs; export it again with "
            "--targets ncnn among others"
        )
    return found


def unfit(serial: str, start: Start, precisions: Sequence[Precision]) -> dict[str, str]:
    """By the runtimes' names: why the phone would not compute what it is asked for."""
    if "fp16" not in precisions or HALF_FEATURE in start.features:
        return {}
    reason = (
        "this CPU has no float16 arithmetic (features: "
        f"{', '.join(start.features) or 'none'}), so ncnn would compute in float32"
    )
    return {runtime_name(serial, "fp16"): reason}


def describe(
    facts: DeviceFacts, runner: Runner, core: int, start: Start, left_out: dict[str, str]
) -> PhoneUsed:
    return PhoneUsed(
        serial=facts.serial,
        manufacturer=facts.manufacturer,
        model=facts.model,
        soc=facts.soc,
        android_version=facts.android_version,
        abi=facts.abi,
        emulated=facts.emulated,
        core=core,
        features=start.features,
        runner=start.runner,
        runner_sha256=runner.sha256,
        target=start.target,
        ncnn=start.ncnn,
        left_out=left_out,
    )
