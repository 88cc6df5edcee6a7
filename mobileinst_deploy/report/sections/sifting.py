"""Results that can't be shown are left out, with the reason."""

from collections.abc import Callable, Sequence
from typing import Any

from mobileinst_deploy.report.blocks import LeftOut
from mobileinst_deploy.report.inputs import Loaded


def sifted(
    loaded: Sequence[Loaded], what: str, obstacle: Callable[[Any], str | None]
) -> tuple[list[Loaded], list[LeftOut]]:
    """Those that are shown, and why the others are not; `what` they would have shown.

    `obstacle` gives the reason for a result's content, None where it is shown.
    """
    reasons = [(one, obstacle(one.content)) for one in loaded]
    return (
        [one for one, why in reasons if why is None],
        [LeftOut(f"{what} in {one.name}", why) for one, why in reasons if why is not None],
    )
