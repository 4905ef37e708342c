"""Whether each published mart can be used: what dbt judged, and what only the end of the build shows."""

from __future__ import annotations

import duckdb

READINESS = "mart_readiness"

# what a build did not bring, it says nothing good of; an older edition is as good as the day it is of
OUTCOME = """
    UPDATE published.marts.mart_readiness AS told
    SET use = 'do_not_use', reason = outcome.reason,
        reasons = [{'use': 'do_not_use', 'reason': outcome.reason, 'feeds': [], 'waiting_share': NULL}] || reasons,
        last_good_date = CASE outcome.reason WHEN 'build_failed' THEN least(last_good_date, edition_date) END
    FROM (
        SELECT mart, CASE WHEN built_for IS NULL THEN 'not_built' ELSE 'build_failed' END AS reason,
            CAST(timezone((SELECT time_zone FROM published.ops.city), built_for) AS DATE) AS edition_date
        FROM published.marts.mart_readiness LEFT JOIN published.ops.edition USING (mart)
        WHERE built_for IS NULL OR built_for < (SELECT as_of FROM published.ops.clock)
    ) AS outcome
    WHERE told.mart = outcome.mart"""

JUDGED = """
    UPDATE published.ops.edition AS edition SET use = told.use, reason = told.reason
    FROM published.marts.mart_readiness AS told WHERE told.mart = edition.mart"""

OLDER = """
    UPDATE published.ops.edition SET use = 'do_not_use', reason = 'build_failed'
    WHERE built_for < (SELECT as_of FROM published.ops.clock)"""


def add_readiness(connection: duckdb.DuckDBPyConnection, is_judged: bool) -> None:
    """Write beside each edition whether its mart can be used; without a judgement of this build, with care at best.

    An older edition of the judgement is no judgement of today's marts, and is taken out of the published file.
    """
    connection.execute("ALTER TABLE published.ops.edition ADD COLUMN use VARCHAR DEFAULT 'care'")
    connection.execute("ALTER TABLE published.ops.edition ADD COLUMN reason VARCHAR DEFAULT 'not_judged'")
    if is_judged:
        connection.execute(OUTCOME)
        connection.execute(JUDGED)
    else:
        connection.execute(f"DROP TABLE IF EXISTS published.marts.{READINESS}")
        connection.execute(f"DELETE FROM published.ops.edition WHERE mart = '{READINESS}'")
        connection.execute(OLDER)
