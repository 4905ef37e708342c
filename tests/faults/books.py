"""What must hold after every fault: nothing half is visible, the books balance, and what is left over is known."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from contracts import Verdict
from extractors import Delivery

Ask = Callable[[str], list[tuple[Any, ...]]]

KINDS = ("service_request", "lamp_post", "inspection")


def assert_sound(ask: Ask, home: Path) -> None:
    """Nothing half is visible, in the folder of deliveries or in the lake."""
    for place in visible(home / "deliveries"):
        assert_delivery_whole(place)
    assert_books_balance(ask)


def assert_delivery_whole(place: Path) -> None:
    """A delivery that can be seen has its receipt and the pages of which that tells; so has its check."""
    delivery = Delivery.read(place)
    told = [page.sha256 for page in delivery.receipt.pages]
    assert [hashlib.sha256(page.read_bytes()).hexdigest() for page in delivery.pages] == told
    if (checked := place / "checked").exists():
        verdict = Verdict.read(checked)
        assert _rows(checked, "accepted-*.parquet") == verdict.accepted
        assert _rows(checked, "set_aside.parquet") == verdict.set_aside


def assert_books_balance(ask: Ask) -> None:
    """What the ledger tells of each delivery is what lies in the lake, and nothing lies there that it does not tell."""
    astray = "received <> accepted + unchanged + duplicate + set_aside"
    assert ask(f"SELECT feed, delivery_id FROM ops.delivery WHERE {astray}") == []
    assert ask("FROM (SELECT count(*) AS n FROM ops.delivery GROUP BY feed, delivery_id) WHERE n > 1") == []
    booked = "SELECT feed, delivery_id, {} FROM ops.delivery WHERE {} > 0 ORDER BY ALL"
    records = " UNION ALL ".join(f"SELECT _feed, _delivery_id, _op FROM records.{kind}" for kind in KINDS)
    held = "SELECT _feed, _delivery_id, count(*) FROM ({}) WHERE _op = '{}' GROUP BY ALL ORDER BY ALL"
    assert ask(held.format(records, "U")) == ask(booked.format("accepted", "accepted"))
    assert ask(held.format(records, "D")) == ask(booked.format("withdrawn", "withdrawn"))
    aside = "SELECT feed, delivery_id, count(*) FROM ops.set_aside GROUP BY ALL ORDER BY ALL"
    assert ask(aside) == ask(booked.format("set_aside", "set_aside"))


def visible(deliveries: Path) -> list[Path]:
    """Return the places of all deliveries that readers see."""
    return [place for place in deliveries.glob("*/*") if not place.name.startswith(".")]


def drafts(home: Path) -> list[Path]:
    """Return what killed writers left beside the places they were writing for."""
    hidden = [path for path in home.rglob(".*") if "airflow" not in path.parts]
    return [*hidden, *home.rglob("*.draft")]


def orphans(ask: Ask) -> list[str]:
    """Return the lake's data files that no snapshot knows."""
    rows = ask("CALL ducklake_delete_orphaned_files('lake', dry_run => true, cleanup_all => true)")
    return [row[0] for row in rows]


def age(files: list[str], days: int = 3) -> None:
    """Let files look as old as those that the nightly maintenance removes."""
    for file in files:
        before = Path(file).stat().st_mtime - days * 86_400
        os.utime(file, (before, before))


def _rows(checked: Path, pattern: str) -> int:
    return sum(len(pl.read_parquet(file)) for file in checked.glob(pattern))
