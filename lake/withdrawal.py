"""Records that a complete answer no longer holds were withdrawn, unless the answer is too short to be believed."""

from __future__ import annotations

import json
from dataclasses import dataclass

from lake.arrival import Arrival
from lake.connection import text

SHORT_SHARE, SHORT_MINIMUM = 0.5, 20
"""A complete answer that lacks more than this share of at least so many known records is not believed."""


@dataclass(frozen=True)
class Gone:
    """How many of the records known before a complete answer lacks."""

    count: int
    known: int

    @property
    def is_too_many(self) -> bool:
        """Whether the answer is too short: nothing that was known, or less than half of a table worth the name."""
        most = self.known >= SHORT_MINIMUM and self.count > self.known * SHORT_SHARE
        return most or self.count == self.known > 0


def find_gone(arrival: Arrival) -> Gone | None:
    """Make the temporary table `gone` of the records that are missing; None where absence means nothing."""
    if not (arrival.feed.snapshot and arrival.receipt.complete_snapshot and arrival.verdict.is_accepted):
        return None
    arrival.sql.execute(
        f"""CREATE OR REPLACE TEMP TABLE gone AS
        FROM {arrival.known}
        QUALIFY row_number() OVER (PARTITION BY {arrival.key} ORDER BY {arrival.newest_first}) = 1"""
    )
    arrival.sql.execute("DELETE FROM gone WHERE _op = 'D'")
    known = arrival.count("gone")
    # a record that was set aside is still at the source: what the lake holds of it stays, and so does everything
    # where nobody can tell which record it was
    aside = f"read_parquet({text(arrival.delivery / 'checked' / 'set_aside.parquet')})"
    arrival.sql.execute(
        f"""DELETE FROM gone WHERE {arrival.contract.key_text} IN (
            SELECT {arrival.contract.key_text} FROM incoming
            UNION ALL SELECT record_key FROM {aside} WHERE record_key IS NOT NULL)
        OR EXISTS (FROM {aside} WHERE record_key IS NULL)"""
    )
    return Gone(arrival.count("gone"), known)


def withdraw(arrival: Arrival) -> int:
    """Write a withdrawal (`_op` D) for each record in `gone`, as a later version of what was known; return how many."""
    return arrival.change(
        f"""INSERT INTO {arrival.table}
            ({arrival.columns}, _feed, _delivery_id, _rec, _op, _extra, _row_hash, _loaded_at)
        SELECT {arrival.columns}, _feed, ?, _rec, 'D', _extra, _row_hash, ? FROM gone ORDER BY ALL""",
        [arrival.receipt.delivery_id, arrival.loaded_at],
    )


def tell_short(arrival: Arrival, gone: Gone) -> None:
    """Write the finding of an answer that is not believed, and a pointer to each of its records."""
    kept = gone.known - gone.count
    arrival.sql.execute(
        """INSERT INTO ops.finding
        VALUES (?, ?, NULL, 'short_snapshot', 'complete', 'refuse', NULL, NULL, ?, ?, ?, ?)""",
        [
            arrival.feed_id,
            arrival.receipt.delivery_id,
            f"{kept} of {gone.known}",
            f"at least {SHORT_SHARE:.0%} of the records known before",
            f"the answer lacks {gone.count} of the {gone.known} records known before; it was not believed",
            arrival.loaded_at,
        ],
    )
    arrival.sql.execute(
        """INSERT INTO ops.check_result
        VALUES (?, ?, 'short_snapshot', NULL, NULL, 'complete', 'refuse', 'fail', ?, ?, ?)""",
        [arrival.feed_id, arrival.receipt.delivery_id, gone.known, gone.count, arrival.loaded_at],
    )
    arrival.sql.execute(
        f"""INSERT INTO ops.set_aside BY NAME SELECT ? AS feed, ? AS delivery_id, _rec AS rec,
            {arrival.contract.key_text} AS record_key, ? AS reasons, ? AS contract_version, ? AS set_aside_at
            FROM incoming""",
        [
            arrival.feed_id,
            arrival.receipt.delivery_id,
            json.dumps([{"rule": "short_snapshot"}]),
            arrival.verdict.contract_version,
            arrival.loaded_at,
        ],
    )
