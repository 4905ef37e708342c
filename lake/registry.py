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

    A feed is active from the local day on which it was first seen here. Raises OtherCity where the lake holds
    another city's records.
    """
    claim(city)
    with writer_lock(), connect() as connection:
        connection.begin()
        today = as_of.astimezone(city.zone).date()
        known = dict(connection.execute("SELECT feed, active_from FROM ops.feed").fetchall())
        _replace(connection, "feed", [_feed_row(city, feed_id, known.get(feed_id, today)) for feed_id in city.feeds])
        _replace(connection, "department", [
            (one.id, one.title["en"], one.title.get("zh"), one.steward, one.schedule)
            for one in city.departments.values()
        ])
        _replace(connection, "city", [_city_row(city)])
        _replace(connection, "area_code", [(code,) for code in city.areas.codes])
        _replace(connection, "clock", [(as_of,)])
        connection.commit()


def claim(city: City) -> None:
    """Make sure that this lake is the city's own: a new one becomes it, another city's raises OtherCity.

    Two cities may have the same feed ids, and each would take the other's records and cursors for its own.
    """
    prepare()
    with connect() as connection:
        owner = connection.execute("SELECT city FROM ops.city").fetchone()
    if owner is None:
        with writer_lock(), connect() as connection:
            connection.begin()
            _replace(connection, "city", [_city_row(city)])
            connection.commit()
    elif owner[0] != city.id:
        raise OtherCity(f"this lake is {owner[0]}'s and the city is {city.id}; set CIVICLAKE_HOME to a home of its own")


def _city_row(city: City) -> tuple[object, ...]:
    contact = city.contact
    return (city.id, city.title["en"], city.title.get("zh"), city.time_zone, contact.name, contact.email)


def _feed_row(city: City, feed_id: str, active_from: object) -> tuple[object, ...]:
    feed, department = city.feeds[feed_id], city.department_of(feed_id)
    return (
        feed_id, department.id, feed.contract, feed.title["en"], feed.title.get("zh"), department.steward,
        feed.system, feed.schedule or department.schedule, feed.due, feed.matters, feed.critical,
        department.legal_basis, active_from,
    )  # fmt: skip


def _replace(connection: duckdb.DuckDBPyConnection, table: str, rows: list[tuple[object, ...]]) -> None:
    """Make a small table hold exactly these rows, touching it only when they differ."""
    if sorted(connection.execute(f"SELECT * FROM ops.{table}").fetchall(), key=repr) == sorted(rows, key=repr):
        return
    connection.execute(f"DELETE FROM ops.{table}")
    places = ", ".join("?" * len(rows[0]))
    connection.executemany(f"INSERT INTO ops.{table} VALUES ({places})", rows)
