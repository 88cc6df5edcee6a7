"""The runtime `tnn`: a bundle's TNN files in the user's own TNN, to compare its numbers.

The library is the one that TNN_LIBRARY or `--tnn-lib` names. A run is a process of its own, so that
what kills TNN does not kill the command.
"""

from export.manifest import Bundle, Precision
from mobileinst_deploy.runtimes.artifacts import GuardedSession, run_errors
from mobileinst_deploy.runtimes.base import Runtime
from mobileinst_deploy.runtimes.tnn.build import build_loader
from mobileinst_deploy.runtimes.tnn.library import obstacle, tnn_library
from mobileinst_deploy.runtimes.tnn.session import TnnSession


def tnn_runtime(name: str, precision: Precision) -> Runtime:
    def load(bundle: Bundle, graph: str) -> GuardedSession:
        """Raises RunError where there is no TNN that works, BundleError where there is no file."""
        artifact = bundle.artifact(graph, "tnn", precision)
        paths = [bundle.locate(file) for file in artifact.files]
        what = f"{name} on graph {graph!r}"
        with run_errors(what):
            tnn = tnn_library()
            loader = build_loader(tnn)
            session = TnnSession(tnn, loader, paths, bundle.graph(graph), artifact)
            return GuardedSession(what, session)

    return Runtime(
        name,
        "tnn",
        load,
        "tnn",
        precision,
        measurable=False,
        obstacle=obstacle,
        stated_version=lambda: tnn_library().version(),
    )


TNN = tnn_runtime("tnn", "fp32")
TNN_HALF_STORAGE = tnn_runtime("tnn:fp16-storage", "fp16-storage")
