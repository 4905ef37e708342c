"""Replayed records that a later answer has overtaken: an older version never takes the place of a newer one."""

from __future__ import annotations

from lake.arrival import Arrival


def leave_out(arrival: Arrival) -> None:
    """Leave out of `incoming` what waits no more, and what came later in another version or was withdrawn later.

    Where both versions have a stamp and the stamps differ, they say which is newer, and the older one enters the
    history. Makes the temporary tables `waiting`, the open records of the delivery that is replayed, and `overtaken`.
    """
    sql, receipt = arrival.sql, arrival.receipt
    sql.execute(
        "CREATE OR REPLACE TEMP TABLE waiting AS FROM ops.set_aside_open WHERE feed = ? AND delivery_id = ?",
        [arrival.feed_id, receipt.replays],
    )
    sql.execute("CREATE OR REPLACE TEMP VIEW incoming AS FROM came WHERE _rec IN (SELECT rec FROM waiting)")
    same = " AND ".join(f"v.{name} = i.{name}" for name in arrival.contract.key)
    stamp = arrival.contract.stamp
    undecided = f"(i.{stamp} IS NULL OR i.{stamp} = v.{stamp})" if stamp else "true"
    sql.execute(
        f"""CREATE OR REPLACE TEMP TABLE overtaken AS
        WITH later AS (SELECT delivery_id FROM ops.delivery WHERE feed = ? AND fetched_at >= ?)
        SELECT DISTINCT i._rec FROM incoming AS i JOIN {arrival.known} AS v ON {same}
        WHERE v._delivery_id IN (FROM later) AND (v._op = 'D' OR (v._row_hash <> i._row_hash AND {undecided}))""",
        [arrival.feed_id, receipt.fetched_at],
    )
    sql.execute(
        """CREATE OR REPLACE TEMP VIEW incoming AS FROM came
        WHERE _rec IN (SELECT rec FROM waiting) AND _rec NOT IN (SELECT _rec FROM overtaken)"""
    )
