"""Writes what follows from the metric registry; a test fails while one of the files is stale.

`python -m reports.metrics.generate` writes them; with `--check` it writes nothing, names the stale ones and ends with 1
if there are any.
"""

from __future__ import annotations

import json
from pathlib import Path

import click

from cities.home import PROJECT
from contracts.generate import tell_stale
from reports.metrics.marts import columns_of_metrics
from reports.metrics.model import MetricsFile
from reports.metrics.page import page
from reports.metrics.registry import read_registry

PAGE = Path("docs/metrics.md")
SCHEMA = Path("dbt_project/metrics/metrics.schema.json")


def generate(project: Path, check: bool = False) -> list[Path]:
    """Bring the generated files up to date and return those that were not; with `check`, only tell which are not."""
    texts = {SCHEMA: schema(), PAGE: page(read_registry(), columns_of_metrics())}
    stale = [path for path, text in texts.items() if _read(project / path) != text]
    for path in [] if check else stale:
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(texts[path], encoding="utf-8")
    return stale


def schema() -> str:
    """Return the JSON Schema of a file of metrics, for editors."""
    return json.dumps(MetricsFile.model_json_schema(), ensure_ascii=False, indent=1) + "\n"


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


@click.command()
@click.option("--check", is_flag=True, help="write nothing; name the stale files and end with 1 if there are any")
def main(check: bool) -> None:
    """Bring the files that follow from the metric registry up to date."""
    tell_stale(generate(PROJECT, check), check)


if __name__ == "__main__":
    main()
