"""Compares the sender's fields with those that were agreed and seen before."""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from contracts.findings import LOOKS_PERSONAL
from contracts.mapping import Mapping
from contracts.verdict import Verdict

HEADED = {"csv", "fixed_width", "workbook"}
"""Formats that name their fields once; elsewhere a field that is blank in every record does not appear at all."""

ALIKE = 0.6


@dataclass(frozen=True)
class LayoutChange:
    """How the sender's fields changed: names only, never values.

    `renamed` are guesses for the removed ones, `reworded` the fields read under another wording of the city file than
    the usual one, for the first time.
    """

    added: list[str]
    removed: list[str]
    renamed: list[list[str]]
    retyped: list[str]
    reworded: list[list[str]]

    def told(self) -> dict[str, Any] | None:
        """Return it for the verdict; None when nothing changed."""
        parts = asdict(self)
        return parts if any(parts.values()) else None


def last_accepted(deliveries: Path, delivery_id: str) -> Verdict | None:
    """Return the verdict of a feed's last accepted delivery before one; None when there is none."""
    earlier = sorted(place for place in deliveries.iterdir() if place.name < delivery_id)
    for place in reversed(earlier):
        if not place.name.startswith(".") and (place / "checked" / "verdict.json").exists():
            verdict = Verdict.read(place / "checked")
            if verdict.is_accepted:
                return verdict
    return None


def compare(
    mapping: Mapping, headers: Iterable[frozenset[str]], known: set[str] | None, format: str, records: int,
    retyped: list[str],
) -> LayoutChange:  # fmt: skip
    """Compare the fields that came, in one header or several, with the mapped ones and the known ones.

    Each header is to name every field that is read. Where the format leaves blank fields out, only the absence of a
    field that a required one is made of says anything, and only when there are records at all.
    """
    came = frozenset[str]().union(*headers)
    removed = sorted(_lacking(mapping, headers if format in HEADED else [came], format, records))
    # where no name is one of ours the header was left out, and the first record, told as names, may be a person's
    strange = came - mapping.sender_fields if format not in HEADED or came & mapping.sender_fields else set()
    strange = {name for name in strange if not re.search(LOOKS_PERSONAL, name)}
    added = sorted(strange - known) if known is not None else []
    candidates = sorted(strange)
    pairs = [[old, near[0]] for old in removed if (near := get_close_matches(old, candidates, 1, ALIKE))]
    return LayoutChange(added, removed, pairs, retyped, _reworded(mapping, came - (known or set())))


def _lacking(mapping: Mapping, headers: Iterable[frozenset[str]], format: str, records: int) -> set[str]:
    if format not in HEADED and not records:
        return set()
    needed = [field for field in mapping.fields if format in HEADED or mapping.contract.field(field).required]
    return {name for header in headers or [frozenset()] for field in needed for name in mapping.lacking(field, header)}


def _reworded(mapping: Mapping, new: Set[str]) -> list[list[str]]:
    wordings = [held.wordings for held in mapping.fields.values()]
    return [[usual, other] for usual, *others in filter(None, wordings) for other in others if other in new]
