"""What the native runner is told of a bundle."""

from dataclasses import replace
from pathlib import Path

import pytest

from android_bench.remote.job import JobPreprocessing, JobSchedule, JobState
from export.manifest import Bundle, GraphSpec, KernelRule, TensorSpec
from mobileinst_deploy.tracking.contract import FOLDED, PLAIN
from mobileinst_deploy.tracking.native_job import tracking_job
from mobileinst_deploy.tracking.settings import ScheduleSettings, TrackingSettings
from tests.mobileinst_deploy.tracking.pixel_bundle import COUNT, DIM, GRID, write_pixel_bundle

SETTINGS = TrackingSettings(0.1, 0.2, -0.3, 4, 0.5, 0.8)
SCHEDULE = ScheduleSettings(2, 7, 12.5, 0.25)


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    return write_pixel_bundle(tmp_path / "pixels")


def test_the_state_contract_as_records(bundle: Bundle):
    folded = tracking_job(bundle, "fp32", SCHEDULE, SETTINGS, FOLDED)
    assert folded.schedule == JobSchedule(("keyframe", "fold"), "reuse_folded")
    assert folded.tracking is not None
    assert {*folded.tracking.state} == {
        JobState("keyframe", "kernels", "fold", "kernels", live=True),
        JobState("fold", "weight", "reuse_folded", "weight", live=False),
    }
    plain = tracking_job(bundle, "fp32", SCHEDULE, SETTINGS, PLAIN)
    assert plain.schedule == JobSchedule(("keyframe",), "reuse_plain")
    assert plain.tracking is not None
    assert plain.tracking.state == (
        JobState("keyframe", "kernels", "reuse_plain", "kernels", live=True),
    )


def test_every_setting_by_its_name(bundle: Bundle):
    tracking = tracking_job(bundle, "fp32", SCHEDULE, SETTINGS).tracking
    assert tracking is not None
    assert tracking.settings == {
        "score": 0.1,
        "birth": 0.2,
        "similarity": -0.3,
        "memory": 4,
        "mask": 0.5,
        "duplicate": 0.8,
        "shortest": 2,
        "longest": 7,
        "picture_change": 12.5,
        "confidence_drop": 0.25,
    }
    assert tracking.preprocessing == JobPreprocessing(
        16, 24, "letterbox", (128.0,) * 3, (16.0,) * 3
    )


def with_free_count(bundle: Bundle) -> Bundle:
    def freed(one: TensorSpec) -> TensorSpec:
        sides = tuple("n" if side == COUNT else side for side in one.shape)
        return replace(one, shape=sides)

    def graph(spec: GraphSpec) -> GraphSpec:
        inputs, outputs = (tuple(map(freed, ones)) for ones in (spec.inputs, spec.outputs))
        return replace(spec, inputs=inputs, outputs=outputs)

    graphs = {name: graph(spec) for name, spec in bundle.manifest.graphs.items()}
    rule = KernelRule(None, bundle.manifest.kernels.padding)
    return replace(bundle, manifest=replace(bundle.manifest, graphs=graphs, kernels=rule))


def test_where_their_number_is_free_ten_kernels_live(bundle: Bundle):
    job = tracking_job(with_free_count(bundle), "fp32", SCHEDULE, SETTINGS)
    _, fold, reuse = job.graphs
    (kernels,), (masks,) = fold.inputs, reuse.outputs
    assert (kernels.shape, kernels.file.size) == ((10, DIM), 4 * 10 * DIM)
    assert (fold.outputs[0].shape, masks.shape) == ((10, DIM), (10, *GRID))
