"""Answers in which a source says that nothing changed: they enter the ledger, so that their feed counts as arrived."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cities import home, now
from extractors import Receipt
from lake.connection import connect
from lake.lock import writer_lock

AS_BEFORE = """
    INSERT INTO ops.delivery BY NAME
    SELECT feed, $delivery_id AS delivery_id, department, contract, contract_version, 'accepted' AS verdict,
        0 AS received, 0 AS accepted, 0 AS unchanged, 0 AS duplicate, 0 AS set_aside, 0 AS withdrawn,
        $fetched_at::TIMESTAMPTZ AS fetched_at, $loaded_at::TIMESTAMPTZ AS loaded_at, false AS moves_cursor,
        $validator AS validator, read_by, true AS not_modified, $sha256 AS sha256, $place AS place,
        $calls AS http_calls,
        $retries AS retries, $bytes AS bytes, '[]' AS layout_added, '[]' AS layout_removed, '[]' AS layout_renamed,
        $run_id AS run_id
    FROM ops.delivery WHERE feed = $feed AND verdict = 'accepted' AND NOT coalesce(not_modified, false)
        AND replays IS NULL
        AND NOT EXISTS (FROM ops.delivery WHERE feed = $feed AND delivery_id = $delivery_id)
    ORDER BY fetched_at DESC LIMIT 1"""
"""The ledger's row of an unchanged answer: its terms are those of the answer that it repeats."""


def load_unchanged(deliveries: Sequence[Path], *, run_id: str) -> None:
    """Write a ledger row for each delivery without pages, all in one transaction; one that is known changes nothing."""
    if not deliveries:
        return
    with writer_lock(), connect() as connection:
        connection.begin()
        for delivery in deliveries:
            receipt = Receipt.read(delivery)
            connection.execute(AS_BEFORE, {
                "feed": receipt.feed, "delivery_id": receipt.delivery_id, "fetched_at": receipt.fetched_at,
                "loaded_at": now(), "validator": receipt.validator, "sha256": receipt.sha256,
                "place": str(delivery.relative_to(home())),
                "calls": receipt.http_calls, "retries": receipt.retries, "bytes": receipt.bytes, "run_id": run_id,
            })  # fmt: skip
        connection.commit()
