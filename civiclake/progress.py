"""Shows how the steps get on: a live table on a terminal, one line a step elsewhere. All of it goes to stderr."""

from __future__ import annotations

import os
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table

STEPS = ("fetch", "check", "load")
MARKS = {"begins": "…", "done": "[green]✓[/]", "failed": "[red]■[/]"}


class Progress:
    """Collects what the steps tell; use it as a context manager around a run."""

    def __init__(self, console: Console | None = None) -> None:
        # a descriptor of its own: standard error goes to the run log while DAGs run
        self.console = console or Console(file=os.fdopen(os.dup(2), "w"), highlight=False, soft_wrap=True)
        self.rows: dict[str, dict[str, str]] = {}
        self.live = Live(console=self.console, refresh_per_second=8) if self.console.is_terminal else None

    def __enter__(self) -> Progress:
        if self.live:
            self.live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.live:
            self.live.stop()

    def on_step(self, step: str, feed: str | None, state: str, told: dict[str, Any], failure: object = None) -> None:
        """Take note that a step begins, is done or failed."""
        row = self.rows.setdefault(feed or step, {})
        row[step] = state
        said = _in_words(told) if state == "done" else str(failure or "")
        if said:
            row["note"] = said
        if self.live:
            self.live.update(self._table())
        elif state != "begins":
            name = f"{feed}: {step}" if feed else step
            self.console.print(escape(f"{name} {'done' if state == 'done' else 'FAILED'}{': ' if said else ''}{said}"))

    def _table(self) -> Table:
        table = Table("feed", *STEPS, "", box=None, padding=(0, 2, 0, 0))
        for name, row in self.rows.items():
            marks = [MARKS.get(row.get(step, ""), "") for step in STEPS]
            if name in row:
                marks[0] = MARKS[row[name]]
            table.add_row(name, *marks, escape(row.get("note", "")))
        return table


def _in_words(told: dict[str, Any]) -> str:
    """Say in a few words what a step did."""
    if "said" in told:
        return str(told["said"])
    if "received" in told:
        if told["already"]:
            return "loaded before"
        parts = [f"{told['accepted']:,} accepted"]
        parts += [
            f"{told[name]:,} {name.replace('_', ' ')}"
            for name in ("unchanged", "duplicate", "set_aside", "withdrawn")
            if told[name]
        ]
        return ", ".join(parts)
    if "models" in told:
        return f"{told['models']} models, {told['tests']} tests, {told['marts']} marts"
    return ""
