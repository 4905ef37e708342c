"""A record that was set aside is named exactly as the lake names it, which must not take it for withdrawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from contracts import get
from tests.contracts.city import Office, request
from tests.contracts.kinds import fields, record, sender_name

CODED = {"from": sender_name("sex_group"), "values": {"F": "female", "M": "male"}}
LOCAL = {"from": sender_name("period_date"), "format": "%d.%m.%Y"}
# kind, how its feed writes fields, what a record holds, what breaks a rule in it, its key in the lake
KEYS: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any], str]] = [
    ("service_request", {}, {}, {"area_code": "Z9"}, "R-17"),
    ("observation", {}, {"phenomenon_at": "2026-10-26T06:00:00-05:00"}, {"result": "2001"},
     "D-17|2026-10-26 11:00:00+00"),
    ("observation", {}, {"phenomenon_at": "2026-10-26T06:00:00.250"}, {"result": "2001"},
     "D-17|2026-10-26 11:00:00.25+00"),
    ("plan_measure", {"period_date": LOCAL}, {"period_date": "01.09.2026"}, {"value": "some"}, "M-17|2026-09-01"),
    ("plan_target", {}, {"year": "2026.0", "quarter": "+4"}, {"target": "some"}, "M-17|2026|4"),
    ("plan_target", {}, {"quarter": "4"}, {"quarter": "5"}, "M-17|2026|5"),
    ("population", {"sex_group": CODED}, {"sex_group": "F", "area_code": "3"}, {"population": "many"},
     "3|2020|total|female"),
]  # fmt: skip
UNREAD: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("observation", {}, {"phenomenon_at": "last Friday"}),
    ("plan_target", {}, {"quarter": None}),
    ("population", {"sex_group": CODED}, {"sex_group": "X"}),
    ("service_request", {}, {"request_id": "mary@mail.example", "area_code": "Z9"}),
]


def lake_keys(kind: str, checked: Path) -> list[str]:
    """Return the keys of accepted records as a session of the lake writes them."""
    parts = ", ".join(f"{name}::VARCHAR" for name in get(kind).key)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        query = f"SELECT concat_ws('|', {parts}) FROM read_parquet('{checked}/accepted-*.parquet')"
        return [key for (key,) in connection.execute(query).fetchall()]


def bench_of(office: Any, kind: str, told: dict[str, Any]) -> Office:
    return office(contract=kind, fields={**fields(kind), **told})


@pytest.mark.parametrize(("kind", "told", "good", "spoilt", "key"), KEYS)
def test_a_record_has_the_same_key_set_aside_as_in_the_lake(
    office: Any, kind: str, told: dict[str, Any], good: dict[str, Any], spoilt: dict[str, Any], key: str
) -> None:
    sent = record(kind, 7, **good)
    broken = {**sent, **{sender_name(name): value for name, value in spoilt.items()}}
    checked = bench_of(office, kind, told).judge([[sent, broken]])
    assert [row["record_key"] for row in checked.table("set_aside")] == [key]
    in_the_lake = lake_keys(kind, checked.folder)
    assert in_the_lake == [key] or set(spoilt) & set(get(kind).key)


@pytest.mark.parametrize(("kind", "told", "spoilt"), UNREAD)
def test_a_record_whose_key_was_not_read_or_looks_personal_has_no_name(
    office: Any, kind: str, told: dict[str, Any], spoilt: dict[str, Any]
) -> None:
    checked = bench_of(office, kind, told).judge([[record(kind, **spoilt)]])
    assert [row["record_key"] for row in checked.table("set_aside")] == [None]


def test_contradicting_records_are_named_as_in_the_lake_too(office: Any, small_batches: None) -> None:
    sent = {"phenomenon_at": "2026-10-26T06:00:00-05:00"}
    pages = [[record("observation", 7, **sent)], [record("observation", 7, **sent, result="13")]]
    checked = bench_of(office, "observation", {}).judge(pages)
    assert [row["record_key"] for row in checked.table("set_aside")] == ["D-17|2026-10-26 11:00:00+00"] * 2


def test_each_record_keeps_its_own_key_in_a_large_batch(office: Any) -> None:
    page = [request(number, community_area="32" if number % 3 else "Z9") for number in range(9_000)]
    checked = office().judge([page])
    broken = [one["sr_number"] for one in page if one["community_area"] == "Z9"]
    assert [row["record_key"] for row in checked.table("set_aside")] == broken
