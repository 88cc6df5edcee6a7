"""The profile: each layer of the .param once, beside whole runs."""

from pathlib import Path

from export.ncnn_param import parse_param
from tests.android_bench.runner.bundled import BundledJob
from tests.android_bench.runner.program import Command, succeeded


def test_every_layer_comes_once_in_the_files_order(host: Command, bundled: BundledJob):
    ended = succeeded(host, "profile", bundled.path, "--warmup", 1, "--iterations", 3)
    for graph in bundled.job.graphs:
        assert isinstance(graph.param.source, Path)
        layers = parse_param(graph.param.source.read_text())
        events = [event for event in ended.of("layer") if event["key"] == graph.key]
        assert [(e["type"], e["name"]) for e in events] == [(x.type, x.name) for x in layers]
        assert [event["index"] for event in events] == [*range(len(layers))]
        assert all(len(event["samples_ns"]) == 3 for event in events)
        phases = [e["phase"] for e in ended.of("sample") if e["key"] == graph.key]
        assert phases == ["warmup", *["measure"] * 3]
