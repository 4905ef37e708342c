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
from lake.connection import connect, text
from lake.lock import writer_lock
from lake.tables import prepare

SHORT_SNAPSHOT_SHARE = 0.5
SHORT_SNAPSHOT_MINIMUM = 20
"""A complete answer that would withdraw more than this share of at least so many records is not believed."""


class LoadError(RuntimeError):
    """A delivery cannot be loaded; the message says which one and what to do."""


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
    those that were loaded under the same id.
    """
    receipt, verdict = Receipt.read(delivery), Verdict.read(delivery / "checked")
    prepare()
    with writer_lock(), connect() as connection:
        connection.begin()
        known = _known(connection, receipt)
        if known is not None:
            return known
        transaction = _Load(connection, delivery, feed_id, feed, receipt, verdict)
        loaded = transaction.run(run_id)
        message = json.dumps({"feed": feed_id, "delivery_id": receipt.delivery_id, "sha256": receipt.sha256})
        connection.execute(
            f"CALL lake.set_commit_message({text(run_id)}, {text('load ' + feed_id)}, extra_info => {text(message)})"
        )
        connection.commit()
    return loaded


def _known(connection: duckdb.DuckDBPyConnection, receipt: Receipt) -> Loaded | None:
    row = connection.execute(
        """SELECT sha256, verdict, received, accepted, unchanged, duplicate, set_aside, withdrawn
        FROM ops.delivery WHERE feed = ? AND delivery_id = ?""",
        [receipt.feed, receipt.delivery_id],
    ).fetchone()
    if row is None:
        return None
    if row[0] != receipt.sha256:
        raise LoadError(
            f"{receipt.feed}/{receipt.delivery_id}: the kept pages are not those that were loaded under this id; "
            "restore the folder from a back-up, or remove it and run the feed again under a later logical date"
        )
    verdict, received, accepted, unchanged, duplicate, set_aside, withdrawn = row[1:]
    return Loaded(verdict, received, accepted, unchanged, duplicate, set_aside, withdrawn, already=True)


class _Load:
    """The steps of one load inside its open transaction."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        delivery: Path,
        feed_id: str,
        feed: Feed,
        receipt: Receipt,
        verdict: Verdict,
    ) -> None:
        self.sql = connection
        self.delivery = delivery
        self.feed_id, self.feed = feed_id, feed
        self.receipt, self.verdict = receipt, verdict
        self.contract: Contract = get(feed.contract)
        self.table = f"records.{self.contract.name}"
        self.loaded_at = self._next_instant()

    def run(self, run_id: str) -> Loaded:
        """Insert everything that the delivery brought and return its accounting."""
        self._stage()
        withdrawn = self._withdrawn_keys()
        refused = self.verdict.verdict == "refused" or self._is_short(withdrawn)
        if refused:
            loaded = Loaded("refused", self.verdict.received, 0, 0, 0, self.verdict.received, 0)
        else:
            accepted = self._insert_records()
            gone = self._withdraw() if withdrawn else 0
            loaded = Loaded(
                "accepted", self.verdict.received, accepted, self.verdict.accepted - accepted,
                self.verdict.duplicate, self.verdict.set_aside, gone,
            )  # fmt: skip
        self._insert_judgement()
        self._insert_ledger(loaded, run_id)
        return loaded

    def _next_instant(self) -> datetime:
        """Fence the table and return this load's instant: later than every earlier one, whatever the clock does."""
        head = f"ops.head_{self.contract.name}"
        row = self.sql.execute(f"SELECT last_loaded_at FROM {head}").fetchone()
        assert row is not None
        instant = max(now(), row[0] + timedelta(microseconds=1))
        self.sql.execute(f"UPDATE {head} SET seq = seq + 1, last_loaded_at = ?", [instant])
        return instant

    def _stage(self) -> None:
        """Make temporary tables: the incoming records, and the versions that the lake has of them.

        Only the same feed's records are versions of each other: two departments may use the same numbers.
        """
        contract, key = self.contract, ", ".join(self.contract.key)
        files = sorted(self.delivery.glob("checked/accepted-*.parquet"))
        source = f"read_parquet([{', '.join(text(file) for file in files)}])" if files else self._nothing()
        self.sql.execute(f"CREATE OR REPLACE TEMP TABLE incoming AS FROM {source}")
        stamp = contract.stamp or "NULL::TIMESTAMPTZ"
        self.sql.execute(
            f"""CREATE OR REPLACE TEMP TABLE versions AS
            SELECT {key}, _row_hash, _op, {stamp} AS _stamp, row_number() OVER newest AS _age,
                first_value(_op) OVER newest AS _newest_op
            FROM (FROM lake.{self.table} WHERE _feed = {text(self.feed_id)}) SEMI JOIN incoming USING ({key})
            WINDOW newest AS (
                PARTITION BY {key} ORDER BY _stamp DESC NULLS LAST, _loaded_at DESC, _rec DESC
            )"""
        )

    def _nothing(self) -> str:
        columns = [*self.contract.record_columns, "_rec", "_op", "_extra", "_row_hash"]
        return f"(SELECT {', '.join(columns)} FROM lake.{self.table} WHERE false)"

    def _insert_records(self) -> int:
        """Insert the versions that the lake does not hold yet; return how many.

        Without a version stamp only the newest row of the key is compared, so that A, B, A again is three versions.
        """
        key = " AND ".join(f"v.{name} = i.{name}" for name in self.contract.key)
        columns = ", ".join(self.contract.record_columns)
        stamped = f"i.{self.contract.stamp} IS NOT NULL" if self.contract.stamp else "false"
        row = self.sql.execute(
            f"""INSERT INTO lake.{self.table}
                ({columns}, _feed, _delivery_id, _rec, _op, _extra, _row_hash, _loaded_at)
            SELECT {columns}, ?, ?, _rec, _op, _extra, _row_hash, ? FROM incoming AS i
            WHERE NOT EXISTS (
                FROM versions AS v WHERE {key} AND v._row_hash = i._row_hash AND v._newest_op = 'U'
                AND (v._age = 1 OR {stamped})
            ) ORDER BY _rec""",
            [self.feed_id, self.receipt.delivery_id, self.loaded_at],
        ).fetchone()
        assert row is not None
        return int(row[0])

    def _withdrawn_keys(self) -> tuple[int, int] | None:
        """Find the feed's records that a complete answer no longer holds: how many, and of how many."""
        if not (self.feed.snapshot and self.receipt.complete_snapshot and self.verdict.verdict == "accepted"):
            return None
        key = self._key_text
        self.sql.execute(
            f"""CREATE OR REPLACE TEMP TABLE standing AS
            SELECT * FROM lake.{self.table} WHERE _feed = {text(self.feed_id)}
            QUALIFY row_number() OVER (PARTITION BY {', '.join(self.contract.key)}
                ORDER BY {self.contract.stamp or 'NULL'} DESC NULLS LAST, _loaded_at DESC, _rec DESC) = 1"""
        )
        self.sql.execute("DELETE FROM standing WHERE _op = 'D'")
        before = self._count("standing")
        # a record that was set aside is still at the source: what the lake holds of it stays
        self.sql.execute(
            f"""DELETE FROM standing WHERE {key} IN (
                SELECT {key} FROM incoming UNION ALL
                SELECT record_key FROM read_parquet({text(self.delivery / 'checked' / 'set_aside.parquet')})
                WHERE record_key IS NOT NULL)"""
        )
        return self._count("standing"), before

    def _is_short(self, withdrawn: tuple[int, int] | None) -> bool:
        """Whether the answer is too short to be believed; says so as a finding."""
        if withdrawn is None or withdrawn[1] < SHORT_SNAPSHOT_MINIMUM:
            return False
        gone, before = withdrawn
        if gone <= before * SHORT_SNAPSHOT_SHARE:
            return False
        self.sql.execute(
            """INSERT INTO ops.finding
            VALUES (?, ?, NULL, 'short_snapshot', 'complete', 'refuse', NULL, NULL, ?, ?, ?, ?)""",
            [
                self.feed_id, self.receipt.delivery_id, f"{before - gone} of {before}",
                f"at least {SHORT_SNAPSHOT_SHARE:.0%} of the records known before",
                f"the answer lacks {gone} of the {before} records known before; it was not believed", self.loaded_at,
            ],
        )  # fmt: skip
        self._set_all_aside("short_snapshot")
        return True

    def _set_all_aside(self, rule: str) -> None:
        """Point to every record of a delivery that is refused only now; those set aside by the check have a pointer."""
        reasons = json.dumps([{"rule": rule}])
        self.sql.execute(
            f"""INSERT INTO ops.set_aside BY NAME SELECT ? AS feed, ? AS delivery_id, _rec AS rec,
                {self._key_text} AS record_key, ? AS reasons, ? AS contract_version, ? AS set_aside_at FROM incoming""",
            [self.feed_id, self.receipt.delivery_id, reasons, self.verdict.contract_version, self.loaded_at],
        )

    def _withdraw(self) -> int:
        """Write a withdrawal (`_op` D) for each record that is gone, as a later version of what was known."""
        columns = ", ".join(self.contract.record_columns)
        row = self.sql.execute(
            f"""INSERT INTO lake.{self.table}
                ({columns}, _feed, _delivery_id, _rec, _op, _extra, _row_hash, _loaded_at)
            SELECT {columns}, _feed, ?, _rec, 'D', _extra, _row_hash, ? FROM standing ORDER BY ALL""",
            [self.receipt.delivery_id, self.loaded_at],
        ).fetchone()
        assert row is not None
        return int(row[0])

    def _insert_judgement(self) -> None:
        """Insert findings, set-aside pointers and check results as the check wrote them."""
        mine = f"{text(self.feed_id)} AS feed, {text(self.receipt.delivery_id)} AS delivery_id"
        at = f"TIMESTAMPTZ {text(self.loaded_at.isoformat())}"
        version = text(self.verdict.contract_version)
        for table, columns in {
            "finding": f"""rec, rule, dimension, strength, field, sender_field, example, expected, message,
                {at} AS found_at""",
            "set_aside": f"""rec, page, position, record_key, reasons, {version} AS contract_version,
                {at} AS set_aside_at""",
            "check_result": f"""rule, field, sender_field, dimension, strength, status, checked, failed,
                {at} AS checked_at""",
        }.items():
            file = {"finding": "findings", "check_result": "checks"}.get(table, table)
            place = text(self.delivery / "checked" / f"{file}.parquet")
            self.sql.execute(f"INSERT INTO ops.{table} BY NAME SELECT {mine}, {columns} FROM read_parquet({place})")

    def _insert_ledger(self, loaded: Loaded, run_id: str) -> None:
        receipt, change = self.receipt, self.verdict.layout_change or {}
        row = {
            "feed": self.feed_id,
            "delivery_id": receipt.delivery_id,
            "department": self.feed_id.split("__")[0],
            "contract": self.contract.name,
            "contract_version": self.verdict.contract_version,
            "verdict": loaded.verdict,
            "received": loaded.received,
            "accepted": loaded.accepted,
            "unchanged": loaded.unchanged,
            "duplicate": loaded.duplicate,
            "set_aside": loaded.set_aside,
            "withdrawn": loaded.withdrawn,
            "source_count": receipt.source_count,
            "fetched_at": receipt.fetched_at,
            "loaded_at": self.loaded_at,
            "window_start": receipt.window.start,
            "window_end": receipt.window.end,
            "cursor_from": receipt.cursor_from,
            "cursor_to": receipt.cursor_to,
            "moves_cursor": receipt.moves_cursor,
            "sha256": receipt.sha256,
            "place": str(self.delivery.relative_to(home())),
            "http_calls": receipt.http_calls,
            "retries": receipt.retries,
            "bytes": receipt.bytes,
            **{f"layout_{what}": json.dumps(change.get(what, [])) for what in ("added", "removed", "renamed")},
            "run_id": run_id,
        }
        names, places = ", ".join(row), ", ".join("?" * len(row))
        self.sql.execute(f"INSERT INTO ops.delivery ({names}) VALUES ({places})", list(row.values()))

    @property
    def _key_text(self) -> str:
        return f"concat_ws('|', {', '.join(f'{name}::VARCHAR' for name in self.contract.key)})"

    def _count(self, table: str) -> int:
        row = self.sql.execute(f"SELECT count(*) FROM {table}").fetchone()
        assert row is not None
        return int(row[0])
