"""What a session leaves on its device when it is over: nothing but the files of its job."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Protocol

from android_bench.errors import DeviceError, DeviceLostError
from android_bench.transport.base import Transport

Notify = Callable[[str], None]


class Cleanable(Protocol):
    """A session, as far as it is of use here."""

    transport: Transport
    root: str

    def discard(self) -> None: ...

    def remove_all(self) -> None: ...


@dataclass(frozen=True)
class Farewell:
    """Cleans the device when a session is over."""

    session: Cleanable
    reconnect: Callable[[], Transport]
    remove_files: bool

    @contextmanager
    def afterwards(self, notify: Notify) -> Iterator[None]:
        """However the block ends. A connection that an exception passed through is given up."""
        try:
            yield
        except DeviceLostError as error:
            if left := self.by_new_connection():
                raise DeviceLostError(f"{error}; {left}") from error
            raise
        except BaseException:
            if left := self.by_new_connection():
                notify(left)
            raise
        if left := self.by_old_connection():
            notify(left)

    def by_old_connection(self) -> str | None:
        try:
            self.clean()
        except DeviceError:
            return self.by_new_connection()
        except BaseException:  # an interruption that came as late as this
            self.by_new_connection()
            raise
        return None

    def by_new_connection(self) -> str | None:
        """What may be left, and what becomes of it; None where all is clean."""
        self.session.transport.close()
        try:
            with closing(self.reconnect()) as self.session.transport:
                self.clean()
        except DeviceError as error:
            return (
                f"something of this run may be left in {self.session.root} ({error}); "
                "the next run there removes it"
            )
        return None

    def clean(self) -> None:
        self.session.discard()
        if self.remove_files:
            self.session.remove_all()
