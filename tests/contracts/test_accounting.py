from __future__ import annotations

import os
import socket
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts import ContractError, pseudonym
from contracts.pages import read_batches
from extractors.delivery import Receipt
from tests.contracts.city import Office, request


def test_identical_copies_collapse_to_the_first_across_batches(office: Any, small_batches: None) -> None:
    checked = office().judge([[request(1), request(2)], [request(3), request(1)], [request(1)]])
    assert checked.accepted["_rec"].to_list() == [0, 1, 2]
    assert checked.verdict.duplicate == 2
    assert [row["rec"] for row in checked.found("duplicate")] == [3, 4]


def test_contradicting_versions_are_all_set_aside_across_batches(office: Any, small_batches: None) -> None:
    pages = [[request(1), request(2)], [request(1, sr_short_code="OTHER")]]
    checked = office().judge(pages)
    assert checked.accepted["_rec"].to_list() == [1]
    told = [(row["rec"], row["page"], row["position"], row["record_key"]) for row in checked.table("set_aside")]
    assert told == [(0, "00000.page", 0, "SR24-00000001"), (2, "00001.page", 0, "SR24-00000001")]
    assert {row["sender_field"] for row in checked.found("ambiguous")} == {"sr_number"}


def test_versions_with_different_stamps_are_all_accepted(office: Any) -> None:
    newer = request(1, last_modified_date="2026-11-22T09:00:00", sr_short_code="OTHER")
    assert office().judge([[request(1), newer]]).verdict.accepted == 2


def test_without_a_stamp_a_second_content_of_a_key_is_ambiguous(office: Any) -> None:
    pages = [[request(1, last_modified_date=None), request(1, last_modified_date=None, sr_short_code="OTHER")]]
    verdict = office().judge(pages).verdict
    assert (verdict.accepted, verdict.set_aside) == (0, 2)


def test_a_record_set_aside_for_itself_is_no_copy_of_a_good_one(office: Any) -> None:
    checked = office().judge([[request(1), request(1, community_area="Z9")]])
    assert (checked.verdict.accepted, checked.verdict.duplicate, checked.verdict.set_aside) == (1, 0, 1)


def test_places_of_records_are_those_of_their_pages(office: Any, small_batches: None) -> None:
    pages = [[request(1), request(2)], [], [request(3), request(4, community_area="Z9")]]
    (aside,) = office().judge(pages).table("set_aside")
    assert (aside["rec"], aside["page"], aside["position"]) == (3, "00002.page", 1)


