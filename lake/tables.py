"""The lake's own tables: `records.*` from the contracts, `ops.*` from the list below."""

from __future__ import annotations

import duckdb

from contracts import all_contracts
from extractors.quoting import literal
from lake.connection import SCHEMAS, connect
from lake.errors import LakeUnreachable
from lake.lock import writer_lock
from lake.place import lake_place

SYSTEM_COLUMNS = {
    "_feed": "VARCHAR",
    "_delivery_id": "VARCHAR",
    "_rec": "BIGINT",
    "_op": "VARCHAR",
    "_extra": "VARCHAR",
    "_row_hash": "VARCHAR",
    "_loaded_at": "TIMESTAMPTZ",
}
"""What every row of `records.*` says of itself: its feed, delivery and place there; `_op`; content hash; time.

`_op` is U for what came, D for a record that was withdrawn, E for one that a live feed shows no more: it has ended.
"""

OPS = {
    "delivery": """feed VARCHAR, delivery_id VARCHAR, department VARCHAR, contract VARCHAR, contract_version VARCHAR,
        verdict VARCHAR, received BIGINT, accepted BIGINT, unchanged BIGINT, duplicate BIGINT, set_aside BIGINT,
        withdrawn BIGINT, source_count BIGINT, fetched_at TIMESTAMPTZ, loaded_at TIMESTAMPTZ,
        window_start TIMESTAMPTZ, window_end TIMESTAMPTZ, cursor_from VARCHAR, cursor_to VARCHAR,
        moves_cursor BOOLEAN, validator VARCHAR, read_by VARCHAR, not_modified BOOLEAN,
        sha256 VARCHAR, place VARCHAR, http_calls BIGINT, retries BIGINT, bytes BIGINT,
        layout_added VARCHAR, layout_removed VARCHAR, layout_renamed VARCHAR, run_id VARCHAR,
        terms VARCHAR, replays VARCHAR, waived VARCHAR""",
    "finding": """feed VARCHAR, delivery_id VARCHAR, rec BIGINT, rule VARCHAR, dimension VARCHAR, strength VARCHAR,
        field VARCHAR, sender_field VARCHAR, example VARCHAR, expected VARCHAR, message VARCHAR,
        found_at TIMESTAMPTZ""",
    "set_aside": """feed VARCHAR, delivery_id VARCHAR, rec BIGINT, page VARCHAR, position BIGINT,
        record_key VARCHAR, reasons VARCHAR, contract_version VARCHAR, set_aside_at TIMESTAMPTZ""",
    "set_aside_event": """feed VARCHAR, delivery_id VARCHAR, rec BIGINT, event VARCHAR, by_delivery_id VARCHAR,
        note VARCHAR, happened_at TIMESTAMPTZ""",
    "set_aside_open": "feed VARCHAR, delivery_id VARCHAR, rec BIGINT, record_key VARCHAR, fetched_at TIMESTAMPTZ",
    "check_result": """feed VARCHAR, delivery_id VARCHAR, rule VARCHAR, field VARCHAR, sender_field VARCHAR,
        dimension VARCHAR, strength VARCHAR, status VARCHAR, checked BIGINT, failed BIGINT,
        checked_at TIMESTAMPTZ""",
    "run": """run_id VARCHAR, dag_id VARCHAR, step VARCHAR, feed VARCHAR, state VARCHAR, message VARCHAR,
        started_at TIMESTAMPTZ, finished_at TIMESTAMPTZ""",
    "action": """action_key VARCHAR, cause VARCHAR, department VARCHAR, owner VARCHAR, feed VARCHAR, subject VARCHAR,
        since_date DATE, due_date DATE, severity VARCHAR, detail VARCHAR, state VARCHAR, opened_at TIMESTAMPTZ,
        escalated_at TIMESTAMPTZ, closed_at TIMESTAMPTZ, assigned_to VARCHAR, acknowledged_at TIMESTAMPTZ,
        acknowledged_by VARCHAR, accepted_at TIMESTAMPTZ, accepted_by VARCHAR, due_set_by VARCHAR, note VARCHAR""",
    "action_event": "action_key VARCHAR, event VARCHAR, note VARCHAR, happened_at TIMESTAMPTZ, who VARCHAR",
    "feed": """feed VARCHAR, department VARCHAR, contract VARCHAR, title_en VARCHAR, title_zh VARCHAR,
        steward VARCHAR, system VARCHAR, schedule VARCHAR, due VARCHAR, matters BIGINT, critical BOOLEAN,
        legal_basis VARCHAR, active_from DATE, live BOOLEAN""",
    "department": "department VARCHAR, title_en VARCHAR, title_zh VARCHAR, steward VARCHAR, schedule VARCHAR",
    "city": """city VARCHAR, title_en VARCHAR, title_zh VARCHAR, time_zone VARCHAR, contact_name VARCHAR,
        contact_email VARCHAR, fiscal_year_month BIGINT""",
    "area_code": "area_code VARCHAR",
    "coverage": "feed VARCHAR, period VARCHAR, field VARCHAR, since DATE, area_code VARCHAR",
    "promised_field": "feed VARCHAR, field VARCHAR",
    "expected_data": """feed VARCHAR, department VARCHAR, title_en VARCHAR, title_zh VARCHAR, steward VARCHAR,
        legal_basis VARCHAR, period VARCHAR, since DATE""",
    "clock": "as_of TIMESTAMPTZ",
    "watch_clock": "as_of TIMESTAMPTZ",
    "built": "node VARCHAR, code VARCHAR, table_id BIGINT, snapshot BIGINT, as_of TIMESTAMPTZ, sql VARCHAR",
    "watched": "feed VARCHAR, department VARCHAR",
    "watch_cycle": """instant TIMESTAMPTZ, run_id VARCHAR, started_at TIMESTAMPTZ, collected_at TIMESTAMPTZ,
        feeds BIGINT, failed BIGINT""",
    "alert": """alert_id VARCHAR, dedup_key VARCHAR, rule VARCHAR, department VARCHAR, feed VARCHAR,
        area_code VARCHAR, subject VARCHAR, event VARCHAR, event_zh VARCHAR, category VARCHAR, urgency VARCHAR,
        severity VARCHAR, certainty VARCHAR, headline VARCHAR, headline_zh VARCHAR, description VARCHAR,
        description_zh VARCHAR, figures VARCHAR, snapshot_id BIGINT, state VARCHAR, is_folded BOOLEAN,
        folded_into VARCHAR, onset_at TIMESTAMPTZ, visible_at TIMESTAMPTZ, raised_at TIMESTAMPTZ,
        last_standing_at TIMESTAMPTZ, clear_minutes BIGINT, ended_at TIMESTAMPTZ, sent_at TIMESTAMPTZ,
        acknowledged_at TIMESTAMPTZ, escalate_at TIMESTAMPTZ, escalated_at TIMESTAMPTZ, closed_at TIMESTAMPTZ,
        snooze_until TIMESTAMPTZ""",
    "alert_event": """alert_id VARCHAR, event VARCHAR, who VARCHAR, note VARCHAR, figures VARCHAR, snapshot_id BIGINT,
        happened_at TIMESTAMPTZ""",
    "alert_message": """message_id VARCHAR, alert_id VARCHAR, kind VARCHAR, department VARCHAR, content VARCHAR,
        created_at TIMESTAMPTZ""",
    "alert_delivery": """message_id VARCHAR, channel VARCHAR, recipient VARCHAR, state VARCHAR, attempts BIGINT,
        problem VARCHAR, created_at TIMESTAMPTZ, sent_at TIMESTAMPTZ""",
    "digest": "week DATE, recipient VARCHAR, sent_at TIMESTAMPTZ",
    "emergency": """emergency VARCHAR, started_at TIMESTAMPTZ, stopped_at TIMESTAMPTZ, note VARCHAR,
        started_by VARCHAR, stopped_by VARCHAR, snapshot_id BIGINT, reported_as_of TIMESTAMPTZ""",
    "emergency_action": """emergency VARCHAR, action VARCHAR, subject VARCHAR, who VARCHAR, note VARCHAR,
        happened_at TIMESTAMPTZ""",
}

