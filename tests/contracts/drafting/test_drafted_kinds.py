"""Contracts drafted for kinds of record that none knows, tried on the records they were drafted from."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cities import City
from contracts import check, get, kinds
from contracts.drafting import Draft, draft
from contracts.fit import misfits
from contracts.generate import generate
from extractors import fetch
from tests.contracts.drafting.town import make_town, put, shown

PETS = """\
Tag No;Animal;Registered;Owner Name;Owner contact;Fee;field;Remarks;class
A-1;dog;03/11/2026;Mary Smith;312-555-0199;1.012,50;1;"Bites whoever comes near, says Mary Smith of Elm Street";x
A-2;cat;13/11/2026;John Miller;jm@mail.example;12,50;2;;y
A-3;dog;20/11/2026;Ann Lee;;8,00;3;"Old, deaf, and best left alone; call 312 555 0142 before any visit at all";x
"""


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[City]:
    (tmp_path / "kinds").mkdir()
    monkeypatch.setattr(kinds, "__path__", [*kinds.__path__, str(tmp_path / "kinds")])
    before = set(sys.modules)
    yield make_town(tmp_path / "town", [str(number) for number in range(1, 78)])
    for name in set(sys.modules) - before:
        if name.startswith("contracts.kinds."):
            del sys.modules[name]


def install(drafted: Draft, tmp_path: Path) -> str:
    """Put a drafted contract in place and return its name."""
    [path] = [name for name in drafted.files if name.startswith("contracts/kinds/")]
    (tmp_path / "kinds" / Path(path).name).write_text(drafted.files[path], encoding="utf-8")
    return Path(path).stem


def test_records_that_no_contract_knows_get_one(town: City, tmp_path: Path) -> None:
    (tmp_path / "pets.csv").write_text(PETS)
    drafted = draft(str(tmp_path / "pets.csv"), town)
    assert install(drafted, tmp_path) == "pet"
    contract = get("pet")
    assert contract.key == ["tag_no"]
    types = {field.name: field.type for field in contract.fields}
    assert types == {"tag_no": "str", "animal": "str", "registered_date": "date", "owner_name": "str",
                     "owner_contact": "str", "fee": "float", "field_told": "int", "remarks": "str",
                     "class_told": "str"}  # fmt: skip
    assert {field.name for field in contract.fields if field.is_personal} == {"owner_name", "owner_contact", "remarks"}
    city, feed_id, feed = put(drafted, tmp_path / "town")
    assert misfits(city) == []
    place = fetch(feed_id, feed, "20261026T113000Z", cursor=None, time_zone=city.time_zone)
    verdict = check(place, feed_id, feed, city)
    assert (verdict.received, verdict.accepted) == (3, 3)


def test_what_follows_from_a_drafted_contract_is_generated(town: City, tmp_path: Path) -> None:
    (tmp_path / "pets.csv").write_text(PETS)
    install(draft(str(tmp_path / "pets.csv"), town), tmp_path)
    names = {path.name for path in generate(tmp_path / "project")}
    assert {"stg_pet.sql", "_stg_pet.yml", "pet.odcs.yaml", "pet.md"} <= names


def test_a_new_kind_gets_the_name_it_is_given(town: City, tmp_path: Path) -> None:
    (tmp_path / "pets.csv").write_text(PETS)
    drafted = draft(str(tmp_path / "pets.csv"), town, contract="animal_licence")
    assert install(drafted, tmp_path) == "animal_licence"
    assert "title: {en: Animal licence}" in drafted.text


def test_no_value_of_a_person_is_shown(town: City, tmp_path: Path) -> None:
    (tmp_path / "pets.csv").write_text(PETS)
    text = shown(draft(str(tmp_path / "pets.csv"), town))
    for value in ("Mary", "Smith", "John", "Miller", "Lee", "555", "mail.example", "Elm", "Bites"):
        assert value not in text


def test_a_column_called_like_something_of_a_person_is_dropped_whatever_its_type(town: City, tmp_path: Path) -> None:
    lines = ["tag no,contact,date of birth", *(f"A-{at},312555{at:04},1970-01-{at + 10}" for at in range(3))]
    (tmp_path / "pets.csv").write_text("\n".join(lines) + "\n")
    install(draft(str(tmp_path / "pets.csv"), town, contract="holder"), tmp_path)
    assert [(field.type, field.privacy) for field in get("holder").fields[1:]] == [("int", "drop"), ("date", "drop")]


def test_lines_without_a_header_are_not_taken_for_names(town: City, tmp_path: Path) -> None:
    (tmp_path / "pets.csv").write_text(PETS.partition("\n")[2])
    drafted = draft(str(tmp_path / "pets.csv"), town)
    for value in ("Mary", "Smith", "John", "Miller", "Lee", "555", "mail.example", "Elm", "Bites"):
        assert value not in shown(drafted)
    _, _, feed = put(drafted, tmp_path / "town")
    assert feed.header_row == 0


@pytest.mark.parametrize(
    "name",
    ["business_licenses_food.csv.gz", "census_socioeconomic_2008-2012.csv", "weather_daily_2011-04_2014-11.csv",
     "park_district_beach_lab_results_2014.xls", "array_of_things_2018-09-28_sample.csv"],
)  # fmt: skip
def test_real_records_pass_the_contract_that_is_drafted_from_them(
    name: str, public_data: Path, town: City, tmp_path: Path
) -> None:
    drafted = draft(str(public_data / "chicago" / name), town)
    kind = install(drafted, tmp_path)
    city, feed_id, feed = put(drafted, tmp_path / "town")
    assert misfits(city) == []
    place = fetch(feed_id, feed, "20261026T113000Z", cursor=None, time_zone=city.time_zone)
    verdict = check(place, feed_id, feed, city)
    assert verdict.contract == kind
    assert verdict.accepted >= 0.95 * verdict.received, (verdict.received, verdict.accepted, verdict.duplicate)
