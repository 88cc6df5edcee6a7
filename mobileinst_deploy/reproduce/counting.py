"""MACs and parameters of the tables' networks, beside those that the paper prints."""

from collections.abc import Callable, Sequence

from export.threads import one_thread
from mobileinst_deploy.reproduce.result import Macs
from models import zoo
from models.complexity import PAPER_ROWS, count_macs, count_params
from models.errors import InputSizeError, ModelError

# Of Tab. 4's last row `models.complexity` says nothing: it counts as the one with maxima.
AVERAGED = {"mobileinst-topformer-b-pool-avg8": 8.75}
PRINTED = {row.model: row.paper_gmacs for row in PAPER_ROWS} | AVERAGED


@one_thread()
def count_all(
    models: Sequence[str], size: tuple[int, int], progress: Callable[[str], None]
) -> dict[str, Macs]:
    """By model, at this height and width; without those that can't be built.

    Raises InputSizeError.
    """
    counted = {}
    for model in models:
        progress(model)
        try:
            counted[model] = count(model, size)
        except InputSizeError:
            raise
        except ModelError:  # its row says why: export says the same
            continue
    return counted


def count(model: str, size: tuple[int, int]) -> Macs:
    """Raises the errors of `models.errors`."""
    network = zoo.build(zoo.find(model))
    gmacs = count_macs(network, *size) / 1e9
    return Macs(round(gmacs, 4), count_params(network), PRINTED.get(model))
