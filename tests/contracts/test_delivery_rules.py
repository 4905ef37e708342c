from __future__ import annotations

from typing import Any

import pytest

from tests.contracts.city import REQUEST_FIELDS, request


def many(count: int, **changed: Any) -> list[dict[str, Any]]:
    return [request(number, **changed) for number in range(1, count + 1)]


def refused(checked: Any) -> list[str]:
    assert checked.verdict.accepted == checked.verdict.duplicate == 0
    assert checked.verdict.set_aside == checked.verdict.received == len(checked.table("set_aside"))
    assert not list(checked.folder.glob("accepted-*"))
    return checked.verdict.refused_because


def test_a_needed_field_that_is_gone_refuses_the_delivery_and_its_new_name_is_guessed(office: Any) -> None:
    page = [{("sr_short_code_v2" if name == "sr_short_code" else name): value for name, value in one.items()}
            for one in many(3)]  # fmt: skip
    checked = office().judge([page])
    assert refused(checked) == ["layout_removed"]
    assert checked.verdict.layout_change["renamed"] == [["sr_short_code", "sr_short_code_v2"]]
    (finding,) = checked.found("layout_removed")
    assert (finding["field"], finding["sender_field"], finding["rec"]) == ("service_code", "sr_short_code", None)
    assert checked.table("set_aside")[1]["position"] == 1


def test_an_optional_field_that_json_leaves_out_everywhere_is_no_change(office: Any) -> None:
    assert office().judge([many(3, closed_date=None, status="Open")]).verdict.is_accepted


def test_an_optional_column_that_a_csv_header_lost_is_a_change(office: Any) -> None:
    bench = office(fields={"request_id": "id", "requested_at": "at", "status": "st", "service_code": "code",
                           "channel": "channel"})  # fmt: skip
    checked = bench.judge([b"id,at,st,code\n1,2026-11-01,open,X\n"], format="csv")
    assert refused(checked) == ["layout_removed"]


def test_a_removed_field_may_be_agreed_to_be_a_warning_only(office: Any) -> None:
    mapped = {**REQUEST_FIELDS, "service_code": {"sql": "coalesce(sr_short_code, 'none')"}}
    checked = office(fields=mapped, layout={"removed": "warn"}).judge([many(3, sr_short_code=None)])
    assert checked.verdict.is_accepted
    assert [row["strength"] for row in checked.found("layout_removed")] == ["warn"]


@pytest.mark.parametrize(("policy", "found"), [("warn", ["warn"]), ("ignore", []), ("refuse", ["refuse"])])
def test_a_new_field_is_told_once_as_agreed(office: Any, policy: str, found: list[str]) -> None:
    bench = office(layout={"added": policy}, keep=["ward"])
    assert bench.judge([many(2)], delivery_id="20261121T120000Z").found("layout_added") == []
    second = bench.judge([many(2, colour="red", ward="4")], delivery_id="20261122T120000Z")
    assert [row["strength"] for row in second.found("layout_added")] == found
    assert {row["sender_field"] for row in second.found("layout_added")} <= {"colour"}
    if policy == "refuse":
        assert refused(second) == ["layout_added"]
        return
    third = bench.judge([many(2, colour="red")], delivery_id="20261123T120000Z")
    assert third.found("layout_added") == []


def test_a_field_seldom_sent_is_not_new_when_it_comes_again(office: Any) -> None:
    bench = office()
    bench.judge([many(2, colour="red")], delivery_id="20261121T120000Z")
    bench.judge([many(2)], delivery_id="20261122T120000Z")
    assert bench.judge([many(2, colour="red")], delivery_id="20261123T120000Z").found("layout_added") == []


def test_a_field_written_another_way_refuses_the_delivery_not_its_records(office: Any) -> None:
    checked = office().judge([many(25, created_date="20.11.2026")])
    assert set(refused(checked)) == {"retyped"}
    assert checked.verdict.layout_change["retyped"] == ["requested_at"]


def test_a_field_written_another_way_is_told_by_the_shapes_of_both_and_no_value(office: Any) -> None:
    bench = office()
    bench.judge([many(25, created_date="2026-11-20T08:00:00")], delivery_id="20261122T120000Z")
    checked = bench.judge([many(25, created_date="20.11.2026 8:00")], delivery_id="20261123T120000Z")
    (finding,) = checked.found("retyped")
    assert (finding["example"], finding["expected"]) == ("99.99.9999 9:99", "9999-99-99a99:99:99")
    assert finding["message"].endswith("another way now: 99.99.9999 9:99, before 9999-99-99a99:99:99")
    third = bench.judge([many(25, created_date="Nov 20")], delivery_id="20261124T120000Z")
    assert third.found("retyped")[0]["expected"] == "9999-99-99a99:99:99", "what was refused is nobody's way of writing"


