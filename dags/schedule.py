"""The city's DAGs: one a department (fetch, check, load for each feed), then build, report and
maintain, and replay, which is run by hand.

The same file serves the laptop, the tests and the cluster. It reads the city folder and imports nothing heavy: the
work is in `dags.steps`, imported when a task runs. A feed is a task group of its own, static so that the grid reads
well and every feed has its own asset.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import (
    DAG,
    Asset,
    AssetAlias,
    AssetAny,
    AssetOrTimeSchedule,
    CronDataIntervalTimetable,
    Param,
    TaskGroup,
    get_current_context,
    get_parsing_context,
    task,
    task_group,
)
from airflow.sdk.exceptions import AirflowSkipException

from cities import City, Department, Feed, read_city
from cities.emergency import can_wait, declared

START = datetime(2020, 1, 1, tzinfo=UTC)
MARTS = Asset("marts")
"""Changes whenever a build has published."""

DEFAULTS: dict[str, Any] = {
    "retry_delay": timedelta(minutes=1),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=30),
    "execution_timeout": timedelta(hours=2),
}
"""How often a task is tried again is Airflow's own setting, `default_task_retries`."""

WINDOW = {
    "start": Param(None, type=["null", "string"], format="date-time", description="back-fill from this instant"),
    "end": Param(None, type=["null", "string"], format="date-time", description="and before this one"),
    "full_refresh": Param(False, type="boolean", description="ask for everything, whatever was read before"),
    "feeds": Param([], type="array", items={"type": "string"}, description="only these feeds; all when empty"),
}


REPLAY = {
    "feeds": Param([], type="array", items={"type": "string"}, description="only these feeds; all when empty"),
    "delivery": Param(None, type=["null", "string"], description="only this delivery"),
    "accept": Param([], type="array", items={"type": "string"}, description="lift these rules for that delivery"),
    "note": Param("", type="string", description="why, as the department said"),
    "who": Param(None, type=["null", "string"], description="who asked it; the user of this run when empty"),
}
REPLAYED = AssetAlias("replayed")
"""Stands for the feeds of which something was replayed, which only the run knows."""


def department_dags(city: City, department: Department) -> None:
    """Make the DAG of a department, and one more for each feed that has a schedule of its own."""
    own = {name: feed for name, feed in department.feeds.items() if feed.schedule}
    shared = {name: feed for name, feed in department.feeds.items() if name not in own}
    if shared:
        _feeds_dag(city, department, department.id, department.schedule, shared)
    for name, feed in own.items():
        _feeds_dag(city, department, f"{department.id}__{name}", str(feed.schedule), {name: feed})


def _feeds_dag(city: City, department: Department, dag_id: str, cron: str, feeds: dict[str, Feed]) -> None:
    emergency = declared() if can_wait(department) else None
    with DAG(
        dag_id,
        description=f"{department.title['en']}: fetch, check and load",
        doc_md=f"Steward: {department.steward}\n\nLegal basis: {department.legal_basis}",
        # by hand it can be run all the same
        schedule=None if emergency else CronDataIntervalTimetable(cron, timezone=city.time_zone),
        start_date=START,
        catchup=False,
        max_active_runs=1,
        params=WINDOW,
        default_args={**DEFAULTS, "owner": department.steward},
        tags=["department", city.id, *([f"paused by {emergency}"] if emergency else [])],
    ):
        groups = {name: _feed_group(f"{department.id}__{name}", name) for name in feeds}
        if asked := [name for name, feed in feeds.items() if feed.tells_changes]:
            _ask_first(department.id, asked) >> [groups[name] for name in asked]


def _ask_first(department: str, names: list[str]) -> Any:
    """Make the task that asks sources whether anything changed: a run in which nothing did starts no other."""

    @task.branch(task_id="ask")
    def ask() -> list[str]:
        from dags import steps

        context = get_current_context()
        only = context["params"]["feeds"] or names
        feed_ids = [f"{department}__{name}" for name in names if name in only]
        changed = steps.ask_feeds(feed_ids, _instant(context), context["run_id"], _window(context))
        return [f"{feed_id.removeprefix(f'{department}__')}.fetch" for feed_id in changed]

    return ask()


def _feed_group(feed_id: str, name: str) -> TaskGroup:
    with TaskGroup(name) as group:

        @task(task_id="fetch")
        def fetch() -> str:
            from dags import steps

            context = get_current_context()
            if (only := context["params"]["feeds"]) and name not in only:
                raise AirflowSkipException(f"only {', '.join(only)} was asked for")
            return steps.fetch_feed(feed_id, _instant(context), context["run_id"], _window(context))

        @task(task_id="check")
        def check(place: str) -> str:
            from dags import steps

            return steps.check_feed(feed_id, place, get_current_context()["run_id"])

        @task(task_id="load", outlets=[Asset(feed_id)], pool="lake_writers")
        def load(place: str, *, outlet_events: Any = None) -> None:
            from dags import steps

            loaded = steps.load_feed(feed_id, place, get_current_context()["run_id"])
            outlet_events[Asset(feed_id)].extra = loaded
            if loaded["already"]:
                raise AirflowSkipException("this delivery was loaded before: nothing changes")

        load(check(fetch()))
    return group


