"""The DAG that watches the city: every five minutes it reads what is new, asks the alert rules and sends what is due.

A cycle that takes longer than five minutes does not pile up: the next one begins when it is over, for the newest
instant. The tasks are few, since each is a process; a feed that fails is told by name in the task's log and `ops.run`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import DAG, CronTriggerTimetable, get_current_context, get_parsing_context, task

from cities import City, read_city
from cities.emergency import cycle

DEFAULTS: dict[str, Any] = {
    # of a task that could not even start; a source that fails is left to the next cycle
    "retries": 2,
    "retry_delay": timedelta(seconds=5),
    "retry_exponential_backoff": False,
    "execution_timeout": timedelta(minutes=15),
}


def watch_dag(city: City) -> None:
    """Make the DAG of the monitoring."""
    with DAG(
        "watch",
        description="Read the watched feeds, raise alerts and send them",
        schedule=CronTriggerTimetable(cycle(), timezone=city.time_zone),
        start_date=datetime(2020, 1, 1, tzinfo=UTC),
        catchup=False,
        max_active_runs=1,
        default_args=DEFAULTS,
        tags=[city.id],
    ):

        @task(task_id="collect")
        def collect() -> Any:
            from dags import watching

            context = get_current_context()
            return watching.collect(_instant(context), context["run_id"])

        # before whatever else waits to write
        @task(task_id="detect", trigger_rule="all_done", pool="lake_writers", priority_weight=100)
        def detect() -> Any:
            from dags import watching

            context = get_current_context()
            return watching.detect(_instant(context), context["run_id"])

        @task(task_id="send", trigger_rule="all_done")
        def send() -> Any:
            from dags import watching

            context = get_current_context()
            return watching.send(context["run_id"], context)

        collect() >> detect() >> send()


def _instant(context: Any) -> datetime:
    run = context["dag_run"]
    return run.logical_date or run.run_after


if get_parsing_context().dag_id in (None, "watch"):
    _city = read_city()
    if _city.watched:
        watch_dag(_city)
