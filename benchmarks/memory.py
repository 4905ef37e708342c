"""How much memory it takes to collect a delivery of one million records and one of five: it must hardly differ.

Run: .venv/bin/python benchmarks/memory.py [records ...]
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from collect import make_portal, run_way
from portal import served


def main(*sizes: int) -> None:
    """Collect deliveries of these sizes and print the largest resident memory of each."""
    for records in sizes or (1_000_000, 5_000_000):
        with tempfile.TemporaryDirectory(prefix="civiclake-memory-") as folder:
            size = make_portal(Path(folder) / "pages", records)
            with served(Path(folder) / "pages") as url:
                cost, _ = run_way("ours", Path(sys.executable), Path(folder) / "run", url)
            print(f"{records:,} records, {size:,} bytes: {cost.peak:.0f} MiB, {cost.cpu:.1f} CPU s", flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
