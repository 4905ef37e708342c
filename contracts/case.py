"""One delivery while it is judged: takes it batch by batch from text to what may be kept.

Each batch is mapped, read into types, judged by every rule of records, hidden from what is personal, passed by
pandera, and written as parts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pandera.polars as pa
import polars as pl
from pandera.errors import SchemaError, SchemaErrors

from cities import Feed
from contracts.checked import CheckedDraft, Tally
from contracts.contract import Contract, ContractField
from contracts.engine import closed_connection, run
from contracts.errors import ContractError
from contracts.findings import Mark, mark
from contracts.findings import told as findings_of
from contracts.judging import Judge
from contracts.mapping import Mapping
from contracts.pages import Batch, UnreadablePage, read_batches
from contracts.privacy import hide
from contracts.shapes import shapes_of
from extractors.delivery import Receipt


@dataclass
class Case:
    """One delivery while it is judged: the terms it is judged by, and what was seen so far."""

    feed: Feed
    judge: Judge
    receipt: Receipt
    draft: CheckedDraft
    key: bytes
    tally: Tally = field(default_factory=Tally)
    headers: set[frozenset[str]] = field(default_factory=set)
    starts: dict[str, int] = field(default_factory=dict)
    shapes: dict[str, str] = field(default_factory=dict)
    received: int = 0
    bad: int = 0
    damage: str | None = None

    @cached_property
    def wanted(self) -> pl.Series | None:
        """The places of the records to be judged, where it is not all of them."""
        recs = self.receipt.recs
        return None if recs is None else pl.Series(recs, dtype=pl.Int64)

    @property
    def unseen(self) -> list[ContractField]:
        """The fields of which no value was seen yet."""
        return [field for field in self.contract.fields if field.name not in self.shapes]

    @property
    def mapping(self) -> Mapping:
        """How the sender's fields become the contract's."""
        return self.judge.mapping

    @property
    def fields(self) -> frozenset[str]:
        """All of the sender's fields that came."""
        return frozenset[str]().union(*self.headers)

    @property
    def contract(self) -> Contract:
        """What the records are to be."""
        return self.judge.contract


def judge_batches(case: Case, delivery: Path) -> None:
    """Take all pages of a delivery; a damaged one ends it and is remembered in the case."""
    wanted = case.mapping.sender_fields
    try:
        for batch in read_batches(delivery, case.receipt, wanted):
            case.headers.add(frozenset(batch.fields))
            for name, first in batch.starts:
                case.starts.setdefault(name, first)
            _judge_batch(case, batch if case.wanted is None else batch.only(case.wanted))
        if case.wanted is not None and case.received != len(case.wanted):
            raise ContractError(
                f"{case.receipt.feed}/{case.receipt.delivery_id}: of {len(case.wanted)} records to be judged again "
                f"{case.received} were found; restore the folder of {case.receipt.replays} from a back-up"
            )
    except UnreadablePage as page:
        case.damage = str(page)
        came = case.receipt.records if case.wanted is None else len(case.wanted)
        case.received = max(case.received, came or 0)


def _judge_batch(case: Case, batch: Batch) -> None:
    """Take one batch from text to parts: mapped, read, judged, hidden, passed by pandera, written."""
    case.received += batch.size
    sent, failed = case.mapping.sent(batch.records)
    # the first batch that gives values of a field tells how they are written
    case.shapes = shapes_of(sent, case.unseen) | case.shapes
    texts, coded = case.mapping.coded(sent)
    typed, read = case.judge.typed(texts, failed)
    marks = _but_broken([*coded, *read, *case.judge.marks(typed, sent, failed)], batch.broken)
    for one in marks:
        case.tally.add(one)
    findings = findings_of(marks, case.contract, case.mapping.senders, sent, batch.recs)
    records = typed.with_columns(batch.recs.alias("_rec"))
    aside = set_aside_rows(findings, records, case.contract)
    case.bad += len(aside)
    case.draft.add(_acceptable(case, batch, records, aside["rec"]), findings, aside)


def _but_broken(marks: list[Mark], broken: pl.Series) -> list[Mark]:
    """A record that cannot be read at all breaks that rule and no other."""
    rows = broken.arg_true()
    if len(rows):
        marks = [
            Mark(one.rule, one.field, one.checked, one.rows.filter(~one.rows.is_in(rows.implode()))) for one in marks
        ]
    return [*marks, mark("malformed_record", "", broken, len(broken))]


def set_aside_rows(findings: pl.DataFrame, records: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """Return one row for each record with a reason to set it aside; its place is added at the end."""
    grounds = findings.filter(pl.col("strength") == "set_aside")
    reason = pl.struct("rule", "field", "sender_field", "example").struct.json_encode()
    reasons = grounds.group_by("rec", maintain_order=True).agg(reason.alias("reasons"))
    names = record_names(records.filter(pl.col("_rec").is_in(reasons["rec"].implode())), contract)
    told = reasons.join(names, on="rec", how="left", maintain_order="left")
    return told.select("rec", "record_key", reasons="[" + pl.col("reasons").list.join(",") + "]")


def record_names(records: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """Return what names each record, as the lake writes its key; null where it is or looks personal, or was not read.

    By it people find a record again, and the lake knows that a record it holds was sent, though not accepted.
    """
    if any(contract.field(name).is_personal for name in contract.key):
        return records.select(pl.col("_rec").alias("rec"), pl.lit(None, pl.String).alias("record_key"))
    query = f"SELECT _rec AS rec, {contract.key_text} AS record_key FROM records"
    with closed_connection() as connection:
        named = run(connection, query, records.select("_rec", *contract.key))
    return named.with_columns(pl.when(~pl.col("record_key").str.contains("@")).then("record_key"))


def _acceptable(case: Case, batch: Batch, records: pl.DataFrame, bad: pl.Series) -> pl.DataFrame:
    table = records.with_columns(_extra(batch.records, case.mapping.keep))
    table = table.filter(~pl.col("_rec").is_in(bad.implode())) if len(bad) else table
    with closed_connection() as connection:
        hidden = hide(connection, table.drop("_rec"), case.contract, case.key)
    columns = list(case.contract.record_columns)
    _pass_gate(case.contract, hidden.select(columns))
    return hidden.select(
        *columns, table["_rec"], pl.lit("U").alias("_op"), "_extra", pl.col("_row_hash")
    )  # fmt: skip


def _extra(records: pl.DataFrame, keep: list[str]) -> pl.Series:
    there = [name for name in keep if name in records.columns]
    if not there:
        return pl.repeat(None, len(records), dtype=pl.String, eager=True).alias("_extra")
    told = pl.when(pl.any_horizontal(pl.col(there).is_not_null())).then(pl.struct(there).struct.json_encode())
    return records.select(told.alias("_extra")).to_series()


def _pass_gate(contract: Contract, records: pl.DataFrame) -> None:
    """Let pandera judge exactly what will be loaded; it must find nothing that the masks did not."""
    try:
        pa.DataFrameSchema.validate(contract.gate, records, lazy=True)
    except (SchemaErrors, SchemaError) as error:
        # pandera's own message holds values of the records
        failed = getattr(error, "error_counts", type(error).__name__)
        raise ContractError(
            f"{contract.name}: pandera disagrees with the masks about records to be loaded ({failed}); nothing was "
            "written: this is a fault of contracts/, not of the sender"
        ) from None
