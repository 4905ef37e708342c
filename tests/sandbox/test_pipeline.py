"""The city files, the extractors and the contracts against the whole sandbox: every planted fault, and nothing else."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from cities import read_city
from contracts import check
from extractors import fetch
from sandbox import running, truth
from sandbox.clock import now_on

SEED, SCALE = 7, 0.2

FOLLOWING = {"updated_before_occurred", "answered_before_requested"}
"""What is dated next year was, seen from there, changed or answered before it happened: a warning as well."""


def test_on_the_first_day_each_fault_is_found_by_its_rule_and_every_other_record_is_accepted(
    lake_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = truth(SEED, SCALE, 0)
    monkeypatch.setenv("CIVICLAKE_NOW", (now_on(0) + timedelta(minutes=12)).isoformat())
    with running(SEED, SCALE, 0, f"sqlite:///{lake_home}/sandbox/finance.db") as server:
        monkeypatch.setenv("CIVICLAKE_ORIGINS", f"http://127.0.0.1:8765={server.url}")
        city = read_city("sandbox")
        for feed_id, feed in city.feeds.items():
            delivery = fetch(feed_id, feed, "20261026T114200Z", cursor=None, time_zone=city.time_zone)
            verdict = check(delivery, feed_id, feed, city)
            found = pl.read_parquet(delivery / "checked" / "findings.parquet")["rule"].to_list()
            planned: Counter[str] = Counter()
            for fault in told["faults"]:
                if fault["feed"] == feed_id and fault["expect"]:
                    planned[fault["expect"]] += fault["rows"]
            assert Counter(rule for rule in found if rule not in FOLLOWING) == planned, feed_id
            assert verdict.is_accepted, feed_id
            assert verdict.accepted == told["records"][feed_id], feed_id
