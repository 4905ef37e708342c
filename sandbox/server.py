"""All department systems of the sandbox city behind one HTTP server on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from sandbox.city import City, city_on
from sandbox.protocols.message import Answer, Request, System, as_json
from sandbox.protocols.tables import write_tables
from sandbox.systems import systems

HOST = "127.0.0.1"


class _Handler(BaseHTTPRequestHandler):
    """Turns one HTTP call into a request to the system whose root the path begins with."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: SandboxServer

    def do_GET(self) -> None:
        """Answer a query in the address."""
        self._answer(urlsplit(self.path).query)

    def do_POST(self) -> None:
        """Answer a form: ArcGIS clients post long lists of object ids."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self._answer(f"{urlsplit(self.path).query}&{body}")

    def _answer(self, query: str) -> None:
        path = unquote(urlsplit(self.path).path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        base = f"http://{headers.get('host', self.server.address)}"
        params = dict(parse_qsl(query, keep_blank_values=True))
        self._send(self.server.answer(path, params, headers, base))

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in {"Content-Type": answer.content_type, **answer.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent: addresses can hold personal values."""


class SandboxServer(ThreadingHTTPServer):
    """The city's systems on one day; setting `day` moves all of them, the finance database included."""

    daemon_threads = True

    def __init__(self, seed: int, scale: float, day: int, finance_url: str | None = None, port: int = 0) -> None:
        super().__init__((HOST, port), _Handler)
        self.seed, self.scale, self.finance_url = seed, scale, finance_url
        self._systems: dict[str, System] = systems()
        self.day = day

    @property
    def address(self) -> str:
        """Host and port."""
        return f"{HOST}:{self.server_address[1]}"

    @property
    def url(self) -> str:
        """The base address of all systems."""
        return f"http://{self.address}"

    @property
    def day(self) -> int:
        """The day whose 06:30 state is served."""
        return self.city.world.day

    @day.setter
    def day(self, day: int) -> None:
        self.move(day)

    def move(self, day: int, minutes: int = 0) -> None:
        """Serve the state of so many minutes after 06:30 of a day: a department's morning goes on."""
        self.city: City = city_on(self.seed, self.scale, day, minutes)
        if self.finance_url:
            write_tables(self.finance_url, self.city)

    def answer(self, path: str, params: dict[str, str], headers: dict[str, str], base: str) -> Answer:
        """Hand a call to its system; 404 when no system has such a root."""
        for root, system in self._systems.items():
            if path.startswith(root):
                request = Request(path[len(root) :], params, headers, base + root.rstrip("/"))
                return system.answer(request, self.city)
        return as_json({"error": f"no system at {path}", "systems": list(self._systems)}, 404)


@contextmanager
def running(
    seed: int, scale: float, day: int, finance_url: str | None = None, port: int = 0
) -> Iterator[SandboxServer]:
    """Serve the city from a thread of this process; yields the server, whose `day` can be moved."""
    server = SandboxServer(seed, scale, day, finance_url, port)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def serving(seed: int, scale: float, day: int, finance_url: str | None = None, port: int = 0) -> Iterator[str]:
    """Serve the city from a thread of this process; yields the base address."""
    with running(seed, scale, day, finance_url, port) as server:
        yield server.url
