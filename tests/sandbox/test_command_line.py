from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import requests

PROJECT = Path(__file__).resolve().parents[2]


def start(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "sandbox", *arguments, "--scale", "0.1"]
    return subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_serve_says_when_it_is_ready_and_stops_when_asked(tmp_path: Path) -> None:
    place = tmp_path / "finance.db"
    with start("serve", "--port", "0", "--day", "1", "--finance", f"sqlite:///{place}") as server:
        assert server.stdout is not None
        told = json.loads(server.stdout.readline())
        assert (told["day"], told["now"]) == (1, "2026-10-27T11:30:00+00:00")
        assert requests.get(f"{told['url']}/voice/news.rss", timeout=10).ok
        assert place.exists()
        server.send_signal(signal.SIGTERM)
        assert server.wait(10) == 0


def test_a_server_that_cannot_start_says_why_and_ends_with_2() -> None:
    with start("serve", "--port", "0", "--finance", "mysql://x") as server:
        out, error = server.communicate(timeout=20)
    assert (server.returncode, out) == (2, "")
    assert "could not start" in error


def test_truth_is_printed_as_json() -> None:
    with start("truth", "--day", "1") as process:
        told = json.loads(process.communicate(timeout=30)[0])
    assert (told["city"], told["day"]) == ("Riverbend", 1)
    assert set(told) == {"city", "seed", "scale", "day", "now", "faults", "deliveries", "totals", "records"}
