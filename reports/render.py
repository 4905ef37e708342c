"""Turns a report into its pages and its table; nothing is asked here that `report.json` does not say."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reports.pages.frame import HTML_LANGUAGES
from reports.pages.page import Page
from reports.words import say

_jinja = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(page: Page) -> str:
    """Return a page of the report."""
    return fill(page.template, page=page, report=page.report, w=page.words, t=page.told)


def render_choice(report: Mapping[str, Any]) -> str:
    """Return the page that lets a reader choose a language, without a script."""
    return fill("choice.html", report=report, languages=HTML_LANGUAGES, say=say)


def fill(template: str, **values: Any) -> str:
    """Return a template of `templates/` with its gaps filled."""
    return _jinja.get_template(template).render(**values)


def report_text(report: Mapping[str, Any]) -> str:
    """Return the report as the file that is published beside its pages."""
    return json.dumps(report, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def scores_csv(report: Mapping[str, Any]) -> str:
    """Return one row a feed and dimension with what was counted: enough to work out every score of the page again."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["department", "feed", "matters", "dimension", "passed", "checked", "as_of"])
    for feed in report["feeds"]:
        for name, counted in feed["dims"].items():
            figures = [counted[key] for key in ("passed", "checked", "as_of")] if counted else [None] * 3
            writer.writerow([feed["department"], feed["slug"], feed["matters"], name, *figures])
    return out.getvalue()
