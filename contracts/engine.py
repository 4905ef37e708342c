"""The DuckDB connection that records are worked on in: no file, no network, no way to change that."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa

from extractors.quoting import literal

MEMORY = "2GB"
MEMORY_BESIDE_DISK = "256MB"
"""Where what is too big for memory can be put aside; each thread needs some of it."""

THREADS = max(1, min(8, (os.cpu_count() or 1) // 2))
"""Half of the processors: records are read while those read before are checked."""

PIECES = 16


@contextmanager
def closed_connection(
    readable: Path | None = None, files: list[Path] | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an in-memory connection that can reach nothing outside itself, but what is given.

    `files` may be read; `readable` is a folder that may be read, and where what is too big for memory is put aside.
    Python's own variables are out of its reach too, so an expression from a city file sees its record and no more.
    """
    # what may be read is said of an instance; a process needs but one that may read nothing
    connection = _closed(readable, files or []) if readable or files else _blind(os.getpid()).cursor()
    try:
        yield connection
    except duckdb.Error:
        # an error may have ended the instance
        _blind.cache_clear()
        raise
    finally:
        connection.close()


@lru_cache(maxsize=1)
def _blind(_process: int) -> duckdb.DuckDBPyConnection:
    """Open the instance of this process that may read nothing: one made before a fork must not be used after it."""
    return _closed(None, [])


def _closed(readable: Path | None, files: list[Path]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "python_enable_replacements": "false",
            "memory_limit": MEMORY,
            "threads": THREADS,
        }
    )
    if files:
        connection.execute("SET allowed_paths = $files", {"files": [str(file) for file in files]})
    if readable:
        connection.execute(f"SET allowed_directories = [{literal(f'{readable}/')}]")
        connection.execute(f"SET temp_directory = {literal(readable / 'spill')}")
        connection.execute(f"SET memory_limit = '{MEMORY_BESIDE_DISK}'")
    # sharing a part of two TRY(...) would move it out of them, where its errors are caught no more
    connection.execute("SET disabled_optimizers = 'common_subexpressions'")
    connection.execute(
        "SET GLOBAL TimeZone = 'UTC'; SET enable_external_access = false; SET lock_configuration = true"
    )
    return connection


def run(
    connection: duckdb.DuckDBPyConnection, query: str, table: pl.DataFrame, values: dict[str, object] | None = None
) -> pl.DataFrame:
    """Return the answer of a query over one DataFrame, which it sees as `records`.

    Rows keep their order, as long as the query neither groups nor joins.
    """
    # DuckDB works on pieces at once, and does not cut a table into pieces itself
    pieces = table.to_arrow().to_batches(max_chunksize=max(1, len(table) // PIECES))
    connection.register("records", pa.Table.from_batches(pieces) if pieces else table.to_arrow())
    try:
        return connection.execute(query, values or {}).pl()
    finally:
        connection.unregister("records")
