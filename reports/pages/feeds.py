"""The feeds' pages: all of them in one table, and each with its calendar, its volume, its rules and its layouts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from markupsafe import Markup

from reports import charts, days
from reports.pages.page import Page
from reports.pages.source_changes import layout_lines

FEWEST_POINTS = 2
LOUDEST_FIRST = ("act", "care", "good", "unknown")

Entry = Mapping[str, Any]


class FeedsPage(Page):
    """All feeds, department by department."""

    template = "feeds.html"
    section = "departments"
    path = "feeds/index.html"
    tables = ("feeds",)

    @property
    def title(self) -> str:
        """The day and the city."""
        return self.words("feeds.title", day=self.day_words, city=self.report["city"]["name"])

    @property
    def sorted_feeds(self) -> list[Entry]:
        """The feeds that did not come before those that came late, then department by department."""
        return sorted(self.report["feeds"], key=lambda feed: LOUDEST_FIRST.index(self.feed_state(feed)))


class FeedPage(Page):
    """One feed: what it is, when it came, how much it brought, what was agreed, and who uses it."""

    template = "feed.html"
    section = "departments"
    tables = ("feeds", "arrivals", "rules", "layouts")

    def __init__(self, report: Mapping[str, Any], language: str, slug: str) -> None:
        super().__init__(report, language)
        self.path = f"feeds/{slug}.html"
        self.entry: Entry = self.feed(slug)

    @property
    def title(self) -> str:
        """The feed, its department, the day and the city."""
        return self.words(
            "feeds.title_one",
            feed=self.entry["name"],
            department=self.department_name(self.entry["department"]),
            day=self.day_words,
            city=self.report["city"]["name"],
        )

    @property
    def department(self) -> Entry:
        """The entry of the department that answers for it."""
        slug = self.entry["department"]
        found: Entry = next(one for one in self.report["departments"] if one["slug"] == slug)
        return found

    @property
    def summary(self) -> list[str]:
        """Its morning in three sentences at most."""
        entry = self.entry
        counts = {"n": entry["records_in"], "aside": entry["records_set_aside"]}
        if entry["arrival"] == "not_due":
            return [self.words("feeds.not_due")]
        if entry["arrived_at"] is None:
            return [self.words("feeds.has_not_arrived", time=self.due_time(entry))]
        when = self.words("feeds.came", time=self.clock(entry["arrived_at"]), due=self.due_time(entry))
        return [when, self.words("feeds.not_loaded" if entry["refused_since"] else "feeds.brought", **counts)]

    @property
    def description(self) -> list[tuple[str, Markup | str]]:
        """What is known of it for good: name and words."""
        about, contact = self.entry["about"], self.department["contact"]
        owner = Markup('{} <a href="mailto:{}">{}</a>').format(
            self.linked_department(self.department["slug"]), contact["email"], contact["name"]
        )
        weight = self.words(f"feeds.matters_{self.entry['matters']}")
        critical = self.space + self.words("feeds.critical") if self.entry["critical"] else ""
        told: dict[str, Markup | str] = {
            "what": self.told(about["one_record"]),
            "owner": owner,
            "legal_basis": about["legal_basis"],
            "sensitivity": self.words(f"feeds.sensitivity_{about['sensitivity']}"),
            "retention": self.words("feeds.kept", n=about["record_years"], days=about["delivery_days"]),
            "due": self.told(self.entry["due"]["words"]),
            "weight": weight + critical,
        }
        return [(self.words(f"feeds.{name}"), words) for name, words in told.items()]

    @property
    def weeks(self) -> Iterator[tuple[str, list[tuple[str, str, str] | None]]]:
        """The arrivals of 90 days, the newest week first: its Monday, and a cell a day, None outside of these."""
        known = {day: arrival for day, arrival, _ in self._calendar}
        monday = max(known, default=self.day)
        monday -= timedelta(days=monday.weekday())
        while known and monday + timedelta(days=6) >= min(known):
            week = [known.get(monday + timedelta(days=place)) for place in range(7)]
            yield days.brief(monday, self.language), [self.arrival(one) if one else None for one in week]
            monday -= timedelta(days=7)

    @property
    def weekdays(self) -> list[str]:
        """The heads of the calendar's seven columns."""
        return [self.words(f"weekday.{place}") for place in range(1, 8)]

    @cached_property
    def _calendar(self) -> list[tuple[date, str, int]]:
        calendar = self.entry["calendar"]
        if calendar is None:
            return []
        first = date.fromisoformat(calendar["first_day"])
        pairs = zip(calendar["arrivals"], calendar["records"], strict=True)
        return [(first + timedelta(days=place), *pair) for place, pair in enumerate(pairs)]

    @property
    def arrival_counts(self) -> str:
        """How often it came, late, or not at all, in words."""
        came = [arrival for _, arrival, _ in self._calendar]
        counts = {name: came.count(name) for name in ("on_time", "late", "missing")}
        return self.words("feeds.counts", n=sum(counts.values()), **counts)

    @property
    def volume_chart(self) -> Markup | None:
        """The records of each delivery, or nothing where too few came to draw a line."""
        if sum(records > 0 for _, _, records in self._calendar) < FEWEST_POINTS:
            return None
        points = [
            {"day": day.isoformat(), "value": records, "shown": days.brief(day, self.language)}
            for day, _, records in self._calendar
        ]
        return charts.volume_line(points, self.entry["usual_records"], self.volume_sentence)

    @property
    def volume_sentence(self) -> str:
        """What the chart shows."""
        brought = [(day, records) for day, _, records in self._calendar if records]
        first, last = (days.short(brought[place][0], self.language) for place in (0, -1))
        told = {"first": first, "last": last, "now": brought[-1][1]}
        usual = self.entry["usual_records"]
        return self.words("feeds.chart_usual", **told, **usual) if usual else self.words("feeds.chart", **told)

    @cached_property
    def rules(self) -> list[dict[str, Any]]:
        """The contract in words: a row a rule, with the fields it is about, those broken most first."""
        grouped: dict[str, dict[str, Any]] = {}
        for rule in self.entry["rules"]:
            row = grouped.setdefault(rule["rule"], {**rule, "fields": [], "failed": 0, "checked": 0})
            row["since"] = min(row["since"], rule["since"])
            row["failed"] += rule["failed"]
            row["checked"] = max(row["checked"], rule["checked"])
            row["fields"] += [rule["field"]] if rule["field"] else []
        return sorted(grouped.values(), key=lambda row: (-row["failed"], row["rule"]))

    @property
    def found_head(self) -> str:
        """The head of the column that says what the newest judged delivery broke: today's, or that of another day."""
        day = self.entry["judged_on"]
        if day is None or day == self.report["run"]["day"]:
            return self.words("feeds.failing")
        return self.words("feeds.failing_on", day=self.short_day(day))

    @property
    def layouts(self) -> list[tuple[str, list[Markup], str]]:
        """How its layout changed: when, the changes around the sender's own names, and what became of the delivery."""
        return [self._layout(change) for change in self.entry["layouts"]]

    def _layout(self, change: Entry) -> tuple[str, list[Markup], str]:
        first, last = self.short_day(change["first_day"]), self.short_day(change["last_day"])
        when = first if first == last else self.words("feeds.from_to", first=first, last=last)
        fate = self.words("feeds.layout_refused" if change["is_refused"] else "feeds.layout_loaded")
        return when, list(layout_lines(self, {**change, "touches": []})), fate

    @property
    def actions(self) -> list[Entry]:
        """The open actions about it."""
        return [action for action in self.open_actions if action["feed"] == self.entry["slug"]]

    @property
    def views(self) -> list[Entry]:
        """The city views that stand on it."""
        return [view for view in self.report["views"] if view["slug"] in self.entry["used_by"]]
