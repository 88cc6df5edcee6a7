"""A line between a host and the played phone on which things go wrong."""

import ctypes
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

LIBC = ctypes.CDLL(None)
UNSPECIFIED = bytes(16)  # an address of family AF_UNSPEC
CHUNK_BYTES = 65536
JOIN_S = 20.0


@dataclass(frozen=True)
class Fault:
    """When something happens, what it is, and what follows. A plain Fault() forwards.

    It happens once `to_phone` or `to_host` bytes have been passed on that way, or before the bytes
    that hold `marker` are passed on to the host (the marker has to lie in one segment).
    """

    action: Literal["drop", "stall", "garbage"] | None = None
    to_phone: int | None = None
    to_host: int | None = None
    marker: bytes | None = None
    then: Literal["back", "again", "gone"] = "back"  # what the connections after it meet
    refuse: bool = False
    segment_bytes: int = CHUNK_BYTES  # at most so many at once, each as a segment of its own
    bytes_per_s: float | None = None  # each way
    buffer_bytes: int | None = None  # of the proxy's sockets: its peers' sends come up short


FAULTS = {
    "refuse": Fault(refuse=True),
    "drop_on_connect": Fault("drop", to_phone=0),
    "drop_mid_push": Fault("drop", to_phone=400_000),
    "drop_mid_run": Fault("drop", marker=b'"event":"sample"'),
    "gone_mid_run": Fault("drop", marker=b'"event":"sample"', then="gone"),
    "stall_mid_push": Fault("stall", to_phone=400_000),
    "stall_mid_run": Fault("stall", marker=b'"event":"sample"'),
    "stall_on_connect": Fault("stall", to_phone=0, then="again"),
    "slow": Fault(bytes_per_s=2_000_000, segment_bytes=16_384),
    "bytewise": Fault(segment_bytes=1),
    "garbage": Fault("garbage", to_host=0, then="again"),
    "garbage_mid_run": Fault("garbage", marker=b'"event":"sample"'),
    "small_buffers": Fault(buffer_bytes=2048, segment_bytes=4096),
}
GARBAGE = bytes(range(255, -1, -1)) * 16


class Proxy:
    """Listens on loopback as long as it is open; `serial` is its address."""

    def __init__(self, phone_port: int, fault: Fault) -> None:
        self.phone_port = phone_port
        self.fault = fault
        self.happened = threading.Event()
        self.closed = threading.Event()
        self.links: list[Link] = []
        self.listener = socket.socket()
        if fault.buffer_bytes:
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, fault.buffer_bytes)
        self.listener.bind(("127.0.0.1", 0))
        self.serial = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.thread = threading.Thread(target=self.accept)

    def __enter__(self) -> "Proxy":
        if not self.fault.refuse:  # a port that is taken and not listened on refuses
            self.listener.listen()
            self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closed.set()
        self.hang_up()
        if self.thread.is_alive():
            self.thread.join(JOIN_S)
        for link in self.links:
            link.close()
        self.listener.close()

    def hang_up(self) -> None:
        """Refuses connections from now on; the port stays taken."""
        with suppress(OSError):  # where it has been done, or it never listened
            self.listener.shutdown(socket.SHUT_RDWR)

    def accept(self) -> None:
        while not self.closed.is_set():
            try:
                host, _ = self.listener.accept()
            except OSError:  # hung up
                return
            faulty = self.fault.then == "again" or not self.happened.is_set()
            self.links.append(Link(self, host, self.fault if faulty else Fault()))


class Link:
    """A connection of a host with the phone: one thread for each way."""

    def __init__(self, proxy: Proxy, host: socket.socket, fault: Fault) -> None:
        self.proxy = proxy
        self.fault = fault
        self.stalled = threading.Event()
        self.host = host
        self.phone = socket.create_connection(("127.0.0.1", proxy.phone_port))
        for end in (self.host, self.phone):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if fault.buffer_bytes:
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, fault.buffer_bytes)
        ways = ((self.host, self.phone, fault.to_phone), (self.phone, self.host, fault.to_host))
        self.threads = [threading.Thread(target=self.forward, args=way) for way in ways]
        for thread in self.threads:
            thread.start()

    def forward(self, source: socket.socket, target: socket.socket, limit: int | None) -> None:
        """Passes on what comes until one end closes or something happens."""
        passed = 0
        with suppress(OSError):  # an end is gone; the other way sees it, too
            while data := source.recv(self.fault.segment_bytes):
                if self.stalled.is_set():
                    return self.hold()
                if limit is not None and passed + len(data) > limit:
                    target.sendall(data[: limit - passed])
                    return self.happen(target)
                if target is self.host and self.fault.marker and self.fault.marker in data:
                    return self.happen(target)
                target.sendall(data)
                passed += len(data)
                if self.fault.bytes_per_s:
                    time.sleep(len(data) / self.fault.bytes_per_s)
        return self.shut()

    def happen(self, target: socket.socket) -> None:
        self.proxy.happened.set()
        if self.fault.then == "gone":
            self.proxy.hang_up()
        if self.fault.action == "garbage":
            target.sendall(GARBAGE)
        if self.fault.action == "drop":
            self.reset()
        else:
            self.stalled.set()
            self.hold()

    def hold(self) -> None:
        """Says nothing more, and stays connected."""
        self.proxy.closed.wait()

    def reset(self) -> None:
        """Ends the connection with a reset both ways, as connect(2) to no address does at once."""
        for end in (self.host, self.phone):
            LIBC.connect(end.fileno(), UNSPECIFIED, len(UNSPECIFIED))

    def shut(self) -> None:
        for end in (self.host, self.phone):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.shut()
        for thread in self.threads:
            thread.join(JOIN_S)
        self.host.close()
        self.phone.close()
