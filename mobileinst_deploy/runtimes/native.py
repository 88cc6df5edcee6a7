"""ncnn in the native runner of android_bench, built for this machine.

Where outputs are wanted, each run is a process of its own, which writes them as files.
"""

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from android_bench.building import Runner, built_runner, host_target
from android_bench.errors import BenchError, DeviceError
from android_bench.measurement.conditions import CPU_INFO, read_text
from android_bench.remote.host_session import run_on_host
from android_bench.remote.job import Job, file_ref
from android_bench.remote.run_log import Output
from export.artifact_sessions import shaped
from export.errors import ConversionError
from export.manifest import Bundle, GraphSpec, Precision
from mobileinst_deploy.bench.jobs import make_job, raw
from mobileinst_deploy.errors import RunError
from mobileinst_deploy.runtimes.base import Arrays, Runtime

OUTPUTS = "outputs"
PACKAGE = "ncnn-runner"
BUILD = "mobileinst runner build --target"


SUFFIXES: dict[Precision, str] = {"fp32": "", "fp16-storage": ":fp16-storage", "fp16": ":fp16"}


class NativeSession:
    """One graph; raises RunError where the runner refuses."""

    def __init__(self, program: Path, job: Job, spec: GraphSpec) -> None:
        self.program = program
        self.job = job
        self.spec = spec

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
        with tempfile.TemporaryDirectory(prefix="mobileinst-outputs-") as name:
            folder = Path(name)
            try:
                arguments = ("--output-dir", OUTPUTS)
                log = run_on_host(folder, fed(self.job, inputs), self.program, "dump", arguments)
                values = {event.name: read_output(folder, event) for event in log.of(Output)}
                return {spec.name: shaped(values[spec.name], spec) for spec in self.spec.outputs}
            except (BenchError, ConversionError) as error:
                raise RunError(str(error)) from error


def fed(job: Job, inputs: Mapping[str, NDArray[Any]]) -> Job:
    """The job with these inputs in the place of its own."""
    (graph,) = job.graphs
    given = tuple(
        replace(one, shape=inputs[one.name].shape[1:], file=file_ref(raw(inputs[one.name])))
        for one in graph.inputs
    )
    return replace(job, graphs=(replace(graph, inputs=given),))


def read_output(folder: Path, event: Output) -> NDArray[np.float32]:
    """As ncnn has it, without the batch axis."""
    return np.fromfile(folder / event.file, "<f4").reshape(event.shape)


def built() -> Runner | None:
    """The runner for this machine; None where it is not built."""
    target = host_target()
    return built_runner(target) if target else None


def not_built() -> str:
    target = host_target()
    if target is None:
        return "the native runner can't be built for this machine"
    return f"the native runner is not built; build it with '{BUILD} {target}'"


def needed_runner() -> Runner:
    """Raises DeviceError where it is not built."""
    if runner := built():
        return runner
    raise DeviceError(not_built())


def obstacle(precision: Precision) -> str | None:
    if built() is None:
        return not_built()
    if precision == "fp16" and "asimdhp" not in (read_text(CPU_INFO) or ""):
        return "ncnn has float16 arithmetic on ARMv8.2 alone, and would compute in float32 here"
    return None


def native_runtime(precision: Precision) -> Runtime:
    def load(bundle: Bundle, graph: str) -> NativeSession:
        """Raises BundleError where the bundle has no such files, DeviceError without a runner."""
        job = make_job(bundle, [(graph, graph, precision)])
        return NativeSession(needed_runner().path, job, bundle.graph(graph))

    return Runtime(
        f"ncnn-runner{SUFFIXES[precision]}",
        PACKAGE,
        load,
        "ncnn",
        precision,
        obstacle=lambda: obstacle(precision),
        stated_version=lambda: f"{needed_runner().ncnn_version}",
        native=True,
    )


NCNN_RUNNERS = tuple(map(native_runtime, SUFFIXES))


def phone_runtimes() -> dict[str, Runtime]:
    """What a phone can be asked to run, by the names that it has there.

    Whether it can is for the phone to say, so that nothing of this machine is in the way.
    """
    return {
        f"ncnn{suffix}": replace(runtime, name=f"ncnn{suffix}", obstacle=lambda: None)
        for suffix, runtime in zip(SUFFIXES.values(), NCNN_RUNNERS, strict=True)
    }
