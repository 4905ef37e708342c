"""What the Today page shows of a report, in one language: chosen, cut to a page, and put in words."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from markupsafe import Markup

from reports import charts, days
from reports.actions import KEEPS_DATA_OUT
from reports.facts import DIMENSIONS
from reports.score import band
from reports.words import Words, say

HTML_LANGUAGES = {"en": "en", "zh": "zh-Hans"}
SYMBOLS = {"good": "●", "ok": "●", "ready": "●", "care": "▲", "act": "■", "do_not_use": "■", "unknown": "–"}
TONES = {"good": "ok", "ready": "ok", "care": "care", "act": "act", "do_not_use": "act", "unknown": "na"}
ARRIVALS = {"on_time": ("o", "●"), "late": ("l", "▲"), "missing": ("m", "■"), "not_due": ("n", "–")}
MOST_ROWS, MOST_REASONS, MOST_EXAMPLES, MOST_LINES = 20, 6, 5, 8
BIG_CHANGE_PCT = 30
LONGEST_EXAMPLE = 40
MOST_NAMES = 5


class TodayPage:
    """One report in one language."""

    def __init__(self, report: Mapping[str, Any], language: str) -> None:
        self.report = report
        self.language = language
        self.other = next(other for other in HTML_LANGUAGES if other != language)
        self.html_languages = HTML_LANGUAGES
        self.symbols, self.tones, self.most_rows = SYMBOLS, TONES, MOST_ROWS

    def words(self, key: str, /, **values: Any) -> str:
        """Return a text of the page."""
        return say(key, **values)[self.language]

    def told(self, words: Words) -> str:
        """Return the page's language of a text of the report."""
        return words[self.language]

    @property
    def day(self) -> date:
        """The day of the report."""
        return date.fromisoformat(self.report["run"]["day"])

    @property
    def day_words(self) -> str:
        """Its day in full."""
        return days.long(self.day, self.language)

    @property
    def finished(self) -> datetime:
        """When it was finished, in the city's time."""
        return datetime.fromisoformat(self.report["run"]["finished_at"])

    @property
    def finished_words(self) -> str:
        """That time in words."""
        return days.clock(self.finished.time(), self.language)

    @property
    def minutes(self) -> int:
        """How long the run took, in minutes rounded up: no run takes none."""
        return max(1, math.ceil(self.report["run"]["duration_s"] / 60))

    @property
    def name(self) -> str:
        """The report's name."""
        return self.words("page.name", city=self.report["city"]["name"])

    @property
    def headline(self) -> list[str]:
        """The verdict, a sentence a line."""
        told = self.told(self.report["verdict"]["headline"])
        mark = "。" if self.language == "zh" else ". "
        first, found, rest = told.partition(mark)
        return [first + found.strip(), rest] if rest else [told]

    @property
    def space(self) -> str:
        """What stands between two sentences."""
        return "" if self.language == "zh" else " "

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

    def status(self, band: str) -> str:
        """Return a band in words."""
        return self.words(f"status.{band}")

    def change(self, delta: float | None) -> str:
        """Return how a score moved: up, down, the same, or that there is nothing to compare with."""
        if delta is None:
            return self.words("change.unknown")
        way = "up" if delta > 0 else "down" if delta < 0 else "same"
        return self.words(f"change.{way}", by=f"{abs(delta):g}")

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
        points = [{**point, "shown": self._axis_day(point["day"])} for point in city["series"]]
        if not points:
            return None
        marked_days = [event["day"] for event in city["events"]]
        target = self.words("page.target", n=f"{city['target']:g}")
        return charts.score_line(points, city["target"], target, marked_days, self._score_sentence(city))

    @property
    def score_events(self) -> list[str]:
        """What happened on the days that the chart marks."""
        events = self.report["score"]["city"]["events"]
        return [self.words("chart.fell", day=self._axis_day(event["day"]), what=event["text"]) for event in events]

    def _score_sentence(self, city: Mapping[str, Any]) -> str:
        series = city["series"]
        first, last = (date.fromisoformat(series[place]["day"]) for place in (0, -1))
        values = {"now": city["value"], "target": f"{city['target']:g}", "last": last}
        if len(series) == 1:
            return self.words("chart.score_one_day", **values)
        low = min(point["value"] for point in series)
        return self.words("chart.score", first=first, low=low, **values)

    def _axis_day(self, iso: str) -> str:
        return days.brief(date.fromisoformat(iso), self.language)

    def deadline(self, action: Mapping[str, Any]) -> str:
        """Return by when an action is due, as people say it."""
        due = datetime.fromisoformat(action["due_at"])
        if action["overdue"]:
            return self.words("page.overdue", day=due.date())
        time = days.clock(due.time(), self.language)
        if due.date() == self.day:
            return self.words("deadline.today", time=time)
        near = due.date() - self.day < timedelta(days=7)
        day = days.weekday(due.date(), self.language) if near else days.short(due.date(), self.language)
        return self.words("deadline.other", day=day, time=time)

    def urgency(self, action: Mapping[str, Any]) -> str | None:
        """Return how loud a deadline is: act where data is out, care for the rest, None where it is after today."""
        if datetime.fromisoformat(action["due_at"]).date() > self.day and not action["overdue"]:
            return None
        return "act" if action["cause"] in KEEPS_DATA_OUT else "care"

    def age(self, action: Mapping[str, Any]) -> str:
        """Return for how long an action has been open."""
        age = action["age_days"]
        return self.words("page.open_days", n=age) if age else self.words("page.new_today")

    @property
    def actions(self) -> list[Mapping[str, Any]]:
        """The actions that fit on the page."""
        return list(self.report["actions"][:MOST_ROWS])

    @property
    def more_actions(self) -> int:
        """How many actions do not."""
        return max(0, len(self.report["actions"]) - MOST_ROWS)

    def spark(self, department: Mapping[str, Any]) -> Markup:
        """Return a department's 30 days."""
        series = department["series"][-30:]
        return charts.spark(series, department["band"], self.report["score"]["city"]["target"]) if series else Markup()

    def cells(self, department: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """Return a department's six cells: the look, the figure, and a remark for those who hear the page."""
        return [self._cell(department["dims"][name]) for name in DIMENSIONS]

    def _cell(self, dimension: Mapping[str, Any]) -> tuple[str, str, str]:
        if dimension["score"] is None:
            return "na", "–", self.words("page.not_measured")
        found = band(dimension["score"])
        return TONES[found], self.whole(dimension["score"]), "" if found == "good" else self.status(found)

    def whole(self, score: float | None) -> str:
        """Return a score without its decimals, rounded down."""
        return "–" if score is None else str(int(score))

    @property
    def dimension_names(self) -> list[str]:
        """The heads of the six columns."""
        return [self.words(f"dimension.{name}") for name in DIMENSIONS]

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

    def arrival(self, arrival: str) -> tuple[str, str, str]:
        """Return an arrival's look, its symbol and its words."""
        return (*ARRIVALS[arrival], self.words(f"arrival.{arrival}"))

    def department_name(self, slug: str) -> str:
        """Return a department's name."""
        return next(self.told(one["name"]) for one in self.report["departments"] if one["slug"] == slug)

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

    def sent(self, example: Mapping[str, Any]) -> str:
        """Return what was sent, cut to a line; what the contract hides is said to be hidden."""
        sent = example["example_masked"]["sent"]
        if example["reason_id"] == "blank" or sent == "":
            return self.words("page.blank")
        return self.words("page.hidden") if sent is None else sent[:LONGEST_EXAMPLE]

    @property
    def changes(self) -> list[tuple[str, list[tuple[str, list[str]]], str]]:
        """What changed in the sources: the feed, its changes as text around the senders' own names, and a remark."""
        return [line for feed in self.report["feeds"] if (line := self._change_of(feed))][:MOST_LINES]

    def _change_of(self, feed: Mapping[str, Any]) -> Any:
        change = feed["layout_change"]
        said: list[str] = list(self._layout(change)) if change else []
        remark = self.words("source.stopped") if change and change["is_refused"] else ""
        percent = feed["volume_vs_usual_pct"] or 0
        if abs(percent) >= BIG_CHANGE_PCT:
            said.append(self.words("source.more" if percent > 0 else "source.fewer", share=abs(percent)))
        return (self.told(feed["name"]), said, remark) if said else None

    def _layout(self, change: Mapping[str, Any]) -> Iterable[str]:
        for old, new in change["renamed"]:
            yield self._with_code("source.renamed", old=[old], new=[new])
        for kind in ("added", "removed", "retyped"):
            if change[kind]:
                yield self._with_code(f"source.{kind}", names=change[kind][:MOST_NAMES])

    def _with_code(self, key: str, **names: Sequence[str]) -> Markup:
        """Return a text around senders' own names, which are escaped and look like code."""
        text = Markup.escape(self.words(key, **{gap: f"{{{gap}}}" for gap in names}))
        code = Markup("<code>{}</code>")
        return text.format(**{gap: Markup(", ").join(map(code.format, told)) for gap, told in names.items()})

    @property
    def gaps(self) -> list[Mapping[str, Any]]:
        """The gaps that fit on the page."""
        return list(self.report["gaps"][:MOST_LINES])

    @property
    def more_gaps(self) -> int:
        """How many gaps do not."""
        return max(0, len(self.report["gaps"]) - MOST_LINES)
