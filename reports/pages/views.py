"""The city views: an index of the questions they answer, and a page for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from markupsafe import Markup

from reports import charts, days
from reports.city_views.cells import cell
from reports.city_views.csv import csv_path
from reports.pages.edition import LIVE, Edition
from reports.pages.page import Page, view_path

FIGURES = ("count", "number", "share", "change", "money")


class ViewsPage(Page):
    """All views: those with a page of their own first, each with its question and this morning's answer."""

    template = "views.html"
    section = "views"
    path = "views/index.html"

    @property
    def title(self) -> str:
        """The views and the day."""
        return self.words("city_view.index_title", day=self.day_words, city=self.report["city"]["name"])

    @property
    def counts(self) -> str:
        """How many can be used this morning."""
        uses = Counter(view["use"] for view in self.report["views"])
        counts = {"ready": uses["ready"], "care": uses["care"], "not_ready": uses["do_not_use"]}
        return self.words("city_view.index_counts", **counts)

    @property
    def with_page(self) -> list[Mapping[str, Any]]:
        """The views that are told on a page."""
        return [view for view in self.report["views"] if view["page"]]

    @property
    def without_page(self) -> list[Mapping[str, Any]]:
        """The views that are not."""
        return [view for view in self.report["views"] if not view["page"]]

    def address(self, view: Mapping[str, Any]) -> str:
        """Return where a view's page lies."""
        return view_path(view["slug"])


class ViewPage(Page):
    """One view: can it be used, its figures, charts, table, sources, definitions, and the SQL of all of them."""

    template = "view.html"
    section = "views"

    def __init__(self, report: Mapping[str, Any], language: str, slug: str, edition: Edition = LIVE) -> None:
        super().__init__(report, language, edition)
        self.path = view_path(slug)
        self.view = next(view for view in report["views"] if view["slug"] == slug)
        self.shown = self.view["page"]
        self.table_file = csv_path(slug)

    @property
    def title(self) -> str:
        """The view and the day."""
        name = self.view["name"]
        return self.words("city_view.title", view=name, day=self.day_words, city=self.report["city"]["name"])

    def cell(self, value: Any, column: Mapping[str, Any]) -> str:
        """Return a figure in words."""
        return cell(value, column, self.language, self.names)

    def is_figure(self, column: Mapping[str, Any]) -> bool:
        """Whether a column stands to the right."""
        return column["unit"] in FIGURES

    @property
    def figures(self) -> list[tuple[str, str]]:
        """The figures at the top: name and figure."""
        headline = self.shown["headline"]
        pairs = zip(headline["columns"], headline["values"], strict=True)
        return [(column["title"][self.language], self.cell(value, column)) for column, value in pairs]

    @property
    def sources(self) -> list[Mapping[str, Any]]:
        """The feeds that the view stands on, those that trouble it first."""
        found = [feed for feed in self.report["feeds"] if feed["slug"] in self.view["sources"]]
        return sorted(found, key=lambda feed: feed["arrival"] in ("on_time", "not_due"))

    @property
    def queries(self) -> list[tuple[str, str]]:
        """Every query of the page: what it gives, and its SQL."""
        charted = [(chart["title"][self.language], chart["sql"]) for chart in self.shown["charts"]]
        table = self.shown["table"]
        first = (self.words("city_view.sql_headline"), self.shown["headline"]["sql"])
        return [first, *charted, (table["title"][self.language], table["sql"])]

    def chart(self, chart: Mapping[str, Any]) -> Markup | None:
        """Return the drawing of a chart, or None where it has no point."""
        rows = [row for row in chart["rows"] if row[1] is not None]
        if not rows:
            return None
        return self._line(chart, rows) if chart["kind"] == "line" else self._bars(chart, rows)

    def _line(self, chart: Mapping[str, Any], rows: Sequence[Sequence[Any]]) -> Markup:
        points = [{"value": value, "shown": self._tick(day, chart["x"])} for day, value in rows]
        target = chart["target"]
        words = f"{target['title'][self.language]} {self.cell(target['value'], chart['y'])}" if target else ""
        is_share = chart["y"]["unit"] == "share"
        return charts.line(points, self._label(chart), is_share, (target["value"], words) if target else None)

    def _bars(self, chart: Mapping[str, Any], rows: Sequence[Sequence[Any]]) -> Markup:
        bars = [
            {"name": self.cell(name, chart["x"]), "count": value, "shown": self.cell(value, chart["y"])}
            for name, value in rows
        ]
        return charts.bars(bars, self._label(chart))

    def _tick(self, day: str, column: Mapping[str, Any]) -> str:
        at = date.fromisoformat(day)
        if column["unit"] == "month":
            return f"{at.month}月" if self.language == "zh" else days.MONTHS_EN[at.month - 1][:3]
        return days.brief(at, self.language)

    def reading(self, chart: Mapping[str, Any]) -> str:
        """Return what a chart shows, in a sentence or two: its ends, and what it is held against."""
        rows = [row for row in chart["rows"] if row[1] is not None]
        if not rows:
            return self.words("city_view.no_rows")
        return self._bars_reading(chart, rows) if chart["kind"] == "bars" else self._line_reading(chart, rows)

    def _bars_reading(self, chart: Mapping[str, Any], rows: Sequence[Sequence[Any]]) -> str:
        (name, last), (value, least) = self._ends(chart, rows)
        key = "bars_one" if len(rows) == 1 else "bars_same" if value == least else "bars"
        return self.words(f"city_view.{key}", name=name, value=value, last=last, least=least)

    def _line_reading(self, chart: Mapping[str, Any], rows: Sequence[Sequence[Any]]) -> str:
        (first_at, last_at), (first, last) = self._ends(chart, rows)
        figures = [row[1] for row in rows]
        low, high = self.cell(min(figures), chart["y"]), self.cell(max(figures), chart["y"])
        ends = {"first_at": first_at, "last_at": last_at, "first": first, "last": last}
        said = self.words("city_view.line" if len(rows) > 1 else "city_view.line_one", low=low, high=high, **ends)
        if not chart["target"]:
            return said
        target = chart["target"]
        held = self.words("city_view.line_target", target=target["title"], value=self.cell(target["value"], chart["y"]))
        return f"{said}{self.space}{held}"

    def _ends(self, chart: Mapping[str, Any], rows: Sequence[Sequence[Any]]) -> tuple[tuple[str, str], tuple[str, str]]:
        """Return the first and last of what a chart shows, and of their figures."""
        (first, first_figure), (last, last_figure) = rows[0], rows[-1]
        names = self.cell(first, chart["x"]), self.cell(last, chart["x"])
        return names, (self.cell(first_figure, chart["y"]), self.cell(last_figure, chart["y"]))

    def _label(self, chart: Mapping[str, Any]) -> str:
        return self.words("city_view.titled", title=chart["title"], reading=self.reading(chart))
