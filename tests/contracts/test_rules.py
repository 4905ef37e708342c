from __future__ import annotations

from typing import Any

import pytest

from contracts import all_contracts, rule_words
from contracts.contract import all_rules
from tests.contracts.kinds import GOOD, fields, record, sender_name

SPOILT: list[tuple[str, str, str, dict[str, Any]]] = [
    # rule, kind, field it is told about, what the sender wrote instead
    ("blank", "service_request", "service_code", {"service_code": None}),
    ("blank", "incident", "category", {"category": "   "}),
    ("unreadable", "service_request", "requested_at", {"requested_at": "last Friday"}),
    ("unreadable", "permit", "estimated_cost_cents", {"estimated_cost_cents": "12.5"}),
    ("unreadable", "lamp_post", "height_metres", {"height_metres": "1e400"}),
    ("unreadable", "lamp_post", "is_base_station", {"is_base_station": "maybe"}),
    ("unreadable", "inspection", "inspection_date", {"inspection_date": "2026-02-30"}),
    ("unreadable", "observation", "result", {"result": "NaN"}),
    ("not_allowed", "service_request", "status", {"status": "pending"}),
    ("out_of_range", "service_request", "latitude", {"latitude": "91"}),
    ("out_of_range", "emergency_call", "priority", {"priority": "6"}),
    ("out_of_range", "budget_line", "approved_cents", {"approved_cents": "-1"}),
    ("out_of_range", "observation", "result", {"result": "2001"}),
    ("out_of_range", "observation", "result", {"property_code": "temperature", "unit_code": "F", "result": "141"}),
    ("malformed", "opinion_item", "language", {"language": "English"}),
    ("unknown_area", "service_request", "area_code", {"area_code": "Z9"}),
    ("in_the_future", "service_request", "requested_at",
     {"requested_at": "2062-11-21T00:00:00Z", "expected_at": None, "answered_at": None, "closed_at": None,
      "status": "open"}),
    ("in_the_future", "inspection", "inspection_date", {"inspection_date": "2026-11-24"}),
    ("in_the_future", "plan_measure", "reported_date", {"reported_date": "2027-01-01"}),
    ("closed_before_requested", "service_request", "closed_at", {"closed_at": "2026-11-20T07:59:59Z"}),
    ("month_with_day", "service_rating", "month", {"month": "2026-11-02"}),
    ("on_scene_before_received", "emergency_call", "on_scene_at", {"on_scene_at": "2026-11-20T07:00:00Z"}),
    ("dispatched_before_received", "emergency_call", "dispatched_at", {"dispatched_at": "2026-11-20T07:00:00Z"}),
    ("stop_without_place", "transit_stop", "latitude", {"latitude": None}),
    ("issued_before_applied", "permit", "issued_date", {"issued_date": "2026-09-30"}),
    ("ends_before_start", "commitment", "end_date", {"end_date": "2026-03-31"}),
]  # fmt: skip
WARNED: list[tuple[str, str, str, dict[str, Any]]] = [
    ("status_closed_without_time", "service_request", "closed_at", {"closed_at": None}),
    ("answered_before_requested", "service_request", "answered_at", {"answered_at": "2026-11-20T07:59:59Z"}),
    ("expected_before_requested", "service_request", "expected_at", {"expected_at": "2026-11-20T07:59:59Z"}),
    ("updated_before_occurred", "incident", "updated_at", {"updated_at": "2026-11-19T08:00:00Z"}),
    ("active_without_signature", "commitment", "signed_date", {"signed_date": None}),
    ("done_without_date", "plan_task", "done_date", {"done_date": None}),
]
ELSEWHERE = {
    "unknown_code": "test_mapping", "local_time_missing": "test_reading", "local_time_twice": "test_reading",
    "malformed_record": "test_formats", "duplicate": "test_accounting", "ambiguous": "test_accounting",
    "unreadable_page": "test_delivery_rules", "layout_removed": "test_delivery_rules",
    "layout_added": "test_delivery_rules", "retyped": "test_delivery_rules", "row_count": "test_delivery_rules",
    "count_mismatch": "test_delivery_rules", "set_aside_share": "test_delivery_rules",
    "short_snapshot": "tests/lake/test_load", "layout_reworded": "test_tables", "encoding_guessed": "test_real_files",
    "empty_answer": "test_delivery_rules", "possible_gap": "test_delivery_rules",
}  # fmt: skip


@pytest.mark.parametrize("kind", GOOD)
def test_a_good_record_of_each_kind_is_accepted(office: Any, kind: str) -> None:
    checked = office(contract=kind, fields=fields(kind)).judge([[record(kind)]])
    assert (checked.verdict.verdict, checked.verdict.accepted) == ("accepted", 1)
    assert checked.table("findings") == []


@pytest.mark.parametrize(("unit", "result"), [("F", "100"), ("°F", "-40"), ("K", "293.2"), ("C", "60")])
def test_a_temperature_is_judged_in_its_own_unit(office: Any, unit: str, result: str) -> None:
    sent = record("observation", property_code="temperature", unit_code=unit, result=result)
    assert office(contract="observation", fields=fields("observation")).judge([[sent]]).verdict.accepted == 1


