"""`civiclake serve`: what a browser gets of the site, and what it does not."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner

from cities.home import PROJECT
from civiclake.cli import commands
from civiclake.serve import SiteServer

POLICY = "default-src 'none'; script-src 'sha256-x'"
PAGE = f'<!doctype html><meta http-equiv="Content-Security-Policy" content="{POLICY}"><title>t</title>'


@pytest.fixture
def site(lake_home: Path) -> Path:
    """A published site beside a file that is nobody's business."""
    folder = lake_home / ".site.000001"
    (folder / "en").mkdir(parents=True)
    (folder / "index.html").write_text("choice")
    (folder / "en" / "index.html").write_text(PAGE)
    (folder / "report.json").write_text("{}")
    (folder / "en" / "report.pdf").write_bytes(b"%PDF")
    (folder / "en" / "notes.draft").write_text("half")
    (folder / "leak.json").symlink_to(lake_home / "secret.json")
    (lake_home / "secret.json").write_text("secret")
    (lake_home / "site").symlink_to(folder.name)
    return lake_home / "site"


@pytest.fixture
def port(site: Path) -> Iterator[int]:
    with SiteServer(site, 0) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def ask(port: int, path: str, method: str = "GET", host: str | None = None) -> HTTPResponse:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, headers={"Host": host or f"127.0.0.1:{port}"})
    return connection.getresponse()


@pytest.mark.parametrize(
    ("path", "kind", "begins"),
    [
        ("/", "text/html; charset=utf-8", b"choice"),
        ("/en/", "text/html; charset=utf-8", b"<!doctype html>"),
        ("/en/index.html?day=1", "text/html; charset=utf-8", b"<!doctype html>"),
        ("/report.json", "application/json", b"{}"),
        ("/en/report.pdf", "application/pdf", b"%PDF"),
    ],
)
def test_files_of_the_site_come_with_their_type(port: int, path: str, kind: str, begins: bytes) -> None:
    answer = ask(port, path)
    assert (answer.status, answer.headers["Content-Type"]) == (200, kind)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.read().startswith(begins)


def test_a_page_keeps_its_own_policy_and_may_be_framed_by_its_own_server_only(port: int) -> None:
    told = ask(port, "/en/index.html").headers["Content-Security-Policy"]
    assert told.startswith(POLICY) and "frame-ancestors 'self'" in told
    assert ask(port, "/").headers["Content-Security-Policy"].startswith("default-src 'none';")
    assert ask(port, "/report.json").headers["Content-Disposition"] == 'attachment; filename="report.json"'


@pytest.mark.parametrize(
    "path",
    ["/en", "/runs/", "/../secret.json", "/%2e%2e/secret.json", "/leak.json", "/en/notes.draft", "//x", "/%00"],
)
def test_nothing_else_is_given_out(port: int, path: str) -> None:
    answer = ask(port, path)
    assert answer.status == 404
    assert b"secret" not in answer.read()


def test_it_can_only_be_read_and_only_under_its_own_name(port: int) -> None:
    assert ask(port, "/", "POST").status == 501
    assert ask(port, "/", host="elsewhere.example").status == 403
    head = ask(port, "/", "HEAD")
    assert (head.status, head.headers["Content-Length"], head.read()) == (200, "6", b"")


def test_it_begins_with_what_is_published_and_stops_when_interrupted(site: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "civiclake", "serve", "--port", "0"], cwd=PROJECT, text=True,
        stdout=subprocess.PIPE, env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as server:  # fmt: skip
        assert server.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", server.stdout.readline())
        assert found and ask(int(found[1]), "/").status == 200
        server.send_signal(signal.SIGINT)
        assert server.wait(20) == 0


@pytest.mark.usefixtures("lake_home")
def test_without_a_report_it_cannot_start() -> None:
    ended = CliRunner().invoke(commands, ["serve"])
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert "no report was written yet" in ended.stderr


def test_a_port_that_is_taken_is_told(port: int) -> None:
    ended = CliRunner().invoke(commands, ["serve", "--port", str(port)])
    assert (ended.exit_code, ended.stdout) == (2, "")
    assert f"port {port} is taken" in ended.stderr
