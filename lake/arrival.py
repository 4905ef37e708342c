"""A checked delivery inside the transaction that loads it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from cities import Feed
from contracts import Contract, Verdict
from extractors import Receipt
from extractors.quoting import literal


@dataclass(frozen=True)
class Arrival:
    """What the steps of a load share: the open transaction, the delivery, its terms, and this load's instant."""

    sql: duckdb.DuckDBPyConnection
    delivery: Path
    feed_id: str
    feed: Feed
    receipt: Receipt
    verdict: Verdict
    contract: Contract
    loaded_at: datetime

    @property
    def table(self) -> str:
        """The lake's table of this kind of record."""
        return f"lake.records.{self.contract.name}"

    @property
    def columns(self) -> str:
        """The contract's columns in that table."""
        return ", ".join(self.contract.record_columns)

    @property
    def key(self) -> str:
        """The columns that together name a record within its feed."""
        return ", ".join(self.contract.key)

    @property
    def newest_first(self) -> str:
        """The order of a record's versions: by stamp, then as they came."""
        return f"{self.contract.stamp or 'NULL'} DESC NULLS LAST, _loaded_at DESC, _rec DESC"

    @property
    def known(self) -> str:
        """The rows that can be versions of what came: two departments may use the same numbers."""
        return f"(FROM {self.table} WHERE _feed = {literal(self.feed_id)})"

    def change(self, statement: str, values: list[object]) -> int:
        """Run an INSERT and return how many rows it wrote."""
        row = self.sql.execute(statement, values).fetchone()
        assert row is not None
        return int(row[0])

    def count(self, table: str) -> int:
        """Return how many rows a table has."""
        return self.change(f"SELECT count(*) FROM {table}", [])
