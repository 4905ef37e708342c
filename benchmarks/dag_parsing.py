"""How long the DAG file takes to read for a city of 100 departments, beyond Airflow's own import.

Run: .venv/bin/python benchmarks/dag_parsing.py
"""

from __future__ import annotations

import os
import runpy
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
DEPARTMENTS, RUNS = 100, 5


def write_city(folder: Path) -> None:
    """Write a city whose departments are copies of the sandbox's hotline, with two more feeds each."""
    sandbox = PROJECT / "cities" / "sandbox"
    (folder / "city.yml").write_text((sandbox / "city.yml").read_text())
    head, feeds = (sandbox / "hotline.yml").read_text().split("feeds:\n")
    more = feeds.replace("  requests:", "  more_requests:").replace("  park_requests:", "  more_park_requests:")
    text = head + "feeds:\n" + feeds + "\n" + more.replace("&request", "&more").replace("*request", "*more")
    for number in range(DEPARTMENTS):
        (folder / f"department{number}.yml").write_text(text)


def measure() -> None:
    """Print, for one fresh process, the CPU seconds of Airflow's import and of reading the DAG file after it."""
    start = time.process_time()
    import airflow.sdk  # noqa: F401
    import airflow.timetables.interval  # noqa: F401

    imported = time.process_time()
    names = runpy.run_path(str(PROJECT / "dags" / "schedule.py"))
    assert len(names["_city"].feeds) == 4 * DEPARTMENTS
    print(imported - start, time.process_time() - imported)


def main() -> None:
    """Measure in fresh processes and print the medians."""
    with tempfile.TemporaryDirectory() as folder:
        write_city(Path(folder))
        environment = os.environ | {"CIVICLAKE_CITY": folder, "AIRFLOW_HOME": folder, "CIVICLAKE_HOME": folder}
        told = [
            subprocess.run(
                [sys.executable, __file__, "--measure"], env=environment, capture_output=True, text=True, check=True
            ).stdout.split()[-2:]
            for _ in range(RUNS)
        ]
    imports, reading = ([float(one[part]) for one in told] for part in (0, 1))
    print(f"airflow.sdk import {statistics.median(imports):.2f} CPU s, DAG file {statistics.median(reading):.2f} CPU s")
    print(f"({DEPARTMENTS} departments, {4 * DEPARTMENTS} feeds, median of {RUNS} processes)")


if __name__ == "__main__":
    measure() if "--measure" in sys.argv else main()