def _instant(context: Any) -> datetime:
    """Return the run's own instant: the end of its data interval where it was scheduled, else when it was asked for.

    It names the delivery, so a task that is tried again goes on with what it had kept.
    """
    run = context["dag_run"]
    return run.logical_date if run.run_type == "manual" and run.logical_date else run.run_after


def _window(context: Any) -> dict[str, Any]:
    """Return what to ask for: the parameters' window, a back-fill's data interval, or by cursor (all None)."""
    params, run = context["params"], context["dag_run"]
    start, end = params["start"], params["end"]
    if run.run_type == "backfill":
        start, end = run.data_interval_start.isoformat(), run.data_interval_end.isoformat()
    return {"start": start, "end": end, "full_refresh": params["full_refresh"]}


def build_dag(city: City) -> None:
    """Make the DAG that runs dbt when a feed has changed, and every morning in any case."""
    with DAG(
        "build",
        description="Run dbt over the lake and publish the marts",
        schedule=AssetOrTimeSchedule(
            timetable=CronDataIntervalTimetable("35 6 * * *", timezone=city.time_zone),
            assets=AssetAny(*(Asset(feed_id) for feed_id in city.feeds)),
        ),
        start_date=START,
        catchup=False,
        max_active_runs=1,
        params={"full_refresh": Param(False, type="boolean", description="build every model from nothing")},
        default_args={**DEFAULTS, "retries": 0},
        tags=[city.id],
    ):

        @task(task_id="build", outlets=[MARTS], pool="lake_writers")
        def build() -> None:
            from dags import steps

            context = get_current_context()
            steps.build(_instant(context), context["run_id"], context["params"]["full_refresh"])

        build()


def report_dag(city: City) -> None:
    """Make the DAG of the morning report: after each build, and in the morning even when no build came through."""
    with DAG(
        "report",
        description="Write the morning report",
        schedule=AssetOrTimeSchedule(
            timetable=CronDataIntervalTimetable("45 6 * * *", timezone=city.time_zone), assets=AssetAny(MARTS)
        ),
        start_date=START,
        catchup=False,
        max_active_runs=1,
        default_args=DEFAULTS,
        tags=[city.id],
    ):

        @task(task_id="report")
        def report() -> str:
            from dags import steps

            context = get_current_context()
            return steps.report(_instant(context), context["run_id"], context["dag_run"].run_type)

        report()


def replay_dag(city: City) -> None:
    """Make the DAG that judges set-aside records again, run by hand when something was mended."""
    with DAG(
        "replay",
        description="Judge set-aside records again by today's city files and contracts",
        schedule=None,
        start_date=START,
        catchup=False,
        max_active_runs=1,
        params=REPLAY,
        default_args=DEFAULTS,
        tags=[city.id],
    ):

        @task(task_id="find")
        def find() -> list[list[str]]:
            from dags import steps

            context = get_current_context()
            asked_by = context["params"]["who"] or getattr(context["dag_run"], "triggering_user_name", None)
            return steps.find_replays({**context["params"], "who": asked_by}, context["run_id"])

        _replay_group.expand(found=find())


@task_group(group_id="delivery")
def _replay_group(found: list[str]) -> None:
    @task(task_id="check")
    def check(found: list[str]) -> list[str]:
        from dags import steps

        feed_id, place = found
        return [feed_id, steps.check_feed(feed_id, place, get_current_context()["run_id"])]

    @task(task_id="load", outlets=[REPLAYED], pool="lake_writers")
    def load(checked: list[str], *, outlet_events: Any = None) -> None:
        from dags import steps

        feed_id, place = checked
        loaded = steps.load_feed(feed_id, place, get_current_context()["run_id"])
        outlet_events[REPLAYED].add(Asset(feed_id), extra=loaded)

    load(check(found))


def maintain_dag(city: City) -> None:
    """Make the nightly DAG that merges small files and forgets what is past its time."""
    with DAG(
        "maintain",
        description="Merge small files, expire old snapshots and deliveries",
        schedule=CronDataIntervalTimetable("15 2 * * *", timezone=city.time_zone),
        start_date=START,
        catchup=False,
        max_active_runs=1,
        default_args=DEFAULTS,
        tags=[city.id],
    ):

        @task(task_id="maintain", pool="lake_writers")
        def maintain() -> None:
            from dags import steps

            steps.maintain()

        maintain()


CITY_DAGS = {"build": build_dag, "report": report_dag, "replay": replay_dag, "maintain": maintain_dag}

# a task asks for its own DAG: it need not make those of a hundred departments first
_asked_for = get_parsing_context().dag_id
_is_of_city = _asked_for in CITY_DAGS
_city = read_city(only=None if _asked_for is None or _is_of_city else _asked_for.split("__")[0])
for _department in () if _is_of_city else _city.departments.values():
    department_dags(_city, _department)
for _name, _make in CITY_DAGS.items():
    if _asked_for in (None, _name):
        _make(_city)
