"""The tables of the pages as CSV: every figure that a page shows is one link away, for all departments at once.

Files begin with a byte order mark, without which office programs spoil Chinese, and a text that such a program would
take for a formula is kept from being one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

Report = Mapping[str, Any]
Row = Mapping[str, Any]
BYTE_ORDER_MARK = "\ufeff"
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Table:
    """One table: its columns in order, and its rows out of report.json; what a row lacks stays blank."""

    columns: tuple[str, ...]
    rows: Callable[[Report], Iterable[Row]]


def table_csv(name: str, report: Report) -> str:
    """Return one of the `TABLES` as CSV."""
    table = TABLES[name]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.columns)
    for row in table.rows(report):
        flat = _flat(row)
        writer.writerow([_cell(flat.get(column)) for column in table.columns])
    return BYTE_ORDER_MARK + out.getvalue()


def _flat(row: Row) -> dict[str, Any]:
    """Return a row with what is nested in it as columns of their own: `name` in two languages is name_en, name_zh."""
    flat: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, Mapping):
            flat |= {f"{name}_{inner}": found for inner, found in _flat(value).items()}
        else:
            flat[name] = value
    return flat


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        value = "; ".join(" > ".join(one) if isinstance(one, (list, tuple)) else str(one) for one in value)
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_SIGNS) else value


def _listed(part: str) -> Callable[[Report], Iterable[Row]]:
    """Return what gives a list of the report as it is."""
    return lambda report: report[part]


def _measures(report: Report) -> Iterator[Row]:
    for department in report["departments"]:
        for name, measured in department["dims"].items():
            yield {"department": department["slug"], "measure": name, **measured}


def _department_scores(report: Report) -> Iterator[Row]:
    for department in report["departments"]:
        for point in department["series"]:
            yield {"department": department["slug"], **point}


def _arrivals(report: Report) -> Iterator[Row]:
    for feed in report["feeds"]:
        if calendar := feed["calendar"]:
            first = date.fromisoformat(calendar["first_day"])
            for place, (arrival, records) in enumerate(zip(calendar["arrivals"], calendar["records"], strict=True)):
                day = (first + timedelta(days=place)).isoformat()
                yield {"feed": feed["slug"], "day": day, "arrival": arrival, "records": records}


def _of_each_feed(part: str) -> Callable[[Report], Iterable[Row]]:
    """Return what gives the entries of each feed's list with the feed's name before them."""
    return lambda report: ({"feed": feed["slug"], **entry} for feed in report["feeds"] for entry in feed[part])


TABLES = {
    "actions": Table(
        ("id", "status", "cause", "title_en", "title_zh", "department", "feed", "owner_email", "assigned_to", "due_at",
         "opened_at", "age_days", "overdue", "what_to_do_en", "what_to_do_zh", "affects", "acknowledged_at",
         "acknowledged_by", "accepted_at", "accepted_by", "note", "closed_at"),
        _listed("actions"),
    ),
    "views": Table(
        ("slug", "name_en", "name_zh", "use", "why_en", "why_zh", "latest_en", "latest_zh", "last_good_day", "sources"),
        _listed("views"),
    ),
    "departments": Table(
        ("slug", "name_en", "name_zh", "contact_email", "score", "band", "delta_30d", "feeds_on_time", "feeds_due",
         "feeds_total", "open_actions"),
        _listed("departments"),
    ),
    "department_measures": Table(
        ("department", "measure", "score", "passed", "checked", "unit_en", "unit_zh", "as_of"), _measures
    ),
    "department_scores": Table(("department", "day", "value"), _department_scores),
    "city_scores": Table(("day", "value"), lambda report: report["score"]["city"]["series"]),
    "feeds": Table(
        ("slug", "department", "name_en", "name_zh", "due_words_en", "due_words_zh", "due_cron", "arrival",
         "arrived_at", "minutes_late", "records_in", "records_loaded", "records_set_aside", "volume_vs_usual_pct",
         "usual_records_least", "usual_records_most", "score", "matters", "critical", "contract_version", "about_kind",
         "about_legal_basis", "about_sensitivity", "about_record_years", "about_delivery_days", "used_by"),
        _listed("feeds"),
    ),
    "arrivals": Table(("feed", "day", "arrival", "records"), _arrivals),
    "rules": Table(
        ("feed", "rule", "reason_en", "reason_zh", "field", "strength", "since", "checked", "failed"),
        _of_each_feed("rules"),
    ),
    "layouts": Table(
        ("feed", "first_day", "last_day", "added", "removed", "renamed", "retyped", "is_refused"),
        _of_each_feed("layouts"),
    ),
    "set_aside": Table(
        ("feed", "feed_name_en", "feed_name_zh", "reason_id", "reason_en", "reason_zh", "field", "dimension", "count",
         "pct_of_feed", "first_seen", "example_masked_field", "example_masked_sent", "example_masked_expected_en",
         "example_masked_expected_zh"),
        _listed("set_aside"),
    ),
    "gaps": Table(("id", "kind", "text_en", "text_zh", "since", "owner", "is_new"), _listed("gaps")),
}  # fmt: skip
"""Each table by the name of its file, `tables/<name>.csv`."""
