"""The verb check: judges one delivery and writes what may be loaded, what is set aside and why, beside its pages.

Two passes keep memory bounded. The first takes batches of pages through mapping, reading, the rules, privacy and
pandera, and writes parts. The second, over keys alone, finds copies and contradictions between all batches, and
puts the parts together. Nothing is visible before everything is written.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

import pandera.polars as pa
import polars as pl
from pandera.config import ValidationDepth, get_config_context
from pandera.errors import SchemaError, SchemaErrors

from cities import City, Feed, now, secret_key
from contracts import delivery_rules
from contracts.checked import CheckedDraft, Tally, placed
from contracts.contract import Contract
from contracts.delivery_rules import Came, DeliveryMark
from contracts.engine import closed_connection
from contracts.errors import ContractError
from contracts.findings import Mark, mark
from contracts.findings import told as findings_of
from contracts.judging import Judge
from contracts.layout import LayoutChange, compare, known_fields
from contracts.mapping import Mapping
from contracts.pages import Batch, UnreadablePage, read_batches
from contracts.privacy import hide
from contracts.rules import GENERAL
from contracts.verdict import Verdict
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
    fields: set[str] = field(default_factory=set)
    starts: dict[str, int] = field(default_factory=dict)
    received: int = 0
    bad: int = 0
    damage: str | None = None

    @property
    def mapping(self) -> Mapping:
        """How the sender's fields become the contract's."""
        return self.judge.mapping

    @property
    def contract(self) -> Contract:
        """What the records are to be."""
        return self.judge.contract


def check(delivery: Path, feed_id: str, feed: Feed, city: City) -> Verdict:
    """Judge a delivery; the verdict and everything that goes with it lie in `<delivery>/checked/`.

    A delivery that was judged by the same terms is not judged again. Raises ContractError when the city file does
    not fit the contract, when pandera is switched off, or when pandera disagrees with what is about to be written.
    """
    refuse_silenced_pandera()
    mapping, receipt = Mapping.of(feed_id, feed, city), Receipt.read(delivery)
    terms = _terms(mapping, feed, city)
    if (delivery / "checked" / "verdict.json").exists():
        made = Verdict.read(delivery / "checked")
        if (made.mapping_sha256, made.sha256) == (terms, receipt.sha256):
            return made
    judge = Judge(mapping, frozenset(city.areas.codes), receipt.finished_at, city.time_zone)
    with CheckedDraft(delivery, mapping.contract) as draft:
        case = Case(feed, judge, receipt, draft, secret_key("pseudonym"))
        _judge_batches(case, delivery)
        verdict = _decide(case, known_fields(delivery), terms)
        verdict.write(draft.folder)
        draft.publish()
    return verdict


def refuse_silenced_pandera() -> None:
    """Raise ContractError where pandera is told to look away: everything would pass."""
    settings = get_config_context()
    if not settings.validation_enabled or settings.validation_depth not in (None, ValidationDepth.SCHEMA_AND_DATA):
        raise ContractError(
            "pandera does not validate: unset PANDERA_VALIDATION_ENABLED and PANDERA_VALIDATION_DEPTH, and run again"
        )


def _terms(mapping: Mapping, feed: Feed, city: City) -> str:
    """Return a name for everything a delivery is judged by: contract, mapping and the city's own lists."""
    parts = {"fields", "keep", "layout", "rows", "time_zone"}
    contract = mapping.contract
    told = [repr((contract.name, contract.version, contract.fields, [rule.rule for rule in contract.rules])),
            feed.model_dump(mode="json", include=parts), city.time_zone, sorted(city.areas.codes)]  # fmt: skip
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _judge_batches(case: Case, delivery: Path) -> None:
    wanted = case.mapping.sender_fields
    try:
        for batch in read_batches(delivery, case.receipt, wanted):
            _judge_batch(case, batch)
    except UnreadablePage as page:
        case.damage = str(page)
        case.received = max(case.received, case.receipt.records or 0)


def _judge_batch(case: Case, batch: Batch) -> None:
    """Take one batch from text to parts: mapped, read, judged, hidden, passed by pandera, written."""
    for name, first in batch.starts:
        case.starts.setdefault(name, first)
    case.fields |= set(batch.fields)
    case.received += batch.size
    sent, failed = case.mapping.sent(batch.records)
    texts, coded = case.mapping.coded(sent)
    typed, read = case.judge.typed(texts, failed)
    marks = _but_broken([*coded, *read, *case.judge.marks(typed, sent, failed)], batch.broken)
    for one in marks:
        case.tally.add(one)
    findings = findings_of(marks, case.contract, case.mapping.senders, sent, batch.first)
    aside = _set_aside(findings, _names(batch.recs, sent, case.contract))
    case.bad += len(aside)
    case.draft.add(_acceptable(case, batch, typed, aside["rec"]), findings, aside)


def _but_broken(marks: list[Mark], broken: pl.Series) -> list[Mark]:
    """A record that cannot be read at all breaks that rule and no other."""
    rows = broken.arg_true()
    if len(rows):
        marks = [Mark(one.rule, one.field, one.checked, one.rows.filter(~one.rows.is_in(rows.implode()))) for one in marks]
    return [*marks, mark("malformed_record", "", broken, len(broken))]


