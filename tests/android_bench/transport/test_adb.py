"""Against Google's adbd, with Debian's adb client as a witness of what is on the device."""

import hashlib
import socket
import time
from pathlib import Path

import pytest

from android_bench.device.facts import choose_core, read_facts, read_state
from android_bench.errors import DeviceError, DeviceLostError
from android_bench.transport import connect
from android_bench.transport.adb import AdbTransport, address_of, over_tcp
from android_bench.transport.base import ShellResult
from android_bench.transport.keys import Key
from tests.android_bench.transport.test_local import HOSTILE
from tests.device.phone import Phone

CHUNK = 64 * 1024
BATCH = 15 * CHUNK
SAMPLE = '{"event":"sample"}'


@pytest.fixture
def device(phone: Phone):
    transport = connect(phone.serial, phone.keys)
    yield transport
    transport.close()


def sized(size: int) -> bytes:
    """No two blocks of it are equal."""
    return b"".join(hashlib.sha256(b"%d" % n).digest() for n in range(size // 32 + 1))[:size]


def wait_until(is_so, longest_s: float = 20) -> None:
    deadline_s = time.monotonic() + longest_s
    while not is_so():
        assert time.monotonic() < deadline_s, f"not within {longest_s:g} s"
        time.sleep(0.01)


def sha256(phone: Phone, name: str) -> str:
    return phone.adb("shell", "sha256sum", phone.storage / name).split()[0]


@pytest.mark.parametrize("code", [0, 1, 7, 127])
def test_exit_status_and_streams(device, code):
    result = device.shell(("sh", "-c", f"echo out; echo error >&2; exit {code}"))
    assert result == ShellResult("out\n", "error\n", code)


def test_a_killed_command_has_the_status_of_its_signal(device):
    assert device.shell(("sh", "-c", "kill -9 $$")).code == 137


def test_arguments_arrive_as_they_are(device):
    assert device.shell(("printf", "%s\\0", *HOSTILE)).stdout.split("\0")[:-1] == HOSTILE


def test_a_command_that_reads_gets_nothing(device):
    assert device.shell(("cat",)) == ShellResult("", "", 0)


def test_lines_come_while_the_command_runs(device, phone):
    script = 'echo "$1"; while [ ! -e "$2" ]; do sleep 0.01; done; printf "é 2\\nunfinished"'
    go, lines = phone.storage / "go", []

    def answer(line):
        lines.append(line)
        go.touch()

    result = device.shell(("sh", "-c", script, "sh", "é 1", str(go)), on_line=answer)
    assert lines == ["é 1", "é 2"]
    assert result.stdout == "é 1\né 2\nunfinished"


def test_a_large_output(device):
    script = "i=0; while [ $i -lt 60000 ]; do echo 0123456789abcdef; i=$((i+1)); done"
    assert device.shell(("sh", "-c", script)).stdout == "0123456789abcdef\n" * 60_000


def test_a_phone_without_shell_v2(device, phone, monkeypatch):
    monkeypatch.setattr(AdbTransport, "_features", lambda self: frozenset())
    lines = []
    result = device.shell(("sh", "-c", "echo out; echo error >&2; exit 7"), on_line=lines.append)
    assert (sorted(result.stdout.split()), result.stderr, result.code) == (["error", "out"], "", 7)
    assert sorted(lines) == ["error", "out"]
    assert device.shell(("printf", "%s", *HOSTILE)).stdout == "".join(HOSTILE)


@pytest.mark.parametrize("size", [0, 1, CHUNK, CHUNK + 1, BATCH - 1, BATCH, 2 * BATCH + 1])
def test_files_there_and_back(device, phone, tmp_path, size):
    content, chunks, target = sized(size), [], str(phone.storage / "it's a file")
    device.push(content, target, 0o755, chunks.append)
    assert sum(chunks) == size
    assert phone.adb("shell", "stat", "-c", "%s:%a", f'"{target}"').strip() == f"{size}:777"
    device.pull(target, tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == content


@pytest.mark.parametrize(("size", "buffer"), [(1_000_000, 4096), (100_000_000, CHUNK)])
def test_a_small_send_buffer_loses_nothing(phone, tmp_path, size, buffer):
    (tmp_path / "source").write_bytes(sized(size))
    address = ("127.0.0.1", phone.port)
    device = over_tcp(phone.serial, address, Key(phone.keys), 10, send_buffer=buffer)
    device.push(tmp_path / "source", f"{phone.storage}/file")
    device.close()
    assert sha256(phone, "file") == hashlib.sha256((tmp_path / "source").read_bytes()).hexdigest()


@pytest.mark.parametrize("fault", ["bytewise", "slow", "small_buffers"])
def test_poor_lines(phone, fault):
    content = sized(20_000 if fault == "bytewise" else 1_500_000)
    with phone.proxy(fault) as serial:
        device = connect(serial, phone.keys)
        device.push(content, f"{phone.storage}/file")
        lines = []
        script = "printf 'é\\n1\\n'; echo error >&2; exit 3"
        assert device.shell(("sh", "-c", script), on_line=lines.append).code == 3
        device.close()
    assert lines == ["é", "1"]
    assert sha256(phone, "file") == hashlib.sha256(content).hexdigest()


def test_what_can_not_be_written_is_said_at_once(device):
    sent = []
    with pytest.raises(DeviceError, match=r"can't write /proc/x on .*: couldn't create file: .+"):
        device.push(bytes(20 * BATCH), "/proc/x", progress=sent.append)
    assert sum(sent) < 20 * BATCH
    assert device.shell(("true",)).code == 0


def test_what_can_not_be_read_leaves_nothing(device, phone, tmp_path):
    with pytest.raises(DeviceError, match=r"can't read .*/missing on .*: No such file"):
        device.pull(f"{phone.storage}/missing", tmp_path / "target")
    assert not list(tmp_path.iterdir())
    assert device.shell(("true",)).code == 0


@pytest.mark.parametrize("path", ["", "a\0b", "x" * 1025])
def test_paths_that_can_not_be(device, path):
    with pytest.raises(DeviceError, match="expected a path of 1 to 1024 bytes without NUL"):
        device.push(b"", path)
    assert device.shell(("true",)).code == 0


def test_a_missing_source(device, phone):
    with pytest.raises(FileNotFoundError):
        device.push(Path("missing"), f"{phone.storage}/file")
    assert not list(phone.storage.iterdir())


def test_an_unauthorised_key(unauthorised):
    expected = rf"does not accept the key {unauthorised.keys} yet \(unauthorised\): unlock"
    with pytest.raises(DeviceError, match=expected):
        connect(unauthorised.serial, unauthorised.keys, timeout_s=0.5)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("refuse", "nobody listens at"),
        ("drop_on_connect", "closed the connection at once"),
        ("stall_on_connect", "then said nothing for 0.5 s"),
        ("garbage", "does not speak ADB"),
    ],
)
def test_no_connection(phone, fault, words):
    with phone.proxy(fault) as serial, pytest.raises(DeviceError, match=words) as caught:
        connect(serial, phone.keys, timeout_s=0.5)
    assert not isinstance(caught.value, DeviceLostError)
    assert serial in str(caught.value)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("drop_mid_run", "the connection to .* broke"),
        ("stall_mid_run", "was silent for 0.5 s"),
        ("garbage_mid_run", "sent (what is not ADB|damaged data)"),
    ],
)
def test_lost_in_a_command(phone, fault, words):
    lines = []
    with phone.proxy(fault) as serial:
        device = connect(serial, phone.keys)
        script = 'echo first; sleep 0.1; echo "$1"; sleep 100'
        with pytest.raises(DeviceLostError, match=words):
            device.shell(("sh", "-c", script, "sh", SAMPLE), silence_s=0.5, on_line=lines.append)
        with pytest.raises(DeviceLostError, match="connect again"):
            device.shell(("true",))
        device.close()
    assert lines == ["first"]


