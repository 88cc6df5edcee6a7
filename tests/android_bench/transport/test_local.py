import stat
from pathlib import Path

import pytest

from android_bench.errors import DeviceError, DeviceLostError
from android_bench.transport.base import ShellResult
from android_bench.transport.local import LocalTransport

HOSTILE = [
    "it's",
    '"; exit 9; "',
    "$(exit 9)",
    "`exit 9`",
    "a\nb\tc",
    "*",
    "",
    "-n",
    "é\\",
    "&|;<>",
]


@pytest.fixture
def device(tmp_path):
    (tmp_path / "device").mkdir()
    return LocalTransport(tmp_path / "device")


def test_arguments_arrive_as_they_are(device):
    result = device.shell(("printf", "%s\\0", *HOSTILE))
    assert result == ShellResult("".join(f"{word}\0" for word in HOSTILE), "", 0)


def test_a_script_takes_values_as_parameters(device):
    result = device.shell(("sh", "-c", 'printf "%s\\0" "$@"', "sh", *HOSTILE))
    assert result.stdout.split("\0")[:-1] == HOSTILE


@pytest.mark.parametrize("code", [0, 1, 7, 127])
def test_exit_status_and_streams(device, code):
    script = f"echo out; echo error >&2; exit {code}"
    assert device.shell(("sh", "-c", script)) == ShellResult("out\n", "error\n", code)


def test_a_killed_command_has_the_status_of_its_signal(device):
    assert device.shell(("sh", "-c", "kill -9 $$")).code == 137


@pytest.mark.parametrize("arguments", [(), ("echo", "a\0b")])
def test_what_no_program_can_be_given(device, arguments):
    with pytest.raises(DeviceError, match="expected words without NUL"):
        device.shell(arguments)


def test_lines_come_while_the_command_runs(device):
    (device.root / "go").unlink(missing_ok=True)
    script = 'echo first; while [ ! -e go ]; do sleep 0.01; done; printf "second\\r\\nunfinished"'
    lines = []

    def answer(line):
        lines.append(line)
        (device.root / "go").touch()

    result = device.shell(("sh", "-c", script), on_line=answer)
    assert lines == ["first", "second"]
    assert result.stdout == "first\nsecond\r\nunfinished"


def test_a_silent_command_is_killed_and_the_device_lost(device):
    with pytest.raises(DeviceLostError, match=r"local was silent for 0\.2 s"):
        device.shell(("sh", "-c", "echo $$ > pid; sleep 100"), silence_s=0.2)
    with pytest.raises(DeviceLostError, match="connect again"):
        device.shell(("true",))
    command = Path("/proc", (device.root / "pid").read_text().strip(), "cmdline")
    assert not command.exists() or not command.read_bytes()  # gone, or waits for its parent


@pytest.mark.parametrize("size", [0, 1, 65536, 65537, 300_000])
def test_files_there_and_back(device, tmp_path, size):
    content, chunks = bytes(range(256)) * (size // 256) + b"x" * (size % 256), []
    (tmp_path / "source").write_bytes(content)
    device.push(tmp_path / "source", "file", 0o755, chunks.append)
    device.pull("file", tmp_path / "target")
    assert (tmp_path / "target").read_bytes() == content
    assert sum(chunks) == size
    assert stat.S_IMODE((device.root / "file").stat().st_mode) == 0o755


def test_a_missing_file_leaves_nothing(device, tmp_path):
    with pytest.raises(DeviceError, match="can't read missing on local: No such file"):
        device.pull("missing", tmp_path / "target")
    assert [path.name for path in tmp_path.iterdir()] == ["device"]


def test_no_file_outside_its_folder(device, tmp_path):
    with pytest.raises(DeviceError, match="holds the files of this device"):
        device.push(b"", "../outside")
    assert not (tmp_path / "outside").exists()


def test_its_environment(tmp_path):
    device = LocalTransport(tmp_path, {"ANSWER": "42"})
    assert device.shell(("sh", "-c", "echo $ANSWER; pwd")).stdout == f"42\n{tmp_path.resolve()}\n"
