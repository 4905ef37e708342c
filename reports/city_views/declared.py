"""What the declaration of a city view may say, as typed models; every key is described here once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any, Literal

from pydantic import Field as option
from pydantic import model_validator

from cities.yaml_files import read_yaml
from reports.metrics import read_registry
from reports.metrics.model import NAME, Strict, Words

VIEWS = Path(__file__).parent
MOST_ROWS, MOST_POINTS = 30, 400
Unit = Literal["text", "area", "count", "number", "share", "change", "money", "day", "month"]
"""How a value is written: `share` and `change` are 0-1, `money` is cents, `area` an area's code, `day` a date."""


class ViewError(ValueError):
    """A declaration cannot be used; the message names file, line, what is wrong and what is allowed."""


class Column(Strict):
    """One column of a query, as people read it."""

    id: str = option(pattern=NAME, description="its name in the query")
    title: Words
    unit: Unit
    values: dict[str, Words] = option({}, description="words in place of codes")
    blank: Literal["few", "unknown"] = option("unknown", description="why a cell may be blank")


class Query(Strict):
    """SQL over the published marts. `{day}` is the day of the view's figures, `{metric_id}` a metric's own SQL.

    `{fiscal_year}` is the city's fiscal year of that day.
    `{metric_id:column}` is one whose formula names a column, and `{metric_id:records}` the records that it counts.
    """

    sql: str


class Headline(Query):
    """The figures that stand first: a query of one row."""

    sentence: Words = option(
        description="what they say together, as the first page prints it; `{figure:request is|requests are}` puts a"
        " word after a figure, the first for one and the second for any other"
    )
    figures: list[Column] = option(min_length=1, max_length=6)


class Chart(Query):
    """A line of equal steps, or sorted bars: the columns `x` and `y` of a query, and `target` where there is one."""

    id: str = option(pattern=NAME)
    kind: Literal["line", "bars"]
    title: Words
    x: Column
    y: Column
    target: Words | None = option(None, description="what the line is held against, before its figure")


class Table(Query):
    """The figures behind the charts."""

    title: Words
    columns: list[Column] = option(min_length=2)


class DeclaredView(Strict):
    """A city view: what it answers, the metrics that define its figures, and where each figure comes from."""

    question: Words
    note: Words | None = option(None, description="what a reader must know not to be misled")
    metrics: list[str] = option(description="metrics of the registry that it shows; none where all are counts")
    headline: Headline
    charts: list[Chart] = option(min_length=1, max_length=3)
    table: Table

    @model_validator(mode="after")
    def _known(self) -> DeclaredView:
        if unknown := [name for name in self.metrics if name not in read_registry()]:
            raise ValueError(f"no metric {unknown[0]!r} in dbt_project/metrics")
        shown = {figure.id for figure in self.headline.figures}
        for text in (self.headline.sentence.en, self.headline.sentence.zh):
            told = named_figures(text)
            if strange := set(told) - shown:
                raise ValueError(f"the sentence names {min(strange)!r}, which is no figure of the headline")
            if bare := [words for words in told.values() if words and words.count("|") != 1]:
                raise ValueError(f"the sentence has {bare[0]!r}, which is no word for one and for more, `one|more`")
        return self


def named_figures(sentence: str) -> dict[str, str]:
    """Return the figures that a sentence names, each with the words after it for one and for more, or blank."""
    return {name: words or "" for _, name, words, _ in Formatter().parse(sentence) if name is not None}


@cache
def read_declared_views(folder: Path = VIEWS) -> Mapping[str, DeclaredView]:
    """Return the declared views by mart, in the order of their files. Raises ViewError."""
    files = sorted(folder.glob("*.yml"))
    return {file.stem: read_yaml(file, DeclaredView, ViewError, _keys_at) for file in files}


def _keys_at(loc: tuple[Any, ...]) -> list[str]:
    models: dict[Any, type[Strict]] = {"headline": Headline, "charts": Chart, "table": Table}
    return list(models.get(loc[0], DeclaredView).model_fields) if len(loc) > 1 else list(DeclaredView.model_fields)
