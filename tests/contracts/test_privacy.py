from __future__ import annotations

import logging
from typing import Any

import duckdb
import polars as pl
import pytest

from contracts import ContractError, all_contracts, get, pseudonym
from contracts.engine import closed_connection
from contracts.privacy import hide
from tests.contracts.city import request
from tests.contracts.kinds import fields, record

CANARIES = ["Mary Ellen Smith", "312-555-0199", "mary.smith@mail.example", "121 N LaSalle St"]
SPOILT: list[dict[str, Any]] = [
    {},
    {"community_area": "Z9"},
    {"created_date": "mary.smith@mail.example"},
    {"status": "312-555-0199"},
    {"closed_date": "3125550199"},
    {"latitude": "mary.smith@mail.example"},
    {"sr_short_code": None},
]


def test_no_personal_value_is_found_in_anything_that_check_writes_or_logs(
    office: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    text = "MARY ELLEN SMITH of 121 n lasalle st, 312-555-0199 or 3125550199, mary.smith@mail.example"
    page = [request(number, details=text, note=text, **spoilt) for number, spoilt in enumerate(SPOILT)]
    checked = office(keep=["note"]).judge([page, [request(0, details="other")]])
    assert checked.verdict.set_aside > 3
    for canary in [*CANARIES, "3125550199"]:
        assert canary.lower() not in (checked.text + caplog.text).lower()


def test_dropped_fields_have_no_column_and_places_are_coarse(office: Any) -> None:
    accepted = office().judge([[request(1)]]).accepted
    assert not {"address", "requester_name", "requester_email"} & set(accepted.columns)
    assert accepted.select("latitude", "longitude").row(0) == (41.881, -87.623)


def test_a_pseudonym_is_the_same_in_sql_and_python_and_for_every_way_of_writing(office: Any) -> None:
    page = [
        request(1, caller_phone=" 312-555-0199 "),
        request(2, caller_phone="312-555-0199"),
        request(3, caller_phone="ＡÉß ß"),
        request(4, caller_phone=None),
    ]
    key = b"a key for tests"
    assert office().judge([page]).accepted["requester_phone"].to_list() == [
        pseudonym("312-555-0199", "person", key),
        pseudonym("312-555-0199", "person", key),
        pseudonym("aéß ß", "person", key),
        None,
    ]


def test_another_key_gives_other_pseudonyms(office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = office()
    first = bench.judge([[request(1)]]).accepted["requester_phone"][0]
    monkeypatch.setenv("CIVICLAKE_PSEUDONYM_KEY", "another key " * 20)
    second = bench.judge([[request(1)]], delivery_id="20261123T130000Z").accepted["requester_phone"][0]
    assert first != second
    assert second == pseudonym("312-555-0199", "person", b"another key " * 20)


def test_one_person_has_one_pseudonym_in_all_kinds(office: Any, tmp_path: Any) -> None:
    key = b"a key for tests"
    for kind, field in (("payment", "payee_name"), ("permit", "applicant_name")):
        bench = type(office())(tmp_path / kind, contract=kind, fields=fields(kind))
        assert bench.judge([[record(kind)]]).accepted[field][0] == pseudonym("Mary Ellen Smith", "person", key)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("write to jo.d+x@mail.example.org now", "write to [e-mail] now"),
        ("call (312) 555-0199 or +1 312 555 0199", "call [number] or [number]"),
        ("lamp 123456 is out", "lamp 123456 is out"),
        ("ask mary ellen smith.", "ask [personal]."),
        ("路灯坏了，电话 13800138000", "路灯坏了，电话 [number]"),
        (None, None),
    ],
)
def test_free_text_is_masked(office: Any, text: str | None, kept: str | None) -> None:
    assert office().judge([[request(1, details=text)]]).accepted["description"].to_list() == [kept]


def test_a_personal_value_with_signs_of_a_pattern_is_masked_to_the_letter(office: Any) -> None:
    page = [request(1, details="It was O'Neil (x.*) there", caller_name="O'Neil (x.*)")]
    assert office().judge([page]).accepted["description"].to_list() == ["It was [personal] there"]


