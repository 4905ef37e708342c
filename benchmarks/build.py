"""What a build of a year costs after one more day, beside a build of the same lake from nothing.

The sandbox city is collected on day 305, when its systems show a year of events, and again the next morning. `full`
builds the lake of both days from nothing, `day` the same lake of which all but the last day was built before, `idle`
once more when nothing came, and `watch` what the alert rules stand on after some new records. Each is a process of its
own, in turns; the CPU and wall seconds of whole processes are told, and those of the build alone.

Run: .venv/bin/python benchmarks/build.py [rounds [scale [day]]]
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from collect import HERE, measure

WAYS = ("full", "day", "idle", "watch")
NEW = 20
"""Service requests that are new to a cycle of the monitoring."""


@contextmanager
def sandbox(home: Path, day: int, scale: float) -> Iterator[dict[str, str]]:
    """Serve the sandbox city's day and yield the environment of a morning of it."""
    finance = f"sqlite:///{home / 'finance.db'}"
    command = [sys.executable, "-m", "sandbox", "serve", "--port", "0", "--scale", str(scale), "--day", str(day)]
    server = subprocess.Popen([*command, "--finance", finance], cwd=HERE.parent, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        told = json.loads(server.stdout.readline())
        yield {
            "CIVICLAKE_HOME": str(home), "CIVICLAKE_SANDBOX_FINANCE": finance,
            "CIVICLAKE_ORIGINS": f"http://127.0.0.1:8765={told['url'].rstrip('/')}",
            "CIVICLAKE_NOW": (datetime.fromisoformat(told["now"]) + timedelta(minutes=2)).isoformat(),
        }  # fmt: skip
    finally:
        # a city of this size takes its time to end
        server.kill()
        server.wait()


def collect(home: Path, day: int, scale: float) -> str:
    """Fetch, check and load everything of a day, and return the instant of its build."""
    with sandbox(home, day, scale) as environment:
        command = [str(Path(sys.executable).parent / "civiclake"), "run", "--collect-only"]
        subprocess.run(command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, check=False)
    return environment["CIVICLAKE_NOW"]


def build(way: str, as_of: str, told: Path) -> None:
    """Build in the way meant, and write the CPU and wall seconds of the build alone, without imports."""
    import dbt.cli.main  # noqa: F401

    from cities import read_city
    from dags.dbt_build import run_dbt, run_selected
    from lake import sync_city, writer_lock
    from lake.watch import as_of as watched_as_of

    if way == "watch":
        add_requests()
    instant = datetime.fromisoformat(as_of)
    sync_city(read_city(), instant)
    used, started = time.process_time(), time.monotonic()
    with watched_as_of(instant) if way == "watch" else writer_lock():
        result = run_selected("watch") if way == "watch" else run_dbt(full_refresh=way == "full")
    told.write_text(f"{time.process_time() - used} {time.monotonic() - started} {result.models} {result.tests}")
    assert not result.failed, result.failed


def add_requests() -> None:
    """Load new requests, as a later delivery of the hotline: copies of known ones under new numbers."""
    from lake import connect, writer_lock

    with writer_lock(), connect() as connection:
        connection.execute(
            f"""INSERT INTO records.service_request BY NAME
            SELECT * REPLACE (request_id || '-more' AS request_id, _loaded_at + INTERVAL 1 HOUR AS _loaded_at)
            FROM records.service_request ORDER BY _loaded_at DESC, request_id LIMIT {NEW}"""
        )


def main(rounds: int = 3, scale: float = 1.0, day: int = 305) -> None:
    """Make the year, measure each way in turns from the same lakes, and print medians."""
    with tempfile.TemporaryDirectory(prefix="civiclake-build-") as temporary:
        year, both, told = Path(temporary) / "year", Path(temporary) / "both", Path(temporary) / "told"
        year.mkdir()
        first = collect(year, day, scale)
        run("full", first, year, told)
        shutil.copytree(year, both)
        second = collect(both, day + 1, scale)
        seen: dict[str, list[tuple[float, ...]]] = {way: [] for way in WAYS}
        for _ in range(rounds):
            for way in WAYS:
                if way != "idle":
                    shutil.rmtree(year)
                    shutil.copytree(both, year)
                if way == "watch":
                    run("day", second, year, told)
                # idle follows day, on the lake that it left
                seen[way].append(run(way, second, year, told))
                print(way, *(f"{one:.2f}" for one in seen[way][-1]), flush=True)
    names = ("CPU s", "wall s", "models", "tests", "CPU s, process", "wall s, process", "MiB")
    for part, name in enumerate(names):
        medians = {way: statistics.median(one[part] for one in seen[way]) for way in WAYS}
        ratio = medians["day"] / medians["full"] if medians["full"] else 0
        print(f"{name:16}", *(f"{way} {medians[way]:.2f}" for way in WAYS), f"day / full {ratio:.2f}", sep="  ")


def run(way: str, as_of: str, home: Path, told: Path) -> tuple[float, ...]:
    """Build once in a process of its own; return what the build and what the process took."""
    cost = measure([sys.executable, __file__, "--once", way, as_of, str(told)], CIVICLAKE_HOME=str(home))
    return (*map(float, told.read_text().split()), cost.cpu, cost.wall, cost.peak)


if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parent))
    if "--once" in sys.argv:
        build(sys.argv[2], sys.argv[3], Path(sys.argv[4]))
    else:
        main(*(float(one) if "." in one else int(one) for one in sys.argv[1:]))  # type: ignore[arg-type]
