"""What the native runner is told, so that it tracks a clip as this package does."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from math import prod

from android_bench.remote.job import (
    Job,
    JobGraph,
    JobInput,
    JobPreprocessing,
    JobSchedule,
    JobState,
    JobTracking,
    file_ref,
)
from export.errors import BundleError
from export.manifest import Bundle, Precision
from export.sides import concrete_shape
from mobileinst_deploy.bench.jobs import make_job
from mobileinst_deploy.feeding import kernel_count
from mobileinst_deploy.tracking.contract import FOLDED, plan_tracking
from mobileinst_deploy.tracking.native_clip import StoredClip
from mobileinst_deploy.tracking.settings import ScheduleSettings, TrackingSettings


def tracking_job(
    bundle: Bundle,
    precision: Precision,
    schedule: ScheduleSettings,
    settings: TrackingSettings,
    reuse: str = FOLDED,
) -> Job:
    """The graphs by their own names, wired as the bundle's state contract says; no clip yet.

    Raises BundleError where the bundle lacks a graph, its ncnn files or an edge of the contract.
    """
    plan = plan_tracking(bundle, reuse)
    job = make_job(
        bundle,
        [(graph, graph, precision) for graph in plan.graphs],
        schedule=JobSchedule((plan.keyframe, *plan.once), plan.reuse),
    )
    return replace(
        job,
        graphs=tuple(shaped(bundle, graph) for graph in job.graphs),
        tracking=JobTracking(
            preprocessing_of(bundle),
            tuple(
                JobState(each.graph, each.output, each.target, each.input, each.selected)
                for each in plan.handovers
            ),
            settings_of(schedule, settings),
        ),
    )


def with_clip(job: Job, clip: StoredClip) -> Job:
    assert job.tracking is not None
    tracking = replace(job.tracking, height=clip.height, width=clip.width, pictures=clip.pictures)
    return replace(job, tracking=tracking)


def shaped(bundle: Bundle, graph: JobGraph) -> JobGraph:
    """With the shapes of its outputs, and its inputs for as many kernels as are tracked."""
    spec, count = bundle.graph(graph.graph), kernel_count(bundle)
    shapes = {one.name: concrete_shape(one.shape, count)[1:] for one in spec.outputs}
    fed = {one.name: concrete_shape(one.shape, count)[1:] for one in spec.inputs}
    return replace(
        graph,
        inputs=tuple(resized(given, fed[given.name]) for given in graph.inputs),
        outputs=tuple(replace(output, shape=shapes[output.name]) for output in graph.outputs),
    )


def resized(given: JobInput, shape: tuple[int, ...]) -> JobInput:
    """As it is where it has that shape; else zeros, since tracking replaces it anyway."""
    if given.shape == shape:
        return given
    return replace(given, shape=shape, file=file_ref(bytes(4 * prod(shape))))


def preprocessing_of(bundle: Bundle) -> JobPreprocessing:
    """Raises BundleError where the graphs take the picture itself."""
    if bundle.manifest.preprocessing_baked:
        raise BundleError(
            f"{bundle.path} has its preprocessing in its graphs, which the native runner does not "
            "track with; export it without baked preprocessing"
        )
    own = bundle.manifest.preprocessing
    return JobPreprocessing(own.height, own.width, own.resize, own.mean, own.std)


def settings_of(schedule: ScheduleSettings, settings: TrackingSettings) -> Mapping[str, float]:
    """By the fields' names."""
    return {**asdict(settings), **asdict(schedule)}
