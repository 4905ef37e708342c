"""The connections of one thread: an answer has a time in all, and a fetch that is over can cut them.

A library's time-out is that of one silence. A source that sends a byte a minute would never meet it, be it in the
headers or in the body.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import socket
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.poolmanager import PoolManager


class Wire(HTTPAdapter):
    """Connects; `seconds` is how long an answer may take from the question to its last byte."""

    def __init__(self, seconds: float, stopped: threading.Event) -> None:
        self.seconds, self.stopped = seconds, stopped
        self.ran_out = False
        self._sockets: list[weakref.ref[socket.socket]] = []
        super().__init__(pool_connections=4, pool_maxsize=1)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Make the pool of connections (called by requests)."""
        super().init_poolmanager(*args, **options)
        self._watch(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        """Make the pool of connections through a proxy (called by requests)."""
        return self._watch(super().proxy_manager_for(proxy, **options))

    def cut(self) -> None:
        """End all connections, also those on which a thread is waiting."""
        for known in list(self._sockets):
            if (open_socket := known()) is not None:
                with contextlib.suppress(OSError):
                    open_socket.shutdown(socket.SHUT_RDWR)

    def answer(self, sock: socket.socket, *args: Any, **options: Any) -> http.client.HTTPResponse:
        """Open the answer that comes on a socket (called by http.client)."""
        response = http.client.HTTPResponse(sock, *args, **options)
        raw = response.fp.detach()
        response.fp = io.BufferedReader(_Timed(raw, sock, self))
        return response

    def connected(self, sock: socket.socket) -> None:
        """Remember a connection, to be able to cut it."""
        self._sockets = [known for known in self._sockets if known() is not None] + [weakref.ref(sock)]

    def _watch(self, manager: PoolManager) -> PoolManager:
        class Plain(HTTPConnectionPool):
            ConnectionCls = _watched(HTTPConnection, self)

        class Secure(HTTPSConnectionPool):
            ConnectionCls = _watched(HTTPSConnection, self)

        manager.pool_classes_by_scheme = {"http": Plain, "https": Secure}
        return manager


def _watched(base: Any, wire: Wire) -> Any:
    class Watched(base):
        response_class: Callable[..., http.client.HTTPResponse] = staticmethod(wire.answer)

        def connect(self) -> None:
            super().connect()
            wire.connected(self.sock)

    return Watched


class _Timed(io.RawIOBase):
    """Reads from a socket, each time for no longer than is left of the answer's time."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, wire: Wire) -> None:
        self._raw, self._sock, self._wire = raw, sock, wire
        self._silence = sock.gettimeout()
        self._end = time.monotonic() + wire.seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._end - time.monotonic()
        self._wire.ran_out = left <= 0
        if left <= 0 or self._wire.stopped.is_set():
            raise TimeoutError("the answer's time is over")
        self._sock.settimeout(left if self._silence is None else min(left, self._silence))
        try:
            return self._raw.readinto(buffer)
        except TimeoutError:
            self._wire.ran_out = time.monotonic() >= self._end
            raise

    def close(self) -> None:
        self._raw.close()
        super().close()
