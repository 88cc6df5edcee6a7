"""What every runtime offers: load a graph of a bundle, run it on arrays by our tensor names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Any, Protocol

from numpy.typing import NDArray

from export.manifest import Bundle, Format, Precision

Arrays = dict[str, NDArray[Any]]


def is_installed(package: str) -> bool:
    try:
        metadata.version(package)
    except metadata.PackageNotFoundError:
        return False
    return True


class Session(Protocol):
    """One graph, loaded, on one thread."""

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
        """Inputs and outputs by our names. Raises RunError where the runtime refuses."""
        ...


@dataclass(frozen=True)
class Runtime:
    """A runtime in one precision."""

    name: str  # as --runtimes takes it: ncnn, ncnn:fp16-storage
    package: str  # whose version is recorded: a distribution, unless the version is stated
    load: Callable[[Bundle, str], Session]  # a bundle and one of its graphs' names
    format: Format | None = None  # of the files it runs; None: it needs none
    precision: Precision = "fp32"
    measurable: bool = True  # a latency means something: it is made to be fast
    obstacle: Callable[[], str | None] = lambda: None  # why this machine can't, besides packages
    stated_version: Callable[[], str] | None = None  # of what is no distribution
    native: bool = False  # its graphs run in mobileinst-runner, which times them itself

    def lacks(self) -> str | None:
        """Why it can't be used here; None where it can."""
        if self.stated_version is None and not is_installed(self.package):
            return f"{self.package} is not installed"
        return self.obstacle()

    def version(self) -> str:
        return self.stated_version() if self.stated_version else metadata.version(self.package)

    def has_files(self, bundle: Bundle) -> bool:
        """Whether the bundle has every graph for it."""
        return self.format is None or all(
            any((a.format, a.precision) == (self.format, self.precision) for a in graph.artifacts)
            for graph in bundle.manifest.graphs.values()
        )
