"""Asks published records for figures of a metric under several choices of its rules, in one reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import duckdb

from reports.metrics.cohort import Choices, cohort
from reports.metrics.model import Records


@dataclass(frozen=True)
class Way:
    """One way to work a figure out: the choices of its rules, and an aggregate where it is not a share."""

    choices: Choices
    value: str | None = None
    scale: float = 1.0


@dataclass(frozen=True)
class Figure:
    """A figure and the number of records on which it rests; without any there is no figure."""

    n: int
    value: Fraction | None


@dataclass(frozen=True)
class Scope:
    """The records asked about: of days from first to last, both included, an area and a department; None is all."""

    first: date | None = None
    last: date | None = None
    area: str | None = None
    department: str | None = None

    @property
    def columns(self) -> dict[str, str]:
        """The columns that must have a value."""
        asked = {"area_code": self.area, "department": self.department}
        return {name: value for name, value in asked.items() if value is not None}


class Ways:
    """The SQL of several ways over one mart of records."""

    def __init__(self, records: Records, scope: Scope, ways: Sequence[Way]) -> None:
        self._records, self._scope, self._ways = records, scope, ways

    def read(self, connection: duckdb.DuckDBPyConnection, moves: Sequence[Sequence[tuple[int, int]]]) -> Answer:
        """Ask for all figures, and for each of `moves`, pairs of ways, how many records stand otherwise in one."""
        columns = self.columns(moves)
        where = " AND ".join(["true", *(f"{name} = ${name}" for name in self._scope.columns)])
        sql = f"SELECT {', '.join(columns)} FROM {self.records} WHERE {where}"
        row = connection.execute(sql, self._scope.columns or None).fetchone()
        assert row is not None, "an aggregate without groups gives one row"
        return self.answer(row)

    @property
    def records(self) -> str:
        """The mart of records, with the columns that the metric calls by other names."""
        further = "".join(f", {sql} AS {name}" for name, sql in self._records.columns.items())
        return f"(SELECT *{further} FROM marts.{self._records.mart})"

    def columns(self, moves: Sequence[Sequence[tuple[int, int]]] = ()) -> list[str]:
        """Return the aggregates that are asked for: two a way, one a move."""
        columns = [column for place in range(len(self._ways)) for column in self._figure(place)]
        return columns + [f"count(*) FILTER ({' OR '.join(self._moved(*pair) for pair in pairs)})" for pairs in moves]

    def answer(self, row: Sequence[Any]) -> Answer:
        """Return what a row of these columns says."""
        figures = [_figure(way, *row[2 * place : 2 * place + 2]) for place, way in enumerate(self._ways)]
        return Answer(figures, list(row[2 * len(self._ways) :]))

    def _figure(self, place: int) -> tuple[str, str]:
        value, counted, succeeded = self._ways[place].value, self._counted(place), self._succeeded(place)
        figure = f"{value} FILTER ({counted})" if value else f"count(*) FILTER ({counted} AND ({succeeded}))"
        return f"count(*) FILTER ({counted})", figure

    def _moved(self, one: int, other: int) -> str:
        """Return the condition of records that count in one way only, or as a success in one way only."""
        standing = [f"CASE WHEN {self._counted(way)} THEN {self._succeeded(way)} END" for way in (one, other)]
        if self._ways[one].value != self._ways[other].value:
            return f"({' OR '.join(f'{each} IS NOT NULL' for each in standing)})"
        return f"({' IS DISTINCT FROM '.join(standing)})"

    def _counted(self, place: int) -> str:
        told, scope = cohort(self._records, self._ways[place].choices), self._scope
        days = [f"({told.day}) >= DATE '{scope.first}'"] if scope.first else []
        days += [f"({told.day}) <= DATE '{scope.last}'"] if scope.last else []
        return f"({' AND '.join([told.counted, *days])})"

    def _succeeded(self, place: int) -> str:
        return f"coalesce({cohort(self._records, self._ways[place].choices).success}, false)"


@dataclass(frozen=True)
class Answer:
    """The figures in the order of the ways, and for each move the records that stand otherwise."""

    figures: Sequence[Figure]
    moved: Sequence[int]


def _figure(way: Way, n: int, told: Any) -> Figure:
    if n == 0 or told is None:
        return Figure(n, None)
    return Figure(n, Fraction(told) if way.value else Fraction(way.scale) * Fraction(told, n))
