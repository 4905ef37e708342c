"""Airflow's settings for this machine: everything under `CIVICLAKE_HOME`, nothing sent anywhere."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from cities import home
from cities.home import PROJECT


def set_environment(database: str) -> Path:
    """Set Airflow's environment, with its metadata in a SQLite file of that name; must come before any Airflow import.

    Embedded runs and a real scheduler have a database each, so that a run that was interrupted leaves nothing behind
    in the other. Returns Airflow's home.
    """
    folder = home() / "airflow"
    folder.mkdir(exist_ok=True)
    os.environ.update({
        "AIRFLOW_HOME": str(folder),
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__DEFAULT_TASK_RETRIES": "0",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{folder / database}",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(folder / "logs"),
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "DO_NOT_TRACK": "1",
    })  # fmt: skip
    return folder


def has_tables(database: Path) -> bool:
    """Whether Airflow's metadata database was finished making."""
    if not database.exists():
        return False
    with sqlite3.connect(database) as connection:
        return bool(connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone())
