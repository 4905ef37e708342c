from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import polars as pl
import pytest
from pandera.config import ValidationDepth, config_context

from contracts import ContractError, all_contracts
from tests.contracts.city import request
from tests.contracts.kinds import fields, record

FILLER: dict[str, Any] = {"str": "x", "int": 1, "float": 1.0, "bool": True, "date": None, "instant": None}


def test_pandera_agrees_with_the_masks_on_what_is_left(office: Any) -> None:
    spoilt = [{"latitude": "91"}, {"status": "gone"}, {"closed_date": "2026-01-01"}, {"sr_short_code": None}, {}]
    checked = office().judge([[request(number, **changed) for number, changed in enumerate(spoilt)]])
    contract = next(one for one in all_contracts() if one.name == "service_request")
    passed = contract.gate.validate(checked.accepted.select(list(contract.record_columns)), lazy=True)
    assert len(passed) == checked.verdict.accepted == 1


def test_a_switched_off_pandera_is_refused(office: Any) -> None:
    bench = office()
    delivery = bench.deliver([[request(1)]])
    with config_context(validation_enabled=False), pytest.raises(ContractError, match="PANDERA_VALIDATION_ENABLED"):
        bench.check(delivery)
    with config_context(validation_depth=ValidationDepth.SCHEMA_ONLY), pytest.raises(ContractError):
        bench.check(delivery)
    assert not (delivery / "checked").exists()


@pytest.mark.parametrize("setting", ["PANDERA_VALIDATION_ENABLED=False", "PANDERA_VALIDATION_DEPTH=SCHEMA_ONLY"])
def test_a_setting_of_the_environment_that_silences_pandera_is_refused(setting: str) -> None:
    name, _, value = setting.partition("=")
    code = "from contracts.check import refuse_silenced_pandera as refuse; refuse()"
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ, name: value}, capture_output=True, text=True)
    assert done.returncode == 1
    assert "pandera does not validate" in done.stderr


@pytest.mark.parametrize("contract", all_contracts(), ids=lambda contract: contract.name)
def test_every_check_answers_for_every_row(contract: Any) -> None:
    columns = {column.name: [FILLER[column.type]] * 3 for column in contract.fields}
    schema = {name: column.dtype.type for name, column in contract.model.to_schema().columns.items()}
    frame = pl.LazyFrame(columns, schema=schema)
    for field in contract.fields:
        for check in contract.checks(field.name):
            assert len(check(frame, field.name).check_output.collect()) == 3
    for check in contract.gate.checks:
        assert len(check(frame).check_output.collect()) == 3


@pytest.mark.parametrize("kind", ["service_request", "payment"])
def test_columns_written_are_those_of_the_lake_with_their_types(office: Any, kind: str) -> None:
    checked = office(contract=kind, fields=fields(kind)).judge([[record(kind)]])
    contract = next(one for one in all_contracts() if one.name == kind)
    own = {"_rec": "BIGINT", "_op": "VARCHAR", "_extra": "VARCHAR", "_row_hash": "VARCHAR"}
    types = {pl.String: "VARCHAR", pl.Int64: "BIGINT", pl.Float64: "DOUBLE", pl.Boolean: "BOOLEAN", pl.Date: "DATE",
             pl.Datetime: "TIMESTAMPTZ"}  # fmt: skip
    written = {name: types[dtype.base_type()] for name, dtype in checked.accepted.schema.items()}
    assert written == contract.record_columns | own
