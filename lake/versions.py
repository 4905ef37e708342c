"""Which of the incoming records are versions that the lake does not hold yet."""

from __future__ import annotations

from lake.arrival import Arrival
from lake.connection import text
from lake.errors import LoadError


def stage(arrival: Arrival) -> None:
    """Make the temporary tables `incoming` and `versions`: what came, and what the lake has of the same records."""
    files = sorted(arrival.delivery.glob("checked/accepted-*.parquet"))
    nothing = f"(SELECT {arrival.columns}, _rec, _op, _extra, _row_hash FROM {arrival.table} WHERE false)"
    source = f"read_parquet([{', '.join(text(file) for file in files)}])" if files else nothing
    arrival.sql.execute(f"CREATE OR REPLACE TEMP TABLE incoming AS FROM {source}")
    if (found := arrival.count("incoming")) != arrival.verdict.accepted:
        raise LoadError(
            f"{arrival.feed_id}/{arrival.receipt.delivery_id}: {arrival.verdict.accepted} records were accepted and "
            f"the files hold {found}; remove the folder `checked` of the delivery and run the feed again"
        )
    stamp = arrival.contract.stamp or "NULL::TIMESTAMPTZ"
    arrival.sql.execute(
        f"""CREATE OR REPLACE TEMP TABLE versions AS
        SELECT {arrival.key}, _row_hash, row_number() OVER newest AS _age, first_value(_op) OVER newest AS _newest_op,
            {stamp} < first_value({stamp}) OVER newest AS _is_older
        FROM {arrival.known} SEMI JOIN incoming USING ({arrival.key})
        WINDOW newest AS (PARTITION BY {arrival.key} ORDER BY {arrival.newest_first})"""
    )


def insert_unknown(arrival: Arrival) -> int:
    """Insert the versions that the lake does not hold; return how many.

    What is compared is the newest version and, where the kind has a stamp, those that are older by it: A, B, A again
    is three versions, and an old version sent once more is none. A record that was withdrawn and came back is one too.
    """
    key = " AND ".join(f"v.{name} = i.{name}" for name in arrival.contract.key)
    return arrival.change(
        f"""INSERT INTO {arrival.table}
            ({arrival.columns}, _feed, _delivery_id, _rec, _op, _extra, _row_hash, _loaded_at)
        SELECT {arrival.columns}, ?, ?, _rec, _op, _extra, _row_hash, ? FROM incoming AS i
        WHERE NOT EXISTS (
            FROM versions AS v WHERE {key} AND v._row_hash = i._row_hash AND v._newest_op = 'U'
            AND (v._age = 1 OR v._is_older)
        ) ORDER BY _rec""",
        [arrival.feed_id, arrival.receipt.delivery_id, arrival.loaded_at],
    )
