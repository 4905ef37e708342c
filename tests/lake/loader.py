"""A process that loads deliveries when it is told to: `python -m tests.lake.loader <city folder> <feed> <folder>...`.

It says `ready`, waits for a line and then writes what it did as JSON: how often an attempt failed, and each load.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
import psycopg

from cities import read_city
from lake import LakeUnreachable, load


def load_until_done(places: list[str], feed_id: str, city: str) -> dict[str, Any]:
    feed, failures = read_city(city).feeds[feed_id], 0
    loads: list[dict[str, Any]] = []
    for place in places:
        while len(loads) < places.index(place) + 1:
            try:
                loads.append(asdict(load(Path(place), feed_id, feed, run_id=str(os.getpid()))))
            except (duckdb.Error, psycopg.Error, LakeUnreachable) as error:
                failures += 1
                print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
    return {"failures": failures, "loads": loads}


if __name__ == "__main__":
    print("ready", flush=True)
    sys.stdin.readline()
    without_lock = patch("lake.load.writer_lock", nullcontext) if os.environ.get("WITHOUT_LOCK") else nullcontext()
    with without_lock:
        print(json.dumps(load_until_done(sys.argv[3:], sys.argv[2], sys.argv[1])))
