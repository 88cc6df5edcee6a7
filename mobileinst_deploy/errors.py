"""Every error that a command reports, and the exit code that goes with it.

The rooms below raise errors of their own (`models.errors`, `export.errors`,
`android_bench.errors`); this application adds two. Each message says what was expected, what came,
where, and what to do.

AppError
├── InputError  a video or another input file that is missing or can't be read
└── RunError    a runtime refused or failed to run a graph

Exit codes: 0 ok, 1 ran and the answer is no, 2 usage, 3 load or conversion failed, 4 run failed,
5 device absent or unfit.
"""

from android_bench.errors import BenchError, DeviceError
from export.errors import ExportError, OutputExistsError
from models.errors import InputSizeError, ModelError, UnknownModelError


class AppError(Exception):
    """Base of this application's own errors."""


class InputError(AppError):
    """A video or another input file that is missing or can't be read."""


class RunError(AppError):
    """A runtime refused or failed to run a graph."""


# The first class that fits decides.
EXIT_CODES: dict[type[Exception], int] = {
    UnknownModelError: 2,
    InputSizeError: 2,
    OutputExistsError: 2,
    ModelError: 3,
    ExportError: 3,
    InputError: 3,
    DeviceError: 5,
    BenchError: 4,
    RunError: 4,
    OSError: 3,
}


def exit_code(error: Exception) -> int | None:
    """The code for a user's mistake or a failed run; None for a defect of ours."""
    return next((code for kind, code in EXIT_CODES.items() if isinstance(error, kind)), None)
