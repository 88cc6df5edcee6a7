import pytest

from android_bench.errors import DeviceError, DeviceLostError
from android_bench.transport.base import ShellResult
from android_bench.transport.memory import MemoryTransport


def test_the_handler_answers():
    device, lines = MemoryTransport(lambda arguments: " ".join(arguments) + "\nrest"), []
    assert device.shell(("a", "b c"), on_line=lines.append) == ShellResult("a b c\nrest", "", 0)
    assert lines == ["a b c"]
    assert device.commands == [("a", "b c")]


def test_a_failing_command():
    failed = ShellResult("", "no\n", 7)
    assert MemoryTransport(lambda _: failed).shell(("false",)) == failed


def test_files(tmp_path):
    device, chunks = MemoryTransport(lambda _: "", {"old": b"1"}), []
    device.push(b"x" * 65537, "new", 0o755, chunks.append)
    device.pull("old", tmp_path / "old")
    assert (tmp_path / "old").read_bytes() == b"1"
    assert (len(device.files["new"]), device.modes, chunks) == (65537, {"new": 0o755}, [65536, 1])
    with pytest.raises(DeviceError, match="can't read missing on memory"):
        device.pull("missing", tmp_path / "missing")


def test_closed():
    device = MemoryTransport(lambda _: "")
    device.close()
    with pytest.raises(DeviceLostError, match="connect again"):
        device.shell(("true",))
