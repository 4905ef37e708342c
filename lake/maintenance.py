"""Nightly tidying: fewer files, no snapshots, orphans or deliveries past their time."""

from __future__ import annotations

import shutil
from datetime import timedelta

from cities import home, now
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


def remove_old_deliveries(days: int) -> list[str]:
    """Remove the kept pages of deliveries older than `days` that the ledger holds; return which."""
    limit = (now() - timedelta(days=days)).strftime("%Y%m%dT%H%M%SZ")
    with connect() as connection:
        rows = connection.execute("SELECT place FROM ops.delivery WHERE delivery_id < ?", [limit]).fetchall()
    gone = [place for (place,) in rows if (home() / place).is_dir()]
    for place in gone:
        shutil.rmtree(home() / place)
    return gone
