"""How a graph may be computed: the four settings that bounds are made for."""

from dataclasses import dataclass

from mobileinst_deploy.estimate.machine import Precision
from mobileinst_deploy.estimate.roofline import Convolution


@dataclass(frozen=True)
class Setting:
    precision: Precision
    convolution: Convolution

    @property
    def name(self) -> str:
        return f"{self.precision} {self.convolution}"


SETTINGS = (
    Setting("fp32", "direct"),
    Setting("fp32", "winograd"),
    Setting("fp16", "direct"),
    Setting("fp16", "winograd"),
)
