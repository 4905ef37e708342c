"""Nightly tidying: fewer files, no snapshots, orphans or deliveries past their time."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from cities import home, now
from extractors import DamagedDelivery, Receipt
from extractors.quoting import literal
from lake.connection import connect
from lake.lock import writer_lock
from lake.set_aside import expire
from lake.tables import prepare

SNAPSHOT_DAYS = 30

GROWING = ("check_result", "delivery", "finding", "run", "set_aside", "set_aside_event", "watch_cycle")
"""Tables of `ops` to which rows are only ever added, many of them a day where feeds are polled.

Their rows wait in the catalogue, where each load would read all of them; at night they go into files. DuckLake tells
the past of rows wrongly that were changed or removed before that.
"""

ORPHAN_DAYS = 2
"""An orphan may be the file of a transaction still open somewhere, so only old ones are removed."""


def maintain(delivery_days: int) -> None:
    """Put what waits in the catalogue into files, merge files, expire snapshots, remove orphans and old deliveries.

    Deliveries hold personal values, so they stay only for the `delivery_days` of the city file; the records in them
    that are still set aside are told as expired.
    """
    prepare()
    with writer_lock(), connect() as connection:
        for table in GROWING:
            place = f"schema_name => 'ops', table_name => {literal(table)}"
            connection.execute(f"CALL ducklake_flush_inlined_data('lake', {place})")
        connection.execute("CALL ducklake_merge_adjacent_files('lake')")
        expire_snapshots(connection)
        connection.execute("CALL ducklake_cleanup_old_files('lake', older_than => now() - INTERVAL 1 DAY)")
        connection.execute(
            f"CALL ducklake_delete_orphaned_files('lake', older_than => now() - INTERVAL {ORPHAN_DAYS} DAY)"
        )
    remove_old_deliveries(delivery_days)
    expire(delivery_days)


def expire_snapshots(connection: duckdb.DuckDBPyConnection) -> None:
    """Forget the snapshots past their time, but for those on which the report of an emergency stands."""
    old = connection.execute(
        f"""SELECT snapshot_id FROM lake.snapshots() WHERE snapshot_time < now() - INTERVAL {SNAPSHOT_DAYS} DAY
        AND snapshot_id < (SELECT max(snapshot_id) FROM lake.snapshots())
        AND snapshot_id NOT IN (SELECT snapshot_id FROM ops.emergency WHERE snapshot_id IS NOT NULL)"""
    ).fetchall()
    if old:
        versions = ", ".join(str(number) for (number,) in old)
        connection.execute(f"CALL ducklake_expire_snapshots('lake', versions => [{versions}])")


def remove_old_deliveries(days: int) -> list[Path]:
    """Remove the kept pages of deliveries that were fetched more than `days` ago, loaded or not; return which.

    Drafts that nobody finished, and what an earlier removal left, go with them.
    """
    limit = now() - timedelta(days=days)
    old = [place for place in (home() / "deliveries").glob("*/*") if _fetched_at(place) < limit]
    for place in old:
        # half removed it must not pass for a delivery
        gone = place if place.name.startswith(".") else place.rename(place.with_name(f".gone-{place.name}"))
        shutil.rmtree(gone)
    return old


def _fetched_at(place: Path) -> datetime:
    """Return when a delivery was fetched; of what has no whole receipt, when it was last written."""
    try:
        return Receipt.read(place).fetched_at
    except (DamagedDelivery, OSError):
        return datetime.fromtimestamp(place.stat().st_mtime, UTC)
