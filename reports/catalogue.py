"""The catalogue of report.json: what each table says, who answers for it, what it is made of, and how to ask it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from cities import City
from reports.facts import CatalogueColumn, CatalogueTable, Facts
from reports.sample_sql import sample_sql
from reports.words import Words, both, say

SHOWN = ("marts", "ops", "records")
"""The schemas that have pages; what lies between them is only named."""
CLASSES = ("public", "internal", "personal", "sensitive", "secret")
STAGING = "staging.stg_"


def catalogue_entries(city: City, facts: Facts) -> list[dict[str, Any]]:
    """Return the `catalogue` of report.json: every published table, and every kind of record behind them."""
    graph = Graph(facts.catalogue)
    return [_entry(table, graph, city, facts) for table in facts.catalogue if table.schema in SHOWN]


class Graph:
    """What is made of what; a kind's staging view counts as the kind itself."""

    def __init__(self, tables: Sequence[CatalogueTable]) -> None:
        self._reads = {table.place: [_unstaged(one) for one in table.reads] for table in tables}
        self.above = cache(self._above)

    def reads(self, place: str) -> list[str]:
        """Return what a table reads directly."""
        return self._reads.get(place, [])

    def _above(self, place: str) -> frozenset[str]:
        direct = [one for one in self.reads(place) if one != place]
        return frozenset(direct).union(*(self.above(one) for one in direct))

    def origins(self, place: str) -> dict[str, list[str]]:
        """Return the ends that a table is made from, each with the tables through which it reaches it directly.

        An end is a kind of record, a table of `ops`, a list that the city keeps, or another mart.
        """
        found: dict[str, list[str]] = {}
        for direct in self.reads(place):
            if self._is_end(direct):
                found.setdefault(direct, [])
            else:
                for end in self._ends(direct):
                    found.setdefault(end, []).append(direct)
        return {end: sorted(set(through)) for end, through in sorted(found.items(), key=lambda one: _rank(one[0]))}

    def _ends(self, place: str) -> Iterator[str]:
        yield from (one for one in self.above(place) if self._is_end(one) and not one.startswith("marts."))

    def _is_end(self, place: str) -> bool:
        return place.split(".")[0] in SHOWN or not self.reads(place)

    def used_by(self, place: str) -> list[str]:
        """Return the marts that stand on a table."""
        marts = (one for one in self._reads if one.startswith("marts.") and one != place)
        return sorted(one for one in marts if place in self.above(one))


def _rank(place: str) -> tuple[int, str]:
    schema = place.split(".")[0]
    return (("records", "marts", "ops").index(schema) if schema in SHOWN else 3), place


def _unstaged(place: str) -> str:
    return place.replace(STAGING, "records.") if place.startswith(STAGING) else place


def _entry(table: CatalogueTable, graph: Graph, city: City, facts: Facts) -> dict[str, Any]:
    origins = graph.origins(table.place)
    kinds = [table.name] if table.schema == "records" else [one.split(".")[1] for one in origins if _is_kind(one)]
    published = facts.tables.get(table.name) if table.schema == "marts" else None
    return {
        "schema": table.schema,
        "name": table.name,
        "question": table.question or table.schema,
        "title": _words(table.title, table.name.replace("_", " ").capitalize()),
        "row": _words(table.meaning, "–"),
        "key": list(table.key),
        "rows": table.rows,
        "built_for": published.built_for.isoformat() if published else None,
        "latest": published.latest.isoformat() if published and published.latest else None,
        "sensitivity": max((one.classification for one in table.columns), key=CLASSES.index, default="internal"),
        "feeds": [feed for feed, terms in city.feeds.items() if terms.contract in kinds],
        "made_of": [{"table": end, "through": through} for end, through in origins.items()],
        "used_by": graph.used_by(table.place),
        "tests": [{"rule": rule, "about": about} for rule, about in table.tests],
        "columns": [_column(one, table.rows) for one in table.columns],
        "samples": sample_sql(table),
    }


def _is_kind(place: str) -> bool:
    return place.startswith("records.")


def _column(column: CatalogueColumn, rows: int | None) -> dict[str, Any]:
    return {
        "name": column.name,
        "type": column.type,
        "meaning": _words(column.meaning, column.name.replace("_", " ")),
        "allowed": list(column.allowed),
        "blank_pct": round(100 * column.blank / rows, 1) if rows and column.blank is not None else None,
        "classification": column.classification,
        "privacy": column.privacy,
    }


def _words(told: Mapping[str, str], otherwise: str) -> Words:
    """Return a text in every language; where one is missing, the other stands in."""
    return {**both(next(iter(told.values()), otherwise)), **told}


def privacy_entries(facts: Facts) -> list[dict[str, Any]]:
    """Return the `privacy` of report.json: every field that is not public, and what is done to it."""
    return [
        {
            "kind": table.name,
            "kind_name": _words(table.title, table.name),
            "field": column.name,
            "meaning": _words(column.meaning, column.name),
            "classification": column.classification,
            "privacy": column.privacy,
            "becomes": say(f"privacy.{column.privacy or 'as_it_came'}"),
        }
        for table in facts.catalogue
        if table.schema == "records"
        for column in table.columns
        if column.classification in CLASSES[2:]
    ]
