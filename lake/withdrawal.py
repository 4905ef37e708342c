"""Records that a complete answer no longer holds were withdrawn, unless the answer is too short to be believed.

Of a live feed they have ended, however many they are; but an empty answer ends nothing, for it may be a failure.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from extractors.quoting import literal
from lake.arrival import Arrival
from lake.set_aside import open_all

RULE = "short_snapshot"
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
    if not (arrival.receipt.complete_snapshot and arrival.verdict.is_accepted):
        return None
    if not (arrival.feed.snapshot or arrival.feed.live and arrival.verdict.received):
        return None
    version = f"{arrival.key}, _loaded_at, _rec"
    arrival.sql.execute(
        f"""CREATE OR REPLACE TEMP TABLE standing AS SELECT {version} FROM {arrival.known}
        QUALIFY row_number() OVER (PARTITION BY {arrival.key} ORDER BY {arrival.newest_first}) = 1 AND _op = 'U'"""
    )
    known = arrival.count("standing")
    # a record that was set aside is still at the source: what the lake holds of it stays, and so does everything
    # where nobody can tell which record it was
    aside = f"read_parquet({literal(arrival.delivery / 'checked' / 'set_aside.parquet')})"
    arrival.sql.execute(
        f"""DELETE FROM standing WHERE {arrival.contract.key_text} IN (
            SELECT {arrival.contract.key_text} FROM incoming
            UNION ALL SELECT record_key FROM {aside} WHERE record_key IS NOT NULL)
        OR EXISTS (FROM {aside} WHERE record_key IS NULL)"""
    )
    # all that a record says is read of those alone that are missing
    arrival.sql.execute(
        f"CREATE OR REPLACE TEMP TABLE gone AS FROM {arrival.known} SEMI JOIN standing USING ({version})"
    )
    return Gone(arrival.count("gone"), known)


def is_short(arrival: Arrival, gone: Gone) -> bool:
    """Whether the answer is too short to be believed, which is told; a person may have lifted that rule for it."""
    if arrival.feed.live or not gone.is_too_many:
        return False
    is_waived = RULE in {one.rule for one in arrival.receipt.waived}
    _tell(arrival, gone, is_waived)
    if not (is_waived or arrival.receipt.replays):
        _point_to_all(arrival)
    return not is_waived


def withdraw(arrival: Arrival) -> int:
    """Write a later version for each record in `gone`; return how many were withdrawn (`_op` D), not ended (E)."""
    written = arrival.change(
        f"""INSERT INTO {arrival.table}
            ({arrival.columns}, _feed, _delivery_id, _rec, _op, _extra, _row_hash, _loaded_at)
        SELECT {arrival.columns}, _feed, ?, _rec, ?, _extra, _row_hash, ? FROM gone ORDER BY ALL""",
        [arrival.receipt.delivery_id, "E" if arrival.feed.live else "D", arrival.loaded_at],
    )
    return 0 if arrival.feed.live else written


def _tell(arrival: Arrival, gone: Gone, is_waived: bool) -> None:
    """Write the finding of an answer that is too short."""
    kept = gone.known - gone.count
    strength, status, outcome = ("warn", "warn", "believed") if is_waived else ("refuse", "fail", "not believed")
    arrival.sql.execute(
        "INSERT INTO ops.finding VALUES (?, ?, NULL, ?, 'complete', ?, NULL, NULL, ?, ?, ?, ?)",
        [
            arrival.feed_id,
            arrival.receipt.delivery_id,
            RULE,
            strength,
            f"{kept} of {gone.known}",
            f"at least {SHORT_SHARE:.0%} of the records known before",
            f"the answer lacks {gone.count} of the {gone.known} records known before; it was {outcome}",
            arrival.loaded_at,
        ],
    )
    arrival.sql.execute(
        "INSERT INTO ops.check_result VALUES (?, ?, ?, NULL, NULL, 'complete', ?, ?, ?, ?, ?)",
        [arrival.feed_id, arrival.receipt.delivery_id, RULE, strength, status, gone.known, gone.count,
         arrival.loaded_at],
    )  # fmt: skip


def _point_to_all(arrival: Arrival) -> None:
    """Write a pointer to each record of an answer that is not believed."""
    arrival.sql.execute(
        f"""INSERT INTO ops.set_aside BY NAME SELECT ? AS feed, ? AS delivery_id, _rec AS rec,
            {arrival.contract.key_text} AS record_key, ? AS reasons, ? AS contract_version, ? AS set_aside_at
            FROM incoming""",
        [
            arrival.feed_id,
            arrival.receipt.delivery_id,
            json.dumps([{"rule": RULE}]),
            arrival.verdict.contract_version,
            arrival.loaded_at,
        ],
    )
    open_all(arrival, f"(SELECT _rec AS rec, {arrival.contract.key_text} AS record_key FROM incoming)")
