"""Measure all networks of the tables on one core of this machine, in interleaved rounds."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from android_bench.errors import BenchError, DeviceError
from android_bench.measurement.conditions import (
    load_average,
    peak_rss_mib,
    pinned,
    read_core_state,
)
from android_bench.measurement.core_clock import CoreClock
from android_bench.measurement.measuring import check_cores
from android_bench.measurement.neighbours import busy_elsewhere, read_core_times
from android_bench.measurement.results import GraphSamples, Measurement, RanFile
from export.errors import BundleError, first_line
from export.manifest import Bundle
from mobileinst_deploy.bench.host import SPARE, Loaded, load_jobs, ran_files
from mobileinst_deploy.bench.host_conditions import HostState, describe_conditions
from mobileinst_deploy.bench.plan import CONTROL, BenchSettings, Job, control_job
from mobileinst_deploy.bench.rounds import Progress, run_rounds
from mobileinst_deploy.bench.timers import LoadedGraph, Timer, time_run
from mobileinst_deploy.errors import RunError
from mobileinst_deploy.peers.post_processing import NUMPY, post_inputs
from mobileinst_deploy.reproduce.choosing import Network, graph_key
from mobileinst_deploy.reproduce.measured import (
    POST,
    RUN_NAME,
    Measured,
    digest_all,
    digest_manifests,
)
from mobileinst_deploy.runtimes.base import Runtime


@dataclass(frozen=True)
class LoadedNetworks:
    graphs: dict[str, Loaded]  # by model
    post: dict[str, Timer]  # by model
    failed: dict[str, str]  # why one can't be loaded, by model

    def timers(self) -> dict[str, Timer]:
        """By the names of the result, with the control's."""
        loaded = (pair for one in self.graphs.values() for pair in one.timers.items())
        post = {graph_key(model, POST): timer for model, timer in self.post.items()}
        return {name: timer for name, timer in loaded if name != SPARE} | post


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


def load_networks(
    stack: ExitStack, networks: Sequence[Network], runtime: Runtime, core: int
) -> LoadedNetworks:
    """Raises what the first network fails with."""
    found, clock = LoadedNetworks({}, {}, {}), CoreClock(core)
    for network in networks:
        is_first = not found.graphs
        try:
            with ExitStack() as own:
                jobs = (*leaders(runtime, is_first), *network.jobs(runtime))
                loaded = load_jobs(own, network.bundle, jobs, 0, core)
                post = load_post(network.bundle, clock)
                stack.push(own.pop_all())
            found.graphs[network.model] = loaded
            found.post.update({network.model: post} if post else {})
        except (BenchError, BundleError, RunError) as error:
            if is_first or isinstance(error, DeviceError):
                raise
            found.failed[network.model] = first_line(error)
    return found


def load_post(bundle: Bundle, clock: CoreClock) -> Timer | None:
    """What NumPy does behind the graphs, on the tensors of the golden frame."""
    inputs = post_inputs(bundle)
    if not inputs:
        return None
    session = NUMPY.load(bundle, POST)
    first_ms, _ = time_run(session, inputs)
    return LoadedGraph(NUMPY, session, inputs, clock, 0.0, first_ms)


def leaders(runtime: Runtime, is_first: bool) -> tuple[Job, ...]:
    """What is loaded before the others of a process, since that may lie worse in memory.

    Of the first network it is the control, which nothing is compared with.
    """
    control = control_job((runtime,))
    if is_first:
        return (control,)
    return (replace(control, name=SPARE),) if runtime.native else ()


def peak_memory(found: LoadedNetworks) -> float | None:
    """Of all processes that ran graphs, together; None where the system does not say."""
    runners = [one.served.close() for one in found.graphs.values() if one.served]
    own = peak_rss_mib()
    return None if own is None else own + sum(runners)