@pytest.mark.parametrize(("rule", "kind", "field", "changed"), SPOILT)
def test_a_rule_sets_aside_exactly_the_spoilt_record_and_names_both_fields(
    office: Any, rule: str, kind: str, field: str, changed: dict[str, Any]
) -> None:
    records = [record(kind, 1), record(kind, 2, **changed), record(kind, 3)]
    checked = office(contract=kind, fields=fields(kind)).judge([records])
    assert [(row["rec"], row["rule"], row["field"], row["sender_field"]) for row in checked.table("findings")] == [
        (1, rule, field, sender_name(field))
    ]
    assert [row["rec"] for row in checked.table("set_aside")] == [1]
    assert checked.accepted["_rec"].to_list() == [0, 2]
    assert [row["failed"] for row in checked.table("checks") if (row["rule"], row["field"]) == (rule, field)] == [1]


@pytest.mark.parametrize(("rule", "kind", "field", "changed"), WARNED)
def test_a_warning_names_the_record_and_lets_it_in(
    office: Any, rule: str, kind: str, field: str, changed: dict[str, Any]
) -> None:
    checked = office(contract=kind, fields=fields(kind)).judge([[record(kind, 1), record(kind, 2, **changed)]])
    assert [(row["rec"], row["rule"], row["field"]) for row in checked.table("findings")] == [(1, rule, field)]
    assert checked.verdict.accepted == 2


@pytest.mark.parametrize(
    ("requested", "stamped", "broken"),
    [
        ("2026-11-20T09:00:00", "2026-11-20T00:00:00", False),
        ("2026-11-20T23:59:59", "2026-11-20T00:00:00", False),
        ("2026-11-20T09:00:00", "2026-11-20T00:00:01", True),
        ("2026-11-20T09:00:00", "2026-11-19T00:00:00", True),
        ("2026-11-20T17:00:00", "2026-11-20T00:00:00Z", True),
        ("2026-11-01T09:00:00", "2026-11-01T00:00:00", False),
    ],
    ids=["date", "last second", "a second", "the day before", "midnight elsewhere", "a day of 25 hours"],
)
def test_a_date_without_a_time_is_held_against_the_local_day(
    office: Any, requested: str, stamped: str, broken: bool
) -> None:
    stamps = {"answered_at": stamped, "closed_at": stamped, "expected_at": stamped}
    sent = record("service_request", requested_at=requested, **stamps)
    checked = office(contract="service_request", fields=fields("service_request")).judge([[sent]])
    told = {"answered_before_requested", "closed_before_requested", "expected_before_requested"}
    assert {row["rule"] for row in checked.table("findings")} == (told if broken else set())
    assert checked.verdict.accepted == (not broken)


def test_every_rule_is_proved_to_fire() -> None:
    assert {rule for rule, *_ in SPOILT + WARNED} | set(ELSEWHERE) == set(all_rules())


def test_every_rule_tells_its_reason_in_both_languages() -> None:
    words = [rule_words(rule) for rule in all_rules()]
    assert all(told["en"] and told["zh"] for told in words)
    assert len({told["en"] for told in words}) == len({told["zh"] for told in words}) == len(words)


def test_a_rule_that_the_lake_judges_has_words_too() -> None:
    assert rule_words("short_snapshot") == {
        "en": "The answer lacks most of the records known before",
        "zh": "返回的数据缺少大部分已知记录",
    }
    rule = all_rules()["short_snapshot"]
    assert (rule.dimension, rule.strength) == ("complete", "refuse")


def test_all_reasons_of_a_record_are_told(office: Any) -> None:
    spoilt = record("service_request", 2, area_code="Z9", latitude="100", status="gone")
    checked = office(contract="service_request", fields=fields("service_request")).judge([[spoilt]])
    assert sorted(row["rule"] for row in checked.table("findings")) == ["not_allowed", "out_of_range", "unknown_area"]


def test_a_rule_that_passes_is_recorded_and_one_that_cannot_run_is_not_taken_for_passed(office: Any) -> None:
    checked = office(contract="emergency_call", fields=fields("emergency_call") | {"dispatched_at": "x"}).judge(
        [[record("emergency_call")]]
    )
    status = {(row["rule"], row["field"]): row["status"] for row in checked.table("checks")}
    assert status["on_scene_before_received", "on_scene_at"] == "pass"
    assert status["out_of_range", "latitude"] == "not_run"


def test_warnings_are_capped_and_still_counted(office: Any) -> None:
    records = [record("service_request", number, closed_at=None) for number in range(1, 151)]
    checked = office(contract="service_request", fields=fields("service_request")).judge([records[:80], records[80:]])
    assert len(checked.found("status_closed_without_time")) == 100
    assert [row["failed"] for row in checked.table("checks") if row["rule"] == "status_closed_without_time"] == [150]


@pytest.mark.parametrize("contract", all_contracts(), ids=lambda contract: contract.name)
def test_each_kind_says_what_one_row_is(contract: Any) -> None:
    assert contract.title.startswith("One row for each ")
    assert contract.key
    assert set(contract.key) <= {field.name for field in contract.fields if field.required}


@pytest.mark.parametrize("contract", all_contracts(), ids=lambda contract: contract.name)
def test_the_suffix_of_a_name_keeps_its_promise(contract: Any) -> None:
    types = {"_at": "instant", "_date": "date", "_cents": "int", "_id": "str", "_code": "str"}
    for field in contract.fields:
        assert all(field.type == type for suffix, type in types.items() if field.name.endswith(suffix)), field.name
        assert field.type == "bool" or not field.name.startswith("is_")
