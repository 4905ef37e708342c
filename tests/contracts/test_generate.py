from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import open_data_contract_standard
import pytest
import yaml
from click.testing import CliRunner
from open_data_contract_standard.model import OpenDataContractStandard

from contracts import all_contracts
from contracts.generate import generate, main

PROJECT = Path(__file__).parents[2]
SCHEMA = json.loads((Path(open_data_contract_standard.__file__).parent / "schema.json").read_text(encoding="utf-8"))


def test_generated_files_are_up_to_date() -> None:
    stale = generate(PROJECT, check=True)
    assert not stale, f"run `make fix`: {', '.join(map(str, stale))} no longer follow from the contracts"


def test_generating_twice_changes_nothing_and_a_changed_file_is_stale(tmp_path: Path) -> None:
    first = generate(tmp_path)
    assert len(first) > 4 * len(all_contracts())
    assert generate(tmp_path, check=True) == []
    page = tmp_path / "docs" / "catalogue" / "permit.md"
    page.write_text("changed by hand")
    (tmp_path / "contracts" / "odcs" / "gone.odcs.yaml").write_text("of a kind that is no more")
    expected = [Path("docs/catalogue/permit.md"), Path("contracts/odcs/gone.odcs.yaml")]
    assert generate(tmp_path, check=True) == expected
    assert page.read_text() == "changed by hand"
    assert generate(tmp_path) == expected
    assert generate(tmp_path) == []


def test_checking_names_the_stale_files_and_ends_with_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contracts.generate.PROJECT", tmp_path)
    assert CliRunner().invoke(main).exit_code == 0
    assert CliRunner().invoke(main, ["--check"]).exit_code == 0
    (tmp_path / "docs" / "catalogue" / "permit.md").write_text("changed by hand")
    checked = CliRunner().invoke(main, ["--check"])
    assert (checked.exit_code, checked.stdout) == (1, "docs/catalogue/permit.md\n")
    assert (tmp_path / "docs" / "catalogue" / "permit.md").read_text() == "changed by hand"


def test_each_kind_has_one_test_of_its_key_within_the_feed_and_one_of_what_must_be_filled(tmp_path: Path) -> None:
    generate(tmp_path)
    for contract in all_contracts():
        told = tmp_path / "dbt_project" / "models" / "staging" / f"_stg_{contract.name}.yml"
        [model] = yaml.safe_load(told.read_text())["models"]
        tested = {name: test["arguments"]["columns"] for one in model["data_tests"] for name, test in one.items()}
        assert tested["one_row_for_each"] == ["feed", *contract.key]
        required = {field.name for field in contract.record_fields if field.required}
        assert required | {"_delivery_id"} == set(tested["filled"]) | set(tested["one_row_for_each"][1:])
        assert model["columns"][0]["name"] == "feed"


@pytest.mark.parametrize("contract", all_contracts(), ids=lambda contract: contract.name)
def test_the_odcs_file_is_valid_by_the_official_schema(contract: object, tmp_path: Path) -> None:
    generate(tmp_path)
    text = (tmp_path / "contracts" / "odcs" / f"{contract.name}.odcs.yaml").read_text(encoding="utf-8")  # type: ignore[attr-defined]
    document = yaml.safe_load(text)
    assert document["apiVersion"] == "v3.1.0"
    jsonschema.validate(document, SCHEMA)
    OpenDataContractStandard.from_string(text)


def test_sources_and_staging_hold_the_columns_of_the_lake_and_no_dropped_one(tmp_path: Path) -> None:
    generate(tmp_path)
    staging = tmp_path / "dbt_project" / "models" / "staging"
    sources = yaml.safe_load((staging / "_sources.yml").read_text())["sources"]
    tables = {table["name"]: [column["name"] for column in table["columns"]] for table in sources[0]["tables"]}
    for contract in all_contracts():
        assert set(contract.record_columns) < set(tables[contract.name])
        sql = (staging / f"stg_{contract.name}.sql").read_text()
        for field in contract.fields:
            assert (re.search(rf"\b{field.name}, *\n?", sql) is not None) == (field.privacy != "drop")
