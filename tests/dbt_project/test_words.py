"""The Chinese of tables and columns: complete, and about nothing that is not there."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from contracts import all_contracts
from contracts.exports.dbt import OPS as DESCRIBED
from dags.dbt_build import DBT_PROJECT
from lake.catalogue import CATALOGUE
from lake.tables import OPS, SYSTEM_COLUMNS

TABLES: dict[str, Any]
COLUMNS: dict[str, Any]
FILES = (DBT_PROJECT / "words" / "tables.yml", DBT_PROJECT / "words" / "columns.yml")
TABLES, COLUMNS = (yaml.safe_load(file.read_text(encoding="utf-8")) for file in FILES)
MARTS = {
    model["name"]: model
    for file in sorted((DBT_PROJECT / "models" / "marts").rglob("*.yml"))
    for model in yaml.safe_load(file.read_text(encoding="utf-8"))["models"]
}
LEDGER = {name: [one.split()[0] for one in told.split(",")] for name, told in OPS.items() if name != "built"}
ADDED = {"edition": ["mart", "built_for", "use", "reason"]} | {
    name: [one.split()[0] for one in told.replace("STRUCT(rule VARCHAR, about VARCHAR)[]", "").split(",")]
    for name, told in CATALOGUE.items()
}  # fmt: skip
KINDS = {one.name: [*(field.name for field in one.fields), *SYSTEM_COLUMNS] for one in all_contracts()}
NAMES = {
    *(column["name"] for mart in MARTS.values() for column in mart["columns"]),
    *(column for table in (LEDGER | ADDED | KINDS).values() for column in table),
}


def chinese(told: Any) -> str:
    return told if isinstance(told, str) else told["zh"]


def test_every_column_has_a_chinese_meaning_and_every_meaning_its_column() -> None:
    assert {name for name in COLUMNS if "." not in name} == NAMES


def test_every_table_has_a_chinese_meaning_and_every_meaning_its_table() -> None:
    assert set(TABLES) == {*MARTS, *LEDGER, *ADDED, *KINDS}


@pytest.mark.parametrize("name", MARTS)
def test_a_mart_has_a_title_in_both_languages(name: str) -> None:
    assert set(MARTS[name]["config"]["meta"]["title"]) == {"en", "zh"}


def test_what_is_said_in_chinese_is_chinese() -> None:
    told = [chinese(one) for words in (TABLES, COLUMNS) for one in words.values()]
    assert [text for text in told if not any("一" <= letter <= "鿿" for letter in text)] == []


@pytest.mark.parametrize("table", [*LEDGER, *ADDED])
def test_a_table_of_the_ledger_is_described_in_english_too(table: str) -> None:
    assert set(TABLES[table]["title"]) == {"en", "zh"}
    assert table in DESCRIBED or TABLES[table]["en"]
    columns = (LEDGER | ADDED)[table]
    assert [name for name in columns if not isinstance(COLUMNS.get(f"{table}.{name}", COLUMNS[name]), dict)] == []


def test_a_meaning_of_one_table_is_of_a_column_that_it_has() -> None:
    tables = LEDGER | ADDED | KINDS | {name: [one["name"] for one in mart["columns"]] for name, mart in MARTS.items()}
    own = [name.split(".") for name in COLUMNS if "." in name]
    assert own
    assert [(table, column) for table, column in own if column not in tables[table]] == []
