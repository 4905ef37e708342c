from __future__ import annotations

from typing import Any

import pytest

from contracts import ContractError
from contracts.expressions import fields_read
from tests.contracts.city import REQUEST_FIELDS, request


def test_codes_are_replaced_and_one_that_is_not_listed_is_a_finding_not_a_guess(office: Any) -> None:
    checked = office().judge([[request(1, status="Open", closed_date=None), request(2, status="Referred")]])
    assert checked.accepted["status"].to_list() == ["open"]
    (finding,) = checked.table("findings")
    assert (finding["rec"], finding["rule"], finding["field"], finding["sender_field"], finding["example"]) == (
        1,
        "unknown_code",
        "status",
        "status",
        "Referred",
    )


def test_a_list_of_codes_without_ours_is_still_judged(office: Any) -> None:
    mapped = {**REQUEST_FIELDS, "status": {"from": "status", "values": {"Completed": "done"}}}
    (finding,) = office(fields=mapped).judge([[request(1)]]).table("findings")
    assert (finding["rule"], finding["expected"]) == ("not_allowed", "one of open, closed, cancelled")


def test_an_expression_sees_the_fields_of_its_record(office: Any) -> None:
    mapped = {
        **REQUEST_FIELDS,
        "is_duplicate": {"sql": "\"sr_number\" like '%2' and (place->>'$.x') = '1'"},
        "outcome_code": {"sql": "coalesce(never_sent, 'none')"},
    }
    accepted = office(fields=mapped).judge([[request(1, place={"x": 1}), request(2, place={"x": 1})]]).accepted
    assert accepted["is_duplicate"].to_list() == [False, True]
    assert accepted["outcome_code"].to_list() == ["none", "none"]


def test_a_record_for_which_an_expression_fails_is_set_aside_alone(office: Any) -> None:
    mapped = {**REQUEST_FIELDS, "service_code": {"sql": "(code::int + 1)::varchar"}}
    checked = office(fields=mapped).judge([[request(1, code="1"), request(2, code="one"), request(3, code="2")]])
    assert [(row["rec"], row["rule"], row["field"], row["sender_field"]) for row in checked.table("findings")] == [
        (1, "unreadable", "service_code", "sql: (code::int + 1)::varchar")
    ]
    assert checked.accepted["service_code"].to_list() == ["2", "3"]


@pytest.mark.parametrize(
    "expression",
    [
        "(SELECT content FROM read_text('/etc/hostname'))",
        "read_text('/etc/hostname')",
        "1; ATTACH '/tmp/x.db'",
        "1) FROM records; COPY (SELECT 1) TO '/tmp/x' --",
        "1) UNION SELECT (2",
        "1), (2",
        "(SELECT 1)",
        "*",
        "count(*)",
        "row_number() OVER ()",
        "now()",
        "random()",
        "uuid()",
        "getenv('HOME')",
        "current_setting('threads')",
        "query('SELECT 1')",
        "$1",
        "a FROM records",
        "",
        "nextval('x')",
        "not an expression",
    ],
)
def test_what_is_more_than_a_steady_expression_over_one_record_is_refused(office: Any, expression: str) -> None:
    mapped = {**REQUEST_FIELDS, "outcome_code": {"sql": expression}}
    with pytest.raises(ContractError, match="of a city file cannot be used"):
        office(fields=mapped).judge([[request(1)]])


def test_words_that_stand_for_now_or_for_somebody_are_fields_that_never_came(office: Any) -> None:
    mapped = {**REQUEST_FIELDS, "outcome_code": {"sql": "current_user"}, "responsible": {"sql": "current_date::text"}}
    accepted = office(fields=mapped).judge([[request(1)]]).accepted
    assert accepted.select("outcome_code", "responsible").row(0) == (None, None)


def test_a_city_file_with_a_wrong_function_is_told_so_without_a_value(office: Any) -> None:
    mapped = {**REQUEST_FIELDS, "outcome_code": {"sql": "strptime(status, 'x', 'y', 'z')"}}
    with pytest.raises(ContractError) as error:
        office(fields=mapped).judge([[request(1, status="Completed")]])
    assert "Completed" not in str(error.value)


@pytest.mark.parametrize(
    ("expression", "fields"),
    [
        ("status like '%Dup' -- copies", {"status"}),
        ("location->>'$.lat'", {"location"}),
        ('"@iot.id" || "a b"', {"@iot.id", "a b"}),
        ("list_filter(string_split(tags, ','), lambda tag: tag <> x)[1]", {"tags", "x"}),
        ("case when a between b and c then strptime(d, '%Y')::date::text end", {"a", "b", "c", "d"}),
    ],
)
def test_the_fields_that_an_expression_reads_are_known(expression: str, fields: set[str]) -> None:
    assert fields_read(expression) == fields


def test_a_field_that_the_contract_does_not_know_is_refused_with_those_it_does(office: Any) -> None:
    with pytest.raises(ContractError, match="no field colour"):
        office(fields={**REQUEST_FIELDS, "colour": "x"}).judge([[]])


def test_a_contract_that_is_not_there_is_refused_with_those_that_are(office: Any) -> None:
    with pytest.raises(ContractError, match=r"no contract 'servis_request'.*service_request"):
        office(contract="servis_request").judge([[]])


def test_an_expression_that_reads_no_field_gives_its_value_to_every_record(office: Any) -> None:
    mapped = {"request_id": "id", "requested_at": "at", "status": {"sql": "'open'"}, "service_code": {"sql": "'A'"}}
    checked = office(fields=mapped).judge([[{"id": number, "at": "2026-11-01"} for number in range(3)]])
    assert checked.accepted["service_code"].to_list() == ["A"] * 3