FIRST_ROWS = {
    "set_aside_open": """SELECT feed, delivery_id, rec, record_key, fetched_at FROM ops.set_aside
        JOIN ops.delivery USING (feed, delivery_id) ANTI JOIN ops.set_aside_event USING (feed, delivery_id, rec)"""
}
"""What a table that is new in a lake says of what the lake held before."""


def prepare() -> None:
    """Make every schema, table and column that is not there yet; existing ones are left as they are."""
    with connect() as connection:
        if not _statements(connection):
            return
    with writer_lock(), connect() as connection:
        _refuse_forgotten(connection)
        # the tables come last and at once: a killed preparation leaves them wanting, and is done again whole
        connection.begin()
        for schema in SCHEMAS:
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        connection.commit()
        connection.begin()
        _set_options(connection)
        for statement in _statements(connection):
            connection.execute(statement)
        connection.commit()


def _refuse_forgotten(connection: duckdb.DuckDBPyConnection) -> None:
    """Raise LakeUnreachable where a catalogue that holds nothing stands over data files.

    Its own is gone; one made anew would ask the departments for everything again, and the nightly maintenance would
    take every file for a left-over.
    """
    place = lake_place()
    files = f"glob({literal(place.data + '**/*.parquet')})"
    if not _known_columns(connection) and connection.execute(f"FROM {files} LIMIT 1").fetchone():
        raise LakeUnreachable(
            f"the catalogue {place.without_password(place.catalogue)} is empty or missing, but {place.data} holds a "
            "lake's files; restore the catalogue from its back-up, or move the files away to begin anew"
        )


