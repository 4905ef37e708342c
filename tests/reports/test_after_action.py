"""The report of an emergency: from stored facts, the same whenever it is written."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from cities import read_city
from civiclake.cli import commands
from dags import after_action
from lake import connect, prepare
from lake.maintenance import SNAPSHOT_DAYS, expire_snapshots

START, END = datetime(2026, 10, 31, 18, 0, tzinfo=UTC), datetime(2026, 10, 31, 18, 3, tzinfo=UTC)


@pytest.fixture
def reported(monkeypatch: pytest.MonkeyPatch, lake_home: Path) -> dict[str, str]:
    """An emergency of three minutes with an alert, a call and a silent feed, over and reported once."""
    monkeypatch.setenv("LOGNAME", "tester")
    prepare()
    for at, words in ((START, ("start", "storm", "--note", "wind | # rain")), (END, ("stop", "--note", "calm"))):
        monkeypatch.setenv("CIVICLAKE_NOW", at.isoformat())
        assert CliRunner().invoke(commands, ["emergency", *words]).exit_code == 0
        if at is START:
            _happen()
    ended = CliRunner().invoke(commands, ["emergency", "report", "storm"])
    assert ended.exit_code == 0, ended.stderr
    assert ended.stdout.split() == [
        str(lake_home / "emergencies" / "storm" / f"report.{language}.md") for language in ("en", "zh")
    ]
    return texts(lake_home)


def _happen() -> None:
    with connect() as sql:
        sql.execute(
            """INSERT INTO ops.alert BY NAME SELECT 'city-1' AS alert_id, 'no_unit' AS rule, 'sent' AS state,
            'D01' AS area_code, 'Call F1 waits' AS headline, '呼叫 F1' AS headline_zh,
            TIMESTAMPTZ '2026-10-31 18:01:00+00' AS raised_at, TIMESTAMPTZ '2026-10-31 18:01:20+00' AS sent_at"""
        )
        sql.execute(
            """INSERT INTO records.emergency_call BY NAME SELECT 'F1' AS call_id, 'E1' AS unit_id, 'fire' AS call_type,
            1 AS priority, 'D01' AS area_code, TIMESTAMPTZ '2026-10-31 18:00:30+00' AS received_at,
            TIMESTAMPTZ '2026-10-31 18:02:00+00' AS on_scene_at, 'fire__calls' AS _feed, 'd1' AS _delivery_id,
            0 AS _rec, 'U' AS _op, 'h' AS _row_hash, TIMESTAMPTZ '2026-10-31 18:02:10+00' AS _loaded_at"""
        )
        # read before, not in three cycles, and read again
        sql.execute("INSERT INTO ops.watched VALUES ('fire__calls', 'fire')")
        sql.execute(
            """INSERT INTO ops.watch_cycle BY NAME SELECT began AS instant, began AS started_at,
            began + INTERVAL 20 SECOND AS collected_at, 1 AS feeds, 1 AS failed
            FROM (SELECT TIMESTAMPTZ '2026-10-31 17:59:00+00' + to_minutes(number) AS began
                FROM range(4) AS cycles (number))"""
        )
        sql.execute(
            """INSERT INTO ops.delivery BY NAME SELECT 'fire__calls' AS feed, 'fire' AS department, fetched_at,
            fetched_at AS loaded_at, fetched_at::VARCHAR AS delivery_id, 'accepted' AS verdict, 1 AS received,
            1 AS accepted, 0 AS unchanged, 0 AS duplicate, 0 AS set_aside, 0 AS withdrawn
            FROM (VALUES (TIMESTAMPTZ '2026-10-31 17:58:10+00'), (TIMESTAMPTZ '2026-10-31 18:02:10+00'))
                AS reads (fetched_at)"""
        )


def texts(home: Path) -> dict[str, str]:
    return {place.name: place.read_text() for place in (home / "emergencies" / "storm").iterdir()}


def test_a_report_tells_what_is_stored_in_two_languages(reported: dict[str, str]) -> None:
    english, chinese = reported["report.en.md"], reported["report.zh.md"]
    assert english.startswith("# After-action report: storm\n")
    assert "| Minutes from the start to the first alert | 1.0 |" in english
    assert "| Minutes from the first call to the first unit on scene | 1.5 |" in english
    assert "| Emergency incidents | 1 |" in english
    assert "| 2026-10-31 13:01:00 -0500 | Call F1 waits | D01 | sent |" in english
    assert "| 2026-10-31 13:00:00 -0500 | emergency declared |  | tester | wind \\| \\# rain |" in english
    assert "| 2026-10-31 13:02:00 -0500 | 0 | 0 | 0 | 1 | 0 | 0 | 0 | 1 | 1 |" in english
    assert "| Services restored by the end | 1 |" in english
    assert "| watched feed | city | 1 | 2026-10-31 12:58:10 -0500 | 1 | 2026-10-31 13:02:10 -0500 | 0 |" in english
    assert "| 受监控来源 | city | 1 | 2026-10-31 12:58:10 -0500 |" in chinese
    assert "| 2026-10-31 13:01:00 -0500 | 呼叫 F1 | D01 | 已送出 |" in chinese


def test_a_report_written_again_is_the_same_to_the_byte(
    reported: dict[str, str], lake_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CIVICLAKE_NOW", "2027-01-01T00:00:00+00:00")
    with connect() as sql:
        sql.execute("UPDATE ops.alert SET state = 'false_alarm', headline = 'other'")
        sql.execute("DELETE FROM marts.emergency_timeline")
        # all that happened is older than what is kept
        monkeypatch.setattr("lake.maintenance.SNAPSHOT_DAYS", 0)
        expire_snapshots(sql)
        sql.execute("CALL ducklake_cleanup_old_files('lake', cleanup_all => true)")
        kept = sql.execute("SELECT count(*) FROM lake.snapshots()").fetchone()
    assert kept == (2,), "the pinned one and the newest"
    for place in (lake_home / "emergencies" / "storm").iterdir():
        place.unlink()
    after_action.write(read_city("sandbox"), "storm")
    assert texts(lake_home) == reported
    assert SNAPSHOT_DAYS == 30
