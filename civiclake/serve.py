"""Serves the published pages on this machine's loopback address."""

from __future__ import annotations

from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import click

from reports.serving import served

HOST = "127.0.0.1"
NAMES = (HOST, "localhost")


class SiteServer(ThreadingHTTPServer):
    """Gives out a site; `port` 0 takes a free one. Raises OSError where the port is taken."""

    daemon_threads = True

    def __init__(self, site: Path, port: int) -> None:
        super().__init__((HOST, port), _Reader)
        self.site = site


class _Reader(BaseHTTPRequestHandler):
    """Answers one reader, who can only read."""

    server: SiteServer
    server_version, sys_version = "civiclake", ""
    timeout = 30

    def do_GET(self) -> None:
        self._answer(with_content=True)

    def do_HEAD(self) -> None:
        self._answer(with_content=False)

    def _answer(self, with_content: bool) -> None:
        # another site's name that leads here would let that site's pages read these
        if (urlsplit(f"//{self.headers.get('Host', '')}").hostname or "") not in NAMES:
            return self.send_error(HTTPStatus.FORBIDDEN)
        found = served(self.server.site, unquote(urlsplit(self.path).path))
        if found is None:
            return self.send_error(HTTPStatus.NOT_FOUND)
        self.send_response(HTTPStatus.OK)
        for name, value in {**found.headers, "Content-Length": str(len(found.content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if with_content:
            self.wfile.write(found.content)
        return None

    def log_message(self, *_: object) -> None:
        """Say nothing: who reads what is nobody's business."""


def run_server(site: Path, port: int) -> int:
    """Serve a site until it is interrupted; returns the exit code, 2 where the port is taken."""
    try:
        server = SiteServer(site, port)
    except OSError:
        click.echo(f"port {port} is taken; give another one with --port", err=True)
        return 2
    with server:
        click.echo(f"The report is on http://{HOST}:{server.server_port}/ until Ctrl-C.")
        try:
            server.serve_forever(poll_interval=0.2)
        except KeyboardInterrupt:
            return 0
    return 0
