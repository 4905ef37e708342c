"""The Open Data Contract Standard (Bitol ODCS v3.1.0): a contract for machines of other offices."""

from __future__ import annotations

from typing import Any

from contracts.contract import Contract, ContractField
from contracts.exports.words import as_yaml, limits, made_from, meaning
from contracts.rules import Rule

LOGICAL = {
    "str": "string",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "date": "date",
    "instant": "timestamp",
}
DIMENSIONS = {
    "complete": "completeness", "unique": "uniqueness", "consistent": "consistency", "valid": "conformity",
    "accurate": "accuracy",
}  # fmt: skip
SEVERITIES = {"refuse": "error", "set_aside": "error", "warn": "warning"}


def document(contract: Contract) -> str:
    """Return a contract as an ODCS document: the fields as they are in the lake, after privacy."""
    table: dict[str, Any] = {
        "name": contract.name,
        "physicalName": f"records.{contract.name}",
        "physicalType": "table",
        "logicalType": "object",
        "description": contract.title,
        "dataGranularityDescription": contract.title.split("\n")[0],
        "properties": [_property(contract, field) for field in contract.record_fields],
    }
    if contract.rules:
        table["quality"] = [_quality(held.rule, held.field) for held in contract.rules]
    told: dict[str, Any] = {
        "version": contract.version,
        "kind": "DataContract",
        "apiVersion": "v3.1.0",
        "id": f"urn:civiclake:contract:{contract.name}",
        "name": contract.name,
        "status": "active",
        "description": {"purpose": contract.title},
        "schema": [table],
        "slaProperties": [{"property": "retention", "value": contract.retention_years, "unit": "y"}],
    }
    if contract.standard:
        told["tags"] = [contract.standard]
    return as_yaml(told, made_from(contract))


def _property(contract: Contract, field: ContractField) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": field.name,
        "businessName": field.title,
        "description": meaning(field),
        "logicalType": LOGICAL[field.type],
        "physicalType": field.sql_type,
        "required": field.required,
        "classification": field.classification,
    }
    if field.key:
        told |= {"primaryKey": True, "primaryKeyPosition": contract.key.index(field.name) + 1}
    options = _options(field)
    if options:
        told["logicalTypeOptions"] = options
    if limits(field):
        told["quality"] = [{"type": "text", "dimension": "conformity", "description": limit} for limit in limits(field)]
    return told


def _options(field: ContractField) -> dict[str, Any]:
    given = {"pattern": field.pattern, "minimum": field.ge, "maximum": field.le, "maxLength": field.cut}
    return {name: value for name, value in given.items() if value is not None}


def _quality(rule: Rule, field: str) -> dict[str, Any]:
    return {
        "name": rule.id,
        "type": "text",
        "dimension": DIMENSIONS[rule.dimension],
        "severity": SEVERITIES[rule.strength],
        "description": f"Not allowed: {rule.en} ({field}).",
    }
