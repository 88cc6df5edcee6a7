"""Which of the native runners a phone can run."""

from android_bench.building import Runner, built_runner
from android_bench.device.facts import DeviceFacts
from android_bench.errors import DeviceError

TARGETS = {"arm64-v8a": "aarch64-android", "x86_64": "x86_64-linux"}  # by ABI


def runner_for(facts: DeviceFacts) -> Runner:
    """Raises DeviceError where it is not built, or none can be for the phone's ABI."""
    if facts.abi not in TARGETS:
        raise DeviceError(
            f"{facts.serial} has the ABI {facts.abi or 'that nobody knows'!r}; the runner is for "
            f"{' and '.join(TARGETS)}"
        )
    target = TARGETS[facts.abi]
    if runner := built_runner(target):
        return runner
    raise DeviceError(
        f"the runner for {facts.serial} is not built; build it with "
        f"'mobileinst runner build --target {target}'"
    )
