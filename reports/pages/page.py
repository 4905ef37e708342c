"""What every page has: its language, its place in the site, and the words that several pages say alike."""

from __future__ import annotations

import math
import posixpath
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

from markupsafe import Markup

from reports import charts, days
from reports.actions import KEEPS_DATA_OUT
from reports.book import OPEN
from reports.facts import DIMENSIONS
from reports.pages.edition import LIVE, Edition
from reports.score import band
from reports.words import LANGUAGES, Names, Words, say

HTML_LANGUAGES = {"en": "en", "zh": "zh-Hans"}
SYMBOLS = {"good": "●", "ok": "●", "ready": "●", "care": "▲", "act": "■", "do_not_use": "■", "unknown": "–"}
TONES = {"good": "ok", "ready": "ok", "care": "care", "act": "act", "do_not_use": "act", "unknown": "na"}
FEED_BANDS = {"on_time": "good", "late": "care", "missing": "act", "stopped": "act", "not_due": "unknown"}
ARRIVALS = {"on_time": ("o", "●"), "late": ("l", "▲"), "missing": ("m", "■"), "not_due": ("n", "–")}
MENU = {
    "today": "index.html", "actions": "actions.html", "departments": "departments/index.html",
    "views": "views/index.html", "catalogue": "catalogue/index.html", "runs": "runs/index.html",
}  # fmt: skip
"""The main menu: each section's name in `texts/menu.yml` and its first page."""

ABOUT = {
    "catalogue": "catalogue/index.html", "method": "method.html", "privacy": "privacy.html",
    "accessibility": "accessibility.html", "glossary": "glossary.html",
}  # fmt: skip
"""What the foot of every page leads to."""

LONGEST_EXAMPLE = 40
MOST_AFFECTED = 3

DEEP = "/site/runs/run/language"
"""A place to reckon addresses from: relative ones that lead out of the working directory would be cut at its root."""


def view_path(slug: str) -> str:
    """Return where the page of a city view lies."""
    return f"views/{slug}.html"


class Page:
    """One page of a report in one language; a kind of page is a subclass with a template and a place.

    `path` is its address inside the folder of its language, `section` the entry of the main menu it belongs to,
    `tables` what of `reports.tables` it links to.
    """

    template: ClassVar[str]
    section: ClassVar[str] = ""
    tables: ClassVar[tuple[str, ...]] = ()
    path: str
    symbols, tones = SYMBOLS, TONES

    def __init__(self, report: Mapping[str, Any], language: str, edition: Edition = LIVE) -> None:
        self.report = report
        self.language = language
        self.edition = edition
        self.names = Names(report["area_names"], report.get("names", {}))
        self.other = next(other for other in LANGUAGES if other != language)
        self.html_languages = HTML_LANGUAGES
        self.menu = MENU
        self.about = ABOUT

    @property
    def office(self) -> str:
        """Who answers questions about the report."""
        return self.names.of(self.report["city"]["contact"]["name"])[self.language]

    @property
    def title(self) -> str:
        """What the page is called in a browser's tab: no other page of the site has it."""
        raise NotImplementedError

    def words(self, key: str, /, **values: Any) -> str:
        """Return a text of the page."""
        return say(key, **values)[self.language]

    def told(self, words: Words) -> str:
        """Return the page's language of a text of the report."""
        return words[self.language]

    def link(self, path: str) -> str:
        """Return the address of another page of this language, as seen from this one.

        From a page of a past run that is the page of today's site.
        """
        if self.edition.is_frozen and path != self.path:
            path = f"../{self.edition.to_site}/{self.language}/{path}"
        return self._address(path)

    def file(self, path: str) -> str:
        """Return the address of a file beside the folders of the languages, as seen from this page."""
        return self._address(f"../{path}")

    def _address(self, path: str) -> str:
        return posixpath.relpath(posixpath.join(DEEP, path), posixpath.join(DEEP, posixpath.dirname(self.path)))

    def linked(self, text: str, path: str) -> Markup:
        """Return a text that leads to a page, or the text alone where that page may be gone some day."""
        if self.edition.is_frozen:
            return Markup.escape(text)
        return Markup('<a href="{}">{}</a>').format(self.link(path), text)

    @property
    def same_page(self) -> str:
        """The address of this page in the other language."""
        return self.file(f"{self.other}/{self.path}")

    @property
    def previous_report(self) -> str:
        """The address of the report of the run before, which is kept as it was."""
        runs, run_id = self.edition.runs(), self.report["run"]["previous_run_id"]
        return self.file(f"{runs}/{run_id}/{self.language}/index.html")

    @property
    def name(self) -> str:
        """The report's name."""
        return self.words("page.name", city=self.report["city"]["name"])

    @property
    def space(self) -> str:
        """What stands between two sentences."""
        return "" if self.language == "zh" else " "

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

    def coded(self, text: str) -> Markup:
        """Return a text in which what stands between backticks looks like code."""
        parts = text.split("`")
        code = Markup("<code>{}</code>")
        return Markup("").join(code.format(part) if at % 2 else Markup.escape(part) for at, part in enumerate(parts))

    def csv(self, table: str) -> str:
        """Return the address of one of the page's tables as CSV."""
        return self.file(f"tables/{self.tables[self.tables.index(table)]}.csv")

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