def test_records_of_a_refused_delivery_are_named_where_they_can_be(office: Any) -> None:
    page = many(3, community_area="Z9")
    page[0]["sr_number"] = None
    checked = office(rows={"min": 9}).judge([[*page, request(4)]])
    assert refused(checked) == ["row_count"]
    names = [row["record_key"] for row in checked.table("set_aside")]
    assert names == [None, "SR24-00000002", "SR24-00000003", "SR24-00000004"]


def test_a_delivery_without_any_field_that_is_read_is_refused(office: Any) -> None:
    checked = office().judge([b"sr_number;created_date\n1;2\n3;4\n"], format="csv")
    assert refused(checked) == ["layout_removed"]


def test_few_unreadable_values_do_not_make_a_changed_type(office: Any) -> None:
    checked = office().judge([many(19, created_date="20.11.2026")])
    assert checked.verdict.is_accepted
    assert checked.verdict.set_aside == 19


@pytest.mark.parametrize("rows", [{"min": 4}, {"max": 2}, {"min": 4, "max": 9}])
def test_a_count_outside_the_agreed_bounds_refuses_the_delivery(office: Any, rows: dict[str, int]) -> None:
    assert refused(office(rows=rows).judge([many(3)])) == ["row_count"]


def test_a_count_that_the_source_contradicts_is_told_and_loaded(office: Any) -> None:
    checked = office().judge([many(3)], source_count=5)
    assert checked.verdict.is_accepted
    (finding,) = checked.found("count_mismatch")
    assert (finding["strength"], finding["expected"]) == ("warn", "5")


def test_a_count_that_the_source_does_not_give_is_not_taken_for_checked(office: Any) -> None:
    (check,) = [row for row in office().judge([many(3)]).table("checks") if row["rule"] == "count_mismatch"]
    assert (check["status"], check["checked"]) == ("not_run", 0)


@pytest.mark.parametrize("pages", [[[]], [b"[]"]])
def test_an_answer_without_any_record_is_told_and_is_no_reason_to_refuse(office: Any, pages: list[Any]) -> None:
    checked = office().judge(pages)
    assert checked.verdict.is_accepted
    (finding,) = checked.found("empty_answer")
    assert finding["strength"] == "warn"


@pytest.mark.parametrize(("pages", "asked"), [([[]], "narrowed"), ([], "not_modified")])
def test_a_quiet_day_and_an_unchanged_source_are_no_empty_answers(office: Any, pages: list[Any], asked: str) -> None:
    checked = office().judge(pages, asked={asked: True})
    (check,) = [row for row in checked.table("checks") if row["rule"] == "empty_answer"]
    assert (check["status"], check["checked"]) == ("not_run", 0)


def test_an_answer_with_a_record_is_not_empty(office: Any) -> None:
    (check,) = [row for row in office().judge([many(1)]).table("checks") if row["rule"] == "empty_answer"]
    assert (check["status"], check["checked"]) == ("pass", 1)


def test_a_source_that_may_have_lost_records_is_told_in_its_words(office: Any) -> None:
    checked = office().judge([many(3)], asked={"may_lack": "the broker no longer had the session"})
    assert checked.verdict.is_accepted
    (finding,) = checked.found("possible_gap")
    assert (finding["strength"], finding["message"]) == ("warn", "the broker no longer had the session")


def test_more_than_half_set_aside_refuses_the_delivery(office: Any) -> None:
    page = many(9) + [request(number, community_area="Z9") for number in range(10, 21)]
    checked = office().judge([page])
    assert refused(checked) == ["set_aside_share"]
    assert len(checked.found("unknown_area")) == 11


def test_half_set_aside_does_not(office: Any) -> None:
    page = many(10) + [request(number, community_area="Z9") for number in range(11, 21)]
    assert office().judge([page]).verdict.accepted == 10


@pytest.mark.parametrize(
    "body",
    [b'[{"sr_number": "1"},', b'[{"sr_number": "1"}', b" ", b"", b'{"error": true}', b"<html>", b'["\xff"]'],
)
def test_a_damaged_page_refuses_the_delivery_and_names_the_page_only(office: Any, body: bytes) -> None:
    checked = office().judge([many(2), body])
    assert refused(checked) == ["unreadable_page"]
    assert "00001.page" in checked.found("unreadable_page")[0]["message"]
    assert "sr_number" not in checked.found("unreadable_page")[0]["message"]
