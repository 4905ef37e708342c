"""The ledger of runs, and what one run did."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from markupsafe import Markup

from reports import days
from reports.pages.edition import RUNS
from reports.pages.page import Page
from reports.render import report_text, scores_csv

SHORT = 12


class RunsPage(Page):
    """The last builds, the newest first."""

    template = "runs.html"
    section = "runs"
    path = "runs/index.html"

    @property
    def title(self) -> str:
        """The ledger and the day."""
        return self.words("runs.index_title", day=self.day_words, city=self.report["city"]["name"])

    def run_link(self, run: Mapping[str, Any]) -> Markup:
        """Return a run's id, as a link where a report tells of it: a past one's page is kept with its report."""
        page, shown = run["page"], Markup("<code>{}</code>").format(run["page"] or run["run_id"])
        if page is None:
            return shown
        path = f"runs/{page}.html"
        is_now = page == self.report["run"]["run_id"]
        address = self.link(path) if is_now else self.file(f"{RUNS}/{page}/{self.language}/{path}")
        return Markup('<a href="{}">{}</a>').format(address, shown)

    def took(self, seconds: int) -> str:
        """Return a duration in words."""
        return took(self, seconds)

    def day_of(self, run: Mapping[str, Any]) -> str:
        """Return the day of a run in full."""
        return days.long(date.fromisoformat(run["day"]), self.language)

    def score(self, run: Mapping[str, Any]) -> str:
        """Return the city's score of that day."""
        return "–" if run["score"] is None else str(run["score"])


def took(page: Page, seconds: int) -> str:
    """Return a duration in seconds or, from two minutes on, in minutes."""
    return page.words("runs.seconds", n=seconds) if seconds < 120 else page.words("runs.minutes", n=round(seconds / 60))


class RunPage(Page):
    """One run: its steps, its deliveries, how to do it again, and by what its files are known."""

    template = "run.html"
    section = "runs"

    @property
    def path(self) -> str:  # type: ignore[override]
        """The run's own page."""
        return f"runs/{self.report['run']['run_id']}.html"

    @property
    def title(self) -> str:
        """The run and the day."""
        run_id = self.report["run"]["run_id"]
        return self.words("runs.run_title", run=run_id, day=self.day_words, city=self.report["city"]["name"])

    def step(self, step: Mapping[str, Any]) -> tuple[str, str, str, str]:
        """Return a step's name, when it began, when it ended, and how long it took."""
        begin, end = (datetime.fromisoformat(step[name]) for name in ("started_at", "finished_at"))
        name = self.words(f"runs.step_{step['step']}")
        feed = next((one for one in self.report["feeds"] if one["slug"] == step["feed"]), None)
        if feed:
            name = self.words("runs.step_of", step=name, feed=feed["name"])
        return name, self._exactly(begin), self._exactly(end), took(self, round((end - begin).total_seconds()))

    def _exactly(self, at: datetime) -> str:
        return f"{at:%H:%M:%S}"

    @property
    def feeds(self) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any] | None]]:
        """Each feed with its newest delivery of the day, None where nothing came."""
        deliveries = {one["feed"]: one for one in self.report["run"]["deliveries"]}
        for feed in self.report["feeds"]:
            yield feed, deliveries.get(feed["slug"])

    def short(self, digest: str | None) -> str:
        """Return the beginning of a checksum, enough to compare by eye."""
        return digest[:SHORT] if digest else "–"

    @property
    def total(self) -> tuple[int, int, int]:
        """The records that came in, were loaded and were set aside, all feeds together."""
        names = ("records_in", "records_loaded", "records_set_aside")
        came, loaded, aside = (sum(feed[name] for feed in self.report["feeds"]) for name in names)
        return came, loaded, aside

    @property
    def commands(self) -> list[tuple[str, str]]:
        """What does the run again: why, and the command."""
        start = datetime.combine(self.day, datetime.min.time(), self.finished.tzinfo)
        window = f"--from {start.isoformat()} --to {(start + timedelta(days=1)).isoformat()}"
        return [
            (self.words("runs.replay"), "civiclake replay"),
            (self.words("runs.collect_again"), f"civiclake run {window}"),
            (self.words("runs.write_again"), "civiclake report"),
        ]

    @property
    def artefacts(self) -> list[tuple[str, str]]:
        """The files of this report with the checksums of their bytes."""
        files = {"report.json": report_text(self.report), "scores.csv": scores_csv(self.report)}
        return [(name, hashlib.sha256(text.encode()).hexdigest()) for name, text in files.items()]
