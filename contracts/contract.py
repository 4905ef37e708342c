"""A contract: what one record of a kind must be, read once from its pandera model."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pandera.polars as pa

from contracts import kinds
from contracts.errors import ContractError
from contracts.rules import GENERAL, KindRule, Rule
from extractors.quoting import identifier

TYPES = {"String": "str", "Int64": "int", "Float64": "float", "Boolean": "bool", "Date": "date", "Datetime": "instant"}
SQL_TYPES = {
    "str": "VARCHAR", "int": "BIGINT", "float": "DOUBLE", "bool": "BOOLEAN", "date": "DATE", "instant": "TIMESTAMPTZ"
}  # fmt: skip


@dataclass(frozen=True)
class ContractField:
    """Everything known of one field; see `contracts.fields.field` for the meaning of each part."""

    name: str
    type: str
    title: str
    description: str
    required: bool
    key: bool
    stamp: bool
    unit: str | None
    classification: str
    privacy: str | None
    domain: str | None
    decimals: int | None
    cut: int | None
    reference: str | None
    not_future: bool
    allowed: tuple[str, ...]
    ge: float | None
    le: float | None
    pattern: str | None

    @property
    def sql_type(self) -> str:
        """The type of the field's column in the lake."""
        return SQL_TYPES[self.type]

    @property
    def is_personal(self) -> bool:
        """Whether a value of it may be shown to nobody."""
        return self.classification in {"personal", "sensitive", "secret"}


@dataclass(frozen=True)
class Contract:
    """One kind of record: its fields in order, its rules, and what pandera judges."""

    name: str
    version: str
    title: str
    subject: str | None
    retention_years: int
    grows: bool
    standard: str | None
    fields: tuple[ContractField, ...]
    rules: tuple[KindRule, ...]
    model: Any

    @property
    def key(self) -> list[str]:
        """The fields that together name a record."""
        return [field.name for field in self.fields if field.key]

    @property
    def key_text(self) -> str:
        """The SQL of the text that names a record in the lake: its key's values cast by DuckDB, with `|` between.

        It is null where a part of the key is. Instants read the same only in a session whose time zone is UTC.
        """
        return " || '|' || ".join(f"{identifier(name)}::VARCHAR" for name in self.key)

    @property
    def stamp(self) -> str | None:
        """The field that orders the versions of a record, if the kind has one."""
        return next((field.name for field in self.fields if field.stamp), None)

    @property
    def record_fields(self) -> list[ContractField]:
        """The fields that enter the lake, as they are after privacy."""
        return [field for field in self.fields if field.privacy != "drop"]

    @property
    def record_columns(self) -> dict[str, str]:
        """The columns of `records.<name>` that come from the contract, with their types in the lake."""
        return {field.name: field.sql_type for field in self.record_fields}

    def in_zone(self, zone: str) -> Contract:
        """Return the contract whose rules know the time zone in which a city's days begin."""
        return replace(self, model=_in_zone(self.model, zone))

    def field(self, name: str) -> ContractField:
        """Return one field by its name."""
        return next(field for field in self.fields if field.name == name)

    def checks(self, field: str) -> list[pa.Check]:
        """Return pandera's own checks of one field."""
        return list(_schema(self.model).columns[field].checks)

    @property
    def gate(self) -> Any:
        """The pandera schema of exactly what is loaded: the model without the fields that privacy drops."""
        return _gate(self.model, tuple(field.name for field in self.fields if field.privacy == "drop"))


def get(name: str) -> Contract:
    """Return the contract of a kind of record.

    Raises ContractError when no module of `contracts/kinds` has that name.
    """
    known = _names()
    if name not in known:
        raise ContractError(f"no contract {name!r}; known kinds are {', '.join(known)}; add contracts/kinds/{name}.py")
    return _read(name)


def all_contracts() -> list[Contract]:
    """Return the contracts of all kinds, by name."""
    return [_read(name) for name in _names()]


@cache
def all_rules() -> dict[str, Rule]:
    """Return every rule by its id, the general ones and those of the kinds."""
    declared = {held.rule.id: held.rule for contract in all_contracts() for held in contract.rules}
    return {**declared, **GENERAL}


def rule_words(rule: str) -> dict[str, str]:
    """Return the reason that a rule gives to people, by language code."""
    told = all_rules()[rule]
    return {"en": told.en, "zh": told.zh}


def _names() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(kinds.__path__))


@cache
def _in_zone(model: Any, zone: str) -> Any:
    return type(model.__name__, (model,), {"_zone": zone})


@cache
def _schema(model: Any) -> Any:
    return model.to_schema()


@cache
def _gate(model: Any, dropped: tuple[str, ...]) -> Any:
    return _schema(model).remove_columns(list(dropped))


@cache
def _read(name: str) -> Contract:
    module = importlib.import_module(f"contracts.kinds.{name}")
    model = getattr(module, "".join(part.title() for part in name.split("_")))
    # the schema drops what Config.metadata says; only the model's own getter has it
    terms = model.get_metadata()[model.__name__]["dataframe"]
    return Contract(
        name=name,
        version=terms["version"],
        title=(model.__doc__ or "").strip(),
        subject=terms["subject"],
        retention_years=terms["retention_years"],
        grows=terms.get("grows", False),
        standard=terms["standard"],
        fields=tuple(_field(name, column) for name, column in _schema(model).columns.items()),
        rules=tuple(held for member in vars(model).values() if (held := _kind_rule(member))),
        model=model,
    )


def _kind_rule(member: Any) -> KindRule | None:
    return getattr(getattr(member, "__func__", None), "kind_rule", None)


def _field(name: str, column: Any) -> ContractField:
    told = {check.name: check.statistics for check in column.checks}
    return ContractField(
        name=name,
        type=TYPES[column.dtype.type.base_type().__name__],
        title=column.title,
        description=column.description,
        required=not column.nullable,
        allowed=tuple(told.get("isin", {}).get("allowed_values", ())),
        ge=told.get("greater_than_or_equal_to", {}).get("min_value"),
        le=told.get("less_than_or_equal_to", {}).get("max_value"),
        pattern=getattr(
            told.get("str_matches", {}).get("pattern"), "pattern", told.get("str_matches", {}).get("pattern")
        ),
        **column.metadata,
    )
