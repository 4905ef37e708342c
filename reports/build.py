"""Makes the morning report: from the published file to pages that people open."""

from __future__ import annotations

from pathlib import Path

from cities import City
from reports.compose import compose
from reports.published import read_facts
from reports.run import RunFacts
from reports.site import publish, read_published


def report(published: Path, city: City, run: RunFacts, out: Path) -> Path:
    """Write the report of a run and publish it at `out`; return its first page.

    Reads the published DuckDB file and the report published before (since when a gap is known), never the lake. It
    also works before the first build, and says so.
    Raises ReportError where an input cannot be read, and leaves the former site as it was.
    """
    facts = read_facts(published, city.zone)
    return publish(compose(city, facts, run, read_published(out)), out)
