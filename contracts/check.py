"""The verb check: judges one delivery and writes what may be loaded, what is set aside and why, beside its pages.

Two passes keep memory bounded. The first takes batches of pages through mapping, reading, the rules, privacy and
pandera, and writes parts. The second, over keys alone, finds copies and contradictions between all batches, and
puts the parts together. Nothing is visible before everything is written.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import polars as pl
from pandera.config import ValidationDepth, get_config_context

from cities import City, Feed, now, secret_key
from contracts import delivery_rules
from contracts.case import Case, judge_batches, record_names, set_aside_rows
from contracts.checked import CheckedDraft, placed
from contracts.delivery_rules import Came, DeliveryMark, encodings
from contracts.errors import ContractError
from contracts.findings import Mark
from contracts.findings import told as findings_of
from contracts.judging import Judge
from contracts.layout import LayoutChange, compare, last_accepted
from contracts.mapping import Mapping
from contracts.rules import GENERAL
from contracts.verdict import Verdict
from extractors.delivery import Delivery, Receipt
from extractors.source import Layout


def check(delivery: Path, feed_id: str, feed: Feed, city: City) -> Verdict:
    """Judge a delivery; the verdict and everything that goes with it lie in `<delivery>/checked/`.

    A delivery that was judged by the same terms is not judged again. Raises ContractError when the city file does
    not fit the contract, when pandera is switched off, or when pandera disagrees with what is about to be written,
    and DamagedDelivery when a page is not what was fetched.
    """
    refuse_silenced_pandera()
    mapping, receipt = Mapping.of(feed_id, feed, city), Receipt.read(delivery)
    terms = terms_of(feed_id, feed, city, [one.rule for one in receipt.waived])
    if made := _made_before(delivery / "checked", terms, receipt):
        return made
    Delivery(delivery, receipt).refuse_damaged()
    judge = Judge(mapping, frozenset(city.areas.codes), receipt.finished_at, city.time_zone)
    with CheckedDraft(delivery, mapping.contract) as draft:
        case = Case(feed, judge, receipt, draft, secret_key("pseudonym"))
        judge_batches(case, delivery)
        verdict = _decide(case, last_accepted(delivery.parent, receipt.replays or delivery.name), terms)
        verdict.write(draft.folder)
        # another run may have made the same meanwhile, and its load be reading it
        if not _made_before(delivery / "checked", terms, receipt):
            draft.publish()
    return verdict


def _made_before(checked: Path, terms: str, receipt: Receipt) -> Verdict | None:
    """Return the verdict of an earlier check by the same terms, of the same pages.

    One that cannot be read is as good as none, since the pages are there.
    """
    try:
        made = Verdict.read(checked) if (checked / "verdict.json").exists() else None
    except ContractError:
        return None
    return made if made and (made.mapping_sha256, made.sha256) == (terms, receipt.sha256) else None


def refuse_silenced_pandera() -> None:
    """Raise ContractError where pandera is told to look away: everything would pass."""
    settings = get_config_context()
    if not settings.validation_enabled or settings.validation_depth not in (None, ValidationDepth.SCHEMA_AND_DATA):
        raise ContractError(
            "pandera does not validate: unset PANDERA_VALIDATION_ENABLED and PANDERA_VALIDATION_DEPTH, and run again"
        )


def terms_of(feed_id: str, feed: Feed, city: City, waived: Sequence[str] = ()) -> str:
    """Return a name for everything a delivery is judged by: contract, mapping, the city's own lists, rules waived.

    Raises ContractError where the city file does not fit the contract.
    """
    # how whole files are to be read is said by the city file too
    parts = {"system", "fields", "keep", "layout", "rows", "time_zone", *Layout.model_fields}
    contract = Mapping.of(feed_id, feed, city).contract
    rules = [rule.rule for rule in contract.rules]
    told: list[object] = [
        repr((contract.name, contract.version, contract.fields, rules)), feed.model_dump(mode="json", include=parts),
        city.time_zone, sorted(city.areas.codes),
    ]  # fmt: skip
    # as it was named before there were waivers
    told += [sorted(waived)] if waived else []
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _decide(case: Case, before: Verdict | None, terms: str) -> Verdict:
    repeated = case.draft.repeated() if not case.damage else pl.DataFrame(schema={"_rec": pl.Int64, "rule": pl.String})
    ambiguous = repeated.filter(pl.col("rule") == "ambiguous")["_rec"]
    known = set(before.fields) if before else None
    change = compare(case.mapping, case.headers, known, case.receipt.layout.format, case.received,
                     delivery_rules.retyped_fields(case.tally))  # fmt: skip
    came = Came(case.received, case.bad + len(ambiguous), case.receipt.source_count, change, before is None,
                encodings(case.receipt), before.shapes if before else {}, case.shapes,
                is_whole=not (case.receipt.narrowed or case.receipt.not_modified),
                may_lack=case.receipt.may_lack)  # fmt: skip
    marks = [delivery_rules.waive(one, case.receipt.waived) for one in _delivery_marks(case, came)]
    _tell_repeated(case, repeated)
    case.draft.add(pl.DataFrame(), delivery_rules.told(marks), pl.DataFrame())
    _write_checks(case, marks)
    refused = sorted({one.rule.id for one in marks if one.refuses})
    if refused:
        case.draft.refuse(_refused_records(case, refused))
        return _verdict(case, change, before, terms, refused, (0, 0, case.received))
    case.draft.finish(repeated["_rec"], _places(case))
    duplicates, aside = len(repeated) - len(ambiguous), case.bad + len(ambiguous)
    return _verdict(case, change, before, terms, [], (case.received - duplicates - aside, duplicates, aside))


def _delivery_marks(case: Case, came: Came) -> list[DeliveryMark]:
    """Apply the rules of deliveries; some records of one that was accepted are no delivery."""
    if case.damage:
        return [delivery_rules.unreadable_page(case.damage)]
    return delivery_rules.judge_delivery(case.feed, case.mapping, came) if case.wanted is None else []


def _tell_repeated(case: Case, repeated: pl.DataFrame) -> None:
    """Tell copies and contradictions like any other finding, and set the contradictions aside."""
    key = case.contract.key[0]
    good = case.received - case.bad
    for rule in ("duplicate", "ambiguous"):
        recs = repeated.filter(pl.col("rule") == rule)["_rec"]
        case.tally.add(Mark(GENERAL[rule], key, good, recs))
        if not len(recs):
            continue
        keys = case.draft.keys(recs)
        sent = record_names(keys, case.contract).select(pl.col("record_key").alias(key))
        seen = Mark(GENERAL[rule], key, good, pl.int_range(len(keys), dtype=pl.UInt32, eager=True))
        findings = findings_of([seen], case.contract, case.mapping.senders, sent, keys["_rec"])
        aside = set_aside_rows(findings, keys, case.contract) if rule == "ambiguous" else pl.DataFrame()
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
    # by its key a record is known again when a later delivery brings it
    names = pl.concat([record_names(part, case.contract) for part in case.draft.good()] + [case.draft.aside()])
    told = recs.join(names.unique("rec"), on="rec", how="left", maintain_order="left")
    return placed(told.with_columns(reasons=pl.lit(reasons)), _places(case))


def _verdict(
    case: Case,
    change: LayoutChange,
    before: Verdict | None,
    terms: str,
    refused: list[str],
    counts: tuple[int, int, int],
) -> Verdict:
    accepted, duplicate, set_aside = counts
    fields, shapes = (before.fields, before.shapes) if before else ([], {})
    if case.received != accepted + duplicate + set_aside:
        raise ContractError(f"{case.receipt.feed}: {case.received} records came, {counts} were decided on; report this")
    return Verdict(
        feed=case.receipt.feed, delivery_id=case.receipt.delivery_id, contract=case.contract.name,
        contract_version=case.contract.version, mapping_sha256=terms,
        verdict="refused" if refused else "accepted", refused_because=refused, received=case.received,
        accepted=accepted, duplicate=duplicate, set_aside=set_aside, layout_change=change.told(),
        sha256=case.receipt.sha256, checked_at=now().isoformat(), fields=sorted(case.fields.union(fields)),
        shapes=shapes | case.shapes,
    )  # fmt: skip
