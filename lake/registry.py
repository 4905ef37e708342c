"""What the city files say, as tables: the lake must know what should have come to see that it did not."""

from __future__ import annotations

from datetime import datetime

import duckdb

from cities import City
from lake.connection import connect
from lake.errors import OtherCity
from lake.lock import writer_lock
from lake.tables import prepare


def sync_city(city: City, as_of: datetime) -> None:
    """Write departments, feeds, areas and the build's clock as the city files have them, in one transaction.

    A feed is active from the local day on which it was first seen here, or brought its first delivery: that may be
    the day before, where the first build follows after midnight. Raises OtherCity where the lake holds another
    city's records.
    """
    claim(city)
    with writer_lock(), connect() as connection:
        connection.begin()
        since = _active_from(connection, city)
        today = as_of.astimezone(city.zone).date()
        _replace(connection, "feed", [_feed_row(city, feed_id, since.get(feed_id, today)) for feed_id in city.feeds])
        _replace(connection, "department", [
            (one.id, one.title["en"], one.title.get("zh"), one.steward, one.schedule)
            for one in city.departments.values()
        ])
        _replace(connection, "city", [_city_row(city)])
        _replace(connection, "area_code", [(code,) for code in city.areas.codes])
        _replace(connection, "clock", [(as_of,)])
        _replace_promises(connection, city)
        connection.commit()


def _replace_promises(connection: duckdb.DuckDBPyConnection, city: City) -> None:
    """Write what feeds must cover, by area where areas are promised, and which data sets nobody has connected."""
    covered = [(feed_id, feed.coverage) for feed_id, feed in city.feeds.items() if feed.coverage]
    _replace(connection, "coverage", [
        (feed_id, told.period, told.field, told.since, area)
        for feed_id, told in covered
        for area in (city.areas.codes if told.areas == "all" else told.areas) or (None,)
    ])
    _replace(connection, "promised_field", [(feed_id, name) for feed_id, told in covered for name in told.filled])
    _replace(connection, "expected_data", [
        (f"{one.id}__{name}", one.id, data.title["en"], data.title.get("zh"), one.steward,
         data.legal_basis or one.legal_basis, data.period, data.since)
        for one in city.departments.values() for name, data in one.expected.items()
    ])


def claim(city: City) -> None:
    """Make sure that this lake is the city's own: a new one becomes it, another city's raises OtherCity.

    Two cities may have the same feed ids, and each would take the other's records and cursors for its own.
    """
    prepare()
    with connect() as connection:
        owner = connection.execute("SELECT city FROM ops.city").fetchone()
    if owner is None:
        with writer_lock(), connect() as connection:
            # two cities may start at once
            owner = connection.execute("SELECT city FROM ops.city").fetchone()
            if owner is None:
                _replace(connection, "city", [_city_row(city)])
    if owner is not None and owner[0] != city.id:
        raise OtherCity(f"this lake is {owner[0]}'s and the city is {city.id}; set CIVICLAKE_HOME to a home of its own")


def _active_from(connection: duckdb.DuckDBPyConnection, city: City) -> dict[str, object]:
    """Return the local day from which each feed is active that the lake knows by its list or by a delivery."""
    rows = connection.execute(
        """SELECT feed, min(day) FROM (
            SELECT feed, active_from AS day FROM ops.feed
            UNION ALL SELECT feed, CAST(timezone(?, fetched_at) AS DATE) FROM ops.delivery) GROUP BY feed""",
        [city.time_zone],
    ).fetchall()
    return dict(rows)


def _city_row(city: City) -> tuple[object, ...]:
    contact = city.contact
    titles = (city.title["en"], city.title.get("zh"))
    return (city.id, *titles, city.time_zone, contact.name, contact.email, city.fiscal_year_month)


def _feed_row(city: City, feed_id: str, active_from: object) -> tuple[object, ...]:
    feed, department = city.feeds[feed_id], city.department_of(feed_id)
    return (
        feed_id, department.id, feed.contract, feed.title["en"], feed.title.get("zh"), department.steward,
        feed.system, feed.schedule or department.schedule, feed.due, feed.matters, feed.critical,
        department.legal_basis, active_from, feed.live,
    )  # fmt: skip


def _replace(connection: duckdb.DuckDBPyConnection, table: str, rows: list[tuple[object, ...]]) -> None:
    """Make a small table hold exactly these rows, touching it only when they differ."""
    if sorted(connection.execute(f"SELECT * FROM ops.{table}").fetchall(), key=repr) == sorted(rows, key=repr):
        return
    connection.execute(f"DELETE FROM ops.{table}")
    if not rows:
        return
    places = ", ".join("?" * len(rows[0]))
    connection.executemany(f"INSERT INTO ops.{table} VALUES ({places})", rows)
