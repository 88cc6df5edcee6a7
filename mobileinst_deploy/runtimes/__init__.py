"""The runtimes by name."""

from mobileinst_deploy.runtimes.base import Runtime
from mobileinst_deploy.runtimes.onnxruntime import ONNXRUNTIME
from mobileinst_deploy.runtimes.pytorch import TORCH

RUNTIMES: dict[str, Runtime] = {runtime.name: runtime for runtime in (ONNXRUNTIME, TORCH)}
