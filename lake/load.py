"""The load transaction: a judged delivery enters the lake whole or not at all, and only once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from cities import Feed, home, now
from contracts import Contract, Verdict, get
from extractors import Receipt
from extractors.quoting import literal
from lake import overtaken, set_aside, versions, withdrawal
from lake.arrival import Arrival
from lake.connection import connect
from lake.errors import LoadError
from lake.ledger import reading_of
from lake.lock import writer_lock
from lake.tables import prepare


@dataclass(frozen=True)
class Loaded:
    """What a load did, in records: received = accepted + unchanged + duplicate + set_aside."""

    verdict: str
    received: int
    accepted: int
    unchanged: int
    duplicate: int
    set_aside: int
    withdrawn: int
    already: bool = False


def load(delivery: Path, feed_id: str, feed: Feed, *, run_id: str) -> Loaded:
    """Load a checked delivery in one transaction: records, set-aside pointers, findings, ledger row, cursor.

    A delivery that the ledger knows by id and sha256 changes nothing. Raises LoadError where its pages are not
    those that were loaded under the same id, where what the check wrote is not whole, or where a later answer of the
    same feed was loaded and this one would overwrite it.
    """
    prepare()
    with writer_lock(), connect() as connection:
        connection.begin()
        known = _known(connection, feed_id, delivery, run_id)
        if known is not None:
            return known
        receipt, verdict, contract = Receipt.read(delivery), Verdict.read(delivery / "checked"), get(feed.contract)
        _refuse_overtaken(connection, feed, receipt, contract)
        loaded_at = _next_instant(connection, contract)
        arrival = Arrival(connection, delivery, feed_id, feed, receipt, verdict, contract, loaded_at)
        loaded = _insert(arrival)
        _insert_judgement(arrival)
        if loaded.verdict == "accepted":
            set_aside.close(arrival)
        _insert_ledger(arrival, loaded, run_id)
        _sign(arrival, run_id)
        connection.commit()
    return loaded


def _known(connection: duckdb.DuckDBPyConnection, feed_id: str, delivery: Path, run_id: str) -> Loaded | None:
    """Return what the ledger says of a delivery; it was loaded `already` where another run did it.

    A run that was killed after its commit and tried again has loaded it itself, and tells so to those who wait for it.
    """
    row = connection.execute(
        """SELECT sha256, run_id, verdict, received, accepted, unchanged, duplicate, set_aside, withdrawn
        FROM ops.delivery WHERE feed = ? AND delivery_id = ?""",
        [feed_id, delivery.name],
    ).fetchone()
    if row is None:
        return None
    if delivery.exists() and row[0] != Receipt.read(delivery).sha256:
        raise LoadError(
            f"{feed_id}/{delivery.name}: the kept pages are not those that were loaded under this id; "
            "restore the folder from a back-up, or remove it and run the feed again under a later logical date"
        )
    verdict, received, accepted, unchanged, duplicate, set_aside, withdrawn = row[2:]
    already = row[1] != run_id
    return Loaded(verdict, received, accepted, unchanged, duplicate, set_aside, withdrawn, already)


def _refuse_overtaken(connection: duckdb.DuckDBPyConnection, feed: Feed, receipt: Receipt, contract: Contract) -> None:
    """Raise LoadError where nothing tells that this answer is older than one that was loaded.

    Of a replay that is told record by record, unless it is a whole answer of everything.
    """
    is_whole = feed.snapshot or feed.live
    if not is_whole and (contract.stamp or receipt.replays) or receipt.recs is not None:
        return
    row = connection.execute(
        """SELECT delivery_id FROM ops.delivery WHERE feed = ? AND verdict = 'accepted' AND fetched_at > ?
        ORDER BY fetched_at DESC LIMIT 1""",
        [receipt.feed, receipt.fetched_at],
    ).fetchone()
    if row is not None:
        raise LoadError(
            f"{receipt.feed}/{receipt.delivery_id}: overtaken by {row[0]}, which was fetched later and is loaded; "
            "nothing is to be done, or run the feed again for a new answer"
        )


def _next_instant(connection: duckdb.DuckDBPyConnection, contract: Contract) -> datetime:
    """Fence the table and return this load's instant: later than every earlier one, whatever the clock does."""
    head = f"ops.head_{contract.name}"
    row = connection.execute(f"SELECT last_loaded_at FROM {head}").fetchone()
    assert row is not None
    instant: datetime = max(now(), row[0] + timedelta(microseconds=1))
    connection.execute(f"UPDATE {head} SET seq = seq + 1, last_loaded_at = ?", [instant])
    return instant


