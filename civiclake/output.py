"""Writes rows to standard output as a table, JSON or CSV."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table

FORMATS = ("table", "json", "csv")
WIDEST = 10_000


def write_rows(names: Sequence[str], rows: Sequence[Sequence[object]], form: str) -> None:
    """Write rows under their column names in one of FORMATS, before anything that is said of them afterwards."""
    if form == "json":
        json.dump([dict(zip(names, row, strict=True)) for row in rows], sys.stdout, default=str, ensure_ascii=False)
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