def _set_aside(findings: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """Return one row for each record with a reason to set it aside; its place is added at the end."""
    grounds = findings.filter(pl.col("strength") == "set_aside")
    reason = pl.struct("rule", "field", "sender_field", "example").struct.json_encode()
    reasons = grounds.group_by("rec", maintain_order=True).agg(reason.alias("reasons"))
    told = reasons.join(names, on="rec", how="left", maintain_order="left")
    return told.select("rec", "record_key", reasons="[" + pl.col("reasons").list.join(",") + "]")


def _names(recs: pl.Series, keys: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """Return what names each record, for people to find it again; not where it is or looks personal."""
    named = keys.select(pl.concat_str(pl.col(contract.key).cast(pl.String), separator="|")).to_series()
    hidden = any(contract.field(name).is_personal for name in contract.key)
    shown = pl.when(~named.str.contains("@") & pl.lit(not hidden)).then(named)
    return pl.select(recs.alias("rec"), shown.alias("record_key"))


def _acceptable(case: Case, batch: Batch, typed: pl.DataFrame, bad: pl.Series) -> pl.DataFrame:
    table = typed.with_columns(batch.recs.alias("_rec"), _extra(batch.records, case.mapping.keep))
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


def _decide(case: Case, known: set[str] | None, terms: str) -> Verdict:
    repeated = case.draft.repeated() if not case.damage else pl.DataFrame(schema={"_rec": pl.Int64, "rule": pl.String})
    ambiguous = repeated.filter(pl.col("rule") == "ambiguous")["_rec"]
    change = compare(case.mapping, case.fields, known, case.receipt.layout.format, case.received,
                     delivery_rules.retyped_fields(case.tally))  # fmt: skip
    came = Came(case.received, case.bad + len(ambiguous), case.receipt.source_count, change, known is None)
    marks = [delivery_rules.unreadable_page(case.damage)] if case.damage else []
    marks += delivery_rules.judge_delivery(case.feed, case.mapping, came) if not case.damage else []
    _tell_repeated(case, repeated)
    case.draft.add(pl.DataFrame(), delivery_rules.told(marks), pl.DataFrame())
    _write_checks(case, marks)
    refused = sorted({one.rule.id for one in marks if one.refuses})
    if refused:
        case.draft.refuse(_refused_records(case, refused))
        return _verdict(case, change, known, terms, refused, (0, 0, case.received))
    case.draft.finish(repeated["_rec"], _places(case))
    duplicates, aside = len(repeated) - len(ambiguous), case.bad + len(ambiguous)
    return _verdict(case, change, known, terms, [], (case.received - duplicates - aside, duplicates, aside))


def _tell_repeated(case: Case, repeated: pl.DataFrame) -> None:
    """Tell copies and contradictions like any other finding, and set the contradictions aside."""
    key = case.contract.key[0]
    good = case.received - case.bad
    for rule in ("duplicate", "ambiguous"):
        recs = repeated.filter(pl.col("rule") == rule)["_rec"]
        case.tally.add(Mark(GENERAL[rule], key, good, recs))
        if not len(recs):
            continue
        rows = case.draft.rows(recs)
        names = _names(rows["_rec"], rows, case.contract)
        sent = names.select(pl.col("record_key").alias(key))
        seen = Mark(GENERAL[rule], key, good, pl.int_range(len(rows), dtype=pl.UInt32, eager=True))
        findings = findings_of([seen], case.contract, case.mapping.senders, sent, 0)
        findings = findings.with_columns(rows["_rec"].alias("rec"))
        aside = _set_aside(findings, names) if rule == "ambiguous" else pl.DataFrame()
        case.draft.add(pl.DataFrame(), findings, aside)


def _write_checks(case: Case, marks: list[DeliveryMark]) -> None:
    tables = [case.tally.table(case.mapping.senders), delivery_rules.checks(marks)]
    pl.concat(tables).write_parquet(case.draft.folder / "checks.parquet")


def _places(case: Case) -> pl.DataFrame:
    table = pl.DataFrame(list(case.starts.items()), schema={"page": pl.String, "first": pl.Int64}, orient="row")
    # an empty page begins where the next one does, which must win
    return table.sort("first", maintain_order=True)


def _refused_records(case: Case, refused: list[str]) -> pl.DataFrame:
    reasons = json.dumps([{"rule": rule, "field": None, "sender_field": None, "example": None} for rule in refused])
    recs = pl.DataFrame({"rec": pl.int_range(case.received, dtype=pl.Int64, eager=True)})
    told = recs.with_columns(record_key=pl.lit(None, pl.String), reasons=pl.lit(reasons))
    return placed(told, _places(case))


def _verdict(
    case: Case, change: LayoutChange, known: set[str] | None, terms: str, refused: list[str], counts: tuple[int, int, int]
) -> Verdict:
    accepted, duplicate, set_aside = counts
    if case.received != accepted + duplicate + set_aside:
        raise ContractError(f"{case.receipt.feed}: {case.received} records came, {counts} were decided on; report this")
    return Verdict(
        feed=case.receipt.feed, delivery_id=case.receipt.delivery_id, contract=case.contract.name,
        contract_version=case.contract.version, mapping_sha256=terms,
        verdict="refused" if refused else "accepted", refused_because=refused, received=case.received,
        accepted=accepted, duplicate=duplicate, set_aside=set_aside, layout_change=change.told(),
        sha256=case.receipt.sha256, checked_at=now().isoformat(), fields=sorted(case.fields | (known or set())),
    )  # fmt: skip
