"""What can go wrong in this package.

BenchError
└── DeviceError           a device, or a core of it, that is absent or unfit
    └── DeviceLostError   a device that was there, and then closed the connection or fell silent
"""


class BenchError(Exception):
    """A measurement that could not be made."""


class DeviceError(BenchError):
    """A device, or a core of it, that is absent or unfit."""


class DeviceLostError(DeviceError):
    """A device that was there, and then closed the connection or fell silent."""
