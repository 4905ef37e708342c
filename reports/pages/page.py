"""What several pages say alike of scores, feeds, actions and views."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from markupsafe import Markup

from reports import charts, days
from reports.actions import KEEPS_DATA_OUT
from reports.book import OPEN
from reports.facts import DIMENSIONS
from reports.pages.frame import Frame
from reports.score import band

SYMBOLS = {"good": "●", "ok": "●", "ready": "●", "care": "▲", "act": "■", "do_not_use": "■", "unknown": "–"}
TONES = {"good": "ok", "ready": "ok", "care": "care", "act": "act", "do_not_use": "act", "unknown": "na"}
FEED_BANDS = {"on_time": "good", "late": "care", "missing": "act", "stopped": "act", "not_due": "unknown"}
ARRIVALS = {"on_time": ("o", "●"), "late": ("l", "▲"), "missing": ("m", "■"), "not_due": ("n", "–")}
LONGEST_EXAMPLE = 40
MOST_AFFECTED = 3


def view_path(slug: str) -> str:
    """Return where the page of a city view lies."""
    return f"views/{slug}.html"


class Page(Frame):
    """A page that tells of the report; a kind of page is a subclass with a template and a place."""

    symbols, tones = SYMBOLS, TONES

    def status(self, band: str) -> str:
        """Return a band in words."""
        return self.words(f"status.{band}")

    def change(self, delta: float | None) -> str:
        """Return how a score moved: up, down, the same, or that there is nothing to compare with."""
        if delta is None:
            return self.words("change.unknown")
        way = "up" if delta > 0 else "down" if delta < 0 else "same"
        return self.words(f"change.{way}", by=f"{abs(delta):g}")

    def axis_day(self, iso: str) -> str:
        """Return a day as the axis of a chart has it."""
        return days.brief(date.fromisoformat(iso), self.language)

    def deadline(self, action: Mapping[str, Any]) -> str:
        """Return by when an action is due, as people say it."""
        due = datetime.fromisoformat(action["due_at"])
        if action["overdue"]:
            return self.words("page.overdue", day=due.date())
        at = days.clock(due.time(), self.language)
        if due.date() == self.day:
            return self.words("deadline.today", time=at)
        near = due.date() - self.day < timedelta(days=7)
        day = days.weekday(due.date(), self.language) if near else days.short(due.date(), self.language)
        return self.words("deadline.other", day=day, time=at)

    def urgency(self, action: Mapping[str, Any]) -> str | None:
        """Return how loud a deadline is: act where data is out, care for the rest, None where it is after today."""
        if datetime.fromisoformat(action["due_at"]).date() > self.day and not action["overdue"]:
            return None
        return "act" if action["cause"] in KEEPS_DATA_OUT else "care"

    def age(self, action: Mapping[str, Any]) -> str:
        """Return for how long an action has been open."""
        age = action["age_days"]
        return self.words("page.open_days", n=age) if age else self.words("page.new_today")

    def spark(self, department: Mapping[str, Any]) -> Markup:
        """Return a department's 30 days."""
        series = department["series"][-30:]
        return charts.spark(series, department["band"], self.report["score"]["city"]["target"]) if series else Markup()

    def cells(self, measured: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """Return six cells of scores: the look, the figure, and a remark for those who hear the page."""
        return [self._cell(measured["dims"][name]) for name in DIMENSIONS]

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

    def arrival(self, arrival: str) -> tuple[str, str, str]:
        """Return an arrival's look, its symbol and its words."""
        return (*ARRIVALS[arrival], self.words(f"arrival.{arrival}"))

    def department_name(self, slug: str) -> str:
        """Return a department's name."""
        return next(self.told(one["name"]) for one in self.report["departments"] if one["slug"] == slug)

    def sent(self, example: Mapping[str, Any]) -> str:
        """Return what was sent, cut to a line; what the contract hides is said to be hidden."""
        sent = example["example_masked"]["sent"]
        if example["reason_id"] == "blank" or sent == "":
            return self.words("page.blank")
        return self.words("page.hidden") if sent is None else sent[:LONGEST_EXAMPLE]

    @property
    def open_actions(self) -> list[Mapping[str, Any]]:
        """The actions that wait for somebody, the gravest first."""
        return [action for action in self.report["actions"] if action["status"] in OPEN]

    def feed(self, slug: str) -> Mapping[str, Any]:
        """Return the entry of a feed."""
        found: Mapping[str, Any] = next(one for one in self.report["feeds"] if one["slug"] == slug)
        return found

    def linked_feed(self, slug: str) -> Markup:
        """Return a feed's name, which leads to its page."""
        return self.linked(self.told(self.feed(slug)["name"]), f"feeds/{slug}.html")

    def linked_department(self, slug: str) -> Markup:
        """Return a department's name, which leads to its page."""
        return self.linked(self.department_name(slug), f"departments/{slug}.html")

    def linked_view(self, slug: str) -> Markup:
        """Return a city view's name, which leads to its page where it has one."""
        view = self._view(slug)
        name = self.told(view["name"])
        return self.linked(name, view_path(slug)) if view["page"] else Markup.escape(name)

    def affected(self, action: Mapping[str, Any]) -> list[Markup]:
        """Return the views that an action concerns, those with pages first, the rest as a number."""
        slugs = sorted(action["affects"], key=lambda slug: not self._view(slug)["page"])
        shown = [self.linked_view(slug) for slug in slugs[:MOST_AFFECTED]]
        rest = len(slugs) - len(shown)
        return [*shown, Markup.escape(self.words("listed.more", n=rest))] if rest else shown

    def _view(self, slug: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = next(one for one in self.report["views"] if one["slug"] == slug)
        return found

    def linked_action(self, action: Mapping[str, Any]) -> Markup:
        """Return what happened, which leads to the feed it is about."""
        text, feed = self.told(action["title"]), action["feed"]
        return self.linked(text, f"feeds/{feed}.html") if feed else Markup.escape(text)

    def short_day(self, iso: str) -> str:
        """Return the day of a date or an instant as "23 November"."""
        return days.short(date.fromisoformat(iso[:10]), self.language)

    def clock(self, iso: str) -> str:
        """Return the time of an instant."""
        return days.clock(datetime.fromisoformat(iso).time(), self.language)

    def due_time(self, feed: Mapping[str, Any]) -> str:
        """Return the time of day by which a feed is due."""
        return days.clock(time.fromisoformat(feed["due"]["time"]), self.language)

    def feed_state(self, feed: Mapping[str, Any]) -> str:
        """Return how loud a feed's arrival is, as a band; what came and was not loaded is as good as missing."""
        return "act" if feed["refused_since"] else FEED_BANDS[feed["arrival"]]

    def arrival_words(self, feed: Mapping[str, Any]) -> str:
        """Return how a feed came today, and that it was not loaded where it was not."""
        how = self.words(f"arrival.{feed['arrival']}")
        return self.words("feeds.arrived_refused", how=how) if feed["arrived_at"] and feed["refused_since"] else how

    def arrived(self, feed: Mapping[str, Any]) -> str:
        """Return how and when a feed came today."""
        how = self.arrival_words(feed)
        if feed["arrived_at"] is None or feed["refused_since"]:
            return how
        return self.words("feeds.arrived_at", how=how, time=self.clock(feed["arrived_at"]))

    def against_usual(self, feed: Mapping[str, Any]) -> str:
        """Return how many records came against what is usual; nothing where that is not known."""
        percent = feed["volume_vs_usual_pct"]
        if percent is None:
            return ""
        way = "more_than_usual" if percent > 0 else "fewer_than_usual" if percent < 0 else "usual"
        return self.words(f"feeds.{way}", share=abs(percent))
