"""Through a real adb server, Debian's, which has the played phone."""

import hashlib
import socket
import threading
from contextlib import contextmanager

import pytest

from android_bench.errors import DeviceError, DeviceLostError
from android_bench.transport import connect
from android_bench.transport.adb import AdbTransport
from android_bench.transport.base import ShellResult
from android_bench.transport.server import ServerTransport, server_states
from android_bench.transport.server_socket import server_address
from tests.android_bench.transport.test_adb import SAMPLE, sized
from tests.android_bench.transport.test_local import HOSTILE

VARIABLES = ("ADB_SERVER_SOCKET", "ANDROID_ADB_SERVER_PORT", "ANDROID_ADB_SERVER_ADDRESS")


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def use_server(phone, monkeypatch) -> None:
    monkeypatch.setenv("ADB_SERVER_SOCKET", phone.witness.environment["ADB_SERVER_SOCKET"])


@pytest.fixture
def device(phone, monkeypatch):
    use_server(phone, monkeypatch)
    phone.adb("get-state")
    transport = connect(phone.serial)
    assert isinstance(transport, ServerTransport)
    return transport


def test_commands(device):
    result = device.shell(("sh", "-c", "echo out; echo error >&2; exit 7"))
    assert result == ShellResult("out\n", "error\n", 7)
    assert device.shell(("printf", "%s\\0", *HOSTILE)).stdout.split("\0")[:-1] == HOSTILE


@pytest.mark.parametrize("size", [0, 1, 65537, 20_000_000])
def test_files_there_and_back(device, phone, tmp_path, size):
    target, chunks = str(phone.storage / "file"), []
    device.push(sized(size), target, progress=chunks.append)
    device.pull(target, tmp_path / "back")
    assert sum(chunks) == size
    assert hashlib.sha256((tmp_path / "back").read_bytes()).digest() == (
        hashlib.sha256(sized(size)).digest()
    )


def test_refusals(device, tmp_path):
    with pytest.raises(DeviceError, match=r"can't write /proc/x on .*: couldn't create file"):
        device.push(bytes(5_000_000), "/proc/x")
    with pytest.raises(DeviceError, match=r"can't read /missing on .*: No such file|open failed"):
        device.pull("/missing", tmp_path / "target")
    with pytest.raises(DeviceError, match="too long for the adb server: expected at most 65535"):
        device.shell(("echo", "x" * 70_000))
    assert device.shell(("true",)).code == 0


def test_lines_and_silence(device):
    lines = []
    with pytest.raises(DeviceLostError, match=r"was silent for 0\.3 s"):
        device.shell(("sh", "-c", "echo 1; sleep 100"), silence_s=0.3, on_line=lines.append)
    assert lines == ["1"]
    with pytest.raises(DeviceLostError, match="connect again"):
        device.shell(("true",))


def test_a_phone_that_leaves(phone, monkeypatch):
    use_server(phone, monkeypatch)
    with phone.proxy("gone_mid_run") as serial:
        phone.witness.call("connect", serial)
        device = connect(serial)
        script = 'echo "$1"; sleep 100'
        with pytest.raises(DeviceLostError, match=r"ended the conversation|adb server lost"):
            device.shell(("sh", "-c", script, "sh", SAMPLE), silence_s=20)


def test_a_phone_that_the_server_may_not_use(unauthorised, monkeypatch):
    use_server(unauthorised, monkeypatch)
    unauthorised.witness.call("connect", unauthorised.serial)
    state = server_states(5)[unauthorised.serial]
    assert state in ("unauthorized", "authorizing", "offline")
    with pytest.raises(DeviceError, match=f"is {state} to the adb server: "):
        connect(unauthorised.serial)


def test_a_key_means_directly(device, phone):
    direct = connect(phone.serial, phone.keys)
    assert isinstance(direct, AdbTransport)
    direct.close()


def test_an_unknown_serial(device):
    with pytest.raises(DeviceError, match="NO-SUCH is unknown to the adb server"):
        ServerTransport("NO-SUCH", 5)


@pytest.mark.parametrize(
    ("variables", "address"),
    [
        ({}, ("127.0.0.1", 5037)),
        ({"ANDROID_ADB_SERVER_PORT": "5038"}, ("127.0.0.1", 5038)),
        ({"ANDROID_ADB_SERVER_ADDRESS": "host"}, ("host", 5037)),
        ({"ADB_SERVER_SOCKET": "tcp:7"}, ("127.0.0.1", 7)),
        ({"ADB_SERVER_SOCKET": "tcp:host:7"}, ("host", 7)),
        ({"ADB_SERVER_SOCKET": "localfilesystem:/a/b"}, "/a/b"),
    ],
)
def test_where_the_server_is(monkeypatch, variables, address):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert server_address() == address


@pytest.mark.parametrize("spec", ["tcp:0", "tcp:x", "vsock:1:2", "tcp:host:99999"])
def test_where_no_server_can_be(monkeypatch, spec):
    monkeypatch.setenv("ADB_SERVER_SOCKET", spec)
    with pytest.raises(DeviceError, match="there can't be an adb server at"):
        server_address()


@contextmanager
def answering(answer: bytes):
    """Another program, at the port of the server."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            connection, _ = listener.accept()
            with connection:
                connection.recv(100)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield str(listener.getsockname()[1])
        thread.join()


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400 Bad Request\r\n", b"OKAYzzzz", b"OKAY00ff"])
def test_something_else_at_the_servers_port(monkeypatch, answer):
    with answering(answer) as port:
        monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", port)
        assert server_states(0.5) == {}


def test_no_server(monkeypatch, tmp_path):
    monkeypatch.setenv("ADB_SERVER_SOCKET", f"localfilesystem:{tmp_path}/none")
    assert server_states(1) == {}
    with pytest.raises(DeviceError, match="is unknown to the adb server"):
        ServerTransport("phone", 1)
