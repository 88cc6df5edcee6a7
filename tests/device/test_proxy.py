"""The line between host and phone: each fault is the one it says it is."""

import socket
import struct
import threading
from collections.abc import Iterator

import pytest

from tests.device.proxy import FAULTS, GARBAGE, Fault, Proxy

ANSWER_S = 20.0
TCP_INFO = (socket.IPPROTO_TCP, socket.TCP_INFO, 160)
DATA_SEGMENTS_IN = 152  # offset of tcpi_data_segs_in in linux/tcp.h's struct tcp_info
LETTERS = bytes(range(256)) * 40


@pytest.fixture
def echo() -> Iterator[int]:
    """The port of a server that sends back what comes."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(ANSWER_S)


def serve(listener: socket.socket) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=send_back, args=(client,), daemon=True).start()


def send_back(client: socket.socket) -> None:
    with client:
        try:
            while data := client.recv(65536):
                client.sendall(data)
        except ConnectionError:
            return


def connected(proxy: Proxy) -> socket.socket:
    host, _, port = proxy.serial.partition(":")
    return socket.create_connection((host, int(port)), timeout=ANSWER_S)


def exchange(client: socket.socket, data: bytes, size: int | None = None) -> bytes:
    """Sends data and reads until as much has come back, or the other end closes."""
    wanted = len(data) if size is None else size
    client.sendall(data)
    answer = b""
    while len(answer) < wanted and (part := client.recv(65536)):
        answer += part
    return answer


@pytest.mark.parametrize("name", ["slow", "bytewise", "small_buffers"])
def test_a_poor_line_loses_nothing(echo: int, name: str):
    with Proxy(echo, FAULTS[name]) as proxy, connected(proxy) as client:
        assert exchange(client, LETTERS) == LETTERS
        assert not proxy.happened.is_set()


def test_refused(echo: int):
    with Proxy(echo, FAULTS["refuse"]) as proxy, pytest.raises(ConnectionRefusedError):
        connected(proxy)


@pytest.mark.parametrize(
    "fault",
    [Fault("drop", to_phone=100), Fault("drop", to_host=100), Fault("drop", marker=b"\x80\x81")],
    ids=["to phone", "to host", "marker"],
)
def test_dropped_once(echo: int, fault: Fault):
    with Proxy(echo, fault) as proxy:
        with connected(proxy) as client:
            client.sendall(LETTERS[:256])
            with pytest.raises(ConnectionResetError):
                receive_all(client)
        assert proxy.happened.is_set()
        with connected(proxy) as client:
            assert exchange(client, LETTERS) == LETTERS


def receive_all(client: socket.socket) -> None:
    while client.recv(65536):
        pass


def test_exactly_so_many_bytes_pass(echo: int):
    with Proxy(echo, Fault("garbage", to_host=100)) as proxy, connected(proxy) as client:
        answer = exchange(client, LETTERS[:256], 100 + len(GARBAGE))
        assert answer == LETTERS[:100] + GARBAGE


def test_dropped_each_time(echo: int):
    with Proxy(echo, Fault("drop", to_phone=0, then="again")) as proxy:
        for _ in range(2):
            with connected(proxy) as client, pytest.raises(ConnectionResetError):
                exchange(client, b"a")


def test_dropped_and_gone(echo: int):
    with Proxy(echo, Fault("drop", to_phone=0, then="gone")) as proxy:
        with connected(proxy) as client, pytest.raises(ConnectionResetError):
            exchange(client, b"a")
        with pytest.raises(ConnectionRefusedError):
            connected(proxy)


def test_a_stalled_line_is_silent_and_stays(echo: int):
    with Proxy(echo, Fault("stall", marker=b"stop")) as proxy, connected(proxy) as client:
        assert exchange(client, b"go") == b"go"
        client.sendall(b"stop")
        assert proxy.happened.wait(ANSWER_S)
        client.sendall(b"more")
        client.settimeout(0.2)
        with pytest.raises(TimeoutError):
            client.recv(1)


def test_garbage(echo: int):
    with Proxy(echo, FAULTS["garbage"]) as proxy, connected(proxy) as client:
        assert exchange(client, b"a", len(GARBAGE)) == GARBAGE


def test_segments_of_one_byte(echo: int):
    with Proxy(echo, FAULTS["bytewise"]) as proxy, connected(proxy) as client:
        assert exchange(client, b"abcdefgh") == b"abcdefgh"
        (received,) = struct.unpack_from("I", client.getsockopt(*TCP_INFO), DATA_SEGMENTS_IN)
        assert received == 8


def test_small_buffers_take_a_part_of_what_is_sent(echo: int):
    with Proxy(echo, FAULTS["small_buffers"]) as proxy, connected(proxy) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        client.setblocking(False)
        assert client.send(bytes(1_000_000)) < 1_000_000


def test_threads_end(echo: int):
    with Proxy(echo, FAULTS["stall_on_connect"]) as proxy, connected(proxy) as client:
        client.sendall(b"a")
        assert proxy.happened.wait(ANSWER_S)
    threads = [proxy.thread, *(thread for link in proxy.links for thread in link.threads)]
    assert not any(thread.is_alive() for thread in threads)