def _insert(arrival: Arrival) -> Loaded:
    """Insert the records and withdrawals of a delivery, or none of a refused one; return its accounting."""
    verdict = arrival.verdict
    versions.stage(arrival)
    if arrival.receipt.replays:
        overtaken.leave_out(arrival)
    gone = withdrawal.find_gone(arrival)
    is_short = gone is not None and withdrawal.is_short(arrival, gone)
    if not verdict.is_accepted or is_short:
        aside = verdict.received - verdict.duplicate
        return Loaded("refused", verdict.received, 0, 0, verdict.duplicate, aside, 0)
    accepted = versions.insert_unknown(arrival)
    withdrawn = withdrawal.withdraw(arrival) if gone else 0
    unchanged = verdict.accepted - accepted
    return Loaded("accepted", verdict.received, accepted, unchanged, verdict.duplicate, verdict.set_aside, withdrawn)


def _insert_judgement(arrival: Arrival) -> None:
    """Insert findings, set-aside pointers and check results as the check wrote them."""
    mine = f"{literal(arrival.feed_id)} AS feed, {literal(arrival.receipt.delivery_id)} AS delivery_id"
    at = f"TIMESTAMPTZ {literal(arrival.loaded_at.isoformat())}"
    version = f"{literal(arrival.verdict.contract_version)} AS contract_version"
    parts = [("finding", "findings", f"{at} AS found_at"), ("check_result", "checks", f"{at} AS checked_at")]
    if not arrival.receipt.replays:
        # a record that is bad still waits where it did
        parts.append(("set_aside", "set_aside", f"{version}, {at} AS set_aside_at"))
    for table, file, more in parts:
        place = literal(arrival.delivery / "checked" / f"{file}.parquet")
        arrival.sql.execute(f"INSERT INTO ops.{table} BY NAME SELECT {mine}, *, {more} FROM read_parquet({place})")
    if not arrival.receipt.replays:
        aside = f"read_parquet({literal(arrival.delivery / 'checked' / 'set_aside.parquet')})"
        set_aside.open_all(arrival, aside)


def _insert_ledger(arrival: Arrival, loaded: Loaded, run_id: str) -> None:
    receipt, change = arrival.receipt, arrival.verdict.layout_change or {}
    row = {
        "feed": arrival.feed_id,
        "delivery_id": receipt.delivery_id,
        "department": arrival.feed_id.split("__")[0],
        "contract": arrival.contract.name,
        "contract_version": arrival.verdict.contract_version,
        "verdict": loaded.verdict,
        "received": loaded.received,
        "accepted": loaded.accepted,
        "unchanged": loaded.unchanged,
        "duplicate": loaded.duplicate,
        "set_aside": loaded.set_aside,
        "withdrawn": loaded.withdrawn,
        "source_count": receipt.source_count,
        "fetched_at": receipt.fetched_at,
        "loaded_at": arrival.loaded_at,
        "window_start": receipt.window.start,
        "window_end": receipt.window.end,
        "cursor_from": receipt.cursor_from,
        "cursor_to": receipt.cursor_to,
        "moves_cursor": receipt.moves_cursor,
        "validator": receipt.validator,
        "read_by": reading_of(arrival.feed, arrival.verdict.mapping_sha256),
        "not_modified": False,
        "sha256": receipt.sha256,
        "place": str(arrival.delivery.relative_to(home())),
        "http_calls": receipt.http_calls,
        "retries": receipt.retries,
        "bytes": receipt.bytes,
        **{f"layout_{what}": json.dumps(change.get(what, [])) for what in ("added", "removed", "renamed")},
        "run_id": run_id,
        "terms": arrival.verdict.mapping_sha256,
        "replays": receipt.replays,
        "waived": json.dumps([one.model_dump(mode="json") for one in receipt.waived]) if receipt.waived else None,
    }
    names, places = ", ".join(row), ", ".join("?" * len(row))
    arrival.sql.execute(f"INSERT INTO ops.delivery ({names}) VALUES ({places})", list(row.values()))


def _sign(arrival: Arrival, run_id: str) -> None:
    """Let the lake's snapshot say which delivery made it."""
    receipt = arrival.receipt
    told = json.dumps({"feed": arrival.feed_id, "delivery_id": receipt.delivery_id, "sha256": receipt.sha256})
    message = literal(f"load {arrival.feed_id}")
    arrival.sql.execute(f"CALL lake.set_commit_message({literal(run_id)}, {message}, extra_info => {literal(told)})")
