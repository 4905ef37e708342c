"""Loads that nobody would plan: records of any kind, in any order, and what else changes between two builds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from contracts import all_contracts
from contracts.contract import Contract, ContractField
from tests.dbt_project.small_lake import SmallLake

FIRST = datetime(2026, 11, 10, tzinfo=UTC)
TEXTS = {
    "area_code": ["W", "E", "X"], "lamp_post_id": ["L1", "L2", "L3"], "property_code": ["pm2_5", "sound"],
    "datastream_id": ["S1", "S2", "S3"], "unit_code": ["ug/m3", "dBA"], "department_code": ["streets", "parks"],
}  # fmt: skip
RULES = ["out_of_range", "in_the_future", "unreadable"]


class RandomLoads:
    """Changes a lake by chance, the same way for the same seed."""

    def __init__(self, small: SmallLake, seed: int) -> None:
        self.small, self.dice = small, Random(seed)
        self.kinds = [contract for contract in all_contracts() if contract.name not in ("area", "population")]
        self.as_of = datetime(2026, 11, 23, 12, 42, tzinfo=UTC)

    def load(self, records: int = 12) -> None:
        """Load a delivery of each of four kinds: new records, corrections, late older versions and withdrawals."""
        for kind in self.dice.sample(self.kinds, 4):
            feed = self.dice.choice([f"streets__{kind.name}", f"parks__{kind.name}"])
            rows = [self._record(kind) for _ in range(records)]
            once = {tuple(row[name] for name in kind.key): row for row in rows}
            self.small.deliver(feed, kind.name, *once.values())
        self.small.add("ops.delivery", self._delivery(feed, kind.name))

    def measure(self) -> None:
        """Load readings of a sensor hour by hour, which stand still for long, fall silent and come in other units."""
        at = FIRST + timedelta(hours=self.dice.randrange(24 * 13))
        feed, series, unit, result = "streets__observation", self.dice.choice(["S1", "S2", "S3"]), "dBA", 40.0
        rows = []
        for _ in range(30):
            at += timedelta(hours=self.dice.choice([1, 1, 1, 1, 1, 1, 1, 1, 2, 5, 30]))
            result = self.dice.choice([result] * 14 + [50.0, 500.0])
            unit = self.dice.choice([unit] * 14 + ["dBA", "B"])
            rows.append({
                "datastream_id": series, "phenomenon_at": at, "lamp_post_id": "L1", "property_code": "sound",
                "result_at": at + timedelta(minutes=self.dice.choice([1, 1, 1, 1, 1, 300, -90])), "unit_code": unit,
                "result": result,
            })  # fmt: skip
        self.small.deliver(feed, "observation", *rows)
        self.small.add("ops.delivery", self._delivery(feed, "observation"))

    def refuse(self) -> None:
        """Set readings of a sensor aside, and mend one of any that were set aside before."""
        feed, name = "streets__observation", f"{self.small.loads:05}-refused-{self.dice.random()}"
        self.small.add("ops.delivery", {**self._delivery(feed, "observation"), "delivery_id": name})
        self.small.add("ops.set_aside", *[
            {"feed": feed, "delivery_id": name, "rec": rec, "reasons": f'[{{"rule":"{self.dice.choice(RULES)}"}}]',
             "record_key": f"S{self.dice.randint(1, 3)}|{FIRST + timedelta(hours=self.dice.randrange(24 * 14))}"}
            for rec in range(3)
        ])  # fmt: skip
        self._run(
            """INSERT INTO ops.set_aside_event BY NAME SELECT feed, delivery_id, rec, 'mended' AS event
            FROM ops.set_aside ORDER BY hash(delivery_id, rec, ?) LIMIT 1""",
            [self.small.loads],
        )

    def erase(self) -> None:
        """Remove some rows of a kind physically, as data protection may ask."""
        kind = self.dice.choice(self.kinds)
        self._run(f"DELETE FROM records.{kind.name} WHERE _rec % 3 = {self.dice.randrange(3)}")

    def move_clock(self) -> None:
        """Let time pass, or take some back."""
        self.as_of += timedelta(hours=self.dice.choice([-30, 1, 5, 26, 49]))
        self._run("UPDATE ops.clock SET as_of = ?", [self.as_of])

    def declare(self) -> None:
        """Declare an emergency, with an alert in it, or end those that go on."""
        name = f"emergency {self.small.loads} {self.dice.random()}"
        started = self.as_of - timedelta(hours=self.dice.randrange(60))
        if self.dice.random() < 0.3:
            self._run("UPDATE ops.emergency SET stopped_at = ? WHERE stopped_at IS NULL", [self.as_of])
        else:
            self.small.add("ops.emergency", {"emergency": name, "started_at": started})
            self.small.add("ops.alert", {"alert_id": name, "raised_at": started + timedelta(hours=1)})

    def change_city(self) -> None:
        """Change what the city files say."""
        self._run(self.dice.choice([
            "INSERT INTO ops.area_code VALUES ('X')", "UPDATE ops.city SET time_zone = 'Asia/Shanghai'",
            "UPDATE ops.city SET time_zone = 'America/Chicago'", "UPDATE ops.feed SET due = '07:15'",
            "DELETE FROM ops.feed WHERE feed = 'parks__requests'",
        ]))  # fmt: skip

    def tidy(self) -> None:
        """Merge files, and forget most of what the lake was before."""
        self._run("CALL ducklake_merge_adjacent_files('lake')")
        if self.dice.random() < 0.5:
            self._run("CALL ducklake_expire_snapshots('lake', older_than => now())")

    def tamper(self) -> None:
        """Take a built table away."""
        tables = self.small.rows(
            """SELECT schema_name || '.' || table_name FROM duckdb_tables()
            WHERE schema_name IN ('intermediate', 'marts')"""
        )
        self._run(f"DROP TABLE {self.dice.choice(sorted(name for (name,) in tables))}")

    def anything(self) -> None:
        """One to three of these, loads above all."""
        others: list[Callable[[], None]] = [self.erase, self.move_clock, self.change_city, self.tidy, self.tamper]
        changes = [self.load, self.measure, self.refuse, self.declare, *others]
        for change in self.dice.choices(changes, [8, 4, 2, 2, 1, 3, 1, 2, 1], k=self.dice.randint(1, 3)):
            change()

    def _run(self, sql: str, values: list[Any] | None = None) -> None:
        with self.small.connect() as connection:
            connection.execute(sql, values)

    def _record(self, kind: Contract) -> dict[str, Any]:
        row = {one.name: self._value(one) for one in kind.record_fields}
        return {**row, "_op": "D" if self.dice.random() < 0.1 else "U"}

    def _value(self, told: ContractField) -> Any:
        if not (told.required or told.key) and self.dice.random() < 0.3:
            return None
        if told.type == "str":
            known = told.allowed or TEXTS.get(told.name)
            return self.dice.choice(known) if known else f"{told.name[0]}{self.dice.randrange(15)}"
        at = FIRST + timedelta(minutes=30 * self.dice.randrange(48 * 14))
        lowest = told.ge if told.ge is not None else 0
        chance: dict[str, Any] = {
            "int": int(lowest) + self.dice.randrange(4), "float": lowest + self.dice.randrange(40) / 4,
            "bool": self.dice.random() < 0.3, "date": date(2026, 11, 1) + timedelta(self.dice.randrange(30)),
            "instant": at,
        }  # fmt: skip
        return chance[told.type]

    def _delivery(self, feed: str, kind: str) -> dict[str, Any]:
        return {
            "feed": feed, "delivery_id": f"{self.small.loads:05}", "department": feed.split("__")[0],
            "contract": kind, "verdict": "accepted", "received": 12, "accepted": 12, "unchanged": 0,
            "duplicate": 0, "set_aside": 0, "fetched_at": self.as_of, "loaded_at": self.as_of,
        }  # fmt: skip
