"""The data office's command line, run as a person would, in a home of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb

from cities.home import PROJECT
from lake import connect

COMMAND = [sys.executable, "-m", "civiclake"]


@dataclass(frozen=True)
class Office:
    """A home and what was done in it."""

    home: Path

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {"CIVICLAKE_HOME": str(self.home)}

    def do(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run `civiclake` with these words and wait for it."""
        return subprocess.run([*COMMAND, *words], cwd=PROJECT, env=self.environment, capture_output=True, text=True)

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start `civiclake` in a process group of its own, its progress readable line by line."""
        return subprocess.Popen(
            [*COMMAND, *words], cwd=PROJECT, env=self.environment, text=True, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the published marts and ledger."""
        with duckdb.connect(str(self.home / "published" / "city.duckdb"), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def ask_lake(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the lake itself."""
        with patch.dict(os.environ, {"CIVICLAKE_HOME": str(self.home)}), connect() as connection:
            return connection.execute(sql).fetchall()

    def marts(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return every mart's whole content, in a stable order."""
        tables = self.ask("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'marts' ORDER BY 1")
        return {table: self.ask(f"FROM marts.{table} ORDER BY ALL") for (table,) in tables}

    def marts_in_any_order_of_loads(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return every mart's content, with nothing that hangs on which feed of a table was loaded first.

        Each load of a table is a microsecond later than the one before it, and feeds of a table are loaded as they
        come.
        """
        events = """SELECT * EXCLUDE (loaded_at) REPLACE (date_trunc('second', happened_at) AS happened_at)
            FROM marts.service_request_events ORDER BY ALL"""
        return self.marts() | {"service_request_events": self.ask(events)}

    @property
    def report(self) -> Any:
        """The report as published last."""
        return json.loads((self.home / "site" / "report.json").read_text())
