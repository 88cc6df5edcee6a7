"""The published figures beside bounds of round numbers."""

from dataclasses import replace

import pytest

from android_bench.device.profiles import load_profile
from export.manifest import Bundle, open_bundle
from mobileinst_deploy.estimate.amortising import amortised
from mobileinst_deploy.estimate.published import (
    INPUT,
    MOBILEINST,
    PUBLISHED,
    TABLE_1,
    PublishedLatency,
    published_bound,
    published_for,
)
from mobileinst_deploy.estimate.settings import SETTINGS

PHONE = load_profile("snapdragon-778g")
ALL = {"keyframe": 90.0, "keyframe_literal": 100.0, "reuse_plain": 70.0}
HALF = {graph: ms / 2 for graph, ms in ALL.items()}
FIGURE = PublishedLatency("x", "Tab. 9", 80.0)


@pytest.fixture
def bundle(small_bundle) -> Bundle:
    """As if it were the paper's network at the paper's size."""
    opened = open_bundle(small_bundle)
    graphs = dict(opened.manifest.graphs)
    (image,) = graphs["keyframe"].inputs
    graphs["keyframe"] = replace(graphs["keyframe"], inputs=(replace(image, shape=INPUT),))
    model = replace(opened.manifest.model, name=MOBILEINST)
    return replace(opened, manifest=replace(opened.manifest, model=model, graphs=graphs))


def test_the_papers_network_at_its_size_on_its_chip(bundle):
    figures = published_for(bundle, PHONE)
    assert {(one.ms, one.interval) for one in figures} == {
        (158, 1), (433, 1), (154, 1), (143, 3), (140, 6),
    }  # fmt: skip


def test_nothing_for_another_chip_size_or_network(bundle, small_bundle):
    assert published_for(bundle, load_profile("snapdragon-865")) == ()
    assert published_for(open_bundle(small_bundle), PHONE) == ()
    model = replace(bundle.manifest.model, name="another")
    assert (
        published_for(replace(bundle, manifest=replace(bundle.manifest, model=model)), PHONE) == ()
    )


def test_a_figure_below_the_bound_is_said_to_be():
    found = published_bound(FIGURE, {"fp32 direct": ALL, "fp16 direct": HALF})
    assert found is not None
    assert found.graphs == ("keyframe_literal",)
    assert found.bounds_ms["fp32 direct"] == 100.0
    assert found.shares["fp32 direct"] == pytest.approx(1.25)
    assert found.below == ("fp32 direct",)


def test_the_papers_schedule_is_of_its_own_graphs():
    found = published_bound(replace(FIGURE, interval=3), {"fp32 direct": ALL})
    assert found is not None
    assert found.graphs == ("keyframe_literal", "reuse_plain")
    assert found.bounds_ms["fp32 direct"] == pytest.approx((100 + 2 * 70) / 3)
    assert published_bound(replace(FIGURE, interval=3), {"fp32 direct": {"keyframe": 1.0}}) is None


def test_a_peers_frame_has_its_mask_head():
    found = published_bound(FIGURE, {"fp32 direct": {"keyframe": 50.0, "masks": 10.0}})
    assert found is not None
    assert (found.graphs, found.bounds_ms) == (("keyframe", "masks"), {"fp32 direct": 60.0})
    assert found.below == ()


def test_amortised_bounds():
    bounds = {"keyframe": 90.0, "fold": 6.0, "reuse_folded": 60.0, "reuse_plain": 80.0}
    assert amortised(bounds) == {
        "folded": {"1": 90.0, "3": (96 + 2 * 60) / 3, "6": (96 + 5 * 60) / 6},
        "plain": {"1": 90.0, "3": (90 + 2 * 80) / 3, "6": (90 + 5 * 80) / 6},
    }
    assert amortised({"keyframe": 90.0, "masks": 3.0}) == {}


def test_table_1_has_twelve_rows_and_settings_differ():
    assert len([one for one in PUBLISHED if one.source == TABLE_1]) == 12
    assert len({setting.name for setting in SETTINGS}) == len(SETTINGS) == 4
