"""How soon an alert leaves after something changed at a source: in the real scheduler, end to end.

A department drops files of emergency calls that have waited too long, one every 45 seconds, into a folder that is
watched. Told are the seconds from a file's appearance to the alert's own file, in the usual cycle of five minutes and
in that of an emergency, and how long the tasks of a cycle took.

Run: .venv/bin/python benchmarks/detection.py [minutes in the usual cycle] [minutes in that of an emergency]
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

PROJECT = Path(__file__).resolve().parent.parent
SECONDS_BETWEEN = 45
WAITED = timedelta(minutes=13)
"""A fire of priority 1 is an alert after 12.8 minutes."""

CITY = """\
title: {en: Riverbend}
time_zone: America/Chicago
areas: {kind: {en: district}, codes: [D01]}
contact: {name: Data office, email: data-office@riverbend.example}
alerts: {status: Test, budget: 1000}
"""
FIRE = """\
title: {en: Fire}
steward: fire-data@riverbend.example
schedule: "5 6 * * *"
legal_basis: law
feeds:
  calls:
    title: {en: Calls}
    contract: emergency_call
    system: folder
    url: file:drops
    glob: "*.json"
    format: json
    due: "06:40"
    watch: true
    fields:
      {call_id: id, unit_id: unit, received_at: at, updated_at: at, call_type: type, priority: urgency, area_code: area}
"""


def free_port() -> int:
    """Return a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def write_city(folder: Path) -> None:
    """Write a city of one department."""
    folder.mkdir()
    (folder / "city.yml").write_text(CITY)
    (folder / "fire.yml").write_text(FIRE)


def drop(home: Path, number: int) -> float:
    """Let a file of one call appear, and return when."""
    call = {"id": f"F{number:04}", "unit": "E01", "at": (datetime.now(UTC) - WAITED).isoformat(), "type": "fire",
            "urgency": 1, "area": "D01"}  # fmt: skip
    draft = home / "drops" / f".{number}"
    draft.write_text(json.dumps([call]))
    draft.rename(home / "drops" / f"{number:04}.json")
    return time.time()


def alerted(home: Path) -> dict[str, float]:
    """Return when the alert of each call was there."""
    found = {}
    for file in (home / "alerts").glob("*-1.xml"):
        if subject := re.search(r"Call (F\d+):", file.read_text()):
            found[subject[1]] = file.stat().st_mtime
    return found


def wait_until_ready(port: int) -> None:
    """Wait until the scheduler has a heartbeat."""
    for _ in range(300):
        time.sleep(1)
        try:
            told = json.load(urlopen(f"http://127.0.0.1:{port}/api/v2/monitor/health"))
        except (URLError, OSError):
            continue
        if told["scheduler"]["status"] == "healthy" and told["dag_processor"]["status"] == "healthy":
            return
    raise SystemExit("Airflow did not start")


def drop_for(home: Path, seconds: float, first: int) -> dict[str, float]:
    """Drop a file every so often, wait for all alerts, and return from when on each call was there."""
    dropped: dict[str, float] = {}
    until = time.time() + seconds
    while time.time() < until:
        number = first + len(dropped)
        dropped[f"F{number:04}"] = drop(home, number)
        time.sleep(SECONDS_BETWEEN)
    limit = time.time() + 900
    while dropped.keys() - alerted(home).keys() and time.time() < limit:
        time.sleep(1)
    return dropped


def tell(what: str, home: Path, dropped: dict[str, float], since: float) -> None:
    """Print how long it took, and how long the cycles' tasks did."""
    found = alerted(home)
    took = sorted(found[call] - at for call, at in dropped.items() if call in found)
    print(f"{what}: {len(took)} of {len(dropped)} detected; seconds: median {statistics.median(took):.0f}, "
          f"least {took[0]:.0f}, most {took[-1]:.0f}; {[round(one) for one in took]}")  # fmt: skip
    with sqlite3.connect(home / "airflow" / "scheduler.db") as database:
        rows = database.execute(
            """SELECT task_id, duration FROM task_instance WHERE dag_id = 'watch' AND duration IS NOT NULL
            AND start_date >= ?""",
            [datetime.fromtimestamp(since, UTC).strftime("%Y-%m-%d %H:%M:%S")],
        ).fetchall()
        runs = database.execute(
            """SELECT (julianday(end_date) - julianday(start_date)) * 86400 FROM dag_run
            WHERE dag_id = 'watch' AND state = 'success' AND start_date >= ?""",
            [datetime.fromtimestamp(since, UTC).strftime("%Y-%m-%d %H:%M:%S")],
        ).fetchall()
    for task in ("collect", "detect", "send"):
        if took_task := [duration for name, duration in rows if name == task]:
            print(f"  {task}: median {statistics.median(took_task):.1f} s of {len(took_task)}")
    if runs:
        print(f"  whole cycle: median {statistics.median(one for (one,) in runs):.1f} s of {len(runs)}")


def main() -> None:
    """Measure both cycles."""
    usual, emergency = (float(word) * 60 for word in (*sys.argv[1:], "15", "5")[:2])
    with tempfile.TemporaryDirectory() as place:
        home, port = Path(place) / "home", free_port()
        write_city(Path(place) / "city")
        (home / "drops").mkdir(parents=True)
        (home / "alerts").mkdir()
        environment = os.environ | {"CIVICLAKE_HOME": str(home), "CIVICLAKE_CITY": str(Path(place) / "city")}
        command = [sys.executable, "-m", "civiclake"]
        airflow = subprocess.Popen(
            [*command, "start", "--port", str(port)], cwd=PROJECT, env=environment, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            wait_until_ready(port)
            print("load average:", os.getloadavg(), flush=True)
            # the lake, and the first reading of the DAG files, are made once
            drop_for(home, 1, 0)
            since = time.time()
            tell("every five minutes", home, drop_for(home, usual, 1), since)
            declare = [*command, "emergency", "start", "drill", "--note", "measuring"]
            subprocess.run(declare, cwd=PROJECT, env=environment, check=True)
            time.sleep(90)
            since = time.time()
            tell("every minute", home, drop_for(home, emergency, 500), since)
            print("load average:", os.getloadavg())
        finally:
            airflow.send_signal(signal.SIGTERM)
            airflow.wait(60)


if __name__ == "__main__":
    main()