def _set_options(connection: duckdb.DuckDBPyConnection) -> None:
    # rows kept inline in the catalogue made time travel wrong once rewritten; small ops rows stay there
    for schema in ("records", "staging", "intermediate", "marts"):
        connection.execute(f"CALL lake.set_option('data_inlining_row_limit', 0, schema => '{schema}')")
    connection.execute("CALL lake.set_option('data_inlining_row_limit', 500, schema => 'ops')")
    # small, and by a fifth cheaper to write and to read than what DuckDB does by itself
    for option, value in (("parquet_compression", "zstd"), ("parquet_compression_level", 1), ("parquet_version", 2)):
        connection.execute(f"CALL lake.set_option('{option}', '{value}')")


def _statements(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return what is still to be made, in order; nothing when the lake is as the contracts say."""
    known = _known_columns(connection)
    statements = []
    for table, told in OPS.items():
        columns = dict(column.split() for column in told.split(","))
        statements += _of_table(f"ops.{table}", columns, known)
        if f"ops.{table}" not in known and table in FIRST_ROWS:
            statements.append(f"INSERT INTO ops.{table} {FIRST_ROWS[table]}")
    for contract in all_contracts():
        records = f"records.{contract.name}"
        statements += _of_table(records, {**contract.record_columns, **SYSTEM_COLUMNS}, known)
        if records not in known:
            statements.append(f"CREATE TABLE ops.head_{contract.name} (seq BIGINT, last_loaded_at TIMESTAMPTZ)")
            statements.append(f"INSERT INTO ops.head_{contract.name} VALUES (0, TIMESTAMPTZ '1970-01-01 00:00:00+00')")
    return statements


def _of_table(table: str, columns: dict[str, str], known: dict[str, set[str]]) -> list[str]:
    """Return what makes a table, or adds the columns that it lacks; in rows that are there already they are blank."""
    if (have := known.get(table)) is None:
        return [f"CREATE TABLE {table} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})"]
    added = [(name, kind) for name, kind in columns.items() if name not in have]
    return [f"ALTER TABLE {table} ADD COLUMN {name} {kind}" for name, kind in added]


def _known_columns(connection: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    rows = connection.execute(
        """SELECT schema_name || '.' || table_name, list(column_name)
        FROM duckdb_columns() WHERE database_name = 'lake' GROUP BY ALL"""
    ).fetchall()
    return {table: set(columns) for table, columns in rows}
