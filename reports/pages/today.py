"""What the Today page shows of a report, in one language: chosen, cut to a page, and put in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from markupsafe import Markup

from reports import charts, pdf
from reports.pages.page import Page
from reports.pages.source_changes import source_change

MOST_ROWS, MOST_REASONS, MOST_EXAMPLES, MOST_LINES = 20, 6, 5, 8


class TodayPage(Page):
    """The first page: the verdict, who must act, what can be used, and what is not known."""

    template = "today.html"
    section = "today"
    path = "index.html"
    tables = ("actions", "views", "departments", "department_measures", "city_scores", "arrivals", "set_aside", "gaps")
    most_rows = MOST_ROWS

    @property
    def title(self) -> str:
        """The day and the city."""
        return self.words("page.title", day=self.day_words, city=self.report["city"]["name"])

    @property
    def headline(self) -> list[str]:
        """The verdict, a sentence a line."""
        told = self.told(self.report["verdict"]["headline"])
        mark = "。" if self.language == "zh" else ". "
        first, found, rest = told.partition(mark)
        return [first + found.strip(), rest] if rest else [told]

    @property
    def facts(self) -> list[tuple[str, str, str]]:
        """The four figures under the verdict: name, figure, remark."""
        feeds, asides = self.report["feeds"], self.total_set_aside
        due = [feed for feed in feeds if feed["arrival"] != "not_due"]
        counts = Counter("missing" if feed["arrival"] == "stopped" else feed["arrival"] for feed in due)
        received = sum(feed["records_in"] for feed in feeds)
        share = f"{100 * asides / received:.1f}%" if received else ""
        new = sum(gap["is_new"] for gap in self.report["gaps"])
        new_gaps = self.words("page.new_gaps", n=new) if new else ""
        late = self.words("page.late_and_missing", late=counts["late"], missing=counts["missing"])
        on_time = self.words("page.part_of", part=counts["on_time"], whole=len(due))
        return [
            (self.words("page.feeds_on_time"), on_time, late if due else self.words("page.none_due")),
            (self.words("page.records_received"), f"{received:,}", ""),
            (self.words("page.records_set_aside"), f"{asides:,}", share),
            (self.words("page.known_gaps"), f"{len(self.report['gaps']):,}", new_gaps),
        ]

    @property
    def total_set_aside(self) -> int:
        """The records that were set aside, all reasons together."""
        return sum(reason["count"] for reason in self.report["set_aside"])

    @property
    def since_yesterday(self) -> str:
        """How the city's score moved since yesterday."""
        delta = self.report["score"]["city"]["delta_1d"]
        if delta is None:
            return self.words("change.unknown")
        return self.words("change.since_yesterday", change=self.change(delta))

    @property
    def score_chart(self) -> Markup | None:
        """The city's score of 30 days, or nothing where no day has one."""
        city = self.report["score"]["city"]
        points = [{**point, "shown": self.axis_day(point["day"])} for point in city["series"]]
        if not points:
            return None
        marked_days = [event["day"] for event in city["events"]]
        target = self.words("page.target", n=f"{city['target']:g}")
        return charts.score_line(points, city["target"], target, marked_days, self._score_sentence(city))

    @property
    def score_events(self) -> list[str]:
        """What happened on the days that the chart marks."""
        events = self.report["score"]["city"]["events"]
        return [self.words("chart.fell", day=self.axis_day(event["day"]), what=event["text"]) for event in events]

    def _score_sentence(self, city: Mapping[str, Any]) -> str:
        series = city["series"]
        first, last = (date.fromisoformat(series[place]["day"]) for place in (0, -1))
        values = {"now": city["value"], "target": f"{city['target']:g}", "last": last}
        if len(series) == 1:
            return self.words("chart.score_one_day", **values)
        low = min(point["value"] for point in series)
        return self.words("chart.score", first=first, low=low, **values)

    @property
    def actions(self) -> list[Mapping[str, Any]]:
        """The actions that fit on the page."""
        return self.open_actions[:MOST_ROWS]

    @property
    def more_actions(self) -> int:
        """How many actions do not."""
        return max(0, len(self.open_actions) - MOST_ROWS)

    @cached_property
    def troubled(self) -> list[Mapping[str, Any]]:
        """The feeds that were late or missing in the last 14 days, the worst first."""
        found = [feed for feed in self.report["feeds"] if {"late", "missing"} & set(feed["arrivals_14d"])]
        return sorted(found, key=lambda feed: [-feed["arrivals_14d"].count(bad) for bad in ("missing", "late")])

    @property
    def strip_days(self) -> list[int]:
        """The days of the month over the arrivals."""
        as_of = self.report["run"]["figures_as_of"]
        last = date.fromisoformat(as_of[:10]) if as_of else self.day
        return [(last - timedelta(days=back)).day for back in reversed(range(14))]

    @cached_property
    def reasons(self) -> list[tuple[str, int]]:
        """The reasons of the whole city with their counts, the rest in one line, so that they sum to the total."""
        counts: Counter[str] = Counter()
        for reason in self.report["set_aside"]:
            counts[self.told(reason["reason"])] += reason["count"]
        first = counts.most_common(MOST_REASONS if len(counts) <= MOST_REASONS else MOST_REASONS - 1)
        rest = counts.total() - sum(count for _, count in first)
        others = self.words("page.other_reasons", n=len(counts) - len(first))
        return [*first, (others, rest)] if rest else first

    @property
    def bars(self) -> Markup:
        """The reasons as bars."""
        rows = [{"name": name, "count": count, "shown": f"{count:,}"} for name, count in self.reasons]
        parts = " ".join(self.words("chart.bar", reason=name, n=count) for name, count in self.reasons)
        return charts.bars(rows, self.words("chart.bars", parts=parts))

    @property
    def examples(self) -> list[Mapping[str, Any]]:
        """One example of each of the most frequent reasons; a reason of a whole delivery has none to show."""
        by_reason: dict[str, Mapping[str, Any]] = {}
        for reason in (one for one in self.report["set_aside"] if one["field"]):
            by_reason.setdefault(reason["reason_id"], reason)
        return list(by_reason.values())[:MOST_EXAMPLES]

    @property
    def changes(self) -> list[tuple[str, list[str], str]]:
        """What changed in the sources: the feed, its changes as text around the senders' own names, and a remark."""
        return [line for feed in self.report["feeds"] if (line := source_change(self, feed))][:MOST_LINES]

    @property
    def gaps(self) -> list[Mapping[str, Any]]:
        """The gaps that fit on the page."""
        return list(self.report["gaps"][:MOST_LINES])

    @property
    def more_gaps(self) -> int:
        """How many gaps do not."""
        return max(0, len(self.report["gaps"]) - MOST_LINES)

    def rest(self, key: str, n: int, path: str) -> Markup:
        """Return how many rows the page leaves out and where they are: on a page of today's site or in the data."""
        return self.linked(self.words("page.more_rows" if self.edition.is_frozen else f"page.{key}", n=n), path)

    @property
    def pdf(self) -> str | None:
        """The address of this page as a PDF, None where this system can make none."""
        return pdf.NAME if pdf.is_available() else None
