"""What every runtime offers: load a graph of a bundle, run it on arrays by our tensor names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import NDArray

from export.manifest import Bundle

Arrays = dict[str, NDArray[Any]]


class Session(Protocol):
    """One graph, loaded, on one thread."""

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> Arrays:
        """Inputs and outputs by our names. Raises RunError where the runtime refuses."""
        ...


@dataclass(frozen=True)
class Runtime:
    name: str
    package: str  # the distribution whose version is recorded
    load: Callable[[Bundle, str], Session]  # a bundle and one of its graphs' names
