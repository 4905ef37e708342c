"""Writes one figure as people of a language read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from reports import days
from reports.words import Names, say


def cell(value: Any, column: Mapping[str, Any], language: str, names: Names) -> str:
    """Return a value of report.json in words; `names` are those of areas and of what records name.

    Where there is none it says that too few records stand behind it, or puts a dash.
    """
    if value is None:
        return say(f"city_view.{column['blank']}")[language]
    if column["values"].get(str(value)):
        return str(column["values"][str(value)][language])
    if column["unit"] == "area":
        return say("city_view.unplaced")[language] if value == "unplaced" else names.of_area(value)[language]
    if column["unit"] == "text":
        return names.of(str(value))[language]
    return _WRITTEN[column["unit"]](value, language)


def _month(value: Any, language: str) -> str:
    day = date.fromisoformat(value)
    return f"{day.year}年{day.month}月" if language == "zh" else f"{days.MONTHS_EN[day.month - 1]} {day.year}"


def _change(value: Any, language: str) -> str:
    way = "up" if value > 0 else "down" if value < 0 else "same"
    return say(f"change.{way}", by=f"{abs(value):.0%}")[language]


_WRITTEN: Mapping[str, Callable[[Any, str], str]] = {
    "count": lambda value, language: f"{value:,.0f}",
    "number": lambda value, language: f"{value:,.1f}",
    "share": lambda value, language: f"{value:.1%}",
    "change": _change,
    "money": lambda value, language: f"{value / 100:,.0f}",
    "day": lambda value, language: days.short(date.fromisoformat(value), language),
    "month": _month,
}
