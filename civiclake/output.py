"""Writes rows to standard output as a table, JSON or CSV."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence
from itertools import count
from math import isfinite

from rich import box
from rich.console import Console
from rich.table import Table

FORMATS = ("table", "json", "csv")
WIDEST = 10_000


def write_rows(names: Sequence[str], rows: Sequence[Sequence[object]], form: str) -> None:
    """Write rows under their column names in one of FORMATS, before anything that is said of them afterwards."""
    if form == "json":
        keys = _told_apart(names)
        told = [{key: _in_json(value) for key, value in zip(keys, row, strict=True)} for row in rows]
        json.dump(told, sys.stdout, default=str, ensure_ascii=False, allow_nan=False)
        sys.stdout.write("\n")
    elif form == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)
    else:
        table = Table(*names, box=box.SIMPLE_HEAD)
        for row in rows:
            table.add_row(*("" if value is None else str(value) for value in row))
        # a pipe has no width: nothing is cut or folded there
        Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else WIDEST).print(table)
    # in a pipe, what goes to standard error would overtake them
    sys.stdout.flush()


def _told_apart(names: Sequence[str]) -> list[str]:
    """Return the names, where one comes again numbered as DuckDB does it: a, a_1, a_2."""
    taken, keys = set(names), []
    for position, name in enumerate(names):
        if name in names[:position]:
            name = next(free for number in count(1) if (free := f"{name}_{number}") not in taken)
            taken.add(name)
        keys.append(name)
    return keys


def _in_json(value: object) -> object:
    """Return a value as JSON can tell it, which knows neither NaN nor infinity, and only texts as keys."""
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, dict):
        return {key if isinstance(key, (str, int)) else str(key): _in_json(held) for key, held in value.items()}
    if isinstance(value, (list, tuple)):
        return [_in_json(held) for held in value]
    return value
