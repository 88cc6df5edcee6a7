"""The runtimes that run a bundle's own files: ONNX Runtime, ncnn, and the interpreter of TNN's."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from export.artifact_sessions import ArtifactSession, Node, open_artifact
from export.errors import BundleError, ExportError
from export.manifest import Bundle, Format, Precision
from export.ncnn_net import supports_half_arithmetic
from mobileinst_deploy.errors import RunError
from mobileinst_deploy.runtimes.base import Arrays, Runtime

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def run_errors(what: str) -> "Iterator[None]":
    """What a runtime refuses is a failed run, not a failed conversion."""
    try:
        yield
    except BundleError:
        raise
    except ExportError as error:
        raise RunError(f"{what}: {error}") from error


class GuardedSession:
    """An artifact's session whose refusals are RunErrors that name the graph."""

    def __init__(self, what: str, session: ArtifactSession) -> None:
        self.what = what
        self.session = session

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
        with run_errors(self.what):
            return self.session.run(inputs)

    def nodes(self) -> list[Node]:
        return self.session.nodes()

    def run_to(self, inputs: Mapping[str, NDArray[Any]], tensors: Sequence[str]) -> Arrays:
        with run_errors(self.what):
            return self.session.run_to(inputs, tensors)


def artifact_runtime(
    name: str,
    package: str,
    kind: Format,
    precision: Precision = "fp32",
    measurable: bool = True,
    obstacle: Callable[[], str | None] = lambda: None,
) -> Runtime:
    def load(bundle: Bundle, graph: str) -> GuardedSession:
        """Raises RunError where the files can't be loaded, BundleError where there are none."""
        artifact = bundle.artifact(graph, kind, precision)
        what = f"{name} on graph {graph!r}"
        with run_errors(what):
            return GuardedSession(what, open_artifact(bundle.path, bundle.graph(graph), artifact))

    return Runtime(name, package, load, kind, precision, measurable, obstacle)


def lacks_half_arithmetic() -> str | None:
    if supports_half_arithmetic():
        return None
    return "ncnn has float16 arithmetic on ARMv8.2 alone, and would compute in float32 here"


ONNXRUNTIME = artifact_runtime("onnxruntime", "onnxruntime", "onnx")
ONNXRUNTIME_INT8 = artifact_runtime("onnxruntime:int8", "onnxruntime", "onnx", "int8")
NCNN = artifact_runtime("ncnn", "ncnn", "ncnn")
NCNN_HALF_STORAGE = artifact_runtime("ncnn:fp16-storage", "ncnn", "ncnn", "fp16-storage")
NCNN_HALF = artifact_runtime("ncnn:fp16", "ncnn", "ncnn", "fp16", obstacle=lacks_half_arithmetic)
TNN_INTERPRETER = artifact_runtime("tnn-interpreter", "torch", "tnn", measurable=False)
TNN_INTERPRETER_HALF_STORAGE = artifact_runtime(
    "tnn-interpreter:fp16-storage", "torch", "tnn", "fp16-storage", measurable=False
)
