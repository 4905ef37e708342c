"""Figures are worked out by the metric registry alone: no model divides, averages or takes a quantile by itself."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import jinja2
import pytest
import yaml

from dags.dbt_build import DBT_PROJECT
from reports.metrics import read_registry
from reports.metrics.cohort import choices_of, cohort, records_of
from reports.metrics.marts import columns_of_metrics, described_columns, figures_of_models, rendered

FORBIDDEN = re.compile(
    r"//?|f?div(ide)?|avg|mean|fmean|favg|geometric_mean|geomean|median|mad|mode|(list_)?quantile\w*|percentile\w*"
    r"|approx_\w+|(list_)?(stddev|std|var|covar)(_\w+)?|variance|regr_\w+|corr|entropy|kurtosis\w*|skewness|sem"
    r"|list_(avg|mean|median|mad|mode|approx_\w+|entropy|kurtosis\w*|skewness)|list_aggr\w*|array_aggr\w*"
)
DOORS = {
    "metric": "the registry's own door",
    "minutes_between": "minutes are seconds by 60",
    "metres_between": "a distance on the globe is no figure of a mart",
    "readings_an_hour": "an hour by the minutes between two readings",
    "crosses_to_the_east": "where an edge crosses a parallel is no figure of a mart",
    "grid_step": "how far the points of a grid lie apart is none either",
    "solar_season": "astronomy",
    "half_day_minutes": "astronomy",
}
"""The macros that may divide, and why."""
SEEDS = {"standard_share": "what a seed asks for is no figure"}
"""The shares of marts that nobody works out."""

MODELS = [
    file for layer in ("intermediate", "marts") for file in sorted((DBT_PROJECT / "models" / layer).rglob("*.sql"))
]
MACROS = {
    name: body
    for file in sorted((DBT_PROJECT / "macros").glob("*.sql"))
    for name, body in re.findall(r"{% macro (\w+).*?%}(.*?){%-? endmacro", file.read_text(), re.S)
}


def arithmetic(sql: str) -> list[str]:
    """Return the operators and functions of statistics that SQL uses outside its comments and texts."""
    words = []
    for place, kind in duckdb.tokenize(sql):
        word = re.match(r"\w+|//?|.", sql[place:], re.S)
        assert word is not None
        is_operator = not word[0][0].isalnum()
        is_call = re.match(r"\s*\(", sql[place + len(word[0]) :])
        if kind.name not in ("string_const", "comment") and (is_operator or is_call):
            words.append(word[0].lower())
    return [word for word in words if FORBIDDEN.fullmatch(word)]


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("select a / b from t", ["/"]),
        ("select a//b, 7 % 2", ["//"]),
        ("select Quantile_Disc(x, 0.5), AVG (y) from t", ["quantile_disc", "avg"]),
        ("select list_avg([1]), stddev_samp(x), approx_quantile(y, 0.5), list_aggregate(z, 'avg')",
         ["list_avg", "stddev_samp", "approx_quantile", "list_aggregate"]),
        ("select x from t -- the mean is sum / count, never avg(x)", []),
        ("select 'a / b', \"median\", avg, division, list_count(x) /* avg(y) / 2 */ from t", []),
        ("select median(x) from t", ["median"]),
    ],
    ids=["division", "whole division", "case and space", "the other names", "comment", "texts and names", "median"],
)  # fmt: skip
def test_the_search_finds_arithmetic_and_nothing_else(sql: str, found: list[str]) -> None:
    assert arithmetic(sql) == found


@pytest.mark.parametrize("file", MODELS, ids=lambda file: file.stem)
def test_models_leave_arithmetic_to_the_registry(file: Path) -> None:
    """What it finds is to be defined in `dbt_project/metrics/` and used by `{{ metric("id") }}`."""
    assert arithmetic(rendered(file)) == []


@pytest.mark.parametrize("name", MACROS)
def test_no_macro_brings_arithmetic_in_by_another_door(name: str) -> None:
    body = re.sub(r"{#.*?#}", "", MACROS[name], flags=re.S)
    parts = [re.sub(r"{[{%].*?[%}]}", "x", body, flags=re.S)]
    # SQL can also be put together from texts
    parts += [text for tag in re.findall(r"{[{%].*?[%}]}", body, re.S) for text in re.findall(r'"([^"]* [^"]*)"', tag)]
    assert name in DOORS or [one for part in parts for one in arithmetic(part)] == []


def test_every_door_is_there() -> None:
    assert set(DOORS) <= set(MACROS)


def test_every_metric_is_shown_or_explained() -> None:
    registry = read_registry()
    used = {metric for columns in figures_of_models().values() for metric in columns.values()}
    assert used <= set(registry)
    # a variant that is told by rules alone is there to be explained
    assert set(registry) - used <= {one.id for one in registry.values() if one.rules}


def test_every_share_of_a_mart_comes_from_the_registry() -> None:
    shown = {column for columns in columns_of_metrics().values() for column in columns}
    shares = {
        f"{mart}.{column}"
        for mart, columns in described_columns().items()
        for column in columns
        if column.endswith("_share") and column not in SEEDS
    }
    assert shares - shown == set()


def worked_out_by_hand() -> set[str]:
    """Return the columns for which a unit test of dbt expects a value, and all words of the golden tables in Python."""
    words = set()
    for file in (DBT_PROJECT / "models").rglob("*.yml"):
        for test in yaml.safe_load(file.read_text()).get("unit_tests", []):
            rows = test["expect"]["rows"]
            told = rows if isinstance(rows, list) else [dict.fromkeys(re.findall(r"\w+", rows), True)]
            words |= {column for row in told for column, value in row.items() if value is not None}
    golden = [file for file in Path(__file__).parent.glob("test_*.py") if file != Path(__file__)]
    return words.union(*(re.findall(r"\w+", file.read_text()) for file in golden))


def test_every_metric_that_a_mart_shows_was_worked_out_by_hand() -> None:
    by_hand = worked_out_by_hand()
    columns = {metric: {one.split(".")[-1] for one in shown} for metric, shown in columns_of_metrics().items()}
    shown = {metric: names for metric, names in columns.items() if not any(name.endswith("inside") for name in names)}
    assert [metric for metric, names in shown.items() if not names & by_hand] == []


RECORDED = [metric for metric in read_registry().values() if metric.records or metric.rules]


@pytest.mark.parametrize("metric", RECORDED, ids=lambda metric: metric.id)
def test_a_mart_counts_by_the_conditions_that_are_explained(metric: object) -> None:
    """The macros and the command put the rules together each by itself: they must say the same."""
    registry = read_registry()
    [one] = [known for known in RECORDED if known is metric]
    told = cohort(records_of(one, registry), choices_of(one, registry))
    for macro, expected in {
        "counts_in": told.counted, "day_in": told.day, "succeeds_in": f"{told.counted} and ({told.success})"
    }.items():  # fmt: skip
        assert said_by_the_macro(macro, one.id) == expected


class Returned(Exception):
    """Carries what a macro returns: dbt has a way to, plain Jinja has none."""


def give_back(value: object) -> None:
    raise Returned(value)


def said_by_the_macro(macro: str, metric: str) -> str:
    """Return what a macro of metric.sql writes into a model, without dbt."""
    files = sorted((DBT_PROJECT / "metrics").glob("*.yml"))
    known = {one["id"]: one for file in files for one in yaml.safe_load(file.read_text())}

    def rules_of(id: str) -> object:
        with pytest.raises(Returned) as returned:
            template.module.record_rules(id)  # type: ignore[attr-defined]
        return returned.value.args[0]

    source = (DBT_PROJECT / "macros" / "metric.sql").read_text().replace("record_rules(id).", "rules_of(id).")
    source = source.replace("= registered_metric(", "= known.get(")
    environment = jinja2.Environment(extensions=["jinja2.ext.do"])
    environment.globals.update({"return": give_back, "known": known, "execute": True, "rules_of": rules_of})
    template = environment.from_string(source)
    return str(getattr(template.module, macro)(metric)).strip()
