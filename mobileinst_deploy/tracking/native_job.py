"""What the native runner is told, so that it tracks a clip as this package does."""

from collections.abc import Mapping
from dataclasses import asdict, replace

from android_bench.remote.job import (
    Job,
    JobGraph,
    JobPreprocessing,
    JobSchedule,
    JobState,
    JobTracking,
)
from export.errors import BundleError
from export.manifest import Bundle, Precision
from mobileinst_deploy.bench.jobs import make_job
from mobileinst_deploy.tracking.contract import FOLDED, plan_tracking
from mobileinst_deploy.tracking.native_clip import StoredClip
from mobileinst_deploy.tracking.settings import ScheduleSettings, TrackingSettings


def tracking_job(
    bundle: Bundle,
    precision: Precision,
    clip: StoredClip,
    schedule: ScheduleSettings,
    settings: TrackingSettings,
    reuse: str = FOLDED,
) -> Job:
    """The graphs by their own names, wired as the bundle's state contract says.

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
            clip.height,
            clip.width,
            clip.pictures,
        ),
    )


def shaped(bundle: Bundle, graph: JobGraph) -> JobGraph:
    """With the shapes of its outputs. Raises BundleError where one is not fixed."""
    shapes = {spec.name: spec.shape[1:] for spec in bundle.graph(graph.graph).outputs}
    if free := [name for name, shape in shapes.items() if any(isinstance(s, str) for s in shape)]:
        raise BundleError(
            f"{bundle.path}: graph {graph.graph!r} gives {free[0]!r} of a shape that is not fixed; "
            "export the bundle with --kernels"
        )
    outputs = tuple(
        replace(output, shape=tuple(map(int, shapes[output.name]))) for output in graph.outputs
    )
    return replace(graph, outputs=outputs)


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
