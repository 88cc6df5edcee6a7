"""How a run of the runner ended: a log, or an error that says why there is none."""

from android_bench.errors import BenchError, DeviceError
from android_bench.remote.run_log import Error, EventReader, RunLog

CORE_CODE = 5  # the runner could not have the core
SIGNALS = {  # by 128 + the number, as shells have it
    129: "was hung up on (SIGHUP)",
    130: "was interrupted (SIGINT)",
    132: "met an instruction that this CPU lacks (SIGILL); build the runner for its architecture",
    134: "aborted itself (SIGABRT)",
    135: "read memory that is not there (SIGBUS)",
    136: "divided by zero (SIGFPE)",
    137: "was killed (SIGKILL), most likely for memory; close other programs, or run fewer graphs",
    139: "read memory that is not its own (SIGSEGV)",
    143: "was ended from outside (SIGTERM)",
    159: "made a system call that is forbidden here (SIGSYS)",
}


def conclude(reader: EventReader, code: int, stderr: str, where: str) -> RunLog:
    """Raises BenchError, or DeviceError where the core could not be had.

    `where` is the device's serial, or "this machine".
    """
    if reader.error:
        raise refusal(reader.error, where)
    if code in SIGNALS:
        raise BenchError(f"the runner on {where} {SIGNALS[code]}; {progress(reader)}")
    if code:
        said = stderr.strip().splitlines()
        reason = said[-1] if said else "it gives no reason"
        kind = DeviceError if code == CORE_CODE else BenchError
        raise kind(f"the runner on {where} failed with exit status {code}: {reason}")
    if not reader.ended:
        raise BenchError(
            f"the runner on {where} stopped without saying that it was done; {progress(reader)}"
        )
    return RunLog(tuple(reader.events))


def refusal(error: Error, where: str) -> BenchError:
    kind = DeviceError if error.code == CORE_CODE else BenchError
    return kind(f"the runner on {where}: {' '.join(error.message.split())}")


def progress(reader: EventReader) -> str:
    """How far it came."""
    kinds = [type(event).__name__.lower() for event in reader.events]
    last = f"the last one is {kinds[-1]!r}" if kinds else "not even a start"
    return f"it had reported {len(kinds)} events, {last}"
