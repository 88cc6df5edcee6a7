"""Addresses at which there is no phone to be had: real sockets, one line each."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from android_bench.errors import DeviceError
from android_bench.transport import connect
from android_bench.transport.adb import address_of
from android_bench.transport.keys import made_key
from android_bench.transport.link import PACKET

SIZE = 24  # of a packet without content
CHECKED = PACKET.pack(b"CNXN", 2**24, 4096, 1, 99, 0xFFFFFFFF) + b"x"


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    return made_key(tmp_path_factory.mktemp("key") / "adbkey")


@pytest.fixture(autouse=True)
def no_server(monkeypatch, closed_port):
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", closed_port)
    monkeypatch.delenv("ADB_SERVER_SOCKET", raising=False)


@pytest.fixture
def closed_port() -> Iterator[str]:
    with socket.socket() as taken:  # and not listened on
        taken.bind(("127.0.0.1", 0))
        yield str(taken.getsockname()[1])


@contextmanager
def answering(answer: bytes | None) -> Iterator[str]:
    """Reads a greeting and gives the answer, or leaves at once for None; its HOST:PORT."""
    done = threading.Event()

    def serve():
        connection, _ = listener.accept()
        with connection:
            if answer is not None:
                connection.recv(SIZE)
                connection.sendall(answer)
                done.wait(20)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            done.set()
            thread.join()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"", "took the connection and then said nothing for 0.3 s"),
        (b"CNXN", "took the connection and then said nothing for 0.3 s"),
        (None, "closed the connection at once"),
        (b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", "does not speak ADB: see whether the address"),
        (CHECKED, "does not speak ADB: see whether the address"),
        (PACKET.pack(b"STLS", 2**24, 0, 0, 0, 0), "wants to be paired, .* 'adb pair' and"),
        (PACKET.pack(b"AUTH", 7, 0, 0, 0, 0), "does not speak ADB"),
    ],
)
def test_what_answers_is_no_phone(key, answer, words):
    with answering(answer) as serial, pytest.raises(DeviceError, match=words) as caught:
        connect(serial, key, timeout_s=0.3)
    assert serial in str(caught.value)
    assert "\n" not in str(caught.value)


def test_nobody_listens(key, closed_port):
    with pytest.raises(DeviceError, match=f"nobody listens at 127.0.0.1:{closed_port}: switch on"):
        connect(f"127.0.0.1:{closed_port}", key)


@pytest.mark.parametrize("name", ["no-such-host.invalid", "$(reboot)", "x" * 70])
def test_no_host_of_that_name(key, name):
    with pytest.raises(DeviceError, match=r"there is no host of the name in|can't reach"):
        connect(f"{name}:5555", key, timeout_s=0.3)


def test_no_phone_on_usb(key):
    with pytest.raises(DeviceError, match=r"no phone 'NO-SUCH' on USB: plug|needs libusb"):
        connect("NO-SUCH", key)


@pytest.mark.parametrize("serial", ["phone:0", "phone:65536", "phone:", "phone:x", "phone:-1"])
def test_ports_that_can_not_be(key, serial):
    with pytest.raises(DeviceError, match=r"is no device: expected HOST:PORT"):
        connect(serial, key)


@pytest.mark.parametrize(
    ("serial", "address"),
    [
        ("192.168.1.5:5555", ("192.168.1.5", 5555)),
        ("[fe80::1]:5555", ("fe80::1", 5555)),
        ("1A2B3C", None),
        (":5555", None),
        ("", None),
    ],
)
def test_addresses(serial, address):
    assert address_of(serial) == address
