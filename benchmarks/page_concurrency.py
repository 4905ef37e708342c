"""How much sooner a fetch is over when several pages are asked for at once, of a source that is slow to answer.

A portal in a process of its own waits 300 ms before each answer and has 100,000 records in pages of 1,000. Each fetch
runs in a process of its own, in turns; its wall seconds are those of the whole process, imports and fsync included.
A figure only counts when all records came, in the same bytes.

Run: .venv/bin/python benchmarks/page_concurrency.py [rounds] [downloaders ...]
"""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

RECORDS, PAGE, DELAY = 100_000, 1_000, 0.3
WORDS = "Reported near the school, second time this year; please send someone to look at it. " * 5


class _Portal(BaseHTTPRequestHandler):
    """Answers SODA 2.1 questions for numbered records."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Wait, and answer a count, a list of keys or a range of records."""
        params = dict(parse_qsl(urlsplit(self.path).query))
        time.sleep(DELAY)
        body = self._answer(params)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _answer(self, params: dict[str, str]) -> bytes:
        if params.get("$select") == "count(*)":
            return json.dumps([{"count": str(RECORDS)}]).encode()
        first, last = 0, RECORDS - 1
        for sign, key in re.findall(r":id (>=|<=|>) 'row-(\d+)'", params.get("$where", "")):
            first, last = (first, int(key)) if sign == "<=" else (int(key) + (sign == ">"), last)
        rows = range(first, min(last + 1, first + int(params["$limit"])))
        if params.get("$select") == ":id":
            return json.dumps([{":id": f"row-{row:06}"} for row in rows]).encode()
        return json.dumps([{"id": str(row), "details": WORDS} for row in rows]).encode()

    def log_message(self, format: str, *args: object) -> None:
        """Stay quiet."""


def fetch_all(url: str, home: str, parallel: int) -> None:
    """Fetch the portal's records as a task of a city does, and say by which hash they are known."""
    os.environ["CIVICLAKE_HOME"] = home
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from cities.systems import SocrataFeed
    from extractors import Delivery, fetch

    feed = SocrataFeed.model_validate({
        "title": {"en": "Records"}, "contract": "service_request", "due": "06:30", "fields": {}, "system": "socrata",
        "url": url, "page_size": PAGE, "parallel": parallel,
    })  # fmt: skip
    place = fetch("office__records", feed, "20261124T000000Z", cursor=None, time_zone="UTC")
    receipt = Delivery.read(place).receipt
    assert (receipt.records, len(receipt.pages)) == (RECORDS, RECORDS // PAGE)
    print(receipt.sha256)


@contextmanager
def served() -> Iterator[str]:
    """Serve the portal from a process of its own; yields its address."""
    with subprocess.Popen([sys.executable, __file__, "serve"], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def measure(url: str, parallel: int) -> tuple[float, str]:
    """Return the wall seconds of one whole fetch, and the hash of what came."""
    with tempfile.TemporaryDirectory() as home:
        started = time.perf_counter()
        done = subprocess.run(
            [sys.executable, __file__, "fetch", url, home, str(parallel)], check=True, capture_output=True, text=True
        )
        return time.perf_counter() - started, done.stdout.strip()


def compare(rounds: int, crews: list[int]) -> None:
    """Print the median seconds of each number of downloaders, and how many times as fast as the first it is."""
    seconds: dict[int, list[float]] = {crew: [] for crew in crews}
    hashes = set()
    with served() as url:
        for _ in range(rounds):
            for crew in crews:
                taken, came = measure(url, crew)
                seconds[crew].append(taken)
                hashes.add(came)
    assert len(hashes) == 1, "the fetches did not bring the same bytes"
    first = statistics.median(seconds[crews[0]])
    for crew in crews:
        median = statistics.median(seconds[crew])
        spread = f"{min(seconds[crew]):.2f} to {max(seconds[crew]):.2f}"
        print(f"{crew} downloaders: {median:.2f} s ({spread}), {first / median:.2f} times as fast as {crews[0]}")


def _serve() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Portal) as server:
        print(f"http://127.0.0.1:{server.server_port}/records.json", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        _serve()
    elif sys.argv[1:2] == ["fetch"]:
        fetch_all(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    else:
        compare(int(sys.argv[1]) if sys.argv[1:] else 3, [int(crew) for crew in sys.argv[2:]] or [1, 2, 4, 8])
