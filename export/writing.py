"""What whoever writes a format of a bundle is given, and the check that ends it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import onnx

from export.check import check_by_running
from export.formats import Formats
from export.goldens import GoldenFrame
from export.graphs import Graph
from export.manifest import Artifact


@dataclass(frozen=True)
class Writing:
    """A bundle that is being written: its graphs in PyTorch and as ONNX, and real frames."""

    root: Path
    graphs: Mapping[str, Graph]
    models: Mapping[str, onnx.ModelProto]
    goldens: Sequence[GoldenFrame]
    formats: Formats
    progress: Callable[[str], None]

    def checked(self, graph: Graph, artifacts: Iterable[Artifact]) -> tuple[Artifact, ...]:
        """The artifacts, each run. Raises ConversionError where one is not the graph."""
        done = []
        for artifact in artifacts:
            self.progress(f"running {graph.name} as {artifact.format} {artifact.precision}")
            check_by_running(self.root, graph, artifact, self.goldens[0])
            done.append(artifact)
        return tuple(done)
