"""The DAG of the weekly digest: on Monday morning each steward is told what is open of their own departments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import DAG, CronTriggerTimetable, get_current_context, get_parsing_context, task

from cities import City, read_city

DEFAULTS: dict[str, Any] = {
    "retry_delay": timedelta(minutes=10),
    "retry_exponential_backoff": True,
    "execution_timeout": timedelta(minutes=30),
}


def digest_dag(city: City) -> None:
    """Make the DAG of the weekly digest."""
    with DAG(
        "digest",
        description="Send each steward the open actions and gaps of their own departments",
        schedule=CronTriggerTimetable("0 8 * * 1", timezone=city.time_zone),
        start_date=datetime(2020, 1, 1, tzinfo=UTC),
        catchup=False,
        max_active_runs=1,
        default_args=DEFAULTS,
        tags=[city.id],
    ):

        @task(task_id="send")
        def send() -> Any:
            from dags import digesting

            context = get_current_context()
            run = context["dag_run"]
            return digesting.send(run.logical_date or run.run_after, context["run_id"], context)

        send()


if get_parsing_context().dag_id in (None, "digest"):
    digest_dag(read_city())
