"""dbt: the lake's tables as sources, and one staging view a kind with its current rows."""

from __future__ import annotations

from typing import Any

from contracts.contract import Contract
from contracts.exports.words import COMMAND, as_yaml, made_from, meaning

RECORD_COLUMNS = {
    "_feed": "The feed it came from, as `<department>__<feed>`.",
    "_delivery_id": "The delivery it came with.",
    "_rec": "Its place in that delivery, from 0.",
    "_op": "U for a version of the record, D for its withdrawal.",
    "_extra": "JSON of the sender's fields that are kept beside the contract's.",
    "_row_hash": "Hash of its content: equal content, equal hash.",
    "_loaded_at": "When it was loaded.",
}
LINE = 110
STAGED = ["_delivery_id", "_extra", "_loaded_at"]
OPS = {
    "delivery": "The ledger: one row for each delivery, with its counts and its verdict; `replays` names the one that"
    " a replay judges again.",
    "finding": "One row for each broken rule and record, or broken rule and delivery.",
    "set_aside": "One row for each record kept out of the lake, with its reasons and where it lies.",
    "set_aside_event": "One row for each record set aside that waits no more: it was replayed, mended, repeated,"
    " superseded or expired.",
    "set_aside_open": "One row for each record set aside that still waits.",
    "check_result": "One row for each rule that was applied to a field of a delivery, passed ones included.",
    "run": "One row for each step of a run.",
    "action": "One row for each thing that somebody has to do, with its state and what people said to it.",
    "action_event": "One row for each time that an action was opened, changed, escalated, closed or opened again, or"
    " that somebody answered it.",
    "feed": "One row for each feed, as the city files say.",
    "department": "One row for each department, as the city files say.",
    "city": "The city: one row.",
    "area_code": "One row for each district of the city's list.",
    "coverage": "One row for each feed that must cover periods and, where it promised them, each area of it.",
    "promised_field": "One row for each field that a feed promised to fill in some of its records.",
    "expected_data": "One row for each data set that a department owes and that nobody has connected.",
    "clock": "The instant that this build takes for now: one row.",
    "watch_clock": "The instant that a cycle of the monitoring takes for now: one row.",
    "watched": "One row for each feed that is read every few minutes.",
    "watch_cycle": "One row for each cycle of the monitoring: when it began, and how many of its feeds failed.",
    "alert": "One row for each alert: what stood, since when, its state and who judged it.",
    "alert_event": "One row for each change of an alert: raised, acknowledged, escalated, ended and so on.",
    "alert_message": "One row for each message about an alert, with its whole content.",
    "alert_delivery": "One row for each message and recipient: whether it was sent.",
    "digest": "One row for each weekly digest that was sent to a steward; the week is named by its Monday.",
    "emergency": "One row for each emergency that was declared.",
    "emergency_action": "One row for each thing done in an emergency.",
}


def sources(contracts: list[Contract]) -> str:
    """Return `_sources.yml`: what the lake gives to dbt."""
    records = {
        "name": "records",
        "schema": "records",
        "description": "Every distinct version of every record that was accepted, one table a kind of record.",
        "tables": [_table(contract) for contract in contracts],
    }
    ops = {
        "name": "ops",
        "schema": "ops",
        "description": "What happened to deliveries and runs, and what the city files say.",
        "tables": [{"name": name, "description": told} for name, told in OPS.items()],
    }
    return as_yaml(
        {"version": 2, "sources": [records, ops]}, f"made by `{COMMAND}` from contracts/kinds: change it there"
    )


def _table(contract: Contract) -> dict[str, Any]:
    fields = [{"name": field.name, "description": meaning(field)} for field in contract.record_fields]
    own = [{"name": name, "description": told} for name, told in RECORD_COLUMNS.items()]
    return {"name": contract.name, "description": f"{contract.title} All its versions.", "columns": fields + own}


def staging_model(contract: Contract) -> str:
    """Return a kind's current rows: their feed, the columns as the contract names them, nothing more.

    A view of it would look at every version of every record each time it is read; of a kind that grows it is a table,
    in which a build looks at the records that came.
    """
    names = ["_feed as feed", *contract.record_columns, *STAGED]
    line = f"select {', '.join(names)}"
    # as sqlfmt writes it: on one line where that is short enough
    select = line if len(line) <= LINE else "select\n" + ",\n".join(f"    {name}" for name in names)
    key = ", ".join(f'"{name}"' for name in contract.key)
    stamp = f', stamp="{contract.stamp}"' if contract.stamp else ""
    rows = f'from {{{{ current_rows("records", "{contract.name}", key=[{key}]{stamp}) }}}}'
    return f"-- {made_from(contract)}\n{_in_parts(contract) if contract.grows else ''}{select}\n{rows}\n"


def _in_parts(contract: Contract) -> str:
    """Return the configuration of a table of which a build looks at the records that were touched."""
    by, of = (", ".join(f'"{name}"' for name in [feed, *contract.key]) for feed in ("feed", "_feed"))
    parts = f'{{"by": [{by}], "of": {{"{contract.name}": [{of}]}}}}'
    line = f'{{{{ config(materialized="table", meta={{"parts": {parts}}}) }}}}'
    if len(line) > LINE:
        line = (
            '{{\n    config(\n        materialized="table",\n        meta={\n            "parts": {\n'
            f'                "by": [{by}],\n                "of": {{"{contract.name}": [{of}]}},\n'
            "            }\n        },\n    )\n}}"
        )
    return f"{line}\n\n"


def staging_properties(contract: Contract) -> str:
    """Return the view's grain, columns and tests: one test for the whole key and one for all that must be filled."""
    told = {"feed": RECORD_COLUMNS["_feed"]}
    told |= {field.name: meaning(field) for field in contract.record_fields}
    told |= {name: RECORD_COLUMNS[name] for name in STAGED}
    required = [field.name for field in contract.record_fields if field.required and not field.key]
    model = {
        "name": f"stg_{contract.name}",
        "description": f"{contract.title} Its newest version within its feed; withdrawn records are left out.",
        "data_tests": [
            _test("one_row_for_each", ["feed", *contract.key]),
            _test("filled", [*required, "_delivery_id"]),
        ],
        "columns": [{"name": name, "description": description} for name, description in told.items()],
    }
    return as_yaml({"version": 2, "models": [model]}, made_from(contract))


def _test(name: str, columns: list[str]) -> dict[str, Any]:
    return {name: {"arguments": {"columns": columns}}}
