"""Catalogue pages in Markdown: what one row is, and what each column means."""

from __future__ import annotations

from contracts.contract import Contract, ContractField
from contracts.exports.words import limits, made_from, meaning

STRENGTHS = {"refuse": "delivery refused", "set_aside": "record set aside", "warn": "warning"}


def index(contracts: list[Contract]) -> str:
    """Return the page that lists all kinds of record."""
    rows = [f"| [{contract.name}]({contract.name}.md) | {contract.title} |" for contract in contracts]
    return "\n".join(["# Kinds of record", "", "| Kind | One row |", "| --- | --- |", *rows]) + "\n"


def page(contract: Contract) -> str:
    """Return the page of one kind."""
    facts = [
        ("Key", f"{', '.join(f'`{name}`' for name in contract.key)}, within its feed"),
        ("Newer version by", f"`{contract.stamp}`" if contract.stamp else "time of loading"),
        ("Version", contract.version),
        ("Kept for", f"{contract.retention_years} years"),
        ("Person concerned", contract.subject or "none"),
        ("Standard", contract.standard or "none"),
        ("Tables", f"`records.{contract.name}` (all versions), `staging.stg_{contract.name}` (current rows)"),
    ]
    lines = [f"<!-- {made_from(contract)} -->", f"# {contract.name}", "", contract.title, ""]
    lines += ["| | |", "| --- | --- |", *(f"| {name} | {value} |" for name, value in facts)]
    lines += [
        "",
        "## Fields",
        "",
        "| Field | Type | Required | Class | Meaning | Must be |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    lines += [_row(field) for field in contract.fields]
    return "\n".join([*lines, *_rules(contract)]) + "\n"


def _row(field: ContractField) -> str:
    type = field.sql_type if field.privacy != "drop" else "not kept"
    required = "yes" if field.required else ""
    must = "; ".join(limits(field)).replace("|", "\\|")
    return f"| `{field.name}` | {type} | {required} | {field.classification} | {meaning(field)} | {must} |"


def _rules(contract: Contract) -> list[str]:
    if not contract.rules:
        return []
    head = [
        "",
        "## Rules between fields",
        "",
        "| Rule | Reason told | 原因 | Field | What happens |",
        "| --- | --- | --- | --- | --- |",
    ]
    return head + [
        f"| `{held.rule.id}` | {held.rule.en} | {held.rule.zh} | `{held.field}` | {STRENGTHS[held.rule.strength]} |"
        for held in contract.rules
    ]
