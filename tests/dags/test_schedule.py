from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cities import read_city
from cities.home import PROJECT
from cities.reader import CITY_DAGS, FIRST_TASK


@pytest.fixture
def bag(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("CIVICLAKE_CITY", "sandbox")
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(str(PROJECT / "dags"))
    assert bag.import_errors == {}
    return bag


def test_every_department_has_its_dag_and_nothing_else_is_there(bag: Any) -> None:
    departments = set(read_city("sandbox").departments)
    assert set(bag.dags) == departments | set(CITY_DAGS)
    tasks = {name for department in departments for name in bag.dags[department].task_dict}
    assert {name for name in tasks if "." not in name} == {FIRST_TASK}


def test_each_feed_is_fetched_then_checked_then_loaded(bag: Any) -> None:
    dag = bag.dags["hotline"]
    assert dag.task_dict["requests.fetch"].downstream_task_ids == {"requests.check"}
    assert dag.task_dict["requests.check"].downstream_task_ids == {"requests.load"}
    assert dag.task_dict["requests.load"].downstream_task_ids == set()


def test_each_feed_has_an_asset_and_any_of_them_starts_the_build(bag: Any) -> None:
    outlets = {
        asset.name
        for department in read_city("sandbox").departments
        for task in bag.dags[department].tasks
        for asset in task.outlets
    }
    assert outlets == set(read_city("sandbox").feeds)
    condition = bag.dags["build"].timetable.asset_condition
    assert {asset.name for asset in condition.objects} == outlets


def test_a_replay_is_run_by_hand_and_judges_each_delivery_by_itself(bag: Any) -> None:
    dag = bag.dags["replay"]
    assert dag.timetable.can_be_scheduled is False
    assert dag.task_dict["find"].downstream_task_ids == {"delivery.check"}
    assert dag.task_dict["delivery.check"].downstream_task_ids == {"delivery.load"}
    assert [alias.name for alias in dag.task_dict["delivery.load"].outlets] == ["replayed"]


def test_one_writer_at_a_time_is_a_pool(bag: Any) -> None:
    tasks = [task for dag in bag.dags.values() for task in dag.tasks]
    writers = [task for task in tasks if task.task_id.split(".")[-1] in ("load", "build")]
    assert len(writers) == len(read_city("sandbox").feeds) + 2, "one a feed, one of the replays, and the build"
    assert {task.pool for task in writers} == {"lake_writers"}


def test_reading_the_dag_file_imports_nothing_heavy() -> None:
    heavy = ["polars", "pandera", "duckdb", "dbt", "altair"]
    code = f"""
import sys
before = set(sys.modules)
import airflow.sdk
known = set(sys.modules)
sys.path.insert(0, {str(PROJECT)!r})
import runpy
runpy.run_path({str(PROJECT / "dags" / "schedule.py")!r})
print([name for name in {heavy!r} if name in sys.modules and name not in known])
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip().splitlines()[-1] == "[]"


def test_a_feed_with_a_schedule_of_its_own_gets_its_own_dag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox = PROJECT / "cities" / "sandbox"
    (tmp_path / "city.yml").write_text((sandbox / "city.yml").read_text())
    police = (sandbox / "police.yml").read_text()
    (tmp_path / "police.yml").write_text(police.replace('    due: ', '    schedule: "*/5 * * * *"\n    due: ', 1))
    monkeypatch.setenv("CIVICLAKE_CITY", str(tmp_path))
    from airflow.dag_processing.dagbag import DagBag

    dags = set(DagBag(str(PROJECT / "dags")).dags)
    assert dags == {"police__incidents", "build", "report", "replay", "maintain", "watch", "digest"}


def test_a_task_makes_its_own_dag_only(monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.dag_processing.dagbag import DagBag

    monkeypatch.setenv("CIVICLAKE_CITY", "sandbox")
    made = {}
    for asked_for in ("hotline", "police__incidents", "build"):
        monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_DAG_ID", asked_for)
        made[asked_for] = set(DagBag(str(PROJECT / "dags")).dags)
    assert made["hotline"] == {"hotline"}
    assert made["police__incidents"] == {"police"}
    assert made["build"] == {"build"}


def test_the_watch_reads_then_detects_then_sends_one_cycle_at_a_time(bag: Any) -> None:
    watch = bag.dags["watch"]
    assert (watch.max_active_runs, watch.catchup) == (1, False)
    assert watch.task_dict["collect"].downstream_task_ids == {"detect"}
    assert watch.task_dict["detect"].downstream_task_ids == {"send"}
    assert {watch.task_dict[name].trigger_rule for name in ("detect", "send")} == {"all_done"}
    assert {task.retry_delay.total_seconds() for task in watch.tasks} == {5}


def test_a_city_that_watches_nothing_has_no_watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox = PROJECT / "cities" / "sandbox"
    for name in ("city.yml", "planning.yml"):
        (tmp_path / name).write_text((sandbox / name).read_text())
    monkeypatch.setenv("CIVICLAKE_CITY", str(tmp_path))
    from airflow.dag_processing.dagbag import DagBag

    assert "watch" not in DagBag(str(PROJECT / "dags")).dags
