import socket
import threading

import pytest

from android_bench.transport.link import PACKET, TcpLink, banner, features


@pytest.fixture
def pair():
    """A link with a small send buffer, and the socket at its other end."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        link = TcpLink("127.0.0.1", listener.getsockname()[1], send_buffer=4096)
        link.connect(5)
        other, _ = listener.accept()
        with other:
            yield link, other
        link.close()


def test_all_of_a_write_goes_out(pair):
    link, other = pair
    sent, received = bytes(range(256)) * 4000, bytearray()

    def read_slowly():
        while len(received) < len(sent):
            received.extend(other.recv(1000))

    reader = threading.Thread(target=read_slowly)
    reader.start()
    assert link.bulk_write(sent, 5) == len(sent)
    reader.join()
    assert received == sent


def test_nobody_reads(pair):
    with pytest.raises(TimeoutError):
        pair[0].bulk_write(bytes(10_000_000), 0.2)


def test_nobody_writes(pair):
    with pytest.raises(TimeoutError):
        pair[0].bulk_read(1, 0.2)


def test_the_other_side_leaves(pair):
    link, other = pair
    other.close()
    with pytest.raises(ConnectionResetError, match="the other side closed the connection"):
        link.bulk_read(1, 5)


def test_a_closed_link(pair):
    pair[0].close()
    with pytest.raises(ConnectionResetError, match="the connection is closed"):
        pair[0].bulk_read(1, 5)


TOKEN = PACKET.pack(b"AUTH", 1, 0, 20, 0, 0) + b"CNXN" * 5
TAKEN = PACKET.pack(b"CNXN", 0, 0, 8, 0, 0)


@pytest.mark.parametrize(
    ("handshake", "said"),
    [
        (b"", ""),
        (None, ""),
        (TOKEN, ""),
        (TAKEN + b"device::", "device::"),
        (TOKEN + TAKEN + b"device::later", "device::"),
        (TOKEN + TAKEN[:10], ""),
    ],
)
def test_banner(handshake, said):
    assert banner(handshake) == said


@pytest.mark.parametrize("said", ["", "device", "device::", "device::ro.product.name=x;"])
def test_no_features(said):
    assert "shell_v2" not in features(said)