@pytest.mark.parametrize("fault", ["drop_mid_push", "stall_mid_push"])
def test_lost_in_a_push(phone, fault):
    with phone.proxy(fault) as serial:
        device = over_tcp(serial, address_of(serial), Key(phone.keys), 10)
        device.file_silence_s = 0.5
        with pytest.raises(DeviceLostError, match=serial):
            device.push(bytes(10_000_000), f"{phone.storage}/file")
        device.close()


def test_after_an_interruption_it_connects_anew(device, phone):
    def interrupt(line):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        device.shell(("sh", "-c", "echo begun; exec sleep 100"), on_line=interrupt)
    assert device.shell(("echo", "again")).stdout == "again\n"
    wait_until(lambda: not any("sleep" in one.command for one in phone.processes()))


def test_after_an_error_of_the_caller_it_goes_on(device, phone):
    def refuse(line):
        raise ValueError(line)

    with pytest.raises(ValueError, match="begun"):
        device.shell(("sh", "-c", "echo begun; exec sleep 100"), on_line=refuse)
    assert device.shell(("echo", "again")).stdout == "again\n"


def test_facts_and_state(device, phone):
    facts = read_facts(device)
    assert (facts.model, facts.soc, facts.emulated) == ("Snapdragon 778G", "SM7325", True)
    assert facts.storage == str(phone.storage)
    assert facts.features[:2] == ("fp16", "dotprod")
    core = choose_core(facts)
    assert core == max(core.number for core in facts.cores if core.online)
    state = read_state(device, facts, core)
    assert state.frequency_max_khz == facts.cores[core].max_khz
    assert state.hottest_c is not None


def test_nothing_is_left_open(phone):
    device = connect(phone.serial, phone.keys)
    device.close()
    device.close()
    with pytest.raises(DeviceLostError, match="is closed; connect again"):
        device.pull("x", Path("y"))
    with socket.create_connection(("127.0.0.1", phone.port)):
        pass  # the phone is still there
