"""The answer sheet is counted from events; here it is counted again from what the systems send."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from decimal import Decimal

import pytest

from sandbox import city_on, truth
from sandbox.city import FEEDS

SEED, SCALE = 7, 0.2


@pytest.fixture(scope="module", params=[0, 1, 2, 6])
def day(request: pytest.FixtureRequest) -> int:
    return request.param


def good(told: dict, feed: str, key) -> list[dict]:
    """The records of a feed that a correct lake holds, each once; those set aside and not mended are left out."""
    aside = {
        fault["record"]
        for fault in told["faults"]
        if fault["feed"] == feed
        and fault["verdict"] == "set_aside"
        and not (fault["mended_on"] is not None and fault["mended_on"] <= told["day"])
    }
    records = {key(record): record for record in city_on(SEED, SCALE, told["day"]).records(feed)}
    return [record for name, record in records.items() if name not in aside]


def is_counted(request: dict) -> bool:
    of_someone_else = request["attributes"]["duplicate_of"] or request["attributes"]["channel"] == "internal"
    return request["status"] != "cancelled" and not of_someone_else


def test_requests_add_up_to_what_is_sent(day: int) -> None:
    told = truth(SEED, SCALE, day)
    sent = [
        record
        for feed in ("hotline__requests", "hotline__park_requests")
        for record in good(told, feed, lambda r: r["service_request_id"])
    ]
    rows = told["totals"]["requests"]
    for figure, is_one in {
        "opened": lambda r: True,
        "closed_by_now": lambda r: r["status"] == "closed",
        "open_now": lambda r: r["status"] == "open",
        "counted": is_counted,
        "cancelled": lambda r: r["status"] == "cancelled",
        "duplicates": lambda r: r["status"] != "cancelled" and r["attributes"]["duplicate_of"],
        "internal": lambda r: (
            r["status"] != "cancelled"
            and not r["attributes"]["duplicate_of"]
            and r["attributes"]["channel"] == "internal"
        ),
        "with_target": lambda r: r["expected_datetime"],
        "due_count": lambda r: is_counted(r) and r["expected_datetime"],
        "due_on_time_count": lambda r: (
            is_counted(r)
            and r["closed_datetime"]
            and r["expected_datetime"]
            and datetime.fromisoformat(r["closed_datetime"]) <= datetime.fromisoformat(r["expected_datetime"])
        ),
    }.items():
        assert sum(row[figure] for row in rows) == sum(bool(is_one(r)) for r in sent), figure
    opened = Counter((r["requested_datetime"][:10], r["attributes"]["district"], r["service_code"]) for r in sent)
    assert opened == {(r["date"], r["area_code"], r["service_code"]): r["opened"] for r in rows if r["opened"]}
    closed = Counter(
        (r["closed_datetime"][:10], r["attributes"]["district"])
        for r in sent
        if r["closed_datetime"] and is_counted(r)
    )
    assert closed == {(r["date"], r["area_code"]): r["closed"] for r in told["totals"]["requests_closed"]}


def test_what_was_done_about_requests_adds_up_to_what_is_sent(day: int) -> None:
    told = truth(SEED, SCALE, day)
    sent = [
        record
        for feed in ("hotline__requests", "hotline__park_requests")
        for record in good(told, feed, lambda r: r["service_request_id"])
    ]
    ratings = good(told, "hotline__ratings", lambda r: r["rating_id"])

    def minutes(record: dict) -> float:
        made, closed = (datetime.fromisoformat(record[f"{name}_datetime"]) for name in ("requested", "closed"))
        return (closed - made).total_seconds() / 60

    def has_date_only(record: dict) -> bool:
        return any((record[f"{name}_datetime"] or "")[11:19] == "00:00:00" for name in ("requested", "closed"))

    counted = [record for record in sent if is_counted(record)]
    closed = [record for record in counted if record["status"] == "closed"]
    rows = told["totals"]["service_months"]
    assert {figure: sum(row[figure] for row in rows) for figure in rows[0] if isinstance(rows[0][figure], int)} == {
        "assigned": len(counted),
        "answered_in_limit": sum(is_answered_in_a_day(record) for record in counted),
        "resolved": sum(record["attributes"]["outcome"] == "fixed" for record in closed),
        "date_only": sum(has_date_only(record) for record in sent),
        "closed": len(closed),
        "instant": sum(minutes(record) < 10 and not has_date_only(record) for record in closed),
        "without_fix_evidence": sum(record["attributes"]["outcome"] != "fixed" for record in closed),
        "ratings": len(ratings),
        "satisfied": sum(rating["satisfaction"] >= 4 for rating in ratings),
    }
    assert all(sum(row[figure] for row in rows) for figure in ("instant", "date_only", "satisfied"))


def is_answered_in_a_day(record: dict) -> bool:
    """Whether the answer or the closing that a record shows came within a day; one opened again was closed before."""
    told = [stamp for stamp in (record["attributes"]["answered"], record["closed_datetime"]) if stamp]
    made = datetime.fromisoformat(record["requested_datetime"])
    return any((datetime.fromisoformat(stamp) - made).total_seconds() <= 86_400 for stamp in told)


def test_incidents_add_up_to_what_is_sent(day: int) -> None:
    told = truth(SEED, SCALE, day)
    sent = Counter(
        (r["date"][:10], r["district"], r["primary_type"]) for r in good(told, "police__incidents", lambda r: r["id"])
    )
    assert sent == {(r["date"], r["area_code"], r["category"]): r["incidents"] for r in told["totals"]["incidents"]}


def test_the_minutes_to_the_first_unit_add_up_to_what_is_sent(day: int) -> None:
    told = truth(SEED, SCALE, day)
    first: dict[str, float] = {}
    calls = set()
    for row in good(told, "fire__calls", lambda r: f"{r['IncidentNumber']}/{r['UnitID']}"):
        calls.add(row["IncidentNumber"])
        if row["OnSceneDate"]:
            minutes = (row["OnSceneDate"] - row["ReceivedDate"]) / 60_000
            first[row["IncidentNumber"]] = min(minutes, first.get(row["IncidentNumber"], minutes))
    rows = told["totals"]["emergency"]
    assert sum(row["incidents"] for row in rows) == len(calls)
    assert sum(row["with_on_scene"] for row in rows) == len(first)
    assert sum(row["first_on_scene_minutes_sum"] for row in rows) == pytest.approx(sum(first.values()), abs=0.1)


def test_the_seconds_of_the_units_add_up_to_what_is_sent(day: int) -> None:
    told = truth(SEED, SCALE, day)
    sent = good(told, "fire__calls", lambda r: f"{r['IncidentNumber']}/{r['UnitID']}")
    came = [row for row in sent if row["OnSceneDate"]]
    rows = told["totals"]["responses"]
    assert sum(row["responses"] for row in rows) == len(sent)
    assert sum(row["valid"] for row in rows) == len(came) < len(sent)
    for name, start, end in (("turnout", "DispatchDate", "EnRouteDate"), ("travel", "EnRouteDate", "OnSceneDate")):
        assert sum(row[f"{name}_seconds"] for row in rows) == sum((row[end] - row[start]) // 1000 for row in came)


def test_permits_add_up_to_what_is_sent_and_stand_still_while_the_system_is_down(day: int) -> None:
    told = truth(SEED, SCALE, day)
    held = truth(SEED, SCALE, 1) if day == 2 else told
    rows = told["totals"]["permits"]
    sent = good(held, "buildings__permits", lambda r: r["permit_number"])
    assert sum(row["applied"] for row in rows) == len(sent) == told["records"]["buildings__permits"]
    issued = Counter((f"{r['issued'][6:]}-{r['issued'][:2]}-01", r["district"]) for r in sent if r["issued"])
    assert issued == {(r["month"], r["area_code"]): r["issued"] for r in rows if r["issued"]}


def test_payments_add_up_to_the_cent(day: int) -> None:
    told = truth(SEED, SCALE, day)
    cents: Counter[tuple[str, str]] = Counter()
    for row in good(told, "finance__payments", lambda r: r["payment_id"]):
        cents[row["pay_date"], row["line_id"].split("-")[1]] += int(Decimal(row["amount"]) * 100)
    assert cents == {(r["date"], r["department_code"]): r["amount_cents"] for r in told["totals"]["payments"]}


def test_contracts_add_up_to_the_cent(day: int) -> None:
    told = truth(SEED, SCALE, day)
    cents: Counter[tuple[str, str]] = Counter()
    for row in good(told, "finance__commitments", lambda r: r["contract_no"]):
        if row["status"] == "active":
            cents[f"{row['signed'][:7]}-01", row["line_id"].split("-")[1]] += int(Decimal(row["amount"]) * 100)
    counted: Counter[tuple[str, str]] = Counter()
    for row in told["totals"]["spending"]:
        counted[row["month"], row["department_code"]] += row["committed_cents"]
    assert +counted == cents


def test_tasks_of_the_plan_add_up_to_what_is_sent(day: int) -> None:
    told = truth(SEED, SCALE, day)
    sent = Counter(row["status"] for row in good(told, "planning__tasks", lambda r: r["task"]))
    states = Counter(row["state"] for row in told["totals"]["plan_tasks"])
    assert states["done"] + states["done_late"] == sent["done"]
    assert states["open"] + states["overdue"] == sent["planned"] + sent["in progress"]
    assert states["overdue"]


def test_a_figure_of_the_plan_is_true_where_it_is_sent_well(day: int) -> None:
    told = truth(SEED, SCALE, day)
    held = truth(SEED, SCALE, 4) if day == 5 else told
    sent = {
        (row["measure code"], f"{row['month']}-01"): float(row["value"].replace(",", ""))
        for row in good(held, "planning__measures", lambda r: f"{r['measure code']}/{r['month']}")
    }
    months = told["totals"]["plan_months"]
    assert {(row["measure_id"], row["month"]): row["value"] for row in months if row["value"] is not None}.items() <= (
        sent.items()
    )
    assert sum(row["state"] == "not_reported" for row in months) == sum(row["value"] is None for row in months)


@pytest.mark.parametrize("day", [0, 2, 4])
def test_the_opinion_items_of_all_days_are_counted_once(day: int) -> None:
    seen: dict[str, set[str]] = {"news": set(), "forum": set()}
    for past in range(day + 1):
        told = truth(SEED, SCALE, past)
        for source, key in (("news", "guid"), ("forum", "id")):
            records = good(told, f"voice__{source}", lambda r, key=key: r[key])
            seen[source] |= {record[key] for record in records}
    counted = Counter()
    for row in told["totals"]["opinion_items"]:
        counted[row["source"]] += row["items"]
    assert counted == {source: len(keys) for source, keys in seen.items()}


def test_population_counts_each_inhabitant_once() -> None:
    told = truth(SEED, SCALE, 0)
    rows = city_on(SEED, SCALE, 0).records("statistics__population")
    city = next(r for r in rows if (r["code"], r["year"], r["age_group"], r["sex"]) == ("ALL", "2025", "TOTAL", "ALL"))
    assert sum(told["totals"]["population"].values()) == int(city["population"])
    parts = [r for r in rows if r["year"] == "2025" and r["sex"] in "FM" and not {"ALL", "TOTAL"} & set(r.values())]
    assert sum(int(r["population"]) for r in parts) == int(city["population"])


def test_an_expected_finding_names_a_record_that_is_sent_on_its_day() -> None:
    told = truth(SEED, SCALE, 6)
    for fault in told["faults"]:
        if fault["rows"]:
            events = {event.key for event in FEEDS[fault["feed"]].events(city_on(SEED, SCALE, fault["day"]).world)}
            assert fault["record"] in events


def test_a_refused_delivery_leaves_the_lake_as_it_was_and_the_next_one_catches_up() -> None:
    held = [truth(SEED, SCALE, day)["records"]["planning__measures"] for day in (4, 5, 6)]
    assert held[0] == held[1] < held[2]


def test_each_feed_has_one_delivery_a_day_and_the_bad_days_are_told() -> None:
    deliveries = truth(SEED, SCALE, 6)["deliveries"]
    assert len(deliveries) == 7 * len(FEEDS)
    assert [(d["feed"], d["day"]) for d in deliveries if not d["arrives"]] == [("buildings__permits", 2)]
    assert [(d["feed"], d["day"]) for d in deliveries if d["refused"]] == [("planning__measures", 5)]
