"""Which columns of which marts show a metric, as the models' SQL has it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import jinja2
import yaml

from cities.home import PROJECT

MODELS = PROJECT / "dbt_project" / "models"
FIGURE = "metric_figure"
"""What stands for a metric's SQL in a rendered model, followed by a dot and its id."""
SHOWN = re.compile(rf"{FIGURE}\.(\w+)\s+as\s+(\w+)")


class _Written(str):
    """A call as it stays in the SQL; a template that goes through what it would return finds nothing."""

    def __iter__(self) -> Iterator[str]:
        return iter(())


class _Call(jinja2.Undefined):
    """Stands for dbt's functions and our macros: a call in the template stays a call in the SQL."""

    def __call__(self, *args: Any, **kwargs: Any) -> str:  # type: ignore[override]
        return _Written(f"{self}({', '.join(map(str, args))})")

    def __getattr__(self, name: str) -> Any:
        if name.startswith(("_", "jinja_")):
            raise AttributeError(name)
        return _Call(name=f"{self}.{name}")

    def __str__(self) -> str:
        return str(self._undefined_name)


_jinja = jinja2.Environment(extensions=["jinja2.ext.do"], undefined=_Call)
_jinja.globals.update(
    metric=lambda id, of="": f"{FIGURE}.{id}",
    ref=lambda name: name,
    source=lambda schema, table: f"{schema}.{table}",
    config=lambda **told: "",
    var=lambda name: "1",
    is_incremental=lambda: False,
)


def _listing(file: str) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield the macros of a file that lists things, as functions that return what dbt's `return` would."""
    returned: list[Any] = []
    text = (PROJECT / "dbt_project" / "macros" / file).read_text(encoding="utf-8")
    listing = _jinja.from_string(text, {"return": returned.append}).module
    for name in re.findall(r"macro (\w+)\(", text):
        macro = getattr(listing, name)

        def call(*args: Any, macro: Any = macro) -> Any:
            told = macro(*args)
            return returned.pop() if returned else told

        yield name, call


for _file in ("area_counts.sql", "kinds.sql"):
    _jinja.globals.update(_listing(_file))


def rendered(model: Path) -> str:
    """Return the SQL of a model whose macros are left as calls."""
    return _jinja.from_string(model.read_text(encoding="utf-8")).render()


def figures_of_models(folder: Path = MODELS) -> dict[str, dict[str, str]]:
    """Return for each model the metrics that it works out, by column; by `(inside)` where it gives it no name."""
    told = {file.stem: rendered(file) for file in sorted(folder.rglob("*.sql"))}
    found = {model: {column: metric for metric, column in SHOWN.findall(sql)} for model, sql in told.items()}
    for model, sql in told.items():
        unnamed = set(re.findall(rf"{FIGURE}\.(\w+)", sql)) - set(found[model].values())
        found[model].update({f"(inside {metric})": metric for metric in sorted(unnamed)})
    return found


def described_columns(folder: Path = MODELS / "marts") -> dict[str, list[str]]:
    """Return the columns of each mart, as its description lists them."""
    files = [yaml.safe_load(file.read_text(encoding="utf-8")) for file in sorted(folder.rglob("*.yml"))]
    models = [model for told in files for model in told.get("models", [])]
    return {model["name"]: [column["name"] for column in model["columns"]] for model in models}


def columns_of_metrics() -> Mapping[str, list[str]]:
    """Return the columns, like `mart.column`, that show each metric; a figure keeps its name on its way to a mart.

    Where no column of a mart shows it, the model is told that uses it.
    """
    by_model, found = figures_of_models(), defaultdict(list)
    everywhere = {column: metric for columns in by_model.values() for column, metric in columns.items()}
    for mart, columns in described_columns().items():
        for column in columns:
            if metric := by_model[mart].get(column) or everywhere.get(column):
                found[metric].append(f"{mart}.{column}")
    for model, made in by_model.items():
        for metric in set(made.values()) - set(found):
            found[metric].append(f"{model}, inside")
    return found
