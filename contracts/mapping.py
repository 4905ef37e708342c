"""From the sender's fields to the contract's, still as text."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from cities import City, Feed, FieldMap
from contracts.contract import Contract, get
from contracts.errors import ContractError
from contracts.expressions import evaluate, fields_read
from contracts.findings import Mark, mark


@dataclass(frozen=True)
class Mapping:
    """How one feed's records become records of its contract."""

    contract: Contract
    fields: dict[str, FieldMap]
    keep: list[str]
    zone: str

    @classmethod
    def of(cls, feed_id: str, feed: Feed, city: City) -> Mapping:
        """Read it from the city files.

        Raises ContractError when a field is mapped that the contract does not know, or a required one is not.
        """
        contract = get(feed.contract)
        known = {field.name for field in contract.fields}
        if strange := sorted(set(feed.fields) - known):
            raise ContractError(f"{feed_id}: {contract.name} has no field {', '.join(strange)}; it has {sorted(known)}")
        required = {field.name for field in contract.fields if field.required}
        if absent := sorted(required - set(feed.fields)):
            raise ContractError(f"{feed_id}: map {', '.join(absent)}, which {contract.name} requires, under `fields`")
        return cls(contract, dict(feed.fields), list(feed.keep), feed.time_zone or city.time_zone)

    @property
    def sender_fields(self) -> set[str]:
        """Every field of the sender that is read or kept."""
        return {name for field in self.fields for name in self.read_by(field)} | set(self.keep)

    @property
    def senders(self) -> dict[str, str]:
        """What findings call the sender's side of each contract field."""
        return {name: field.sender_field for name, field in self.fields.items()}

    def read_by(self, field: str) -> frozenset[str]:
        """Return the sender's fields that one contract field is made of."""
        held = self.fields[field]
        return frozenset([held.from_]) if held.from_ else fields_read(held.sql or "")

    def sent(self, records: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, pl.Series]]:
        """Return what the sender gave for each mapped field, by the contract's names, and where expressions failed."""
        direct = {
            name: records[held.from_] if held.from_ in records.columns else _nothing(len(records))
            for name, held in self.fields.items()
            if held.from_
        }
        expressions = {name: held.sql for name, held in self.fields.items() if held.sql}
        made = evaluate(expressions, records) if expressions else {}
        texts = direct | {name: text for name, (text, _) in made.items()}
        failed = {name: mask for name, (_, mask) in made.items()}
        return pl.DataFrame([texts[name].alias(name) for name in self.fields]), failed

    def coded(self, sent: pl.DataFrame) -> tuple[pl.DataFrame, list[Mark]]:
        """Put our codes for the sender's, and mark the codes that the city file does not list."""
        listed = {name: held.values for name, held in self.fields.items() if held.values}
        ours = sent.with_columns(
            pl.col(name).replace_strict(codes, default=None, return_dtype=pl.String) for name, codes in listed.items()
        )
        marks = [
            mark("unknown_code", name, sent[name].is_not_null() & ours[name].is_null(), sent[name].count())
            for name in listed
        ]
        return ours, marks


def _nothing(size: int) -> pl.Series:
    return pl.repeat(None, size, dtype=pl.String, eager=True)