def test_batches_make_no_difference(office: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = office(rows={"max": 1000})
    pages = [[request(number % 7, community_area=["32", "Z9"][number % 5 == 0]) for number in range(start, start + 5)]
             for start in range(0, 40, 5)]  # fmt: skip
    whole = bench.judge(pages)
    monkeypatch.setattr("contracts.pages.batches.MOST_BYTES", 1)
    parts = bench.judge(pages, delivery_id="20261123T130000Z")
    for table in ("set_aside", "findings", "checks"):
        assert (
            parts.table(table)
            == [
                {**row, "status": "pass", "checked": 1} if row["rule"] == "layout_added" else row
                for row in whole.table(table)
            ]
            if table == "checks"
            else whole.table(table)
        )
    assert parts.accepted.equals(whole.accepted)


record = st.builds(
    request,
    st.integers(1, 4),
    community_area=st.sampled_from(["32", "33", "Z9", None]),
    sr_short_code=st.sampled_from(["SFD", "OTHER", None]),
    closed_date=st.sampled_from(["2026-11-21T09:00:00.000", "2026-11-01T09:00:00.000", "soon", None]),
    last_modified_date=st.sampled_from(["2026-11-21T09:00:00.000", "2026-11-22T09:00:00.000", None]),
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pages=st.lists(st.lists(record, max_size=6), max_size=4))
def test_every_record_is_accepted_duplicate_or_set_aside_and_never_two_of_them(
    tmp_path_factory: pytest.TempPathFactory, pages: list[list[dict[str, Any]]]
) -> None:
    checked = Office(tmp_path_factory.mktemp("office")).judge(pages)
    verdict, received = checked.verdict, sum(len(page) for page in pages)
    assert verdict.received == received == verdict.accepted + verdict.duplicate + verdict.set_aside
    aside = {row["rec"] for row in checked.table("set_aside")}
    parts = sorted(checked.folder.glob("accepted-*.parquet"))
    accepted = set(pl.concat([pl.read_parquet(part) for part in parts])["_rec"]) if parts else set()
    assert (len(aside), len(accepted)) == (verdict.set_aside, verdict.accepted)
    assert not aside & accepted


def test_an_empty_delivery_is_accepted(office: Any) -> None:
    for pages in ([[]], []):
        verdict = office().judge(pages, delivery_id=f"20261123T12000{len(pages)}Z").verdict
        assert (verdict.verdict, verdict.received) == ("accepted", 0)


def test_a_delivery_is_judged_again_only_by_other_terms(office: Any, tmp_path: Any) -> None:
    bench = office()
    delivery = bench.deliver([[request(1)]])
    first = bench.check(delivery).verdict
    written = (delivery / "checked" / "verdict.json").stat().st_mtime_ns
    assert bench.check(delivery).verdict == first
    assert (delivery / "checked" / "verdict.json").stat().st_mtime_ns == written
    changed = Office(tmp_path / "office", rows={"min": 5})
    assert changed.check(delivery).verdict.refused_because == ["row_count"]


def test_a_check_that_died_leaves_nothing_that_is_taken_for_a_verdict(
    office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = office()
    delivery = bench.deliver([[request(1)]])
    (delivery / f".checked.{socket.gethostname()}.999999999").mkdir()
    (delivery / f".checked.{socket.gethostname()}.{os.getpid()}").mkdir()
    monkeypatch.setattr("contracts.checked.CheckedDraft.finish", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        bench.check(delivery)
    assert sorted(path.name for path in delivery.iterdir()) == ["pages", "receipt.json"]
    monkeypatch.undo()


def test_the_draft_of_a_living_check_or_another_machine_is_left_alone(office: Any) -> None:
    bench = office()
    delivery = bench.deliver([[request(1)]])
    drafts = [f".checked.{socket.gethostname()}.{os.getppid()}", ".checked.elsewhere.999999999"]
    for draft in drafts:
        (delivery / draft).mkdir()
    bench.check(delivery)
    assert sorted(path.name for path in delivery.iterdir()) == sorted([*drafts, "checked", "pages", "receipt.json"])


def test_a_feed_that_maps_no_required_field_is_told_what_to_map(office: Any) -> None:
    with pytest.raises(ContractError, match="map requested_at, .*service_request requires"):
        office(fields={"request_id": "a"}).judge([[]])


def test_what_is_hidden_stays_with_its_own_record_in_a_large_batch(office: Any) -> None:
    page = [request(number, caller_phone=f"{number:09}") for number in range(20_000)]
    accepted = office().judge([page[:9_000], page[9_000:]]).accepted
    assert accepted["request_id"].to_list() == [one["sr_number"] for one in page]
    for number in (0, 1, 8_999, 9_000, 12_345, 19_999):
        expected = pseudonym(f"{number:09}", "person", b"a key for tests")
        assert accepted["requester_phone"][number] == expected


def test_a_batch_holds_as_many_pages_as_memory_allows_and_one_at_least(
    office: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("contracts.pages.batches.MOST_RECORDS", 5)
    delivery = office().deliver([[request(1)] * size for size in (2, 2, 2, 9, 1, 0, 4)])
    sizes = [batch.size for batch in read_batches(delivery, Receipt.read(delivery), {"sr_number"})]
    assert sizes == [4, 2, 9, 5]
    monkeypatch.setattr("contracts.pages.batches.MOST_BYTES", 1000)
    sizes = [batch.size for batch in read_batches(delivery, Receipt.read(delivery), {"sr_number"})]
    assert sizes == [2, 2, 2, 9, 1, 4]
