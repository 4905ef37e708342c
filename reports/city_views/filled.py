"""Puts what a view's queries answered into `report.json`: figures, charts, table, and how each was worked out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from reports.city_views.cells import cell
from reports.city_views.declared import MOST_POINTS, MOST_ROWS, Chart, Column, DeclaredView, named_figures
from reports.facts import Answer
from reports.metrics import formula_of, read_registry
from reports.words import LANGUAGES, TEXTS, Names, Words


def view_page(view: DeclaredView, answers: Mapping[str, Answer]) -> dict[str, Any]:
    """Return the `page` of a view's entry in report.json."""
    figures, table = view.headline.figures, answers["table"]
    values = _values(answers["headline"], figures) or [[None] * len(figures)]
    return {
        "question": view.question.model_dump(),
        "note": view.note.model_dump() if view.note else None,
        "headline": {"columns": _columns(figures), "values": values[0], "sql": answers["headline"].sql},
        "charts": [_chart(chart, answers[chart.id]) for chart in view.charts],
        "table": {
            "title": view.table.title.model_dump(),
            "columns": _columns(view.table.columns),
            "rows": _values(table, view.table.columns)[:MOST_ROWS],
            "row_count": len(table.rows),
            "sql": table.sql,
        },
        "definitions": [_definition(name) for name in view.metrics],
    }


def headline_words(view: DeclaredView, page: Mapping[str, Any], names: Names) -> Words | None:
    """Return the headline of a filled view as a sentence; None where one of its figures is not known."""
    found = {column["id"]: (column, value) for column, value in _pairs(page["headline"])}
    told = view.headline.sentence.model_dump()
    if any(found[name][1] is None for name in named_figures(told["en"])):
        return None
    return {
        language: told[language].format_map(
            {figure: _Told(cell(value, column, language, names)) for figure, (column, value) in found.items()}
        )
        for language in LANGUAGES
    }


class _Told(str):
    """A figure in a sentence, with the word for one or for more after it where the sentence gives both."""

    def __format__(self, words: str) -> str:
        one, _, more = words.partition("|")
        return f"{self} {one if self == '1' else more}" if words else str(self)


def _pairs(headline: Mapping[str, Any]) -> Sequence[tuple[Mapping[str, Any], Any]]:
    return list(zip(headline["columns"], headline["values"], strict=True))


def _chart(chart: Chart, answer: Answer) -> dict[str, Any]:
    targets = [row["target"] for row in answer.rows if row.get("target") is not None] if chart.target else []
    target = {"title": chart.target.model_dump(), "value": _plain(targets[-1])} if chart.target and targets else None
    return {
        "id": chart.id,
        "kind": chart.kind,
        "title": chart.title.model_dump(),
        **dict(zip(("x", "y"), _columns([chart.x, chart.y]), strict=True)),
        "target": target,
        "rows": _values(answer, [chart.x, chart.y])[:MOST_POINTS],
        "sql": answer.sql,
    }


def _values(answer: Answer, columns: Sequence[Column]) -> list[list[Any]]:
    return [[_plain(row[column.id]) for column in columns] for row in answer.rows]


def _columns(columns: Sequence[Column]) -> list[dict[str, Any]]:
    return [column.model_dump() for column in columns]


def _definition(name: str) -> dict[str, Any]:
    """Return what the registry says of a metric."""
    registry = read_registry()
    metric = registry[name]
    return {
        "id": name,
        "sentence": metric.sentence.model_dump(),
        "formula": formula_of(metric, registry).replace("{}", "count"),
        "unit": TEXTS["unit"][metric.unit],
        "minimum_n": metric.minimum_n,
    }


def _plain(value: Any) -> Any:
    """Return a value as JSON has it; a date is its ISO form, and a yes or no is a word that a declaration can name."""
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, bool) else value