def test_a_long_text_is_cut_after_masking(office: Any) -> None:
    body = "a" * 490 + " Mary Ellen Smith and more"
    bench = office(contract="opinion_item", fields=fields("opinion_item"))
    (kept,) = bench.judge([[record("opinion_item", body=body)]]).accepted["body"]
    assert len(kept) == 500
    assert "Mary" not in kept


def test_examples_of_public_fields_are_shown_and_cut(office: Any) -> None:
    (finding,) = office().judge([[request(1, status="x" * 60)]]).found("unknown_code")
    assert finding["example"] == "x" * 40


@pytest.mark.parametrize("contract", all_contracts(), ids=lambda contract: contract.name)
def test_every_personal_field_says_what_happens_to_it(contract: Any) -> None:
    for field in contract.fields:
        assert field.is_personal == (field.privacy is not None), field.name
        assert (field.privacy == "pseudonym") == (field.domain is not None), field.name


def test_the_row_hash_is_of_what_is_kept_and_tells_neighbours_apart() -> None:
    contract = get("population")
    columns = {
        "area_code": ["a", "ab", None],
        "year": [1, 1, 1],
        "age_group": ["bc", "c", "abc"],
        "sex_group": ["all"] * 3,
        "population": [1, 1, 1],
        "_extra": [None, "x", None],
    }
    typed = pl.DataFrame(columns, schema_overrides={"_extra": pl.String})
    with closed_connection() as connection:
        hashes = hide(connection, typed, contract, b"k")["_row_hash"].to_list()
    assert len(set(hashes)) == 3
    assert all(len(found) == 32 for found in hashes)


def test_the_row_hash_is_also_of_the_fields_that_are_kept_besides() -> None:
    contract = get("population")
    columns = {"area_code": "a", "year": 1, "age_group": "b", "sex_group": "all", "population": 1}

    def hashed(*extras: str | None) -> list[str]:
        typed = pl.DataFrame(
            [{**columns, "_extra": extra} for extra in extras], schema_overrides={"_extra": pl.String}
        )
        with closed_connection() as connection:
            return hide(connection, typed, contract, b"k")["_row_hash"].to_list()

    red, blue, other, none = hashed('{"hue":"red"}', '{"hue":"blue"}', '{"hue":"red","size":null}', None)
    assert red != blue
    assert red == other
    assert [none] == hashed(None)


def test_a_disagreement_of_pandera_stops_everything_and_shows_no_value(
    office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("contracts.judging.Judge.marks", lambda *_: [])
    with pytest.raises(ContractError, match="pandera disagrees") as error:
        office().judge([[request(1, latitude="95.4321")]])
    assert "95.4321" not in str(error.value)
    assert error.value.__cause__ is None
    assert error.value.__suppress_context__


def test_connections_of_one_process_see_nothing_of_each_other() -> None:
    with closed_connection() as one, closed_connection() as other:
        one.register("records", pl.DataFrame({"name": [CANARIES[0]]}).to_arrow())
        with pytest.raises(duckdb.CatalogException, match="records"):
            other.execute("FROM records")
    with closed_connection() as later, pytest.raises(duckdb.CatalogException, match="records"):
        later.execute("FROM records")


def test_the_connection_that_records_are_worked_on_in_reaches_nothing(tmp_path: Any) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    hostile = [
        f"SELECT * FROM read_text('{secret}')",
        f"ATTACH '{tmp_path}/x.db'",
        f"COPY (SELECT 1) TO '{tmp_path}/y'",
        "INSTALL httpfs",
        "SELECT * FROM read_csv('http://127.0.0.1:9/x')",
        "SELECT * FROM hostile",
        "SET enable_external_access = true",
        "SET threads = 8",
    ]
    with closed_connection() as connection:
        for statement in hostile:
            with pytest.raises(duckdb.Error):
                connection.execute(statement).fetchall()
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["secret.csv"]
