"""The lake's own tables: `records.*` from the contracts, `ops.*` from the list below."""

from __future__ import annotations

import duckdb

from contracts import all_contracts
from lake.connection import SCHEMAS, connect
from lake.lock import writer_lock

SYSTEM_COLUMNS = {
    "_feed": "VARCHAR",
    "_delivery_id": "VARCHAR",
    "_rec": "BIGINT",
    "_op": "VARCHAR",
    "_extra": "VARCHAR",
    "_row_hash": "VARCHAR",
    "_loaded_at": "TIMESTAMPTZ",
}
"""What every row of `records.*` says of itself: its feed, delivery and place there; U or D; content hash; time."""

OPS = {
    "delivery": """feed VARCHAR, delivery_id VARCHAR, department VARCHAR, contract VARCHAR, contract_version VARCHAR,
        verdict VARCHAR, received BIGINT, accepted BIGINT, unchanged BIGINT, duplicate BIGINT, set_aside BIGINT,
        withdrawn BIGINT, source_count BIGINT, fetched_at TIMESTAMPTZ, loaded_at TIMESTAMPTZ,
        window_start TIMESTAMPTZ, window_end TIMESTAMPTZ, cursor_from VARCHAR, cursor_to VARCHAR,
        moves_cursor BOOLEAN, sha256 VARCHAR, place VARCHAR, http_calls BIGINT, retries BIGINT, bytes BIGINT,
        layout_added VARCHAR, layout_removed VARCHAR, layout_renamed VARCHAR, run_id VARCHAR""",
    "finding": """feed VARCHAR, delivery_id VARCHAR, rec BIGINT, rule VARCHAR, dimension VARCHAR, strength VARCHAR,
        field VARCHAR, sender_field VARCHAR, example VARCHAR, expected VARCHAR, message VARCHAR,
        found_at TIMESTAMPTZ""",
    "set_aside": """feed VARCHAR, delivery_id VARCHAR, rec BIGINT, page VARCHAR, position BIGINT,
        record_key VARCHAR, reasons VARCHAR, contract_version VARCHAR, set_aside_at TIMESTAMPTZ""",
    "set_aside_event": """feed VARCHAR, delivery_id VARCHAR, rec BIGINT, event VARCHAR, by_delivery_id VARCHAR,
        note VARCHAR, happened_at TIMESTAMPTZ""",
    "check_result": """feed VARCHAR, delivery_id VARCHAR, rule VARCHAR, field VARCHAR, sender_field VARCHAR,
        dimension VARCHAR, strength VARCHAR, status VARCHAR, checked BIGINT, failed BIGINT,
        checked_at TIMESTAMPTZ""",
    "run": """run_id VARCHAR, dag_id VARCHAR, step VARCHAR, feed VARCHAR, state VARCHAR, message VARCHAR,
        started_at TIMESTAMPTZ, finished_at TIMESTAMPTZ""",
    "feed": """feed VARCHAR, department VARCHAR, contract VARCHAR, title_en VARCHAR, title_zh VARCHAR,
        steward VARCHAR, system VARCHAR, schedule VARCHAR, due VARCHAR, matters BIGINT, critical BOOLEAN,
        legal_basis VARCHAR, active_from DATE""",
    "department": "department VARCHAR, title_en VARCHAR, title_zh VARCHAR, steward VARCHAR, schedule VARCHAR",
    "city": """city VARCHAR, title_en VARCHAR, title_zh VARCHAR, time_zone VARCHAR, contact_name VARCHAR,
        contact_email VARCHAR""",
    "area_code": "area_code VARCHAR",
    "clock": "as_of TIMESTAMPTZ",
}


def prepare() -> None:
    """Make every schema, table and column that is not there yet; existing ones are left as they are."""
    with connect() as connection:
        if not _statements(connection):
            return
    with writer_lock(), connect() as connection:
        # the tables come last and at once: a killed preparation leaves them wanting, and is done again whole
        for schema in SCHEMAS:
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        _set_options(connection)
        connection.begin()
        for statement in _statements(connection):
            connection.execute(statement)
        connection.commit()


def _set_options(connection: duckdb.DuckDBPyConnection) -> None:
    # rows kept inline in the catalogue made time travel wrong once rewritten; small ops rows stay there
    for schema in ("records", "staging", "intermediate", "marts"):
        connection.execute(f"CALL lake.set_option('data_inlining_row_limit', 0, schema => '{schema}')")
    connection.execute("CALL lake.set_option('data_inlining_row_limit', 500, schema => 'ops')")
    connection.execute("CALL lake.set_option('parquet_compression', 'zstd')")


def _statements(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return what is still to be made, in order; nothing when the lake is as the contracts say."""
    known = _known_columns(connection)
    statements = []
    for table, columns in OPS.items():
        if f"ops.{table}" not in known:
            statements.append(f"CREATE TABLE ops.{table} ({columns})")
    for contract in all_contracts():
        columns_of = {**contract.record_columns, **SYSTEM_COLUMNS}
        if (have := known.get(f"records.{contract.name}")) is None:
            listed = ", ".join(f"{name} {kind}" for name, kind in columns_of.items())
            statements.append(f"CREATE TABLE records.{contract.name} ({listed})")
            statements.append(f"CREATE TABLE ops.head_{contract.name} (seq BIGINT, last_loaded_at TIMESTAMPTZ)")
            statements.append(f"INSERT INTO ops.head_{contract.name} VALUES (0, TIMESTAMPTZ '1970-01-01 00:00:00+00')")
        else:
            statements += [
                f"ALTER TABLE records.{contract.name} ADD COLUMN {name} {kind}"
                for name, kind in columns_of.items()
                if name not in have
            ]
    return statements


def _known_columns(connection: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    rows = connection.execute(
        """SELECT schema_name || '.' || table_name, list(column_name)
        FROM duckdb_columns() WHERE database_name = 'lake' GROUP BY ALL"""
    ).fetchall()
    return {table: set(columns) for table, columns in rows}
