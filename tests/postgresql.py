"""A PostgreSQL database, or a schema in one, of a test's own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import psycopg
import pytest

SERVER = "postgresql://root@127.0.0.1:5432"
NUMBERS = count(1)
SCHEMA = f"civiclake_test_{os.getpid()}"
URL = f"{SERVER}/test?options=-csearch_path%3D{SCHEMA}"
"""The database `test` as a department's own, in which a name without a schema means one in `SCHEMA`."""


@contextmanager
def new_database() -> Iterator[str]:
    """Make a database, yield its address and drop it.

    Without a server the test is skipped on a laptop and fails where `CI` is set: there, nothing may go untested.
    """
    name = f"civiclake_test_{os.getpid()}_{next(NUMBERS)}"
    with _server() as server:
        server.execute(f"CREATE DATABASE {name}")
    try:
        yield f"{SERVER}/{name}"
    finally:
        with _server() as server:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def own_schema() -> Iterator[psycopg.Connection[Any]]:
    """Make the schema `SCHEMA`, yield a connection whose names mean things in it, and drop it."""
    with _server("test") as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        connection.execute(f"CREATE SCHEMA {SCHEMA}")
        connection.execute(f"SET search_path = {SCHEMA}")
        yield connection
        connection.execute(f"DROP SCHEMA {SCHEMA} CASCADE")


def end_sessions(address: str) -> int:
    """End every session of a database as an administrator would; return how many."""
    with _server() as server:
        ended = server.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = %s",
            [address.rpartition("/")[2]],
        ).fetchone()
    return ended[0] if ended else 0


def _server(database: str = "postgres") -> psycopg.Connection[Any]:
    try:
        return psycopg.connect(f"{SERVER}/{database}", autocommit=True, connect_timeout=3)
    except psycopg.OperationalError as error:
        reason = f"no PostgreSQL server answers at {SERVER}: {error}"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
