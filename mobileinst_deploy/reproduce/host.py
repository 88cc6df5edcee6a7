"""Measure all networks of the tables on one core of this machine, in interleaved rounds."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from android_bench.measurement.conditions import load_average, pinned, read_core_state
from android_bench.measurement.core_clock import CoreClock
from android_bench.measurement.measuring import check_cores
from android_bench.measurement.neighbours import busy_elsewhere, read_core_times
from android_bench.measurement.results import GraphSamples, Measurement, RanFile
from mobileinst_deploy.bench.host import Loaded, ran_files
from mobileinst_deploy.bench.host_conditions import HostState, describe_conditions
from mobileinst_deploy.bench.plan import CONTROL, BenchSettings
from mobileinst_deploy.bench.rounds import Progress, run_rounds
from mobileinst_deploy.reproduce.choosing import Network
from mobileinst_deploy.reproduce.loading import LoadedNetworks, load_networks, peak_memory
from mobileinst_deploy.reproduce.measured import (
    RUN_NAME,
    Measured,
    digest_all,
    digest_manifests,
)
from mobileinst_deploy.runtimes.base import Runtime


@dataclass(frozen=True)
class Ran:
    """What is known when all samples are taken."""

    samples: dict[str, GraphSamples]
    state: HostState
    peak_rss_mib: float | None


def measure_on_host(
    networks: Sequence[Network], runtime: Runtime, settings: BenchSettings, progress: Progress
) -> Measured:
    """The first network has a control; one of the others that can't be loaded is left out.

    Raises DeviceError where the core can't be had, RunError where a graph fails that was loaded, or
    the first network can't be, BenchError where a sample ran on another core.
    """
    load_before = load_average()
    with pinned(settings.core) as core, ExitStack() as stack:
        before = read_core_state(core)
        found = load_networks(stack, networks, runtime, core)
        timers, times = found.timers(), read_core_times()
        samples = run_rounds([*timers.values()], settings, progress)
        busy = busy_elsewhere(times, read_core_times(), core)
        highest, after = CoreClock(core).highest_khz(), read_core_state(core)
        state = HostState(core, highest, load_before, before, after, busy)
        ran = Ran(dict(zip(timers, samples, strict=True)), state, peak_memory(found))
    check_cores([seen for graph in samples for seen in graph.cores], core)
    took_part = [network for network in networks if network.model in found.graphs]
    manifests = digest_manifests(took_part)
    return Measured(
        describe(took_part, runtime, settings, found, ran, digest_all(manifests)),
        manifests,
        found.failed,
    )


def describe(
    networks: Sequence[Network],
    runtime: Runtime,
    settings: BenchSettings,
    found: LoadedNetworks,
    ran: Ran,
    manifests_sha256: str,
) -> Measurement:
    first = networks[0]
    served = found.graphs[first.model].served
    return Measurement(
        bundle=RUN_NAME,
        manifest_sha256=manifests_sha256,
        graphs={name: graph for name, graph in ran.samples.items() if name != CONTROL},
        control=ran.samples[CONTROL],
        peak_rss_mib=ran.peak_rss_mib,
        conditions=describe_conditions(
            first.bundle,
            (runtime,),
            settings,
            ran.state,
            [*ran.samples.values()],
            served.facts if served else None,
        ),
        files=tuple(all_files(networks, runtime, found.graphs)),
    )


def all_files(
    networks: Sequence[Network], runtime: Runtime, loaded: Mapping[str, Loaded]
) -> Iterator[RanFile]:
    for network in networks:
        served = loaded[network.model].served
        for file in ran_files(network.bundle, network.jobs(runtime), served, golden=0):
            yield replace(file, name=f"{network.model}/{file.name}")
