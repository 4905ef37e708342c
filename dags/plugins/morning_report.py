"""Shows the morning report in Airflow's own pages; every process of Airflow reads this file, so it imports little."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlsplit

from airflow.configuration import conf
from airflow.plugins_manager import AirflowPlugin

PLACE = "/morning-report"


async def view(scope: Any, receive: Any, send: Any) -> None:
    """Hand a request to the report's own application, which is made at the first one."""
    from dags.report_view import app

    await app(scope, receive, send)


def address(path: str) -> str:
    """Return an address below Airflow's own, which may lie under a path."""
    return urlsplit(conf.get("api", "base_url", fallback="")).path.rstrip("/") + PLACE + path


class MorningReport(AirflowPlugin):
    """The report in the main menu, and beside each run the page of that run."""

    name = "morning_report"
    fastapi_apps: ClassVar[list[Any]] = [{"app": view, "url_prefix": PLACE, "name": "Morning report"}]
    external_views: ClassVar[list[Any]] = [
        {"name": "Morning report", "href": address("/"), "destination": "nav", "url_route": "morning-report"},
        {
            "name": "Report of this run",
            "href": address("/run/{DAG_ID}/{RUN_ID}"),
            "destination": "dag_run",
            "url_route": "report-of-this-run",
        },
    ]
