"""Connections to the lake and to the file that is published from it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import duckdb

from cities import home
from extractors.extensions import extension_file
from extractors.quoting import literal
from lake.errors import LakeUnreachable
from lake.lock import opening_lock
from lake.place import LakePlace, lake_place
from lake.troubles import unreachable, unreadable, unusable

CLOSED = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
"""DuckDB fetches nothing by itself."""

INSTALLED = {**CLOSED, "allow_unsigned_extensions": True}
"""The lake's own connections: DuckDB would hash each extension whole before it loads it, for a seventh of a second. The
installation has checked their wheels as it has DuckDB's own."""

SCHEMAS = ("records", "ops", "staging", "intermediate", "marts")

LARGE = 1_000_000
"""Records in one table from which on a lake is worked on by all threads."""


@contextmanager
def connect() -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection in which the lake is attached, and the default, as `lake`.

    Writers hold `writer_lock` besides. Loading the extensions takes most of a small step's time, so a process keeps
    its instance; an error drops it, since a lost catalogue session does not come back by itself. Raises
    LakeUnreachable where the lake cannot be opened, or its catalogue, store or disk fails in between.
    """
    place = lake_place()
    connection = _instance(os.getpid(), place).cursor()
    try:
        connection.execute("USE lake")
        connection.execute("SET TimeZone = 'UTC'")
        yield connection
    except duckdb.Error as error:
        _instance.cache_clear()
        if (trouble := unusable(place, error)) is None:
            raise
        # DuckDB repeats the address with its password
        raise LakeUnreachable(trouble) from None
    finally:
        # closing with an open transaction on a dead PostgreSQL session aborts the whole process
        _roll_back(connection)
        connection.close()


@lru_cache(maxsize=1)
def _instance(_process: int, place: LakePlace) -> duckdb.DuckDBPyConnection:
    """Open the instance of this process: one made before a fork must not be used after it."""
    instance = duckdb.connect(":memory:", config={**INSTALLED, "temp_directory": str(home() / "spill")})
    try:
        with opening_lock(place):
            attach(instance, place)
        if not is_large(instance):
            # of small tables each query, and each look into the catalogue, is twice the work with two threads
            instance.execute("SET threads = 1")
    except (duckdb.Error, OSError) as error:
        # DuckDB repeats the address with its password
        raise unreachable(place, error) from None
    return instance


def is_large(connection: duckdb.DuckDBPyConnection) -> bool:
    """Return whether a table of the attached lake is so large that several threads pay."""
    counts = f"SELECT count(*) FROM __ducklake_metadata_lake.ducklake_table_stats WHERE record_count >= {LARGE}"
    # a row left unread would keep a transaction open in the catalogue, whose past it would then see for ever
    return connection.execute(counts).fetchall() != [(0,)]


def attach(connection: duckdb.DuckDBPyConnection, place: LakePlace) -> None:
    """Load the extensions that the lake needs from their wheels and attach it as `lake`."""
    for name in place.extensions:
        connection.execute(f"LOAD {literal(extension_file(name))}")
    if place.is_in_object_store:
        connection.execute(_s3_secret())
    options = [f"DATA_PATH {literal(place.data)}"]
    if place.is_shared:
        # machines that meant different folders would each write there and miss the others' files
        options += ["OVERRIDE_DATA_PATH false"]
    else:
        # an embedded lake may be moved: what its catalogue remembers of its place does not count
        options += ["OVERRIDE_DATA_PATH true", "META_JOURNAL_MODE 'WAL'", "META_BUSY_TIMEOUT 10000"]
    connection.execute(f"ATTACH {literal(place.attach_target)} AS lake ({', '.join(options)})")


def connect_published(file: Path) -> duckdb.DuckDBPyConnection:
    """Open a published file for an analyst: read-only, without other files, network or settings.

    This is the boundary that held when it was attacked; views over an attached lake did not. Raises LakeUnreachable
    where the file cannot be opened.
    """
    try:
        connection = duckdb.connect(str(file), read_only=True, config=dict(CLOSED))
    except duckdb.IOException as error:
        raise LakeUnreachable(unreadable(file, error)) from None
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def _s3_secret() -> str:
    """Return the statement that gives DuckDB the object store's keys, from the environment."""
    given = {
        "KEY_ID": os.environ.get("CIVICLAKE_S3_KEY_ID", ""),
        "SECRET": os.environ.get("CIVICLAKE_S3_SECRET", ""),
        "ENDPOINT": os.environ.get("CIVICLAKE_S3_ENDPOINT", ""),
        "REGION": os.environ.get("CIVICLAKE_S3_REGION", "us-east-1"),
    }
    options = ", ".join(f"{name} {literal(value)}" for name, value in given.items() if value)
    ssl = os.environ.get("CIVICLAKE_S3_USE_SSL") or "true"
    if ssl.lower() not in ("true", "false"):
        raise LakeUnreachable(f"CIVICLAKE_S3_USE_SSL is {ssl!r}; set it to true or false")
    return f"CREATE OR REPLACE SECRET lake_store (TYPE s3, URL_STYLE 'path', USE_SSL {ssl}, {options})"


def _roll_back(connection: duckdb.DuckDBPyConnection) -> None:
    try:
        connection.rollback()
    except duckdb.Error:
        # no transaction was open
        return
