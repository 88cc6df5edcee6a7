"""The TNN files of a bundle's graphs: a `.tnnproto` each, and weights that are stored once.

TNN finds a layer's weights by its name, so that one `.tnnmodel` can serve several protos. Its tools
want a model beside every proto, of the same name: these are hard links to one file.
"""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from export.graphs import Graph
from export.manifest import Artifact, Precision, file_ref
from export.to_tnn.convert import Converted, convert
from export.to_tnn.format import encode_model, encode_proto, halve
from export.to_tnn.net import Resource, TnnNet
from export.writing import Writing

FOLDER = "tnn"
ENDINGS: dict[Precision, str] = {"fp32": "", "fp16-storage": ".fp16"}


def write_tnn(writing: Writing) -> dict[str, tuple[Artifact, ...]]:
    """Converts, writes and runs every graph. Raises ConversionError."""
    (writing.root / FOLDER).mkdir()
    converted = {name: convert_graph(writing, graph) for name, graph in writing.graphs.items()}
    nets = share_weights({name: c.net for name, c in converted.items()})
    files = ModelFiles(writing.root)
    return {
        name: writing.checked(
            graph,
            [
                write_graph(files, name, nets[name], converted[name].names, precision)
                for precision in ENDINGS
                if writing.formats.has("tnn", precision)
            ],
        )
        for name, graph in writing.graphs.items()
    }


def convert_graph(writing: Writing, graph: Graph) -> Converted:
    """With the sides of the golden frames, since TNN has no free ones."""
    writing.progress(f"converting {graph.name} to tnn")
    feed = writing.goldens[0].feed(graph)
    return convert(writing.models[graph.name], {name: a.shape for name, a in feed.items()})


def share_weights(nets: Mapping[str, TnnNet]) -> dict[str, TnnNet]:
    """The nets with the weights of all in each, where nothing of one name differs.

    A net that calls other weights by a name that is taken keeps its own, and so does one that has
    none of the others' weights: it would have to load all of them.
    """
    resources: dict[str, Resource] = {}
    constants: dict[str, NDArray[Any]] = {}
    sharing: list[str] = []
    for name, net in nets.items():
        own = {resource.layer: resource for resource in net.resources}
        agrees = all(k not in resources or same_weights(r, resources[k]) for k, r in own.items())
        agrees &= all(k not in constants or same(a, constants[k]) for k, a in net.constants.items())
        if agrees and (own.keys() & resources.keys() or not sharing):
            resources, constants = {**own, **resources}, {**net.constants, **constants}
            sharing.append(name)
    pooled = tuple(resources[layer] for layer in sorted(resources))
    everything = dict(sorted(constants.items()))
    return {
        name: replace(net, resources=pooled, constants=everything) if name in sharing else net
        for name, net in nets.items()
    }


def same_weights(a: Resource, b: Resource) -> bool:
    return (
        a.type == b.type
        and {*a.arrays} == {*b.arrays}
        and all(same(a.arrays[role], b.arrays[role]) for role in a.arrays)
    )


def same(a: NDArray[Any], b: NDArray[Any]) -> bool:
    return a.dtype == b.dtype and a.shape == b.shape and bool(np.array_equal(a, b))


class ModelFiles:
    """Writes models; the same bytes a second time become a link."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.paths: dict[bytes, Path] = {}

    def place(self, path: Path, content: bytes) -> None:
        first = self.paths.setdefault(content, path)
        if first is path:
            path.write_bytes(content)
        else:
            link(first, path)


def link(first: Path, second: Path) -> None:
    """A hard link, or a copy where the file system has none."""
    try:
        os.link(first, second)
    except OSError:
        second.write_bytes(first.read_bytes())


def write_graph(
    files: ModelFiles, name: str, net: TnnNet, names: dict[str, str], precision: Precision
) -> Artifact:
    stem = files.root / FOLDER / f"{name}{ENDINGS[precision]}"
    proto, model = stem.with_name(f"{stem.name}.tnnproto"), stem.with_name(f"{stem.name}.tnnmodel")
    stored = halve(net) if precision == "fp16-storage" else net
    proto.write_text(encode_proto(stored))
    files.place(model, encode_model(stored))
    refs = (file_ref(files.root, proto), file_ref(files.root, model))
    return Artifact("tnn", precision, refs, names, {"kernels": "fixed"})
