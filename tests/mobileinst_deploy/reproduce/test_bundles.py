"""Which bundles are taken, which are exported, and which are neither."""

import shutil
from pathlib import Path

import pytest

from export.errors import BundleError, ConversionError, UnsupportedOpError
from mobileinst_deploy.reproduce import bundles
from mobileinst_deploy.reproduce.bundles import NOT_IN_ZOO, Found, Wanted, collect_bundles
from mobileinst_deploy.reproduce.reproducing import make_networks
from models.errors import InputSizeError
from tests.mobileinst_deploy.reproduce.toys import write_toy

MODEL = "mobileinst-topformer-b"


def nothing(what: str) -> None:
    pass


def wanted(folder: Path, **changes) -> Wanted:
    return Wanted(**{"folder": folder, "size": (8, 8), "format": "onnx", **changes})


def test_a_bundle_that_is_there_is_taken_as_it_is(tmp_path):
    bundle = write_toy(tmp_path, MODEL)
    told: list[str] = []
    assert collect_bundles([MODEL], wanted(tmp_path), told.append) == Found({MODEL: bundle}, {})
    assert told == [MODEL]


WRONG = {
    "another size": ({"size": (96, 160)}, f"is {MODEL} at 8x8, expected {MODEL} at 96x160"),
    "another format": ({"format": "tnn"}, "graph 'keyframe' is not there as tnn fp32"),
    "another precision": ({"precision": "int8"}, "graph 'keyframe' is not there as onnx int8"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_bundle_of_another_kind_is_refused(tmp_path, name):
    changes, says = WRONG[name]
    write_toy(tmp_path, MODEL)
    with pytest.raises(BundleError, match=says):
        collect_bundles([MODEL], wanted(tmp_path, **changes), nothing)


def test_another_networks_bundle_is_refused(tmp_path):
    shutil.move(write_toy(tmp_path, "somebody").path, tmp_path / MODEL)
    with pytest.raises(BundleError, match=f"is somebody at 8x8, expected {MODEL}"):
        collect_bundles([MODEL], wanted(tmp_path), nothing)


def test_a_network_that_cannot_be_exported_says_why_and_the_others_go_on(tmp_path, monkeypatch):
    def refuse(model: str, path: Path, wanted: Wanted) -> None:
        raise UnsupportedOpError("ncnn has no GridSample\nof this kind")

    bundle = write_toy(tmp_path, MODEL)
    monkeypatch.setattr(bundles, "export_drawn", refuse)
    found = collect_bundles(["other", MODEL], wanted(tmp_path), nothing)
    assert found == Found({MODEL: bundle}, {"other": "ncnn has no GridSample"})


def test_a_network_that_the_zoo_lacks_says_so(tmp_path):
    found = collect_bundles(["nobody"], wanted(tmp_path, size=(96, 160)), nothing)
    assert found == Found({}, {"nobody": NOT_IN_ZOO})
    with pytest.raises(ConversionError, match=f"no network can be exported; nobody: {NOT_IN_ZOO}"):
        make_networks((), found)


def test_a_size_that_no_network_takes_is_refused_at_once(tmp_path):
    with pytest.raises(InputSizeError, match="multiples of 32"):
        collect_bundles([MODEL], wanted(tmp_path), nothing)


def test_what_is_missing_is_exported_and_kept_for_the_next_time(tmp_path):
    """The smallest network, with one golden frame and nothing but ONNX in float32."""
    small = wanted(tmp_path, size=(64, 96))
    bundle = collect_bundles(["mobileinst-topformer-t"], small, nothing).bundles.popitem()[1]
    assert bundle.path == tmp_path / "mobileinst-topformer-t"
    assert len(bundle.manifest.golden) == 1
    graphs = bundle.manifest.graphs.values()
    assert {(a.format, a.precision) for graph in graphs for a in graph.artifacts} == {
        ("onnx", "fp32")
    }
    written = (bundle.path / "manifest.json").stat().st_mtime_ns
    again = collect_bundles(["mobileinst-topformer-t"], small, nothing)
    assert again == Found({"mobileinst-topformer-t": bundle}, {})
    assert (bundle.path / "manifest.json").stat().st_mtime_ns == written
