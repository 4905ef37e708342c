"""Every contract, proved by records generated from it: what is good is accepted as it was, what is spoilt is told."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from contracts import Contract, all_contracts, pseudonym
from contracts.contract import all_rules
from tests.contracts.city import Checked, Office
from tests.contracts.spoilers import FIELD_RULES, KIND_RULES, Spoilt, another_content, spoilt
from tests.contracts.strategies import (
    CANARY,
    FORMATS,
    Record,
    Terms,
    good_records,
    harshest_terms,
    mended,
    rekeyed,
    terms,
    typed_frame,
    values,
)

KINDS = pytest.mark.parametrize("contract", all_contracts(), ids=lambda contract: contract.name)
FEW = settings(
    max_examples=3, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
OF_DELIVERIES = {
    "layout_removed", "layout_added", "layout_reworded", "retyped", "encoding_guessed", "row_count", "count_mismatch",
    "set_aside_share", "empty_answer", "possible_gap",
}  # fmt: skip
"""Rules that no single record breaks: test_delivery_rules proves them."""

OF_RECORDS = {"malformed_record", "duplicate", "ambiguous"}
"""Rules about a record as a whole: proved below one by one."""


def several(contract: Contract) -> st.SearchStrategy[list[Record]]:
    return st.lists(good_records(contract), min_size=2, max_size=4)


def judged(told: Terms, sent: list[Record], folder: Any, body: bytes | None = None) -> Checked:
    """Deliver records written as told, and check them."""
    pages = [told.body(sent) if body is None else body]
    return Office(folder, **told.feed).judge(pages, **FORMATS[told.form])


def findings(checked: Checked) -> list[tuple[Any, ...]]:
    return [(row["rec"], row["rule"], row["field"], re.sub(r"^sql: (\w+)::.*", r"\1", row["sender_field"]))
            for row in checked.table("findings")]  # fmt: skip


def assert_kept(contract: Contract, checked: Checked, expected: dict[int, Record]) -> None:
    """Assert that exactly these records, by their place, were accepted with exactly these values, privacy aside."""
    accepted = checked.accepted.sort("_rec")
    assert accepted["_rec"].to_list() == sorted(expected)
    records = [expected[rec] for rec in sorted(expected)]
    typed = typed_frame(contract, records)
    for held in contract.record_fields:
        kept, sent = accepted[held.name], typed[held.name]
        if held.privacy is None:
            assert kept.to_list() == sent.to_list(), held.name
        elif held.privacy == "generalise":
            assert kept.is_null().equals(sent.is_null())
            assert ((kept - sent).abs().fill_null(0) <= 0.0005 + 1e-9).all()
        elif held.privacy == "pseudonym":
            made = [value and pseudonym(value, held.domain or "", b"a key for tests") for value in sent]
            assert kept.to_list() == made, held.name


def assert_nobody_given_away(checked: Checked, log: str) -> None:
    assert CANARY not in (checked.text + log).lower()


@KINDS
def test_good_records_are_accepted_as_they_were_however_they_are_written(
    contract: Contract, tmp_path_factory: pytest.TempPathFactory, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    @settings(FEW, max_examples=6)
    @given(told=terms(contract), drawn=several(contract))
    def holds(told: Terms, drawn: list[Record]) -> None:
        records = [rekeyed(contract, record, number) for number, record in enumerate(drawn * 2)]
        checked = judged(told, [told.sent(record) for record in records], tmp_path_factory.mktemp("office"))
        assert checked.table("findings") == []
        assert checked.verdict.accepted == checked.verdict.received == len(records)
        assert_kept(contract, checked, dict(enumerate(records)))
        assert_nobody_given_away(checked, caplog.text)

    holds()


def spoilt_delivery(told: Terms, drawn: list[Record]) -> tuple[list[Record], list[Record], dict[int, Spoilt]]:
    """Return typed and sent records, each spoilt in one way between good ones, and which was spoilt how."""
    contract, typed, sent, broken = told.contract, [], [], {}
    for at, one in enumerate(spoilt(told, drawn[0])):
        for number, record in enumerate((drawn[at % len(drawn)], drawn[-1])):
            typed.append(rekeyed(contract, record, 3 * at + number))
            sent.append(told.sent(typed[-1]))
        broken[len(sent)] = one
        first = contract.key[0]
        typed.append(one.typed if one.field == first else rekeyed(contract, one.typed, 3 * at + 2))
        sent.append(one.sent if one.field == first else one.sent | told.sent({first: typed[-1][first]}))
    return typed, sent, broken


@KINDS
def test_a_spoilt_record_is_told_for_exactly_its_reason_and_nothing_else_is(
    contract: Contract, tmp_path_factory: pytest.TempPathFactory, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    strengths = {rule.id: rule.strength for rule in all_rules().values()}

    def holds(told: Terms, drawn: list[Record]) -> None:
        typed, sent, broken = spoilt_delivery(told, drawn)
        checked = judged(told, sent, tmp_path_factory.mktemp("office"))
        assert sorted(findings(checked)) == sorted((rec, *one.told) for rec, one in broken.items())
        aside = {rec for rec, one in broken.items() if strengths[one.rule] == "set_aside"}
        assert {row["rec"] for row in checked.table("set_aside")} == aside
        verdict = checked.verdict
        assert verdict.received == len(sent) == verdict.accepted + verdict.duplicate + verdict.set_aside
        assert_kept(contract, checked, {rec: one for rec, one in enumerate(typed) if rec not in aside})
        assert_nobody_given_away(checked, caplog.text)

    @FEW
    @given(told=terms(contract), drawn=several(contract))
    def holds_however_written(told: Terms, drawn: list[Record]) -> None:
        holds(told, drawn)

    @FEW
    @given(form=st.sampled_from(list(FORMATS)), drawn=several(contract))
    def holds_where_most_rules_apply(form: str, drawn: list[Record]) -> None:
        holds(harshest_terms(contract, form), drawn)

    holds_however_written()
    holds_where_most_rules_apply()


@KINDS
def test_copies_collapse_and_contradictions_are_set_aside(
    contract: Contract, tmp_path_factory: pytest.TempPathFactory
) -> None:
    @FEW
    @given(told=terms(contract), drawn=several(contract))
    def holds(told: Terms, drawn: list[Record]) -> None:
        records = [rekeyed(contract, record, number) for number, record in enumerate(drawn)]
        same, tie = records[0], another_content(contract, records[1])
        sent = [told.sent(record) for record in [*records, same, tie]]
        checked = judged(told, sent, tmp_path_factory.mktemp("office"))
        key = contract.key[0]
        copy = len(records)
        assert [one[:3] for one in findings(checked)] == [
            (1, "ambiguous", key), (copy, "duplicate", key), (copy + 1, "ambiguous", key)
        ]  # fmt: skip
        assert {row["rec"] for row in checked.table("set_aside")} == {1, copy + 1}
        assert (checked.verdict.duplicate, checked.verdict.set_aside) == (1, 2)
        assert checked.verdict.accepted == len(records) - 1

    holds()


@KINDS
@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_a_damaged_line_between_good_ones_is_set_aside_alone(
    contract: Contract, form: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    @settings(FEW, max_examples=1)
    @given(drawn=several(contract))
    def holds(drawn: list[Record]) -> None:
        told = harshest_terms(contract, form)
        records = [rekeyed(contract, record, number) for number, record in enumerate(drawn)]
        damaged = f"{CANARY},1\n" if form == "csv" else f'{{"their_x": "{CANARY}\n'
        body = told.body([told.sent(record) for record in records])
        whole = body.decode() + ("" if body.endswith(b"\n") else "\n") + damaged
        checked = judged(told, [], tmp_path_factory.mktemp("office"), whole.encode())
        assert [(row["rec"], row["rule"]) for row in checked.table("findings")] == [(len(records), "malformed_record")]
        assert_kept(contract, checked, dict(enumerate(records)))
        assert_nobody_given_away(checked, "")

    holds()


@pytest.mark.parametrize("contract", [one for one in all_contracts() if one.stamp], ids=lambda contract: contract.name)
def test_versions_of_a_record_with_stamps_of_their_own_are_all_accepted(
    contract: Contract, tmp_path_factory: pytest.TempPathFactory
) -> None:
    stamp = contract.field(contract.stamp or "")

    @FEW
    @given(told=terms(contract), record=good_records(contract),
           stamps=st.lists(values(stamp), min_size=2, max_size=4, unique=True))  # fmt: skip
    def holds(told: Terms, record: Record, stamps: list[Any]) -> None:
        keep = {stamp.name, *contract.key}
        versions = [mended(contract, record | {stamp.name: value}, keep) for value in stamps]
        checked = judged(told, [told.sent(version or {}) for version in versions], tmp_path_factory.mktemp("office"))
        assert checked.verdict.accepted == len(versions)

    holds()


@KINDS
def test_every_rule_that_is_applied_to_a_field_has_a_spoiler(contract: Contract, tmp_path: Any) -> None:
    told = harshest_terms(contract, "csv")
    checked = judged(told, [], tmp_path)
    applied = {(row["rule"], row["field"]) for row in checked.table("checks")}
    applied = {pair for pair in applied if pair[0] not in OF_DELIVERIES | OF_RECORDS}

    @settings(FEW, max_examples=1)
    @given(drawn=several(contract))
    def proves(drawn: list[Record]) -> None:
        proved = {(one.rule, one.field) for one in spoilt(told, drawn[0])}
        assert proved == applied

    proves()


def test_no_spoiler_is_left_for_a_rule_that_is_gone() -> None:
    declared = {(contract.name, held.rule.id, held.field) for contract in all_contracts() for held in contract.rules}
    assert set(KIND_RULES) == declared
    assert set(FIELD_RULES) | OF_RECORDS | OF_DELIVERIES | {rule for _, rule, _ in declared} == set(all_rules()) - {
        "unreadable_page", "short_snapshot"
    }  # fmt: skip


@KINDS
def test_the_generated_records_are_of_many_shapes(contract: Contract) -> None:
    """A generator that gave the same record again and again would prove little."""
    seen: list[Record] = []

    @settings(FEW, max_examples=150)
    @given(record=good_records(contract))
    def collects(record: Record) -> None:
        seen.append(record)

    collects()
    frame = typed_frame(contract, seen)
    for held in contract.fields:
        assert frame[held.name].n_unique() > 1, held.name
        assert held.required or frame[held.name].null_count() > 0, held.name
