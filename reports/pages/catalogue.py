"""The data catalogue: which tables there are, what each says, and how to ask them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from markupsafe import Markup

from reports.lineage import Layer, draw
from reports.pages.page import Page

QUESTIONS = (
    *("services", "safety", "infrastructure", "places", "money", "plans", "stewardship"),
    *("ledger", "records"),
)
FILTER = (Path(__file__).parent.parent / "templates" / "filter.js").read_text(encoding="utf-8").strip()
MOST_CHARACTERS = 160


def table_path(schema: str, name: str) -> str:
    """Return the address of a table's page: a mart by its name, another table with its schema."""
    return f"catalogue/{name}.html" if schema == "marts" else f"catalogue/{schema}.{name}.html"


class CataloguePage(Page):
    """What the pages of the catalogue share."""

    section = "catalogue"

    def table_link(self, place: str) -> Markup:
        """Return a table's name, as a link where the catalogue has a page of it."""
        schema, _, name = place.partition(".")
        code = Markup("<code>{}</code>").format(place)
        if place not in self._known:
            return code
        return Markup('<a href="{}">{}</a>').format(self.link(table_path(schema, name)), code)

    @cached_property
    def _known(self) -> set[str]:
        return {f"{table['schema']}.{table['name']}" for table in self.report["catalogue"]}

    def use_of(self, table: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return the city view that a mart is, where it is one."""
        views = self.report["views"] if table["schema"] == "marts" else []
        return next((view for view in views if view["slug"] == table["name"]), None)

    def freshness(self, table: Mapping[str, Any]) -> str:
        """Return up to which day a table has figures, or when it was built."""
        if table["latest"]:
            return self.words("catalogue.up_to", day=date.fromisoformat(table["latest"]))
        if table["built_for"]:
            return self.words("catalogue.built", moment=datetime.fromisoformat(table["built_for"]))
        return self.words("catalogue.with_build") if table["rows"] is not None else self.words("catalogue.in_lake")

    def rows(self, table: Mapping[str, Any]) -> str:
        """Return how many rows a table has; a dash where it is not published."""
        return "–" if table["rows"] is None else f"{table['rows']:,}"


class CatalogueIndexPage(CataloguePage):
    """Every table, grouped by the question that it answers."""

    template = "catalogue_index.html"
    path = "catalogue/index.html"
    script = FILTER

    @property
    def title(self) -> str:
        """The catalogue and the day."""
        return self.words("catalogue.index_title", day=self.day_words, city=self.report["city"]["name"])

    @property
    def script_hash(self) -> str:
        """What the page's policy allows: this one script and no other."""
        return base64.b64encode(hashlib.sha256(self.script.encode()).digest()).decode()

    @property
    def groups(self) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
        """Each question with its tables."""
        for question in QUESTIONS:
            tables = [table for table in self.report["catalogue"] if table["question"] == question]
            if tables:
                yield question, tables

    def address(self, table: Mapping[str, Any]) -> str:
        """Return where a table's page lies."""
        return self.link(table_path(table["schema"], table["name"]))

    def first_sentence(self, table: Mapping[str, Any]) -> str:
        """Return what a table says, in a line."""
        told = self.told(table["row"])
        end = "。？" if self.language == "zh" else ".?"
        stops = [place for mark in end if (place := told.find(mark)) > 0]
        return told[: min(stops) + 1] if stops else told[:MOST_CHARACTERS]


class TablePage(CataloguePage):
    """One table: what a row is, its columns, where it comes from, how it is tested, and how to ask it."""

    template = "catalogue_table.html"

    def __init__(self, report: Mapping[str, Any], language: str, table: Mapping[str, Any]) -> None:
        super().__init__(report, language)
        self.table = table
        self.path = table_path(table["schema"], table["name"])
        self.place = f"{table['schema']}.{table['name']}"

    @property
    def title(self) -> str:
        """The table and the day."""
        city = self.report["city"]["name"]
        return self.words("catalogue.table_title", table=self.place, day=self.day_words, city=city)

    @property
    def feeds(self) -> list[Mapping[str, Any]]:
        """The feeds that bring the records it stands on."""
        return [feed for feed in self.report["feeds"] if feed["slug"] in self.table["feeds"]]

    @property
    def senders(self) -> list[str]:
        """The departments of those feeds."""
        return list(dict.fromkeys(self.department_name(feed["department"]) for feed in self.feeds))

    def blank(self, column: Mapping[str, Any]) -> str:
        """Return the share of rows in which a column is blank."""
        return "–" if column["blank_pct"] is None else f"{column['blank_pct']:g}%"

    def personal(self, column: Mapping[str, Any]) -> str:
        """Return whether a column is personal, and what was done to it."""
        if column["classification"] in ("public", "internal"):
            return self.words("catalogue.no")
        return self.words(f"catalogue.hidden_{column['privacy'] or 'kept'}")

    @property
    def lineage(self) -> Markup:
        """The picture of what the table is made of and what uses it."""
        return draw(self._layers, self._links, self.lineage_sentence)

    @property
    def lineage_sentence(self) -> str:
        """What the picture shows."""
        made, used = len(self.table["made_of"]) or len(self.feeds), len(self.table["used_by"])
        origin = self.words("catalogue.lineage_made" if made else "catalogue.lineage_own", table=self.place, n=made)
        use = self.words("catalogue.lineage_used" if used else "catalogue.lineage_unused", n=used)
        return origin + self.space + use

    @property
    def _layers(self) -> list[Layer]:
        steps = sorted({step for one in self.table["made_of"] for step in one["through"]})
        first = [one["table"] for one in self.table["made_of"]] or [self.told(feed["name"]) for feed in self.feeds]
        layers = [
            Layer(self.words("catalogue.layer_origin"), first),
            Layer(self.words("catalogue.layer_steps"), [step.split(".")[1] for step in steps]),
            Layer(self.words("catalogue.layer_this"), [self.place], is_here=True),
            Layer(self.words("catalogue.layer_use"), self.table["used_by"]),
        ]
        return [layer for layer in layers if layer.boxes]

    @property
    def _links(self) -> set[tuple[str, str]]:
        links = {(self.place, use) for use in self.table["used_by"]}
        for one in self.table["made_of"]:
            steps = [step.split(".")[1] for step in one["through"]]
            links |= {(one["table"], step) for step in steps} | {(step, self.place) for step in steps}
            if not steps:
                links.add((one["table"], self.place))
        return links or {(self.told(feed["name"]), self.place) for feed in self.feeds}

    def steps(self, origin: Mapping[str, Any]) -> str:
        """Return the names of what lies between an origin and the table."""
        return ", ".join(step.split(".")[1] for step in origin["through"])

    @property
    def has_allowed(self) -> bool:
        """Whether any column says which values it may have."""
        return any(column["allowed"] for column in self.table["columns"])

    def test(self, test: Mapping[str, Any]) -> tuple[str, str]:
        """Return a test in words and what it is about."""
        is_named = test["rule"] in ("whole", "example")
        about = test["about"].replace("_", " ") if is_named else test["about"]
        return self.words(f"catalogue.test_{test['rule']}"), about


class ConnectPage(CataloguePage):
    """How an analyst opens the published file."""

    template = "catalogue_connect.html"
    path = "catalogue/connect.html"

    @property
    def title(self) -> str:
        """How to connect, and the day."""
        return self.words("connect.title", day=self.day_words, city=self.report["city"]["name"])
