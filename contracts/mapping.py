"""From the sender's fields to the contract's, still as text."""

from __future__ import annotations

from collections.abc import Set
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
        contract = get(feed.contract).in_zone(city.time_zone)
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
        return frozenset(held.wordings) or fields_read(held.sql or "")

    def lacking(self, field: str, came: Set[str]) -> set[str]:
        """Return what did not come of the sender's fields that one contract field needs: of wordings, one is enough."""
        wordings = self.fields[field].wordings
        if wordings:
            return set() if came & set(wordings) else {wordings[0]}
        return set(self.read_by(field) - came)

    def sent(self, records: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, pl.Series]]:
        """Return what the sender gave for each mapped field, by the contract's names, and where expressions failed."""
        direct = {name: _first_given(held.wordings, records) for name, held in self.fields.items() if held.wordings}
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


def _first_given(wordings: list[str], records: pl.DataFrame) -> pl.Series:
    """Return of each record the value under the first wording that has one: records of one page may differ in it."""
    there = [records[name] for name in wordings if name in records.columns]
    if len(there) < 2:
        return there[0] if there else pl.repeat(None, len(records), dtype=pl.String, eager=True)
    return pl.select(pl.coalesce(there)).to_series()
