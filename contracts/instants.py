"""Reads dates and points in time: ISO 8601, a strptime pattern, or seconds or milliseconds since 1970.

A time without an offset is local. In the hour that clocks skip in spring there is no such time; in the hour that
they repeat in autumn there are two, of which the first is taken.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

import polars as pl

EPOCHS = {"epoch_s": 1_000_000, "epoch_ms": 1_000}
DAY = r"^\d{4}-\d{2}-\d{2}$"
MOMENT = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:[zZ]| ?[+-]\d{2}(?::?\d{2})?)?$"
PLAIN = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?$"
OFFSET = r"(?:[zZ]| ?([+-])(\d{2}):?(\d{2})?)$"
SECOND = "%Y-%m-%dT%H:%M:%S"
A_DAY = timedelta(days=1)
UTC_MICROSECONDS = pl.Datetime("us", "UTC")


def read_instant(text: pl.Series, format: str | None, zone: str) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Return instants in UTC, and which local times were skipped and which shown twice by the clocks."""
    if format in EPOCHS:
        no = pl.repeat(False, len(text), eager=True)
        return _epoch(text, EPOCHS[format or ""]), no, no
    if format:
        read = text.str.to_datetime(format, strict=False, time_unit="us")
        local, known = (read.dt.replace_time_zone(None), read) if _has_zone(read) else (read, None)
    else:
        local, known = _iso(text)
    if known is None:
        return _placed(local, zone)
    placed, skipped, twice = _placed(pl.select(pl.when(known.is_null()).then(local)).to_series(), zone)
    return pl.select(pl.coalesce(known, placed)).to_series(), skipped, twice


def read_date(text: pl.Series, format: str | None, zone: str) -> pl.Series:
    """Return local dates; the time of a value that has one only matters where its offset moves the day."""
    if format in EPOCHS:
        return _epoch(text, EPOCHS[format or ""]).dt.convert_time_zone(zone).dt.date()
    if format:
        read = text.str.to_datetime(format, strict=False, time_unit="us")
        return (read.dt.convert_time_zone(zone) if _has_zone(read) else read).dt.date()
    local, known = _iso(text)
    days = local.dt.date()
    if known is None:
        return days
    return pl.select(pl.coalesce(known.dt.convert_time_zone(zone).dt.date(), days)).to_series()


def _has_zone(read: pl.Series) -> bool:
    return read.dtype == UTC_MICROSECONDS


def _epoch(text: pl.Series, factor: int) -> pl.Series:
    exact = pl.select(pl.when(text.str.contains(r"^-?\d{1,14}(?:\.0+)?$")).then(text)).to_series()
    counts = exact.str.replace(r"\.0+$", "").cast(pl.Int64, strict=False) * factor
    return counts.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


def _iso(text: pl.Series) -> tuple[pl.Series, pl.Series | None]:
    """Return the clock times that ISO 8601 text shows, and the instants of those that name an offset, if any do."""
    plain = text.str.contains(PLAIN)
    local = _read(pl.select(pl.when(plain).then(text)).to_series())
    others = (~plain).arg_true()
    if not len(others):
        return local, None
    found, known = _iso_otherwise(text[others])
    instants = pl.repeat(None, len(text), dtype=UTC_MICROSECONDS, eager=True)
    return local.scatter(others, found), None if known is None else instants.scatter(others, known)


def _iso_otherwise(text: pl.Series) -> tuple[pl.Series, pl.Series | None]:
    """Do so for what is written in any of the ways that ISO 8601 allows."""
    told = pl.select(pl.when(text.str.contains(MOMENT)).then(text)).to_series()
    days = pl.select(pl.when(text.str.contains(DAY)).then(text + "T00:00:00")).to_series()
    body = told.str.slice(0, 10) + "T" + told.str.slice(11).str.replace(OFFSET, "")
    body = body.str.replace(r"T(\d{2}:\d{2})$", "T$1:00")
    local = _read(pl.select(pl.coalesce(body, days)).to_series())
    offset = told.str.contains(OFFSET)
    if not offset.any():
        return local, None
    return local, _shifted(local, told, offset)


def _read(text: pl.Series) -> pl.Series:
    """Read clock times; polars takes four times as long over a pattern that has fractions."""
    whole = text.str.slice(0, 19).str.to_datetime(SECOND, strict=False, time_unit="us", cache=False)
    part = text.str.slice(20, 6)
    if part.is_in(["", "000"]).all():
        return whole
    return whole + part.str.pad_end(6, "0").cast(pl.Int64, strict=False).cast(pl.Duration("us"))


def _shifted(local: pl.Series, told: pl.Series, offset: pl.Series) -> pl.Series:
    hours, minutes = (told.str.extract(OFFSET, part).cast(pl.Int64).fill_null(0) for part in (2, 3))
    ahead = pl.select(pl.when(told.str.extract(OFFSET, 1) == "-").then(-1).otherwise(1)).to_series()
    shift = (ahead * (hours * 60 + minutes) * 60_000_000).cast(pl.Duration("us"))
    return pl.select(pl.when(offset).then(local - shift)).to_series().dt.replace_time_zone("UTC")


def _placed(local: pl.Series, zone: str) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Return the instants of clock times, and which of them were skipped and shown twice.

    A day whose clocks are not changed is asked for once, since its times all are as far from UTC.
    """
    days = local.dt.date()
    begin = days.drop_nulls().unique().cast(pl.Datetime("us"))
    ahead, later = begin - _instants(begin, zone, "earliest"), begin + A_DAY - _instants(begin + A_DAY, zone, "latest")
    steady = pl.select(pl.when(ahead == later).then(ahead)).to_series()
    placed = local - days.replace_strict(begin.dt.date(), steady, default=None, return_dtype=pl.Duration("us"))
    skipped, twice = (pl.repeat(False, len(local), eager=True) for _ in range(2))
    if len(others := (local.is_not_null() & placed.is_null()).arg_true()):
        first, last = _instants(local[others], zone, "earliest"), _instants(local[others], zone, "latest")
        placed = placed.scatter(others, first)
        skipped = skipped.scatter(others, first.is_null())
        twice = twice.scatter(others, (first != last).fill_null(False))
    return placed.dt.replace_time_zone("UTC"), skipped, twice


def _instants(local: pl.Series, zone: str, which: Literal["earliest", "latest"]) -> pl.Series:
    """Return the first or the last instant, in UTC without saying so, at which clocks showed a time, if they did."""
    known = local.dt.replace_time_zone(zone, ambiguous=which, non_existent="null")
    return known.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
