"""Builds the program that runs on the phone, from ncnn's source, without the NDK."""

from android_bench.building.compile import Progress
from android_bench.building.runner import Runner, build_runner, built_runner
from android_bench.building.targets import TARGETS, host_target

__all__ = ["TARGETS", "Progress", "Runner", "build_runner", "built_runner", "host_target"]
