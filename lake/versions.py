"""Which of the incoming records are versions that the lake does not hold yet."""

from __future__ import annotations

from extractors.quoting import literal
from lake.arrival import Arrival
from lake.errors import LoadError


def stage(arrival: Arrival) -> None:
    """Make the temporary views `came`, of all that came, and `incoming`, of what is to be loaded: all of it as yet.

    Makes the temporary table `known` too: the newest version of a record that the lake has and, where the kind has a
    stamp, those that are older by it or have none. A, B, A again is three versions, and an old version sent once more
    is none. Of a record that was withdrawn nothing is known.
    """
    files = sorted(arrival.delivery.glob("checked/accepted-*.parquet"))
    nothing = f"(SELECT {arrival.columns}, _rec, _op, _extra, _row_hash FROM {arrival.table} WHERE false)"
    source = f"read_parquet([{', '.join(literal(file) for file in files)}])" if files else nothing
    arrival.sql.execute(f"CREATE OR REPLACE TEMP VIEW came AS FROM {source}")
    arrival.sql.execute("CREATE OR REPLACE TEMP VIEW incoming AS FROM came")
    if (found := arrival.count("incoming")) != arrival.verdict.accepted:
        raise LoadError(
            f"{arrival.feed_id}/{arrival.receipt.delivery_id}: {arrival.verdict.accepted} records were accepted and "
            f"the files hold {found}; remove the folder `checked` of the delivery and run the feed again"
        )
    stamp = arrival.contract.stamp or "NULL::TIMESTAMPTZ"
    arrival.sql.execute(
        f"""CREATE OR REPLACE TEMP TABLE known AS
        SELECT {arrival.key}, _row_hash FROM {_versions(arrival)} SEMI JOIN incoming USING ({arrival.key})
        WINDOW newest AS (PARTITION BY {arrival.key} ORDER BY {arrival.newest_first})
        QUALIFY first_value(_op) OVER newest = 'U'
            AND (row_number() OVER newest = 1 OR {stamp} < first_value({stamp}) OVER newest
                OR {stamp} IS NULL AND first_value({stamp}) OVER newest IS NOT NULL)"""
    )


def _versions(arrival: Arrival) -> str:
    """Return the rows that can be what came, or newer: none has an earlier stamp than all that came.

    The lake knows the least and the greatest stamp of each file, and passes over the old ones.
    """
    if (stamp := arrival.contract.stamp) is None:
        return arrival.known
    earliest = arrival.sql.execute(
        f"SELECT CASE WHEN count(*) = count({stamp}) THEN min({stamp})::VARCHAR END FROM incoming"
    ).fetchone()
    assert earliest is not None
    if earliest[0] is None:
        return arrival.known
    return f"(FROM {arrival.known} WHERE {stamp} >= {literal(earliest[0])})"


def insert_unknown(arrival: Arrival) -> int:
    """Insert the versions that the lake does not hold; return how many."""
    return arrival.change(
        f"""INSERT INTO {arrival.table}
            ({arrival.columns}, _feed, _delivery_id, _rec, _op, _extra, _row_hash, _loaded_at)
        SELECT {arrival.columns}, ?, ?, _rec, _op, _extra, _row_hash, ?
        FROM incoming ANTI JOIN known USING ({arrival.key}, _row_hash)""",
        [arrival.feed_id, arrival.receipt.delivery_id, arrival.loaded_at],
    )
