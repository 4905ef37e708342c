"""Compares the sender's fields with those that were agreed and seen before."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from contracts.mapping import Mapping
from contracts.verdict import Verdict

HEADED = {"csv", "workbook"}
"""Formats that name their fields once; elsewhere a field that is blank in every record does not appear at all."""

ALIKE = 0.6


@dataclass(frozen=True)
class LayoutChange:
    """How the sender's fields changed: names only, never values."""

    added: list[str]
    removed: list[str]
    renamed: list[list[str]]
    retyped: list[str]

    def told(self) -> dict[str, Any] | None:
        """Return it for the verdict; None when nothing changed."""
        parts = asdict(self)
        return parts if any(parts.values()) else None


def known_fields(delivery: Path) -> set[str] | None:
    """Return the sender's fields known from the last accepted delivery before this one; None when there is none."""
    earlier = sorted(place for place in delivery.parent.iterdir() if place.name < delivery.name)
    for place in reversed(earlier):
        if not place.name.startswith(".") and (place / "checked" / "verdict.json").exists():
            verdict = Verdict.read(place / "checked")
            if verdict.is_accepted:
                return set(verdict.fields)
    return None


def compare(
    mapping: Mapping, came: set[str], known: set[str] | None, format: str, records: int, retyped: list[str]
) -> LayoutChange:
    """Compare the fields that came with the mapped ones and the known ones.

    Where the format leaves blank fields out, only the absence of a field that a required one is made of says
    anything, and only when there are records at all.
    """
    removed = sorted(_looked_for(mapping, format, records) - came)
    added = sorted(came - known - mapping.sender_fields) if known is not None else []
    candidates = sorted(came - mapping.sender_fields)
    pairs = [[old, near[0]] for old in removed if (near := get_close_matches(old, candidates, 1, ALIKE))]
    return LayoutChange(added, removed, pairs, retyped)


def _looked_for(mapping: Mapping, format: str, records: int) -> set[str]:
    if format in HEADED:
        return {name for field in mapping.fields for name in mapping.read_by(field)}
    if not records:
        return set()
    return {
        name for field in mapping.fields if mapping.contract.field(field).required for name in mapping.read_by(field)
    }
