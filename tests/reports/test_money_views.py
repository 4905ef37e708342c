"""The views of money tell of the fiscal year of their day, and hold only what a budget names against it."""

from __future__ import annotations

from datetime import date
from typing import Any

import duckdb
import pytest

from reports.city_views import questions, read_declared_views

Row = dict[str, Any]
TABLES = """CREATE SCHEMA ops; CREATE SCHEMA marts;
    CREATE TABLE ops.city (fiscal_year_month BIGINT);
    CREATE TABLE marts.budget_lines (budget_line_id VARCHAR, is_in_budget BOOLEAN, fiscal_year BIGINT,
        programme_name VARCHAR, budget_cents BIGINT, paid_to_date_cents BIGINT, open_commitment_cents BIGINT,
        remaining_cents BIGINT, execution_share DOUBLE, is_overspent BOOLEAN, is_overcommitted BOOLEAN);
    CREATE TABLE marts.spending_monthly (fiscal_year BIGINT, month DATE, department_code VARCHAR,
        programme_name VARCHAR, budget_cents BIGINT, paid_cents BIGINT, committed_cents BIGINT,
        paid_to_date_cents BIGINT, committed_to_date_cents BIGINT, elapsed_day_count BIGINT, year_day_count BIGINT);"""


def spent(year: int, month: str, paid: int, to_date: int, days: int = 31, **more: Any) -> Row:
    """Return a month of a programme of 1,000 cents; what moved before the year had no day of it passed."""
    return {
        "fiscal_year": year, "month": month, "department_code": "STR", "programme_name": "Upkeep",
        "budget_cents": 1000, "paid_cents": paid, "committed_cents": 0, "paid_to_date_cents": to_date,
        "committed_to_date_cents": 0, "elapsed_day_count": days, "year_day_count": 365, **more,
    }  # fmt: skip


def unlinked(year: int, month: str, paid: int, to_date: int, days: int = 31) -> Row:
    """Return what was paid in a month without a line of the budget."""
    nothing = {"department_code": "unlinked", "programme_name": None, "budget_cents": None}
    return spent(year, month, paid, to_date, days, **nothing)


def answers(mart: str, day: date, first_month: int | None, *rows: Row) -> dict[str, list[Row]]:
    """Ask a view on a day of a city whose fiscal year begins with a month."""
    with duckdb.connect() as connection:
        connection.execute(TABLES)
        connection.execute("INSERT INTO ops.city VALUES (?)", [first_month])
        for row in rows:
            columns, places = ", ".join(row), ", ".join("?" * len(row))
            connection.execute(f"INSERT INTO marts.{mart} ({columns}) VALUES ({places})", list(row.values()))
        told = {}
        for name, sql in questions(read_declared_views()[mart], day).items():
            answer = connection.execute(sql)
            names = [column[0] for column in answer.description or []]
            told[name] = [dict(zip(names, values, strict=True)) for values in answer.fetchall()]
    return told


def test_what_moves_for_another_year_is_not_of_this_one() -> None:
    """In December a contract of the next year is signed; in January a bill of the old year is paid."""
    rows = [
        spent(2026, "2026-11-01", 300, 300, 334), spent(2026, "2026-12-01", 200, 500, 354),
        spent(2027, "2026-12-01", 0, 0, 0, programme_name="Bridges", committed_cents=70, committed_to_date_cents=70),
        spent(2026, "2027-01-01", 90, 590, 365), spent(2027, "2027-01-01", 10, 10, 20),
    ]  # fmt: skip
    old, new = (answers("spending_monthly", day, 1, *rows) for day in (date(2026, 12, 20), date(2027, 1, 20)))
    [told] = old["headline"]
    assert (told["fiscal_year"], told["execution_share"], told["paid_to_date_cents"]) == (2026, 0.5, 500)
    assert told["expected_share"] == 354 / 365
    assert [(row["programme_name"], row["paid_to_date_cents"]) for row in old["table"]] == [("Upkeep", 500)]
    [told] = new["headline"]
    assert (told["fiscal_year"], told["execution_share"], told["expected_share"]) == (2027, 0.01, 20 / 365)
    assert new["paid_by_programme"] == [{"programme_name": "Upkeep", "paid_to_date_cents": 10}]
    assert [row["month"] for row in new["paid_by_month"]] == [date(2027, 1, 1)]
    names = ("programme_name", "paid_to_date_cents", "committed_to_date_cents")
    assert [tuple(row[name] for name in names) for row in new["table"]] == [("Upkeep", 10, 0), ("Bridges", 0, 70)]


def test_what_no_budget_has_is_told_beside_the_share_also_in_a_month_without_any() -> None:
    rows = [
        spent(2026, "2026-01-01", 100, 100), unlinked(2026, "2026-01-01", 4000, 4000),
        spent(2026, "2026-02-01", 150, 250, 59),
    ]  # fmt: skip
    told = answers("spending_monthly", date(2026, 2, 28), None, *rows)
    [headline] = told["headline"]
    assert (headline["execution_share"], headline["paid_to_date_cents"]) == (0.25, 250)
    assert headline["unlinked_cents"] == 4000
    assert [row["execution_share"] for row in told["paid_by_month"]] == [0.1, 0.25]
    assert [(row["programme_name"], row["execution_share"], row["paid_to_date_cents"]) for row in told["table"]] == [
        ("Upkeep", 0.25, 250), ("unlinked", None, 4000),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("first_month", "day", "year"),
    [
        (None, date(2026, 12, 31), 2026),
        (1, date(2026, 1, 1), 2026),
        (7, date(2026, 6, 30), 2026),
        (7, date(2026, 7, 1), 2027),
        (12, date(2026, 12, 1), 2027),
    ],
)
def test_a_fiscal_year_is_named_after_the_year_in_which_it_ends(first_month: int, day: date, year: int) -> None:
    lines = [
        {"budget_line_id": f"{one}", "is_in_budget": True, "fiscal_year": one, "execution_share": 0.5,
         "remaining_cents": one}
        for one in (2025, 2026, 2027)
    ]  # fmt: skip
    told = answers("budget_lines", day, first_month, *lines)
    assert [row["fiscal_year"] for row in told["headline"]] == [year]
    assert [row["budget_line_id"] for row in (*told["most_paid"], *told["table"])] == [str(year)] * 2
