"""A small HTTP server on this machine that misbehaves as it is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Call:
    """What a client asked."""

    path: str
    params: dict[str, str]
    headers: dict[str, str]


@dataclass(frozen=True)
class Reply:
    """What the server answers; anything but bytes is sent as JSON, and `missing` bytes are promised but not sent."""

    body: Any = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    missing: int = 0

    @property
    def bytes(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class LittleServer(ThreadingHTTPServer):
    """Answers every call by `answer`, or by the replies it was told to give first, and remembers the calls."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.calls: list[Call] = []
        self.first: list[Reply] = []
        self.answer: Callable[[Call], Reply] = lambda call: Reply(status=404)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def reply(self, call: Call) -> Reply:
        self.calls.append(call)
        return self.first.pop(0) if self.first else self.answer(call)


@contextmanager
def serving() -> Iterator[LittleServer]:
    """Start a server on a free port, and stop it in the end."""
    server = LittleServer()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: LittleServer

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.server.reply(Call(parts.path, dict(parse_qsl(parts.query)), headers))
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.bytes) + reply.missing))
        self.end_headers()
        self.wfile.write(reply.bytes)

    def log_message(self, format: str, *args: Any) -> None:
        pass
