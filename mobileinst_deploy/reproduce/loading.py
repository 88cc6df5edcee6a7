"""Load all networks of the tables into this machine's runtimes, each graph ready to be timed."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from android_bench.errors import BenchError, DeviceError
from android_bench.measurement.conditions import peak_rss_mib
from android_bench.measurement.core_clock import CoreClock
from export.errors import BundleError, first_line
from export.manifest import Bundle
from mobileinst_deploy.bench.host import SPARE, Loaded, load_jobs
from mobileinst_deploy.bench.plan import Job, control_job
from mobileinst_deploy.bench.timers import LoadedGraph, Timer, time_run
from mobileinst_deploy.errors import RunError
from mobileinst_deploy.peers.post_processing import NUMPY, post_inputs
from mobileinst_deploy.reproduce.choosing import Network, graph_key
from mobileinst_deploy.reproduce.measured import POST
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
