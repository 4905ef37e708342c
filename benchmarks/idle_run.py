"""What a run costs in which nothing changed: 100 departments with four files each, asked over HTTP.

The first run takes everything in; the second is measured: the calls that the sources saw, the tasks that were
started, wall time and CPU seconds of the whole process, beside those of a run of one department.

Run: .venv/bin/python benchmarks/idle_run.py
"""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.request import urlopen

PROJECT = Path(__file__).resolve().parent.parent
DEPARTMENTS, FEEDS = 100, 4
BODY = b"number,day,outcome\n" + b"".join(b"P-%d,2026-10-20,pass\n" % number for number in range(500))
FEED = """
  feed{number}:
    title: {{en: Inspections}}
    contract: inspection
    system: csv
    url: {url}/{department}/{number}.csv
    due: "06:40"
    fields: {{inspection_id: number, inspection_date: day, result: outcome}}
"""


class Files(BaseHTTPRequestHandler):
    """One file at every path, with an ETag; `/calls` tells how often it was asked since the last time."""

    calls = 0
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:  # noqa: D102
        if self.path == "/calls":
            told, Files.calls = str(Files.calls).encode(), 0
            return self._answer(200, told)
        Files.calls += 1
        if self.headers.get("If-None-Match") == '"1"':
            return self._answer(304, b"")
        return self._answer(200, BODY)

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("ETag", '"1"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def serve() -> None:
    """Serve until killed, after telling the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Files)
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()


def write_city(folder: Path, url: str, departments: int) -> None:
    """Write a city of so many departments with four files each."""
    folder.mkdir()
    (folder / "city.yml").write_text((PROJECT / "cities" / "sandbox" / "city.yml").read_text())
    for department in range(departments):
        head = f'title: {{en: Department {department}}}\nsteward: d@city.example\nschedule: "0 6 * * *"\n'
        feeds = "".join(FEED.format(url=url, department=department, number=number) for number in range(FEEDS))
        (folder / f"department{department}.yml").write_text(f"{head}legal_basis: law\nfeeds:{feeds}")


def collect(folder: Path, home: Path, now: str) -> tuple[float, float]:
    """Run all departments of a city; returns wall time and CPU seconds."""
    environment = os.environ | {"CIVICLAKE_CITY": str(folder), "CIVICLAKE_HOME": str(home), "CIVICLAKE_NOW": now}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "civiclake", "run", "--collect-only"]
    subprocess.run(command, cwd=PROJECT, env=environment, check=True, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - start, cpu


def started_tasks(home: Path) -> int:
    """Return how many tasks Airflow has started so far."""
    with sqlite3.connect(home / "airflow" / "embedded.db") as database:
        row = database.execute("SELECT count(*) FROM task_instance WHERE state = 'success'").fetchone()
    return int(row[0])


def main() -> None:
    """Measure a city of one department and one of a hundred."""
    server = subprocess.Popen([sys.executable, __file__, "--serve"], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    url = server.stdout.readline().strip()
    try:
        for departments in (1, DEPARTMENTS):
            with tempfile.TemporaryDirectory() as place:
                folder, home = Path(place) / "city", Path(place) / "home"
                write_city(folder, url, departments)
                first = collect(folder, home, "2026-10-26T11:32:00+00:00")
                tasks = started_tasks(home)
                urlopen(f"{url}/calls").read()
                wall, cpu = collect(folder, home, "2026-10-27T11:32:00+00:00")
                calls = int(urlopen(f"{url}/calls").read())
                print(
                    f"{departments} departments, {departments * FEEDS} feeds: first run {first[0]:.1f} s wall, "
                    f"{first[1]:.1f} CPU s; nothing changed: {wall:.1f} s wall, {cpu:.1f} CPU s, {calls} calls, "
                    f"{started_tasks(home) - tasks} tasks started"
                )
    finally:
        server.kill()


if __name__ == "__main__":
    serve() if "--serve" in sys.argv else main()
