"""Finds the line, or the lines, that name the columns of a table, and what they are called.

Blanks and line breaks around and inside a wording make no difference: a run of them is one blank. Everything else,
capital letters too, does. Names that occur twice are all numbered, so that nobody reads the wrong one by chance.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

LOOK = 50
"""Lines at the top of a table among which its header is looked for."""

INVISIBLE = str.maketrans("", "", "\ufeff\u200b\0")


def top(layout: Any) -> int:
    """Return how many lines of a table are needed to find its header."""
    return LOOK + layout.header_rows if layout.header_row == "auto" else layout.header_row + layout.header_rows - 1


def find_header(lines: list[list[str]], layout: Any, wanted: set[str]) -> tuple[list[str], int]:
    """Return the names of the columns and the number of lines above the first record.

    A header that is to be found by itself is the first of those lines that hold most of the wanted names.
    """
    if layout.header_row == 0:
        return _numbered([""] * max(map(len, lines), default=0)), 0
    if layout.header_row != "auto":
        at = layout.header_row - 1
        return _names(lines, at, layout.header_rows), at + layout.header_rows
    names = [_names(lines, at, layout.header_rows) for at in range(len(lines))]
    held = [len(wanted.intersection(one)) for one in names]
    at = held.index(max(held)) if any(held) else len(lines)
    return (names[at], at + layout.header_rows) if any(held) else ([], at)


def _names(lines: list[list[str]], at: int, rows: int) -> list[str]:
    """Return the names that some lines give together; a wording above several columns counts for all of them."""
    *above, last = [[_plain(cell) for cell in line] for line in lines[at : at + rows]] or [[]]
    width = max(map(len, [*above, last]))
    names = last + [""] * (width - len(last))
    for line in reversed(above):
        names = [f"{upper} {name}".strip() for upper, name in zip(_spread(line, names), names, strict=True)]
    return _numbered(names) if any(names) else []


def _spread(line: list[str], below: list[str]) -> list[str]:
    """Give a wording that stands above another to the blank cells at its right too: they are merged with it."""
    spread, held = [], ""
    for cell, name in zip(line + [""] * (len(below) - len(line)), below, strict=True):
        held = cell or held if name else ""
        spread.append(cell or held)
    return spread


def _plain(cell: str) -> str:
    return " ".join(cell.translate(INVISIBLE).split())


def _numbered(names: list[str]) -> list[str]:
    """Return a name of its own for each column: without a name, or with that of another, it gets its number."""
    often = Counter(names)
    taken = {name for name in names if name and often[name] == 1}
    given = []
    for at, name in enumerate(names, start=1):
        if name not in taken:
            name = f"{name} ({at})" if name else f"column {at}"
            while name in taken:
                name += f" ({at})"
            taken.add(name)
        given.append(name)
    return given
