"""How long 1,000 new records take over a table of 200,000 records and over one of 20,000,000.

The history is written into the lake's table as loads of 500,000 would have; half of the new records are newer versions
of records somewhere in it, the others are new. `apart` is how the known ones lie: `recent` among the newest 5 %, or
`anywhere`. Fetch, check and load run in one process; what a process takes with its imports is told too.

Run: .venv/bin/python benchmarks/incremental.py [recent|anywhere] [rounds]
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from collect import FEED, HERE, measure
from portal import DRAW, RECORDS, served, write_city

SIZES = 200_000, 20_000_000
NEW, LOAD = 1_000, 500_000

HISTORY = """
    INSERT INTO lake.records.service_request BY NAME
    SELECT format('SR26-{:08d}', n) AS request_id, 'open' AS status, 'SC' || n % 12 AS service_code,
        TIMESTAMPTZ '2020-01-01' + to_seconds(n * 5) AS requested_at, requested_at AS updated_at,
        'Reported near the school, time ' || n AS description, (n % 77 + 1)::VARCHAR AS area_code,
        round(41.65 + n % 370 / 1000, 3) AS latitude, round(-87.85 + n % 320 / 1000, 3) AS longitude,
        md5(n || 'phone') AS requester_phone, 'streets__requests' AS _feed, $delivery AS _delivery_id,
        n - $first AS _rec, 'U' AS _op, md5(n::VARCHAR) AS _row_hash, $at AS _loaded_at
    FROM range($first::BIGINT, $last::BIGINT) AS numbers(n)"""


def write_history(home: Path, records: int) -> None:
    """Fill the table of a fresh lake, one commit a load."""
    os.environ["CIVICLAKE_HOME"] = str(home)
    from lake import connect, prepare

    prepare()
    with connect() as connection:
        for first in range(0, records, LOAD):
            at = f"2026-01-01 00:00:{first // LOAD:02}+00"
            last = min(first + LOAD, records)
            connection.execute(HISTORY, {"delivery": f"load {first}", "first": first, "last": last, "at": at})


def write_new(folder: Path, records: int, apart: str) -> None:
    """Write the one page of what is new."""
    import duckdb

    oldest = 0 if apart == "anywhere" else records * 19 // 20
    step = (records - oldest) // (NEW // 2)
    with duckdb.connect() as connection:
        connection.execute(DRAW)
        known = connection.execute(
            RECORDS.replace("range(?::BIGINT, ?::BIGINT)", f"range({oldest}, {oldest + step * NEW // 2}, {step})")
        ).fetchall()
        new = connection.execute(RECORDS, [records, records + NEW // 2]).fetchall()
    folder.mkdir()
    (folder / "00000.json").write_text("[" + ",".join(text for (text,) in known + new) + "]")
    (folder / "records").write_text(str(NEW))


def run_once(folder: Path, url: str, delivery_id: str) -> None:
    """Fetch, check and load what is new, and print the wall and CPU seconds after the imports."""
    os.environ["CIVICLAKE_HOME"] = str(folder / "home")
    from cities import read_city
    from contracts import check
    from extractors import fetch
    from lake import load

    city = read_city(str(folder / "city"))
    started, used = time.monotonic(), time.process_time()
    place = fetch(FEED, city.feeds[FEED], delivery_id, cursor=None, time_zone=city.time_zone)
    check(place, FEED, city.feeds[FEED], city)
    loaded = load(place, FEED, city.feeds[FEED], run_id="benchmark")
    (folder / "told").write_text(f"{time.monotonic() - started} {time.process_time() - used}")
    assert loaded.accepted + loaded.set_aside + loaded.duplicate == NEW, loaded


def main(apart: str = "recent", rounds: int = 3) -> None:
    """Measure over both tables in turns, each round over tables of the same state, and print medians."""
    with tempfile.TemporaryDirectory(prefix="civiclake-incremental-") as temporary:
        folders = {size: Path(temporary) / str(size) for size in SIZES}
        for size, folder in folders.items():
            subprocess.run([sys.executable, __file__, "--history", folder / "home", str(size)], check=True)
            write_new(folder / "pages", size, apart)
        seen: dict[int, list[tuple[float, ...]]] = {size: [] for size in SIZES}
        for number in range(rounds):
            for size, folder in folders.items():
                with served(folder / "pages") as url:
                    write_city(folder / "city", url)
                    subprocess.run(["cp", "-r", folder / "home", folder / "kept"], check=True)
                    cost = measure([sys.executable, __file__, "--once", str(folder), url, f"2026{number:04}T000000Z"])
                    subprocess.run(["rm", "-r", folder / "home"], check=True)
                    (folder / "kept").rename(folder / "home")
                inside = tuple(map(float, (folder / "told").read_text().split()))
                seen[size].append((*inside, cost.wall, cost.cpu, cost.peak))
                print(f"{size:,}: {seen[size][-1]}", flush=True)
    for part, name in enumerate(("wall s", "CPU s", "wall s with imports", "CPU s with imports", "MiB")):
        small, large = (statistics.median(one[part] for one in seen[size]) for size in SIZES)
        print(f"{apart}: {name:20} {small:8.2f} {large:8.2f}  {large / small:.2f} x")


if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parent))
    if "--history" in sys.argv:
        write_history(Path(sys.argv[2]), int(sys.argv[3]))
    elif "--once" in sys.argv:
        run_once(Path(sys.argv[2]), sys.argv[3], sys.argv[4])
    else:
        main(*(int(one) if one.isdigit() else one for one in sys.argv[1:]))  # type: ignore[arg-type]
