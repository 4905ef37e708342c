"""Which set-aside records are open, and the events that closed the others.

`ops.set_aside` and `ops.set_aside_event` are only ever added to: a record is open as long as no event names it, and
one event closes it for good. `ops.set_aside_open` holds those that are open, so that a load's work follows them and
not all that was ever set aside.

The events: *replayed*, it was judged again and is in the lake; *mended*, it came again and was accepted; *repeated*, it
came again and was set aside again, where it waits now; *superseded*, a later answer took its place; *expired*, its
pages are past their time.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import duckdb

from cities import home, now
from extractors.quoting import literal
from lake.arrival import Arrival
from lake.connection import connect
from lake.lock import writer_lock

CLOSE = """
    INSERT INTO ops.set_aside_event (feed, delivery_id, rec, event, by_delivery_id, happened_at)
    SELECT feed, delivery_id, rec, event, ?, ? FROM closed ORDER BY ALL"""
NO_LONGER_OPEN = """
    DELETE FROM ops.set_aside_open
    WHERE (feed, delivery_id, rec) IN (SELECT (feed, delivery_id, rec) FROM closed)"""


def open_all(arrival: Arrival, records: str) -> None:
    """Let records that this delivery set aside be open; `records` is SQL that gives `rec` and `record_key`."""
    arrival.sql.execute(
        f"INSERT INTO ops.set_aside_open SELECT ?, ?, rec, record_key, ? FROM {records}",
        [arrival.feed_id, arrival.receipt.delivery_id, arrival.receipt.fetched_at],
    )


def close(arrival: Arrival) -> None:
    """Close what an accepted delivery answers: earlier records that it brings again, and those that it replays."""
    arrival.sql.execute(
        "CREATE OR REPLACE TEMP TABLE earlier AS FROM ops.set_aside_open WHERE feed = ? AND fetched_at < ?",
        [arrival.feed_id, arrival.receipt.fetched_at],
    )
    if arrival.receipt.replays:
        _close(arrival, _replayed(arrival))
    if arrival.count("earlier"):
        _close(arrival, _answered(arrival))


def _replayed(arrival: Arrival) -> str:
    """Return the query of the replayed records that wait no more: loaded, or left out for what came later."""
    return f"""
        SELECT feed, delivery_id, rec,
            CASE WHEN rec IN (SELECT _rec FROM overtaken) THEN 'superseded' ELSE 'replayed' END AS event
        FROM waiting WHERE rec NOT IN (SELECT rec FROM {_aside(arrival)})"""


def _answered(arrival: Arrival) -> str:
    """Return the query of the earlier open records that this delivery answers, by their keys or by being complete."""
    rest = "'superseded'" if arrival.feed.snapshot and arrival.receipt.complete_snapshot else "NULL"
    return f"""
        WITH came AS (
            SELECT {arrival.contract.key_text} AS record_key FROM incoming
            WHERE record_key IN (SELECT record_key FROM earlier)
        )
        SELECT feed, delivery_id, rec, CASE
            WHEN record_key IN (FROM came) THEN 'mended'
            WHEN record_key IN (SELECT record_key FROM {_aside(arrival)}) THEN 'repeated'
            ELSE {rest} END AS event
        FROM earlier WHERE event IS NOT NULL"""


def _aside(arrival: Arrival) -> str:
    return f"read_parquet({literal(arrival.delivery / 'checked' / 'set_aside.parquet')})"


def _close(arrival: Arrival, query: str) -> None:
    _write(arrival.sql, query, arrival.receipt.delivery_id, arrival.loaded_at)


def _write(connection: duckdb.DuckDBPyConnection, query: str, by: str | None, at: datetime) -> int:
    """Write the events that a query gives, and return how many."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE closed AS {query}")
    counted = connection.execute("SELECT count(*) FROM closed").fetchone()
    if counted is None or not counted[0]:
        return 0
    connection.execute(CLOSE, [by, at])
    connection.execute(NO_LONGER_OPEN)
    return int(counted[0])


def expire(days: int) -> int:
    """Close the open records whose pages were removed because they are older than `days`; return how many.

    They can be replayed no more. That they were lost to the lake stays in the ledger and in the report.
    """
    with writer_lock(), connect() as connection:
        connection.begin()
        old = connection.execute(
            """SELECT DISTINCT feed, delivery_id, place FROM ops.set_aside_open
            JOIN ops.delivery USING (feed, delivery_id, fetched_at) WHERE fetched_at < ?""",
            [now() - timedelta(days=days)],
        ).fetchall()
        gone = [(feed, delivery_id) for feed, delivery_id, place in old if not (home() / place).exists()]
        connection.execute("CREATE OR REPLACE TEMP TABLE gone (feed VARCHAR, delivery_id VARCHAR)")
        if gone:
            connection.executemany("INSERT INTO gone VALUES (?, ?)", gone)
        query = "SELECT feed, delivery_id, rec, 'expired' AS event FROM ops.set_aside_open SEMI JOIN gone"
        count = _write(connection, f"{query} USING (feed, delivery_id)", None, now())
        connection.commit()
    return count
