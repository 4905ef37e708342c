"""Nightly tidying: fewer files, no snapshots, orphans or deliveries past their time."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

from cities import home, now
from extractors import Receipt
from lake.connection import connect
from lake.lock import writer_lock

SNAPSHOT_DAYS = 30
ORPHAN_DAYS = 2
"""An orphan may be the file of a transaction still open somewhere, so only old ones are removed."""


def maintain(delivery_days: int) -> None:
    """Merge adjacent files, expire snapshots, remove orphans, and remove deliveries older than `delivery_days`.

    Deliveries hold personal values, so they stay only as long as the city file says.
    """
    with writer_lock(), connect() as connection:
        connection.execute("CALL ducklake_merge_adjacent_files('lake')")
        connection.execute(
            f"CALL ducklake_expire_snapshots('lake', older_than => now() - INTERVAL {SNAPSHOT_DAYS} DAY)"
        )
        connection.execute("CALL ducklake_cleanup_old_files('lake', older_than => now() - INTERVAL 1 DAY)")
        connection.execute(
            f"CALL ducklake_delete_orphaned_files('lake', older_than => now() - INTERVAL {ORPHAN_DAYS} DAY)"
        )
    remove_old_deliveries(delivery_days)


def remove_old_deliveries(days: int) -> list[Path]:
    """Remove the kept pages of deliveries that were fetched more than `days` ago, loaded or not; return which."""
    limit = now() - timedelta(days=days)
    places = [receipt.parent for receipt in (home() / "deliveries").glob("*/*/receipt.json")]
    old = [place for place in places if Receipt.read(place).fetched_at < limit]
    for place in old:
        shutil.rmtree(place)
    return old
