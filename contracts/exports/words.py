"""Sentences and layout that the exports share."""

from __future__ import annotations

from typing import Any

import yaml

from contracts.contract import Contract, ContractField

COMMAND = "make fix"
PRIVACY = {
    "drop": "Personal: never enters the lake.",
    "pseudonym": "Personal: a keyed pseudonym stands in its place, the same for the same value.",
    "mask": "Personal values that are known or recognised are masked in the text.",
    "generalise": "Personal: made coarser before it enters the lake.",
}


def made_from(contract: Contract) -> str:
    """Say where a generated file comes from."""
    return f"made by `{COMMAND}` from contracts/kinds/{contract.name}.py: change it there"


def meaning(field: ContractField) -> str:
    """Return what a field means, in which unit, and what privacy does to it."""
    unit = f" Unit: {field.unit}." if field.unit else ""
    privacy = f" {PRIVACY[field.privacy]}" if field.privacy else ""
    return f"{field.description}{unit}{privacy}"


def limits(field: ContractField) -> list[str]:
    """Return what a value must be, in words."""
    told = [f"one of {', '.join(field.allowed)}"] if field.allowed else []
    if field.ge is not None:
        told.append(f"{field.ge:g} or more")
    if field.le is not None:
        told.append(f"{field.le:g} or less")
    if field.pattern:
        told.append(f"matches `{field.pattern}`")
    if field.reference == "area":
        told.append("on the city's list of districts")
    if field.not_future:
        told.append("not after the fetch")
    return told


def as_yaml(document: dict[str, Any], head: str) -> str:
    """Return a document as YAML under a comment."""
    body = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)
    return f"# {head}\n{body}"
